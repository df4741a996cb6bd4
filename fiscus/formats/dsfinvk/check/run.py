"""Reads an export back and names everything that is wrong with it.

The tables are read as streams, judged row by row and copied into a scratch file on disk; rules
across tables are questions to that copy. In memory there are 64 MiB of its cache, one record,
some thousand values of each column of one table, the names of 65,536 registers and closings, at
most a hundred places for each code, and the keys of 256 certificates.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from fiscus.formats.dsfinvk.check import archive, devices, index_check, rates, signings
from fiscus.formats.dsfinvk.check import findings as found
from fiscus.formats.dsfinvk.check.archive import ArchiveFiles
from fiscus.formats.dsfinvk.check.findings import TableFindings
from fiscus.formats.dsfinvk.check.records import records
from fiscus.formats.dsfinvk.check.rules import LINKS, REFERENCES, apply
from fiscus.formats.dsfinvk.check.rules_amounts import AMOUNTS, SUMS
from fiscus.formats.dsfinvk.check.rules_closing import CLOSINGS, RECEIPTS
from fiscus.formats.dsfinvk.check.scratch import Scratch, fill, scratch
from fiscus.formats.dsfinvk.check.values import Cell, TextNumbers, judge_of
from fiscus.formats.dsfinvk.tables import dtd, index
from fiscus.formats.dsfinvk.tables.all_tables import BY_FILE, TABLES
from fiscus.formats.dsfinvk.tables.columns import TableLayout
from fiscus.formats.dsfinvk.tables.master import (
    CASHPOINTCLOSING,
    CASHREGISTER,
    LOCATION,
    TSE,
    VAT,
)
from fiscus.model.faults import Fault

NEVER_ABSENT = (
    index.FILE,
    dtd.FILE,
    CASHPOINTCLOSING.file,
    LOCATION.file,
    CASHREGISTER.file,
    VAT.file,
)
"""Any other table may be left out when it is empty, if index.xml leaves it out too."""

DESCRIPTION_MAX_BYTES = 1 << 20

RULES = (*LINKS, *CLOSINGS, *RECEIPTS, *SUMS, *AMOUNTS, *REFERENCES)


def check(path: Path, settings: Mapping[str, str]) -> tuple[Fault, ...]:
    """All faults of a folder, TAR or ZIP, each with the files, rows and columns where it is.

    Certificates are in the files, so the settings are not asked for keys.
    """
    findings = TableFindings()
    try:
        with archive.opened(path) as files:
            _check(files, findings)
    except archive.BeyondLimits as error:
        findings.add(found.BEYOND_LIMITS, f"{path.name}: {error}")
    except archive.UNREADABLE:
        findings.add(found.UNREADABLE, path.name)
    return findings.faults()


def _check(files: ArchiveFiles, findings: TableFindings) -> None:
    _judge_names(files.names, findings)
    names = TextNumbers()
    with scratch(names) as tables:
        headers = {
            table.file: _read_table(files, table, tables, names, findings)
            for table in TABLES
            if table.file in files.names
        }
        for table in TABLES:
            if table.file not in headers:
                fill(tables, table, ())
        _judge_descriptions(files, headers, findings)
        apply(RULES, tables, findings)
        rates.judge(tables, findings)
        devices.judge(tables, findings)
        signings.judge(tables, findings)


def _judge_names(names: tuple[str, ...], findings: TableFindings) -> None:
    for name in NEVER_ABSENT:
        if name not in names:
            findings.add(found.MISSING_FILE, name)
    seen: set[str] = set()
    for name in names:
        if name not in BY_FILE and name not in NEVER_ABSENT:
            findings.add(found.STRANGE_FILE, name)
        elif name in seen:
            findings.add(found.SECOND_FILE, name)
        seen.add(name)


def _judge_descriptions(
    files: ArchiveFiles, headers: Mapping[str, tuple[str, ...]], findings: TableFindings
) -> None:
    if index.FILE in files.names:
        with files.read(index.FILE) as file:
            index_check.judge(file.read(DESCRIPTION_MAX_BYTES), headers, findings)
    if dtd.FILE in files.names:
        with files.read(dtd.FILE) as file:
            text = file.read(DESCRIPTION_MAX_BYTES).decode(errors="replace")
        if dtd.declarations(text) != dtd.declarations(dtd.dtd()):
            findings.add(found.OTHER_GRAMMAR, dtd.FILE)


def _read_table(
    files: ArchiveFiles,
    table: TableLayout,
    tables: Scratch,
    names: TextNumbers,
    findings: TableFindings,
) -> tuple[str, ...]:
    """Judges and copies all rows; gives back the header."""
    with files.read(table.file) as file:
        rows = records(file, table.file, findings)
        _, header = next(rows, (1, []))
        if tuple(header[: len(table.header)]) != table.header:
            findings.add(found.HEADER, table.file, 1)
        fill(tables, table, _cells(table, len(header), rows, names, findings))
    return tuple(header)


def _cells(
    table: TableLayout,
    count: int,
    rows: Iterator[tuple[int, list[str]]],
    names: TextNumbers,
    findings: TableFindings,
) -> Iterator[list[Cell]]:
    """Rows for the scratch copy. What stands in further columns continues a certificate."""
    width = len(table.header)
    judged = judge_of(table, names, findings)
    for row, values in rows:
        if len(values) != count:
            findings.add(found.VALUE_COUNT, table.file, row)
        if len(values) < width:
            values += [""] * (width - len(values))
        cells = judged(row, values)
        if table is TSE:
            cells.append("".join(values[width:]))
        yield cells
