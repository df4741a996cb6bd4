"""What a correction corrects: which line of the original, and how much of it is left."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Self

import msgspec

from fiscus.model.amounts import ZERO, decimals_half_up
from fiscus.model.documents import Draft, DraftLine, Party
from fiscus.model.records import AssessedLine, Case, EntryBody, Seal
from fiscus.model.roundings import net_in
from fiscus.regimes.pt import parties
from fiscus.regimes.pt.documents import (
    CORRECTABLE,
    CREDITABLE,
    DOCUMENT_TYPES,
    NC,
    is_correction,
    is_credit,
)
from fiscus.regimes.pt.rates import exempt_of

TEXT_LENGTH_MAX = 200
CENT = Decimal("0.01")
NET_DECIMALS = 8
"""Of the net value of a line, which may have no end (1.99 / 1.23)."""


class LineLeft(NamedTuple):
    """What is left of a line: `gross` is what was paid and goes back, VAT included. The net value
    is that of the gross value left, so that nothing is left where all of it went back, in however
    many parts."""

    quantity: Decimal
    gross: Decimal
    percentage: Decimal

    @property
    def net(self) -> Decimal:
        return decimals_half_up(net_in(self.gross, self.percentage), NET_DECIMALS)

    def less(self, quantity: Decimal, gross: Decimal) -> Self:
        """What a credit leaves. Goods that go back take quantity and value. A credit of less than
        they are still worth corrects their price, and takes value alone: nothing was returned."""
        is_price = (gross + CENT) * self.quantity < self.gross * quantity
        returned = ZERO if is_price and quantity <= self.quantity else quantity
        return self._replace(quantity=self.quantity - returned, gross=self.gross - gross)


def described(text: str) -> str:
    """A product description as the SAF-T takes it: 2 to 200 characters, no blanks around.

    A single character gets a full stop rather than a refusal: no sale fails for a short name.
    """
    text = text.strip()[:TEXT_LENGTH_MAX].rstrip()
    return f"{text}." if len(text) == 1 else text


def own_document(case: Case) -> Seal | None:
    """The seal of the document the draft refers to, if this taxpayer issued one."""
    original = case.original
    if original is None or original.place.taxpayer != case.place.taxpayer.id:
        return None
    seal = original.seal
    return seal if seal and seal.document_type in DOCUMENT_TYPES else None


def invoice(case: Case) -> Seal | None:
    """The seal of the invoice a correction corrects. What a debit note added may be credited too;
    a credit note is not corrected, only cancelled."""
    seal = own_document(case) if is_correction(case.draft) else None
    types = CREDITABLE if is_credit(case.draft) else CORRECTABLE
    return seal if seal and seal.document_type in types else None


def is_of_another_program(draft: Draft) -> bool:
    """Whether a correction names a document that was issued elsewhere, by its number and day. What
    stood in it and what is left of it nobody here can tell."""
    return is_correction(draft) and bool(draft.external_reference) and not draft.refers_to


class CorrectedDocument(NamedTuple):
    """What a note corrects, as the file and the print name it."""

    number: str
    day: date


def corrected(case: Case) -> CorrectedDocument | None:
    draft = case.draft
    if is_of_another_program(draft) and draft.external_on:
        return CorrectedDocument(draft.external_reference, draft.external_on)
    original = own_document(case) if is_correction(draft) else None
    return CorrectedDocument(original.number, original.day) if original else None


def original_lines(case: Case) -> tuple[AssessedLine | None, ...]:
    """For each line of a correction the line of the original it means, None if that is unclear.

    A line means an original line by its number, or without one by its text, which must be unique.
    """
    seal = invoice(case)
    if seal is None:
        return (None,) * len(case.draft.lines)
    assert case.original
    assert case.original.draft
    by_number: dict[str, list[AssessedLine]] = {}
    by_text: dict[str, list[AssessedLine]] = {}
    for said, assessed in zip(case.original.draft.lines, seal.lines, strict=True):
        number = _digits(said.number) or str(assessed.number)
        by_number.setdefault(number, []).append(assessed)
        by_text.setdefault(assessed.text, []).append(assessed)
    return tuple(_meant(line, by_number, by_text) for line in case.draft.lines)


def completed(case: Case) -> Draft:
    """The draft with its buyer as the law spells it. What a note leaves out it has from its
    original: the buyer, and of each line the region and the reason of an exemption. Its reason may
    be said as a remark."""
    draft = case.draft
    buyer = parties.as_read(draft.buyer)
    lines = draft.lines
    if (original := invoice(case)) is not None:
        buyer = parties.completed(buyer, original_buyer(case))
        regions = {each.region for each in original.lines}
        lines = tuple(
            _completed(line, each, regions)
            for line, each in zip(draft.lines, original_lines(case), strict=True)
        )
    reason = draft.reason or (draft.text if is_correction(draft) else "")
    return msgspec.structs.replace(draft, buyer=buyer, lines=lines, reason=reason)


def original_buyer(case: Case) -> Party | None:
    """Who bought what a note corrects."""
    original = case.original.draft if case.original else None
    return parties.as_read(original.buyer) if original else None


def _completed(line: DraftLine, original: AssessedLine | None, regions: set[str]) -> DraftLine:
    """A line that is new on a debit note is of the original's region, if that has one only."""
    vat = line.vat
    region = original.region if original else regions.copy().pop() if len(regions) == 1 else ""
    row = exempt_of(vat.code) if vat.is_exempt else None
    is_same = original is not None and row is not None and row.code == original.exemption
    mention = original.exemption_text if original and is_same else ""
    vat = msgspec.structs.replace(vat, region=vat.region or region, reason=vat.reason or mention)
    return msgspec.structs.replace(line, vat=vat)


def pairs(case: Case) -> Iterator[tuple[int, DraftLine, AssessedLine]]:
    """The lines of a correction with their originals, as far as they have one."""
    if is_correction(case.draft):
        for i, original in enumerate(original_lines(case)):
            if original:
                yield i, case.draft.lines[i], original


def _meant(
    line: DraftLine,
    by_number: dict[str, list[AssessedLine]],
    by_text: dict[str, list[AssessedLine]],
) -> AssessedLine | None:
    number, text = _digits(line.number), described(line.text)
    found = by_number.get(number, []) if number else by_text.get(text, [])
    if len(found) > 1:
        found = [each for each in found if each.text == text]
    return found[0] if len(found) == 1 else None


def _digits(number: str) -> str:
    return number.strip().lstrip("0")


def credited_gross(notes: Iterable[EntryBody]) -> Decimal:
    """What the standing credit notes took off the original, VAT included."""
    return sum((seal.gross for seal in _credits(notes)), ZERO)


def left(original: Seal, notes: Iterable[EntryBody]) -> dict[int, LineLeft]:
    """What may still be credited, by line number of the original."""
    rest = {
        line.number: LineLeft(line.quantity, line.net + line.vat, line.percentage)
        for line in original.lines
    }
    for line in (line for seal in _credits(notes) for line in seal.lines):
        before = rest[line.original_line]
        rest[line.original_line] = before.less(line.quantity, line.net + line.vat)
    return rest


def _credits(notes: Iterable[EntryBody]) -> Iterator[Seal]:
    for note in notes:
        if note.seal and note.seal.document_type == NC.code:
            yield note.seal
