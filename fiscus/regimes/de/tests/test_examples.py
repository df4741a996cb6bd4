"""Golden examples: drafts as a caller sends them, and the seals that come out.

`make golden` rewrites the outcomes; review the difference like code.
"""

import os
from pathlib import Path

import msgspec
import pytest

from fiscus.model.documents import Draft
from fiscus.model.records import Case, Seal
from fiscus.regimes.de.tests.builders import a_body, a_case, broken, sealed

EXAMPLES = Path(__file__).parent / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.json"))


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draft, which other example it corrects, and why the TSE was out (empty: it was not)."""

    draft: Draft
    corrects: str = ""
    outage: str = ""


def read(name: str) -> Example:
    return msgspec.json.decode((EXAMPLES / f"{name}.json").read_bytes(), type=Example)


def the_case(name: str) -> Case:
    example = read(name)
    original = a_body(the_case(example.corrects)) if example.corrects else None
    return a_case(example.draft, original=original)


def test_there_are_examples_of_every_kind_of_operation() -> None:
    assert {sealed(the_case(name)).document_type for name in NAMES} == {
        "Beleg",
        "AVBelegabbruch",
        "AVTraining",
        "AVBestellung",
        "AVSonstige",
        "MONATSBERICHT",
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_example_comes_out_as_the_law_says(name: str) -> None:
    case = the_case(name)
    assert broken(case) == {}

    seal, golden = sealed(case, read(name).outage or None), EXAMPLES / "out" / f"{name}.json"
    if os.environ.get("FISCUS_TEST_GOLDEN") == "write":
        golden.write_bytes(msgspec.json.format(msgspec.json.encode(seal), indent=2) + b"\n")

    assert seal == msgspec.json.decode(golden.read_bytes(), type=Seal)
