"""`fiscus reporting months` and `declare`: the calendar months that a law wants reported."""

import json
from datetime import date
from typing import Annotated, Any

import typer

from fiscus.app import build
from fiscus.commands.options import AsJson, DataDir, Limit, TaxpayerId, chosen_settings, operator
from fiscus.exports import operator_files
from fiscus.model.times import seconds_z
from fiscus.reporting import declaring, month_listing
from fiscus.reporting import months as calendar
from fiscus.reporting.month_listing import MonthFilter
from fiscus.reporting.months import DeclarationType, MonthState, MonthView
from fiscus.services import Services
from fiscus.store.connect import reading, writing
from fiscus.terminal import say

PAGE = 100


def months(
    taxpayer: Annotated[
        str, typer.Option("--taxpayer", help="Only those of this taxpayer, by id or tax number.")
    ] = "",
    state: Annotated[
        list[MonthState] | None,
        typer.Option(help="Only those in this state; may be repeated."),
    ] = None,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only those that are overdue.")
    ] = False,
    year: Annotated[int, typer.Option(min=0, max=9999, help="Only those of this year.")] = 0,
    after: Annotated[
        str, typer.Option(help="Only those behind this one, as a page before says it.")
    ] = "",
    limit: Limit = PAGE,
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """List the months that are over, where the law wants each reported, and what is to be done.

    Overdue means that the day has passed by which the law wants it.
    """
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        which = MonthFilter(
            taxpayer=_id(services, taxpayer) if taxpayer else "",
            states=tuple(state or ()),
            year=year,
            is_overdue=overdue,
        )
        at = services.clock()
        found = month_listing.listed(tx, which, at, after=after, limit=limit + 1)
    shown = found[:limit]
    if as_json:
        print(json.dumps([_shown(one) for one in shown], indent=1))
    else:
        for one in shown:
            _print(one)
    more = f" There are more: --after {month_listing.cursor(shown[-1])}" if found[limit:] else ""
    say.print(f"{len(shown)} months.{more}")


def declare(
    month: Annotated[str, typer.Argument(metavar="MONTH", help="YYYY-MM.")],
    type_: Annotated[
        DeclarationType | None,
        typer.Option(
            "--as",
            help="file: the month's file was handed in. no-invoicing: that there was none was "
            "declared to the authority.",
        ),
    ] = None,
    taxpayer: TaxpayerId = "",
    reference: Annotated[str, typer.Option(help="What the authority calls it by.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take back what was declared.")] = False,
    reason: Annotated[str, typer.Option(help="Why it is taken back: 10 to 500 characters.")] = "",
    data: DataDir = None,
) -> None:
    """Say that a month's file was handed in, or that it was declared to have no invoicing.

    This tells the authority nothing: it is for what a person has done there. It is kept in the
    journal.
    """
    if (type_ is None) is not undo or (undo and reference) or (reason and not undo):
        raise typer.BadParameter("say --as, maybe with --reference; or --undo with --reason")
    services, day = build(chosen_settings(data)), _month(month)
    id_, at = _id(services, taxpayer), services.clock()
    with writing(services.engine) as tx:
        if type_ is None:
            view = declaring.undo(tx, id_, day, reason, by=operator(), at=at)
        else:
            view = declaring.declare(
                tx, services.uuid7, id_, day, type_, reference=reference, by=operator(), at=at
            )
    _print(view)


def _id(services: Services, taxpayer: str) -> str:
    with reading(services.engine) as tx:
        return operator_files.taxpayer_of(tx, taxpayer).taxpayer.id


def _month(text: str) -> date:
    try:
        return calendar.named(text)
    except ValueError:
        said = f"{text} is no month, which is YYYY-MM such as 2026-03"
        raise typer.BadParameter(said) from None


def _print(one: MonthView) -> None:
    """One line for the month, and one below for what is to be done."""
    late = "overdue" if one.is_overdue else ""
    whose = one.owner.number or one.owner.taxpayer.id
    print(
        f"{calendar.name(one.month)}  {whose:12}  {one.mode:8}  {one.state:12}  due {one.due}  "
        f"{late}".rstrip()
    )
    if told := one.facts.declaration:
        by = f"{told.by}, {seconds_z(told.at)}"
        print(f"         {told.type}: {by}{told.reference and f', {told.reference}'}")
    if text := help_of(one):
        print(f"         {text}")


def help_of(one: MonthView) -> str:
    """What is to be done, with the commands spelled out; empty if nothing is."""
    whose = f"--taxpayer {one.owner.number or one.owner.taxpayer.id}"
    days, name = f"--from {one.month} --to {one.last_day}", calendar.name(one.month)
    declared = f"then fiscus reporting declare {name} {whose} --as"
    law = one.owner.law
    match one.state:
        case MonthState.OPEN:
            told = f"see fiscus reporting list {whose} {days}"
            text = f"{one.facts.untold} reports are not accepted: {told}"
        case MonthState.FILE_DUE:
            file = f"fiscus export {law.file} {whose} {days} --out {name}.xml"
            text = f"write the file with {file}, {law.hand_in}, {declared} file"
        case MonthState.NO_INVOICING:
            text = f"{law.declare}, {declared} no-invoicing"
        case _:
            return ""
    return f"{one.since} came after it was declared: {text}" if one.is_reopened else text


def _shown(one: MonthView) -> dict[str, Any]:
    told = one.facts.declaration
    return {
        "month": calendar.name(one.month),
        "taxpayer": one.owner.taxpayer.id,
        "tax_number": one.owner.number,
        "name": one.owner.taxpayer.legal_name,
        "reporting": one.mode.value,
        "state": one.state.value,
        "due": one.due.isoformat(),
        "overdue": one.is_overdue,
        "reopened": one.is_reopened,
        "reports_waiting": one.facts.waiting,
        "reports_refused": one.facts.refused,
        "reports_deleted": one.facts.deleted,
        "help": help_of(one),
        "declaration": told
        and {
            "type": told.type.value,
            "reference": told.reference,
            "at": seconds_z(told.at),
            "by": told.by,
        },
        "came_since": one.since,
    }
