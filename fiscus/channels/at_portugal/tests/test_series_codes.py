"""Classes, types and means of processing are those of the authority's manuals."""

import json
from pathlib import Path
from typing import Any

from fiscus.channels.at_portugal.simulator.series import PROCESSING, TYPES


def table(shared_data: Path, name: str) -> Any:
    return json.loads((shared_data / "pt" / "tables" / name).read_text())


def test_classes_and_types_are_those_of_the_manuals(shared_data: Path) -> None:
    published = table(shared_data, "series_codes.json")

    assert {name: set(types) for name, types in published["tipoDoc_by_class"].items()} == TYPES
    assert set(published["meioProcessamento"]) == PROCESSING
