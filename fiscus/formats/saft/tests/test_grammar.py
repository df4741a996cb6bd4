"""Our table of the schema is the official schema."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import xmlschema

from fiscus.formats.saft.grammar import SAFT, TABLES
from fiscus.formats.saft.values import leaf
from fiscus.grammars.tables import Particle
from fiscus.grammars.values import SimpleType

NAMESPACE = "{urn:OECD:StandardAuditFile-Tax:PT_1.04_01}"
Row = tuple[tuple[str, ...], int, int | None]


@pytest.fixture(scope="session")
def official(shared_data: Path) -> xmlschema.XMLSchema11:
    return xmlschema.XMLSchema11(str(shared_data / "pt/xsd/SAFTPT1.04_01.xsd"))


def test_every_table_has_the_elements_of_the_schema_in_its_order(
    official: xmlschema.XMLSchema11,
) -> None:
    read = set()
    for table, element in _tables(official.elements["AuditFile"], "AuditFile"):
        ours = [(tuple(row.kinds), row.least, row.most) for row in SAFT.rows(table)]

        assert ours == list(_rows(element.type.content)), table
        read.add(table)

    assert read == set(TABLES)


def test_every_simple_value_has_the_type_length_and_pattern_of_the_schema(
    official: xmlschema.XMLSchema11,
) -> None:
    values = 0
    for table, element in _tables(official.elements["AuditFile"], "AuditFile"):
        kinds = _kinds(SAFT.rows(table))
        for child in element.type.content.iter_elements():
            kind = kinds[child.local_name]
            if kind in TABLES or kind == "unread":
                continue
            values += 1

            assert _same(leaf(kind), child.type), f"{table}/{child.local_name}"

    assert values > 300


def _tables(element: Any, table: str) -> Iterator[tuple[str, Any]]:
    """Every place in the schema that one of our tables describes, with that table."""
    yield table, element
    kinds = _kinds(SAFT.rows(table))
    for child in element.type.content.iter_elements():
        if kinds[child.local_name] in TABLES:
            yield from _tables(child, kinds[child.local_name])


def _kinds(rows: tuple[Particle, ...]) -> Mapping[str, str]:
    return {name: kind for row in rows for name, kind in row.kinds.items()}


def _rows(group: Any) -> Iterator[Row]:
    """A repeated group of optional elements is any number of any of them; so is a choice once."""
    for particle in group:
        names = getattr(particle, "local_name", None)
        if hasattr(particle, "model") and names is None:
            assert particle.model == "choice" or all(one.min_occurs == 0 for one in particle)
            members = tuple(one.local_name for one in particle)
            yield members, particle.min_occurs, particle.max_occurs
        else:
            yield (particle.local_name,), particle.min_occurs, particle.max_occurs


def _same(ours: SimpleType, theirs: Any) -> bool:
    base = theirs.primitive_type.local_name
    if theirs.is_derived(theirs.maps.types["{http://www.w3.org/2001/XMLSchema}integer"]):
        base = "integer"
    patterns = theirs.patterns.regexps if theirs.patterns else [""]
    words = set(theirs.enumeration or "|".join(patterns).split("|"))
    low, high = (
        (theirs.min_length, theirs.max_length)
        if base == "string"
        else (theirs.min_value, theirs.max_value)
    )
    bounds = [_bound(low), _bound(high)]
    return (ours.base, set(ours.pattern.split("|")), [ours.low, ours.high]) == (
        base,
        words,
        bounds,
    )


def _bound(value: Any) -> str:
    return "" if value is None else str(value).removesuffix(".00")
