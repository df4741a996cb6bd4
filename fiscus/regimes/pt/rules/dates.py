"""When a document may be dated, and from which series it draws."""

from collections.abc import Iterator
from datetime import timedelta

from fiscus.model.documents import PaymentMeans
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.model.times import day, years_later
from fiscus.regimes.pt import workdays
from fiscus.regimes.pt.documents import document_type, is_document
from fiscus.regimes.pt.rates import TIMEZONE, issue_day
from fiscus.regimes.pt.rules.law import DESPACHO, SAFT, SERIES, rule
from fiscus.regimes.pt.series import (
    DELAY_WORKING_DAYS,
    has_good_name,
    is_of_training,
    series,
)

SUPPLY_AHEAD_MAX = timedelta(days=31)
DUE_YEARS_MAX = 10


@rule(
    Code("PT-DATE-01", "the document is dated before the last one of its series"),
    law=f"{DESPACHO}, 3.2.1 and 3.4.2",
)
def not_before_the_last(case: Case) -> Iterator[str]:
    if case.slot and case.slot.last_day and issue_day(case) < case.slot.last_day:
        yield "issued_at"


@rule(
    Code("PT-DATE-02", "the document is dated after today"),
    law=f"{DESPACHO}, 3.4.2",
)
def not_after_today(case: Case) -> Iterator[str]:
    at = case.draft.issued_at
    if at and at > case.at and is_document(case.draft) and issue_day(case) > day(case.at, TIMEZONE):
        yield "issued_at"


@rule(
    Code(
        "PT-DATE-03",
        "the document is dated before its series was registered; leave the time of issue out, or"
        " send it in time",
    ),
    law=SERIES,
)
def not_before_its_series(case: Case) -> Iterator[str]:
    """A series that is not registered yet begins today at the earliest."""
    if document_type(case.draft) is None:
        return
    opened_on = case.slot.opened_on if case.slot else day(case.at, TIMEZONE)
    if opened_on and issue_day(case) < opened_on:
        yield "issued_at"


@rule(
    Code(
        "PT-DATE-04",
        "the document is dated longer ago than an invoice may wait, which is five working days;"
        " date it today and state the day of supply",
    ),
    law="CIVA, art. 36 (1) a",
)
def not_later_than_the_law_allows(case: Case) -> Iterator[str]:
    """The delay counts from the supply, which was no later than the date that is claimed."""
    if document_type(case.draft) is None:
        return
    if day(case.at, TIMEZONE) > workdays.days_later(issue_day(case), DELAY_WORKING_DAYS):
        yield "issued_at"


@rule(
    Code(
        "PT-SUPPLY-01",
        "the day of supply is more than a year before the document, or more than 31 days after it",
    ),
    law="CIVA, art. 7 and art. 36 (1)",
)
def supply_is_near(case: Case) -> Iterator[str]:
    """The law names no such bounds: an invoice is due days after the supply, and an advance is paid
    before it. What lies further away is a slip of the pen, which would choose the rate."""
    day, on = issue_day(case), case.draft.supplied_on
    if on and not years_later(day, -1) <= on <= day + SUPPLY_AHEAD_MAX:
        yield "supplied_on"


@rule(
    Code(
        "PT-SUPPLY-02",
        "the day of delivery is more than a year away from the document, or something falls due"
        " before the document or more than ten years later",
    ),
    law=f"{SAFT}, DeliveryDate and SettlementDate",
)
def later_days_are_near(case: Case) -> Iterator[str]:
    day, delivery = issue_day(case), case.draft.delivery
    on = delivery.on if delivery else None
    if on and not years_later(day, -1) <= on <= years_later(day, 1):
        yield "delivery.on"
    for i, payment in enumerate(case.draft.payments):
        due = payment.on if payment.means is PaymentMeans.OUTSTANDING else None
        if due and not day <= due <= years_later(day, DUE_YEARS_MAX):
            yield f"payments[{i}].on"


@rule(
    Code(
        "PT-SERIES-01",
        "the name of the series is not 1 to 35 letters, digits and single separators between them",
    ),
    law=SERIES,
)
def series_has_a_good_name(case: Case) -> Iterator[str]:
    """Without a slot it looks at the draft: a bad name must not even reach the authority."""
    name = case.slot.series.name if case.slot else _wanted_name(case)
    if name is not None and not has_good_name(name):
        yield "series"


@rule(
    Code("PT-SERIES-02", "the series is not registered with the tax authority"),
    law=SERIES,
)
def series_is_registered(case: Case) -> Iterator[str]:
    if case.slot and not case.slot.series.validation_code:
        yield "series"


@rule(
    Code("PT-SERIES-03", "the name of the series ends in .F, which is kept for training documents"),
    law=f"{DESPACHO}, 2.3.3",
)
def training_ending_is_kept(case: Case) -> Iterator[str]:
    """In any letter case: the authority's names know none."""
    if not case.draft.is_training and is_of_training(case.draft.series):
        yield "series"


def _wanted_name(case: Case) -> str | None:
    wanted = series(case.draft, case.place)
    return wanted.name if wanted else None


DATES = (
    not_before_the_last,
    not_after_today,
    not_before_its_series,
    not_later_than_the_law_allows,
    supply_is_near,
    later_days_are_near,
    series_has_a_good_name,
    series_is_registered,
    training_ending_is_kept,
)
