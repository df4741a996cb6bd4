"""`fiscus taxpayers`: who owes the tax here, and how their documents are reported."""

import json
from typing import Annotated, Any

import typer
from sqlalchemy import select

from fiscus import regimes
from fiscus.app import build
from fiscus.commands.options import AsJson, DataDir, Limit, TaxpayerId, chosen_settings, operator
from fiscus.exports import operator_files
from fiscus.model.times import day
from fiscus.registry import taxpayers
from fiscus.registry.views import TaxpayerView
from fiscus.reporting import choice
from fiscus.services import Services
from fiscus.store.connect import reading, writing
from fiscus.store.schema import TAXPAYER
from fiscus.terminal import say

cli = typer.Typer(
    help="Taxpayers: who owes the tax here, and how their documents are reported.",
    no_args_is_help=True,
)

Named = Annotated[
    str, typer.Argument(metavar="TAXPAYER", help="Id or tax number; not needed if there is one.")
]
PAGE = 100


@cli.command("list")
def list_(
    after: Annotated[str, typer.Option(help="Only those behind the one with this id.")] = "",
    limit: Limit = PAGE,
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """List the taxpayers of all organizations in the order of their ids."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        query = select(TAXPAYER.c.id).where(TAXPAYER.c.id > after).order_by(TAXPAYER.c.id)
        found = [taxpayers.by_id(tx, id_) for id_ in tx.scalars(query.limit(limit + 1)).all()]
    shown = [_shown(services, one) for one in found[:limit]]
    if as_json:
        print(json.dumps(shown, indent=1))
    else:
        for one in shown:
            print(
                f"{one['id']}  {one['regime']:5}  {one['tax_number'] or '-':12}  "
                f"{one['state']:14}  {one['reporting'] or '-':8}  {one['name']}"
            )
    more = f" There are more: --after {shown[-1]['id']}" if len(found) > limit else ""
    say.print(f"{len(shown)} taxpayers.{more}")


@cli.command()
def show(taxpayer: Named = "", data: DataDir = None) -> None:
    """Print one taxpayer as JSON, without its secrets."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        print(json.dumps(_shown(services, operator_files.taxpayer_of(tx, taxpayer)), indent=1))


@cli.command("set")
def set_(
    reporting: Annotated[
        str,
        typer.Option(
            help="realtime: each document is told to the tax authority when it is issued. "
            "saft: the taxpayer hands in a file each month."
        ),
    ],
    taxpayer: TaxpayerId = "",
    data: DataDir = None,
) -> None:
    """Say how a taxpayer's documents are reported to the tax authority.

    It counts from this month on if nothing was issued in it yet, else from the next one on: no
    month is reported in two ways. Exit code 1 if the law of the taxpayer has no such choice.
    """
    services = build(chosen_settings(data))
    with writing(services.engine) as tx:
        now = operator_files.taxpayer_of(tx, taxpayer)
        mode = choice.understood(reporting, now.taxpayer.regime)
        changed = choice.choose(tx, services.vault, now, mode, by=operator(), at=services.clock())
    name = changed.taxpayer.legal_name
    say.print(f"{name} reports by {_standing(services, changed)}.")


def _standing(services: Services, view: TaxpayerView) -> str:
    """What counts today, and what will."""
    owner = view.taxpayer
    today = day(services.clock(), regimes.find(owner.regime).timezone)
    later = [
        f", from {term.since} on {term.mode}" for term in owner.reporting if term.since > today
    ]
    return f"{owner.reports(today)}{''.join(later)}"


def _shown(services: Services, view: TaxpayerView) -> dict[str, Any]:
    owner = view.taxpayer
    regime = regimes.find(owner.regime)
    return {
        "id": owner.id,
        "organization": owner.organization,
        "name": owner.legal_name,
        "regime": owner.regime,
        "tax_number": owner.facts.get(regime.tax_number, ""),
        "state": view.state.value,
        "mode": view.mode.value,
        "reporting": _standing(services, view) if regime.has_reporting_choice else "",
        "reporting_terms": [
            {"mode": term.mode.value, "since": term.since.isoformat()} for term in owner.reporting
        ],
        "metadata": dict(view.metadata),
    }
