"""What several commands share: their options, where settings come from, and how a secret is handed
over."""

import getpass
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from fiscus import logs, settings
from fiscus.model.faults import Code, Missing, Refused
from fiscus.registry import organizations
from fiscus.settings import Settings
from fiscus.terminal import say

EXISTS = Code("CLI-OUT-01", "this file is there already, and it may hold the only copy of a secret")

DataDir = Annotated[
    Path | None, typer.Option("--data", help="Data folder (else FISCUS_DATA_DIR, else .data).")
]
Out = Annotated[Path, typer.Option("--out", "-o", help="Where to write.")]
TaxpayerId = Annotated[
    str, typer.Option("--taxpayer", help="Id or tax number; not needed if there is only one.")
]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
SecretOut = Annotated[
    Path | None,
    typer.Option(
        "--out", help="Write it as JSON to a new file that only you can read, print nothing."
    ),
]


def day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        said = f"{text} is no day, which is YYYY-MM-DD such as 2026-03-31: {error}"
        raise typer.BadParameter(said) from None


_DURATION = re.compile(r"(0|[1-9][0-9]{0,5})([smhd]?)", re.ASCII)
_UNITS = {"": "seconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def grace_of(text: str) -> timedelta:
    """How long what was before stays good, as it is typed behind `--grace`."""
    said = _DURATION.fullmatch(text)
    if said is None:
        raise typer.BadParameter("such as 0, 90s, 30m, 24h or 7d", param_hint="--grace")
    return timedelta(**{_UNITS[said[2]]: int(said[1])})


def chosen_settings(data: Path | None, **changes: Any) -> Settings:
    """The settings of the environment, with what the command line says besides."""
    loaded = settings_of(data)
    for name in settings.strange_variables():
        say.print(f"[yellow]{name} is no setting and is ignored[/yellow]; see docs/settings.md.")
    given = {name: value for name, value in changes.items() if value is not None}
    return loaded.model_copy(update=given)


def settings_of(data: Path | None) -> Settings:
    """The settings of the environment and of the data folder, without a word about them."""
    if data is not None:
        os.environ["FISCUS_DATA_DIR"] = str(data)
    loaded = settings.load()
    logs.configure(loaded.log_level)
    return loaded


def expect_organization(tx: Connection, id_: str) -> str:
    """The id that is said behind `--organization`. Raises `Missing` if nobody has it."""
    try:
        return organizations.read(tx, id_).id
    except Missing as trouble:
        raise Missing(trouble.code, f"--organization {id_}") from None


def operator() -> str:
    """Who types the commands, as the history of keys has it."""
    try:
        return f"operator:{getpass.getuser()}"
    except (KeyError, OSError):  # a user without a name, as in many containers
        return f"operator:{os.getuid()}"


Show = Callable[[Mapping[str, Any]], None]


@contextmanager
def shown_once(
    out: Path | None, *, as_json: bool, words: str = "which is shown nowhere else"
) -> Iterator[Show]:
    """Hands over what cannot be shown again: call what it gives within the transaction. `words` say
    of a secret what else is known of it.

    With `out` it is on the disk before the transaction ends, so that no key is left whose secret
    nobody has; the file goes again if the transaction fails. Raises `Refused` if it is there.
    """
    told: list[Mapping[str, Any]] = []
    if out is None:
        yield told.append
        for values in told:
            _print(values, as_json=as_json)
        return
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(EXISTS, str(out)) from None
    try:
        with os.fdopen(handle, "w") as file:

            def write(values: Mapping[str, Any]) -> None:
                file.write(json.dumps(values) + "\n")
                file.flush()
                os.fsync(file.fileno())

            yield write
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    say.print(f"{out} holds the secret, {words}.")


def _print(values: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(values))
        return
    for name, value in values.items():
        print(f"{name:16} {value}")
