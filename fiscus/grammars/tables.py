"""A grammar: tables of elements, their order and their occurrence.

One line is one element: its name (`A|B`: one of them), `?` at most once, `*` any number, `+` at
least one, then its kind: another table or a simple type (`A|B kind|kind` for different ones).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from fiscus.grammars.values import Judge, SimpleType, judge

UNREAD = "unread"
"""The kind of an element that may stand there and is not looked into."""

_OCCURS = {"": (1, 1), "?": (0, 1), "*": (0, None), "+": (1, None)}
_ROW = re.compile(r"([A-Za-z|]+)([?*+]?) (.+)")


@dataclass(frozen=True, kw_only=True)
class Particle:
    """One place in a sequence: which elements of which kind may stand there, how often."""

    kinds: Mapping[str, str]
    least: int
    most: int | None


def particles(table: str) -> tuple[Particle, ...]:
    """The rows of a table, in the order the elements must stand."""
    return tuple(_particle(row) for line in table.splitlines() if (row := line.strip()))


def _particle(row: str) -> Particle:
    found = _ROW.fullmatch(row)
    assert found, row
    names, kinds = found[1].split("|"), found[3].split("|")
    if len(kinds) == 1:
        kinds *= len(names)
    least, most = _OCCURS[found[2]]
    return Particle(kinds=dict(zip(names, kinds, strict=True)), least=least, most=most)


@dataclass(frozen=True, kw_only=True, eq=False)
class Grammar:
    """Tables by name, the simple types by name, and the namespace of the elements.

    `namespace` is written before each name (`{urn:…}`); empty: the elements have none.
    `simple_type` gives the simple type of a kind that is no table.
    """

    tables: Mapping[str, str]
    simple_type: Callable[[str], SimpleType]
    namespace: str = ""
    _rows: dict[str, tuple[Particle, ...]] = field(default_factory=dict, init=False, repr=False)
    _children: dict[str, Mapping[str, tuple[str, str, Judge | None]]] = field(
        default_factory=dict, init=False, repr=False
    )
    _judges: dict[str, Judge] = field(default_factory=dict, init=False, repr=False)

    def rows(self, table: str) -> tuple[Particle, ...]:
        if table not in self._rows:
            self._rows[table] = particles(self.tables[table])
        return self._rows[table]

    def children(self, table: str) -> Mapping[str, tuple[str, str, Judge | None]]:
        """Name and kind of each child by its tag, and what judges its value (None: a table)."""
        if table not in self._children:
            self._children[table] = {
                self.namespace + name: (
                    name,
                    kind,
                    None if kind in self.tables else self.judge(kind),
                )
                for row in self.rows(table)
                for name, kind in row.kinds.items()
                if kind != UNREAD
            }
        return self._children[table]

    def judge(self, kind: str) -> Judge:
        """What judges a simple value of this kind."""
        if kind not in self._judges:
            self._judges[kind] = judge(self.simple_type(kind))
        return self._judges[kind]

    def complaints(self, table: str, tags: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """What is wrong with the names and the order of an element's children (`reading.Flaw` by
        its value, and the name)."""
        return _complaints(self, table, tags)


@lru_cache(maxsize=4096)
def _complaints(grammar: Grammar, table: str, tags: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    rows = grammar.rows(table)
    places = {grammar.namespace + name: i for i, row in enumerate(rows) for name in row.kinds}
    counts = [0] * len(rows)
    found: list[tuple[str, str]] = []
    reached = 0
    for tag in tags:
        place = places.get(tag)
        name = tag.removeprefix(grammar.namespace)
        if place is None:
            found.append(("unknown", name))
            continue
        if place < reached:
            found.append(("misplaced", name))
        reached = max(reached, place)
        counts[place] += 1
    for row, count in zip(rows, counts, strict=True):
        if count < row.least:
            found.append(("missing", "|".join(row.kinds)))
        if row.most is not None and count > row.most:
            found.append(("repeated", "|".join(row.kinds)))
    return tuple(found)
