"""One entry by itself: is its body sound, linked, signed, and copied rightly into the columns?

Nothing here looks at another entry, so entries may be examined in several processes.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from fiscus.journal.verify_keys import Keyring, base64url, is_signed
from fiscus.journal.verify_report import Finding, found

PROOFS = ("kind", "link", "signature", "body")
KIND_BYTES_MAX = 255
NUMBER_MAX = 2**63 - 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HEX_DIGITS = frozenset("0123456789abcdef")
CONCLUDES_NOTHING = ("refusal@", "outage@", "restored@", "exchanged@")
UNKNOWN_LINK = bytes(32)

Members = Mapping[str, object]
Broken = list[tuple[str, str]]


class Copies(NamedTuple):
    """The columns that repeat members of the body, as found or as they should be."""

    id: object
    register: object
    sequence: object
    at: object
    organization: object
    taxpayer: object
    location: object
    intent: object
    refers: object
    series: object
    number: object
    day: object
    document_type: object
    is_training: object


COLUMNS = PROOFS + Copies._fields
Values = tuple[object, ...]
"""The columns in this order, or the proofs only. Cheaper to hand over than a `Row`."""


NOWHERE = Copies(*(None for _ in Copies._fields))


class Row(NamedTuple):
    """One stored entry as found. A package keeps no copies. `number` counts the rows."""

    kind: object
    link: object
    signature: object
    body: object
    copies: Copies | None
    number: int


class Entry(NamedTuple):
    """What an entry says to the entries beside it, and what is wrong with it alone.

    The place is the body's where the signature proves the body, else the columns'; `is_stray`
    says that the columns put a proven entry elsewhere. Unknown strings are empty, unknown numbers
    0; `previous`, `micros` and `before` are None where nothing can be said.
    """

    register: str
    sequence: int
    id: str
    previous: bytes | None
    link: bytes
    micros: int | None
    concludes: str
    series: str
    number: int
    before: str | None
    is_proven: bool
    is_linked: bool
    is_stray: bool
    findings: tuple[Finding, ...]


def row_of(values: Values, number: int) -> Row:
    kind, link, signature, body, *columns = values
    return Row(kind, link, signature, body, Copies(*columns) if columns else None, number)


def examine(row: Row, keyring: Keyring) -> Entry:
    """Check one row and say what is wrong with it and where it belongs."""
    stored = row.body if isinstance(row.body, bytes) else b""
    broken: Broken = []
    body = read_body(stored, broken)
    if body is None:
        return unknown(row, broken)
    link = computed_link(row.kind, body, stored)
    is_linked = link is not None and row.link == link
    if not is_linked:
        broken.append(("VERIFY-LINK-01", ""))
    unsigned = missing_signature(row, stored, body, keyring)
    if unsigned:
        broken.append((unsigned, ""))
    originals = copies(body)
    if row.copies not in (None, originals):
        broken.append(("VERIFY-COPY-01", ", ".join(differing_copies(row.copies, originals))))
    said = originals if row.copies is None or not unsigned else row.copies
    return entry(row, said, body, broken, is_proven=not unsigned, is_linked=is_linked)


def read_body(stored: bytes, broken: Broken) -> Members | None:
    """The body's members, if it is JSON that means one thing only and has the common shape."""
    try:
        body = DECODER.decode(stored.decode("utf-8"))
    except (ValueError, RecursionError):
        broken.append(("VERIFY-BODY-01", ""))
        return None
    unfit = unfit_members(body) if isinstance(body, dict) else ["not an object"]
    if unfit:
        broken.append(("VERIFY-BODY-02", ", ".join(unfit)))
        return None
    members: Members = body
    return members


def unique_members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member name occurs twice")
    return members


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


DECODER = json.JSONDecoder(
    object_pairs_hook=unique_members, parse_float=str, parse_constant=refuse_constant
)


def is_place(place: object) -> bool:
    return (
        isinstance(place, dict)
        and is_text(place.get("organization"))
        and is_text(place.get("taxpayer"))
        and is_text(place.get("location"))
    )


def is_numbered(numbered: object) -> bool:
    return numbered is None or (
        isinstance(numbered, dict)
        and is_text(numbered.get("series"))
        and is_count(numbered.get("number"))
        and is_text_or_nothing(numbered.get("previous"))
    )


def is_members(value: object) -> bool:
    return value is None or isinstance(value, dict)


def is_text(value: object) -> bool:
    """A string that is not empty and can be written as UTF-8 (JSON may smuggle half characters)."""
    return isinstance(value, str) and bool(value) and (value.isascii() or not has_halves(value))


def is_text_or_nothing(value: object) -> bool:
    return value is None or value == "" or is_text(value)


def has_halves(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= NUMBER_MAX


def is_link(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and HEX_DIGITS.issuperset(value)


def is_instant(value: object) -> bool:
    return micros(value) is not None


def micros(at: object) -> int | None:
    """Microseconds since 1970, or None if this is not an instant with its zone."""
    if not isinstance(at, str):
        return None
    try:
        instant = datetime.fromisoformat(at)
        return None if instant.tzinfo is None else (instant - EPOCH) // MICROSECOND
    except (ValueError, OverflowError):
        return None


MEMBERS: tuple[tuple[str, Callable[[object], bool]], ...] = (
    ("id", is_text),
    ("register", is_text),
    ("sequence", is_count),
    ("previous", is_link),
    ("at", is_instant),
    ("place", is_place),
    ("numbered", is_numbered),
    ("seal", is_members),
    ("draft", is_members),
    ("intent", is_text_or_nothing),
    ("refers", is_text_or_nothing),
)


def unfit_members(body: Members) -> list[str]:
    """The members that are missing or of a wrong form."""
    return [name for name, fits in MEMBERS if not fits(body.get(name))]


def missing_signature(row: Row, stored: bytes, body: Members, keyring: Keyring) -> str:
    """The code to report if no key of the entry's register signed these bytes, else nothing."""
    payload = base64url(stored)
    keys = keyring.find(str(body["register"]))
    if any(is_signed(key, start + payload, row.signature) for start, key in keys):
        return ""
    is_keyless = not keys and not (row.copies and keyring.find(text(row.copies.register)))
    return "VERIFY-KEY-01" if is_keyless else "VERIFY-SIGNATURE-01"


def computed_link(kind: object, body: Members, stored: bytes) -> str | None:
    """SHA-256 over the link before, the sequence, the kind and the stored bytes, in hex."""
    sequence = body["sequence"]
    if not isinstance(kind, str) or not kind.isascii() or not isinstance(sequence, int):
        return None
    name = kind.encode("ascii")
    if not 0 < len(name) <= KIND_BYTES_MAX:
        return None
    start = bytes.fromhex(str(body["previous"])) + sequence.to_bytes(8, "big")
    return hashlib.sha256(start + len(name).to_bytes(1, "big") + name + stored).hexdigest()


def copies(body: Members) -> Copies:
    """What the columns must hold."""
    place, numbered = part(body, "place"), part(body, "numbered")
    seal, draft = part(body, "seal"), part(body, "draft")
    return Copies(
        id=body["id"],
        register=body["register"],
        sequence=body["sequence"],
        at=body["at"],
        organization=place.get("organization"),
        taxpayer=place.get("taxpayer"),
        location=place.get("location"),
        intent=body.get("intent") or None,
        refers=body.get("refers") or None,
        series=numbered.get("series"),
        number=numbered.get("number"),
        day=seal.get("day"),
        document_type=seal.get("document_type"),
        is_training=1 if draft.get("is_training") is True else 0,
    )


def part(body: Members, name: str) -> Members:
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def differing_copies(columns: Copies | None, originals: Copies) -> list[str]:
    pairs = zip(Copies._fields, columns or originals, originals, strict=True)
    return [name for name, column, original in pairs if column != original]


def entry(
    row: Row, said: Copies, body: Members, broken: Broken, *, is_proven: bool, is_linked: bool
) -> Entry:
    """Put the entry where it belongs: where the proven body says, else where the columns say."""
    register, sequence, record = text(said.register), count(said.sequence), text(said.id)
    columns = row.copies or said
    is_elsewhere = columns.register != register or columns.sequence != sequence
    numbered = part(body, "numbered")
    return Entry(
        register=register,
        sequence=sequence,
        id=record,
        previous=bytes.fromhex(str(body["previous"])),
        link=bytes.fromhex(str(row.link)) if is_link(row.link) else UNKNOWN_LINK,
        micros=micros(said.at) if is_proven else None,
        concludes="" if text(row.kind).startswith(CONCLUDES_NOTHING) else text(said.intent),
        series=text(said.series),
        number=count(said.number),
        before=text(numbered.get("previous")) if is_proven else None,
        is_proven=is_proven,
        is_linked=is_linked,
        is_stray=is_proven and is_elsewhere,
        findings=named(broken, register, sequence, record) if broken else (),
    )


def unknown(row: Row, broken: Broken) -> Entry:
    """An entry with an unreadable body: only the columns, if any, say where it belongs."""
    said = row.copies or NOWHERE
    register, sequence, record = text(said.register), count(said.sequence), text(said.id)
    return Entry(
        register=register,
        sequence=sequence,
        id=record,
        previous=None,
        link=bytes.fromhex(str(row.link)) if is_link(row.link) else UNKNOWN_LINK,
        micros=None,
        concludes="" if text(row.kind).startswith(CONCLUDES_NOTHING) else text(said.intent),
        series=text(said.series),
        number=count(said.number),
        before=None,
        is_proven=False,
        is_linked=False,
        is_stray=False,
        findings=named(broken, register, sequence, record or f"row {row.number}"),
    )


def text(value: object) -> str:
    """A column as a string that any program can print and store."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()


def count(value: object) -> int:
    return value if isinstance(value, int) and is_count(value) else 0


def named(broken: Broken, register: str, sequence: int, record: str) -> tuple[Finding, ...]:
    return tuple(
        found(
            code,
            detail,
            register=register or None,
            sequence=sequence or None,
            record=record or None,
        )
        for code, detail in broken
    )
