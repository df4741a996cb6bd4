"""How an operation is settled: legs as payments, gift cards as redemptions."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from fiscus.api.families.reporting.translate import payments
from fiscus.api.families.reporting.translate.payments import Settlement
from fiscus.api.families.reporting.wire import operations as wire
from fiscus.model.documents import (
    Direction,
    DocumentKind,
    Draft,
    LinePurpose,
    Payment,
    PaymentMeans,
    VoucherKind,
)
from fiscus.model.faults import Refused


def a_leg(amount: str = "20.00", method: str = "cash", **members: Any) -> dict[str, Any]:
    return {"method": method, "status": "captured", "amount": amount, "currency": "EUR"} | members


def settled(*legs: dict[str, Any], total: str = "20.00") -> Settlement:
    body = wire.Complete.model_validate_json(msgspec.json.encode({"payments": legs}))
    return payments.settlement(body, total=Decimal(total), currency="EUR")


def refusal(*legs: dict[str, Any], total: str = "20.00") -> list[str]:
    with pytest.raises(Refused) as refused:
        settled(*legs, total=total)
    return [fault.code for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("leg", "means"),
    [
        (a_leg(), PaymentMeans.CASH),
        (a_leg(method="card"), PaymentMeans.CARD_CREDIT),
        (a_leg(method="card", card_brand="Visa"), PaymentMeans.CARD_CREDIT),
        (a_leg(method="card", card_brand="girocard"), PaymentMeans.CARD_DEBIT),
        (a_leg(method="card", card_brand="V PAY"), PaymentMeans.CARD_DEBIT),
        (a_leg(method="card", card_brand="Maestro"), PaymentMeans.CARD_DEBIT),
        (a_leg(method="digital_wallet"), PaymentMeans.ONLINE),
        (a_leg(method="bank_transfer"), PaymentMeans.TRANSFER),
        (a_leg(method="voucher"), PaymentMeans.VOUCHER_MULTIPLE),
        (a_leg(method="store_credit"), PaymentMeans.CARD_PREPAID),
        (a_leg(method="other"), PaymentMeans.OTHER),
    ],
)
def test_every_method_has_its_means(leg: dict[str, Any], means: PaymentMeans) -> None:
    (paid,) = settled(leg).payments

    assert (paid.means, paid.amount) == (means, Decimal("20.00"))


def test_a_gift_card_is_redeemed_and_pays_nothing() -> None:
    found = settled(a_leg("5.00"), a_leg("15.00", "gift_card", gift_card_id="GC-1"))

    (line,) = found.lines
    assert found.payments == (Payment(means=PaymentMeans.CASH, amount=Decimal("5.00")),)
    assert (line.purpose, line.direction) == (LinePurpose.VOUCHER_REDEEMED, Direction.SALE)
    assert (line.vat.inclusive, line.voucher) == (Decimal("15.00"), "GC-1")


def test_money_back_onto_a_gift_card_turns_the_redemption() -> None:
    (line,) = settled(a_leg("-20.00", "gift_card", gift_card_id="GC-1"), total="-20.00").lines

    assert (line.direction, line.vat.inclusive) == (Direction.RETURN, Decimal("20.00"))


def test_a_gift_card_needs_its_id() -> None:
    assert refusal(a_leg(method="gift_card")) == [payments.NO_GIFT_CARD.id]


def test_a_leg_that_moved_no_money_counts_for_nothing() -> None:
    failed = a_leg("20.00", "card", status="failed")
    voided = a_leg("20.00", "gift_card", status="voided", gift_card_id="GC-1")

    found = settled(failed, voided, a_leg("20.00"))

    assert [(paid.means, paid.amount) for paid in found.payments] == [
        (PaymentMeans.CASH, Decimal("20.00"))
    ]
    assert found.lines == ()
    assert refusal(failed) == [payments.NO_SUM.id]


@pytest.mark.parametrize("status", ["pending", "authorized", "refunded"])
@pytest.mark.parametrize(
    "leg",
    [
        a_leg("5.00", "card", card_brand="Visa"),
        a_leg("5.00"),
        a_leg("5.00", "gift_card", gift_card_id="GC-1"),
        a_leg("6.00", currency="USD", base_amount="5.00"),
    ],
)
def test_what_is_promised_or_was_given_back_is_owed(leg: dict[str, Any], status: str) -> None:
    """Payments with status pending, authorized, refunded are no money received."""
    legs = (a_leg("15.00"), leg | {"status": status})

    owed = Payment(means=PaymentMeans.OUTSTANDING, amount=Decimal("5.00"))
    assert settled(*legs) == Settlement(
        payments=(Payment(means=PaymentMeans.CASH, amount=Decimal("15.00")), owed), lines=()
    )
    assert refusal(*legs[:1]) == [payments.NO_SUM.id]


def test_what_was_given_back_counts_for_nothing_where_something_else_was_paid() -> None:
    again = (a_leg("20.00", "card", status="refunded"), a_leg("20.00"))

    assert settled(*again) == settled(a_leg("20.00"))
    assert refusal(a_leg("20.00", "card", status="refunded"), a_leg("15.00")) == [
        payments.NO_SUM.id
    ]


def test_what_a_return_gives_back_is_paid_when_it_was_refunded() -> None:
    refunded = settled(a_leg("-20.00", "card", status="refunded"), total="-20.00").payments
    pending = settled(a_leg("-20.00", "card", status="pending"), total="-20.00").payments

    assert [paid.means for paid in refunded] == [PaymentMeans.CARD_CREDIT]
    assert [paid.means for paid in pending] == [PaymentMeans.OUTSTANDING]


def test_a_voucher_says_what_it_is_good_for() -> None:
    """A single-purpose voucher bears the rate of what it is good for, in whole cents."""
    said = {"number": "V-7", "kind": "single_purpose", "rate": "0.07"}
    (line,) = settled(a_leg(method="voucher", voucher=said)).lines

    assert (line.purpose, line.voucher) == (LinePurpose.VOUCHER_REDEEMED, "V-7")
    assert line.voucher_kind is VoucherKind.SINGLE
    assert (line.vat.percentage, line.vat.amount) == (Decimal(7), Decimal("1.31"))
    assert settled(a_leg(method="voucher")).lines == (), "a word for a prepaid card, as ever"


@pytest.mark.parametrize(
    ("leg", "code"),
    [
        (a_leg(voucher={"number": "V-7"}), "REPORTING-PAYMENT-05"),
        (a_leg(method="card", voucher={}), "REPORTING-PAYMENT-05"),
        (
            a_leg(method="gift_card", gift_card_id="GC-1", voucher={"number": "V-7"}),
            "REPORTING-PAYMENT-06",
        ),
    ],
)
def test_a_voucher_belongs_to_a_payment_by_voucher(leg: dict[str, Any], code: str) -> None:
    assert refusal(leg) == [code]


def test_change_given_back_is_negative() -> None:
    amounts = [paid.amount for paid in settled(a_leg("50.00"), a_leg("-30.00")).payments]

    assert amounts == [Decimal("50.00"), Decimal("-30.00")]


def test_foreign_cash_says_what_it_was_taken_for() -> None:
    (paid,) = settled(a_leg("21.60", currency="USD", base_amount="20.00")).payments

    assert (paid.amount, paid.currency, paid.foreign_amount) == (
        Decimal("20.00"),
        "USD",
        Decimal("21.60"),
    )


@pytest.mark.parametrize(
    "leg",
    [
        a_leg(currency="USD"),
        a_leg(method="card", currency="USD", base_amount="20.00"),
    ],
)
def test_other_foreign_money_is_refused(leg: dict[str, Any]) -> None:
    assert payments.FOREIGN.id in refusal(leg)


def test_a_worth_beside_the_amount_is_for_foreign_money() -> None:
    assert payments.NOT_FOREIGN.id in refusal(a_leg(base_amount="20.00"))


def test_nothing_to_pay_needs_no_leg() -> None:
    assert settled(total="0.00") == Settlement(payments=(), lines=())


def test_what_concludes_is_added_to_what_was_begun() -> None:
    begun = Draft(kind=DocumentKind.RECEIPT, reference="order-1")

    whole = payments.settled(begun, settled(a_leg()))

    assert (whole.reference, len(whole.payments)) == ("order-1", 1)


def test_nothing_was_paid_after_tomorrow() -> None:
    """A time of payment in 2099 was taken; a clock that is a day ahead is none of ours."""
    at = datetime(2026, 11, 16, 9, tzinfo=UTC)
    legs = [
        a_leg(amount, "card", processed_at=time)
        for amount, time in (
            ("5.00", "2026-11-17T10:59:00+02:00"),
            ("5.00", "2026-11-17T09:00:01Z"),
            ("10.00", "2099-01-01T00:00:00Z"),
        )
    ]
    body = wire.Complete.model_validate_json(msgspec.json.encode({"payments": legs}))

    with pytest.raises(Refused) as refused:
        payments.settlement(body, total=Decimal("20.00"), currency="EUR", at=at)

    assert [(one.code, one.paths) for one in refused.value.faults] == [
        ("REPORTING-PAYMENT-07", (f"payments[{index}].processed_at",)) for index in (1, 2)
    ]
