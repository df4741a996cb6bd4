"""What a till says of people, articles and itself, the auditor reads in its own column.

One day at a kiosk in Berlin whose till tells all it knows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk, a_line
from fiscus.api.families.reporting.tests.caller import Json, answer, places, platform, refusal
from tests.journeys.week import line
from tests.support import auditor
from tests.support.auditor import Row, Tables, bon_id, by_receipt, fetched
from tests.support.premises import Model, opened

ANNA: Json = {"id": "K7", "name": "Änne Öztürk"}
BEN: Json = {"id": "K8"}
CUSTOMER: Json = {
    "name": "Café Łódź GmbH",
    "number": "10042",
    "type": "Stammkunde",
    "vat_id": "ATU12345675",
    "address": {
        "line1": "Praterstraße 1",
        "city": "Wien",
        "postal_code": "1020",
        "country_code": "AUT",
    },
}
ARTICLE: Json = {
    "article_number": "4711",
    "gtin": "4006381333931",
    "article_group": {"id": "12", "name": "Heißgetränke"},
    "is_eaten_in": True,
}
MENU: Json = {
    "title": "Mittagsmenü",
    "article_number": "M1",
    "quantity": 1,
    "unit_price": "12.90",
    "total_amount": "12.90",
    "taxes": [
        {"name": "USt", "rate": "0.07", "tax_amount": "0.65"},
        {"name": "USt", "rate": "0.19", "tax_amount": "0.48"},
    ],
    "components": [
        {
            "title": "Suppe",
            "article_number": "S1",
            "article_group": {"id": "3", "name": "Suppen"},
            "quantity": 1,
            "total_amount": "9.90",
            "taxes": [{"name": "USt", "rate": "0.07", "tax_amount": "0.65"}],
        },
        {
            "title": "Saft",
            "article_number": "G4",
            "gtin": "4006381333931",
            "quantity": 2,
            "total_amount": "3.00",
            "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": "0.48"}],
        },
    ],
}
THING: Json = {
    "brand": "Vectron",
    "model": "POS Touch 15",
    "software": {"name": "Kiosk Pro", "version": "4.2.1"},
}


def goods(type_: str, gross: str, tax: str, *lines: Json, **members: object) -> Json:
    net = f"{float(gross) - float(tax):.2f}"
    body = {"type": type_, "source": "POS", "currency": "EUR", "line_items": list(lines)}
    return {
        **body,
        "pretax_amount": net,
        "tax_amount": tax,
        "total_amount": gross,
        **members,
    }


def taken_back(one: Json) -> Json:
    """The same line with the opposite sign."""

    def other(amount: str) -> str:
        return amount.removeprefix("-") if amount.startswith("-") else f"-{amount}"

    back = {
        **one,
        "unit_price": other(one["unit_price"]),
        "total_amount": other(one["total_amount"]),
    }
    back["taxes"] = [{**tax, "tax_amount": other(tax["tax_amount"])} for tax in one["taxes"]]
    if "components" in one:
        back["components"] = [
            {
                **part,
                "total_amount": other(part["total_amount"]),
                "taxes": [{**tax, "tax_amount": other(tax["tax_amount"])} for tax in part["taxes"]],
            }
            for part in one["components"]
        ]
    return back


@dataclass(kw_only=True)
class Day:
    """`told` are the operations in the answers that concluded them, by what they were; `book` the
    tables that an auditor gets."""

    kiosk: Kiosk
    told: dict[str, Json] = field(default_factory=dict)
    closing: Json = field(default_factory=dict)
    archive: bytes = b""
    book: Tables = field(default_factory=dict)

    def receipt(self, name: str) -> Row:
        return by_receipt(self.book["transactions"])[bon_id(self.told[name])]

    def rows(self, table: str, name: str) -> list[Row]:
        id_ = bon_id(self.told[name])
        return [row for row in self.book[table] if row["BON_ID"] == id_]

    def sells(self, name: str, body: Json, *legs: Json) -> None:
        self.told[name] = self.kiosk.completes(self.kiosk.does(body), *legs)


def lived(kiosk: Kiosk) -> Day:
    day = Day(kiosk=kiosk)
    opening = {"type": "session_open", "currency": "EUR", "opening_balance_amount": "50.00"}
    day.told["opening"] = kiosk.does({**opening, "operator": ANNA})
    day.sells(
        "everything",
        goods("sale", "11.90", "1.90", a_line(**ARTICLE), operator=ANNA, customer=CUSTOMER),
    )
    day.sells("nothing", goods("sale", "11.90", "1.90", a_line(), tip_amount="0.00"))
    day.sells(
        "tipped",
        goods(
            "sale",
            "12.90",
            "1.90",
            a_line(),
            pretax_amount="10.00",
            tip_amount="1.00",
            operator=BEN,
        ),
    )
    day.sells("menu", goods("sale", "12.90", "1.13", MENU, operator=BEN))
    day.sells("practice", goods("sale", "11.90", "1.90", a_line(), is_training=True))
    begun = kiosk.does(goods("sale", "11.90", "1.90", a_line(), operator=ANNA))
    path = f"/operations/{begun['id']}/void"
    void = {"reason": "payment_failed", "operator": BEN}
    day.told["void"] = answer(kiosk.send(path, void, If_Match='"1"'), 200)
    day.told["drop"] = kiosk.does(
        {
            "type": "session_cash_adjustment",
            "amount": "-5.00",
            "reason": "bank_drop",
            "operator": BEN,
        }
    )
    day.sells("other", goods("sale", "12.90", "1.13", MENU))
    reversal = goods("return", "-12.90", "-1.13", taken_back(MENU), is_full_reversal=True)
    day.sells("reversal", {**reversal, "related_operation_id": day.told["other"]["id"]})
    day.told["counted"] = kiosk.does({"type": "session_cash_count", "variance": "-0.10"})
    kiosk.closes(cash_out_amount="20.00", operator=ANNA)
    day.archive = fetched(kiosk.premises, auditor.export(kiosk)["download_url"])
    day.book = auditor.tables(day.archive)
    return day


@pytest.fixture(scope="module")
def day(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    with opened(model, tmp_path_factory.mktemp("words") / "data") as premises:
        kiosk = a_kiosk(premises, platform(premises).opens_merchant())
        kiosk.caller.changed(f"/registers/{kiosk.register}", THING)
        yield lived(kiosk)


def test_our_checker_finds_nothing(day: Day, tmp_path: Path) -> None:
    auditor.assert_checked("dsfinvk", day.archive, tmp_path)


def test_a_person_is_named_by_code_and_name(day: Day) -> None:
    """An operator that the till names stands in BEDIENER_ID and BEDIENER_NAME."""
    found = {
        name: (day.receipt(name)["BEDIENER_ID"], day.receipt(name)["BEDIENER_NAME"])
        for name in ("opening", "everything", "tipped", "void", "drop", "nothing")
    }

    assert found == {
        "opening": ("K7", "Änne Öztürk"),
        "everything": ("K7", "Änne Öztürk"),
        "tipped": ("K8", "K8"),
        "void": ("K8", "K8"),
        "drop": ("K8", "K8"),
        "nothing": ("ohne Angabe", ""),
    }
    closed = [row for row in day.book["transactions"] if row["BON_NAME"] == "Tagesabschluss"]
    assert [row["BEDIENER_ID"] for row in closed] == ["K7"]
    assert day.told["everything"]["operator"] == ANNA
    assert day.told["void"]["operator"] == BEN


def test_a_customer_is_named_with_all_that_the_till_knows(day: Day) -> None:
    """A customer (name, number, type, address, VAT id) stands in the columns KUNDE_*."""
    receipt = day.receipt("everything")

    assert {name: text for name, text in receipt.items() if name.startswith("KUNDE")} == {
        "KUNDE_NAME": "Café Łódź GmbH",
        "KUNDE_ID": "10042",
        "KUNDE_TYP": "Stammkunde",
        "KUNDE_STRASSE": "Praterstraße 1",
        "KUNDE_PLZ": "1020",
        "KUNDE_ORT": "Wien",
        "KUNDE_LAND": "AUT",
        "KUNDE_USTID": "ATU12345675",
    }
    assert day.told["everything"]["customer"] == CUSTOMER
    assert "customer" not in day.told["nothing"]


def test_an_article_is_named_with_its_numbers_and_its_group(day: Day) -> None:
    """Article number, GTIN, article group and eat-in stand in the line."""
    (said,) = day.rows("lines", "everything")
    (unsaid,) = day.rows("lines", "nothing")
    names = ("ART_NR", "GTIN", "WARENGR_ID", "WARENGR", "INHAUS")

    assert [said[name] for name in names] == ["4711", "4006381333931", "12", "Heißgetränke", "1"]
    assert [unsaid[name] for name in names] == ["", "", "", "", ""]
    assert day.told["everything"]["line_items"][0].items() >= ARTICLE.items()


def test_a_menu_of_two_rates_is_one_line_with_a_share_under_each(day: Day) -> None:
    """One line with components of 7 % and 19 % has several rows of VAT and one for each part."""
    (menu,) = day.rows("lines", "menu")
    shares = {
        row["UST_SCHLUESSEL"]: (row["POS_BRUTTO"], row["POS_UST"])
        for row in day.rows("lines_vat", "menu")
    }
    parts = day.rows("subitems", "menu")

    assert (menu["ARTIKELTEXT"], menu["ART_NR"], menu["STK_BR"]) == (
        "Mittagsmenü",
        "M1",
        "12,90000",
    )
    assert shares == {"2": ("9,90000", "0,65000"), "1": ("3,00000", "0,48000")}
    names = ("ZI_ART_NR", "ZI_NAME", "ZI_MENGE", "ZI_UST_SCHLUESSEL", "ZI_BASISPREIS_BRUTTO")
    assert [[part[name] for name in names] for part in parts] == [
        ["S1", "Suppe", "1,000", "2", "9,90000"],
        ["G4", "Saft", "2,000", "1", "3,00000"],
    ]
    assert [part["ZI_GTIN"] for part in parts] == ["", "4006381333931"]
    assert [part["ZI_WARENGR"] for part in parts] == ["Suppen", ""]
    (signed,) = day.rows("transactions_tse", "menu")
    assert signed["TSE_VORGANGSDATEN"] == "Beleg^3.00_9.90_0.00_0.00_0.00^12.90:Bar"


def test_practice_is_recorded_and_in_no_total(day: Day) -> None:
    """`is_training` is recorded as AVTraining and never in totals."""
    (signed,) = day.rows("transactions_tse", "practice")
    cases = [row for row in day.book["businesscases"] if row["GV_TYP"] == "Umsatz"]

    assert day.receipt("practice")["BON_TYP"] == "AVTraining"
    assert signed["TSE_VORGANGSDATEN"].startswith("AVTraining^11.90")
    # Three sales of 11.90 and a menu; the other menu was taken back.
    assert auditor.total(cases, "Z_UMS_BRUTTO") == auditor.amount("48,60")
    assert auditor.total(day.book["cash_per_currency"], "ZAHLART_BETRAG_WAEH") == auditor.amount(
        "74,50"
    )
    assert day.told["practice"]["is_training"] is True


def test_a_receipt_that_was_reversed_as_a_whole_is_marked_so(day: Day) -> None:
    """A full reversal has BON_STORNO 1, leads to its receipt, and takes all its parts back."""
    marks = {name: day.receipt(name)["BON_STORNO"] for name in ("reversal", "other", "menu")}
    (reference,) = day.rows("references", "reversal")

    assert marks == {"reversal": "1", "other": "0", "menu": "0"}
    assert reference["REF_BON_ID"] == bon_id(day.told["other"])
    assert [row["ZI_MENGE"] for row in day.rows("subitems", "reversal")] == ["-1,000", "-2,000"]
    assert day.told["reversal"]["is_full_reversal"] is True


def test_a_register_says_what_it_is(day: Day) -> None:
    """Brand, model and software of the till; its name in the shop is none of them."""
    (register,) = day.book["cashregister"]
    shown = day.kiosk.caller.get(f"/registers/{day.kiosk.register}")

    names = ("KASSE_BRAND", "KASSE_MODELL", "KASSE_SW_BRAND", "KASSE_SW_VERSION")
    assert [register[name] for name in names] == ["Vectron", "POS Touch 15", "Kiosk Pro", "4.2.1"]
    assert shown.items() >= THING.items()
    assert shown["name"] == "Till 1"


def test_the_files_for_germany_are_in_german(day: Day) -> None:
    """Texts of ours ("Opening float", "Tip", "bank_drop") are German words in the file."""
    found = {
        name: [row["ARTIKELTEXT"] for row in day.rows("lines", name)]
        for name in ("opening", "tipped", "drop", "counted")
    }

    assert found == {
        "opening": ["Anfangsbestand"],
        "tipped": ["Filterkaffee", "Trinkgeld"],
        "drop": ["Abschöpfung zur Bank"],
        "counted": ["Kassendifferenz"],
    }
    assert day.receipt("drop")["BON_NOTIZ"] == "Abschöpfung zur Bank"
    assert day.receipt("void")["BON_NOTIZ"] == "Zahlung fehlgeschlagen"
    assert day.told["drop"]["reason"] == "bank_drop"
    assert day.told["void"]["void_reason"] == "payment_failed"
    texts = [row["ARTIKELTEXT"] for row in day.book["lines"]]
    assert "Abschöpfung zum Kassenabschluss" in texts


REFUSED: dict[str, tuple[Json, list[str]]] = {
    "a code of 51 characters": ({"operator": {"id": "x" * 51}}, ["operator.id"]),
    "a name of 51 characters": ({"operator": {"id": "7", "name": "x" * 51}}, ["operator.name"]),
    "a tax number as VAT id": ({"customer": {"vat_id": "21/815/08150"}}, ["customer.vat_id"]),
    "a VAT id of another shape": ({"customer": {"vat_id": "ATU123"}}, ["customer.vat_id"]),
    "no VAT id of the Union": ({"customer": {"vat_id": "CH123456789"}}, ["customer.vat_id"]),
    "a customer's name of 51": ({"customer": {"name": "x" * 51}}, ["customer.name"]),
    "a group of 41": (
        {"line_items": [a_line(article_group={"id": "x" * 41})]},
        ["line_items[0].article_group.id"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_column_takes_is_refused_where_it_stands(name: str, kiosk: Kiosk) -> None:
    members, paths = REFUSED[name]
    error = refusal(
        kiosk.operation(goods("sale", "11.90", "1.90", a_line(), **members)),
        422,
        "regime_validation_failed",
    )

    assert places(error) == paths


@pytest.fixture
def kiosk(day: Day) -> Kiosk:
    """The same kiosk on the next day."""
    sessions = day.kiosk.caller.get("/sessions")["data"]
    if all(one["status"] == "closed" for one in sessions):
        day.kiosk.opens()
    return day.kiosk


def test_who_closes_the_day_is_named(kiosk: Kiosk) -> None:
    path = f"/registers/{kiosk.register}/closings"
    answer(kiosk.send(path, {"type": "daily", "operator": ANNA}), 201)

    archive = fetched(kiosk.premises, auditor.export(kiosk)["download_url"])
    (*_, last) = auditor.tables(archive)["transactions"]
    assert (last["BON_NAME"], last["BEDIENER_NAME"]) == ("Tagesabschluss", "Änne Öztürk")


def sold(kiosk: Kiosk, *lines: Json, gross: str, tax: str, **members: object) -> Json:
    return kiosk.completes(kiosk.does(goods("sale", gross, tax, *lines, **members)))


TEA, CAKE = line("Tee", "2.38", "0.38"), line("Kuchen", "3.21", "0.21", "0.07")


def test_only_the_whole_receipt_is_reversed(kiosk: Kiosk) -> None:
    """A full reversal takes back every line, quantity and amount."""
    sale = sold(kiosk, TEA, CAKE, gross="5.59", tax="0.59")
    bodies = [
        goods("return", "-2.38", "-0.38", taken_back(TEA)),
        goods("return", "-5.59", "-0.59", taken_back(TEA), taken_back({**CAKE, "title": "Torte"})),
    ]

    for body in bodies:
        said = {**body, "is_full_reversal": True, "related_operation_id": sale["id"]}
        error = refusal(kiosk.operation(said), 422, "regime_validation_failed")
        assert places(error) == ["line_items"]


def test_a_receipt_is_reversed_once_and_only_if_nothing_was_taken_back(kiosk: Kiosk) -> None:
    whole = goods("return", "-5.59", "-0.59", taken_back(TEA), taken_back(CAKE))
    partly = goods("return", "-2.38", "-0.38", taken_back(TEA))
    first = sold(kiosk, TEA, CAKE, gross="5.59", tax="0.59")
    second = sold(kiosk, TEA, CAKE, gross="5.59", tax="0.59")

    def reverses(sale: Json) -> Json:
        return {**whole, "is_full_reversal": True, "related_operation_id": sale["id"]}

    kiosk.completes(kiosk.does(reverses(first)))
    kiosk.completes(kiosk.does({**partly, "related_operation_id": second["id"]}))

    for body in (
        reverses(first),
        {**partly, "related_operation_id": first["id"]},
        reverses(second),
    ):
        error = refusal(kiosk.operation(body), 422, "regime_validation_failed")
        assert places(error)[0] == "related_operation_id"


def test_a_discount_is_taken_back_with_its_receipt(kiosk: Kiosk) -> None:
    """What a cart discount took off is not given back with the goods."""
    off = [{"description": "Stammgast", "amount": "0.38"}]
    sale = sold(kiosk, TEA, gross="2.00", tax="0.32", cart_level_discounts=off)
    back = goods("return", "-2.00", "-0.32", taken_back(TEA), is_full_reversal=True)
    back["related_operation_id"] = sale["id"]

    error = refusal(
        kiosk.operation({**back, "total_amount": "-2.38", "pretax_amount": "-2.06"}),
        422,
        "unprocessable_entity",
    )
    assert error["details"]
    reversed_ = kiosk.completes(kiosk.does({**back, "cart_level_discounts": off}))
    assert reversed_["cart_level_discounts"] == off


def test_a_discount_falls_on_each_rate_of_a_menu(kiosk: Kiosk, tmp_path: Path) -> None:
    """Two menus less ten percent; then both are taken back as a whole."""
    two = {**MENU, "quantity": 2, "total_amount": "25.80"}
    two["taxes"] = [
        {**tax, "tax_amount": amount} for tax, amount in zip(MENU["taxes"], TWICE, strict=True)
    ]
    two["components"] = [
        {
            **part,
            "quantity": 2 * part["quantity"],
            "total_amount": total,
            "taxes": [{**part["taxes"][0], "tax_amount": tax}],
        }
        for part, total, tax in zip(MENU["components"], ("19.80", "6.00"), TWICE, strict=True)
    ]
    off = [{"description": "Rabatt", "amount": "2.58"}]
    sale = sold(kiosk, two, gross="23.22", tax="2.03", cart_level_discounts=off)
    back = goods("return", "-23.22", "-2.03", taken_back(two), is_full_reversal=True)
    back |= {"related_operation_id": sale["id"], "cart_level_discounts": off}
    reversed_ = kiosk.completes(kiosk.does(back))
    kiosk.closes()

    archive = fetched(kiosk.premises, auditor.export(kiosk)["download_url"])
    auditor.assert_checked("dsfinvk", archive, tmp_path)
    rows = auditor.tables(archive)
    taken = [row for row in rows["lines_vat"] if row["BON_ID"] == bon_id(reversed_)]
    given = [row for row in rows["lines_vat"] if row["BON_ID"] == bon_id(sale)]
    for column in ("POS_BRUTTO", "POS_UST"):
        assert auditor.total(taken, column) == -auditor.total(given, column)
    assert {row["POS_BRUTTO"] for row in given} == {"19,80000", "6,00000", "-1,98000", "-0,60000"}


TWICE = ("1.30", "0.96")


def test_parts_that_are_not_their_line_are_refused(kiosk: Kiosk) -> None:
    parts = [{**MENU["components"][0], "total_amount": "9.80"}, MENU["components"][1]]
    error = refusal(
        kiosk.operation(goods("sale", "12.90", "1.13", {**MENU, "components": parts})),
        422,
        "unprocessable_entity",
    )

    assert places(error) == ["line_items[0].components"]


def test_parts_without_a_number_of_their_own_are_refused(kiosk: Kiosk) -> None:
    parts = [{**part, "article_number": "S1"} for part in MENU["components"]]
    error = refusal(
        kiosk.operation(goods("sale", "12.90", "1.13", {**MENU, "components": parts})),
        422,
        "regime_validation_failed",
    )

    assert places(error) == ["line_items[0].components[1].article_number"]


def test_a_terminal_is_not_told_because_none_is_listed(kiosk: Kiosk) -> None:
    """`terminal_id` is refused while no terminals are in the file (slaves.csv)."""
    error = refusal(
        kiosk.operation(goods("sale", "11.90", "1.90", a_line(), terminal_id="T2")),
        400,
        "invalid_request",
    )

    assert places(error) == ["terminal_id"]


def test_a_gift_card_is_no_article(kiosk: Kiosk) -> None:
    card = {**line("Gutschein", "20.00", "0.00", ""), "kind": "gift_card", "gtin": "4006381333931"}
    sale = goods("sale", "20.00", "0.00", card)
    error = refusal(kiosk.operation(sale), 422, "unprocessable_entity")

    assert places(error) == ["line_items[0].gtin"]
