"""`fiscus init` and `fiscus migrate`: what is done once before anything is sold."""

from typing import Annotated

import typer

from fiscus.app import build
from fiscus.commands.options import (
    AsJson,
    DataDir,
    SecretOut,
    chosen_settings,
    operator,
    shown_once,
)
from fiscus.model.faults import Code, Conflict
from fiscus.registry import bootstrap
from fiscus.store.connect import connect, writing
from fiscus.store.migrate import migrate as bring_up
from fiscus.terminal import say

cli = typer.Typer()

FOUNDED = Code("CLI-INIT-01", "there is an account already; say so to make one more")


@cli.command()
def init(
    account: Annotated[str, typer.Option(help="Name of the account.")] = "Account",
    group: Annotated[str, typer.Option(help="Name of the group below it.")] = "Group",
    another: Annotated[
        bool, typer.Option("--another", help="Make one more account beside those there are.")
    ] = False,
    out: SecretOut = None,
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """Make the first account, group and API key, an owner's. The secret is shown once."""
    services = build(chosen_settings(data))
    with shown_once(out, as_json=as_json) as show, writing(services.engine) as tx:
        if bootstrap.is_founded(tx) and not another:
            raise Conflict(FOUNDED, "--another")
        first = bootstrap.found(
            tx,
            services.macs.credentials,
            account=account,
            group=group,
            environment=services.settings.environment.value,
            ids=services.uuid4,
            entropy=services.entropy,
            by=operator(),
            at=services.clock(),
        )
        show({name: getattr(first, name) for name in first.__struct_fields__})


@cli.command()
def migrate(data: DataDir = None) -> None:
    """Bring the database to the newest schema; running it again changes nothing."""
    chosen = chosen_settings(data)
    chosen.make_folder()
    revision = bring_up(connect(chosen.url()))
    say.print(f"The database is at revision {revision}.")
