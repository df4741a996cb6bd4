"""A journal in a SQLite file, read as any stranger could read it: with SQL and nothing of ours."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from fiscus.journal import verify_checkpoints, verify_entry
from fiscus.journal.verify_report import Report, Unreadable
from fiscus.journal.verify_rows import Columns, Progress, verify_values


def verify_sqlite(
    path: Path | str,
    *,
    checkpoint_certificate: str | None = None,
    witness: Columns | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Report:
    """Check the journal in this file, as it is at this moment. The file is not changed.

    The checkpoint certificate in the file proves only that the file fits together; one that was
    received on another way (`checkpoint_certificate`) takes its place if given.
    """
    try:
        uri = f"{Path(path).resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as database:
            return verify_database(
                database, checkpoint_certificate, witness, progress=progress, workers=workers
            )
    except sqlite3.Error as error:
        raise Unreadable(f"{path} cannot be read: {error}") from error


def verify_database(
    database: sqlite3.Connection,
    checkpoint_certificate: str | None,
    witness: Columns | None,
    *,
    progress: Progress | None,
    workers: int | None,
) -> Report:
    """One transaction for all: a register that goes on selling must not look cut off."""
    database.text_factory = lossless_text
    database.execute("BEGIN")
    certificates: dict[str, str] = {}
    for register, pem in database.execute(
        "SELECT register, certificate_pem FROM register_key ORDER BY register, serial"
    ):
        certificates[register] = f"{certificates.get(register, '')}{pem}\n"
    return verify_values(
        rows(database, "entry", verify_entry.COLUMNS, "register, sequence"),
        certificates,
        checkpoints(database),
        checkpoint_certificate or own_certificate(database),
        witness=witness,
        progress=progress,
        workers=workers,
    )


def own_certificate(database: sqlite3.Connection) -> str | None:
    found = database.execute("SELECT certificate_pem FROM setting_key WHERE name = 'checkpoint'")
    return "\n".join(str(pem) for (pem,) in found) or None


def rows(
    database: sqlite3.Connection, table: str, columns: tuple[str, ...], order: str
) -> Iterator[tuple[object, ...]]:
    names = ", ".join(f'"{column}"' for column in columns)
    return database.execute(f"SELECT {names} FROM {table} ORDER BY {order}")


def checkpoints(database: sqlite3.Connection) -> Iterator[Columns]:
    """Asked for after the last entry, yet of the same moment: the transaction is still open."""
    names = verify_checkpoints.COLUMNS
    for values in rows(database, "checkpoint", names, "number"):
        yield dict(zip(names, values, strict=True))


def lossless_text(stored: bytes) -> str:
    """Damaged text must reach the checks: it is a finding, not a reason to stop reading."""
    return stored.decode("utf-8", "surrogateescape")
