"""Accounting entries as values and as rows of the table.

Amounts are `Decimal` with two decimals in the structs and whole cents in the table; debit is
positive, credit negative.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, and_, func

from fiscus.accounting.mapping import CLEARING
from fiscus.accounting.shapes import EntryShape, shape_of
from fiscus.model.amounts import CENT, ZERO
from fiscus.model.ids import uuid5_of
from fiscus.model.times import instant, micros_z
from fiscus.store.accounting_schema import ACCOUNTING_ENTRY


class EntryStatus(StrEnum):
    """Whether an entry has gone to an accounting system: no, in a job that waits, in a job that is
    being worked off, yes."""

    NOT_EXPORTED = "NOT_EXPORTED"
    QUEUED = "QUEUED"
    EXPORTING = "EXPORTING"
    EXPORTED = "EXPORTED"


class EntryLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One amount under one key of the law, or on an account that the caller named (`account`; the
    key is empty then). `amount` is `net` plus `vat`, all signed alike: debit positive.

    `tax_code` and `percentage` are the law's, or those of the caller's chart; an empty code: it
    bears no VAT. Its id follows from the entry's and its position: `line_id`.
    """

    key: str
    amount: Decimal
    net: Decimal
    vat: Decimal = ZERO
    account: str = ""
    tax_code: str = ""
    percentage: Decimal = Decimal(0)
    text: str = ""


class EntryContent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What an entry books. `contra_key` is the key of the account against which its lines stand;
    `link` the hash of the sealed record in the journal, `documents` how many documents it covers
    (of a closing: those summed), `partner` a customer that was named; `extras` what a caller
    entered besides, in its own words."""

    lines: tuple[EntryLine, ...]
    contra_key: str = CLEARING
    note: str = ""
    partner: str = ""
    partner_tax_number: str = ""
    link: str = ""
    documents: int = 1
    extras: Mapping[str, Any] = {}


class AccountingEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One entry of a company's books.

    `record` and `part` tell what it was made of (both empty: a caller entered it), `register` where
    that was sealed. `day` is the booking day in the taxpayer's zone, `performed_at` UTC. `amount`
    is the sum of its lines. `type` is a caller's own word (empty: the mapping says it), `job` the
    unfinished job that holds it, `reverses` the entry that this one takes back.
    """

    id: str
    company: str
    organization: str
    record: str = ""
    part: str = ""
    register: str = ""
    day: date
    performed_at: datetime
    sub_type: str
    type: str = ""
    reference: str
    amount: Decimal
    currency: str
    content: EntryContent
    status: EntryStatus = EntryStatus.NOT_EXPORTED
    job: str = ""
    exported_at: datetime | None = None
    external_id: str = ""
    external_url: str = ""
    reverses: str = ""
    deleted_at: datetime | None = None
    created_at: datetime
    updated_at: datetime


class StoredLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A line in the table: amounts in whole cents. Its members stand in the order of their names,
    as they are written."""

    account: str = ""
    amount: int
    key: str
    net: int
    percentage: Decimal = Decimal(0)
    tax_code: str = ""
    text: str = ""
    vat: int = 0


class StoredContent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An entry's content in the table; its members, too, stand in the order of their names."""

    contra_key: str = CLEARING
    documents: int = 1
    extras: Mapping[str, Any] = {}
    lines: tuple[StoredLine, ...]
    link: str = ""
    note: str = ""
    partner: str = ""
    partner_tax_number: str = ""


_encoder = msgspec.json.Encoder(decimal_format="string", order="deterministic")
_decoder = msgspec.json.Decoder(StoredContent)


def entry_id(company: str, record: str, part: str) -> str:
    """The id of the entry that is made of this part of a record: the same at each derivation
    (UUIDv5 of RFC 9562, the company's id is the name space)."""
    return uuid5_of(_bytes(company), f"{record}:{part}")


def line_id(entry: str, position: int) -> str:
    """The id of a line: the same whenever the entry is read (UUIDv5 below the entry's)."""
    return uuid5_of(bytes.fromhex(entry.replace("-", "")), str(position))


@lru_cache(maxsize=64)
def _bytes(company: str) -> bytes:
    return UUID(company).bytes


def cents(amount: Decimal) -> int:
    """An amount of two decimals as whole cents."""
    return int(amount * 100)


def amount_of(in_cents: int) -> Decimal:
    """Whole cents as an amount with two decimals."""
    return in_cents * CENT


def stored(content: EntryContent) -> bytes:
    """An entry's content as the table keeps it."""
    lines = [
        StoredLine(
            key=line.key,
            amount=cents(line.amount),
            net=cents(line.net),
            vat=cents(line.vat) if line.vat else 0,
            account=line.account,
            tax_code=line.tax_code,
            percentage=line.percentage,
            text=line.text,
        )
        for line in content.lines
    ]
    return _encoder.encode(
        StoredContent(
            lines=tuple(lines),
            contra_key=content.contra_key,
            note=content.note,
            partner=content.partner,
            partner_tax_number=content.partner_tax_number,
            link=content.link,
            documents=content.documents,
            extras=content.extras,
        )
    )


def content_of(in_table: bytes) -> EntryContent:
    kept = _decoder.decode(in_table)
    lines = [
        EntryLine(
            key=line.key,
            amount=line.amount * CENT,
            net=line.net * CENT,
            vat=line.vat * CENT,
            account=line.account,
            tax_code=line.tax_code,
            percentage=line.percentage,
            text=line.text,
        )
        for line in kept.lines
    ]
    return EntryContent(
        lines=tuple(lines),
        contra_key=kept.contra_key,
        note=kept.note,
        partner=kept.partner,
        partner_tax_number=kept.partner_tax_number,
        link=kept.link,
        documents=kept.documents,
        extras=kept.extras,
    )


EntryRow = tuple[Any, ...]
"""A row of the table: values in the order of its columns."""

COLUMNS = [column.name for column in ACCOUNTING_ENTRY.columns]
SHAPE = COLUMNS.index("shape")
_COMPANY, _CONTENT = COLUMNS.index("company"), COLUMNS.index("content")


def row_of(entry: AccountingEntry) -> EntryRow:
    return (
        entry.id,
        entry.company,
        entry.organization,
        entry.record or None,
        entry.part,
        entry.register or None,
        _day_text(entry.day),
        _text(entry.performed_at),
        entry.sub_type,
        entry.type or None,
        entry.reference,
        cents(entry.amount),
        entry.currency,
        stored(entry.content),
        entry.status.value,
        entry.job or None,
        _text(entry.exported_at) if entry.exported_at else None,
        entry.external_id or None,
        entry.external_url or None,
        entry.reverses or None,
        _text(entry.deleted_at) if entry.deleted_at else None,
        _text(entry.created_at),
        _text(entry.updated_at),
        shape_of(entry.company, entry.content.lines).id,
    )


def named_of(company: str, ids: Sequence[str]) -> ColumnElement[bool]:
    """Which rows are the company's entries with these ids. They are found by their ids: without
    statistics SQLite would rather read all entries of the company, so that is no term of its
    own."""
    of = func.coalesce(ACCOUNTING_ENTRY.c.company, "")
    return and_(ACCOUNTING_ENTRY.c.id.in_(list(ids)), of == company)


def made_row(
    id_: str,
    company: str,
    organization: str,
    record: str,
    part: str,
    register: str,
    day: date,
    performed_at: datetime,
    sub_type: str,
    reference: str,
    amount: int,
    currency: str,
    content: StoredContent,
    reverses: str,
    made_at: datetime,
) -> EntryRow:
    """What `row_of` gives for an entry that is made of a record now: there are two and more for
    each sale, and no other value stands between. `amount` is in whole cents."""
    at = _text(made_at)
    return (
        id_,
        company,
        organization,
        record,
        part,
        register or None,
        _day_text(day),
        _text(performed_at),
        sub_type,
        None,
        reference,
        amount,
        currency,
        _encoder.encode(content),
        _NOT_EXPORTED,
        None,
        None,
        None,
        None,
        reverses or None,
        None,
        at,
        at,
        shape_of(company, content.lines).id,
    )


def shape_of_row(row: EntryRow) -> EntryShape:
    """What an entry is booked by, told by its row."""
    return shape_of(row[_COMPANY], _decoder.decode(row[_CONTENT]).lines)


def entry_of(row: Row[Any] | EntryRow) -> AccountingEntry:
    """The inverse of `row_of`, of a row that begins with all columns of the table."""
    (
        id_,
        company,
        organization,
        record,
        part,
        register,
        day,
        performed_at,
        sub_type,
        type_,
        reference,
        amount,
        currency,
        content,
        status,
        job,
        exported_at,
        external_id,
        external_url,
        reverses,
        deleted_at,
        created_at,
        updated_at,
        _,
    ) = row[: len(COLUMNS)]
    return AccountingEntry(
        id=id_,
        company=company,
        organization=organization,
        record=record or "",
        part=part,
        register=register or "",
        day=_day(day),
        performed_at=_instant(performed_at),
        sub_type=sub_type,
        type=type_ or "",
        reference=reference,
        amount=amount_of(amount),
        currency=currency,
        content=content_of(content),
        status=_STATUSES[status],
        job=job or "",
        exported_at=_instant(exported_at) if exported_at else None,
        external_id=external_id or "",
        external_url=external_url or "",
        reverses=reverses or "",
        deleted_at=_instant(deleted_at) if deleted_at else None,
        created_at=_instant(created_at),
        updated_at=_instant(updated_at),
    )


_STATUSES = {status.value: status for status in EntryStatus}
_NOT_EXPORTED = EntryStatus.NOT_EXPORTED.value

# Entries that stand together share their days and instants.
_day = lru_cache(maxsize=512)(date.fromisoformat)
_day_text = lru_cache(maxsize=512)(date.isoformat)
_instant = lru_cache(maxsize=512)(instant)
_text = lru_cache(maxsize=512)(micros_z)
