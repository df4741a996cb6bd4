"""What was stored decodes for ever: one committed file per kind, and any body there and back."""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given

from fiscus.journal.encode import decode, encode, extract
from fiscus.journal.statement import Statement
from fiscus.journal.tests.bodies import EXAMPLES, a_body, contents
from fiscus.journal.tests.statements import STATEMENTS
from fiscus.model import extracts
from fiscus.model.faults import Corrupt
from fiscus.model.kinds import EntryKind, StatementKind
from fiscus.model.records import EntryBody

EXAMPLES_FOLDER = Path(__file__).parent / "examples"


def golden(kind: EntryKind | StatementKind) -> Path:
    """Written once, never again: these bytes stand for those in the journals out there."""
    file = EXAMPLES_FOLDER / f"{kind.value}.json"
    if os.environ.get("FISCUS_TEST_GOLDEN") == "write" and not file.exists():
        examples: dict[Any, EntryBody | Statement] = {**EXAMPLES, **STATEMENTS}
        file.write_bytes(encode(examples[kind]))
    return file


@pytest.mark.parametrize("kind", EntryKind)
def test_the_golden_bytes_of_every_kind_decode_to_what_they_meant(kind: EntryKind) -> None:
    assert decode(kind.value, golden(kind).read_bytes()) == EXAMPLES[kind]


@pytest.mark.parametrize("kind", EntryKind)
def test_the_golden_bytes_are_still_what_is_written(kind: EntryKind) -> None:
    assert encode(EXAMPLES[kind]) == golden(kind).read_bytes()


def test_every_golden_file_is_of_a_kind_that_can_still_be_read() -> None:
    assert {file.stem for file in EXAMPLES_FOLDER.glob("*.json")} == {
        kind.value for kind in (*EntryKind, *StatementKind)
    }


@given(contents())
def test_a_body_comes_back_as_it_was(content: tuple[EntryKind, dict[str, Any]]) -> None:
    kind, members = content
    body = a_body(kind, **members)

    assert decode(kind, encode(body)) == body
    assert encode(decode(kind, encode(body))) == encode(body)
    assert extract(kind, encode(body)) == extracts.extract(body)


def test_amounts_keep_their_decimals() -> None:
    stored = encode(EXAMPLES[EntryKind.DOCUMENT])

    assert b'"unit_price":"1.2300"' in stored
    assert msgspec.json.decode(stored)["seal"]["net"] == "2.00"


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("receipt@1", encode(a_body())),
        ("intent@2", encode(a_body())),
        ("intent@1", b"{}"),
        ("intent@1", b"\xff"),
        ("intent@1", encode(a_body())[:-1]),
    ],
)
def test_what_cannot_be_read_is_corrupt(kind: str, stored: bytes) -> None:
    with pytest.raises(Corrupt):
        decode(kind, stored)
    with pytest.raises(Corrupt):
        extract(kind, stored)
