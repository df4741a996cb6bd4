"""What happens to the drawer: float, movements, the count, the last movement, the closing."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from fiscus.api.families.reporting.translate import drawer
from fiscus.api.families.reporting.wire import operations as wire
from fiscus.model.documents import ClosingType, Direction, DocumentKind, LinePurpose
from fiscus.model.faults import Refused
from fiscus.regimes.de import wording


def read(type_: str, **members: Any) -> Any:
    body = {"type": type_, "register_id": "reg_0"} | members
    return wire.CREATE.validate_json(msgspec.json.encode(body))


def test_a_session_opens_with_its_float() -> None:
    draft = drawer.opening(read("session_open", currency="EUR", opening_balance_amount="50.00"))

    assert (draft.kind, draft.lines[0].purpose) == (DocumentKind.OPENING, LinePurpose.FLOAT)
    assert draft.payments[0].amount == Decimal("50.00")


def test_an_empty_drawer_opens_with_a_line_of_nothing() -> None:
    draft = drawer.opening(read("session_open", currency="EUR", opening_balance_amount="0.00"))

    assert (draft.lines[0].vat.inclusive, draft.payments[0].amount) == (Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("amount", "reason", "purpose"),
    [
        ("-200.00", "bank_drop", LinePurpose.TRANSIT),
        ("-200.00", "Safe_Drop", LinePurpose.TRANSIT),
        ("20.00", "pay_in", LinePurpose.PAY_IN),
        ("-20.00", "pay_out", LinePurpose.PAY_OUT),
        ("20.00", "owner_deposit", LinePurpose.OWNER_IN),
        ("-20.00", "owner_withdrawal", LinePurpose.OWNER_OUT),
        ("-20.00", "wage", LinePurpose.WAGE),
        ("-0.05", "correction", LinePurpose.DIFFERENCE),
        ("5.00", "fürs Wechselgeld", LinePurpose.PAY_IN),
        ("-5.00", "Briefmarken", LinePurpose.PAY_OUT),
    ],
)
def test_a_reason_and_a_sign_say_what_moved(amount: str, reason: str, purpose: LinePurpose) -> None:
    draft = drawer.adjustment(read("session_cash_adjustment", amount=amount, reason=reason))

    (line,), (paid,) = draft.lines, draft.payments
    is_out = amount.startswith("-")
    assert (draft.kind, line.purpose) == (DocumentKind.MOVEMENT, purpose)
    assert line.direction is (Direction.RETURN if is_out else Direction.SALE)
    assert line.vat.inclusive == abs(Decimal(amount))
    assert paid.amount == Decimal(amount)


def test_germany_has_words_for_each_reason_that_we_know() -> None:
    """Why money moved, and why a sale came to nothing, stands in its files."""
    void = wire.Void.model_json_schema()["properties"]["reason"]["enum"]

    assert set(drawer.REASONS) | set(void) <= set(wording.REASONS)


@pytest.mark.parametrize(("amount", "reason"), [("5.00", "wage"), ("-5.00", "pay_in")])
def test_a_reason_against_the_sign_is_refused(amount: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        drawer.adjustment(read("session_cash_adjustment", amount=amount, reason=reason))

    assert refused.value.code == drawer.WRONG_WAY


@pytest.mark.parametrize("amount", ["0.00", "-0.00", "5"])
def test_an_adjustment_moves_something(amount: str) -> None:
    with pytest.raises(ValidationError):
        read("session_cash_adjustment", amount=amount, reason="pay_in")


@pytest.mark.parametrize("name", ["variance", "variance_amount"])
def test_a_count_is_the_difference_to_what_was_expected(name: str) -> None:
    draft = drawer.count(read("session_cash_count", **{name: "-1.20"}))

    assert (draft.kind, draft.lines[0].purpose) == (DocumentKind.COUNT, LinePurpose.DIFFERENCE)
    assert draft.payments[0].amount == Decimal("-1.20")


def test_a_drawer_that_fits_counts_nothing() -> None:
    draft = drawer.count(read("session_cash_count", variance="0.00"))

    assert (draft.kind, draft.lines, draft.payments) == (DocumentKind.COUNT, (), ())


@pytest.mark.parametrize(
    ("members", "amount"),
    [({"cash_out_amount": "450.00"}, "-450.00"), ({"cash_in_amount": "30.00"}, "30.00")],
)
def test_closing_may_move_money_to_or_from_the_safe(members: dict[str, str], amount: str) -> None:
    body = read("session_close", **members)
    draft = drawer.last_movement(body)

    assert draft is not None
    assert draft.lines[0].purpose is LinePurpose.TRANSIT
    assert draft.payments[0].amount == Decimal(amount)
    again = wire.CREATE.validate_json(drawer.as_adjustment(body, draft))
    assert isinstance(again, wire.SessionCashAdjustment)
    assert again.amount == amount


@pytest.mark.parametrize("members", [{}, {"cash_out_amount": "0.00", "cash_in_amount": None}])
def test_closing_may_move_nothing(members: dict[str, Any]) -> None:
    assert drawer.last_movement(read("session_close", **members)) is None


def test_closing_moves_money_one_way() -> None:
    both = read("session_close", cash_out_amount="1.00", cash_in_amount="1.00")

    with pytest.raises(Refused) as refused:
        drawer.last_movement(both)

    assert refused.value.code == drawer.BOTH_WAYS


def test_a_closing_says_its_type_and_nothing_else() -> None:
    draft = drawer.closing(ClosingType.MONTHLY)

    assert (draft.kind, draft.closing, draft.lines) == (
        DocumentKind.CLOSING,
        ClosingType.MONTHLY,
        (),
    )


def test_the_note_of_an_ending_stands_with_what_is_moved_last_or_with_the_closing() -> None:
    """A note on closing a session was in no file where nothing was taken out."""
    plain, moving = (
        read("session_close", note="Frühschicht", **more)
        for more in ({}, {"cash_out_amount": "5.00"})
    )
    moved = drawer.last_movement(moving)

    assert (drawer.end(plain).text, drawer.end(moving).text) == ("Frühschicht", "")
    assert moved is not None
    assert moved.text == "Frühschicht"
    assert drawer.end(plain).kind is DocumentKind.CLOSING
