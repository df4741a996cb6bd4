"""Reads a table record by record and names every breach of the dialect."""

import re
from collections.abc import Iterator
from typing import IO

from fiscus.formats.dsfinvk import findings as found
from fiscus.formats.dsfinvk.cells import QUOTE, SEPARATOR, record
from fiscus.formats.dsfinvk.findings import Findings

RECORD_MAX_BYTES = 1 << 16
"""No record of an honest table comes near; a quote that is never closed ends here."""

_BOM = b"\xef\xbb\xbf"
_VALUE = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^";]*))(;|\Z)')


def records(file: IO[bytes], name: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """Row numbers from 1 with their values; a record that cannot be taken apart is left out."""
    row = 0
    while raw := _raw_record(file):
        row += 1
        if row == 1 and raw.startswith(_BOM):
            findings.add(found.BOM, name)
            raw = raw[len(_BOM) :]
        if not raw.endswith(b"\r\n"):
            findings.add(found.LINE_END, name, row)
        line = _decoded(raw, name, row, findings)
        values = _values(line)
        if values is None:
            findings.add(found.MALFORMED, name, row)
            continue
        if (QUOTE in line or " " in line or "\r" in line) and record(values) != line:
            findings.add(found.QUOTING, name, row)
        yield row, values


def _raw_record(file: IO[bytes]) -> bytes:
    """Bytes up to a line end outside of quotes, or as many as a record may have."""
    raw = file.readline(RECORD_MAX_BYTES)
    while raw.count(b'"') % 2 and len(raw) < RECORD_MAX_BYTES:
        more = file.readline(RECORD_MAX_BYTES - len(raw))
        if not more:
            break
        raw += more
    return raw


def _decoded(raw: bytes, name: str, row: int, findings: Findings) -> str:
    """The record without its line end."""
    bare = raw.removesuffix(b"\n").removesuffix(b"\r")
    try:
        return bare.decode()
    except UnicodeDecodeError:
        findings.add(found.NOT_UTF8, name, row)
        return bare.decode(errors="replace")


def _values(line: str) -> list[str] | None:
    """The values without their quotes, or None where quotes stand in the middle of a value."""
    if QUOTE not in line:
        return line.split(SEPARATOR)
    values = []
    at = 0
    while match := _VALUE.match(line, at):
        inner = match[1]
        values.append(match[2] if inner is None else inner.replace(QUOTE * 2, QUOTE))
        at = match.end()
        if match[3] != SEPARATOR:
            return values if at == len(line) else None
    return None
