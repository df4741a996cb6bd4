"""`fiscus export`: one command for each installed format that can be written, and the journal."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from fiscus import formats
from fiscus.app import build
from fiscus.commands.options import (
    DataDir,
    Out,
    TaxpayerId,
    chosen_settings,
    day_of,
    operator,
)
from fiscus.commands.telling import counted, tell
from fiscus.exports import operator_files
from fiscus.formats import Format, FormatSource
from fiscus.model.times import Period
from fiscus.terminal import say

First = Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD.")]
Last = Annotated[str, typer.Option("--to", help="Last day, YYYY-MM-DD.")]
Checked = Annotated[bool, typer.Option(help="Check the file after writing it.")]


def _of_records(form: Format) -> Callable[..., None]:
    def write(
        out: Out,
        first: First,
        last: Last,
        taxpayer: TaxpayerId = "",
        check: Checked = True,
        data: DataDir = None,
    ) -> None:
        _of_days(form, out, _period(first, last), taxpayer, check=check, data=data)

    return write


def _of_closings(form: Format) -> Callable[..., None]:
    def write(
        out: Out,
        first: First,
        last: Last,
        taxpayer: TaxpayerId = "",
        register: Annotated[str, typer.Option(help="Id of one register; else all of them.")] = "",
        check: Checked = True,
        data: DataDir = None,
    ) -> None:
        _of_days(
            form, out, _period(first, last), taxpayer, register=register, check=check, data=data
        )

    return write


def _of_archives(form: Format) -> Callable[..., None]:
    def write(
        out: Out,
        register: Annotated[str, typer.Option(help="Id of the register.")],
        serial: Annotated[
            str,
            typer.Option(help="Serial number of a device it had before; else the present one."),
        ] = "",
        check: Checked = True,
        data: DataDir = None,
    ) -> None:
        services = build(chosen_settings(data))
        written = operator_files.device_log(
            services.exports, form.code, register, serial, out, by=operator()
        )
        say.print(f"{out}: {out.stat().st_size:,} bytes")
        if check:
            tell(operator_files.checked(services.exports, written, out))

    return write


WRITING: dict[FormatSource, Callable[[Format], Callable[..., None]]] = {
    FormatSource.RECORDS: _of_records,
    FormatSource.CLOSINGS: _of_closings,
    FormatSource.ARCHIVES: _of_archives,
}
"""What is asked of an operator follows from what a format is made of."""


def _of_days(
    form: Format,
    out: Path,
    period: Period,
    taxpayer: str,
    *,
    check: bool,
    data: Path | None,
    register: str = "",
) -> None:
    services = build(chosen_settings(data))
    with counted("Writing", "documents") as count:
        written = operator_files.file_of_days(
            services.exports,
            form.code,
            taxpayer,
            period,
            out,
            count,
            by=operator(),
            register=register,
        )
    say.print(f"{out}: {written.documents:,} documents, {out.stat().st_size:,} bytes")
    if not check:
        return
    with counted("Checking", "bytes"):
        faults = operator_files.checked(services.exports, written, out)
    tell(faults)


def journal(
    out: Out, first: First, last: Last, taxpayer: TaxpayerId = "", data: DataDir = None
) -> None:
    """Write the signed journal package of a period; `fiscus verify FILE` proves it anywhere."""
    services = build(chosen_settings(data))
    with counted("Writing", "entries") as count:
        operator_files.journal_package(
            services.exports, taxpayer, _period(first, last), out, count, by=operator()
        )
    say.print(f"{out} and {out}.jws")


def _period(first: str, last: str) -> Period:
    return Period(first=day_of(first), last=day_of(last))


def _all_commands() -> typer.Typer:
    found = typer.Typer(help="Write files for auditors and accountants.", no_args_is_help=True)
    for form in formats.installed().values():
        if form.write:
            name = form.command or form.code
            found.command(name, help=f"Write {form.title}.")(WRITING[form.reads](form))
    found.command()(journal)
    return found


cli = _all_commands()
