"""The words of a booking: what fits in, and where the rest goes."""

from fiscus.formats.datev_extf.characters import foreign, transliterated
from fiscus.model.booked import BookedEntry, BookedLine
from fiscus.model.faults import Code, Refused

FOREIGN = Code(
    "DATEV-TEXT-01",
    "DATEV's files are in Windows-1252, which lacks this character: change the text, or leave it "
    "out",
)

TEXT_MAX = 60
CONTENT_MAX = 210
PAIRS_MAX = 20
FACTS_MAX = 7
"""Pairs that are kept for what an entry is; the others are for texts that were cut."""
PIECE_MAX = CONTENT_MAX - 1
"""One character is kept for the apostrophe of a guarded piece."""
FULL_TEXT_MAX = (PAIRS_MAX - FACTS_MAX) * PIECE_MAX
FORMULA = ("=", "+", "-", "@")

SUB_TYPES = {
    "sale": "Verkauf",
    "sale_return": "Rückgabe",
    "payment": "Zahlung",
    "movement": "Kassenbewegung",
    "difference": "Kassendifferenz",
}


def full_text(entry: BookedEntry, line: BookedLine) -> str:
    """All that is said of a line, not yet cut; at least what kind of entry it is."""
    said = [one for one in (entry.partner, entry.note, line.text) if one]
    if len(said) > 1:
        return guarded(", ".join(dict.fromkeys(said)))
    return guarded(said[0] if said else SUB_TYPES.get(entry.sub_type, entry.sub_type))


def guarded(text: str) -> str:
    """A text that begins like a formula has an apostrophe in front: whoever opens the file in a
    spreadsheet must see it, and not run it."""
    return f"'{text}" if text.startswith(FORMULA) else text


def quoted(text: str) -> str:
    """As it stands between the quotes of a cell. Raises `Refused` with the characters that cannot
    be written; a format that was asked before (`judged`) never comes here."""
    if is_plain(text):
        return text
    found = transliterated(text)
    if strange := foreign(found):
        raise Refused(FOREIGN, *strange)
    return found.replace('"', '""')


def content(text: str) -> str:
    """A text of an entry as the content of a pair: spelled first, then cut, because some characters
    are spelled with several."""
    return quoted(transliterated(guarded(text))[:CONTENT_MAX])


def is_plain(text: str) -> bool:
    """Whether it can stand between quotes as it is, as most texts and all ids can."""
    return text.isascii() and text.isprintable() and '"' not in text


def booking_text(text: str) -> tuple[str, tuple[str, ...]]:
    """Buchungstext between its quotes, and the whole text in pieces where it had to be cut."""
    if len(text) <= TEXT_MAX and is_plain(text):
        return text, ()
    found = transliterated(text)
    if len(found) <= TEXT_MAX:
        return quoted(found), ()
    whole = found[:FULL_TEXT_MAX]
    pieces = (whole[at : at + PIECE_MAX] for at in range(0, len(whole), PIECE_MAX))
    return quoted(found[:TEXT_MAX].rstrip()), tuple(quoted(guarded(piece)) for piece in pieces)
