"""What the index keeps of an entry, and how words are made comparable before they are searched."""

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from enum import IntFlag
from functools import lru_cache
from typing import NamedTuple

from fiscus.model.amounts import CENT, ZERO, cents_half_up
from fiscus.model.documents import Direction, Draft, Party
from fiscus.model.kinds import EntryKind
from fiscus.model.records import EntryBody
from fiscus.model.times import day, micros_z

INDEXED = (
    EntryKind.DOCUMENT.value,
    EntryKind.VOID.value,
    EntryKind.ABORT.value,
    EntryKind.REFUSAL.value,
    EntryKind.CLOSING.value,
)
"""The kinds of entries that are found as documents: what concluded an operation, or refused it."""


class DocumentMark(IntFlag):
    """What a document is, and what later entries made of it. `SIGNED` and `UNSIGNED` speak of the
    law's own signature; a document whose law asks for none has neither."""

    TRAINING = 1
    CANCELLED = 2
    CORRECTED = 4
    REFUSED = 8
    UNSIGNED = 16
    SIGNED = 32


class IndexRow(NamedTuple):
    """A row of the index, its fields in the order of the columns; amounts in cents."""

    id: str
    organization: str
    taxpayer: str
    location: str
    register: str
    at: str
    day: str
    kind: str
    document_type: str
    number: str
    number_key: str | None
    code: str
    code_key: str | None
    gross: int
    currency: str
    customer: str
    customer_key: str
    words: str
    marks: int


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """The same without case, accents and doubled spaces: what is typed and what is searched. A shop
    sells the same things again and again, so what was folded last is remembered."""
    plain = text.casefold()
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", plain)
        plain = "".join(each for each in apart if not unicodedata.combining(each)).casefold()
    return " ".join(plain.split())


def number_key(number: str) -> str:
    """A number as it is compared: people leave out spaces and care for no case."""
    return "".join(folded(number).split())


def cents(amount: object) -> int:
    """A decimal in whole cents."""
    return int(cents_half_up(amount) / CENT)  # type: ignore[arg-type]


def row_of(kind: str, body: EntryBody, timezone: str) -> IndexRow:
    """What is kept of an entry; `timezone` is that of its location."""
    draft, seal = body.draft, body.seal
    number, code = (seal.number, seal.code) if seal else ("", "")
    on: date = seal.day if seal else day(body.at, timezone)
    buyer = draft.buyer if draft and draft.buyer else _NOBODY
    return IndexRow(
        id=body.id,
        organization=body.place.organization,
        taxpayer=body.place.taxpayer,
        location=body.place.location,
        register=body.register,
        at=micros_z(body.at),
        day=on.isoformat(),
        kind=draft.kind.value if draft else "",
        document_type=seal.document_type if seal else "",
        number=number,
        number_key=number_key(number) or None,
        code=code,
        code_key=number_key(code) or None,
        gross=cents(_gross(body)),
        currency=draft.currency if draft else "",
        customer=buyer.name or buyer.tax_number or buyer.vat_number,
        customer_key=_joined(_named(buyer)),
        words=_joined([number, *(_words(draft) if draft else ())]),
        marks=int(marks_of(kind, body)),
    )


_NOBODY = Party()


def marks_of(kind: str, body: EntryBody) -> DocumentMark:
    """What an entry says of itself."""
    seal, marks = body.seal, DocumentMark(0)
    if body.draft is not None and body.draft.is_training:
        marks |= DocumentMark.TRAINING
    if kind == EntryKind.REFUSAL:
        marks |= DocumentMark.REFUSED
    if seal is not None and seal.outage:
        marks |= DocumentMark.UNSIGNED
    elif seal is not None and (seal.signature or seal.signing):
        marks |= DocumentMark.SIGNED
    return marks


def mark_by(kind: str) -> DocumentMark:
    """What an entry of this kind makes of the document that it refers to."""
    return DocumentMark.CANCELLED if kind == EntryKind.VOID else DocumentMark.CORRECTED


def _gross(body: EntryBody) -> object:
    """As the law states it, else as the caller does."""
    draft = body.draft
    if body.seal is not None:
        return body.seal.gross
    if draft is None:
        return ZERO
    if draft.totals is not None:
        return draft.totals.inclusive
    backwards = (Direction.RETURN,)
    return sum(
        (
            -line.vat.inclusive if line.direction in backwards else line.vat.inclusive
            for line in draft.lines
        ),
        ZERO,
    )


def _named(buyer: Party) -> Iterator[str]:
    yield from (buyer.name, buyer.tax_number, buyer.vat_number, buyer.code)


def _words(draft: Draft) -> Iterator[str]:
    """What people remember of a document: titles, articles, references, reasons, tables."""
    if draft.buyer is not None:
        yield from _named(draft.buyer)
    for line in draft.lines:
        yield from (line.text, line.product, line.gtin, line.serial, line.voucher)
        for part in line.parts:
            yield from (part.text, part.product)
    yield from (draft.reference, draft.external_reference, draft.external_text, draft.reason)
    yield from (draft.text, draft.operator, draft.operator_name, *draft.groups)
    yield from draft.order_references


def _joined(texts: Iterable[str]) -> str:
    """Each different text once, searchable; a new line keeps them apart."""
    return "\n".join(dict.fromkeys(found for text in texts if text and (found := folded(text))))
