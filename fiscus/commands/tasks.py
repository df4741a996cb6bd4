"""`fiscus tasks`: what waits in the outbox, what was given up, and what is done about it."""

import json
from enum import StrEnum
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from fiscus.app import build
from fiscus.commands.options import (
    AsJson,
    DataDir,
    Limit,
    chosen_settings,
    expect_organization,
    operator,
)
from fiscus.journal.statement import StatedTask
from fiscus.model.kinds import StatementKind
from fiscus.model.times import seconds_z
from fiscus.outbox import kinds, listing
from fiscus.outbox.listing import TaskView
from fiscus.outbox.queue import TaskState
from fiscus.registry import stating
from fiscus.store.connect import reading, writing
from fiscus.terminal import say

cli = typer.Typer(
    help="Tasks of the outbox: what waits, what was given up and why.", no_args_is_help=True
)

TaskIds = Annotated[list[str], typer.Argument(metavar="TASK...", help="Ids of dead tasks.")]

PAGE = 100


class ShownState(StrEnum):
    """Which tasks `fiscus tasks list` shows."""

    DEAD = "dead"
    WAITING = "waiting"
    ALL = "all"


class TaskAct(StrEnum):
    """What an operator did with a dead task, as the journal has it."""

    REVIVED = "revived"
    FORGOTTEN = "forgotten"


@cli.command("list")
def list_tasks(
    state: Annotated[ShownState, typer.Option(help="Which tasks.")] = ShownState.DEAD,
    kind: Annotated[str, typer.Option(help="Only tasks of this kind, such as export.")] = "",
    organization: Annotated[str, typer.Option(help="Only tasks of this organization.")] = "",
    after: Annotated[str, typer.Option(help="Only those behind the task with this id.")] = "",
    limit: Limit = PAGE,
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """List the tasks that were given up, or those that wait, in the order of their ids.

    The time is when the last attempt failed; of a task that waits, when the next one is due.
    """
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        if organization:
            expect_organization(tx, organization)
        found = listing.listed(
            tx,
            state=None if state is ShownState.ALL else TaskState(state.value),
            kind=kind,
            organization=organization or None,
            after=after,
            limit=limit + 1,
        )
    if kind and not found and kind not in kinds.names():
        known = ", ".join(kinds.names())
        raise typer.BadParameter(
            f"{kind} is no kind of task; there are {known}", param_hint="--kind"
        )
    shown = found[:limit]
    if as_json:
        print(json.dumps([_shown(one) for one in shown], indent=1))
    else:
        for one in shown:
            print(_line(one))
    more = f" There are more: --after {shown[-1].id}" if len(found) > limit else ""
    say.print(f"{len(shown)} tasks.{more}")


def _line(one: TaskView) -> str:
    when = one.failed_at if one.state is TaskState.DEAD else one.due_at
    told = seconds_z(when) if when else "-"
    return f"{one.id}  {one.state:7}  {one.kind:10}  {one.attempts}  {told}  {one.error}".rstrip()


@cli.command()
def show(
    task: Annotated[str, typer.Argument(help="Id of a task.")],
    data: DataDir = None,
) -> None:
    """Print all that is known of one task, as JSON. Exit code 1 if there is none with this id."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        print(json.dumps(_shown(listing.read(tx, task)), indent=1))


@cli.command()
def revive(tasks: TaskIds, data: DataDir = None) -> None:
    """Let dead tasks be tried again, at once and as often as new ones: all that are named, or none.

    Exit code 1 if one is not dead, or if what it was for has ended with it, as a failed export has:
    that is asked for anew.
    """
    services = build(chosen_settings(data))
    with writing(services.engine) as tx:
        for id_ in tasks:
            _state(tx, listing.revive(tx, id_, services.clock()), TaskAct.REVIVED)
    say.print(f"{len(tasks)} tasks are tried again.")


@cli.command()
def forget(tasks: TaskIds, data: DataDir = None) -> None:
    """Take dead tasks from the list: all that are named, or none. What they were for is never done.

    Exit code 1 if one is not dead.
    """
    services = build(chosen_settings(data))
    with writing(services.engine) as tx:
        for id_ in tasks:
            _state(tx, listing.forget(tx, id_), TaskAct.FORGOTTEN)
    say.print(f"{len(tasks)} tasks are forgotten.")


def _state(tx: Connection, task: TaskView, act: TaskAct) -> None:
    """In the organization's own chain; what is the installation's own, in the installation's."""
    stating.stating(tx).state(
        tx,
        StatementKind.TASK,
        organization=task.organization,
        by=operator(),
        task=StatedTask(task=task.id, kind=task.kind, act=act.value),
    )


def _shown(task: TaskView) -> dict[str, Any]:
    return {
        "id": task.id,
        "kind": task.kind,
        "lane": task.lane,
        "organization": task.organization,
        "state": task.state.value,
        "attempts": task.attempts,
        "attempts_max": task.attempts_max,
        "created_at": seconds_z(task.created_at),
        "due_at": seconds_z(task.due_at),
        "failed_at": seconds_z(task.failed_at) if task.failed_at else None,
        "error": task.error,
        "payload": task.payload,
    }
