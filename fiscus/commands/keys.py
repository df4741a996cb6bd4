"""`fiscus keys`: the API keys, and the keys that a law wants from us."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from fiscus import regimes
from fiscus.app import build
from fiscus.commands.options import (
    AsJson,
    DataDir,
    SecretOut,
    chosen_settings,
    grace_of,
    operator,
    shown_once,
)
from fiscus.issuing.law_keys import seal_key_name
from fiscus.model.times import seconds_z
from fiscus.regimes import KeyOwner, Regime
from fiscus.registry import bootstrap, keys, organizations, signers, taxpayers
from fiscus.registry.roles import Role
from fiscus.registry.views import KeyState, Subject
from fiscus.store.connect import reading, writing
from fiscus.terminal import say

cli = typer.Typer(help="API keys, and the keys that a law wants from us.", no_args_is_help=True)

Law = Annotated[str, typer.Argument(help="Whose law: a regime's code, such as pt.")]
Taxpayer = Annotated[
    str, typer.Option(help="Whose key, by id, where the law wants one of each taxpayer.")
]
Key = Annotated[str, typer.Argument(help="Id of the subject, or its key.")]

_NAME = re.compile(r"[a-z0-9-]{3,30}", re.ASCII)


@cli.command("list")
def list_(
    organization: Annotated[str, typer.Option(help="Only the keys of this organization.")] = "",
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """List the API keys with their roles and states. Secrets are never shown."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        found = [one for one in keys.all_(tx) if organization in ("", one.organization)]
    if as_json:
        print(json.dumps([_shown(one) for one in found]))
        return
    for one in found:
        print(f"{one.id}  {one.state:8}  {one.role:9}  {one.organization}  {one.name}")
    say.print(f"{len(found)} keys.")


def _shown(subject: Subject) -> dict[str, Any]:
    return {
        "id": subject.id,
        "organization": subject.organization,
        "name": subject.name,
        "key": subject.key,
        "role": subject.role.value,
        "systems": list(subject.systems),
        "state": subject.state.value,
        "created_at": seconds_z(subject.created_at),
        "secrets_made": subject.generation,
        "previous_until": _moment(subject.previous_until),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else seconds_z(at)


def _with_secret(subject: Subject, secret: str) -> dict[str, Any]:
    return {
        "organization_id": subject.organization,
        "subject_id": subject.id,
        "role": subject.role.value,
        "key": subject.key,
        "secret": secret,
        "api_key": keys.in_one_word(bootstrap.PLATFORM, subject.key, secret),
    }


@cli.command()
def create(
    name: Annotated[str, typer.Argument(help="Its name: small letters, digits, hyphens.")],
    organization: Annotated[str, typer.Option(help="Id of the organization it is for.")],
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.MANAGER,
    system: Annotated[
        list[str] | None,
        typer.Option(help="Id of a system that a till's key is limited to; may be repeated."),
    ] = None,
    out: SecretOut = None,
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """Make an API key. The secret is shown once."""
    if not _NAME.fullmatch(name):
        raise typer.BadParameter("3 to 30 small letters, digits and hyphens", param_hint="NAME")
    services = build(chosen_settings(data))
    with shown_once(out, as_json=as_json) as show, writing(services.engine) as tx:
        found = organizations.read(tx, organization)
        systems = keys.limits(tx, found.id, role, system or [])
        wanted = keys.NewKey(organization=found.id, name=name, role=role, systems=systems)
        subject, secret = keys.create(
            tx,
            services.macs.credentials,
            wanted,
            id_=services.uuid4(),
            entropy=services.entropy,
            environment=services.settings.environment.value,
            by=operator(),
            at=services.clock(),
        )
        show(_with_secret(subject, secret))


@cli.command()
def disable(key: Key, as_json: AsJson = False, data: DataDir = None) -> None:
    """Stop an API key: within a second nothing it was used for opens anything, in any process."""
    _moved(key, KeyState.DISABLED, as_json=as_json, data=data)


@cli.command()
def enable(key: Key, as_json: AsJson = False, data: DataDir = None) -> None:
    """Let a stopped API key open again what its role allows."""
    _moved(key, KeyState.ENABLED, as_json=as_json, data=data)


def _moved(key: str, state: KeyState, *, as_json: bool, data: Path | None) -> None:
    services = build(chosen_settings(data))
    with writing(services.engine) as tx:
        subject = keys.named(tx, key)
        subject = keys.update(tx, subject.id, state=state, by=operator(), at=services.clock())
        is_without = not keys.has_owner(tx, subject.organization)
    if as_json:
        print(json.dumps(_shown(subject)))
    else:
        print(f"{subject.id} {subject.name}: {subject.state}")
    if is_without and subject.role is Role.OWNER:
        say.print("No owner's key of its organization is enabled now; make one, or enable one.")


@cli.command()
def rotate(
    key: Key,
    grace: Annotated[
        str, typer.Option(help="How long the old secret stays good: 0, 90s, 30m, 24h, 7d.")
    ] = "24h",
    out: SecretOut = None,
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """Give an API key a new secret, shown once. The old one, and what it opened, stay good for the
    grace; the one before the old one is over at once."""
    length = grace_of(grace)
    services = build(chosen_settings(data))
    with shown_once(out, as_json=as_json) as show, writing(services.engine) as tx:
        at = services.clock()
        subject, secret = keys.rotate(
            tx,
            services.macs.credentials,
            keys.named(tx, key).id,
            until=at + length,
            entropy=services.entropy,
            by=operator(),
            at=at,
        )
        show(_with_secret(subject, secret) | {"previous_until": _moment(subject.previous_until)})


@cli.command("public")
def public_key(law: Law, taxpayer: Taxpayer = "", data: DataDir = None) -> None:
    """Print the public key that goes to the tax authority before anything is sealed with it."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        print(signers.public_pem(tx, seal_key_name(law, taxpayer)), end="")


def _owner(tx: Connection, regime: Regime, taxpayer: str) -> str:
    """Whose key it is: a taxpayer that is there, or nobody's, which is the installation's."""
    if (regime.key_owner is KeyOwner.TAXPAYER) is not bool(taxpayer):
        words = "always for a law whose keys are the taxpayers' own, and never for another"
        raise typer.BadParameter(words, param_hint="--taxpayer")
    if taxpayer:
        taxpayers.owner(tx, taxpayer)
    return taxpayer


@cli.command("import")
def import_key(
    law: Law,
    file: Annotated[Path, typer.Argument(help="The private key, PEM, unencrypted.", exists=True)],
    taxpayer: Taxpayer = "",
    data: DataDir = None,
) -> None:
    """Take over the private key that a law's documents are sealed with. It is kept encrypted."""
    regime = regimes.find(law)
    services = build(chosen_settings(data))
    with writing(services.engine) as tx:
        name = seal_key_name(law, _owner(tx, regime, taxpayer))
        signers.import_key(
            tx,
            services.vault,
            name,
            file.read_bytes(),
            regime.seal_key,
            services.clock(),
            operator(),
            regime.published_keys if services.settings.is_live else (),
        )
    say.print(f"The key of {regime.name} is in place; remove {file} from this machine.")
