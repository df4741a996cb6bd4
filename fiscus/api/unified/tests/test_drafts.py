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

from fiscus.api.unified import translate
from fiscus.api.unified.wire import records
from fiscus.model.documents import Address, Direction, Draft, Kind, Means, Party, Totals
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

    assert draft.kind == Kind.RECEIPT
    assert (draft.series, draft.reference) == ("FR-P02-2026", "31")
    assert draft.issued_at == datetime(2026, 5, 6, 18, 42, 10, tzinfo=UTC)
    assert draft.supplied_on == date(2026, 5, 6)
    assert draft.is_simplified
    assert not draft.is_training
    assert draft.operator == "caixa-2"
    assert draft.properties == {"table": "12"}
    assert draft.totals == Totals(
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
        ({"type": "EXTERNAL", "code": "214567893"}, Party(tax_number="214567893")),
        ({"type": "EXTERNAL", "code": "PT214567893"}, Party(tax_number="214567893")),
        ({"type": "EXTERNAL", "code": "ES214567893"}, Party(code="ES214567893")),
        ({"type": "EXTERNAL", "code": "card 88"}, Party(code="card 88")),
        ({"type": "EXTERNAL", "code": "2145678931"}, Party(code="2145678931")),
        ({"type": "INTERNAL", "code": "214567893"}, Party(code="214567893")),
        ({"type": "EXTERNAL"}, None),
    ],
)
def test_the_code_of_a_customer_may_be_a_tax_number(customer: dict[str, str], buyer: Party | None):
    assert a_draft(an_operation("Receipt", customer=customer)).buyer == buyer


def test_an_invoice_names_its_buyer_without_the_prefix_of_his_country():
    draft = a_draft(an_operation("Invoice"))

    assert draft.kind == Kind.INVOICE
    assert draft.buyer == Party(
        name="Oficina do Mar, Lda.",
        tax_number="514200111",
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
    assert line.vat.region == "MADEIRA"


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
        ({"type": "CASH"}, Means.CASH, ""),
        ({"type": "CARD", "number": "****", "kind": "CREDIT"}, Means.CARD_CREDIT, ""),
        ({"type": "CARD", "number": "****", "kind": "DEBIT"}, Means.CARD_DEBIT, ""),
        ({"type": "CARD", "number": "****", "kind": "PREPAID"}, Means.CARD_PREPAID, ""),
        ({"type": "CARD", "number": "****", "kind": "GIFT"}, Means.CARD_GIFT, ""),
        ({"type": "CARD", "number": "****", "kind": "TICKET"}, Means.CARD_TICKET, ""),
        ({"type": "ONLINE", "name": "MB WAY"}, Means.ONLINE, "MB WAY"),
        ({"type": "OTHER", "name": "CARD"}, Means.OTHER, "CARD"),
        ({"type": "OTHER"}, Means.OTHER, ""),
        ({"type": "OUTSTANDING", "concept": "GOOD"}, Means.OUTSTANDING, ""),
        ({"type": "VOUCHER", "number": "1234", "kind": "SINGLE"}, Means.VOUCHER_SINGLE, ""),
        ({"type": "VOUCHER", "number": "1234", "kind": "MULTIPLE"}, Means.VOUCHER_MULTIPLE, ""),
    ],
)
def test_every_way_to_pay_has_a_word(payment: dict[str, str], means: Means, name: str):
    (paid,) = a_draft(an_operation("Receipt", payments=[{**payment, "details": DETAILS}])).payments

    assert (paid.means, paid.name, paid.amount, paid.on) == (means, name, Decimal("9.38"), None)


def test_a_payment_keeps_its_day():
    assert [paid.on for paid in a_draft(an_operation("Receipt")).payments] == [
        None,
        date(2026, 5, 6),
    ]


def test_a_correction_names_the_original_the_reason_and_who_did_it():
    draft = a_draft(an_operation("Correction"))

    assert (draft.kind, draft.refers_to) == (Kind.CORRECTION, ORIGINAL)
    assert (draft.reason, draft.operator) == ("Garrafa partida", "gerente")
    assert (draft.series, draft.lines[0].number) == ("NC-2026", "1")
    assert draft.lines[0].direction == Direction.RETURN


def test_an_invoice_can_be_corrected():
    draft = a_draft(an_operation("Correction", data=an_operation("Invoice")))

    assert draft.kind == Kind.CORRECTION
    assert draft.buyer.tax_number == "514200111"


def test_a_cancellation_refers_by_the_one_spelling_of_an_id():
    assert a_draft(an_operation("Cancellation")) == Draft(
        kind=Kind.CANCELLATION, refers_to=ORIGINAL, reason="Emitido por engano"
    )


def test_a_missing_reason_is_left_to_the_law():
    operation = an_operation("Cancellation")
    del operation["reason"]

    assert a_draft(operation).reason == ""


def test_an_abort_says_nothing_more():
    assert a_draft(an_operation("Abort")) == Draft(kind=Kind.ABORT)


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
