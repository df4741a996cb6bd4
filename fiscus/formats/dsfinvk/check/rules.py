"""The rules across tables, each a question to the scratch copy: which rows break it?

A question gives row numbers, or words where a row is missing. Only operations of type `Beleg`
enter totals. Amounts have five decimals, payments two.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from fiscus.formats.dsfinvk.check import findings as found
from fiscus.formats.dsfinvk.check.findings import BEYOND_MEASURE, TableFindings
from fiscus.formats.dsfinvk.check.scratch import Scratch
from fiscus.formats.dsfinvk.tables import words
from fiscus.formats.dsfinvk.tables.all_tables import TABLES
from fiscus.model.faults import Code
from fiscus.model.found import PATHS_MAX

IN_CLOSING = "USING (Z_KASSE_ID, Z_NR)"
IN_RECEIPT = "USING (Z_KASSE_ID, Z_NR, BON_ID)"
IN_LINE = "USING (Z_KASSE_ID, Z_NR, BON_ID, POS_ZEILE)"

_OVERFLOW = "integer overflow"


@dataclass(frozen=True, kw_only=True)
class TableRule:
    """One sentence of the specification about several rows or tables."""

    code: Code
    file: str
    column: str
    broken_at: str


@dataclass(frozen=True, kw_only=True)
class RuleGroup:
    """Rules about the same rows, which one question clears at once: while `suspect_if` gives no
    row, none of them is broken and none is asked. It saves sorting a million rows for each."""

    suspect_if: str
    rules: tuple[TableRule, ...]


def apply(rules: Iterable[TableRule | RuleGroup], tables: Scratch, findings: TableFindings) -> None:
    for one in rules:
        if isinstance(one, TableRule):
            _judge(one, tables, findings)
        elif _is_suspect(one, tables):
            apply(one.rules, tables, findings)


def _is_suspect(alike: RuleGroup, tables: Scratch) -> bool:
    try:
        return tables.execute(f"{alike.suspect_if} LIMIT 1").fetchone() is not None
    except sqlite3.OperationalError as error:
        if _OVERFLOW not in str(error):
            raise
        return True


def _judge(rule: TableRule, tables: Scratch, findings: TableFindings) -> None:
    try:
        for (row,) in tables.execute(f"{rule.broken_at} LIMIT {PATHS_MAX + 1}"):
            findings.add(rule.code, rule.file, row, rule.column)
    except sqlite3.OperationalError as error:
        if _OVERFLOW not in str(error):
            raise
        findings.add(BEYOND_MEASURE, rule.file, "", rule.column)


def one_of(names: frozenset[str]) -> str:
    """Our own words as a list for a question."""
    return "({})".format(", ".join(f"'{name}'" for name in sorted(names)))


def _keys() -> tuple[TableRule, ...]:
    return tuple(
        TableRule(
            code=found.SAME_KEY,
            file=table.file,
            column=table.key[-1],
            broken_at=f"""
                SELECT MAX(row) FROM "{table.stem}"
                GROUP BY {", ".join(table.key)} HAVING COUNT(*) > 1
            """,
        )
        for table in TABLES
    )


def _closings() -> tuple[TableRule, ...]:
    """Every row knows its closing, and its creation time letter for letter."""
    others = [table for table in TABLES if table.stem != "cashpointclosing"]
    unknown = tuple(
        TableRule(
            code=found.NO_CLOSING,
            file=table.file,
            column="Z_NR",
            broken_at=f"""
                SELECT t.row FROM "{table.stem}" t LEFT JOIN cashpointclosing c {IN_CLOSING}
                WHERE c.row IS NULL
            """,
        )
        for table in others
    )
    created = tuple(
        TableRule(
            code=found.OTHER_CREATION,
            file=table.file,
            column="Z_ERSTELLUNG",
            broken_at=f"""
                SELECT t.row FROM "{table.stem}" t JOIN cashpointclosing c {IN_CLOSING}
                WHERE t.Z_ERSTELLUNG <> c.Z_ERSTELLUNG
            """,
        )
        for table in others
    )
    return unknown + created


def _receipts() -> tuple[TableRule, ...]:
    return tuple(
        TableRule(
            code=found.NO_RECEIPT,
            file=table.file,
            column="BON_ID",
            broken_at=f"""
                SELECT t.row FROM "{table.stem}" t LEFT JOIN transactions b {IN_RECEIPT}
                WHERE b.row IS NULL
            """,
        )
        for table in TABLES
        if "BON_ID" in table.header and table.stem != "transactions"
    )


def _lines() -> tuple[TableRule, ...]:
    return tuple(
        TableRule(
            code=found.NO_LINE,
            file=f"{stem}.csv",
            column="POS_ZEILE",
            broken_at=f"""
                SELECT t.row FROM "{stem}" t LEFT JOIN lines l {IN_LINE}
                WHERE l.row IS NULL AND t.POS_ZEILE <> ''
            """,
        )
        for stem in ("itemamounts", "subitems", "lines_vat", "references")
    )


def _vat_keys() -> tuple[TableRule, ...]:
    used = (
        ("businesscases", "UST_SCHLUESSEL"),
        ("transactions_vat", "UST_SCHLUESSEL"),
        ("lines_vat", "UST_SCHLUESSEL"),
        ("itemamounts", "UST_SCHLUESSEL"),
        ("subitems", "ZI_UST_SCHLUESSEL"),
    )
    return tuple(
        TableRule(
            code=found.NO_VAT_KEY,
            file=f"{stem}.csv",
            column=column,
            broken_at=f"""
                SELECT t.row FROM {stem} t LEFT JOIN vat v
                ON (v.Z_KASSE_ID, v.Z_NR, v.UST_SCHLUESSEL) = (t.Z_KASSE_ID, t.Z_NR, t.{column})
                WHERE v.row IS NULL
            """,
        )
        for stem, column in used
    )


def _master_data() -> tuple[TableRule, ...]:
    agencies = tuple(
        TableRule(
            code=found.NO_AGENCY,
            file=f"{stem}.csv",
            column="AGENTUR_ID",
            broken_at=f"""
                SELECT t.row FROM {stem} t LEFT JOIN pa p USING (Z_KASSE_ID, Z_NR, AGENTUR_ID)
                WHERE p.row IS NULL AND t.AGENTUR_ID <> 0
            """,
        )
        for stem in ("lines", "businesscases")
    )
    terminals = tuple(
        TableRule(
            code=found.NO_TERMINAL,
            file=f"{stem}.csv",
            column=column,
            broken_at=f"""
                SELECT t.row FROM {stem} t LEFT JOIN slaves s
                ON (s.Z_KASSE_ID, s.Z_NR, s.TERMINAL_ID) = (t.Z_KASSE_ID, t.Z_NR, t.{column})
                WHERE s.row IS NULL AND t.{column} NOT IN ('', t.Z_KASSE_ID)
            """,
        )
        for stem, column in (("transactions", "TERMINAL_ID"), ("lines", "POS_TERMINAL_ID"))
    )
    device = TableRule(
        code=found.NO_DEVICE,
        file="transactions_tse.csv",
        column="TSE_ID",
        broken_at="""
            SELECT t.row FROM transactions_tse t LEFT JOIN tse d USING (Z_KASSE_ID, Z_NR, TSE_ID)
            WHERE d.row IS NULL
        """,
    )
    return (*agencies, *terminals, device)


LINKS = (
    *_keys(),
    *_closings(),
    *_receipts(),
    *_lines(),
    *_vat_keys(),
    *_master_data(),
)
"""Rows are unique and find what they belong to."""

_REFERS = f"REF_TYP = '{words.TRANSACTION}'"

REFERENCES = (
    TableRule(
        code=found.NO_TARGET,
        file="references.csv",
        column="REF_BON_ID",
        broken_at=f"""
            SELECT r.row FROM "references" r
            JOIN cashpointclosing c ON (c.Z_KASSE_ID, c.Z_NR) = (r.REF_Z_KASSE_ID, r.REF_Z_NR)
            LEFT JOIN transactions b ON (b.Z_KASSE_ID, b.Z_NR, b.BON_ID)
                = (r.REF_Z_KASSE_ID, r.REF_Z_NR, r.REF_BON_ID)
            WHERE {_REFERS} AND b.row IS NULL
        """,
    ),
    TableRule(
        code=found.NO_TARGET,
        file="references.csv",
        column="REF_Z_NR",
        broken_at=f"""
            SELECT r.row FROM "references" r
            LEFT JOIN cashpointclosing c ON (c.Z_KASSE_ID, c.Z_NR) = (r.REF_Z_KASSE_ID, r.REF_Z_NR)
            WHERE {_REFERS} AND c.row IS NULL AND r.REF_Z_NR >= (
                SELECT MIN(Z_NR) FROM cashpointclosing m WHERE m.Z_KASSE_ID = r.REF_Z_KASSE_ID
            ) AND (r.REF_Z_KASSE_ID = r.Z_KASSE_ID OR r.REF_Z_NR <= (
                SELECT MAX(Z_NR) FROM cashpointclosing m WHERE m.Z_KASSE_ID = r.REF_Z_KASSE_ID
            ))
        """,
    ),
    TableRule(
        code=found.TARGET_DATE,
        file="references.csv",
        column="REF_DATUM",
        broken_at=f"""
            SELECT r.row FROM "references" r
            JOIN cashpointclosing c ON (c.Z_KASSE_ID, c.Z_NR) = (r.REF_Z_KASSE_ID, r.REF_Z_NR)
            WHERE {_REFERS} AND r.REF_DATUM <> c.Z_ERSTELLUNG
        """,
    ),
    TableRule(
        code=found.TARGET_UNNAMED,
        file="references.csv",
        column="REF_DATUM",
        broken_at=f"""
            SELECT row FROM "references"
            WHERE {_REFERS} AND (REF_DATUM = '' OR REF_Z_KASSE_ID = '' OR REF_Z_NR IS NULL)
        """,
    ),
    TableRule(
        code=found.TARGET_NAMED,
        file="references.csv",
        column="REF_DATUM",
        broken_at=f"""
            SELECT row FROM "references" WHERE NOT {_REFERS}
            AND (REF_DATUM <> '' OR REF_Z_KASSE_ID <> '' OR REF_Z_NR IS NOT NULL)
        """,
    ),
    TableRule(
        code=found.NO_WORDS,
        file="references.csv",
        column="REF_NAME",
        broken_at=f"""
            SELECT row FROM "references" WHERE REF_TYP = '{words.EXTERNAL_OTHER}' AND REF_NAME = ''
        """,
    ),
    TableRule(
        code=found.REVERSES_NOTHING,
        file="transactions.csv",
        column="BON_STORNO",
        broken_at=f"""
            SELECT b.row FROM transactions b LEFT JOIN "references" r {IN_RECEIPT}
            WHERE b.BON_STORNO = '1' AND r.row IS NULL
        """,
    ),
)
