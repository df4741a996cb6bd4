"""Statements decode for ever, say nothing that is empty, and have the members of the page."""

import re
from pathlib import Path

import msgspec
import pytest

from fiscus.journal.encode import decode, encode, statement
from fiscus.journal.statement import StatedKey, Statement
from fiscus.journal.tests.bodies import EXAMPLES
from fiscus.journal.tests.statements import ROTATED, STATEMENTS, a_statement
from fiscus.journal.tests.test_encode import golden
from fiscus.model.faults import Corrupt
from fiscus.model.kinds import EntryKind, StatementKind

PAGE = Path(__file__).parents[3] / "docs" / "journal-format.md"
OF_EVERY_BODY = {"id", "kind", "chain", "epoch", "sequence", "previous", "at"}


def members_on_the_page() -> dict[str, tuple[set[str], set[str]]]:
    """Of each kind: the members that must be there, and all that may."""
    section = PAGE.read_text().partition("## 5. ")[2].partition("\n## ")[0]
    found = {}
    for line in section.splitlines():
        cells = line.strip("|").split("|")
        if re.match(r"\| `[a-z]+@1`", line):
            must = set(re.findall(r"\*\*`([a-z]+)`\*\*", cells[3]))
            may = set(re.findall(r"`([a-z]+)`", cells[3].partition(" (")[0]))
            for kind in re.findall(r"`([a-z]+@1)`", cells[0]):
                found[kind] = (must, may | must)
    return found


def test_the_page_knows_exactly_the_kinds_that_there_are() -> None:
    assert set(members_on_the_page()) == {kind.value for kind in (*EntryKind, *StatementKind)}


@pytest.mark.parametrize("kind", StatementKind)
def test_a_statement_has_the_members_of_its_kind(kind: StatementKind) -> None:
    must, may = members_on_the_page()[kind]
    said = set(msgspec.json.decode(encode(STATEMENTS[kind])))

    assert OF_EVERY_BODY | must <= said <= OF_EVERY_BODY | may


@pytest.mark.parametrize("kind", EntryKind)
def test_a_registers_entry_has_no_members_but_those_of_its_kind(kind: EntryKind) -> None:
    _, may = members_on_the_page()[kind]

    assert set(msgspec.json.decode(encode(EXAMPLES[kind]))) <= OF_EVERY_BODY | may


@pytest.mark.parametrize("kind", StatementKind)
def test_the_golden_bytes_of_every_kind_are_read_and_written(kind: StatementKind) -> None:
    stored = golden(kind).read_bytes()

    assert statement(kind, stored) == STATEMENTS[kind]
    assert encode(STATEMENTS[kind]) == stored


def test_every_member_is_tried_and_none_that_is_empty_is_written() -> None:
    tried = {name for one in STATEMENTS.values() for name in msgspec.json.decode(encode(one))}

    assert tried == {field.encode_name for field in msgspec.structs.fields(Statement)}
    assert set(msgspec.json.decode(encode(a_statement(StatementKind.KEY)))) == {
        *OF_EVERY_BODY,
        "by",
    }


def test_a_first_key_says_nothing_of_one_before() -> None:
    first = msgspec.structs.replace(ROTATED, reason="first", replaces="", signature="")

    said = set(msgspec.json.decode(msgspec.json.encode(first)))

    assert said == {field.name for field in msgspec.structs.fields(StatedKey)} - {
        "replaces",
        "signature",
    }


def test_a_row_that_is_gone_says_so() -> None:
    said = msgspec.json.decode(encode(STATEMENTS[StatementKind.FITTING]))

    assert said["rows"][0]["row"] is None


@pytest.mark.parametrize(
    ("kind", "stored"),
    [("taxpayer@2", encode(STATEMENTS[StatementKind.TAXPAYER])), ("taxpayer@1", b"{}")],
)
def test_what_cannot_be_read_is_corrupt(kind: str, stored: bytes) -> None:
    with pytest.raises(Corrupt):
        statement(kind, stored)


def test_an_entry_of_a_register_is_no_statement_and_the_other_way_round() -> None:
    with pytest.raises(Corrupt):
        statement("intent@1", encode(EXAMPLES[EntryKind.INTENT]))
    with pytest.raises(Corrupt):
        decode("key@1", encode(STATEMENTS[StatementKind.KEY]))
