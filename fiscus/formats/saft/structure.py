"""Reads an element against its table and hands it on as a plain node: names, texts, parts."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache

from lxml import etree

from fiscus.formats.saft.findings import (
    BAD_VALUE,
    MISPLACED_ELEMENT,
    MISSING_ELEMENT,
    REPEATED_ELEMENT,
    STRAY_TEXT,
    UNKNOWN_ELEMENT,
    Findings,
)
from fiscus.formats.saft.grammar import TABLES, particles
from fiscus.formats.saft.values import Leaf, leaf
from fiscus.model.faults import Code

NAMESPACE = "{urn:OECD:StandardAuditFile-Tax:PT_1.04_01}"
_SCHEMA_ATTRIBUTES = "{http://www.w3.org/2001/XMLSchema-instance}"

_DECIMAL = re.compile(r"\+?([0-9]+\.?[0-9]*|\.[0-9]+)|-(0+\.?0*|\.0+)")
_INTEGER = re.compile(r"[+-]?[0-9]{1,30}")
_ZONE = r"(Z|[+-][0-9]{2}:[0-9]{2})?"
_DATE = re.compile("([0-9]{4}-[0-9]{2}-[0-9]{2})" + _ZONE)
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]+)?" + _ZONE)


@dataclass(slots=True)
class Node:
    """An element read: `path` names its document and place, `texts` its simple children."""

    path: str
    texts: dict[str, str] = field(default_factory=dict)
    parts: dict[str, list["Node"]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    def all(self, name: str) -> list["Node"]:
        return self.parts.get(name, [])

    def part(self, name: str) -> "Node":
        """The only child of that name; an empty one where it is missing (and was reported)."""
        return self.parts[name][0] if name in self.parts else Node(f"{self.path}/{name}")

    def amount(self, name: str) -> Decimal:
        """The number, zero where it is missing or was reported as none."""
        text = self.texts.get(name, "").strip()
        return Decimal(text) if _DECIMAL.fullmatch(text) else Decimal(0)


def read(element: etree._Element, table: str, path: str, findings: Findings) -> Node:
    """The element as a node; whatever the table does not allow is reported."""
    node = Node(path)
    kinds = _kinds(table)
    children = list(element)
    for code, name in complaints(table, tuple([str(child.tag) for child in children])):
        findings.add(code, f"{path}/{name}")
    _no_attributes(element, path, findings)
    _no_text(element.text, path, findings)
    for child in children:
        known = kinds.get(str(child.tag))
        _no_text(child.tail, path, findings)
        if known is None:
            continue
        name, kind = known
        if kind in TABLES:
            parts = node.parts.setdefault(name, [])
            where = f"{path}/{name}[{len(parts) + 1}]" if name == "Line" else f"{path}/{name}"
            parts.append(read(child, kind, where, findings))
        else:
            node.texts[name] = simple(child, kind, f"{path}/{name}", findings)
    return node


def simple(element: etree._Element, kind: str, path: str, findings: Findings) -> str:
    """The text of an element without children."""
    text = element.text or ""
    if len(element) or not _test(kind)(text):
        findings.add(BAD_VALUE, path)
    _no_attributes(element, path, findings)
    return text


@lru_cache(maxsize=4096)
def complaints(table: str, tags: tuple[str, ...]) -> tuple[tuple[Code, str], ...]:
    """What is wrong with the names and the order of an element's children."""
    rows = particles(table)
    places = {NAMESPACE + name: i for i, row in enumerate(rows) for name in row.kinds}
    counts = [0] * len(rows)
    found: list[tuple[Code, str]] = []
    reached = 0
    for tag in tags:
        place = places.get(tag)
        name = tag.removeprefix(NAMESPACE)
        if place is None:
            found.append((UNKNOWN_ELEMENT, name))
            continue
        if place < reached:
            found.append((MISPLACED_ELEMENT, name))
        reached = max(reached, place)
        counts[place] += 1
    for row, count in zip(rows, counts, strict=True):
        if count < row.least:
            found.append((MISSING_ELEMENT, "|".join(row.kinds)))
        if row.most is not None and count > row.most:
            found.append((REPEATED_ELEMENT, "|".join(row.kinds)))
    return tuple(found)


@cache
def _kinds(table: str) -> Mapping[str, tuple[str, str]]:
    """Name and kind of each child by its tag."""
    return {
        NAMESPACE + name: (name, kind)
        for row in particles(table)
        for name, kind in row.kinds.items()
    }


@cache
def _test(kind: str) -> Callable[[str], bool]:
    """The test that a simple value of this kind must pass."""
    rule = leaf(kind)
    match rule.base:
        case "string":
            return _string_test(rule)
        case "integer":
            return _integer_test(rule)
        case "decimal":
            return lambda text: _DECIMAL.fullmatch(text.strip()) is not None
        case "date":
            return lambda text: _is_date(text.strip(), rule.low, rule.high)
        case _:
            return lambda text: _is_time(text.strip())


def _string_test(rule: Leaf) -> Callable[[str], bool]:
    least = int(rule.low or 0)
    most = int(rule.high or 10**9)
    pattern = re.compile(rule.pattern, re.DOTALL) if rule.pattern else None

    def test(text: str) -> bool:
        if not least <= len(text) <= most:
            return False
        return pattern is None or pattern.fullmatch(text) is not None

    return test


def _integer_test(rule: Leaf) -> Callable[[str], bool]:
    least = int(rule.low)
    most = int(rule.high) if rule.high else None

    def test(text: str) -> bool:
        digits = text.strip()
        if not _INTEGER.fullmatch(digits):
            return False
        return least <= int(digits) and (most is None or int(digits) <= most)

    return test


@lru_cache(maxsize=4096)
def _is_date(text: str, first: str, last: str) -> bool:
    found = _DATE.fullmatch(text)
    if not found:
        return False
    try:
        date.fromisoformat(found[1])
    except ValueError:
        return False
    return (first or found[1]) <= found[1] <= (last or found[1])


def _is_time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    if not found:
        return False
    try:
        datetime.fromisoformat(found[1])
    except ValueError:
        return False
    return True


def _no_attributes(element: etree._Element, path: str, findings: Findings) -> None:
    for name in element.keys():  # noqa: SIM118 - an element iterates over its children
        if not str(name).startswith(_SCHEMA_ATTRIBUTES):
            findings.add(UNKNOWN_ELEMENT, f"{path}/@{name}")


def _no_text(text: str | None, path: str, findings: Findings) -> None:
    if text and not text.isspace():
        findings.add(STRAY_TEXT, path)
