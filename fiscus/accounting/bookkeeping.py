"""The bookkeeping of a company, that is of a taxpayer: begun from a chart that its law suggests,
then changed by its accountant. Every change is stated in the journal with the whole content."""

from collections.abc import Mapping
from datetime import date, datetime

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from fiscus import regimes
from fiscus.accounting import books, mapping, mapping_file
from fiscus.accounting.mapping import BooksContent, Coverage
from fiscus.model.accounts import StarterChart
from fiscus.model.faults import Code, Conflict, Corrupt, Missing, Refused
from fiscus.model.kinds import StatementKind
from fiscus.model.times import micros_z
from fiscus.regimes import RegimeAccounting
from fiscus.registry import stating, taxpayers, versions
from fiscus.store.accounting_schema import BOOKKEEPING

NO_BOOKS = Code("BOOKS-KEEP-01", "this company keeps no books here: begin them first")
BEGUN = Code("BOOKS-KEEP-02", "this company keeps books here already: change them instead")
NO_LAW = Code(
    "BOOKS-KEEP-03",
    "no law is installed here that tells the books of this company or country anything",
)
UNKNOWN_CHART = Code("BOOKS-KEEP-04", "the law of this company suggests no chart of this name")
FAULTY = Code("BOOKS-KEEP-05", "the content of the books is not in order")
CHANGED = Code(
    "BOOKS-KEEP-06",
    "the books were changed meanwhile: read them again, and repeat the change",
)


def begin(
    tx: Connection,
    company: str,
    chart: str = "",
    *,
    by: str,
    at: datetime,
    since: date | None = None,
    coverage: Coverage | None = None,
) -> BooksContent:
    """Begin the books of a company with a chart of its law (empty: the first one). Raises
    `Missing` for an unknown company or chart, `Conflict` if it keeps books already, `Refused` if
    its law tells the books nothing."""
    law = _law(tx, company)
    content = mapping.started(_chart(law, chart), is_per_closing=law.is_per_closing)
    content = msgspec.structs.replace(content, since=since, coverage=coverage or content.coverage)
    return put(tx, company, content, by=by, at=at)


def put(
    tx: Connection, company: str, content: BooksContent, *, by: str, at: datetime
) -> BooksContent:
    """Begin the books of a company with a content of its own. Raises as `begin` does, and `Refused`
    with all that is wrong with the content."""
    expect_sound(tx, company, content)
    row = {
        "id": company,
        "version": 1,
        "organization": taxpayers.owner(tx, company),
        "content": as_text(content),
        "created_at": micros_z(at),
        "updated_at": micros_z(at),
    }
    try:
        with tx.begin_nested():
            tx.execute(BOOKKEEPING.insert().values(row))
    except IntegrityError:
        raise Conflict(BEGUN, company) from None
    stating.state(tx, StatementKind.BOOKKEEPING, BOOKKEEPING, company, by=by)
    return content


def change(
    tx: Connection, company: str, content: BooksContent, *, version: int, by: str, at: datetime
) -> int:
    """Change the whole content, of which that version was read before; gives the new version.
    The same content again changes nothing. Raises `Refused` with all that is wrong, `Missing`, or
    `Conflict` if there is another version meanwhile, `Corrupt` if the row is not what the journal
    states."""
    found, kept = of(tx, company)
    if found != version:
        raise Conflict(CHANGED, f"version {found}")
    expect_sound(tx, company, content)
    if content == kept:
        return version
    versions.expect_stated(tx, BOOKKEEPING, company)
    values = {"version": version + 1, "content": as_text(content), "updated_at": micros_z(at)}
    versions.replace(tx, BOOKKEEPING, company, version, BOOKKEEPING.update().values(values))
    stating.state(tx, StatementKind.BOOKKEEPING, BOOKKEEPING, company, by=by)
    if kept.since is not None and (content.since is None or content.since < kept.since):
        books.read_again(tx, company)
    return version + 1


def load(
    tx: Connection, company: str, data: bytes, *, version: int = 0, by: str, at: datetime
) -> int:
    """Change the books to what a file says (`mapping_file`); gives the new version. Without a
    version the newest is changed. Raises as `change` does."""
    found, kept = of(tx, company)
    content = mapping_file.read(data, kept)
    try:
        return change(tx, company, content, version=version or found, by=by, at=at)
    except Refused as refused:
        faults = tuple(mapping_file.at_lines(fault, data, kept) for fault in refused.faults)
        raise Refused(refused.code, faults=faults) from None


def find(tx: Connection, company: str) -> tuple[int, BooksContent] | None:
    """Version and content; None if the company keeps no books here."""
    row = tx.execute(
        select(BOOKKEEPING.c.version, BOOKKEEPING.c.content).where(BOOKKEEPING.c.id == company)
    ).one_or_none()
    return None if row is None else (row.version, from_text(row.content))


def of(tx: Connection, company: str) -> tuple[int, BooksContent]:
    """Version and content. Raises `Missing`."""
    found = find(tx, company)
    if found is None:
        raise Missing(NO_BOOKS, company)
    return found


def companies(tx: Connection) -> list[str]:
    """The companies that keep books here, by id."""
    return list(tx.scalars(select(BOOKKEEPING.c.id).order_by(BOOKKEEPING.c.id)))


def accounting(regime: str) -> RegimeAccounting:
    """What a law tells the books. Raises `Refused` if it tells them nothing."""
    found = regimes.find(regime).accounting
    if found is None:
        raise Refused(NO_LAW, regime)
    return found


def unmapped(regime: str) -> Mapping[str, str]:
    """The keys to which charts of a law give no account on purpose, and what must be decided."""
    law = regimes.find(regime).accounting
    charts = law.charts if law else ()
    return {key: why for chart in charts for key, why in chart.unmapped.items()}


def expect_sound(tx: Connection, company: str, content: BooksContent) -> None:
    """Raises `Refused` with all that is wrong with the content."""
    faults = mapping.faults(content, _law(tx, company).keys)
    if faults:
        raise Refused(FAULTY, faults=faults)


def as_text(content: BooksContent) -> str:
    """The content as it is stored: JSON, always the same for the same content."""
    return msgspec.json.encode(content, order="deterministic").decode()


def from_text(text: str) -> BooksContent:
    """The content that is stored. Raises `Corrupt` if it is none."""
    try:
        return msgspec.json.decode(text, type=BooksContent)
    except msgspec.DecodeError:
        raise Corrupt(versions.NOT_STATED, "bookkeeping") from None


def _law(tx: Connection, company: str) -> RegimeAccounting:
    taxpayers.owner(tx, company)
    return accounting(taxpayers.by_id(tx, company).taxpayer.regime)


def _chart(law: RegimeAccounting, code: str) -> StarterChart:
    charts = [each for each in law.charts if not code or each.code.lower() == code.lower()]
    if not charts:
        known = ", ".join(each.code for each in law.charts)
        raise Missing(UNKNOWN_CHART, f"chart {code} (known: {known})")
    return charts[0]
