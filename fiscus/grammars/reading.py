"""Reads an element against its table and hands it on as a plain node: names, texts, parts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from lxml import etree

from fiscus.grammars.tables import Grammar
from fiscus.grammars.values import DECIMAL, DIGITS_MAX, OUT_OF_BOUNDS, RIGHT, Judge

_SCHEMA = "{http://www.w3.org/2001/XMLSchema-instance}"
_HINTS = frozenset({_SCHEMA + "schemaLocation", _SCHEMA + "noNamespaceSchemaLocation"})


class Flaw(StrEnum):
    """What can be wrong with an element: it is missing, unknown here, stands too early or too
    often, has text between its children; its value is not of its type, or out of its bounds."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    MISPLACED = "misplaced"
    REPEATED = "repeated"
    STRAY_TEXT = "stray text"
    MALFORMED = "malformed"
    OUT_OF_BOUNDS = "out of bounds"


Complain = Callable[[Flaw, str], None]
"""Takes what is wrong and the path of the element."""


@dataclass(slots=True)
class ReadElement:
    """An element read: `path` names its document and place, `texts` its simple children."""

    path: str
    texts: dict[str, str] = field(default_factory=dict)
    parts: dict[str, list["ReadElement"]] = field(default_factory=dict)
    several: dict[str, list[str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    def all(self, name: str) -> list["ReadElement"]:
        return self.parts.get(name, [])

    def part(self, name: str) -> "ReadElement":
        """The only child of that name; an empty one where it is missing (and was reported)."""
        return self.parts[name][0] if name in self.parts else ReadElement(f"{self.path}/{name}")

    def all_texts(self, name: str) -> list[str]:
        """The texts of simple children that may stand several times."""
        if name in self.several:
            return self.several[name]
        return [self.texts[name]] if name in self.texts else []

    def amount(self, name: str) -> Decimal:
        """The number, zero where it is missing or was reported as none."""
        text = self.texts.get(name, "").strip()
        is_number = len(text) <= DIGITS_MAX and DECIMAL.fullmatch(text)
        return Decimal(text) if is_number else Decimal(0)


def read(
    element: etree._Element, grammar: Grammar, table: str, path: str, complain: Complain
) -> ReadElement:
    """The element as a node; whatever the table does not allow is complained of."""
    node = ReadElement(path)
    known = grammar.children(table)
    children = list(element)
    for flaw, name in grammar.complaints(table, tuple([str(child.tag) for child in children])):
        complain(Flaw(flaw), f"{path}/{name}")
    _no_attributes(element, path, complain)
    _no_text(element.text, path, complain)
    for child in children:
        _no_text(child.tail, path, complain)
        if (found := known.get(child.tag)) is None:
            continue
        name, kind, judge = found
        if judge is None:
            parts = node.parts.setdefault(name, [])
            where = f"{path}/{name}[{len(parts) + 1}]" if name == "Line" else f"{path}/{name}"
            parts.append(read(child, grammar, kind, where, complain))
        else:
            if name in node.texts:
                node.several.setdefault(name, [node.texts[name]]).append(child.text or "")
            node.texts[name] = _judged(child, judge, f"{path}/{name}", complain)
    return node


def simple(
    element: etree._Element, grammar: Grammar, kind: str, path: str, complain: Complain
) -> str:
    """The text of an element without children."""
    return _judged(element, grammar.judge(kind), path, complain)


def _judged(element: etree._Element, judge: Judge, path: str, complain: Complain) -> str:
    text = element.text or ""
    verdict = judge(text)
    if verdict is not RIGHT or len(element):
        is_bounded = verdict is OUT_OF_BOUNDS and not len(element)
        complain(Flaw.OUT_OF_BOUNDS if is_bounded else Flaw.MALFORMED, path)
    if element.keys():
        _no_attributes(element, path, complain)
    return text


def _no_attributes(element: etree._Element, path: str, complain: Complain) -> None:
    for name in element.keys():  # noqa: SIM118 - an element iterates over its children
        if str(name) not in _HINTS:
            complain(Flaw.UNKNOWN, f"{path}/@{name}")


def _no_text(text: str | None, path: str, complain: Complain) -> None:
    if text and not text.isspace():
        complain(Flaw.STRAY_TEXT, path)
