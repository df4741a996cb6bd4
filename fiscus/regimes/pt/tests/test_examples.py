"""Golden examples: drafts as a caller sends them, and the seals that come out.

`make golden` rewrites the outcomes; review the difference like code.
"""

import os
from pathlib import Path

import msgspec
import pytest

from fiscus.model.documents import Draft
from fiscus.model.records import Case, Seal
from fiscus.regimes.pt.tests.builders import a_body, a_case, a_place, a_slot, broken, sealed

EXAMPLES = Path(__file__).parent / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.json"))


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draft, the shop's postal code, and which other example it corrects."""

    draft: Draft
    postal_code: str = "1100-061"
    corrects: str = ""


def the_case(name: str) -> Case:
    example = msgspec.json.decode((EXAMPLES / f"{name}.json").read_bytes(), type=Example)
    place = a_place(example.postal_code)
    original = a_body(the_case(example.corrects)) if example.corrects else None
    slot = a_slot(example.draft, place, number=1, carried="")
    return a_case(example.draft, place=place, slot=slot, original=original)


def test_there_are_examples_of_every_document() -> None:
    assert {sealed(the_case(name)).document_type for name in NAMES} == {
        "FR",
        "FS",
        "FT",
        "NC",
        "ND",
    }


@pytest.mark.parametrize("name", NAMES)
def test_an_example_comes_out_as_the_golden_one(name: str) -> None:
    case = the_case(name)
    assert broken(case) == {}

    seal, golden = sealed(case), EXAMPLES / "out" / f"{name}.json"
    if os.environ.get("FISCUS_TEST_GOLDEN") == "write":
        golden.write_bytes(msgspec.json.format(msgspec.json.encode(seal), indent=2) + b"\n")

    assert seal == msgspec.json.decode(golden.read_bytes(), type=Seal)
