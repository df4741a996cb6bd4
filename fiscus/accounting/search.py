"""Searches the accounting entries of a company."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum

import msgspec
from sqlalchemy import ColumnElement, Connection, false, func, or_, select

from fiscus.accounting import bookkeeping, frozen, making, pages, shapes
from fiscus.accounting.entry_rows import AccountingEntry, EntryStatus, entry_of
from fiscus.accounting.frozen import FoundAccount
from fiscus.accounting.pages import Page, PageRequest, SortOrder
from fiscus.accounting.shapes import LineShape
from fiscus.model.faults import Code, Refused
from fiscus.model.times import micros_z
from fiscus.store.accounting_schema import ACCOUNTING_ENTRY

BACKWARDS = Code("BOOKS-SEARCH-01", "a range of dates ends at or after its beginning")
DAYS_AND_TIMES = Code(
    "BOOKS-SEARCH-02", "entries are searched by one range: of booking days, or of instants"
)


class EntryFamily(StrEnum):
    """Kinds of entries that belong together; `OTHER`: what callers entered under words of their
    own."""

    SALES = "SALES"
    PAYMENTS = "PAYMENTS"
    CASH = "CASH"
    OTHER = "OTHER"


FAMILIES: Mapping[EntryFamily, tuple[str, ...]] = {
    EntryFamily.SALES: (making.SALE, making.SALE_RETURN),
    EntryFamily.PAYMENTS: (making.PAYMENT,),
    EntryFamily.CASH: (making.MOVEMENT, making.DIFFERENCE),
}
"""The kinds of each family; all others are `OTHER`."""

SORTED_BY: Mapping[str, ColumnElement[object]] = {
    name: ACCOUNTING_ENTRY.c[name]
    for name in (
        "id",
        "day",
        "performed_at",
        "created_at",
        "updated_at",
        "status",
        "sub_type",
        "reference",
        "amount",
    )
}
"""The columns by which a list can be sorted."""

_DEFAULT = (("day", SortOrder.ASC),)
_NAMED = frozenset(kind for kinds in FAMILIES.values() for kind in kinds)


class EntryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are wanted; what is left empty does not count.

    `first` and `last` are booking days, `since` and `until` bound the instant at which it was
    performed (UTC); bounds are included. Only one of the two pairs may be there. `record` is the
    document or closing an entry was made of, `reverses` the entry that it takes back, `job` the
    unfinished job that holds it; `is_own`: whether a caller entered it.

    What an entry is booked by is judged as the company maps it now, line by line, and apart from
    the contra account: `is_account` and `is_tax` tell of a code whether it is wanted, one line that
    has such an account, or such a tax, is enough; `has_account`: whether all lines have an account.
    """

    include_deleted: bool = False
    statuses: tuple[EntryStatus, ...] = ()
    families: tuple[EntryFamily, ...] = ()
    sub_types: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    since: datetime | None = None
    until: datetime | None = None
    register: str = ""
    record: str = ""
    reference: str = ""
    reverses: str = ""
    job: str = ""
    is_own: bool | None = None
    is_account: Callable[[str], bool] | None = None
    is_tax: Callable[[str], bool] | None = None
    has_account: bool | None = None

    @property
    def asks_for_accounts(self) -> bool:
        return (self.is_account, self.is_tax, self.has_account) != (None, None, None)


def search(
    tx: Connection, company: str, wanted: EntryFilter, request: PageRequest
) -> Page[AccountingEntry]:
    """A page of the company's entries, by day unless another order is wanted. Raises `Refused` for
    a range that runs backwards, and as `pages.page` does."""
    _judge(wanted)
    where = [ACCOUNTING_ENTRY.c.company == company, *_conditions(wanted)]
    if wanted.asks_for_accounts:
        found = _shapes(tx, company, wanted)
        where.append(ACCOUNTING_ENTRY.c.shape.in_(found) if found else false())
    query = select(ACCOUNTING_ENTRY).where(*where)
    total = _count(tx, where)
    if not wanted.include_deleted:
        query = query.where(ACCOUNTING_ENTRY.c.deleted_at.is_(None))
        total -= _count(tx, (*where, ACCOUNTING_ENTRY.c.deleted_at.is_not(None)))
    return pages.page(
        tx,
        query,
        request,
        allowed=SORTED_BY,
        unique=("id",),
        decode=entry_of,
        default=_DEFAULT,
        total=total,
    )


def _shapes(tx: Connection, company: str, wanted: EntryFilter) -> list[str]:
    """What entries are booked by that have the wanted accounts and taxes. A company without books
    maps nothing."""
    kept = bookkeeping.find(tx, company)
    find = None if kept is None else frozen.finder(kept[1])

    def fits(lines: tuple[LineShape, ...]) -> bool:
        found = [(line, find(line) if find else FoundAccount(None)) for line in lines]
        return all(_fits(found, wanted))

    return list(shapes.matching(tx, company, fits))


def _fits(found: Sequence[tuple[LineShape, FoundAccount]], wanted: EntryFilter) -> Iterator[bool]:
    if wanted.has_account is not None:
        yield wanted.has_account is all(one.account for _, one in found)
    if wanted.is_account is not None:
        codes = [one.account.code for _, one in found if one.account]
        yield any(map(wanted.is_account, codes))
    if wanted.is_tax is not None:
        taxed = [(line, one) for line, one in found if one.tax or line.bears_vat]
        yield any(wanted.is_tax(frozen.tax_code(one.tax, line)) for line, one in taxed)


def _count(tx: Connection, where: Sequence[ColumnElement[bool]]) -> int:
    """Counted along an index alone: rows that are not deleted are not looked at one by one."""
    query = select(func.count()).select_from(ACCOUNTING_ENTRY).where(*where)
    return tx.execute(query).scalar_one()


def _judge(wanted: EntryFilter) -> None:
    is_days = wanted.first is not None or wanted.last is not None
    is_times = wanted.since is not None or wanted.until is not None
    if is_days and is_times:
        raise Refused(DAYS_AND_TIMES, "first", "last", "since", "until")
    if wanted.first is not None and wanted.last is not None and wanted.last < wanted.first:
        raise Refused(BACKWARDS, "first", "last")
    if wanted.since is not None and wanted.until is not None and wanted.until < wanted.since:
        raise Refused(BACKWARDS, "since", "until")


def _conditions(wanted: EntryFilter) -> Iterator[ColumnElement[bool]]:
    row = ACCOUNTING_ENTRY.c
    if wanted.statuses:
        yield row.status.in_([status.value for status in wanted.statuses])
    if wanted.families:
        yield or_(*map(_of_family, wanted.families))
    if wanted.sub_types:
        yield row.sub_type.in_(list(wanted.sub_types))
    if wanted.first is not None:
        yield row.day >= wanted.first.isoformat()
    if wanted.last is not None:
        yield row.day <= wanted.last.isoformat()
    if wanted.since is not None:
        yield row.performed_at >= micros_z(wanted.since)
    if wanted.until is not None:
        yield row.performed_at <= micros_z(wanted.until)
    for name in ("register", "record", "reference", "reverses", "job"):
        if value := getattr(wanted, name):
            yield row[name] == value
    if wanted.is_own is not None:
        yield row.record.is_(None) if wanted.is_own else row.record.is_not(None)


def _of_family(family: EntryFamily) -> ColumnElement[bool]:
    kinds = FAMILIES.get(family)
    if kinds is None:
        return ACCOUNTING_ENTRY.c.sub_type.not_in(sorted(_NAMED))
    return ACCOUNTING_ENTRY.c.sub_type.in_(kinds)
