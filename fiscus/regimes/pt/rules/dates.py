"""When a document may be dated, and from which series it draws."""

from collections.abc import Iterator

from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.model.times import day
from fiscus.regimes.pt.documents import is_document
from fiscus.regimes.pt.rates import TIMEZONE, issue_day
from fiscus.regimes.pt.rules.law import DESPACHO, SERIES, rule
from fiscus.regimes.pt.series import TRAINING_END, has_good_name, series


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
    if not case.draft.is_training and case.draft.series.endswith(TRAINING_END):
        yield "series"


def _wanted_name(case: Case) -> str | None:
    wanted = series(case.draft, case.place)
    return wanted.name if wanted else None


DATES = (
    not_before_the_last,
    not_after_today,
    series_has_a_good_name,
    series_is_registered,
    training_ending_is_kept,
)
