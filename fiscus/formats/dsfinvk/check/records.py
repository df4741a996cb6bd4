"""Reads a table record by record and names every breach of the dialect."""

from collections.abc import Iterator
from typing import IO

from fiscus.formats.dsfinvk.check import findings as found
from fiscus.formats.dsfinvk.check.findings import TableFindings
from fiscus.formats.dsfinvk.tables.cells import QUOTE, SEPARATOR, is_plain, quoted

RECORD_MAX_BYTES = 1 << 16
"""No record of an honest table comes near; a quote that is never closed ends here."""

_BOM = b"\xef\xbb\xbf"
_SPELLED_MAX = 1 << 12


def records(file: IO[bytes], name: str, findings: TableFindings) -> Iterator[tuple[int, list[str]]]:
    """Row numbers from 1 with their values; a record that cannot be taken apart is left out."""
    row = 0
    spelled = _SpelledValues()
    while raw := file.readline(RECORD_MAX_BYTES):
        if b'"' in raw:
            raw = _with_line_ends(file, raw)
        row += 1
        if len(raw) >= RECORD_MAX_BYTES and not raw.endswith(b"\n"):
            findings.add(found.ENDLESS, name, row)
            return
        if row == 1 and raw.startswith(_BOM):
            findings.add(found.BOM, name)
            raw = raw[len(_BOM) :]
        if not raw.endswith(b"\r\n"):
            findings.add(found.LINE_END, name, row)
        bare = raw.removesuffix(b"\n").removesuffix(b"\r")
        try:
            line = bare.decode()
        except UnicodeDecodeError:
            findings.add(found.NOT_UTF8, name, row)
            line = bare.decode(errors="replace")
        values = _values(line)
        if values is None:
            findings.add(found.MALFORMED, name, row)
            continue
        if (
            (QUOTE in line or " " in line or "\r" in line)
            and not is_plain(line, len(values))
            and SEPARATOR.join([spelled[value] for value in values]) != line
        ):
            findings.add(found.QUOTING, name, row)
        yield row, values


class _SpelledValues(dict[str, str]):
    """Values as a record has them, in quotes where they must be. Most come more than once; when
    there are too many, all are forgotten."""

    def __missing__(self, value: str) -> str:
        if len(self) >= _SPELLED_MAX:
            self.clear()
        self[value] = spelled = value if is_plain(value, 1) else quoted(value)
        return spelled


def _with_line_ends(file: IO[bytes], raw: bytes) -> bytes:
    """Bytes up to a line end outside of quotes, or as many as a record may have."""
    while raw.count(b'"') % 2 and len(raw) < RECORD_MAX_BYTES:
        more = file.readline(RECORD_MAX_BYTES - len(raw))
        if not more:
            break
        raw += more
    return raw


def _values(line: str) -> list[str] | None:
    """The values without their quotes, or None where quotes stand in the middle of a value."""
    if QUOTE not in line:
        return line.split(SEPARATOR)
    pieces = line.split(QUOTE)
    values = pieces[0].split(SEPARATOR)
    last = len(pieces) - 1
    if last % 2 or values[-1]:
        return None
    inside = ""
    for at in range(1, last, 2):
        inside += pieces[at]
        after = pieces[at + 1]
        if not after and at + 1 < last:
            inside += QUOTE
            continue
        values[-1], inside = inside, ""
        if after:
            blank, *more = after.split(SEPARATOR)
            if blank or (at + 1 < last and more[-1]):
                return None
            values += more
    return values
