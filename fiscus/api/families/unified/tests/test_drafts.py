"""What was said becomes a neutral draft, and canonical text."""

import json
import random
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiscus.api.families.unified import translate
from fiscus.api.families.unified.wire import records
from fiscus.model.documents import (
    Address,
    Direction,
    DocumentKind,
    Draft,
    Party,
    PaymentMeans,
    StatedTotals,
)
from fiscus.model.faults import Refused

OWN = Path(__file__).parent / "examples" / "own"
ORIGINAL = "0196a1f4-2222-7c3d-9e4f-0123456789ab"


def an_operation(name: str, **changes: Any) -> dict[str, Any]:
    operation = json.loads((OWN / f"create{name}.json").read_text())["content"]["operation"]
    return {**operation, **changes}


def parsed(operation: dict[str, Any]) -> Any:
    content = {"type": "TRANSACTION", "record": {"id": ORIGINAL}, "operation": operation}
    return records.CREATE_RECORD.validate_json(json.dumps({"content": content})).content.operation


def a_draft(operation: dict[str, Any], *, training: bool = False) -> Any:
    return translate.draft(parsed(operation), training=training)


def test_a_receipt_is_drafted_with_everything_it_says():
    draft = a_draft(an_operation("Receipt"))

    assert draft.kind == DocumentKind.RECEIPT
    assert (draft.series, draft.reference) == ("FR-P02-2026", "31")
    assert draft.issued_at == datetime(2026, 5, 6, 18, 42, 10, tzinfo=UTC)
    assert draft.supplied_on == date(2026, 5, 6)
    assert draft.is_simplified
    assert not draft.is_training
    assert draft.operator == "caixa-2"
    assert draft.properties == {"table": "12"}
    assert draft.totals == StatedTotals(
        exclusive=Decimal("8.00"), amount=Decimal("1.38"), inclusive=Decimal("9.38")
    )


def test_a_line_keeps_its_figures():
    line = a_draft(an_operation("Receipt")).lines[0]

    assert (line.direction, line.text, line.number) == (Direction.SALE, "Vinho do Porto", "1")
    assert (line.quantity, line.unit_price) == (Decimal(2), Decimal("2.46"))
    assert (line.vat.code, line.vat.percentage) == ("STANDARD", Decimal(23))
    assert (line.vat.exclusive, line.vat.amount, line.vat.inclusive) == (
        Decimal("4.00"),
        Decimal("0.92"),
        Decimal("4.92"),
    )
    assert not line.vat.is_exempt
    assert not line.is_service


def test_an_exempt_line_is_worth_its_base_less_discount_plus_surcharge():
    line = a_draft(an_operation("Receipt")).lines[2]

    assert line.vat.is_exempt
    assert line.vat.exclusive == line.vat.inclusive == Decimal("2.20")
    assert line.vat.amount == Decimal(0)
    assert (line.vat.code, line.vat.reason) == ("CAUSE_6", "Isento artigo 9.º")
    assert (line.discount, line.surcharge) == (Decimal("0.30"), Decimal("0.10"))
    assert (line.measure, line.is_service) == ("PC", True)


def test_a_product_is_known_by_its_number():
    assert [line.product for line in a_draft(an_operation("Receipt")).lines] == ["", "QS-1", ""]


@pytest.mark.parametrize(
    ("customer", "buyer"),
    [
        ({"type": "EXTERNAL", "code": "214567893"}, Party(code="214567893")),
        ({"type": "EXTERNAL", "code": "card 88"}, Party(code="card 88")),
        ({"type": "INTERNAL", "code": "214567893"}, Party(code="214567893", is_staff=True)),
        ({"type": "EXTERNAL"}, None),
    ],
)
def test_what_the_code_of_a_customer_is_the_law_tells(
    customer: dict[str, str], buyer: Party | None
):
    assert a_draft(an_operation("Receipt", customer=customer)).buyer == buyer


def test_an_invoice_names_its_buyer():
    draft = a_draft(an_operation("Invoice"))

    assert draft.kind == DocumentKind.INVOICE
    assert draft.buyer == Party(
        name="Oficina do Mar, Lda.",
        tax_number="PT514200111",
        is_business=True,
        address=Address(
            street="Av. da Praia", number="4", code="8000-100", city="Faro", country="PT"
        ),
    )
    assert (draft.text, draft.activity) == ("Obrigado", "47111")
    assert draft.issued_at is None


def test_the_prefix_of_another_country_is_part_of_the_number():
    operation = an_operation("Invoice")
    operation["recipients"][0]["identification"]["number"] = "ESB12345678"

    assert a_draft(operation).buyer.tax_number == "ESB12345678"


@pytest.mark.parametrize("count", [2, 3, 100])
def test_an_invoice_with_several_buyers_is_refused_at_each_further_one(count: int):
    operation = an_operation("Invoice")
    operation["recipients"] *= count

    for said, place in (
        (operation, "content.operation"),
        (an_operation("Correction", data=operation), "content.operation.data"),
    ):
        with pytest.raises(Refused) as refused:
            a_draft(said)
        assert refused.value.code.id == "UNIFIED-RECIPIENT-01"
        assert refused.value.paths == tuple(f"{place}.recipients[{i}]" for i in range(1, count))


def test_a_consumer_is_called_by_all_his_names():
    operation = an_operation("Invoice")
    operation["recipients"] = [
        {
            "type": "CONSUMER",
            "name": {
                "gender": "MALE",
                "prefix": "Dr.",
                "forename": "Rui",
                "infix": "de",
                "surname": "Melo",
            },
            "address": {
                "line": {
                    "type": "STREET_NUMBER",
                    "prefix": "Rua",
                    "street": "Nova",
                    "number": "1",
                    "suffix": "B",
                },
                "code": "1100-001",
                "city": "Lisboa",
                "country": "PT",
            },
            "identification": {"type": "PASSPORT", "number": "X123"},
        }
    ]

    buyer = a_draft(operation).buyer

    assert (buyer.name, buyer.code, buyer.tax_number) == ("Dr. Rui de Melo", "X123", "")
    assert not buyer.is_business
    assert (buyer.address.street, buyer.address.number) == ("Rua Nova", "1 B")


def test_a_group_is_one_line_in_its_own_place():
    (line,) = a_draft(an_operation("Invoice")).lines

    assert (line.text, line.quantity) == ("Cabaz de Natal", Decimal(2))
    assert line.vat.region == "PT-MADEIRA"


@pytest.mark.parametrize(
    ("place", "region"),
    [
        ({"country": "PT", "region": "PT-MA"}, "PT-MA"),
        ({"country": "PT", "region": "pt-ac"}, "pt-ac"),
        ({"country": "ES", "region": "MADEIRA"}, "ES-MADEIRA"),
        ({"country": "ES"}, "ES"),
    ],
)
def test_a_part_of_a_country_stands_behind_its_country(place, region):
    """Else a part of one country would be taken for one of another with that name."""
    operation = an_operation("Invoice")
    operation["entries"][0]["data"]["vat"]["fiscal_location"] = place

    assert a_draft(operation).lines[0].vat.region == region


def test_a_correction_may_name_a_document_that_was_issued_elsewhere():
    operation = an_operation("Correction")
    del operation["record"]
    preceding = {"number": "FT A2025/12", "issued_at": "2025-12-30"}

    note = a_draft(operation | {"preceding_document": preceding})

    assert (note.refers_to, note.external_reference) == ("", "FT A2025/12")
    assert note.external_on == date(2025, 12, 30)


def test_a_place_without_region_is_its_country():
    operation = an_operation("Invoice")
    operation["entries"][0]["data"]["vat"]["fiscal_location"] = {"country": "PT"}

    assert a_draft(operation).lines[0].vat.region == "PT"


def test_entries_tell_vouchers_gifts_and_returns():
    operation = an_operation("Receipt")
    operation["entries"][0]["type"] = "VOUCHER"
    operation["entries"][1]["type"] = "RETURN"
    operation["entries"][2]["details"]["purpose"] = "GIFT"

    voucher, returned, gift = a_draft(operation).lines

    assert (voucher.direction, voucher.is_voucher) == (Direction.SALE, True)
    assert (returned.direction, returned.is_voucher) == (Direction.RETURN, False)
    assert (gift.direction, gift.is_gift) == (Direction.SALE, True)


DETAILS = {"amount": "9.38"}


@pytest.mark.parametrize(
    ("payment", "means", "name"),
    [
        ({"type": "CASH"}, PaymentMeans.CASH, ""),
        ({"type": "CARD", "number": "****", "kind": "CREDIT"}, PaymentMeans.CARD_CREDIT, ""),
        ({"type": "CARD", "number": "****", "kind": "DEBIT"}, PaymentMeans.CARD_DEBIT, ""),
        ({"type": "CARD", "number": "****", "kind": "PREPAID"}, PaymentMeans.CARD_PREPAID, ""),
        ({"type": "CARD", "number": "****", "kind": "GIFT"}, PaymentMeans.CARD_GIFT, ""),
        ({"type": "CARD", "number": "****", "kind": "TICKET"}, PaymentMeans.CARD_TICKET, ""),
        ({"type": "ONLINE", "name": "MB WAY"}, PaymentMeans.ONLINE, "MB WAY"),
        ({"type": "OTHER", "name": "CARD"}, PaymentMeans.OTHER, "CARD"),
        ({"type": "OTHER"}, PaymentMeans.OTHER, ""),
        ({"type": "OUTSTANDING", "concept": "GOOD"}, PaymentMeans.OUTSTANDING, ""),
        ({"type": "VOUCHER", "number": "1234", "kind": "SINGLE"}, PaymentMeans.VOUCHER_SINGLE, ""),
        (
            {"type": "VOUCHER", "number": "1234", "kind": "MULTIPLE"},
            PaymentMeans.VOUCHER_MULTIPLE,
            "",
        ),
    ],
)
def test_every_way_to_pay_has_a_word(payment: dict[str, str], means: PaymentMeans, name: str):
    (paid,) = a_draft(an_operation("Receipt", payments=[{**payment, "details": DETAILS}])).payments

    assert (paid.means, paid.name, paid.amount, paid.on) == (means, name, Decimal("9.38"), None)


def test_a_payment_keeps_its_day():
    assert [paid.on for paid in a_draft(an_operation("Receipt")).payments] == [
        None,
        date(2026, 5, 6),
    ]


def test_a_correction_names_the_original_the_reason_and_who_did_it():
    draft = a_draft(an_operation("Correction"))

    assert (draft.kind, draft.refers_to) == (DocumentKind.CORRECTION, ORIGINAL)
    assert (draft.reason, draft.operator) == ("Garrafa partida", "gerente")
    assert (draft.series, draft.lines[0].number) == ("NC-2026", "1")
    assert draft.lines[0].direction == Direction.RETURN


def test_an_invoice_can_be_corrected():
    draft = a_draft(an_operation("Correction", data=an_operation("Invoice")))

    assert draft.kind == DocumentKind.CORRECTION
    assert draft.buyer.tax_number == "PT514200111"


def test_a_cancellation_refers_by_the_one_spelling_of_an_id():
    assert a_draft(an_operation("Cancellation")) == Draft(
        kind=DocumentKind.CANCELLATION, refers_to=ORIGINAL, reason="Emitido por engano"
    )


def test_a_missing_reason_is_left_to_the_law():
    operation = an_operation("Cancellation")
    del operation["reason"]

    assert a_draft(operation).reason == ""


def test_a_breakdown_is_drafted() -> None:
    (share,) = a_draft(an_operation("Invoice")).breakdown

    assert (share.percentage, share.amount, share.code) == (Decimal(23), Decimal("46.00"), "")


def test_a_place_of_delivery_is_drafted() -> None:
    operation = an_operation("Invoice")
    there = {**operation["recipients"][0]["address"], "region": "Algarve"}
    operation["recipients"][0] |= {
        "shipping": {"address": there, "date": "2026-05-08"},
        "origin": "INTERNATIONAL",
    }

    draft = a_draft(operation)

    assert draft.delivery.address.region == "Algarve"
    assert draft.delivery.on == date(2026, 5, 8)
    assert draft.buyer.is_foreign


def test_a_discount_on_a_payment_is_drafted() -> None:
    payment = {"type": "CASH", "details": {"amount": "9.38", "discount": "0.10"}}

    (paid,) = a_draft(an_operation("Receipt", payments=[payment])).payments

    assert paid.discount == Decimal("0.10")


BY = {"creators": [{"type": "PERSON", "label": "x"}]}


def test_the_details_of_a_correction_are_said_once() -> None:
    """The second ones vanished, with the word that it is an exercise."""
    data = an_operation("Correction")["data"]
    within = an_operation("Correction", data={**data, "details": {**BY, "training": True}})
    del within["details"]
    twice = {**within, "details": BY}

    draft = a_draft(within)
    assert (draft.operator, draft.is_training) == ("x", True)
    with pytest.raises(Refused, match="UNIFIED-DETAILS-01") as refused:
        a_draft(twice)
    assert refused.value.paths == ("content.operation.details", "content.operation.data.details")
    assert a_draft({**within, "details": within["data"]["details"]}).is_training


def test_an_abort_says_nothing_more():
    assert a_draft(an_operation("Abort")) == Draft(kind=DocumentKind.ABORT)


def test_practice_is_announced_by_the_intention_or_by_the_operation():
    practice = {"creators": [{"type": "PERSON", "label": "x"}], "training": True}

    assert a_draft(an_operation("Abort"), training=True).is_training
    assert a_draft(an_operation("Receipt", details=practice)).is_training


def test_a_proof_of_payment_is_not_drafted():
    payments = [{"type": "CASH", "details": DETAILS}]
    operation = {
        "type": "PROOF_OF_PAYMENT",
        "record": {"id": ORIGINAL},
        "payments": payments,
    }

    with pytest.raises(Refused, match="UNIFIED-KIND-01"):
        a_draft(operation)


def test_the_echo_is_compact_sorted_and_filled_in():
    operation = {
        "type": "RECEIPT",
        "payments": [{"type": "CASH", "details": {"amount": "1.23"}}],
        "entries": an_operation("Correction")["data"]["entries"],
        "document": {
            "total_vat": {"inclusive": "2.46", "exclusive": "2.00", "amount": "0.46"},
            "number": "1",
        },
    }
    del operation["entries"][0]["details"]["purpose"]

    assert translate.echo(parsed(operation)) == (
        '{"document":{"number":"1","total_vat":{"amount":"0.46","exclusive":"2.00",'
        '"inclusive":"2.46"}},"entries":[{"data":{"text":"Vinho do Porto","type":"ITEM",'
        '"unit":{"price":"2.46","quantity":"1"},"value":{"base":"2.00"},'
        '"vat":{"amount":"0.46","code":"STANDARD","exclusive":"2.00","inclusive":"2.46",'
        '"percentage":"23","type":"VAT_RATE"}},"details":{"concept":"GOOD","number":"1",'
        '"purpose":"STANDARD"},"type":"RETURN"}],'
        '"payments":[{"details":{"amount":"1.23"},"type":"CASH"}],"type":"RECEIPT"}'
    )


def shuffled(node: Any, order: random.Random) -> Any:
    if isinstance(node, dict):
        members = list(node.items())
        order.shuffle(members)
        return {name: shuffled(value, order) for name, value in members}
    return [shuffled(one, order) for one in node] if isinstance(node, list) else node


words = st.text(min_size=1, max_size=64).filter(lambda text: text.isprintable())
amounts = st.from_regex(r"-?[0-9]{1,12}(\.[0-9]{1,8})?", fullmatch=True)


@settings(deadline=None)
@given(
    name=st.sampled_from(["Receipt", "Invoice", "Correction", "Cancellation", "Abort"]),
    text=words,
    amount=amounts,
    properties=st.dictionaries(words, words, max_size=16),
    order=st.randoms(use_true_random=False),
)
def test_the_echo_does_not_depend_on_the_order_or_the_spaces_of_what_was_sent(
    name: str, text: str, amount: str, properties: dict[str, str], order: random.Random
):
    operation = an_operation(name)
    creators = [{"type": "PERSON", "label": text}]
    operation["details"] = {"creators": creators, "properties": properties}
    if name == "Receipt":
        operation["document"]["total_vat"]["amount"] = amount

    echo = translate.echo(parsed(shuffled(operation, order)))

    assert echo == translate.echo(parsed(operation))
    assert json.loads(echo) == operation
    assert translate.echo(parsed(json.loads(echo))) == echo


def test_details_that_a_correction_says_twice_must_be_the_same():
    """Those of the data vanished without a word."""
    mine, other = ({"creators": [{"type": "PERSON", "label": name}]} for name in ("a", "b"))
    data = {**an_operation("Correction")["data"], "details": mine}

    assert a_draft(an_operation("Correction", data=data, details=mine)).operator == "a"
    with pytest.raises(Refused) as refused:
        a_draft(an_operation("Correction", data=data, details=other))
    assert refused.value.paths == ("content.operation.details", "content.operation.data.details")


def test_a_date_of_issue_is_cut_to_the_second_and_its_offset_counts():
    """As JavaScript, Python and .NET write a time; rounding would date it into another day."""
    operation = an_operation("Receipt")
    for said in (
        "2026-05-06T23:59:59.999Z",
        "2026-05-07T00:59:59.999999+01:00",
        "2026-05-06T18:29:59.9999999-05:30",
    ):
        operation["document"]["issued_at"] = said
        assert a_draft(operation).issued_at == datetime(2026, 5, 6, 23, 59, 59, tzinfo=UTC)
