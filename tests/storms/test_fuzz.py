"""Requests made up from the API's own description find no answer that breaks it."""

import json
from collections.abc import Callable

import pytest

from bench import fuzz
from bench.installation import SQLITE, fresh
from fiscus.api import reporting, unified
from tests.storms.driver import seed, size, told

pytestmark = pytest.mark.storm


@pytest.mark.parametrize(
    ("family", "document"),
    [(fuzz.UNIFIED, unified.document), (fuzz.REPORTING, reporting.document)],
    ids=["unified", "reporting"],
)
def test_made_up_requests_find_no_answer_that_breaks_the_description(
    capsys: pytest.CaptureFixture[str], family: fuzz.Family, document: Callable[[], bytes]
) -> None:
    chance = seed()
    with fresh(SQLITE, FISCUS_LOG_LEVEL="info") as installation:
        result = fuzz.run(installation, family, size("FUZZ_SECONDS", 30, 600), chance)

    told(
        capsys,
        f"fuzz {family.name}",
        f"{result.cases} requests to {len(result.operations)} operations, {result.statuses}, "
        f"seed {chance}",
    )
    assert described(document()) <= set(result.operations)
    assert result.unforeseen == []
    assert result.code == 0, result.said
    assert {"500", "503"}.isdisjoint(result.statuses)


def described(document: bytes) -> set[str]:
    """The ids of all operations, as the log has them."""
    paths = json.loads(document)["paths"].values()
    ids = [operation["operationId"] for methods in paths for operation in methods.values()]
    return {id_.removeprefix("reporting_") for id_ in ids}
