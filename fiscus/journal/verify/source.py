"""What the verifier reads from: tables of a database, whichever engine holds them."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from fiscus.journal.verify.report import UnreadableFile

Values = tuple[object, ...]

NO_TABLES = "there is no journal in it: it has no tables yet, run `fiscus migrate`"
FORMAT_1 = "it holds a journal of format 1, which no release ever wrote and this verifier refuses"


class JournalSource(Protocol):
    """A database at one moment: everything is read within one transaction."""

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        ...

    def tables(self) -> Mapping[str, tuple[str, ...]]:
        """The columns of every table, by its name."""
        ...

    def rows(
        self,
        table: str,
        columns: tuple[str, ...],
        *,
        order: tuple[str, ...] = (),
        equal: Mapping[str, object] | None = None,
        above: tuple[str, object] | None = None,
        most: int | None = None,
    ) -> Iterator[Values]:
        """Rows of a table, streamed. Texts are ordered by their bytes.

        `equal` and `above` say which: columns that equal a value (or are NULL), and one that is
        greater; `most` is how many at most.
        """
        ...


def expect_journal(source: JournalSource) -> None:
    """Raises `UnreadableFile` with one sentence unless this holds a journal of format 2."""
    tables = source.tables()
    if "entry" not in tables:
        raise UnreadableFile(f"{source.name} cannot be verified: {NO_TABLES}")
    if "encoding" not in tables["entry"]:
        raise UnreadableFile(f"{source.name} cannot be verified: {FORMAT_1}")


def first_row(rows: Iterator[Values]) -> Values | None:
    """The first of a few rows; all are read, so that nothing stays open."""
    found = [*rows]
    return found[0] if found else None
