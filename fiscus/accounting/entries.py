"""Accounting entries: what the books say of a sealed record, or what a caller entered.

An entry that was made of a record is never changed by callers: the record is the truth. One that a
caller entered may be changed and taken away until a job holds it.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from fiscus.accounting import shapes
from fiscus.accounting.entry_rows import (
    COLUMNS,
    SHAPE,
    EntryRow,
    entry_of,
    named_of,
    row_of,
    shape_of_row,
    stored,
)
from fiscus.accounting.entry_rows import AccountingEntry as AccountingEntry
from fiscus.accounting.entry_rows import EntryContent as EntryContent
from fiscus.accounting.entry_rows import EntryLine as EntryLine
from fiscus.accounting.entry_rows import EntryStatus as EntryStatus
from fiscus.accounting.mapping import CLEARING
from fiscus.journal.statement import StatedBooking
from fiscus.model.amounts import ZERO
from fiscus.model.faults import Code, Conflict, Fault, Missing, Refused
from fiscus.model.kinds import StatementKind
from fiscus.model.times import micros_z
from fiscus.registry import stating
from fiscus.store.accounting_schema import ACCOUNTING_ENTRY
from fiscus.store.insert import insert_many

UNKNOWN_ENTRY = Code("BOOKS-ENTRY-01", "no accounting entry with this id is visible to you")
MADE_OF_RECORD = Code(
    "BOOKS-ENTRY-02",
    "this accounting entry was made of a sealed record: correct the document, and the books follow",
)
HELD = Code(
    "BOOKS-ENTRY-03",
    "an export job holds this accounting entry, or it was exported: wait for the end of the job, "
    "or enter one that takes it back",
)
DELETED = Code("BOOKS-ENTRY-04", "this accounting entry was deleted")
NO_LINES = Code("BOOKS-ENTRY-05", "an accounting entry has at least one line")
NO_ACCOUNT = Code(
    "BOOKS-ENTRY-06", "a line names either a key of the mapping or an account, and not both"
)
NOT_CENTS = Code("BOOKS-ENTRY-07", "an amount is in whole cents, below a billion")
BAD_CURRENCY = Code("BOOKS-ENTRY-08", "a currency is three capital letters (ISO 4217)")
KNOWN_ENTRY = Code("BOOKS-ENTRY-10", "there is an accounting entry with this id already")
TOO_LONG = Code("BOOKS-ENTRY-11", "a text of an accounting entry is too long")

TEXT_MAX = 500
"""Characters of a text that a caller enters."""

_PIECE = 500
"""How many ids a query names at once."""

_CENTS_BOUND = 10**11
_CENT = Decimal("0.01")


class EntryDraftLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as a caller enters it: `net` and `vat` are signed, debit positive."""

    net: Decimal
    vat: Decimal = ZERO
    key: str = ""
    account: str = ""
    tax_code: str = ""
    percentage: Decimal = Decimal(0)
    text: str = ""


class EntryDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller enters, and may change all of; the fields say what they say in the entry."""

    day: date
    performed_at: datetime
    lines: tuple[EntryDraftLine, ...]
    sub_type: str = ""
    type: str = ""
    reference: str = ""
    currency: str = "EUR"
    contra_key: str = CLEARING
    note: str = ""
    partner: str = ""
    partner_tax_number: str = ""
    reverses: str = ""
    extras: Mapping[str, Any] = {}


def find(tx: Connection, organizations: Collection[str], id_: str) -> AccountingEntry:
    """The entry of one of these organizations, deleted ones too. Raises `Missing`."""
    row = tx.execute(select(ACCOUNTING_ENTRY).where(ACCOUNTING_ENTRY.c.id == id_)).one_or_none()
    if row is None or row.organization not in organizations:
        raise Missing(UNKNOWN_ENTRY)
    return entry_of(row)


def by_ids(tx: Connection, company: str, ids: Sequence[str]) -> dict[str, AccountingEntry]:
    """The company's entries with these ids, deleted ones too; ids that are unknown are left out."""
    found: dict[str, AccountingEntry] = {}
    for start in range(0, len(ids), _PIECE):
        rows = tx.execute(
            select(ACCOUNTING_ENTRY).where(named_of(company, ids[start : start + _PIECE]))
        )
        found.update((row.id, entry_of(row)) for row in rows)
    return found


def of_record(tx: Connection, company: str, record: str) -> list[AccountingEntry]:
    """What the company's books have made of a record, in the order of booking."""
    # Found by the record, of which there are few: by the company there are all.
    is_own = ACCOUNTING_ENTRY.c.company.concat("") == company
    rows = tx.execute(
        select(ACCOUNTING_ENTRY).where(
            ACCOUNTING_ENTRY.c.record == record, is_own, ACCOUNTING_ENTRY.c.deleted_at.is_(None)
        )
    )
    return [entry_of(row) for row in sorted(rows, key=lambda row: (row.day, row.id))]


def create(
    tx: Connection,
    *,
    id_: str,
    company: str,
    organization: str,
    draft: EntryDraft,
    by: str,
    at: datetime,
) -> AccountingEntry:
    """Enter what no record says, and state it. Raises `Refused` with all that is wrong, `Conflict`
    if the id is taken by another entry."""
    entry = _drafted(id_, company, organization, draft, created_at=at, at=at)
    _expect_reversible(tx, company, draft)
    if insert_all(tx, [entry]) == 0:
        raise Conflict(KNOWN_ENTRY, "id")
    _state(tx, entry, "created", by)
    return entry


def change(
    tx: Connection, entry: AccountingEntry, draft: EntryDraft, *, by: str, at: datetime
) -> AccountingEntry:
    """Put what a caller says now in the place of what it entered. Raises `Conflict` if the entry
    was made of a record, was deleted, or is held by a job or exported; `Refused` with all that is
    wrong."""
    entry = _changeable(tx, entry)
    _expect_reversible(tx, entry.company, draft)
    changed = _drafted(
        entry.id, entry.company, entry.organization, draft, created_at=entry.created_at, at=at
    )
    row = row_of(changed)
    _keep_shapes(tx, [row])
    tx.execute(
        ACCOUNTING_ENTRY.update()
        .where(ACCOUNTING_ENTRY.c.id == entry.id)
        .values(dict(zip(COLUMNS, row, strict=True)))
    )
    _state(tx, changed, "changed", by)
    return changed


def delete(tx: Connection, entry: AccountingEntry, *, by: str, at: datetime) -> AccountingEntry:
    """Take an entry of a caller away; it is still found, as deleted. Raises `Conflict` as `change`
    does."""
    entry = _changeable(tx, entry)
    deleted = msgspec.structs.replace(entry, deleted_at=at, updated_at=at)
    tx.execute(
        ACCOUNTING_ENTRY.update()
        .where(ACCOUNTING_ENTRY.c.id == entry.id)
        .values(deleted_at=micros_z(at), updated_at=micros_z(at))
    )
    _state(tx, deleted, "deleted", by)
    return deleted


def insert_all(tx: Connection, entries: Iterable[AccountingEntry]) -> int:
    """Insert entries; those that are there already stay as they are. Gives how many went in."""
    return insert_rows(tx, [row_of(entry) for entry in entries])


def insert_rows(tx: Connection, rows: Sequence[EntryRow]) -> int:
    """As `insert_all`, of rows of the table."""
    _keep_shapes(tx, rows)
    return insert_many(tx, ACCOUNTING_ENTRY, rows, once=True)


def _keep_shapes(tx: Connection, rows: Sequence[EntryRow]) -> None:
    """Many rows share one, so one row of each is asked for it."""
    different = {row[SHAPE]: row for row in rows}
    shapes.keep(tx, map(shape_of_row, different.values()))


def _changeable(tx: Connection, entry: AccountingEntry) -> AccountingEntry:
    """The entry as it is now, locked until the transaction ends, if callers may change it."""
    row = tx.execute(
        select(ACCOUNTING_ENTRY).where(ACCOUNTING_ENTRY.c.id == entry.id).with_for_update()
    ).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_ENTRY)
    if row.record is not None:
        raise Conflict(MADE_OF_RECORD)
    if row.deleted_at is not None:
        raise Conflict(DELETED)
    if row.status != EntryStatus.NOT_EXPORTED:
        raise Conflict(HELD, row.status)
    return entry_of(row)


def _expect_reversible(tx: Connection, company: str, draft: EntryDraft) -> None:
    if draft.reverses and not by_ids(tx, company, [draft.reverses]):
        raise Refused(UNKNOWN_ENTRY, "reverses")


def _drafted(
    id_: str,
    company: str,
    organization: str,
    draft: EntryDraft,
    *,
    created_at: datetime,
    at: datetime,
) -> AccountingEntry:
    faults = _faults(draft)
    if faults:
        raise Refused(Code(faults[0].code, faults[0].text), *faults[0].paths, faults=faults)
    lines = tuple(
        EntryLine(
            key=line.key,
            account=line.account,
            amount=line.net + line.vat,
            net=line.net,
            vat=line.vat,
            tax_code=line.tax_code,
            percentage=line.percentage,
            text=line.text,
        )
        for line in draft.lines
    )
    return AccountingEntry(
        id=id_,
        company=company,
        organization=organization,
        day=draft.day,
        performed_at=draft.performed_at,
        sub_type=draft.sub_type,
        type=draft.type,
        reference=draft.reference,
        amount=sum((line.amount for line in lines), ZERO),
        currency=draft.currency,
        content=EntryContent(
            lines=lines,
            contra_key=draft.contra_key,
            note=draft.note,
            partner=draft.partner,
            partner_tax_number=draft.partner_tax_number,
            documents=0,
            extras=draft.extras,
        ),
        reverses=draft.reverses,
        created_at=created_at,
        updated_at=at,
    )


def _faults(draft: EntryDraft) -> tuple[Fault, ...]:
    """All that is wrong with what a caller enters."""
    places: dict[Code, list[str]] = {}
    if not draft.lines:
        places[NO_LINES] = ["lines"]
    is_currency = len(draft.currency) == 3 and draft.currency.isalpha() and draft.currency.isascii()
    if not is_currency or not draft.currency.isupper():
        places[BAD_CURRENCY] = ["currency"]
    for position, line in enumerate(draft.lines):
        place = f"lines[{position}]"
        if bool(line.key) == bool(line.account):
            places.setdefault(NO_ACCOUNT, []).append(place)
        for name in ("net", "vat"):
            if not _is_cents(getattr(line, name)):
                places.setdefault(NOT_CENTS, []).append(f"{place}.{name}")
        for name in ("key", "account", "tax_code", "text"):
            if len(getattr(line, name)) > TEXT_MAX:
                places.setdefault(TOO_LONG, []).append(f"{place}.{name}")
    for name in _TEXTS:
        if len(getattr(draft, name)) > TEXT_MAX:
            places.setdefault(TOO_LONG, []).append(name)
    return tuple(
        Fault(code=code.id, text=code.text, paths=tuple(paths)) for code, paths in places.items()
    )


_TEXTS = (
    "sub_type",
    "type",
    "reference",
    "contra_key",
    "note",
    "partner",
    "partner_tax_number",
)


def _is_cents(amount: Decimal) -> bool:
    if not amount.is_finite() or abs(amount) * 100 >= _CENTS_BOUND:
        return False
    return amount == amount.quantize(_CENT)


def _state(tx: Connection, entry: AccountingEntry, act: str, by: str) -> None:
    said = (
        entry.day.isoformat(),
        micros_z(entry.performed_at),
        entry.sub_type,
        entry.type,
        entry.reference,
        entry.currency,
        entry.reverses,
        stored(entry.content).decode(),
    )
    stating.stating(tx).state(
        tx,
        StatementKind.BOOKED,
        organization=entry.organization,
        by=by,
        booking=StatedBooking(
            entry=entry.id,
            company=entry.company,
            act=act,
            sha256=hashlib.sha256(msgspec.json.encode(said)).hexdigest(),
        ),
    )
