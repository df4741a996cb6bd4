"""What is published of the API is what the code serves, and no change of it breaks a caller."""

import json

import pytest

from docs import generate
from fiscus.api import families
from fiscus.api.changes import breaks

CONTRACTS = [
    (family, version) for family in families.installed().values() for version in family.versions
]


@pytest.mark.parametrize(
    ("family", "version"), CONTRACTS, ids=[f"{one.code}-{version}" for one, version in CONTRACTS]
)
def test_callers_of_the_published_contract_go_on_as_before(
    family: families.ApiFamily, version: str
) -> None:
    published = json.loads((generate.CONTRACTS / f"{family.code}-{version}.json").read_text())

    assert breaks(published, json.loads(json.dumps(family.document(version)))) == []


def test_a_published_contract_is_not_withdrawn() -> None:
    published = {path.stem for path in generate.CONTRACTS.glob("*.json")}

    assert published == {f"{family.code}-{version}" for family, version in CONTRACTS}


def test_a_change_that_breaks_callers_is_not_written_by_the_way() -> None:
    path = next(iter(sorted(generate.CONTRACTS.glob("unified-*.json"))))
    changed = json.loads(path.read_text())
    del changed["paths"]["/records"]["post"]
    fresh = {one: one.read_text() for one in generate.written()} | {path: json.dumps(changed)}

    assert generate.broken_contracts(fresh) == [f"{path.stem}: POST /records is gone"]
