"""What callers and laws say was paid."""

from fiscus.issuing.tests import counter
from fiscus.issuing.tests.sealed import D, a_document, a_line, cash, counted
from fiscus.journal.tests.bodies import a_body
from fiscus.model.closings import ClosingGroup
from fiscus.model.documents import (
    Direction,
    DocumentKind,
    Draft,
    DraftLine,
    LinePurpose,
    Payment,
    PaymentMeans,
    StatedVat,
)
from fiscus.model.kinds import EntryKind


def a_voucher_line(amount: str, direction: Direction = Direction.SALE) -> DraftLine:
    return DraftLine(
        direction=direction,
        text="Gutschein",
        quantity=D(1),
        unit_price=D(amount),
        vat=StatedVat(code="X", is_exempt=True, exclusive=D(amount), inclusive=D(amount)),
        purpose=LinePurpose.VOUCHER_REDEEMED,
        paid_by=PaymentMeans.CARD_GIFT,
    )


def test_what_vouchers_paid_and_what_is_owed_is_worth_what_the_caller_said() -> None:
    """Both lower the total of the law. A voucher worth more than the sale makes it no return."""
    owed = Payment(means=PaymentMeans.OUTSTANDING, amount=D("4.00"))
    money = Payment(means=PaymentMeans.CASH, amount=D("-3.00"))
    more = [
        a_line("20.00", "1"),
        a_line("-23.00", "5", case="MehrzweckgutscheinEinloesung"),
    ]
    on_account = [a_line("4.00", "1"), a_line("-4.00", "5", case="Forderungsentstehung")]
    voucher = Draft(kind=DocumentKind.RECEIPT, lines=(a_voucher_line("23.00"),), payments=(money,))
    totals = counted(
        a_document(1, *more, paid=[cash("-3.00")], draft=voucher),
        a_document(2, *on_account, draft=Draft(kind=DocumentKind.RECEIPT, payments=(owed,))),
    ).totals()

    assert (totals.sales.count, totals.sales.gross, totals.returns) == (2, D(24), ClosingGroup())
    assert {one.means: one.amount for one in totals.tenders} == {
        PaymentMeans.CASH: D(-3),
        PaymentMeans.CARD_GIFT: D(23),
        PaymentMeans.OUTSTANDING: D(4),
    }


def test_what_is_given_back_on_a_voucher_lowers_what_was_paid_with_vouchers() -> None:
    back = Draft(kind=DocumentKind.CORRECTION, lines=(a_voucher_line("5.00", Direction.RETURN),))
    lines = [a_line("-5.00"), a_line("5.00", "5", case="MehrzweckgutscheinEinloesung")]
    totals = counted(a_document(1, *lines, draft=back)).totals()

    assert totals.returns.gross == D(-5)
    assert [(one.means, one.amount) for one in totals.tenders] == [(PaymentMeans.CARD_GIFT, D(-5))]


def test_what_a_small_return_names_without_a_sign_was_given_back() -> None:
    """Half a euro: the sign decides, not the size."""
    line = counter.a_line("0.50", direction=Direction.RETURN)
    given = Payment(means=PaymentMeans.CASH, amount=D("0.50"))
    draft = counter.a_receipt(line, payments=(given,))
    body = a_body(EntryKind.DOCUMENT, 1, intent="i-1", draft=draft)

    totals = counted((EntryKind.DOCUMENT, body)).totals()

    assert [(one.type, one.amount) for one in totals.payments] == [("cash", D("-0.50"))]
    assert [(one.means, one.amount) for one in totals.tenders] == [(PaymentMeans.CASH, D("-0.50"))]
    assert totals.expected == D("-0.50")


def test_a_law_that_names_cases_and_no_payments_means_none() -> None:
    """A sale paid with a voucher alone: the voucher is a line, not a payment."""
    draft = Draft(
        kind=DocumentKind.RECEIPT,
        payments=(Payment(means=PaymentMeans.CARD_GIFT, amount=D("11.90")),),
    )
    lines = [a_line("11.90"), a_line("-11.90", "5", case="MehrzweckgutscheinEinloesung")]

    assert counted(a_document(1, *lines, draft=draft)).totals().payments == ()
