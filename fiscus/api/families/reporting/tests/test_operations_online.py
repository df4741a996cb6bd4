"""Sales of an online shop: recorded and numbered like all others, but at no register."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from fiscus import formats
from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.tests.berlin import (
    Kiosk,
    a_kiosk,
    a_leg,
    a_line,
    a_return,
    a_sale,
)
from fiscus.api.families.reporting.tests.caller import (
    Caller,
    Json,
    a_merchant,
    answer,
    places,
    refusal,
)
from fiscus.api.families.reporting.wire.operations import ShownOperation
from fiscus.journal import intents
from fiscus.model.faults import Fault
from fiscus.store.connect import reading
from fiscus.store.schema import ENTRY
from tests.support.premises import Premises


@pytest.fixture
def shop(premises: Premises, merchant: Caller) -> Kiosk:
    """A merchant without any register."""
    return Kiosk(premises=premises, caller=merchant, register="")


def online(body: Json) -> Json:
    return body | {"source": "ONLINE", "register_id": None}


def sold(shop: Kiosk, **members: object) -> Json:
    begun = answer(shop.operation(online(a_sale(**members))), 201)
    return shop.completes(begun, a_leg(begun["total_amount"], "digital_wallet"))


def numbers(premises: Premises, merchant: Caller) -> list[tuple[int, str]]:
    """What the merchant's online journal has numbered, with the kind of document."""
    own = ids.read("merchant", merchant.id)
    query = (
        select(ENTRY.c.number, ENTRY.c.document_type)
        .where(ENTRY.c.chain == own, ENTRY.c.number.is_not(None))
        .order_by(ENTRY.c.sequence)
    )
    with reading(premises.services.engine) as tx:
        return [(row.number, row.document_type) for row in tx.execute(query)]


def test_a_sale_needs_neither_register_nor_session_nor_device(shop: Kiosk) -> None:
    begun = answer(shop.operation(online(a_sale(external_id="web-1"))), 201)
    done = shop.completes(begun, a_leg("11.90", "digital_wallet"))

    for operation, status in ((begun, "open"), (done, "completed")):
        ShownOperation.model_validate(operation)
        assert (operation["source"], operation["status"]) == ("ONLINE", status)
        for name in ("register_id", "location_id", "session_id", "fiscal_information"):
            assert operation[name] is None
    assert done["payments"][0]["method"] == "digital_wallet"
    assert shop.caller.get(f"/operations/{done['id']}") == done
    assert shop.caller.get("/operations?external_id=web-1")["data"] == [done]


def test_returns_exchanges_and_voids_go_as_at_a_register(shop: Kiosk) -> None:
    sale = sold(shop)
    back = answer(shop.operation(online(a_return(related_operation_id=sale["id"]))), 201)
    returned = shop.completes(back, a_leg("-5.95", "digital_wallet"))
    swap = online(a_sale(type="exchange", related_operation_id=sale["id"]))
    exchanged = shop.completes(answer(shop.operation(swap), 201), a_leg("11.90", "card"))
    gone = shop.voids(answer(shop.operation(online(a_sale())), 201))

    assert (returned["status"], exchanged["status"], gone["status"]) == (
        "completed",
        "completed",
        "voided",
    )
    assert gone["fiscal_information"] is None
    found = [one["id"] for one in shop.caller.get("/operations")["data"]]
    assert found == [sale["id"], returned["id"], exchanged["id"], gone["id"]]


def test_numbers_have_no_gap_and_are_the_merchants_own(
    shop: Kiosk, premises: Premises, caller: Caller
) -> None:
    other = Kiosk(premises=premises, caller=caller.opens_merchant(legal_name="B"), register="")
    for _ in range(2):
        sold(shop)
        sold(other)
    shop.voids(answer(shop.operation(online(a_sale())), 201))
    refusal(shop.operation(online(a_sale(currency="USD"))), 422, "regime_validation_failed")
    sold(shop)

    assert numbers(premises, shop.caller) == [
        (1, "Beleg"),
        (2, "Beleg"),
        (3, "AVBelegabbruch"),
        (4, "Beleg"),
    ]
    assert numbers(premises, other.caller) == [(1, "Beleg"), (2, "Beleg")]
    premises.assert_proved()


def test_the_law_the_versions_and_the_keys_count_as_at_a_register(shop: Kiosk) -> None:
    first = answer(shop.operation(online(a_sale()), Idempotency_Key="a"), 201)

    assert answer(shop.operation(online(a_sale()), Idempotency_Key="a"), 201) == first
    refusal(shop.complete(first, a_leg("1.00")), 422, "unprocessable_entity")
    refusal(shop.complete(first, If_Match='"2"'), 412, "precondition_failed")
    cash = refusal(shop.complete(first), 422, "regime_validation_failed")
    assert cash["details"]["errors"][0]["code"] == "DE-PAYMENT-05"
    assert shop.completes(first, a_leg("11.90", "card"))["resource_version"] == 2


def test_a_register_and_the_online_shop_know_nothing_of_each_other(
    premises: Premises, merchant: Caller, tmp_path: Path
) -> None:
    """Closings, drawers and exports of registers are as if nothing were sold online."""
    kiosk = a_kiosk(premises, merchant)
    kiosk.opens()
    sale = answer(kiosk.operation(online(a_sale())), 201)
    closing = answer(kiosk.closing(), 201)
    kiosk.completes(sale, a_leg("11.90", "card"))
    kiosk.opens()
    back = kiosk.does(a_return(related_operation_id=sale["id"]))
    returned = kiosk.completes(back, a_leg("-5.95"))

    assert closing["summary"]["operation_count"] == 1
    assert returned["fiscal_information"]["end_event"]
    (only,) = merchant.get("/registers")["data"]
    assert only["id"] == kiosk.register
    assert len(merchant.get("/locations")["data"]) == 1
    answer(kiosk.closing(), 201)
    assert exported(kiosk, tmp_path) == ()


def exported(kiosk: Kiosk, folder: Path) -> tuple[Fault, ...]:
    """What the check finds wrong with the register's DSFinV-K."""
    period = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-30T00:00:00Z"}
    body = {"type": "dsfinvk", "register_id": kiosk.register, **period}
    id_ = answer(kiosk.send("/exports", body), 202)["id"]
    kiosk.premises.work()
    link = urlsplit(kiosk.caller.get(f"/exports/{id_}")["download_url"])
    file = folder / "export.tar"
    file.write_bytes(kiosk.caller.http.get(f"{link.path}?{link.query}").content)
    return formats.find("dsfinvk").check(file, {})


def test_a_law_without_devices_seals_it_as_at_a_register(
    caller: Caller, premises: Premises
) -> None:
    """Of Italy our law knows numbers only."""
    italian = caller.for_(caller.made("/merchants", a_merchant(country_code="ITA")))
    taxes = [{"name": "IVA", "rate": "0.22", "tax_amount": "2.20"}]
    coffee = a_line(unit_price="6.10", total_amount="12.20", taxes=taxes)
    totals = {"pretax_amount": "10.00", "tax_amount": "2.20", "total_amount": "12.20"}
    shop = Kiosk(premises=premises, caller=italian, register="")

    done = sold(shop, line_items=[coffee], **totals)

    assert done["register_id"] is None
    assert done["fiscal_information"]["document_number"].endswith("/1")


def test_nothing_else_is_done_in_the_online_journal(
    premises: Premises, merchant: Caller, shop: Kiosk
) -> None:
    sold(shop)
    hidden = merchant.id.replace("merchant", "reg")
    posing = Kiosk(premises=premises, caller=merchant, register=hidden)

    refusal(posing.operation(a_sale()), 404, "not_found")
    refusal(
        posing.operation(
            {"type": "session_open", "currency": "EUR", "opening_balance_amount": "0.00"}
        ),
        404,
        "not_found",
    )
    assert posing.closing().status_code == 404
    for path in ("", "/tse", "/closings"):
        assert merchant.send("GET", f"/registers/{hidden}{path}").status_code == 404
    for act in ("fiscalize", "decommission"):
        assert posing.send(f"/registers/{hidden}/{act}", {}).status_code in (400, 404)


def test_only_one_that_names_no_register_is_online(shop: Kiosk, merchant: Caller) -> None:
    register = merchant.opens_register()["id"]

    both = refusal(
        shop.operation(a_sale(source="ONLINE", register_id=register)), 422, "unprocessable_entity"
    )
    neither = refusal(shop.operation(a_sale(register_id=None)), 422, "unprocessable_entity")

    assert places(both) == places(neither) == ["register_id"]


def test_a_merchant_that_waits_for_its_numbers_sells_nothing(
    caller: Caller, premises: Premises
) -> None:
    idle = caller.for_(caller.made("/merchants", a_merchant(fiscal_identities=[])))
    shop = Kiosk(premises=premises, caller=idle, register="")

    refusal(shop.operation(online(a_sale())), 409, "operation_invalid_state")


def test_a_merchant_may_go_although_it_sold_online(shop: Kiosk, merchant: Caller) -> None:
    sold(shop)

    gone = answer(merchant.send("DELETE", f"/merchants/{merchant.id}"), 200)

    assert gone["status"] == "inactive"
    with reading(shop.premises.services.engine) as tx:
        organization = ids.read("org", merchant.organization)
        where = intents.IntentionFilter(organization=organization)
        assert len(intents.page(tx, where, after="", limit=9, keep=lambda _: True).found) == 1
