"""Elements read against the schema's tables; what is wrong goes to the findings under our codes."""

from collections.abc import Mapping

from lxml import etree

from fiscus.formats.saft.findings import (
    BAD_VALUE,
    MISPLACED_ELEMENT,
    MISSING_ELEMENT,
    REPEATED_ELEMENT,
    STRAY_TEXT,
    UNKNOWN_ELEMENT,
    SaftFindings,
)
from fiscus.formats.saft.grammar import SAFT
from fiscus.grammars import reading
from fiscus.grammars.reading import Complain, Flaw, ReadElement
from fiscus.model.faults import Code

CODES: Mapping[Flaw, Code] = {
    Flaw.MISSING: MISSING_ELEMENT,
    Flaw.UNKNOWN: UNKNOWN_ELEMENT,
    Flaw.MISPLACED: MISPLACED_ELEMENT,
    Flaw.REPEATED: REPEATED_ELEMENT,
    Flaw.STRAY_TEXT: STRAY_TEXT,
    Flaw.MALFORMED: BAD_VALUE,
    Flaw.OUT_OF_BOUNDS: BAD_VALUE,
}


def read(element: etree._Element, table: str, path: str, findings: SaftFindings) -> ReadElement:
    """The element as a node; whatever the table does not allow is reported."""
    return reading.read(element, SAFT, table, path, _reported(findings))


def simple(element: etree._Element, kind: str, path: str, findings: SaftFindings) -> str:
    """The text of an element without children."""
    return reading.simple(element, SAFT, kind, path, _reported(findings))


def complaints(table: str, tags: tuple[str, ...]) -> tuple[tuple[Code, str], ...]:
    """What is wrong with the names and the order of an element's children."""
    return tuple((CODES[Flaw(flaw)], name) for flaw, name in SAFT.complaints(table, tags))


def _reported(findings: SaftFindings) -> Complain:
    return lambda flaw, path: findings.add(CODES[flaw], path)
