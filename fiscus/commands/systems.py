"""`fiscus systems`: the registers that issue documents, and whether their own numbers count."""

import json
from typing import Annotated

import typer
from sqlalchemy import Connection, select

from fiscus.app import build
from fiscus.commands.options import AsJson, DataDir, Limit, chosen_settings, operator
from fiscus.exports import operator_files
from fiscus.model.faults import Code, Missing, Refused
from fiscus.model.places import NumberCheck
from fiscus.registry import registers, taxpayers
from fiscus.registry.registers import RegisterChange
from fiscus.registry.views import RegisterView
from fiscus.store.connect import reading, writing
from fiscus.store.schema import REGISTER
from fiscus.terminal import say

WHICH = Code("CLI-SYSTEM-01", "there are several systems: say which one")
NONE = Code("CLI-SYSTEM-02", "there is no such system")
PAGE = 100

cli = typer.Typer(
    help="Systems: the registers that issue documents, and whether their own numbers count.",
    no_args_is_help=True,
)


@cli.command("list")
def list_(
    after: Annotated[str, typer.Option(help="Only those behind the one with this id.")] = "",
    limit: Limit = PAGE,
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """List the systems of all organizations in the order of their ids."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        found = _registers(tx, after=after, limit=limit + 1)
    shown = [_shown(one) for one in found[:limit]]
    if as_json:
        print(json.dumps(shown, indent=1))
    else:
        for one in shown:
            print(f"{one['id']}  {one['state']:14}  numbers {one['numbers']:8}  {one['name']}")
    more = f" There are more: --after {shown[-1]['id']}" if len(found) > limit else ""
    say.print(f"{len(shown)} systems.{more}")


@cli.command("set")
def set_(
    numbers: Annotated[
        NumberCheck,
        typer.Option(
            help="compare: a document is refused if the number that its till states is not the "
            "next one. ignore: what the till states is kept as its reference, whatever it is."
        ),
    ],
    system: Annotated[
        str, typer.Option("--system", help="Id of the system; not needed if there is only one.")
    ] = "",
    data: DataDir = None,
) -> None:
    """Say what is done about the numbers that a till states of its documents.

    It counts for laws that number each series, and may be said while the system sells. The number
    that counts is always ours: till programs find it in the header X-Document-Number.
    """
    services = build(chosen_settings(data))
    with writing(services.engine) as tx:
        now = _register_of(tx, system)
        organization = taxpayers.owner(tx, now.taxpayer)
        registers.update(
            tx,
            organization,
            now,
            RegisterChange(numbers=numbers),
            subject=operator(),
            at=services.clock(),
        )
    does = "are compared with ours" if numbers is NumberCheck.COMPARE else "are ignored"
    say.print(f"The numbers that system {now.register.id} states {does}.")


def _register_of(tx: Connection, wanted: str) -> RegisterView:
    """By id, as any API family writes it; the only one there is, if none is named."""
    found = _registers(tx, only=operator_files.id_of(wanted), limit=2)
    if not found:
        raise Missing(NONE, "registers")
    if len(found) > 1:
        raise Refused(WHICH, "registers")
    return found[0]


def _registers(
    tx: Connection, *, limit: int, after: str = "", only: str = ""
) -> list[RegisterView]:
    """In the order of their ids; not the journals of online sales, which are no registers."""
    query = select(REGISTER.c.id).where(REGISTER.c.id != REGISTER.c.taxpayer, REGISTER.c.id > after)
    if only:
        query = query.where(REGISTER.c.id == only)
    ids = tx.scalars(query.order_by(REGISTER.c.id).limit(limit)).all()
    return [registers.by_id(tx, id_) for id_ in ids]


def _shown(view: RegisterView) -> dict[str, str]:
    return {
        "id": view.register.id,
        "name": view.register.name,
        "taxpayer": view.taxpayer,
        "location": view.location,
        "regime": view.regime,
        "state": view.state.value,
        "mode": view.mode.value,
        "numbers": view.register.numbers.value,
    }
