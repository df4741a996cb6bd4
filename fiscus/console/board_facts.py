"""What will stop somebody, and when: rows of what is wrong or will be, by the day from which it
matters."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from fiscus.problems import listing
from fiscus.problems.rows import ProblemKind, ProblemRow, ProblemScope, ProblemWeight
from fiscus.registry.organizations import OrganizationsWithin
from fiscus.services import Services
from fiscus.store.schema import ORGANIZATION

NOW = 0
DAYS = (NOW, 1, 7, 30, 90)
"""The groups of the board: what matters now, and within so many days."""

_RANK = {ProblemWeight.STOPS: 0, ProblemWeight.HARMS: 1, ProblemWeight.WARNS: 2}

_OF_PROOF = frozenset(
    {
        ProblemKind.FINDINGS,
        ProblemKind.UNVERIFIED,
        ProblemKind.VERIFIED_LONG_AGO,
        ProblemKind.HISTORY,
        ProblemKind.CHECKPOINT,
        ProblemKind.WITNESS_ALARM,
        ProblemKind.WITNESS_SILENT,
        ProblemKind.WITNESS_MEMORY,
        ProblemKind.WITNESS_NONE,
        ProblemKind.WATERMARK,
    }
)
_OF_REPORTS = frozenset(
    {ProblemKind.REPORTS_REFUSED, ProblemKind.REPORTS_WAIT, ProblemKind.REPORTS_PAUSED}
)
_OF_SERIES = frozenset({ProblemKind.SERIES_WAIT, ProblemKind.SERIES_UNREGISTERED})


@dataclass(frozen=True, kw_only=True)
class BoardRequest:
    """Who looks at the board. `organization` is the one whose rows are shown, with all below it if
    `is_with_below`. `registers`: a key that is limited to some sees rows of these alone.
    `is_operator`: it sees the rows of the installation too; `may_keys`: those of keys."""

    services: Services
    at: datetime
    organization: str
    is_with_below: bool = False
    registers: tuple[str, ...] = ()
    is_operator: bool = False
    may_keys: bool = False


@dataclass(frozen=True, kw_only=True)
class BoardRow:
    """A row, the name of its organization (empty: it is the installation's), and the page about it
    (empty: there is none)."""

    row: ProblemRow
    organization: str
    link: str


@dataclass(frozen=True, kw_only=True)
class BoardGroup:
    """What matters within so many days, the worst first; `days` 0: now."""

    days: int
    rows: tuple[BoardRow, ...]


def board(tx: Connection, asked: BoardRequest) -> tuple[BoardGroup, ...]:
    """All groups, also those without a row."""
    found = sorted(_rows(tx, asked), key=lambda row: _order(row, asked.at))
    names = _names(tx, {row.organization for row in found if row.organization})
    shown = [
        BoardRow(row=row, organization=names.get(row.organization, ""), link=_link(row))
        for row in found
    ]
    return tuple(
        BoardGroup(days=days, rows=tuple(one for one in shown if within(one.row, asked.at) == days))
        for days in DAYS
    )


def _rows(tx: Connection, asked: BoardRequest) -> Iterator[ProblemRow]:
    own: tuple[str, ...] | OrganizationsWithin = (asked.organization,)
    if asked.is_with_below:
        own = OrganizationsWithin(tx, asked.organization)
    scope = ProblemScope(
        services=asked.services,
        tx=tx,
        at=asked.at,
        organizations=own,
        registers=asked.registers,
    )
    if asked.is_operator:
        whole = ProblemScope(services=asked.services, tx=tx, at=asked.at)
        yield from listing.of_process(asked.services, listing.OPERATOR_PROCESS)
        yield from listing.of_database(whole, listing.OPERATOR)
    if asked.registers:
        yield from listing.of_database(scope, listing.REGISTERS)
        return
    yield from listing.of_database(scope, listing.ORGANIZATION)
    if asked.may_keys:
        yield from listing.of_database(scope, listing.KEYS)


def within(row: ProblemRow, at: datetime) -> int | None:
    """The group that a row is in; None for what is further away than any."""
    if row.is_due(at):
        return NOW
    assert row.due is not None, "what is not due has a day"
    left = row.due - at
    return next((days for days in DAYS if days and left <= timedelta(days=days)), None)


def _order(row: ProblemRow, at: datetime) -> tuple[int, datetime, str, str]:
    return _RANK[row.weight], row.due or row.since or at, row.kind.value, row.subject


def _names(tx: Connection, ids: set[str]) -> dict[str, str]:
    query = select(ORGANIZATION.c.id, ORGANIZATION.c.name).where(ORGANIZATION.c.id.in_(sorted(ids)))
    return {row.id: row.name for row in tx.execute(query)} if ids else {}


def _link(row: ProblemRow) -> str:
    if row.register:
        return f"/console/registers/{row.register}"
    if row.kind is ProblemKind.KEY_GRACE:
        return f"/console/keys/{row.id}"
    if row.kind in _OF_PROOF:
        return "/console/proof"
    if row.kind in _OF_REPORTS:
        return "/console/registers/reports"
    return "/console/registers/series" if row.kind in _OF_SERIES else ""
