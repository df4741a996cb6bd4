"""What the books are told where no law assesses lines."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from fiscus.model.accounts import (
    AccountedDocument,
    AccountedDraft,
    AccountedDraftLine,
    AccountedSeal,
)
from fiscus.model.amounts import money
from fiscus.model.documents import Direction, DocumentKind, Payment, PaymentMeans, StatedVat
from fiscus.model.kinds import EntryKind
from fiscus.regimes.plain.accounting import bookings


def a_line(net: str, vat: str, code: str = "S", **more: Any) -> AccountedDraftLine:
    exclusive, amount = Decimal(net), Decimal(vat)
    stated = StatedVat(code=code, amount=amount, exclusive=exclusive, inclusive=exclusive + amount)
    return AccountedDraftLine(**{"direction": Direction.SALE, "vat": stated, **more})


def paid(amount: str, means: PaymentMeans = PaymentMeans.CASH) -> Payment:
    return Payment(means=means, amount=Decimal(amount))


def a_document(
    *lines: AccountedDraftLine,
    net: str = "10.00",
    vat: str = "2.20",
    payments: tuple[Payment, ...] = (),
    kind: DocumentKind = DocumentKind.RECEIPT,
    is_training: bool = False,
    **more: Any,
) -> AccountedDocument:
    seal = AccountedSeal(
        number="A/1",
        document_type="DOC",
        day=date(2026, 3, 1),
        net=Decimal(net),
        vat=Decimal(vat),
        gross=Decimal(net) + Decimal(vat),
    )
    draft = AccountedDraft(kind=kind, lines=lines, payments=payments, is_training=is_training)
    said = {"id": "r-1", "kind": EntryKind.DOCUMENT, "chain": "c", "sequence": 2}
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return AccountedDocument(**{**said, "at": at, "draft": draft, "seal": seal, **more})


def amounts(document: AccountedDocument) -> dict[str, str]:
    found = bookings(document)
    assert sum(each.amount for each in found) == 0
    assert all(each.amount == each.net + each.vat for each in found)
    return {each.key: money(each.amount) for each in found}


def closing_of(document: AccountedDocument) -> AccountedDocument:
    return msgspec.structs.replace(document, kind=EntryKind.CLOSING)


LINE = a_line("10.00", "2.20")
BACK = a_line("10.00", "2.20", direction=Direction.RETURN)


def test_a_sale_is_paid_without_the_change() -> None:
    card = paid("5.00", PaymentMeans.CARD_DEBIT)

    assert amounts(a_document(LINE, payments=(card, paid("10.00")))) == {
        "sale/receipt/S": "-12.20",
        "payment/card_debit": "5.00",
        "payment/cash": "7.20",
    }


def test_what_is_outstanding_or_not_paid_is_owed() -> None:
    outstanding = paid("12.20", PaymentMeans.OUTSTANDING)

    for payments in ((), (outstanding,)):
        assert amounts(a_document(LINE, payments=payments)) == {
            "sale/receipt/S": "-12.20",
            "owed": "12.20",
        }


@pytest.mark.parametrize("given_back", ["12.20", "-12.20"])
def test_a_return_takes_revenue_back_with_or_without_a_sign(given_back: str) -> None:
    document = a_document(BACK, kind=DocumentKind.CORRECTION, payments=(paid(given_back),))

    assert amounts(document) == {"sale/correction/S": "12.20", "payment/cash": "-12.20"}


def test_lines_share_the_totals_that_were_sealed() -> None:
    lines = (a_line("3.333", "0.733"), a_line("6.667", "1.467", "R"))

    found = {each.key: each for each in bookings(a_document(*lines))}

    assert (found["sale/receipt/S"].net, found["sale/receipt/R"].net) == (
        Decimal("-3.33"),
        Decimal("-6.67"),
    )
    assert found["sale/receipt/S"].vat + found["sale/receipt/R"].vat == Decimal("-2.20")


def test_totals_without_lines_are_booked_under_a_key_of_their_own() -> None:
    assert amounts(a_document()) == {"sale/receipt/total": "-12.20", "owed": "12.20"}


def test_what_bears_no_money_books_nothing() -> None:
    assert bookings(a_document(LINE, is_training=True)) == ()
    assert bookings(a_document(LINE, seal=None)) == ()
    assert bookings(closing_of(a_document(LINE))) == ()
    assert bookings(a_document(LINE, draft=None)) == ()
