"""`fiscus journal`: its fingerprint, keys, checkpoints and proofs."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Connection, select

from fiscus.app import build
from fiscus.commands.options import AsJson, DataDir, chosen_settings, operator
from fiscus.journal import checkpoint, encode
from fiscus.model.faults import Code, Missing, Unavailable
from fiscus.model.kinds import StatementKind
from fiscus.model.times import seconds_z
from fiscus.registry import chains, log, signers, stating
from fiscus.registry.witnesses import WitnessView
from fiscus.services import Services
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY, ORGANIZATION, REGISTER
from fiscus.terminal import say

cli = typer.Typer(
    help="The journal's fingerprint, keys, checkpoints and proofs.", no_args_is_help=True
)

NOTHING_YET = Code("CLI-JOURNAL-01", "no checkpoint has been signed yet")
NO_CHAIN = Code(
    "CLI-JOURNAL-02", "this is no register, no organization, and neither `root` nor `package`"
)
NOT_COVERED = Code(
    "CLI-JOURNAL-03", "no checkpoint covers this record yet: run `fiscus journal checkpoint` first"
)

Out = Annotated[Path | None, typer.Option("--out", "-o", help="Write it there, print nothing.")]


@cli.command()
def fingerprint(data: DataDir = None) -> None:
    """Print the installation's fingerprint: who has noted it can prove who wrote the journal."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        print(chains.fingerprint(tx))


@cli.command("checkpoint")
def checkpoint_(out: Out = None, data: DataDir = None) -> None:
    """Cover all entries with a checkpoint, and hand out the newest note: keep it elsewhere."""
    services = build(chosen_settings(data))
    log.sign(services.engine, services.vault, services.clock(), services.issuing.heads)
    with reading(services.engine) as tx:
        newest = checkpoint.newest(tx)
        if newest is None:
            raise Missing(NOTHING_YET)
        _hand_out(checkpoint.note_with_cosignatures(tx, newest).whole(), out)


@cli.command()
def proof(
    record: Annotated[str, typer.Argument(help="Id of the record.")],
    out: Out = None,
    data: DataDir = None,
) -> None:
    """Hand out the proof that a record is in the log: it is checked without this service."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        text = checkpoint.proof_of(tx, record)
    if text is None:
        raise Unavailable(NOT_COVERED, record)
    _hand_out(text, out)


def _hand_out(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text)
        return
    out.write_text(text)
    say.print(f"Written to {out}.")


@cli.command()
def keys(as_json: AsJson = False, data: DataDir = None) -> None:
    """List the keys that count in the journal: what each signs, from which entry on, and why."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        found = _keys(tx)
    if as_json:
        print(json.dumps(found))
        return
    for one in found:
        print(
            f"{one['id']}  {one['purpose']:12}  {one['of']}  from {one['first']:>7}  "
            f"{one['at']}  {one['reason']}"
        )
    say.print(f"{len(found)} keys.")


def _keys(tx: Connection) -> list[dict[str, Any]]:
    rows = tx.execute(
        select(ENTRY.c.kind, ENTRY.c.body)
        .where(ENTRY.c.kind == StatementKind.KEY)
        .order_by(ENTRY.c.at, ENTRY.c.id)
    )
    found = []
    for row in rows:
        body = encode.statement(row.kind, row.body)
        assert body.key is not None
        found.append(
            {
                "id": body.key.sha256[:32],
                "sha256": body.key.sha256,
                "purpose": body.key.purpose,
                "of": body.key.of,
                "epoch": body.key.epoch,
                "first": body.key.first,
                "reason": body.key.reason,
                "at": seconds_z(body.at),
                "by": body.by,
            }
        )
    return found


@cli.command()
def witnesses(as_json: AsJson = False, data: DataDir = None) -> None:
    """List the witnesses and memories of FISCUS_WITNESSES: what each has taken last, and when."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        found = services.witnesses.views(tx)
    if as_json:
        print(json.dumps([_witness(one) for one in found]))
        return
    for one in found:
        taken = f"size {one.size} at {seconds_z(one.signed_at)}" if one.signed_at else "nothing yet"
        print(f"{one.name}  {one.place}  {taken}")
        if trouble := one.alarm or one.error:
            print(trouble)
    say.print(f"{len(found)} witnesses and memories.")


def _witness(view: WitnessView) -> dict[str, Any]:
    return {
        "name": view.name,
        "place": view.place,
        "size": view.size,
        "asked_at": seconds_z(view.asked_at) if view.asked_at else None,
        "signed_at": seconds_z(view.signed_at) if view.signed_at else None,
        "error": view.error or None,
        "alarm": view.alarm or None,
        "disk": view.disk.value if view.disk else None,
    }


@cli.command("rotate")
def rotate_key(
    whose: Annotated[
        str, typer.Argument(help="Id of a register or an organization, or `root`, or `package`.")
    ],
    lost: Annotated[
        bool,
        typer.Option("--lost", help="The key before cannot sign any more: verify will name this."),
    ] = False,
    data: DataDir = None,
) -> None:
    """Make a new key of the journal; the one before vouches for it and signs no more.

    Old entries stay good. Running services take the new key with their next entry.
    """
    services = build(chosen_settings(data))
    with writing(services.engine) as tx:
        made = _rotated(tx, services, whose, is_lost=lost)
        is_root = whose == chains.ROOT
        told = chains.fingerprint(tx) if is_root else ""
    say.print(f"The new key is {made}.")
    if told:
        say.print(f"The installation's new fingerprint is {told}: note it beside the one before.")


def _rotated(tx: Connection, services: Services, whose: str, *, is_lost: bool) -> str:
    by = operator()
    if whose == chains.ROOT:
        return stating.stating(tx).rotate(tx, "", by=by, is_lost=is_lost)
    if whose == signers.PACKAGE:
        return signers.rotate_package_key(
            tx, services.vault, by=by, at=services.clock(), is_lost=is_lost
        )
    if tx.scalar(select(ORGANIZATION.c.id).where(ORGANIZATION.c.id == whose)):
        return stating.stating(tx).rotate(tx, whose, by=by, is_lost=is_lost)
    if tx.scalar(select(REGISTER.c.id).where(REGISTER.c.id == whose)):
        return signers.rotate_register_key(
            tx, services.vault, whose, by=by, at=services.clock(), is_lost=is_lost
        )
    raise Missing(NO_CHAIN, "whose")
