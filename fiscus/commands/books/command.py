"""`fiscus books`: how a company maps what it sells to its own chart of accounts, and what its
accountant gets of it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from fiscus import formats, regimes
from fiscus.accounting import (
    bookkeeping,
    completeness,
    derive,
    jobs,
    mapping,
    mapping_file,
    targets,
)
from fiscus.accounting import totals as control_totals
from fiscus.accounting.completeness import CompletenessReport
from fiscus.accounting.entries import EntryStatus
from fiscus.accounting.mapping import BooksContent, Coverage
from fiscus.accounting.pages import PageRequest, SortOrder
from fiscus.accounting.search import EntryFilter, search
from fiscus.app import build
from fiscus.commands.books import handover
from fiscus.commands.options import (
    AsJson,
    DataDir,
    Limit,
    Out,
    TaxpayerId,
    chosen_settings,
    day_of,
    operator,
)
from fiscus.commands.telling import counted
from fiscus.exports import book_files, operator_files
from fiscus.model.amounts import plain
from fiscus.model.faults import Missing
from fiscus.model.places import Taxpayer
from fiscus.model.times import seconds_z
from fiscus.services import Services
from fiscus.store.artifacts import described
from fiscus.store.connect import reading, writing
from fiscus.terminal import say

First = Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD.")]
Last = Annotated[str, typer.Option("--to", help="Last day, YYYY-MM-DD.")]
JobId = Annotated[str, typer.Argument(metavar="JOB", help="Id of an export job.")]

IDS_TOLD = 10
_EACH_PAGE = 100

cli = typer.Typer(
    help="The books: the chart of accounts, the accounting entries, and files for accountants.",
    no_args_is_help=True,
)


@cli.command()
def charts(
    regime: Annotated[str, typer.Argument(help="Code of a country's law, such as de.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show the charts of accounts that a law suggests to begin with."""
    known = [code for code in sorted(regimes.installed()) if regimes.find(code).accounting]
    if regime and regime not in known:
        raise Missing(bookkeeping.NO_LAW, f"regime {regime} (known: {', '.join(known)})")
    codes = [regime] if regime else known
    found = [
        {
            "regime": code,
            "chart": chart.code,
            "name": chart.name,
            "accounts": len(chart.accounts),
            "rules": len(chart.rules),
            "unmapped": dict(chart.unmapped),
            "sources": list(chart.sources),
        }
        for code in codes
        if (law := regimes.find(code).accounting)
        for chart in law.charts
    ]
    if as_json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
        return
    for one in found:
        print(
            f"{one['regime']}  {one['chart']}  {one['name']}: {one['accounts']} accounts, "
            f"{one['rules']} rules"
        )


@cli.command()
def begin(
    chart: Annotated[str, typer.Argument(help="The chart to begin with, such as SKR03.")] = "",
    taxpayer: TaxpayerId = "",
    since: Annotated[
        str, typer.Option("--from", help="The first day that is booked, YYYY-MM-DD; else all.")
    ] = "",
    coverage: Annotated[
        Coverage | None,
        typer.Option(help="What one entry covers; not needed: each law has its usual way."),
    ] = None,
    data: DataDir = None,
) -> None:
    """Begin the books of a taxpayer with a chart that its law suggests.

    Entries are made of all its records from then on, those that are there already included.
    """
    services = build(chosen_settings(data))
    with writing(services.engine) as tx:
        owner = operator_files.taxpayer_of(tx, taxpayer).taxpayer
        content = bookkeeping.begin(
            tx,
            owner.id,
            chart,
            by=operator(),
            at=services.clock(),
            since=day_of(since) if since else None,
            coverage=coverage,
        )
    say.print(f"The books of {owner.id} are begun with {content.chart}.")
    _tell_doubts(content)
    _tell_unmapped(owner.regime, content)


def _tell_unmapped(regime: str, content: BooksContent) -> None:
    """What fails until a rule says where it stands."""
    unmapped = bookkeeping.unmapped(regime)
    left = {key: why for key, why in unmapped.items() if not mapping.resolve(content, key)}
    if left:
        say.print("Without an account on purpose; entries of these fail until a rule names one:")
    for key, why in left.items():
        print(f"  {key}: {why}")


def _tell_doubts(content: BooksContent) -> None:
    """What the accountant must be asked, before anybody relies on it."""
    doubts: dict[str, list[str]] = {}
    for rule in content.rules:
        if rule.doubt:
            doubts.setdefault(rule.doubt, []).append(f"{rule.key} -> {rule.account}")
    if doubts:
        say.print("To be settled with the accountant:")
    for doubt, rules in doubts.items():
        more = f" and {len(rules) - 1} more" if len(rules) > 1 else ""
        print(f"  {doubt} ({rules[0]}{more})")


@cli.command()
def show(
    taxpayer: TaxpayerId = "",
    as_json: AsJson = False,
    as_table: Annotated[
        bool, typer.Option("--table", help="Print the rules as a table with semicolons (CSV).")
    ] = False,
    data: DataDir = None,
) -> None:
    """Show the chart and its rules. What --json or --table prints can be changed and loaded."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        owner = operator_files.taxpayer_of(tx, taxpayer).taxpayer
        version, content = bookkeeping.of(tx, owner.id)
    if as_json or as_table:
        write = mapping_file.as_json if as_json else mapping_file.as_table
        print(write(content), end="")
        return
    print(f"{content.chart}, version {version}, {content.coverage.value}")
    for rule in content.rules:
        found = mapping.resolve(content, rule.key)
        name = found.account.name if found else ""
        print(f"  {rule.key}  ->  {rule.account} {name}  {rule.tax}".rstrip())
    _tell_doubts(content)
    _tell_unmapped(owner.regime, content)


@cli.command()
def load(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="As `show` prints it: JSON or a table."),
    ],
    taxpayer: TaxpayerId = "",
    data: DataDir = None,
) -> None:
    """Put a changed chart in the place of the one there is, or begin the books with it.

    Jobs that exist keep what they began with.
    """
    services = build(chosen_settings(data))
    said, by, at = file.read_bytes(), operator(), services.clock()
    with writing(services.engine) as tx:
        owner = operator_files.taxpayer_of(tx, taxpayer).taxpayer
        if bookkeeping.find(tx, owner.id) is None:
            bookkeeping.put(tx, owner.id, mapping_file.read(said), by=by, at=at)
            version = 1
        else:
            version = bookkeeping.load(tx, owner.id, said, by=by, at=at)
    say.print(f"The books of {owner.id} have version {version} now.")


@cli.command("set")
def set_values(
    target: Annotated[str, typer.Argument(help="Code of a format, such as datev-extf.")],
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME=VALUE...", help="None: show which settings there are."),
    ] = None,
    taxpayer: TaxpayerId = "",
    data: DataDir = None,
) -> None:
    """Set what a format must know of the company, such as the number of its tax consultant."""
    services = build(chosen_settings(data))
    form = formats.find_book(target)
    given = dict(_value(one) for one in values or ())
    with writing(services.engine) as tx:
        owner = operator_files.taxpayer_of(tx, taxpayer).taxpayer
        version, content = bookkeeping.of(tx, owner.id)
        said = {**content.formats.get(target, {}), **given}
        content = msgspec.structs.replace(
            content, formats={**content.formats, target: {k: v for k, v in said.items() if v}}
        )
        if given:
            targets.expect_writable(owner.regime, content, target)
            bookkeeping.change(
                tx, owner.id, content, version=version, by=operator(), at=services.clock()
            )
    for setting in form.settings:
        need = "must be given" if setting.test_value is None else setting.test_value or "empty"
        print(f"{setting.name} = {said.get(setting.name, f'({need})')}")
        print(f"    {setting.help}")


def _value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text} is not NAME=VALUE")
    return name, value


@cli.command()
def entries(
    first: First = "",
    last: Last = "",
    status: Annotated[EntryStatus | None, typer.Option(help="Only those with this status.")] = None,
    after: Annotated[str, typer.Option(help="The cursor that the last page ended with.")] = "",
    limit: Limit = _EACH_PAGE,
    taxpayer: TaxpayerId = "",
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """List accounting entries by day, after reading the journal on to its end.

    Of an amount, debit is positive and credit negative.
    """
    services = build(chosen_settings(data))
    owner = _read_on(services, taxpayer)
    wanted = EntryFilter(
        first=day_of(first) if first else None,
        last=day_of(last) if last else None,
        statuses=(status,) if status else (),
    )
    with reading(services.engine) as tx:
        page = search(tx, owner.id, wanted, PageRequest(after=after, limit=limit))
    if as_json:
        shown = {"entries": page.rows, "total": page.total, "after": page.end_cursor}
        print(_as_json(shown if page.has_next else {**shown, "after": ""}))
        return
    for one in page.rows:
        print(
            f"{one.day}  {one.sub_type or one.type:12} {one.amount:>12} {one.currency}  "
            f"{one.status:12}  {one.reference or '-'}  {one.id}"
        )
    more = f"; go on with --after {page.end_cursor}" if page.has_next else ""
    say.print(f"{len(page.rows):,} of {page.total:,} entries{more}.")


@cli.command()
def report(
    first: First,
    last: Last,
    taxpayer: TaxpayerId = "",
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """Prove that the books hold what the journal holds in a period. Exit code 1 if they do not.

    Every document must be covered once, revenue and VAT of each rate must be the same on both
    sides, and nothing may be left on the clearing account.
    """
    services = build(chosen_settings(data))
    days = handover.days_of(first, last)
    owner = _read_on(services, taxpayer)
    with reading(services.engine) as tx:
        found = completeness.report(tx, owner.id, days.first, days.last)
    print(_as_json(found) if as_json else "\n".join(told(found)))
    if not found.is_right:
        sys.exit(1)


def told(found: CompletenessReport) -> Iterator[str]:
    """The report in lines for a person."""
    yield f"{found.first} to {found.last}: {found.documents:,} documents that bear money"
    yield f"  covered by an entry: {found.covered:,}"
    for name, records in (
        ("missing", found.missing),
        ("covered twice", found.double),
        ("left on the clearing account", found.unbalanced),
        ("of a day that is not closed yet", found.not_closed),
        ("not read yet", found.not_read),
    ):
        if records.count:
            more = ", …" if records.count > IDS_TOLD else ""
            yield f"  {name}: {records.count:,} ({', '.join(records.ids[:IDS_TOLD])}{more})"
    for rate in found.rates:
        verdict = "the same in the books" if rate.is_same else "NOT the same in the books"
        books = "" if rate.is_same else f": {rate.books_net} + {rate.books_vat}"
        yield (
            f"  {rate.tax_code} {plain(rate.percentage)} %: {rate.journal_net} net + "
            f"{rate.journal_vat} VAT, {verdict}{books}"
        )
    if found.is_complete:
        yield "Complete: the books hold what the journal holds."
    elif found.is_right:
        yield "Right so far: nothing is wrong, but not everything is booked yet."
    else:
        yield "NOT complete."


@cli.command()
def export(
    target: Annotated[
        str, typer.Argument(help="A format: datev-extf, beancount, ledger, or an audit file.")
    ],
    out: Out,
    first: First,
    last: Last,
    taxpayer: TaxpayerId = "",
    data: DataDir = None,
) -> None:
    """Hand over what was not exported yet, as a file. Exit code 1 if anything is left out, or if
    there is nothing to hand over.

    Its entries count as exported from then on. The file can be written again at any time: render.
    """
    services = build(chosen_settings(data))
    days = handover.days_of(first, last)
    handover.expect_folder(out)
    owner = _read_on(services, taxpayer)
    job = handover.ask(services, owner, target, days)
    handover.make(services, job)
    handover.hand_over(services, job.id, out)


@cli.command("jobs")
def list_jobs(
    taxpayer: TaxpayerId = "",
    after: Annotated[str, typer.Option(help="The cursor that the last page ended with.")] = "",
    limit: Limit = _EACH_PAGE,
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """List export jobs, the newest first."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        owner = operator_files.taxpayer_of(tx, taxpayer).taxpayer
        page = jobs.listed(
            tx,
            [owner.organization],
            company=owner.id,
            request=PageRequest(after=after, limit=limit, sort=(("created_at", SortOrder.DESC),)),
            now=services.clock(),
        )
    if as_json:
        after = page.end_cursor if page.has_next else ""
        print(_as_json({"jobs": page.rows, "total": page.total, "after": after}))
        return
    for one in page.rows:
        print(
            f"{one.id}  {seconds_z(one.created_at)}  {one.target:12} {one.status.value:22} "
            f"{one.items:>7,} entries  {one.failure_reason.partition(chr(10))[0]}".rstrip()
        )
    more = f"; go on with --after {page.end_cursor}" if page.has_next else ""
    say.print(f"{len(page.rows):,} of {page.total:,} jobs{more}.")


@cli.command()
def totals(job: JobId, data: DataDir = None) -> None:
    """Show the control totals of a job: what must come to the same in the accounting system."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        found = control_totals.of_job(tx, handover.found(tx, services, job))
    print(_as_json(found))


@cli.command()
def cancel(job: JobId, data: DataDir = None) -> None:
    """End a job that nobody wants any more; what was exported stays exported."""
    services = build(chosen_settings(data))
    with writing(services.engine) as tx:
        ended = jobs.cancel(
            tx, handover.found(tx, services, job), by=operator(), at=services.clock()
        )
    say.print(f"Job {ended.id}: {ended.status.value}.")


@cli.command()
def retry(
    job: JobId,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where to write the file of a file job.")
    ] = None,
    data: DataDir = None,
) -> None:
    """Make a new job of what failed in a finished one, with the accounts as they are now."""
    services = build(chosen_settings(data))
    with writing(services.engine) as tx:
        before = handover.found(tx, services, job)
        is_file = before.target != jobs.PULL
        if is_file and out is None:
            raise typer.BadParameter("the job writes a file: say where", param_hint="--out")
        if is_file and out is not None:
            handover.expect_folder(out)
        made = jobs.retry(tx, before, id_=services.uuid4(), by=operator(), at=services.clock())
        if is_file:
            book_files.ask(tx, made)
    say.print(f"Job {made.id}: {made.items:,} entries.")
    if out is not None and is_file:
        handover.make(services, made)
        handover.hand_over(services, made.id, out)


@cli.command()
def render(job: JobId, out: Out, data: DataDir = None) -> None:
    """Write the file of a finished job again, byte for byte, from what the job froze."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx, services.exports.artifacts.scratch() as folder:
        found = handover.found(tx, services, job)
        made = book_files.again(services.exports, tx, found, folder)
        kept = described(made.path)
        with made.path.open("rb") as file:
            operator_files.write_whole(out, iter(lambda: file.read(1 << 18), b""))
    same = "the same bytes" if kept.digest == found.artifact else "NOT the same bytes"
    say.print(f"{out}: {kept.size:,} bytes, {same} as when the job was made.")
    if kept.digest != found.artifact:
        sys.exit(1)


def _read_on(services: Services, taxpayer: str) -> Taxpayer:
    """The taxpayer, after its chains were read to their ends."""
    with reading(services.engine) as tx:
        owner = operator_files.taxpayer_of(tx, taxpayer).taxpayer
        bookkeeping.of(tx, owner.id)
    with counted("Reading the journal", "portions") as count:
        done = 0
        while derive.step(services.engine, services.clock) == 0.0:
            done += 1
            count(done)
    return owner


def _as_json(value: object) -> str:
    encoded = msgspec.json.encode(value)
    return msgspec.json.format(encoded, indent=1).decode()
