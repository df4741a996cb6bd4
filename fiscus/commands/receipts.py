"""`fiscus receipts`: the pages on which customers look at their receipts."""

import json
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
from fiscus.journal import read
from fiscus.model.amounts import money
from fiscus.model.kinds import EntryKind
from fiscus.model.records import EntryBody
from fiscus.registry import organizations, receipts
from fiscus.registry.receipts import ReceiptAddresses
from fiscus.store.connect import reading, writing
from fiscus.terminal import say

cli = typer.Typer(
    help="Receipts: the pages on which customers look at theirs.", no_args_is_help=True
)

OrganizationId = Annotated[str, typer.Option("--organization", help="Id of the organization.")]


@cli.command()
def on(organization: OrganizationId, data: DataDir = None) -> None:
    """Let receipts of an organization, and of all below it, have a page for customers."""
    _switched(organization, is_on=True, data=data)


@cli.command()
def off(organization: OrganizationId, data: DataDir = None) -> None:
    """Show no receipt of an organization, nor of any below it; what was printed stays as it is."""
    _switched(organization, is_on=False, data=data)


def _switched(organization: str, *, is_on: bool, data: DataDir) -> None:
    services = build(chosen_settings(data))
    with writing(services.engine) as tx:
        id_ = expect_organization(tx, organization)
        organizations.switch_receipts(tx, id_, is_on=is_on, at=services.clock(), by=operator())
        above = organizations.switched_off(tx, id_)
    print(_sentence(id_, above))


@cli.command()
def show(organization: OrganizationId, as_json: AsJson = False, data: DataDir = None) -> None:
    """Say whether receipts of an organization have a page, and who has switched them off."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        id_ = expect_organization(tx, organization)
        above = organizations.switched_off(tx, id_)
    if as_json:
        print(json.dumps({"organization": id_, "on": not above, "switched_off_by": above or None}))
        return
    print(_sentence(id_, above))
    if not services.receipts.are_offered:
        say.print("No address is handed out: FISCUS_PUBLIC_URL is not set.")


def _sentence(id_: str, above: str) -> str:
    if not above:
        return f"{id_}: receipts have a page."
    who = "" if above == id_ else f", because {above} above it has switched them off"
    return f"{id_}: receipts have no page{who}."


@cli.command("list")
def list_(
    organization: Annotated[
        str, typer.Option(help="Only receipts of this organization, not of those below it.")
    ] = "",
    limit: Limit = 20,
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """List the newest receipts with the addresses of their pages."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        if organization:
            expect_organization(tx, organization)
        newest = receipts.newest(tx, organization, limit)
        found = [_shown(services.receipts, tx, one) for one in newest]
    if as_json:
        print(json.dumps(found))
        return
    for one in found:
        print(f"{one['day']}  {one['number']}  {one['total']} {one['currency']}  {one['address']}")
    say.print(f"{len(found)} receipts.")


def _shown(addresses: ReceiptAddresses, tx: Connection, body: EntryBody) -> dict[str, Any]:
    """Without a public address the address is a path on this service."""
    assert body.seal is not None
    assert body.draft is not None
    return {
        "record": body.id,
        "organization": body.place.organization,
        "shop": organizations.read(tx, body.place.organization).name,
        "number": body.seal.number,
        "kind": body.draft.kind.value,
        "day": body.seal.day.isoformat(),
        "total": money(body.seal.gross),
        "currency": body.draft.currency,
        "is_cancelled": any(kind == EntryKind.VOID for kind, _ in read.about(tx, body.id)),
        "address": addresses.base + addresses.path(body.id),
    }
