"""Whatever a German till says to the Reporting API is used, checked, refused or in the list of what
is kept: every member of every body, found in the shapes themselves, so that a new one must be
decided."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from fiscus.api.families.reporting.routes import ENDPOINTS
from fiscus.api.families.reporting.tests.berlin import Kiosk, a_leg
from fiscus.api.families.reporting.tests.caller import Json, answer, platform
from fiscus.api.families.reporting.wire import operations as wire
from tests.journeys import test_everything_said
from tests.support import auditor
from tests.support import everything_in_berlin as said
from tests.support.auditor import Tables, bon_id
from tests.support.members import members
from tests.support.premises import Model, opened

GUIDE = Path(__file__).parents[2] / "docs" / "germany.md"
STEP = re.compile(r"[^.\[\]]+|\[[0-9]+\]")

KEPT = {
    "`payments[].payment_id`, `processor_reference`": (
        "completeOperation.payments.(payment_id|processor_reference)"
    ),
    "`external_id` of a register": "createRegister.external_id",
}
"""The rows of the guide, and the members that each stands for."""

CHANGES = {
    "updateMerchant": "createMerchant",
    "updateLocation": "createLocation",
    "updateRegister": "createRegister",
}
"""What changes something says nothing that the beginning cannot say."""

GOODS = ("sale", "return", "exchange")
BEGUN = (*GOODS, "order")
EVENTS = ("session_open", "session_cash_adjustment", "session_cash_count", "session_close")

EFFECTS = {
    **{
        f"{one}.external_id": "the list of operations finds it by that" for one in (*BEGUN, *EVENTS)
    },
    **{f"{one}.is_training": "AVTraining, see test_berlin_words" for one in GOODS},
    **{
        f"{one}.line_items{part}.taxes.name": "why a rate is zero, see test_berlin_money"
        for one in BEGUN
        for part in ("", ".components")
    },
    "sale.related_operation_id": "what is paid later, see test_berlin_money",
    "exchange.related_operation_id": "a reference as that of a return",
    "return.external_related_operation.external_operation_id": "as that of an exchange",
    "return.external_related_operation.description": "as that of an exchange",
    "sale.tab_id": "the order that is billed, see test_tabs_in_files",
    "order.tab_id": "the tab that it is added to",
    "createClosing.type": "what is closed, see test_closings",
    "createMerchant.country_code": "its law, see test_merchants",
    "createMerchant.fiscal_identities.country_code": "whose numbers they are",
    "createLocation.cut_off_time": "registers are closed by then",
    "createRegister.location_id": "where it stands",
    "createRegister.name": "the Z report names it",
    "replaceTse.reason": "in the journal and in the answer, see test_tse",
    "createExport.type": "another file, see test_exports",
    "createExport.register_id": "whose file it is",
    "createExport.from": "what is in it, see test_exports",
    "createExport.to": "what is in it, see test_exports",
}

NOBODY = "reg_" + "0" * 32
NO_TAB = "tab_" + "0" * 32

WRONG: dict[str, tuple[str, Any]] = {
    **{f"{one}.register_id": ("register_id", NOBODY) for one in (*BEGUN, *EVENTS)},
    **{f"{one}.currency": ("currency", "USD") for one in (*BEGUN, *EVENTS)},
    **{f"{one}.source": ("source", "ONLINE") for one in GOODS},
    **{
        f"{one}.{name}": (name, "9.99")
        for one in BEGUN
        for name in ("pretax_amount", "tax_amount", "total_amount")
    },
    **{f"{one}.line_items.unit_price": ("line_items[0].unit_price", "9.99") for one in BEGUN},
    **{f"{one}.line_items.quantity": ("line_items[0].quantity", 4) for one in BEGUN},
    **{
        f"{one}.line_items.voucher.number": ("line_items[0].voucher", {"number": "1"})
        for one in BEGUN
    },
    **{
        f"{one}.line_items.voucher.kind": ("line_items[0].voucher", {"kind": "multi_purpose"})
        for one in BEGUN
    },
    **{f"{one}.line_items.tax_category": ("line_items[0].tax_category", "exempt") for one in BEGUN},
    "exchange.is_full_reversal": ("is_full_reversal", True),
    "sale.external_related_operation.external_operation_id": (
        "external_related_operation",
        {"external_operation_id": "ALT-1", "description": "Altkasse"},
    ),
    "sale.external_related_operation.description": (
        "external_related_operation",
        {"external_operation_id": "ALT-1", "description": "Altkasse"},
    ),
    "sale.tab_id": ("tab_id", NO_TAB),
    "order.tab_id": ("tab_id", NO_TAB),
    "return.related_operation_id": ("related_operation_id", "op_" + "0" * 32),
}
"""A wrong word in an otherwise valid body, and where it stands."""

WRONG_PAYMENTS: dict[str, tuple[str, Any]] = {
    "completeOperation.payments.amount": ("payments[1].amount", "20.03"),
    "completeOperation.payments.currency": ("payments[1].currency", "USD"),
    "completeOperation.payments.base_amount": ("payments[0].base_amount", "9.01"),
    "completeOperation.payments.processed_at": (
        "payments[1].processed_at",
        "2099-01-01T00:00:00Z",
    ),
}


def shapes() -> Iterator[tuple[str, Any]]:
    """The shape of each body that the family takes, by the type or the id of its operation."""
    for operation, _ in ENDPOINTS:
        if operation.request is wire.CREATE:
            for one in (*wire.GoodsMovement.__args__, wire.Order, *wire.SessionEvent.__args__):
                (type_,) = one.model_fields["type"].annotation.__args__
                yield type_, one
        elif operation.request is not None:
            yield operation.id, operation.request


def all_members() -> set[str]:
    return {f"{name}.{place}" for name, one in shapes() for place in members(one)}


def in_file() -> set[str]:
    return {f"{name}.{place}" for name, cells in said.IN_FILE.items() for place in cells}


def is_kept(place: str) -> bool:
    return any(re.fullmatch(pattern, place) for pattern in KEPT.values())


def test_every_member_of_a_body_is_used_checked_refused_or_kept() -> None:
    decided = in_file() | EFFECTS.keys() | WRONG.keys() | WRONG_PAYMENTS.keys()
    known = all_members()
    changes = {x for x in known if x.partition(".")[0] in CHANGES}

    assert {x for x in known - changes - decided if not is_kept(x)} == set()
    assert decided - known == set()
    for place in changes:
        name, _, member = place.partition(".")
        assert f"{CHANGES[name]}.{member}" in known


def test_the_operations_themselves_are_all_walked() -> None:
    """A type that is created in another way than by the adapter would be missed."""
    walked = {name for name, _ in shapes()}

    assert walked >= {*BEGUN, *EVENTS, "completeOperation", "voidOperation", "createExport"}
    mapping = wire.CREATE.json_schema()["discriminator"]["mapping"]
    assert mapping.keys() == {*BEGUN, *EVENTS}


def test_the_list_of_what_is_kept_is_that_of_the_guide_and_short() -> None:
    section = GUIDE.read_text().partition("**Kept, not printed.**")[2].partition("\n**")[0]
    rows = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("|")]

    assert rows[2:] == list(KEPT)
    both = len(KEPT) + len(test_everything_said.KEPT)
    assert both <= test_everything_said.KEPT_MAX
    never = "amount|price|quantity|discount|rate|tax|vat|_at|related|customer|currency"
    for pattern in KEPT.values():
        assert not re.search(never, pattern), pattern


@dataclass(kw_only=True)
class Days:
    """`ids` are the operations by what they were; `closings` as they were answered."""

    kiosk: Kiosk
    ids: dict[str, list[str]] = field(default_factory=dict)
    closings: list[Json] = field(default_factory=list)
    archive: bytes = b""
    book: Tables = field(default_factory=dict)

    def does(self, name: str, body: Json) -> Json:
        done = self.kiosk.does(body)
        self.ids.setdefault(name, []).append(bon_id(done))
        return done

    def concludes(self, name: str, begun: Json, how: str, body: Json) -> Json:
        path = f"/operations/{begun['id']}/{how}"
        self.ids.setdefault(name, []).append(bon_id(begun))
        return answer(self.kiosk.send(path, body, If_Match='"1"'), 200)


def in_cash(amount: str) -> Json:
    return {"payments": [a_leg(amount)]}


def first_day(days: Days) -> None:
    """Everything, once; the reversal is of a sale of its own."""
    days.does("session_open", said.event("session_open", opening_balance_amount="77.01"))
    sold = days.does("sale", said.a_sale())
    days.concludes("completeOperation", sold, "complete", said.paid())
    redeemed = days.does("vouchers", said.a_sale("vouchers"))
    days.concludes("completeOperation", redeemed, "complete", said.redeemed())
    other = days.does("other", said.a_sale("return"))
    days.concludes("other", other, "complete", in_cash("38.40"))
    back = days.does("return", said.a_return(other["id"]))
    days.concludes("other", back, "complete", in_cash("-38.40"))
    swapped = days.does("exchange", said.an_exchange())
    days.concludes("other", swapped, "complete", in_cash("33.43"))
    days.does("order", said.an_order())
    reason = "Kerzen Zulmira"
    adjusted = said.event("session_cash_adjustment", amount="-3.07", reason=reason)
    days.does("session_cash_adjustment", adjusted)
    gone = days.does("gone", said.a_sale("gone"))
    void = {"reason": "payment_failed", "operator": said.operator("gone")}
    days.concludes("voidOperation", gone, "void", void)
    days.does("session_cash_count", said.event("session_cash_count", variance="0.13"))


def lived(kiosk: Kiosk) -> Days:
    """Three closings: with money taken out, with money put in, and through the other operation."""
    days, location = Days(kiosk=kiosk), kiosk.caller.get("/locations")["data"][0]
    first_day(days)
    for name in ("cash_out_amount", "cash_in_amount"):
        amount = {"cash_out_amount": "8.08", "cash_in_amount": "6.06"}[name]
        days.does("session_close", said.event("session_close", **{name: amount}))
        kiosk.opens("77.01")
    closing = {"type": "daily", "operator": said.operator("closing")}
    kiosk.caller.changed(f"/merchants/{kiosk.caller.id}", said.merchant("neu"))
    kiosk.caller.changed(f"/locations/{location['id']}", said.location("neu"))
    kiosk.caller.changed(f"/registers/{kiosk.register}", said.register("neu"))
    days.closings.append(answer(kiosk.send(f"/registers/{kiosk.register}/closings", closing), 201))
    kiosk.opens("77.01")
    days.closings.append(answer(kiosk.closing(), 201))
    days.archive = auditor.fetched(kiosk.premises, auditor.export(kiosk)["download_url"])
    days.book = auditor.tables(days.archive)
    return days


@pytest.fixture(scope="module")
def days(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    with opened(model, tmp_path_factory.mktemp("berlin") / "data") as premises:
        who = said.merchant("alt") | {"fiscal_identities": [said.IDENTITY]}
        caller = platform(premises).opens_merchant(**who)
        place = caller.made("/locations", said.location("alt"))
        register = caller.made("/registers", {"location_id": place["id"], **said.register("alt")})
        caller.fiscalizes(register)
        premises.work()
        yield lived(Kiosk(premises=premises, caller=caller, register=register["id"]))


def is_found(days: Days, name: str, cell: said.Cell) -> bool:
    """In the rows of these operations, or for what is not one, in all."""
    table, column, text = cell
    rows = days.book[table]
    if name in days.ids:
        moved = {"session_close": days.book["transactions"]}.get(name, [])
        mine = {row["BON_ID"] for row in moved if row["BEDIENER_ID"] == "K-session_close"}
        rows = [row for row in rows if row["BON_ID"] in mine.union(days.ids[name])]
    return any(text in row[column] for row in rows)


def test_what_is_used_stands_in_the_audit_file(days: Days, tmp_path: Path) -> None:
    """An order with a menu could be exported by nobody; a note on ending a session was lost."""
    missing = {
        f"{name}.{place}": cell
        for name, cells in said.IN_FILE.items()
        for place, cell in cells.items()
        if not is_found(days, name, cell)
    }

    assert missing == {}
    auditor.assert_checked("dsfinvk", days.archive, tmp_path)
    whole = b"".join(auditor.files(days.archive).values()).decode()
    kept = [word for word in ("PID-K", "REF-K", "Mercúrio", "pos-alt", "pos-neu") if word in whole]
    assert kept == []


def test_what_is_changed_stands_in_the_closing_after_the_next(days: Days) -> None:
    """Whatever a change may say shows where the beginning showed."""
    last = {table: [rows[-1]] for table, rows in days.book.items() if rows}
    for name in set(CHANGES.values()):
        for place, (table, column, text) in said.IN_FILE[name].items():
            if "alt" in text:
                assert text.replace("alt", "neu") in last[table][0][column], place


def test_what_has_another_effect_has_it(days: Days) -> None:
    caller, register = days.kiosk.caller, days.kiosk.register
    for name in (*BEGUN, *EVENTS):
        found = caller.get(f"/operations?external_id=EXT-{name}")["data"]
        assert {one["type"] for one in found} >= {name}, name
    assert caller.get(f"/registers/{register}")["external_id"] == "pos-neu"
    papers = [auditor.paper(days.kiosk.premises, one) for one in days.closings]
    assert ["Kassealt" in papers[0], "Kasseneu" in papers[1]] == [True, True]
    (reference,) = [
        row["REF_BON_ID"]
        for row in days.book["references"]
        if row["BON_ID"] == days.ids["return"][0]
    ]
    assert reference == days.ids["other"][0]


def put(body: Json, place: str, value: Any) -> Json:
    changed = deepcopy(body)
    *steps, last = STEP.findall(place)
    node: Any = changed
    for step in steps:
        node = node[int(step[1:-1])] if step.startswith("[") else node[step]
    node[last] = value
    return changed


def bodies(kiosk: Kiosk) -> dict[str, Json]:
    """A valid body of each type in an open session, and the sale that is taken back."""
    sold = kiosk.completes(kiosk.does(said.a_sale("wrong")))
    reason = "Kerzen"
    return {
        "sale": said.a_sale("falsch"),
        "return": said.a_return(sold["id"], "wrong"),
        "exchange": said.an_exchange("falsch"),
        "order": said.an_order("falsch"),
        "session_cash_adjustment": said.event(
            "session_cash_adjustment", amount="-1.00", reason=reason
        ),
        "session_cash_count": said.event("session_cash_count", variance="0.13"),
        "session_close": said.event("session_close", cash_out_amount="8.08"),
    }


def wrongly_accepted(kiosk: Kiosk, valid: dict[str, Json]) -> list[str]:
    """A conflict is none of the word's own."""
    return [
        place
        for place, (where, value) in WRONG.items()
        if (body := valid.get(place.partition(".")[0]))
        and kiosk.operation(put(body, where, value)).status_code not in (404, 422)
    ]


def test_what_is_wrong_is_refused(days: Days) -> None:
    """Each body is valid without the wrong word; a time of payment in 2099 was taken."""
    kiosk = days.kiosk
    opening = said.event("session_open", opening_balance_amount="77.01")
    accepted = wrongly_accepted(kiosk, {"session_open": opening})
    kiosk.does(opening)
    valid = bodies(kiosk)
    assert accepted + wrongly_accepted(kiosk, valid) == []

    sold = kiosk.does(valid["sale"])
    path = f"/operations/{sold['id']}/complete"
    for place, (where, value) in WRONG_PAYMENTS.items():
        wrong = put(said.paid(), where, value)
        assert kiosk.send(path, wrong, If_Match='"1"').status_code == 422, place
    answer(kiosk.send(path, said.paid(), If_Match='"1"'), 200)
    for name in [name for name in valid if name != "sale"]:
        one = kiosk.does(valid[name])
        if one["status"] == "open":
            kiosk.voids(one)
