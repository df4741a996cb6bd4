"""Control totals of a file: what was handed to its format, counted while it streams by, so that a
person can hold the file against the journal and against its own sums."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import msgspec

from fiscus.formats import IssuedDocument, Selection
from fiscus.model.amounts import ZERO
from fiscus.model.extracts import BodyExtract
from fiscus.model.records import EntryBody

CLOSINGS = "Z"
"""The kind of the totals of closings."""


class ControlTotal(msgspec.Struct, frozen=True, kw_only=True):
    """What a file of one `format` holds of one `kind`: documents of one of the law's types, or
    closings. `count` has the cancelled ones too, the amounts do not: net, VAT and both together, as
    they were sealed (a closing's is signed), with two decimals. `documents` are those that closings
    cover."""

    format: str
    kind: str
    count: int = 0
    cancelled: int = 0
    documents: int = 0
    net: Decimal = ZERO
    vat: Decimal = ZERO
    gross: Decimal = ZERO


class FileTally:
    """Counts what a format reads. A format may read everything twice: each time is counted anew."""

    def __init__(self) -> None:
        self._files: dict[str, dict[str, ControlTotal]] = {}

    def totals(self) -> tuple[ControlTotal, ...]:
        """By format and kind."""
        return tuple(
            total for _, kinds in sorted(self._files.items()) for _, total in sorted(kinds.items())
        )

    def counted(self, format_: str, chosen: Selection) -> Selection:
        """The same selection, counted while that format reads it."""

        def records() -> Iterator[IssuedDocument]:
            kinds = self._begun(format_)
            for issued in chosen.records():
                _add(kinds, format_, issued)
                yield issued

        def closings() -> Iterator[tuple[EntryBody, Iterator[BodyExtract]]]:
            kinds = self._begun(format_)
            for body, covered in chosen.closings():
                _add_closing(kinds, format_, body)
                yield body, covered

        return replace(chosen, records=records, closings=closings)

    def _begun(self, format_: str) -> dict[str, ControlTotal]:
        self._files[format_] = {}
        return self._files[format_]


def _add(kinds: dict[str, ControlTotal], format_: str, issued: IssuedDocument) -> None:
    seal = issued.body.seal
    if seal is None:
        return
    known = kinds.get(seal.document_type)
    total = known or ControlTotal(format=format_, kind=seal.document_type)
    is_void = issued.void is not None
    kinds[seal.document_type] = msgspec.structs.replace(
        total,
        count=total.count + 1,
        cancelled=total.cancelled + is_void,
        net=total.net if is_void else total.net + seal.net,
        vat=total.vat if is_void else total.vat + seal.vat,
        gross=total.gross if is_void else total.gross + seal.gross,
    )


def _add_closing(kinds: dict[str, ControlTotal], format_: str, body: EntryBody) -> None:
    closing = body.closing
    if closing is None:
        return
    total = kinds.get(CLOSINGS) or ControlTotal(format=format_, kind=CLOSINGS)
    kinds[CLOSINGS] = msgspec.structs.replace(
        total,
        count=total.count + 1,
        documents=total.documents + closing.documents,
        net=total.net + closing.gross - closing.vat,
        vat=total.vat + closing.vat,
        gross=total.gross + closing.gross,
    )


def written(totals: tuple[ControlTotal, ...]) -> str:
    """As the row of a file keeps them."""
    return msgspec.json.encode(totals).decode()


def read_back(text: str) -> tuple[ControlTotal, ...]:
    return msgspec.json.decode(text, type=tuple[ControlTotal, ...])
