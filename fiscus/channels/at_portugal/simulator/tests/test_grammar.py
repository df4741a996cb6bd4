"""Our tables say the same as the services' own descriptions (WSDL)."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from fiscus.channels.at_portugal.simulator.grammar import (
    DOCUMENTS_GRAMMAR,
    SERIES_GRAMMAR,
    TRANSPORT_GRAMMAR,
)
from fiscus.channels.at_portugal.simulator.tests import messages
from fiscus.channels.at_portugal.simulator.tests.messages import WHOLE
from fiscus.channels.at_portugal.simulator.tests.mutations import (
    MUTATIONS,
    TRANSPORT_OPERATION,
    Mutation,
)
from fiscus.grammars.reading import Flaw, read
from fiscus.grammars.tables import Grammar
from fiscus.grammars.values import SimpleType

SERIES_OPERATIONS = ("registarSerie", "finalizarSerie", "anularSerie", "consultarSeries")
DOCUMENT_OPERATIONS = tuple(
    name.format(kind)
    for kind in ("Invoice", "Work", "Payment")
    for name in ("Register{}", "Change{}Status", "Delete{}")
)
FILES = {
    "series": "Comunicacao_Series.wsdl",
    "documents": "Fatcorews.wsdl",
    "transport": "documentosTransporte_2026-03.wsdl",
}


def grammar_of(operation: str) -> tuple[Grammar, str]:
    if operation in SERIES_OPERATIONS:
        return SERIES_GRAMMAR, operation
    if operation == TRANSPORT_OPERATION:
        return TRANSPORT_GRAMMAR, "StockMovement"
    return DOCUMENTS_GRAMMAR, f"{operation}Request"


def family_of(operation: str) -> str:
    if operation in SERIES_OPERATIONS:
        return "series"
    return "transport" if operation == TRANSPORT_OPERATION else "documents"


def flaws(operation: str, message: etree._Element) -> list[tuple[Flaw, str]]:
    """What our tables find wrong, in a message as it comes over the wire."""
    found: list[tuple[Flaw, str]] = []
    grammar, table = grammar_of(operation)
    wire = etree.fromstring(etree.tostring(message), etree.XMLParser(remove_comments=True))
    read(wire, grammar, table, table, lambda flaw, path: found.append((flaw, path)))
    return found


@dataclass(frozen=True, kw_only=True)
class TwoValidators:
    """Two libraries that read the same description. The first judges; of the second only what it
    says of the order counts: xmlschema 4.3 lets a choice of optional elements stand twice, libxml2
    wants no blanks around a date, and the standard says otherwise."""

    one: xmlschema.XMLSchema10
    other: etree.XMLSchema

    def is_valid(self, message: etree._Element) -> bool:
        text = etree.tostring(message)
        self.other.validate(etree.fromstring(text))
        order = any(e.type_name == "SCHEMAV_ELEMENT_CONTENT" for e in self.other.error_log)
        return self.one.is_valid(text.decode()) and not order


Official = dict[str, TwoValidators]


@pytest.fixture(scope="session")
def official(shared_data: Path) -> Official:
    found = {}
    for family, file in FILES.items():
        tree = etree.parse(str(shared_data / "pt/wsdl" / file))
        schema = tree.find(".//{http://www.w3.org/2001/XMLSchema}schema")
        assert schema is not None
        text = etree.tostring(schema)
        found[family] = TwoValidators(
            one=xmlschema.XMLSchema10(text.decode()), other=etree.XMLSchema(etree.fromstring(text))
        )
    return found


def agree(official: Official, operation: str, message: etree._Element) -> bool:
    """Both verdicts, which must be one."""
    theirs = official[family_of(operation)].is_valid(message)
    ours = flaws(operation, message)
    assert theirs is (not ours), (ours, etree.tostring(message, pretty_print=True).decode())
    return theirs


@pytest.mark.parametrize("operation", WHOLE)
def test_a_whole_message_of_each_operation_is_valid_for_both(
    official: Official, operation: str
) -> None:
    assert agree(official, operation, WHOLE[operation])


@pytest.mark.parametrize("kind", ["Invoice", "Work", "Payment"])
def test_a_range_of_days_is_valid_for_both(official: Official, kind: str) -> None:
    message = messages.document_message(f"Delete{kind}", messages.deleting(kind, by_range=True))

    assert agree(official, f"Delete{kind}", message)


@pytest.mark.parametrize("operation", DOCUMENT_OPERATIONS)
def test_samples_of_the_manual_are_judged_as_by_the_description(
    official: Official, shared_data: Path, operation: str
) -> None:
    envelope = etree.parse(str(shared_data / f"pt/soap/manual_{operation}Request.xml"))
    body = envelope.find("{http://schemas.xmlsoap.org/soap/envelope/}Body")
    assert body is not None

    assert agree(official, operation, body[0]) is not operation.startswith("Change")


_NUMBERED = [
    pytest.param(operation, mutate, id=f"{operation}-{number}")
    for operation, mutations in MUTATIONS.items()
    for number, mutate in enumerate(mutations)
]


def test_each_family_has_at_least_thirty_mutations() -> None:
    for family in FILES:
        found = [
            one for name, some in MUTATIONS.items() if family_of(name) == family for one in some
        ]

        assert len(found) >= 30


@pytest.mark.parametrize(("operation", "mutate"), _NUMBERED)
def test_a_mutated_message_is_judged_as_by_the_description(
    official: Official, operation: str, mutate: Mutation
) -> None:
    message = deepcopy(WHOLE[operation])
    mutate(message)

    agree(official, operation, message)


def text_of(rule: SimpleType) -> st.SearchStrategy[str]:
    """Values of a simple type."""
    characters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
    match rule.base:
        case "string" if rule.pattern:
            least, most = int(rule.low or 0), int(rule.high or 500)
            pattern = re.compile(rule.pattern)
            return st.from_regex(pattern, fullmatch=True, alphabet=characters).filter(
                lambda text: least <= len(text) <= most
            )
        case "string":
            most = min(int(rule.high or 40), 600)
            return st.text(characters, min_size=int(rule.low or 0), max_size=most)
        case "integer":
            high = int(rule.high or 10**rule.digits - 1 or 10**12) if rule.digits else None
            most_ = int(rule.high) if rule.high else high or 10**12
            return st.integers(int(rule.low), most_).map(str)
        case "decimal":
            low = Decimal(rule.low or -(10**6))
            return st.decimals(low, Decimal(rule.high or 10**6), places=4).map(lambda d: f"{d:f}")
        case "date":
            return st.dates().map(lambda day: day.isoformat())
        case "boolean":
            return st.sampled_from(["true", "false", "1", "0"])
        case _:
            return st.datetimes().map(lambda at: at.isoformat())


@st.composite
def valid(draw: st.DrawFn, operation: str) -> etree._Element:
    """A message that our tables allow."""
    grammar, table = grammar_of(operation)
    root = etree.Element(WHOLE[operation].tag)
    _grow(draw, grammar, table, root)
    return root


def _grow(draw: st.DrawFn, grammar: Grammar, table: str, above: etree._Element) -> None:
    for row in grammar.rows(table):
        most = row.most if row.most is not None else 2
        for _ in range(draw(st.integers(row.least, most))):
            name = draw(st.sampled_from(sorted(row.kinds)))
            one = etree.SubElement(above, grammar.namespace + name)
            kind = row.kinds[name]
            if kind in grammar.tables:
                _grow(draw, grammar, kind, one)
            else:
                one.text = draw(text_of(grammar.simple_type(kind)))


def _elements(message: etree._Element) -> Iterator[etree._Element]:
    return (one for one in message.iter() if one is not message)


@pytest.mark.parametrize("operation", WHOLE)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_what_our_tables_allow_the_description_allows(
    official: Official, operation: str, data: Any
) -> None:
    message = data.draw(valid(operation))

    assert agree(official, operation, message)

    one = data.draw(st.sampled_from(list(_elements(message)) or [message]))
    harm = data.draw(st.sampled_from([_gone, _doubled, _emptied, _swapped]))
    harm(one)
    agree(official, operation, message)


def _gone(one: etree._Element) -> None:
    above = one.getparent()
    if above is not None:
        above.remove(one)


def _doubled(one: etree._Element) -> None:
    if one.getparent() is not None:
        one.addnext(deepcopy(one))


def _emptied(one: etree._Element) -> None:
    one.text = ""


def _swapped(one: etree._Element) -> None:
    before = one.getprevious()
    if before is not None:
        before.addprevious(one)
