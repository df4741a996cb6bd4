"""Each field of an order has its place in the body that the order was made of."""

from decimal import Decimal
from typing import Any

import pytest

from fiscus.api.families.reporting.tests.berlin import a_leg, a_line, a_sale
from fiscus.api.families.reporting.tests.caller import Json, stands_in
from fiscus.api.families.reporting.translate import drawer, fault_paths, goods, payments
from fiscus.api.families.reporting.wire import operations as wire
from fiscus.model.documents import Draft
from fiscus.model.faults import Code, Conflict, Fault, Refused

ANY = Code("TEST-ANY-01", "something is not as it should be")


def moved(path: str, draft: Draft, body: Json) -> str:
    """Both in the trouble and in its fault, which say the same."""
    trouble = fault_paths.in_order(Refused(ANY, path), draft, body)
    ((place,),) = (fault.paths for fault in trouble.faults)
    assert trouble.paths == (place,)
    return place


PLATE: Json = {
    "title": "Brot",
    "article_number": "B",
    "article_group": {"id": "3", "name": "Brot"},
    "quantity": 1,
    "total_amount": "11.90",
    "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": "1.90"}],
}
PLATTER = a_line(
    title="Platte",
    article_number="4711",
    gtin="4006381333931",
    article_group={"id": "3", "name": "Brot"},
    is_eaten_in=False,
    components=[PLATE],
)
BODY = a_sale(
    line_items=[a_line(), a_line(title="Kuchen"), PLATTER],
    operator={"id": "7", "name": "Anna"},
    customer={
        "name": "Jo",
        "number": "1",
        "type": "VIP",
        "vat_id": "ATU12345675",
        "address": {
            "line1": "Ring 1",
            "city": "Wien",
            "postal_code": "1020",
            "country_code": "AUT",
        },
    },
    register_id="reg_1",
    note="draußen",
    cart_level_discounts=[
        {"description": "nichts", "amount": "0.00"},
        {"description": "Rabatt", "amount": "1.00"},
    ],
    pretax_amount="29.16",
    tax_amount="5.54",
    total_amount="34.70",
    tip_amount="0.00",
)


def a_draft() -> Draft:
    return goods.goods(wire.CREATE.validate_python(BODY))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("lines", "line_items"),
        ("lines[1]", "line_items[1]"),
        ("lines[1].text", "line_items[1].title"),
        ("lines[1].direction", "line_items[1].total_amount"),
        ("lines[1].quantity", "line_items[1].quantity"),
        ("lines[1].vat", "line_items[1].taxes"),
        ("lines[1].vat.code", "line_items[1].taxes"),
        ("lines[1].vat.region", "line_items[1].taxes"),
        ("lines[1].unit_price", "line_items[1].unit_price"),
        ("lines[1].vat.percentage", "line_items[1].taxes[0].rate"),
        ("lines[1].vat.amount", "line_items[1].taxes[0].tax_amount"),
        ("discounts", "cart_level_discounts"),
        ("discounts[0].amount", "cart_level_discounts[1].amount"),
        ("discounts[0].text", "cart_level_discounts[1].description"),
        ("totals", "total_amount"),
        ("totals.exclusive", "pretax_amount"),
        ("totals.amount", "tax_amount"),
        ("totals.inclusive", "total_amount"),
        ("text", "note"),
        ("currency", "currency"),
        ("register", "register_id"),
        ("kind", "type"),
        ("operator", "operator.id"),
        ("operator_name", "operator.name"),
        ("buyer.name", "customer.name"),
        ("buyer.code", "customer.number"),
        ("buyer.sort", "customer.type"),
        ("buyer.vat_number", "customer.vat_id"),
        ("buyer.address.street", "customer.address.line1"),
        ("buyer.address.code", "customer.address.postal_code"),
        ("buyer.address.city", "customer.address.city"),
        ("buyer.address.country", "customer.address.country_code"),
        ("lines[2].product", "line_items[2].article_number"),
        ("lines[2].gtin", "line_items[2].gtin"),
        ("lines[2].product_group", "line_items[2].article_group.id"),
        ("lines[2].product_group_name", "line_items[2].article_group.name"),
        ("lines[2].is_eaten_in", "line_items[2].is_eaten_in"),
        ("lines[2].parts", "line_items[2].components"),
        ("lines[2].parts[0].product", "line_items[2].components[0].article_number"),
        ("lines[2].parts[0].text", "line_items[2].components[0].title"),
        ("lines[2].parts[0].quantity", "line_items[2].components[0].quantity"),
        ("lines[2].parts[0].vat.inclusive", "line_items[2].components[0].total_amount"),
        ("lines[2].parts[0].vat.percentage", "line_items[2].components[0].taxes[0].rate"),
        ("lines[2].parts[0].product_group", "line_items[2].components[0].article_group.id"),
    ],
)
def test_a_field_of_a_sale_is_a_member_of_its_body(path: str, place: str) -> None:
    found = fault_paths.in_words(Refused(ANY, moved(path, a_draft(), BODY))).paths

    assert found == (place,)
    assert stands_in(BODY, place)


@pytest.mark.parametrize(
    ("path", "place"),
    [("lines[1].purpose", "line_items[1].kind"), ("reference", "external_id")],
)
def test_a_field_that_the_body_left_out_is_named_all_the_same(path: str, place: str) -> None:
    assert moved(path, a_draft(), BODY) == place


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("payments", "payments"),
        ("payments[0].amount", "payments[1].amount"),
        ("payments[0].means", "payments[1].method"),
        ("payments[0].name", "payments[1].card_brand"),
        ("payments[1].amount", "payments[4].base_amount"),
        ("payments[1].foreign_amount", "payments[4].amount"),
        ("payments[1].currency", "payments[4].currency"),
    ],
)
def test_payments_are_counted_with_those_that_moved_nothing(path: str, place: str) -> None:
    legs = [
        a_leg("5.00", status="failed"),
        a_leg("2.80", "card", card_brand="visa"),
        a_leg("0.00"),
        a_leg("10.00", "gift_card", gift_card_id="GC-1"),
        a_leg("23.00", currency="CHF", base_amount="21.90"),
    ]
    body = {"payments": legs}
    paid = payments.settlement(
        wire.Complete.model_validate(body), total=Decimal("34.70"), currency="EUR"
    )
    draft = payments.settled(a_draft(), paid)

    assert moved(path, draft, body) == place
    assert stands_in(body, place)
    assert moved("lines[3].vat.inclusive", draft, body) == "payments[3].amount"
    assert moved("lines[3].voucher", draft, body) == "payments[3].gift_card_id"
    assert moved("lines[3]", draft, body) == "payments[3]"


@pytest.mark.parametrize(("rest", "at"), [("0.00", 0), ("22.80", 1)])
def test_what_was_given_back_is_counted_where_it_is_owed(rest: str, at: int) -> None:
    body = {"payments": [a_leg("22.80", "card", status="refunded"), a_leg(rest)]}
    paid = payments.settlement(
        wire.Complete.model_validate(body), total=Decimal("22.80"), currency="EUR"
    )
    draft = payments.settled(a_draft(), paid)

    assert len(draft.payments) == 1
    assert moved("payments[0].amount", draft, body) == f"payments[{at}].amount"


@pytest.mark.parametrize("path", ["lines", "lines[0].vat.inclusive", "payments[0].amount"])
@pytest.mark.parametrize("member", ["amount", "adjustment_amount"])
def test_what_moves_in_the_drawer_stands_in_the_one_amount(path: str, member: str) -> None:
    body: Json = {"type": "session_cash_adjustment", "register_id": "r", "reason": "pay_in"}
    body[member] = "5.00"
    said: Any = wire.CREATE.validate_python(body)

    assert moved(path, drawer.adjustment(said), body) == member
    assert moved("text", drawer.adjustment(said), body) == "note"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("location", "location_id"),
        ("refers_to", "related_operation_id"),
        ("tax_number", "fiscal_identities"),
        ("facts.vat_id_number", "fiscal_identities"),
        ("since", "from"),
        ("until", "to"),
        ("op_01a1e395", "op_01a1e395"),
        ("the device is out", "the device is out"),
    ],
)
def test_words_that_all_bodies_share(path: str, place: str) -> None:
    law = Fault(code="XX-ANY-01", text="t", law="l", paths=(path, path))

    trouble = fault_paths.in_words(Conflict(ANY, path, faults=(law,)))

    assert isinstance(trouble, Conflict)
    assert trouble.paths == trouble.faults[0].paths == (place,)
    assert trouble.faults[0].law == "l"
