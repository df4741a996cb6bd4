"""`fiscus series`: which series there are; registering, ending, comparing and taking over one."""

import json
from datetime import date, datetime
from pathlib import Path
from time import sleep
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.markup import escape
from sqlalchemy import Connection, select

from fiscus import regimes
from fiscus.app import build
from fiscus.commands.options import (
    AsJson,
    DataDir,
    TaxpayerId,
    chosen_settings,
    day_of,
    operator,
)
from fiscus.exports import operator_files
from fiscus.issuing import adopting, ahead, comparing, ending, upkeep
from fiscus.issuing.adopting import Adoption
from fiscus.issuing.ahead import AheadOrder
from fiscus.model.faults import Missing
from fiscus.model.records import SeriesPurpose
from fiscus.model.times import seconds_z
from fiscus.registry import series, taxpayers
from fiscus.registry.series import SeriesState, SeriesView
from fiscus.registry.views import TaxpayerView
from fiscus.services import Services
from fiscus.store.connect import reading, writing
from fiscus.store.schema import TAXPAYER
from fiscus.terminal import say

cli = typer.Typer(
    help="The numbered series of documents, each registered with the tax authority.",
    no_args_is_help=True,
)


@cli.command("list")
def list_series(
    taxpayer: Annotated[
        str, typer.Option("--taxpayer", help="Id or tax number; else those of all.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False,
    data: DataDir = None,
) -> None:
    """Show the series, how far each has counted, and the authority's code.

    wanted: nothing is registered. asked: the authority's answer is not known yet. active: numbers.
    finishing, cancelling: takes no more documents, and the authority is being told. finished,
    cancelled: it has been told.
    """
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        owners = [operator_files.taxpayer_of(tx, taxpayer)] if taxpayer else _all(tx)
        rows = [
            _row(tx, owner, one) for owner in owners for one in series.of(tx, owner.taxpayer.id)
        ]
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    for line in _aligned(rows):
        print(line)


def _aligned(rows: list[dict[str, object]]) -> list[str]:
    """Columns as wide as they need to be: an id that is cut cannot be copied."""
    lines = [_COLUMNS, *(tuple(str(row[name]) or "-" for name in _COLUMNS) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(_COLUMNS))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


_COLUMNS = (
    "type",
    "name",
    "state",
    "purpose",
    "last_number",
    "code",
    "adopted",
    "tax_number",
    "location",
    "taxpayer",
    "outstanding",
)


def _all(tx: Connection) -> list[TaxpayerView]:
    ids = tx.scalars(select(TAXPAYER.c.id).order_by(TAXPAYER.c.id)).all()
    return [taxpayers.by_id(tx, id_) for id_ in ids]


def _row(tx: Connection, owner: TaxpayerView, one: SeriesView) -> dict[str, object]:
    regime = regimes.find(owner.taxpayer.regime)
    return {
        "type": one.series.document_type,
        "name": one.series.name,
        "state": one.state.value,
        "purpose": one.purpose.value,
        "last_number": one.number,
        "code": one.series.validation_code,
        "tax_number": owner.taxpayer.facts.get(regime.tax_number, ""),
        "location": one.location,
        "adopted": "yes" if adopting.is_adopted(tx, one.series.id) else "no",
        "taxpayer": owner.taxpayer.id,
        "outstanding": upkeep.standing_words(one) or one.said,
    }


LOOKS, LOOK_SECONDS = 100, 0.2
"""So often it is looked what has come of what the service is at."""

DocumentType = Annotated[str, typer.Argument(metavar="TYPE", help="Type of document, such as FR.")]
Name = Annotated[str, typer.Argument(help="The series as the authority has it, without type.")]
LocationId = Annotated[
    str, typer.Option(help="Id of the location that has it; not needed if there is one.")
]


@cli.command()
def show(
    document_type: DocumentType, name: Name, taxpayer: TaxpayerId = "", data: DataDir = None
) -> None:
    """Print all that is known of one series, as JSON, with the authority's own words."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        owner = operator_files.taxpayer_of(tx, taxpayer)
        one = _found(tx, owner, document_type, name)
        print(json.dumps(_row(tx, owner, one) | _more(one), indent=1))


def _found(tx: Connection, owner: TaxpayerView, document_type: str, name: str) -> SeriesView:
    wanted = (document_type, name.casefold())
    for one in series.of(tx, owner.taxpayer.id):
        if (one.series.document_type, one.series.name.casefold()) == wanted:
            return one
    raise Missing(ending.UNKNOWN_SERIES, "name")


def _more(one: SeriesView) -> dict[str, object]:
    return {
        "id": one.series.id,
        "starts_on": one.starts_on.isoformat() if one.starts_on else None,
        "registered_on": one.registered_on.isoformat() if one.registered_on else None,
        "asked_at": _moment_shown(one.asked_at),
        "last_document_at": _moment_shown(one.last_at),
        "last_told": one.last_told,
        "ordered_at": _moment_shown(one.ordered_at),
        "ended_at": _moment_shown(one.ended_at),
        "said": one.said,
        "said_at": _moment_shown(one.said_at),
        "attempts": one.attempts,
    }


def _moment_shown(at: datetime | None) -> str | None:
    return seconds_z(at) if at else None


@cli.command()
def register(
    document_type: DocumentType,
    name: Name,
    purpose: Annotated[
        SeriesPurpose,
        typer.Option(help="recovery: documents that are entered again, with the number they had."),
    ] = SeriesPurpose.NORMAL,
    starts_on: Annotated[
        str, typer.Option(help="First day of its use, YYYY-MM-DD; else today.")
    ] = "",
    taxpayer: TaxpayerId = "",
    location: LocationId = "",
    data: DataDir = None,
) -> None:
    """Have a series registered with the authority ahead of its first document.

    A series is registered by its first document anyway; this is for the first sale that shall not
    wait, for training, and for documents that are recovered. Exit code 1 if it is not registered
    yet: the service goes on with it.
    """
    services = build(chosen_settings(data))
    first = day_of(starts_on) if starts_on else None
    with writing(services.engine) as tx:
        owner = operator_files.taxpayer_of(tx, taxpayer).taxpayer
        said = AheadOrder(
            taxpayer=owner.id,
            document_type=document_type,
            name=name,
            location=operator_files.id_of(location),
            purpose=purpose,
            starts_on=first,
            by=operator(),
        )
        wanted = ahead.order(tx, services.issuing, said)
    _settle(services, wanted, SeriesState.ACTIVE)


@cli.command()
def finish(
    document_type: DocumentType, name: Name, taxpayer: TaxpayerId = "", data: DataDir = None
) -> None:
    """End a series for good after its last document, and tell the authority.

    It takes no more documents at once. This cannot be undone. Exit code 1 if the authority does not
    know so yet: the service goes on telling it.
    """
    _end(document_type, name, taxpayer, data, SeriesState.FINISHED)


@cli.command()
def cancel(
    document_type: DocumentType, name: Name, taxpayer: TaxpayerId = "", data: DataDir = None
) -> None:
    """Undo the registration of a series that was registered by mistake and never used.

    The authority allows it on the day of the registration and on the next one; the name cannot be
    used again. Exit code 1 if the authority has not done so yet.
    """
    _end(document_type, name, taxpayer, data, SeriesState.CANCELLED)


def _end(document_type: str, name: str, taxpayer: str, data: Path | None, to: SeriesState) -> None:
    services = build(chosen_settings(data))
    with writing(services.engine) as tx:
        owner = operator_files.taxpayer_of(tx, taxpayer)
        view = _found(tx, owner, document_type, name)
        ordered = ending.order(tx, services.issuing, view, to, by=operator())
    _settle(services, ordered, to)


def _settle(services: Services, view: SeriesView, to: SeriesState) -> None:
    """Ask the authority now, and say what came of it."""
    now = upkeep.at_once(services.issuing, services.channels, view.series.id)
    for _ in range(LOOKS):
        if now.state is to or not upkeep.is_at_work(services.issuing, now.series.id):
            break
        sleep(LOOK_SECONDS)  # the service was faster, and is asking the authority
        now = upkeep.at_once(services.issuing, services.channels, now.series.id)
    one = f"{now.series.document_type} {now.series.name}"
    after = f", its last number is {now.last_told}" if to is SeriesState.FINISHED else ""
    if now.state is to:
        say.print(f"{one} ({now.series.validation_code}) is {now.state}{after}.")
        if now.said:
            say.print(f"[yellow]{escape(now.said)}[/yellow]")
        return
    words = upkeep.standing_words(now) or now.said or "the service is at it"
    say.print(f"[yellow]{one} is {now.state}{after}[/yellow]: {escape(words)}")
    raise typer.Exit(1)


@cli.command()
def compare(taxpayer: TaxpayerId = "", as_json: AsJson = False, data: DataDir = None) -> None:
    """Compare the series that the authority has with ours, and name each difference.

    Exit code 1 if there is one.
    """
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        owner = operator_files.taxpayer_of(tx, taxpayer).taxpayer
    found = comparing.compare(services.issuing, services.channels, owner.id)
    if as_json:
        print(json.dumps(msgspec.to_builtins(found), indent=1))
    for one in found if not as_json else ():
        print(
            f"{one.document_type} {one.name}: {one.kind}, here {one.here or '-'}, "
            f"there {one.there or '-'}: {one.meaning}"
        )
    say.print(f"{len(found)} differences.")
    if found:
        raise typer.Exit(1)


@cli.command("adopt")
def adopt(
    document_type: DocumentType,
    name: Name,
    last_number: Annotated[
        int, typer.Option(min=0, help="The last number issued in it; 0 if none was.")
    ],
    taxpayer: TaxpayerId = "",
    location: Annotated[
        str,
        typer.Option(help="Id of the location that goes on with it; not needed if there is one."),
    ] = "",
    last_hash: Annotated[
        str, typer.Option(help="Hash of that document (SAF-T: Hash), which the next one signs.")
    ] = "",
    last_date: Annotated[
        str, typer.Option(help="Date of that document (InvoiceDate), YYYY-MM-DD.")
    ] = "",
    last_entry_date: Annotated[
        str, typer.Option(help="Its SystemEntryDate, YYYY-MM-DDThh:mm:ss on the shop's clock.")
    ] = "",
    data: DataDir = None,
) -> None:
    """Take over a series that another program, or a lost database, has numbered so far.

    The authority is asked, with the taxpayer's credentials, whether it has the series and for its
    validation code. The next document gets the number after the last one and signs the hash that
    is given. This cannot be undone: what is said here is kept for ever.
    """
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        owner = operator_files.taxpayer_of(tx, taxpayer).taxpayer
    said = Adoption(
        taxpayer=owner.id,
        location=operator_files.id_of(location),
        document_type=document_type,
        name=name,
        last_number=last_number,
        last_hash=last_hash,
        last_date=_day(last_date) if last_date else None,
        last_entry=_moment(last_entry_date, owner.regime) if last_entry_date else None,
        by=operator(),
    )
    done = adopting.adopt(services.issuing, services.channels, said)
    say.print(
        f"{done.document_type} {done.name} ({done.validation_code}) goes on with number "
        f"{done.last_number + 1}."
    )
    if done.last_number and not done.last_hash:
        say.print(
            "[yellow]No hash was given:[/yellow] the next document signs nothing before it, and "
            "nobody can check that it follows."
        )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"--last-date {text}: {error}") from None


def _moment(text: str, regime: str) -> datetime:
    """On the wall clock of the law, unless it says its own zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"--last-entry-date {text}: {error}") from None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(regimes.find(regime).timezone))
