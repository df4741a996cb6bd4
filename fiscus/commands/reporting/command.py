"""`fiscus reporting`: what authorities were told of documents, what they refused, and what is done
about it; and the months that a law wants reported (`months`)."""

import json
from datetime import date
from typing import Annotated, Any

import typer

from fiscus.app import build
from fiscus.commands.options import AsJson, DataDir, Limit, chosen_settings, day_of, operator
from fiscus.commands.reporting import months
from fiscus.exports import operator_files
from fiscus.model.times import seconds_z
from fiscus.reporting import acts, listing
from fiscus.reporting.listing import ReportFilter, ReportView
from fiscus.reporting.states import ReportState
from fiscus.services import Services
from fiscus.store.connect import reading, writing
from fiscus.terminal import say

cli = typer.Typer(
    help="Reports to tax authorities: what was told, what was refused and what helps.",
    no_args_is_help=True,
)

cli.command()(months.months)
cli.command()(months.declare)

PAGE = 100
RETRIED_TOGETHER = 200

Whose = Annotated[
    str, typer.Option("--taxpayer", help="Only those of this taxpayer, by id or tax number.")
]
Series = Annotated[str, typer.Option("--series", help="Only those of this series: name or id.")]
First = Annotated[str, typer.Option("--from", help="Only documents of this day or later.")]
Last = Annotated[str, typer.Option("--to", help="Only documents of this day or earlier.")]


@cli.command("list")
def list_(
    taxpayer: Whose = "",
    state: Annotated[
        list[ReportState] | None,
        typer.Option(help="Only those in this state; may be repeated."),
    ] = None,
    series: Series = "",
    first: First = "",
    last: Last = "",
    after: Annotated[str, typer.Option(help="Only those behind the report with this id.")] = "",
    limit: Limit = PAGE,
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """List reports, the oldest first: what waits, what was accepted or refused, by which words."""
    services = build(chosen_settings(data))
    which = _filter(services, taxpayer, tuple(state or ()), series, first, last)
    with reading(services.engine) as tx:
        found = listing.listed(tx, which, after=after, limit=limit + 1)
    shown = found[:limit]
    if as_json:
        print(json.dumps([_shown(one) for one in shown], indent=1))
    else:
        for one in shown:
            print(_line(one))
    more = f" There are more: --after {shown[-1].id}" if len(found) > limit else ""
    say.print(f"{len(shown)} reports.{more}")


@cli.command()
def show(
    report: Annotated[str, typer.Argument(metavar="REPORT", help="Id of a report.")],
    data: DataDir = None,
) -> None:
    """Print all that is known of one report, as JSON. Exit code 1 if there is none with this id."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        print(json.dumps(_shown(listing.read(tx, report)), indent=1))


@cli.command()
def retry(
    reports: Annotated[
        list[str] | None, typer.Argument(metavar="REPORT...", help="Ids of reports.")
    ] = None,
    refused: Annotated[
        bool, typer.Option("--refused", help="All that were refused, instead of naming them.")
    ] = False,
    taxpayer: Whose = "",
    series: Series = "",
    first: First = "",
    last: Last = "",
    data: DataDir = None,
) -> None:
    """Send reports again after what was wrong is mended: those that are named, or all refused ones.

    What waits for an answer is sent at once. Exit code 1 if one was accepted: it is not sent again.
    """
    if bool(reports) == refused:
        raise typer.BadParameter("name reports, or say --refused")
    services = build(chosen_settings(data))
    if reports:
        with writing(services.engine) as tx:
            for id_ in reports:
                acts.retry(tx, id_, by=operator(), at=services.clock())
        count = len(reports)
    else:
        states = (ReportState.REFUSED,)
        count = _retry_all(services, _filter(services, taxpayer, states, series, first, last))
    say.print(f"{count} reports are sent again.")


@cli.command()
def delete(
    reports: Annotated[
        list[str], typer.Argument(metavar="REPORT...", help="Ids of accepted reports of documents.")
    ],
    reason: Annotated[str, typer.Option(help="Why, in 10 to 500 characters: it is sent along.")],
    data: DataDir = None,
) -> None:
    """Have the authority forget documents that it was told: all that are named, or none.

    The documents themselves stay issued. What was deleted may be told anew with retry.
    """
    services = build(chosen_settings(data))
    with writing(services.engine) as tx:
        for id_ in reports:
            made = acts.delete(tx, services.uuid7, id_, reason, by=operator(), at=services.clock())
            print(made)
    say.print(f"{len(reports)} deletions are ordered.")


def _retry_all(services: Services, which: ReportFilter) -> int:
    """Some in each transaction: there may be thousands."""
    after, count = "", 0
    while True:
        with writing(services.engine) as tx:
            found = listing.listed(tx, which, after=after, limit=RETRIED_TOGETHER)
            for one in found:
                acts.retry(tx, one.id, by=operator(), at=services.clock())
        if not found:
            return count
        after, count = found[-1].id, count + len(found)


def _filter(
    services: Services,
    taxpayer: str,
    states: tuple[ReportState, ...],
    series: str,
    first: str,
    last: str,
) -> ReportFilter:
    id_ = ""
    if taxpayer:
        with reading(services.engine) as tx:
            id_ = operator_files.taxpayer_of(tx, taxpayer).taxpayer.id
    return ReportFilter(
        taxpayer=id_, states=states, series=series, first=_day(first), last=_day(last)
    )


def _day(text: str) -> date | None:
    return day_of(text) if text else None


def _line(one: ReportView) -> str:
    record = f"{one.document_type} {one.series}/{one.number}".strip()
    said = f"{one.code} {one.words}".strip()
    return f"{one.id}  {one.state:8}  {one.kind:8}  {record}  {one.day or '-'}  {said}".rstrip()


def _shown(one: ReportView) -> dict[str, Any]:
    return {
        "id": one.id,
        "record": one.record,
        "organization": one.organization,
        "taxpayer": one.taxpayer,
        "channel": one.channel,
        "kind": one.kind,
        "state": one.state.value,
        "document_type": one.document_type,
        "series": one.series,
        "number": one.number,
        "day": one.day.isoformat() if one.day else None,
        "attempts": one.attempts,
        "may_have_arrived": one.was_sent,
        "code": one.code,
        "words": one.words,
        "reference": one.reference,
        "remedy": one.remedy.value if one.remedy else None,
        "help": one.help,
        "reason": one.reason,
        "created_at": seconds_z(one.created_at),
        "answered_at": seconds_z(one.answered_at) if one.answered_at else None,
    }
