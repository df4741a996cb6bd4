"""How an operation is settled: legs as payments, gift cards as redemptions."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from fiscus.api.reporting.translate import payments
from fiscus.api.reporting.translate.payments import Settlement
from fiscus.api.reporting.wire import operations as wire
from fiscus.model.documents import Direction, Draft, Kind, Means, Payment, Purpose
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
        (a_leg(), Means.CASH),
        (a_leg(method="card"), Means.CARD_CREDIT),
        (a_leg(method="card", card_brand="Visa"), Means.CARD_CREDIT),
        (a_leg(method="card", card_brand="girocard"), Means.CARD_DEBIT),
        (a_leg(method="card", card_brand="V PAY"), Means.CARD_DEBIT),
        (a_leg(method="card", card_brand="Maestro"), Means.CARD_DEBIT),
        (a_leg(method="digital_wallet"), Means.ONLINE),
        (a_leg(method="bank_transfer"), Means.TRANSFER),
        (a_leg(method="voucher"), Means.CARD_PREPAID),
        (a_leg(method="store_credit"), Means.CARD_PREPAID),
        (a_leg(method="other"), Means.OTHER),
    ],
)
def test_every_method_has_its_means(leg: dict[str, Any], means: Means) -> None:
    (paid,) = settled(leg).payments

    assert (paid.means, paid.amount) == (means, Decimal("20.00"))


def test_a_gift_card_is_redeemed_and_pays_nothing() -> None:
    found = settled(a_leg("5.00"), a_leg("15.00", "gift_card", gift_card_id="GC-1"))

    (line,) = found.lines
    assert found.payments == (Payment(means=Means.CASH, amount=Decimal("5.00")),)
    assert (line.purpose, line.direction) == (Purpose.VOUCHER_REDEEMED, Direction.SALE)
    assert (line.vat.inclusive, line.product) == (Decimal("15.00"), "GC-1")


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
        (Means.CASH, Decimal("20.00"))
    ]
    assert found.lines == ()
    assert refusal(failed) == [payments.NO_SUM.id]


def test_legs_must_add_up_as_soon_as_they_are_promised() -> None:
    legs = (a_leg("15.00"), a_leg("5.00", "card", status="pending"))

    assert len(settled(*legs).payments) == 2
    assert refusal(*legs[:1]) == [payments.NO_SUM.id]


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
    begun = Draft(kind=Kind.RECEIPT, reference="order-1")

    whole = payments.settled(begun, settled(a_leg()))

    assert (whole.reference, len(whole.payments)) == ("order-1", 1)
