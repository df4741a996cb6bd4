"""Reports as people see them: which wait, which were refused, by which words, and what helps."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, func, or_, select, text

from fiscus.channels import Remedy
from fiscus.model.faults import Code, Missing
from fiscus.model.times import instant
from fiscus.registry.organizations import among
from fiscus.reporting.states import ReportState
from fiscus.store.schema import OBLIGATION, REPORT_PAUSE, SERIES, TAXPAYER

UNKNOWN_REPORT = Code("REPORT-FIND-01", "no report with this id is visible to you")

HELP: Mapping[Remedy, str] = {
    Remedy.DATA: "the data of the taxpayer or of the document are wrong: mend what the words name; "
    "what stands in the document itself is put right by another document; then retry",
    Remedy.ACCESS: "the authority does not let the taxpayer in: give it valid credentials with the "
    "permission for this service; all its reports go on by themselves then, or with a retry",
    Remedy.TIME: "time helps: it is sent again by itself",
    Remedy.PROGRAM: "the program or its settings are wrong: tell who maintains them; after an "
    "update retry",
}


class ReportView(msgspec.Struct, frozen=True, kw_only=True):
    """A report. `series` and `number` are the record's (empty and its sequence where it has none),
    `day` its date. `code`, `words` and `reference` are the authority's last; `words` also say why
    there was no answer. `remedy` is there for what was refused. Instants are UTC."""

    id: str
    record: str
    organization: str
    taxpayer: str
    channel: str
    kind: str
    state: ReportState
    document_type: str
    series: str
    number: int
    day: date | None
    attempts: int
    was_sent: bool
    remedy: Remedy | None
    code: str
    words: str
    reference: str
    reason: str
    created_at: datetime
    answered_at: datetime | None

    @property
    def help(self) -> str:
        """What is to be done about it; empty if nothing is."""
        return HELP[self.remedy] if self.remedy else ""


class ReportFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which reports; what is empty does not narrow. `series` is its name or id."""

    organization: str = ""
    taxpayer: str = ""
    states: tuple[ReportState, ...] = ()
    series: str = ""
    first: date | None = None
    last: date | None = None


_SHOWN = select(
    OBLIGATION,
    func.coalesce(SERIES.c.document_type, "").label("document_type"),
    func.coalesce(SERIES.c.name, "").label("series"),
).join(SERIES, SERIES.c.id == OBLIGATION.c.line, isouter=True)


def listed(tx: Connection, which: ReportFilter, *, after: str, limit: int) -> list[ReportView]:
    """Reports in the order of their ids, which is that of their records, behind `after`."""
    query = _SHOWN.where(OBLIGATION.c.id > after)
    if which.organization:
        query = query.where(OBLIGATION.c.organization == which.organization)
    if which.taxpayer:
        query = query.where(OBLIGATION.c.taxpayer == which.taxpayer)
    if which.states:
        query = query.where(OBLIGATION.c.state.in_(which.states))
    if which.series:
        query = query.where(or_(OBLIGATION.c.line == which.series, SERIES.c.name == which.series))
    if which.first:
        query = query.where(OBLIGATION.c.day >= which.first.isoformat())
    if which.last:
        query = query.where(OBLIGATION.c.day <= which.last.isoformat(), OBLIGATION.c.day != "")
    return [_view(row) for row in tx.execute(query.order_by(OBLIGATION.c.id).limit(limit))]


def read(tx: Connection, id_: str, organization: str = "") -> ReportView:
    """Raises `Missing` if there is none, or it is another organization's."""
    query = _SHOWN.where(OBLIGATION.c.id == id_)
    if organization:
        query = query.where(OBLIGATION.c.organization == organization)
    row = tx.execute(query).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_REPORT, id_)
    return _view(row)


def of_record(tx: Connection, record: str, refers: str = "") -> list[ReportView]:
    """What is told of a record, in the order in which it is told. What a record changes of another
    one (`refers`), as a cancellation does, is told of that one, and is found here by both."""
    mine = OBLIGATION.c.record == record
    if refers:
        mine |= (OBLIGATION.c.record == refers) & (OBLIGATION.c.cause == record)
    query = _SHOWN.where(mine)
    return [_view(row) for row in tx.execute(query.order_by(OBLIGATION.c.rank, OBLIGATION.c.id))]


class ReportPause(msgspec.Struct, frozen=True, kw_only=True):
    """A taxpayer that an authority does not let in, since when, and its words."""

    taxpayer: str
    organization: str
    name: str
    channel: str
    since: datetime
    words: str


class ReportCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many reports wait or are not known yet, since when the oldest, how many were refused, and
    who is not let in (the first few)."""

    waiting: int
    oldest: datetime | None
    refused: int
    pauses: tuple[ReportPause, ...]


PAUSES_SHOWN = 20

# As their indexes have it.
_IS_OPEN = text("state IN ('pending', 'unknown')")
_IS_REFUSED = text("state = 'refused'")


def counts(tx: Connection, organizations: Collection[str] | None = None) -> ReportCounts:
    """Of these organizations; None: of the whole installation, for its operator."""
    theirs, paused_theirs = (
        () if organizations is None else (among(column, organizations),)
        for column in (OBLIGATION.c.organization, TAXPAYER.c.organization)
    )
    waiting, oldest = tx.execute(
        select(func.count(), func.min(OBLIGATION.c.created_at)).where(_IS_OPEN, *theirs)
    ).one()
    refused = tx.scalar(select(func.count()).select_from(OBLIGATION).where(_IS_REFUSED, *theirs))
    paused = (
        select(REPORT_PAUSE, TAXPAYER.c.content, TAXPAYER.c.organization)
        .join(TAXPAYER, TAXPAYER.c.id == REPORT_PAUSE.c.taxpayer)
        .where(REPORT_PAUSE.c.is_lifted == 0, *paused_theirs)
        .order_by(REPORT_PAUSE.c.since, REPORT_PAUSE.c.taxpayer)
    )
    return ReportCounts(
        waiting=waiting,
        oldest=instant(oldest) if oldest else None,
        refused=refused or 0,
        pauses=tuple(
            ReportPause(
                taxpayer=row.taxpayer,
                organization=row.organization,
                name=msgspec.json.decode(row.content)["legal_name"],
                channel=row.channel,
                since=instant(row.since),
                words=row.answer,
            )
            for row in tx.execute(paused.limit(PAUSES_SHOWN))
        ),
    )


def _view(row: Any) -> ReportView:
    return ReportView(
        id=row.id,
        record=row.record,
        organization=row.organization,
        taxpayer=row.taxpayer,
        channel=row.channel,
        kind=row.kind,
        state=ReportState(row.state),
        document_type=row.document_type,
        series=row.series,
        number=row.number,
        day=date.fromisoformat(row.day) if row.day else None,
        attempts=row.attempts,
        was_sent=bool(row.was_sent),
        remedy=Remedy(row.remedy) if row.remedy else None,
        code=row.code or "",
        words=row.answer or "",
        reference=row.reference or "",
        reason=row.reason,
        created_at=instant(row.created_at),
        answered_at=instant(row.answered_at) if row.answered_at else None,
    )
