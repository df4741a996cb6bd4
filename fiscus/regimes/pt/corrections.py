"""What a correction corrects: which line of the original, and how much of it is left."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from fiscus.model.amounts import ZERO
from fiscus.model.documents import Line
from fiscus.model.records import Assessed, Body, Case, Seal
from fiscus.regimes.pt.documents import CORRECTABLE, DOCUMENT_TYPES, NC, is_correction

TEXT_LENGTH_MAX = 200


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
    """The seal of the invoice a correction corrects; notes are not corrected, only cancelled."""
    seal = own_document(case) if is_correction(case.draft) else None
    return seal if seal and seal.document_type in CORRECTABLE else None


def original_lines(case: Case) -> tuple[Assessed | None, ...]:
    """For each line of a correction the line of the original it means, None if that is unclear.

    A line means an original line by its number, or without one by its text, which must be unique.
    """
    seal = invoice(case)
    if seal is None:
        return (None,) * len(case.draft.lines)
    assert case.original
    assert case.original.draft
    by_number: dict[str, list[Assessed]] = {}
    by_text: dict[str, list[Assessed]] = {}
    for said, assessed in zip(case.original.draft.lines, seal.lines, strict=True):
        number = _digits(said.number) or str(assessed.number)
        by_number.setdefault(number, []).append(assessed)
        by_text.setdefault(assessed.text, []).append(assessed)
    return tuple(_meant(line, by_number, by_text) for line in case.draft.lines)


def pairs(case: Case) -> Iterator[tuple[int, Line, Assessed]]:
    """The lines of a correction with their originals, as far as they have one."""
    if is_correction(case.draft):
        for i, original in enumerate(original_lines(case)):
            if original:
                yield i, case.draft.lines[i], original


def _meant(
    line: Line, by_number: dict[str, list[Assessed]], by_text: dict[str, list[Assessed]]
) -> Assessed | None:
    number, text = _digits(line.number), described(line.text)
    found = by_number.get(number, []) if number else by_text.get(text, [])
    if len(found) > 1:
        found = [each for each in found if each.text == text]
    return found[0] if len(found) == 1 else None


def _digits(number: str) -> str:
    return number.strip().lstrip("0")


def credited_gross(notes: Iterable[Body]) -> Decimal:
    """What the standing credit notes took off the original, VAT included."""
    return sum((seal.gross for seal in _credits(notes)), ZERO)


def left(original: Seal, notes: Iterable[Body]) -> dict[int, tuple[Decimal, Decimal]]:
    """Quantity and net value still to be credited, by line number of the original."""
    rest = {line.number: (line.quantity, line.net) for line in original.lines}
    for line in (line for seal in _credits(notes) for line in seal.lines):
        quantity, net = rest[line.original_line]
        rest[line.original_line] = (quantity - line.quantity, net - line.net)
    return rest


def _credits(notes: Iterable[Body]) -> Iterator[Seal]:
    for note in notes:
        if note.seal and note.seal.document_type == NC.code:
            yield note.seal
