"""The list of answers is that of the authority's manuals."""

import json
from pathlib import Path
from typing import Any

from fiscus.channels.at_portugal.errors import REFUSALS, SUCCESSES
from fiscus.channels.at_portugal.simulator import PROCESSING, TYPES


def table(shared_data: Path, name: str) -> Any:
    return json.loads((shared_data / "pt" / "tables" / name).read_text())


def test_every_number_of_the_series_service_has_a_meaning(shared_data: Path) -> None:
    published = table(shared_data, "ws_response_codes.json")["series"]
    numbers = {int(number) for operation in published.values() for number in operation}

    known = set(SUCCESSES) | {int(code.id.rpartition("-")[2]) for code in REFUSALS}

    assert known == numbers


def test_classes_and_types_are_those_of_the_manuals(shared_data: Path) -> None:
    published = table(shared_data, "series_codes.json")

    assert {name: set(types) for name, types in published["tipoDoc_by_class"].items()} == TYPES
    assert set(published["meioProcessamento"]) == PROCESSING
