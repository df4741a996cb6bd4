"""A format of another package, for any law: the sales of days as a table for a spreadsheet."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from fiscus.formats import Format, Selection
from fiscus.model.faults import Fault

HEAD = ("day", "number", "type", "net", "vat", "gross", "cancelled")


def write(selection: Selection) -> Iterator[bytes]:
    """A row for each document, in bounded memory."""
    yield _row(HEAD)
    for issued in selection.records():
        seal = issued.body.seal
        assert seal is not None, "what is selected is sealed"
        figures = (str(seal.net), str(seal.vat), str(seal.gross))
        is_void = "yes" if issued.void else "no"
        yield _row((seal.day.isoformat(), seal.number, seal.document_type, *figures, is_void))


def check(path: Path, settings: Mapping[str, str]) -> tuple[Fault, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        head = next(csv.reader(file), [])
    if tuple(head) == HEAD:
        return ()
    return (Fault(code="SALES-HEAD-01", text="the first row does not name the columns"),)


def _row(cells: tuple[str, ...]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


FORMATS = (
    Format(
        code="sales-csv",
        title="the sales of days as a table for a spreadsheet",
        version="1",
        media_type="text/csv",
        extension="csv",
        write=write,
        check=check,
    ),
)
