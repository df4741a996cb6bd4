"""The command line: run it, set it up, prove it, hand it over."""

import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from fiscus import __version__, formats, logs, regimes, settings
from fiscus.app import application, build, worker
from fiscus.demo.client import Unexpected
from fiscus.demo.play import play
from fiscus.exports import apart, notifying, run, shelf
from fiscus.formats import notification as notice
from fiscus.issuing.desk import seal_key_name
from fiscus.journal.audit import verify_database
from fiscus.journal.verify import Unreadable, sentences, verify_package
from fiscus.model.faults import Fault, Trouble
from fiscus.model.times import Period
from fiscus.registry import bootstrap, signers
from fiscus.settings import Settings
from fiscus.store.connect import connect, reading, writing
from fiscus.store.migrate import migrate as bring_up

cli = typer.Typer(
    help="Fiscus: the fiscal backend you run yourself. Settings come from FISCUS_… variables, "
    "see docs/settings.md.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
export_cli = typer.Typer(help="Write files for auditors and accountants.", no_args_is_help=True)
cli.add_typer(export_cli, name="export")
keys_cli = typer.Typer(help="The keys that a law wants from us.", no_args_is_help=True)
cli.add_typer(keys_cli, name="keys")

# Not wrapped: a path or a number that is broken in two cannot be copied, nor found by a script.
_say = Console(stderr=True, highlight=False, soft_wrap=True)

GARBAGE_THRESHOLD = 50_000
"""A request makes many small values and few cycles: look for cycles less often."""

DataDir = Annotated[
    Path | None, typer.Option("--data", help="Data folder (else FISCUS_DATA_DIR, else .data).")
]


def main() -> None:
    """Run a command; trouble becomes one clear line and exit code 1."""
    try:
        cli()
    except Trouble as trouble:
        for fault in trouble.faults:
            _say_fault(fault)
        sys.exit(1)
    except (Unreadable, OSError, json.JSONDecodeError) as error:
        _say.print(f"[red]{type(error).__name__}[/red] {escape(str(error))}")
        sys.exit(1)


def _say_fault(fault: Fault) -> None:
    where = escape(" ".join(fault.paths))
    _say.print(f"[red]{fault.code}[/red] {escape(fault.text)} {where}".rstrip())


def _settings(data: Path | None, **changes: Any) -> Settings:
    if data is not None:
        os.environ["FISCUS_DATA_DIR"] = str(data)
    chosen = settings.load()
    given = {name: value for name, value in changes.items() if value is not None}
    chosen = chosen.model_copy(update=given)
    logs.configure(chosen.log_level)
    return chosen


@contextmanager
def _progress(what: str, unit: str) -> Iterator[Callable[[int], None]]:
    """A line that counts while long work goes on; silent when nobody watches."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=_say, transient=True) as bar:
        line = bar.add_task(what)

        def count(done: int) -> None:
            bar.update(line, description=f"{what}: {done:,} {unit}")

        yield count


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0: a free one.")
    ] = None,
    data: DataDir = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave exports and checkpoints to `fiscus work`.")
    ] = False,
) -> None:
    """Serve the API; several processes may serve one PostgreSQL database side by side."""
    chosen = _settings(data, host=host, port=port)
    listening = _listening(chosen.host, chosen.port)
    chosen = chosen.model_copy(update={"port": listening.getsockname()[1]})
    house = build(chosen)
    service = application(house, with_worker=not no_worker, exports_apart=True)
    config = uvicorn.Config(
        service, access_log=False, log_level="warning", server_header=False, date_header=False,
        proxy_headers=False, timeout_graceful_shutdown=10,
    )  # fmt: skip
    server = uvicorn.Server(config)
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, 20, 50)
    where = f"http://{chosen.host}:{chosen.port}"
    mark = "" if chosen.is_live else " [yellow]TEST: nothing here is legally valid[/yellow]"
    _say.print(f"Fiscus {__version__} at {where} ({chosen.url().split('@')[-1]}){mark}")
    server.run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    """The port, taken before anything is opened: the addresses that we hand out name it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


@cli.command()
def work(
    data: DataDir = None,
    leased: Annotated[
        bool, typer.Option(hidden=True, help="Only the export that a server leased.")
    ] = False,
) -> None:
    """Do what waits in the outbox (exports, checkpoints) until stopped."""
    house = build(_settings(data))
    if leased:
        sys.exit(apart.leased(lambda task: run.do(house.exports, task)))
    helper = worker(house)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: helper.ask_to_stop())
    _say.print("Fiscus works; stop it with Ctrl-C.")
    helper.run()


@cli.command()
def init(
    account: Annotated[str, typer.Option(help="Name of the account.")] = "Account",
    group: Annotated[str, typer.Option(help="Name of the group below it.")] = "Group",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    data: DataDir = None,
) -> None:
    """Make the first account, group and API key. The secret is shown once."""
    house = build(_settings(data))
    with writing(house.engine) as tx:
        first = bootstrap.found(
            tx, account=account, group=group, environment=house.settings.environment.value,
            ids=house.uuid4, entropy=house.entropy, at=house.clock(),
        )  # fmt: skip
    shown = {name: getattr(first, name) for name in first.__struct_fields__}
    if as_json:
        print(json.dumps(shown))
        return
    for name, value in shown.items():
        print(f"{name:16} {value}")


@cli.command()
def migrate(data: DataDir = None) -> None:
    """Bring the database to the newest schema; running it again changes nothing."""
    chosen = _settings(data)
    chosen.data_dir.mkdir(parents=True, exist_ok=True)
    revision = bring_up(connect(chosen.url()))
    _say.print(f"The database is at revision {revision}.")


@cli.command()
def verify(
    package: Annotated[
        Path | None, typer.Argument(help="An export package (ZIP); without one: the database.")
    ] = None,
    jws: Annotated[
        Path | None, typer.Option(help="The package's signature (default: PACKAGE.jws, if there).")
    ] = None,
    witness: Annotated[
        Path | None,
        typer.Option(
            "--checkpoint", help="A checkpoint kept elsewhere, as GET /checkpoint gave it."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    data: DataDir = None,
) -> None:
    """Read the whole journal again and prove it, on a code path of its own.

    Exit code 0: every entry is as it was written. 1: the first bad record is named.
    """
    kept = json.loads(witness.read_text()) if witness else None
    with _progress("Verifying", "entries") as count:
        if package is None:
            engine = connect(_settings(data).url())
            report = verify_database(engine, kept, count)
        else:
            report = verify_package(package, jws, witness=kept, progress=count)
    if as_json:
        print(json.dumps(report.as_dict(), indent=1, default=str))
    else:
        print("\n".join(sentences(report)))
    sys.exit(0 if report.is_good else 1)


@cli.command()
def demo(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for everything the demo makes.")
    ] = Path("demo-output"),
) -> None:
    """Play a day in a Berlin kiosk and one in a Lisbon café against the real service, and have all
    that they leave behind checked. Exit code 1 unless everything is proved."""
    try:
        play(out, Console(highlight=False))
    except Unexpected as deviation:
        _say.print(f"[red]The demo did not go as it should:[/red] {escape(str(deviation))}")
        sys.exit(1)


@cli.command()
def check(
    kind: Annotated[str, typer.Argument(help="What the file is: saft-pt, dsfinvk, tse.")],
    file: Annotated[Path, typer.Argument(help="The file to check.", exists=True)],
    key: Annotated[
        Path | None, typer.Option("--public-key", help="PEM of the key its seals must verify with.")
    ] = None,
) -> None:
    """Check a file by its format's own rules, whoever wrote it. Exit code 1 if there are faults."""
    given = {"public_key_pem": key.read_text("ascii")} if key else {}
    with _progress("Checking", "bytes"):
        faults = formats.find(kind).check(file, given)
    _tell(faults)


def _tell(faults: tuple[Fault, ...]) -> None:
    """All faults, and the exit code they mean."""
    for fault in faults:
        _say_fault(fault)
    _say.print("The checker found nothing wrong." if not faults else f"{len(faults)} faults.")
    sys.exit(1 if faults else 0)


Law = Annotated[str, typer.Argument(help="Whose law: a regime's code, such as pt.")]


@keys_cli.command("public")
def public_key(law: Law, data: DataDir = None) -> None:
    """Print the public key that goes to the tax authority before anything is sealed with it."""
    house = build(_settings(data))
    with reading(house.engine) as tx:
        print(signers.public_pem(tx, seal_key_name(law)), end="")


@keys_cli.command("import")
def import_key(
    law: Law,
    file: Annotated[Path, typer.Argument(help="The private key, PEM, unencrypted.", exists=True)],
    data: DataDir = None,
) -> None:
    """Take over the private key that a law's documents are sealed with. It is kept encrypted."""
    regime = regimes.find(law)
    house = build(_settings(data))
    bits = int(regime.seal_key.removeprefix("rsa-") or 0)
    with writing(house.engine) as tx:
        name = seal_key_name(law)
        signers.import_key(tx, house.vault, name, file.read_bytes(), bits, house.clock())
    _say.print(f"The key of {regime.name} is in place; remove {file} from this machine.")


First = Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD.")]
Last = Annotated[str, typer.Option("--to", help="Last day, YYYY-MM-DD.")]
TaxpayerId = Annotated[
    str, typer.Option("--taxpayer", help="Id or tax number; not needed if there is only one.")
]
Out = Annotated[Path, typer.Option("--out", "-o", help="Where to write.")]


Checked = Annotated[bool, typer.Option(help="Check the file after writing it.")]


@export_cli.command()
def saft(
    out: Out,
    first: First,
    last: Last,
    taxpayer: TaxpayerId = "",
    check: Checked = True,
    data: DataDir = None,
) -> None:
    """Write the audit file of Portugal, SAF-T (PT), for any period."""
    _audit_file("saft-pt", out, first, last, taxpayer, check=check, data=data)


@export_cli.command()
def dsfinvk(
    out: Out,
    first: First,
    last: Last,
    taxpayer: TaxpayerId = "",
    register: Annotated[str, typer.Option(help="Id of one register; else all of them.")] = "",
    check: Checked = True,
    data: DataDir = None,
) -> None:
    """Write the audit file of Germany, DSFinV-K, with the closings of any period."""
    _audit_file("dsfinvk", out, first, last, taxpayer, register=register, check=check, data=data)


@export_cli.command()
def tse(
    out: Out,
    register: Annotated[str, typer.Option(help="Id of the register.")],
    serial: Annotated[
        str, typer.Option(help="Serial number of a TSE it had before; else the present one.")
    ] = "",
    check: Checked = True,
    data: DataDir = None,
) -> None:
    """Write all that the TSE of a register has logged, as the TSE itself hands it out."""
    house = build(_settings(data))
    written = shelf.device_log(house.exports, register, serial, out)
    _say.print(f"{out}: {out.stat().st_size:,} bytes")
    if check:
        _tell(shelf.checked(house.exports, written, out))


def _audit_file(
    format: str,
    out: Path,
    first: str,
    last: str,
    taxpayer: str,
    *,
    check: bool,
    data: Path | None,
    register: str = "",
) -> None:
    house, period = build(_settings(data)), _period(first, last)
    with _progress("Writing", "documents") as count:
        written = shelf.audit_file(
            house.exports, format, taxpayer, period, out, count, register=register
        )
    _say.print(f"{out}: {written.documents:,} documents, {out.stat().st_size:,} bytes")
    if not check:
        return
    with _progress("Checking", "bytes"):
        faults = shelf.checked(house.exports, written, out)
    _tell(faults)


@export_cli.command()
def journal(
    out: Out, first: First, last: Last, taxpayer: TaxpayerId = "", data: DataDir = None
) -> None:
    """Write the signed journal package of a period; `fiscus verify FILE` proves it anywhere."""
    house = build(_settings(data))
    with _progress("Writing", "entries") as count:
        shelf.journal_package(house.exports, taxpayer, _period(first, last), out, count)
    _say.print(f"{out} and {out}.jws")


def _period(first: str, last: str) -> Period:
    return Period(first=_day(first), last=_day(last))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


class Paper(StrEnum):
    """For the portal of the tax offices, or to print and to type in."""

    XML = "xml"
    TEXT = "text"


@cli.command()
def notification(
    out: Out,
    form: Annotated[
        Paper, typer.Option("--format", help="xml: for the portal; text: to print, or to type in.")
    ] = Paper.XML,
    taxpayer: TaxpayerId = "",
    location: Annotated[
        str, typer.Option(help="Id of the location; not needed if only one has a TSE.")
    ] = "",
    manufacturer: Annotated[str, typer.Option(help="Who made the registers.")] = "",
    model: Annotated[str, typer.Option(help="Which model they are.")] = "",
    software: Annotated[str, typer.Option(help="The till program.")] = "",
    software_version: Annotated[str, typer.Option(help="Its version.")] = "",
    certification: Annotated[
        str, typer.Option(help="Certification of the TSE behind BSI-K-TR-: nnnn-yyyy.")
    ] = "",
    acquired: Annotated[
        str, typer.Option(help="Day of buying, YYYY-MM-DD (else: when it was registered here).")
    ] = "",
    reason: Annotated[str, typer.Option(help="Why registers were taken out of use.")] = "",
    data: DataDir = None,
) -> None:
    """Write the notification of a location's registers and TSEs to the German tax office.

    What a register says of itself counts before the options. Exit code 1: facts are missing, all
    are named, and nothing is written.
    """
    told = notifying.Told(
        manufacturer=manufacturer, model=model, software=software,
        software_version=software_version, certification=certification,
        acquired=_day(acquired) if acquired else None, release_reason=reason,
    )  # fmt: skip
    house = build(_settings(data))
    facts = notifying.notified(house.exports, taxpayer=taxpayer, location=location, told=told)
    if form is Paper.XML:
        out.write_bytes(notice.notification(facts))
    else:
        out.write_text(notice.printed(facts), "utf-8")
    due = min(register.due for register in facts.registers)
    _say.print(f"{out}: {len(facts.registers)} registers; the first is to be notified by {due}")
