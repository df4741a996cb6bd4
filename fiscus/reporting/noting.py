"""Notes reports with their records, in the transaction that seals them: no content, no message."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from fiscus.model.obligations import Obligation, ReportKind
from fiscus.model.places import ReportingMode, Taxpayer
from fiscus.model.records import EntryBody
from fiscus.model.times import micros_z
from fiscus.regimes import Regime
from fiscus.reporting import lines
from fiscus.reporting.lines import DOCUMENT_RANK, STATUS_RANK
from fiscus.reporting.states import ReportState
from fiscus.store.schema import OBLIGATION

StatedObligation = tuple[EntryBody, Obligation]


def owed(regime: Regime, taxpayer: Taxpayer, body: EntryBody) -> Iterator[Obligation]:
    """What a concluded record obliges its taxpayer to report, as it chose for the record's day.

    A change of what was told is always told the same way: `note` drops what is about a record that
    was not.
    """
    if regime.obligations is None:
        return
    for obligation in regime.obligations(body):
        if (
            not regime.has_reporting_choice
            or obligation.kind == ReportKind.STATUS
            or (body.seal and taxpayer.reports(body.seal.day) is ReportingMode.REALTIME)
        ):
            yield obligation


def note(tx: Connection, ids: Callable[[], str], stated: Iterable[StatedObligation]) -> None:
    """Note what records oblige to, and see to it that their lines are worked off."""
    told = list(stated)
    if not told:
        return
    rows = [_first(ids(), *one) for one in told if one[1].kind != ReportKind.STATUS]
    if rows:
        tx.execute(OBLIGATION.insert(), rows)
    changes = _statuses(tx, ids, [one for one in told if one[1].kind == ReportKind.STATUS])
    if changes:
        tx.execute(OBLIGATION.insert(), changes)
    at = {one.place.organization: one.at for one, _ in told}
    for line, organization in sorted(
        {(row["line"], row["organization"]) for row in rows + changes}
    ):
        lines.want(tx, line, organization, at[organization])


def _first(id_: str, body: EntryBody, obligation: Obligation) -> dict[str, Any]:
    numbered = body.numbered
    return {
        **_row(id_, body, obligation),
        "record": body.id,
        "cause": None,
        "line": numbered.series if numbered else body.chain,
        "number": numbered.number if numbered else body.sequence,
        "rank": DOCUMENT_RANK,
        "day": body.seal.day.isoformat() if body.seal else "",
    }


def _statuses(
    tx: Connection, ids: Callable[[], str], told: Sequence[StatedObligation]
) -> list[dict[str, Any]]:
    """They stand in the line of their document, behind it."""
    if not told:
        return []
    found = tx.execute(
        select(OBLIGATION).where(
            OBLIGATION.c.record.in_([body.refers for body, _ in told]),
            OBLIGATION.c.kind == ReportKind.DOCUMENT,
        )
    )
    documents = {(row.record, row.channel): row for row in found}
    return [
        {
            **_row(ids(), body, obligation),
            "record": body.refers,
            "cause": body.id,
            "line": document.line,
            "number": document.number,
            "rank": STATUS_RANK,
            "day": document.day,
        }
        for body, obligation in told
        if (document := documents.get((body.refers, obligation.channel))) is not None
    ]


def _row(id_: str, body: EntryBody, obligation: Obligation) -> dict[str, Any]:
    return {
        "id": id_,
        "organization": body.place.organization,
        "taxpayer": body.place.taxpayer,
        "channel": obligation.channel,
        "kind": obligation.kind,
        "content": obligation.content,
        "reason": "",
        "state": ReportState.PENDING,
        "attempts": 0,
        "failures": 0,
        "was_sent": 0,
        "created_at": micros_z(body.at),
    }
