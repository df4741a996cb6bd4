"""Requests made up from the API's own description find no answer that breaks it."""

import pytest

from bench import fuzz
from bench.installation import SQLITE, fresh
from fiscus.api import families
from tests.storms.driver import seed, size, told

pytestmark = pytest.mark.storm


@pytest.mark.parametrize("family", [fuzz.UNIFIED, fuzz.REPORTING], ids=lambda one: one.name)
def test_made_up_requests_find_no_answer_that_breaks_the_description(
    capsys: pytest.CaptureFixture[str], family: fuzz.Family
) -> None:
    chance = seed()
    with fresh(SQLITE, FISCUS_LOG_LEVEL="info") as installation:
        result = fuzz.run(installation, family, size("FUZZ_SECONDS", 20, 600), chance)

    told(
        capsys,
        f"fuzz {family.name}",
        f"{result.cases} requests to {len(result.operations)} operations, {result.statuses}, "
        f"seed {chance}",
    )
    assert described(family.name) <= set(result.operations)
    assert result.unforeseen == []
    assert result.code == 0, result.said
    assert {"500", "503"}.isdisjoint(result.statuses)


def described(code: str) -> set[str]:
    """The ids of all operations, as the log has them."""
    family = families.installed()[code]
    paths = family.document(family.current)["paths"].values()
    ids = [operation["operationId"] for methods in paths for operation in methods.values()]
    return {id_.removeprefix(f"{code}_") for id_ in ids}
