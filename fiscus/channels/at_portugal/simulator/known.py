"""The documents that the authority has been told of."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import date

from fiscus.grammars.reading import ReadElement


@dataclass(frozen=True, kw_only=True)
class KnownDocument:
    """A document as it was told; `sequence` is its number in the series, `reference` the code that
    a movement was given, `standing` whether it was deleted or its deletion asked for."""

    id: int
    taxpayer: str
    family: str
    number: str
    document_type: str
    dated: str
    atcud: str
    code: str
    sequence: str
    customer: str
    country: str
    status: str
    status_date: str
    starts_at: str
    reference: str
    content: str
    registered_at: str
    standing: str
    reason: str


_COLUMNS = ", ".join(KnownDocument.__dataclass_fields__)


def find(db: sqlite3.Connection, taxpayer: str, family: str, number: str) -> KnownDocument | None:
    """The document of that number that is not deleted."""
    return _one(
        db,
        "WHERE taxpayer = ? AND family = ? AND number = ? AND standing <> 'deleted'",
        (taxpayer, family, number),
    )


def by_atcud(db: sqlite3.Connection, code: str, sequence: int) -> KnownDocument | None:
    """The document that is not deleted and has this place in its series."""
    return _one(
        db,
        "WHERE code = ? AND sequence = ? AND standing <> 'deleted'",
        (code, str(sequence)),
    )


def by_reference(db: sqlite3.Connection, family: str, reference: str) -> KnownDocument | None:
    return _one(db, "WHERE family = ? AND reference = ?", (family, reference))


def between(
    db: sqlite3.Connection, taxpayer: str, family: str, first: date, last: date
) -> list[KnownDocument]:
    """The documents dated from the first to the last day that are not deleted."""
    found = db.execute(
        f"SELECT {_COLUMNS} FROM documents WHERE taxpayer = ? AND family = ?"
        " AND dated BETWEEN ? AND ? AND standing <> 'deleted' ORDER BY id",
        (taxpayer, family, first.isoformat(), last.isoformat()),
    )
    return [_document(row) for row in found]


def all_documents(db: sqlite3.Connection) -> list[KnownDocument]:
    """Every document that was ever told, deleted ones too."""
    return [_document(row) for row in db.execute(f"SELECT {_COLUMNS} FROM documents ORDER BY id")]


def keep(db: sqlite3.Connection, **values: str) -> int:
    """Remember a document; its id."""
    names = ", ".join(values)
    marks = ", ".join("?" for _ in values)
    done = db.execute(
        f"INSERT INTO documents ({names}) VALUES ({marks})",  # noqa: S608 - names are ours
        tuple(values.values()),
    )
    return done.lastrowid or 0


def change(db: sqlite3.Connection, id_: int, **values: str) -> None:
    names = ", ".join(f"{name} = ?" for name in values)
    db.execute(
        f"UPDATE documents SET {names} WHERE id = ?",  # noqa: S608 - names are ours
        (*values.values(), id_),
    )


def content(node: ReadElement, without: str = "") -> str:
    """All that a message says, as text to be compared: blanks around values do not count."""
    return json.dumps(_plain(node, without), ensure_ascii=False, sort_keys=True)


def _plain(node: ReadElement, without: str) -> dict[str, object]:
    texts = {name: [text.strip() for text in node.all_texts(name)] for name in node.texts}
    parts = {
        name: [_plain(part, "") for part in parts]
        for name, parts in node.parts.items()
        if name != without
    }
    return {**texts, **parts}


def _one(db: sqlite3.Connection, where: str, values: tuple[str, ...]) -> KnownDocument | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM documents {where}", values).fetchone()
    return _document(row) if row else None


def _document(row: tuple[str | int, ...]) -> KnownDocument:
    return KnownDocument(**dict(zip(KnownDocument.__dataclass_fields__, row, strict=True)))  # type: ignore[arg-type]
