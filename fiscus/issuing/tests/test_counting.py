import itertools
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.issuing.counting import CountedTotals, summed
from fiscus.issuing.tests import counter
from fiscus.issuing.tests.sealed import (
    OPENED,
    REGISTER,
    D,
    Entry,
    a_document,
    a_line,
    a_sale,
    a_void,
    an_abort,
    card,
    cash,
    counted,
    days,
    moved,
)
from fiscus.journal.tests.bodies import CLOSING, a_body
from fiscus.model.closings import (
    NO_ORDERS,
    CaseTotal,
    Closing,
    ClosingGroup,
    PaymentTotal,
    TaxTotal,
)
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
from fiscus.model.documents import (
    StatedTotals as Stated,
)
from fiscus.model.kinds import EntryKind

replace = msgspec.structs.replace


def by_case(totals: CountedTotals) -> dict[tuple[str, str], Decimal]:
    return {(one.case, one.tax_code): one.net + one.vat for one in totals.cases}


def by_tax(totals: CountedTotals) -> dict[str, Decimal]:
    return {one.tax_code: one.net + one.vat for one in totals.taxes}


def by_payment(totals: CountedTotals) -> dict[tuple[str, str], Decimal]:
    return {(one.type, one.currency): one.amount for one in totals.payments}


def test_a_day_is_counted() -> None:
    day = counted(
        moved(2, DocumentKind.OPENING, "50.00", "Anfangsbestand"),
        a_sale(4, "11.90"),
        a_document(6, a_line("10.70", "2"), a_line("11.90"), paid=[card("22.60")]),
        a_document(8, a_line("-11.90"), paid=[cash("-11.90")], kind=DocumentKind.CORRECTION),
        moved(10, DocumentKind.MOVEMENT, "20.00", "Einzahlung"),
        moved(11, DocumentKind.MOVEMENT, "-30.00", "Geldtransit"),
        an_abort(13),
        a_sale(15, "5.00", is_training=True, outage="out"),
        a_sale(17, "1.19", outage="out"),
        moved(18, DocumentKind.COUNT, "-0.10", "DifferenzSollIst"),
        moved(19, DocumentKind.MOVEMENT, "-40.00", "Geldtransit"),
    ).totals()

    assert (day.first_sequence, day.last_sequence) == (1, 19)
    assert (day.first_receipt, day.last_receipt) == ("i-2", "i-19")
    assert (day.since, day.latest_at) == (OPENED.replace(minute=2), OPENED.replace(minute=19))
    assert (day.documents, day.voids, day.unsigned) == (11, 1, ("i-15", "i-17"))
    assert day.sales == ClosingGroup(
        count=3, gross=D("35.69"), vat=D("1.90") * 2 + D("0.19") + D("0.70")
    )
    assert day.returns == ClosingGroup(count=1, gross=D("-11.90"), vat=D("-1.90"))
    assert (day.opening, day.cash_in, day.cash_out) == (D(50), D(20), D(-70))
    assert day.expected == D(50) + D(20) - D(70) + D("1.19")
    assert day.difference == D("-0.10")
    assert by_case(day) == {
        ("Anfangsbestand", "5"): D(50),
        ("DifferenzSollIst", "5"): D("-0.10"),
        ("Einzahlung", "5"): D(20),
        ("Geldtransit", "5"): D(-70),
        ("Umsatz", "1"): D("13.09"),
        ("Umsatz", "2"): D("10.70"),
    }
    assert by_tax(day) == {"1": D("13.09"), "2": D("10.70")}
    assert by_payment(day) == {("Bar", "EUR"): D("1.09"), ("ECKarte", "EUR"): D("22.60")}


def test_nothing_is_nothing() -> None:
    assert counted().totals() == CountedTotals(
        first_sequence=1,
        last_sequence=0,
        first_receipt="",
        last_receipt="",
        since=None,
        latest_at=None,
        documents=0,
        sales=ClosingGroup(),
        returns=ClosingGroup(),
        exchanges=ClosingGroup(),
        voids=0,
        orders=NO_ORDERS,
        opening=D(0),
        cash_in=D(0),
        cash_out=D(0),
        expected=D(0),
        difference=None,
        cases=(),
        taxes=(),
        payments=(),
        tenders=(),
        unsigned=(),
    )


def test_lines_without_a_tax_type_are_cases_but_no_turnover() -> None:
    totals = counted(
        a_document(1, a_line("5.00", "5", case="TrinkgeldAN"), a_line("11.90"), paid=[])
    ).totals()

    assert by_case(totals) == {("TrinkgeldAN", "5"): D(5), ("Umsatz", "1"): D("11.90")}
    assert by_tax(totals) == {"1": D("11.90")}


def test_drawer_events_are_no_turnover_whatever_the_law_says_of_their_lines() -> None:
    line = a_line("5.00", "5", tax_type="VAT")
    totals = counted(a_document(1, line, kind=DocumentKind.MOVEMENT)).totals()

    assert totals.taxes == ()
    assert totals.sales == totals.returns == ClosingGroup()


def test_one_rate_written_in_two_ways_is_one_total() -> None:
    lines = [a_line("11.90"), a_line("11.90", percentage=D("19.00"))]
    totals = counted(a_document(1, *lines)).totals()

    assert totals.taxes == (TaxTotal(tax_code="1", percentage=D(19), net=D(20), vat=D("3.80")),)
    assert totals.cases == (
        CaseTotal(case="Umsatz", tax_code="1", percentage=D(19), net=D(20), vat=D("3.80")),
    )


@pytest.mark.parametrize("sign", [1, -1])
def test_an_exchange_is_neither_a_sale_nor_a_return(sign: int) -> None:
    lines = [a_line(f"{sign * D('-11.90')}"), a_line(f"{sign * D('23.80')}")]
    draft = Draft(kind=DocumentKind.CORRECTION, is_exchange=True)
    totals = counted(
        a_document(1, *lines, paid=[cash(f"{sign * D('11.90')}")], draft=draft),
    ).totals()

    assert totals.exchanges == ClosingGroup(count=1, gross=sign * D("11.90"), vat=sign * D("1.90"))
    assert (totals.sales, totals.returns) == (ClosingGroup(), ClosingGroup())


def test_a_report_over_a_closing_that_counted_no_tenders_shows_none() -> None:
    """Half of what was paid would be worse than the law's words for all of it."""
    paid = Draft(kind=DocumentKind.RECEIPT, payments=(_in_cash("1.00"),))
    newer = as_closing(counted(a_document(1, a_line("1.00"), draft=paid)).totals())
    older = replace(newer, tenders=())

    assert summed([newer, newer]).tenders[0].amount == D(2)
    assert summed([older, newer]).tenders == ()


def _in_cash(amount: str) -> Payment:
    return Payment(means=PaymentMeans.CASH, amount=D(amount))


def test_a_receipt_below_zero_is_a_return() -> None:
    totals = counted(a_sale(1, "-3.00")).totals()

    assert (totals.sales.count, totals.returns.count) == (0, 1)


def test_payments_are_kept_apart_by_type_name_and_currency() -> None:
    dollars = cash("9.20")
    dollars = replace(dollars, currency="USD", foreign_amount=D(10))
    own = replace(card("1.00"), name="Hauskarte")
    totals = counted(
        a_document(1, a_line("20.40"), paid=[cash("10.20"), dollars, own]),
        a_document(2, a_line("9.20"), paid=[replace(dollars, foreign_amount=D("10.50"))]),
        a_document(3, a_line("1.00"), paid=[card("1.00")]),
        a_document(4, a_line("1.00"), paid=[replace(cash("1.00"), currency="")]),
    ).totals()

    assert totals.payments == (
        PaymentTotal(type="Bar", amount=D("11.20"), currency="EUR", is_cash=True),
        PaymentTotal(
            type="Bar",
            amount=D("18.40"),
            currency="USD",
            foreign_amount=D("20.50"),
            is_cash=True,
        ),
        PaymentTotal(type="ECKarte", amount=D("1.00"), currency="EUR"),
        PaymentTotal(type="ECKarte", amount=D("1.00"), name="Hauskarte", currency="EUR"),
    )
    assert totals.expected == D("29.60")


def test_a_count_without_a_difference_was_counted_all_the_same() -> None:
    assert counted(moved(1, DocumentKind.COUNT, "0.00", "")).totals().difference == D(0)
    assert counted(a_sale(1)).totals().difference is None


# Laws that assess no payments, or print amounts without a sign.


def a_credit_note(sequence: int, *, paid: tuple[Payment, ...] = ()) -> Entry:
    """As Portugal prints it: positive, its lines on the debit side."""
    line = a_line("-11.90", case="")
    draft = Draft(kind=DocumentKind.CORRECTION, payments=paid)
    kind, body = a_document(sequence, line, kind=DocumentKind.CORRECTION, draft=draft)
    assert body.seal is not None
    seal = replace(body.seal, net=D(10), vat=D("1.90"), gross=D("11.90"))
    return kind, replace(body, seal=seal)


def a_drafted(sequence: int, gross: str, *paid: Payment, **more: Any) -> Entry:
    """A document without a seal of its own words: all is in the draft."""
    draft = counter.a_receipt(counter.a_line(gross), payments=paid, **more)
    body = a_body(EntryKind.DOCUMENT, sequence, intent=f"i-{sequence}", draft=draft)
    return EntryKind.DOCUMENT, body


def test_a_credit_note_printed_without_a_sign_lowers_turnover() -> None:
    back = Payment(means=PaymentMeans.CASH, amount=D("11.90"))
    totals = counted(a_credit_note(1, paid=(back,))).totals()

    assert totals.returns == ClosingGroup(count=1, gross=D("-11.90"), vat=D("-1.90"))
    assert by_tax(totals) == {"1": D("-11.90")}
    assert by_payment(totals) == {("cash", "EUR"): D("-11.90")}
    assert totals.expected == D("-11.90")


def test_the_lines_and_payments_of_the_draft_count_where_the_law_assesses_none() -> None:
    totals = counted(
        a_drafted(1, "2.46", Payment(means=PaymentMeans.CARD_DEBIT, amount=D("2.46"), name="x")),
        a_drafted(2, "1.23", Payment(means=PaymentMeans.OUTSTANDING, amount=D("1.23"))),
    ).totals()

    assert totals.sales == ClosingGroup(count=2, gross=D("3.69"), vat=D("0.69"))
    assert by_case(totals) == {("sale", "STANDARD"): D("3.69")}
    assert by_tax(totals) == {"STANDARD": D("3.69")}
    assert by_payment(totals) == {("card_debit", "EUR"): D("2.46")}
    assert totals.expected == D(0)


def test_change_given_back_comes_off_the_cash() -> None:
    totals = counted(
        a_drafted(
            1,
            "12.30",
            Payment(means=PaymentMeans.CARD_DEBIT, amount=D("10.00")),
            Payment(means=PaymentMeans.CASH, amount=D("5.00")),
        )
    ).totals()

    assert by_payment(totals) == {("card_debit", "EUR"): D(10), ("cash", "EUR"): D("2.30")}
    assert totals.expected == D("2.30")


def a_drawer_draft(sequence: int, kind: DocumentKind, purpose: LinePurpose, amount: str) -> Entry:
    value = abs(D(amount))
    line = DraftLine(
        direction=Direction.RETURN if D(amount) < 0 else Direction.SALE,
        text=purpose,
        quantity=D(1),
        unit_price=value,
        purpose=purpose,
        vat=StatedVat(code="NOT_TAXABLE", exclusive=value, inclusive=value),
    )
    paid = (Payment(means=PaymentMeans.CASH, amount=D(amount)),)
    draft = Draft(kind=kind, lines=(line,), payments=paid)
    return EntryKind.DOCUMENT, a_body(
        EntryKind.DOCUMENT, sequence, intent=f"i-{sequence}", draft=draft
    )


def test_the_drawer_is_counted_without_any_law() -> None:
    totals = counted(
        a_drawer_draft(1, DocumentKind.OPENING, LinePurpose.FLOAT, "50.00"),
        a_drawer_draft(2, DocumentKind.MOVEMENT, LinePurpose.TRANSIT, "-20.00"),
        a_drawer_draft(3, DocumentKind.COUNT, LinePurpose.DIFFERENCE, "0.50"),
    ).totals()

    assert (totals.opening, totals.cash_out, totals.expected) == (D(50), D(-20), D(30))
    assert totals.difference == D("0.50")
    assert (totals.taxes, totals.sales.count) == ((), 0)
    assert by_case(totals)["transit", "NOT_TAXABLE"] == D(-20)


def test_the_stated_totals_are_the_worth_of_a_document() -> None:
    kind, body = a_drafted(1, "2.46", totals=Stated(exclusive=D(2), amount=D(1), inclusive=D(3)))

    assert counted((kind, body)).totals().sales == ClosingGroup(count=1, gross=D(3), vat=D(1))


# Cancellations.


def test_a_document_cancelled_in_its_own_period_is_taken_out_again() -> None:
    kept, wrong = a_sale(2), a_sale(4, "5.95")
    totals = counted(kept, wrong, a_void(6, wrong[1].id)).totals()

    alone = counted(kept).totals()
    assert (totals.sales, totals.returns) == (alone.sales, ClosingGroup())
    assert (totals.cases, totals.taxes, totals.payments, totals.expected) == (
        alone.cases,
        alone.taxes,
        alone.payments,
        alone.expected,
    )
    assert (totals.documents, totals.voids) == (3, 1)


def test_a_document_of_an_earlier_period_counts_as_a_return_when_cancelled() -> None:
    wrong = a_sale(4, "11.90")
    void = a_void(6, wrong[1].id)
    count = counted(first=5)
    count.add(*void, wrong[1])
    totals = count.totals()

    assert totals.sales == ClosingGroup()
    assert totals.returns == ClosingGroup(count=1, gross=D("-11.90"), vat=D("-1.90"))
    assert by_payment(totals) == {("Bar", "EUR"): D("-11.90")}
    assert by_tax(totals) == {"1": D("-11.90")}


def test_a_cancelled_return_of_an_earlier_period_counts_as_a_sale() -> None:
    back = a_document(4, a_line("-11.90"), paid=[cash("-11.90")], kind=DocumentKind.CORRECTION)
    count = counted(first=5)
    count.add(*a_void(6, back[1].id), back[1])

    assert count.totals().sales == ClosingGroup(count=1, gross=D("11.90"), vat=D("1.90"))


def test_a_document_of_another_register_is_never_taken_out_here() -> None:
    wrong = a_sale(4, chain="elsewhere")
    count = counted(a_sale(2))
    count.add(*a_void(6, wrong[1].id), wrong[1])
    totals = count.totals()

    assert (totals.sales.count, totals.returns.count) == (1, 1)


@pytest.mark.parametrize("original", [None, a_sale(1, is_training=True)[1]])
def test_a_void_of_nothing_that_counted_is_a_void_only(original: Any) -> None:
    count = counted(a_sale(2))
    count.add(*a_void(3, "x"), original)

    assert (count.totals().sales, count.totals().voids) == (counted(a_sale(2)).totals().sales, 1)


def test_training_is_counted_in_nothing_but_the_number_of_documents() -> None:
    totals = counted(a_sale(1, is_training=True), an_abort(2, is_training=True)).totals()

    assert (totals.documents, totals.voids, totals.sales) == (2, 0, ClosingGroup())
    assert (totals.cases, totals.payments, totals.latest_at) == ((), (), None)
    assert (totals.first_receipt, totals.last_receipt) == ("i-1", "i-2")


def test_entries_come_in_order_and_from_one_register() -> None:
    count = counted(a_sale(5))
    for kind, body in (a_sale(5), a_sale(4), a_sale(6, chain="elsewhere")):
        with pytest.raises(AssertionError):
            count.add(kind, body)


# Parts and wholes.


@given(day=days(), cut=st.integers(0, 12))
def test_two_parts_of_a_period_are_the_whole(day: list[Entry], cut: int) -> None:
    part = counted(*day[:cut])
    rest = counted(*day[cut:], first=part.counted_to + 1, whole=1)
    part.merge(rest)

    assert part.totals() == counted(*day).totals()


@given(day=days(), cut=st.integers(1, 12), at=st.integers(1, 12))
def test_a_cancellation_in_a_later_part_takes_out_what_an_earlier_part_counted(
    day: list[Entry], cut: int, at: int
) -> None:
    cancelled = [body for kind, body in day[:at] if kind is EntryKind.DOCUMENT]
    entries = [*day, *(a_void(99, body.id) for body in cancelled[-1:])]
    by_id = {body.id: body for _, body in entries}
    part = counted(*entries[:cut])
    rest = counted(first=part.counted_to + 1, whole=1)
    for kind, body in entries[cut:]:
        rest.add(kind, body, by_id.get(body.refers))
    part.merge(rest)

    assert part.totals() == counted(*entries).totals()


def as_closing(totals: CountedTotals) -> Closing:
    members = {
        name: getattr(totals, name)
        for name in CountedTotals.__struct_fields__
        if name not in ("since", "latest_at")
    }
    return replace(CLOSING, since=totals.since or OPENED, **members)


@given(day=days(), cuts=st.lists(st.integers(0, 12), max_size=4))
def test_closings_add_up_to_their_documents_however_the_day_is_cut(
    day: list[Entry], cuts: list[int]
) -> None:
    marks = [0, *sorted(cut for cut in cuts if cut <= len(day)), len(day)]
    periods = [
        counted(*day[start:end], first=start + 1).totals()
        for start, end in itertools.pairwise(marks)
    ]
    whole = counted(*day).totals()
    total = summed(as_closing(period) for period in periods)

    for name in (
        "documents",
        "sales",
        "returns",
        "exchanges",
        "voids",
        "orders",
        "opening",
        "cash_in",
        "cash_out",
        "expected",
        "difference",
        "cases",
        "taxes",
        "payments",
        "tenders",
        "unsigned",
        "first_receipt",
        "last_receipt",
        "first_sequence",
        "last_sequence",
    ):
        assert getattr(total, name) == getattr(whole, name), name


@given(day=days())
def test_what_is_counted_is_what_the_documents_say(day: list[Entry]) -> None:
    totals = counted(*day).totals()
    every = [
        (body.draft.kind, body.seal)
        for kind, body in day
        if kind is EntryKind.DOCUMENT and body.draft and body.seal and not body.draft.is_training
    ]
    real = [(kind, seal) for kind, seal in every if kind is not DocumentKind.ORDER]
    sold = [
        seal
        for kind, seal in real
        if kind not in {DocumentKind.OPENING, DocumentKind.MOVEMENT, DocumentKind.COUNT}
    ]

    assert totals.documents == len(day)
    assert totals.orders.count == len(every) - len(real)
    assert totals.sales.count + totals.returns.count == len(sold)
    assert totals.sales.gross + totals.returns.gross == sum((s.gross for s in sold), D(0))
    assert sum(by_case(totals).values(), D(0)) == sum((seal.gross for _, seal in real), D(0))
    paid = [payment for _, seal in real for payment in seal.payments]
    assert sum(by_payment(totals).values(), D(0)) == sum((one.amount for one in paid), D(0))
    cash_paid = sum((one.amount for one in paid if one.is_cash), D(0))
    assert totals.expected + (totals.difference or D(0)) == cash_paid
    assert all(body.register == REGISTER for _, body in day)
