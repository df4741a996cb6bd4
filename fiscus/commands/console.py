"""`fiscus console`: links for auditors, and who is signed in to the pages."""

import json
import os
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from fiscus.app import build, wall_clock
from fiscus.checking import lane, tickets
from fiscus.commands.options import (
    AsJson,
    DataDir,
    Limit,
    SecretOut,
    chosen_settings,
    day_of,
    expect_organization,
    operator,
    shown_once,
)
from fiscus.model.times import Period, seconds_z
from fiscus.registry import console_sessions, roles
from fiscus.registry.console_sessions import ConsoleSession, LinkWanted, SignInState
from fiscus.services import Services
from fiscus.store.connect import reading, writing
from fiscus.terminal import say

cli = typer.Typer(help="The pages that people look at.", no_args_is_help=True)

OfOrganization = Annotated[str, typer.Option(help="Id of the organization whose data is shown.")]


@cli.command()
def link(
    organization: OfOrganization,
    first: Annotated[str, typer.Option("--from", help="First day that is shown, YYYY-MM-DD.")],
    last: Annotated[str, typer.Option("--to", help="Last day that is shown, YYYY-MM-DD.")],
    role: Annotated[
        roles.Role, typer.Option(help="What it may show; links are for auditors.")
    ] = roles.Role.AUDITOR,
    out: SecretOut = None,
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """Make a link that opens once, within a week: whoever opens it sees the documents of these days
    for twelve hours, and changes nothing. The link is shown once."""
    if role is not roles.Role.AUDITOR:
        raise typer.BadParameter("links are for auditors: auditor", param_hint="--role")
    days = Period(first=day_of(first), last=day_of(last))
    if days.last < days.first:
        raise typer.BadParameter("the last day is before the first", param_hint="--to")
    services = build(chosen_settings(data))
    with shown_once(out, as_json=as_json) as show, writing(services.engine) as tx:
        wanted = LinkWanted(
            organization=expect_organization(tx, organization),
            first_day=days.first,
            last_day=days.last,
        )
        show(made(services, tx, wanted, by=operator()))


def made(services: Services, tx: Connection, wanted: LinkWanted, *, by: str) -> dict[str, Any]:
    session, token = console_sessions.make_link(
        tx,
        services.macs.credentials,
        wanted,
        id_=services.uuid4(),
        entropy=services.entropy,
        by=by,
        at=services.clock(),
    )
    return {
        "session": session.id,
        "opens_until": seconds_z(session.expires_at),
        "link": f"{services.settings.address()}/console/link/{token}",
    }


@cli.command()
def ticket(
    hours: Annotated[
        int, typer.Option(min=1, max=tickets.HOURS_MAX, help="For how many hours it is good.")
    ] = 24,
    data: DataDir = None,
) -> None:
    """Make a ticket: whoever opens its address may have one file checked by this server, without
    signing in. It shows nobody's data."""
    chosen = chosen_settings(data)
    folder = chosen.data_dir / lane.FOLDER / lane.TICKETS
    made = tickets.make(folder, hours=hours, at=wall_clock(), entropy=os.urandom)
    print(f"{chosen.address()}/check?ticket={made}")
    say.print(f"Good for one file, within {hours} hours.")


@cli.command("list")
def list_(
    organization: Annotated[str, typer.Option(help="Only those of this organization.")] = "",
    limit: Limit = 50,
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """List who signed in and which links were made, the newest first."""
    services = build(chosen_settings(data))
    at = services.clock()
    with reading(services.engine) as tx:
        within = [expect_organization(tx, organization)] if organization else None
        found = console_sessions.of(tx, within, before="", limit=limit)
    if as_json:
        print(json.dumps([_shown(one, one.state(at)) for one in found]))
        return
    for one in found:
        days = f"  {one.first_day} to {one.last_day}" if one.first_day else ""
        who = one.subject or "link"
        print(
            f"{one.id}  {one.state(at):8}  {one.role:9}  {seconds_z(one.created_at)}  {who}{days}"
        )
    say.print(f"{len(found)} sign-ins and links.")


def _shown(session: ConsoleSession, state: SignInState) -> dict[str, Any]:
    return {
        "id": session.id,
        "organization": session.organization,
        "kind": session.kind.value,
        "state": state.value,
        "role": session.role.value,
        "subject": session.subject or None,
        "first_day": session.first_day.isoformat() if session.first_day else None,
        "last_day": session.last_day.isoformat() if session.last_day else None,
        "created_at": seconds_z(session.created_at),
        "expires_at": seconds_z(session.expires_at),
        "ended_at": seconds_z(session.ended_at) if session.ended_at else None,
    }


@cli.command()
def end(
    session: Annotated[str, typer.Argument(help="Id of the session or link, as `list` shows it.")],
    data: DataDir = None,
) -> None:
    """Sign somebody out, or take a link back."""
    services = build(chosen_settings(data))
    with writing(services.engine) as tx:
        console_sessions.end(tx, session, by=operator(), at=services.clock())
    say.print(f"{session} has ended.")
