"""What the pages of exports show: whose files can be ordered, which were, how far they are, what
the journal says of each, and until when it is kept."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import Connection, select

from fiscus import formats, regimes
from fiscus.console import export_orders
from fiscus.console.export_orders import ExportOrder, FileChoice
from fiscus.exports import jobs, requests
from fiscus.exports import select as selecting
from fiscus.exports.jobs import ExportFile, ExportFilter, ExportType, RequestedPeriod
from fiscus.exports.states import ExportState
from fiscus.formats import FormatSource
from fiscus.journal import encode
from fiscus.journal.statement import Statement
from fiscus.model.faults import Missing
from fiscus.model.kinds import StatementKind
from fiscus.model.times import day, seconds_z
from fiscus.registry import keys, persons, registers, taxpayers
from fiscus.registry.views import RegisterView, TaxpayerView
from fiscus.store.artifacts import Artifacts
from fiscus.store.schema import ENTRY

PAGE = 25
REGISTERS_MAX = 500
"""How many registers the form offers; whoever has more names one by its id."""

_STATED_WITHIN = timedelta(minutes=1)
"""A job and what the journal says of it are of one transaction; their ids are this near."""

_STATED_MAX = 50


class ExportingTaxpayer(msgspec.Struct, frozen=True, kw_only=True):
    """Whose files can be ordered, and what: the kinds of files of its law, and its registers.
    `today` is the day in the law's time zone."""

    view: TaxpayerView
    choices: tuple[FileChoice, ...]
    registers: tuple[RegisterView, ...]
    timezone: str
    today: date

    @property
    def register_ids(self) -> frozenset[str]:
        return frozenset(one.register.id for one in self.registers)


class ShownExport(msgspec.Struct, frozen=True, kw_only=True):
    """A file of an export as a row of the list. `title` is the format's, empty for a package;
    `register` what a person calls the register, empty for all."""

    job: ExportFile
    title: str
    register: str
    is_here: bool
    is_expired: bool


class ExportOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal says of a file: who asked for it and when, when it was made, the digest and
    size that were stated then, and from how many chains. What is not stated is empty."""

    asked_by: str = ""
    asked_name: str = ""
    asked_at: datetime | None = None
    asked_sequence: int = 0
    made_at: datetime | None = None
    made_sequence: int = 0
    sha256: str = ""
    bytes: int = 0
    heads: int = 0


def taxpayer(
    tx: Connection, organization: str, only: Collection[str], at: datetime
) -> ExportingTaxpayer | None:
    """The organization's taxpayer; None if it has none. `only`: the registers that the visitor is
    limited to, none: all of them."""
    found = taxpayers.of(tx, organization, after="", limit=1)
    if not found:
        return None
    view = found[0]
    law = view.taxpayer.regime
    timezone = regimes.find(law).timezone
    offered = export_orders.choices(law)
    mine = registers.of(
        tx,
        organization,
        taxpayer=view.taxpayer.id,
        location=None,
        after="",
        limit=REGISTERS_MAX,
        only=only,
    )
    return ExportingTaxpayer(
        view=view,
        choices=tuple(one for one in offered if one.is_of_register) if only else offered,
        registers=tuple(mine),
        timezone=timezone,
        today=day(at, timezone),
    )


def order(
    tx: Connection,
    owner: ExportingTaxpayer,
    wanted: ExportOrder,
    *,
    id_: str,
    by: str,
    at: datetime,
) -> ExportFile:
    """Note the job and its task, as the APIs do. Raises `Refused`, `Missing` or `Unavailable`."""
    if wanted.choice.code not in set(ExportType):
        return _ask_format(tx, owner, wanted, id_=id_, by=by, at=at)
    return jobs.ask(
        tx,
        id_=id_,
        taxpayer=owner.view,
        register=wanted.register,
        type_=ExportType(wanted.choice.code),
        period=wanted.period,
        today=owner.today,
        by=by,
        at=at,
    )


def _ask_format(
    tx: Connection,
    owner: ExportingTaxpayer,
    wanted: ExportOrder,
    *,
    id_: str,
    by: str,
    at: datetime,
) -> ExportFile:
    since, after = selecting.bounds(wanted.period, owner.timezone)
    until = after - timedelta(microseconds=1)
    asked = requests.FormatRequest(
        organization=owner.view.taxpayer.organization,
        format=wanted.choice.code,
        register=wanted.register,
        since=since,
        until=until,
        asked=RequestedPeriod(since=seconds_z(since), until=seconds_z(until)),
    )
    window = requests.look(tx, asked, at)
    if window.until < window.since and window.format.reads is FormatSource.ARCHIVES:
        requests.expect_forwards(window.since, window.until)
    requests.judge(window)
    return requests.ask(tx, asked, window, id_=id_, by=by, at=at)


def listed(
    tx: Connection,
    artifacts: Artifacts,
    organization: str,
    wanted: ExportFilter,
    *,
    before: str,
    after: str,
    at: datetime,
) -> tuple[list[ShownExport], bool]:
    """A page of files, newest first, and whether there are more in the direction of reading."""
    found = jobs.newest_first(tx, organization, wanted, before=before, after=after, limit=PAGE + 1)
    has_more = len(found) > PAGE
    kept = (found[-PAGE:] if after else found[:PAGE]) if has_more else found
    names = _names(tx, organization, {job.register for job in kept if job.register})
    return [_shown(job, artifacts, names, at) for job in kept], has_more


def _names(tx: Connection, organization: str, ids: Collection[str]) -> Mapping[str, str]:
    if not ids:
        return {}
    found = registers.of(
        tx, organization, taxpayer=None, location=None, after="", limit=len(ids), only=ids
    )
    return {one.register.id: one.register.name or one.register.id for one in found}


def _shown(
    job: ExportFile, artifacts: Artifacts, names: Mapping[str, str], at: datetime
) -> ShownExport:
    is_expired = job.is_expired(at)
    has_file = job.state is ExportState.COMPLETED and bool(job.artifact)
    form = formats.installed().get(job.format)
    return ShownExport(
        job=job,
        title=form.title if form else job.format,
        register=names.get(job.register, job.register),
        is_here=has_file and not is_expired and artifacts.has(job.artifact),
        is_expired=is_expired,
    )


def one(
    tx: Connection,
    artifacts: Artifacts,
    organization: str,
    id_: str,
    wanted: ExportFilter,
    at: datetime,
) -> ShownExport:
    """A file by its id, if the visitor may see it: `wanted` has the registers and the days that the
    visitor is limited to. Raises `Missing`."""
    job = jobs.visible(tx, organization, id_, tuple(ExportType))
    is_of_days = (wanted.first is None or job.first >= wanted.first) and (
        wanted.last is None or job.last <= wanted.last
    )
    if not is_of_days or (wanted.registers and job.register not in wanted.registers):
        raise Missing(jobs.UNKNOWN_FILE)
    names = _names(tx, organization, {job.register} if job.register else ())
    return _shown(job, artifacts, names, at)


def file_name(job: ExportFile) -> str:
    """Under which name the file is handed over."""
    form = formats.installed().get(job.format)
    name = f"{job.format or job.type.value.lower()}_{job.first}_{job.last}"
    return f"{name}.{form.extension if form else 'zip'}"


def media_type(job: ExportFile) -> str:
    form = formats.installed().get(job.format)
    return form.media_type if form else "application/zip"


def origin(tx: Connection, job: ExportFile) -> ExportOrigin:
    """What the chain of the organization says of a file."""
    asked = _stated(tx, job, StatementKind.REQUEST, job.created_at)
    made = _stated(tx, job, StatementKind.EXPORT, job.completed_at) if job.completed_at else None
    found = ExportOrigin()
    if asked is not None:
        found = msgspec.structs.replace(
            found,
            asked_by=asked.by,
            asked_name=name_of(tx, job.organization, asked.by),
            asked_at=asked.at,
            asked_sequence=asked.sequence,
        )
    if made is not None and made.export is not None:
        found = msgspec.structs.replace(
            found,
            made_at=made.at,
            made_sequence=made.sequence,
            sha256=made.export.sha256,
            bytes=made.export.bytes,
            heads=len(made.export.heads),
        )
    return found


def _stated(tx: Connection, job: ExportFile, kind: StatementKind, at: datetime) -> Statement | None:
    """The entry about a job. Ids begin with their time, so only those of about that time are
    looked at."""
    rows = tx.execute(
        select(ENTRY.c.kind, ENTRY.c.body)
        .where(
            ENTRY.c.organization == job.organization,
            ENTRY.c.chain == job.organization,
            ENTRY.c.kind == kind,
            ENTRY.c.id.between(first_id(at - _STATED_WITHIN), first_id(at + _STATED_WITHIN)),
        )
        .order_by(ENTRY.c.id)
        .limit(_STATED_MAX)
    )
    for row in rows:
        said = encode.statement(row.kind, row.body)
        about = said.request or said.export
        if about is not None and about.file == job.id:
            return said
    return None


def first_id(at: datetime) -> str:
    """The least id that can have been given at this instant or later (UUIDv7, RFC 9562)."""
    millis = f"{max(0, int(at.timestamp() * 1000)):012x}"
    return f"{millis[:8]}-{millis[8:]}-7000-8000-000000000000"


def name_of(tx: Connection, organization: str, by: str) -> str:
    """What people call whoever did something: the name of a key or person of the organization;
    empty for a command, a chore, and for a key of somebody above."""
    found = keys.find(tx, by) or persons.find(tx, by)
    return found.name if found is not None and found.organization == organization else ""
