"""What is corrected and cancelled: what the rules let through, and what they refuse."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from fiscus.model.documents import Draft, DraftLine
from fiscus.model.records import Case, EntryBody
from fiscus.regimes.pt.months import ALLOWED, LATE_CANCELLATIONS
from fiscus.regimes.pt.tests.builders import (
    AT,
    SETTINGS,
    a_body,
    a_cancellation,
    a_case,
    a_credit,
    a_debit,
    a_draft,
    a_line,
    a_note_case,
    a_place,
    a_standing_note,
    a_vat,
    with_,
)

ELSEWHERE, YESTERDAY = "FT A/12", date(2026, 5, 3)


def chairs(gross_of_one: str = "12.30", quantity: str = "10") -> DraftLine:
    net = Decimal(gross_of_one) * Decimal(quantity) / Decimal("1.23")
    return a_line("Cadeira", quantity=quantity, vat=a_vat(str(net)), number="1")


TEN_CHAIRS = a_draft(chairs())
CHEAPER = a_credit(chairs("1.23"))
"""A tenth off the price of all of them: none comes back."""


def noted(draft: Draft, *before: Draft) -> Case:
    """A note on ten chairs, after others."""
    notes = tuple(a_standing_note(one, TEN_CHAIRS) for one in before)
    return a_note_case(draft, TEN_CHAIRS, notes=notes)


def back(quantity: str, gross_of_one: str = "12.30") -> Draft:
    return a_credit(chairs(gross_of_one, quantity))


def a_debit_note() -> EntryBody:
    return a_standing_note(a_debit())


def of_debit_note(draft: Draft, *before: Draft) -> Case:
    """A note on a debit note of 0.50 net for the first line of a receipt."""
    original = a_debit_note()
    notes = tuple(a_body(a_case(one, original=original), "r-3") for one in before)
    return a_case(draft, original=original, notes=notes)


def all_of_debit_note() -> Draft:
    return a_credit(a_line(net="0.50", quantity="1", number="1"))


def elsewhere(number: str = ELSEWHERE, on: date | None = YESTERDAY, **more: object) -> Draft:
    """A credit note on a document of another program."""
    line = a_line(net="1.00", quantity="1", number="1")
    return a_credit(line, **({"external_reference": number, "external_on": on} | more))


def beside(number: str, on: date | None = None, **original: str) -> Case:
    """A credit note that names its document twice."""
    note = a_credit(refers_to="r-1", external_reference=number, external_on=on)
    return a_note_case(note, a_draft(**original))


JANUARY = datetime(2026, 1, 12, 12, tzinfo=UTC)
ON_THE_5TH = datetime(2026, 2, 5, 23, 59, 59, tzinfo=UTC)


def cancelled(at: datetime, setting: str = "", **more: object) -> Case:
    """The cancellation of a document of January."""
    original = a_body(a_case(a_draft(issued_at=JANUARY), at=JANUARY))
    settings = SETTINGS | ({LATE_CANCELLATIONS: setting} if setting else {})
    return a_case(a_cancellation(), at=at, original=original, settings=settings, **more)


AT_ONCE = JANUARY + timedelta(hours=1)
PRACTICE = a_body(a_case(a_draft(issued_at=JANUARY, is_training=True), at=JANUARY))

GOOD = {
    "a price that is corrected": noted(CHEAPER),
    "two returned after their price was corrected": noted(back("2"), CHEAPER),
    "two returned at their new price": noted(back("2", "11.07"), CHEAPER),
    "all returned at their new price": noted(back("10", "11.07"), CHEAPER),
    "a price that is corrected twice": noted(CHEAPER, CHEAPER),
    "a price that is corrected of what is left": noted(back("8", "1.23"), back("2")),
    "a credit of a debit note": of_debit_note(all_of_debit_note()),
    "a document of another program": a_case(elsewhere()),
    "a debit note on one": a_case(
        a_debit(a_line(net="0.50"), external_reference="1FT A2025/0012", external_on=YESTERDAY)
    ),
    "one of the same day": a_case(elsewhere(on=AT.date())),
    "one at a rate of its day": a_case(
        a_credit(
            a_line(vat=a_vat("1.00", "5", "REDUCED_2")),
            external_reference=ELSEWHERE,
            external_on=date(2024, 9, 30),
        ),
        place=a_place("9000-001"),
    ),
    "a record with its own number": beside("FR T01-2026/17", AT.date()),
    "a record with the caller's number": beside("7", reference="7"),
    "a record with the caller's series": beside("T01-2026/7", reference="7"),
    "a cancellation at once": cancelled(AT_ONCE),
    "a cancellation on the 5th": cancelled(ON_THE_5TH),
    "a late cancellation that was agreed": cancelled(AT, ALLOWED, is_original_declared=True),
    "a late cancellation of practice": a_case(
        a_cancellation(is_training=True), original=PRACTICE, is_original_declared=True
    ),
}

QUANTITY, VALUE = "lines[0].quantity", "lines[0].vat.exclusive"

BROKEN = (
    (
        "PT-PRODUCT-01",
        a_case(
            with_(
                elsewhere(), lines=(with_(elsewhere().lines[0], product="P1", text="Chá preto"),)
            ),
            remembered={"P1": "Chá"},
        ),
        ("lines[0].text",),
    ),
    (
        "PT-PRODUCT-01",
        a_note_case(a_debit(a_line("Portes", product="P1")), remembered={"P1": "Transporte"}),
        ("lines[0].text",),
    ),
    ("PT-NOTE-09", noted(back("11")), (QUANTITY, VALUE)),
    ("PT-NOTE-09", noted(back("11", "1.23")), (QUANTITY,)),
    ("PT-NOTE-09", noted(back("10"), CHEAPER), (VALUE,)),
    ("PT-NOTE-09", noted(back("10", "1.23"), back("2")), (QUANTITY,)),
    ("PT-NOTE-09", noted(back("9"), back("2")), (QUANTITY, VALUE)),
    ("PT-NOTE-10", noted(back("10"), CHEAPER), ("totals.inclusive",)),
    ("PT-NOTE-02", of_debit_note(a_debit()), ("refers_to",)),
    ("PT-NOTE-04", of_debit_note(all_of_debit_note(), all_of_debit_note()), ("refers_to",)),
    (
        "PT-NOTE-09",
        of_debit_note(a_credit(a_line(net="0.60", quantity="1", number="1"))),
        (VALUE,),
    ),
    ("PT-NOTE-13", a_case(elsewhere("A-12")), ("external_reference",)),
    ("PT-NOTE-13", a_case(elsewhere("FT A/B/12")), ("external_reference",)),
    ("PT-NOTE-13", a_case(elsewhere("FT  A/12")), ("external_reference",)),
    ("PT-NOTE-13", a_case(elsewhere("FT A/12 ")), ("external_reference",)),
    ("PT-NOTE-13", a_case(elsewhere("FT A/")), ("external_reference",)),
    ("PT-NOTE-13", a_case(elsewhere("FT " + "A" * 55 + "/12")), ("external_reference",)),
    ("PT-NOTE-13", a_case(elsewhere(on=None)), ("external_on",)),
    ("PT-NOTE-14", a_case(elsewhere(on=date(2026, 5, 5))), ("external_on",)),
    ("PT-NOTE-15", a_case(elsewhere(), is_external_ours=True), ("external_reference",)),
    ("PT-NOTE-16", beside("FR T01-2026/18"), ("external_reference",)),
    ("PT-NOTE-16", beside("FR T01-2026/17", YESTERDAY), ("external_on",)),
    (
        "PT-NOTE-17",
        a_case(with_(a_draft(), external_reference=ELSEWHERE)),
        ("external_reference",),
    ),
    ("PT-VOID-04", cancelled(ON_THE_5TH + timedelta(seconds=1)), ("refers_to",)),
    ("PT-VOID-04", cancelled(datetime(2026, 11, 9, tzinfo=UTC)), ("refers_to",)),
    ("PT-VOID-04", cancelled(datetime(2026, 11, 9, tzinfo=UTC), "refused"), ("refers_to",)),
    ("PT-VOID-04", cancelled(AT_ONCE, is_original_declared=True), ("refers_to",)),
)
