"""Requests made up from the API's own description find no answer that breaks it."""

import pytest

from bench import fuzz
from bench.installation import SQLITE, fresh
from tests.storms.driver import seed, size, told

pytestmark = pytest.mark.storm


def test_made_up_requests_find_no_answer_that_breaks_the_description(
    capsys: pytest.CaptureFixture[str],
) -> None:
    chance = seed()
    with fresh(SQLITE, FISCUS_LOG_LEVEL="info") as installation:
        result = fuzz.run(installation, size("FUZZ_SECONDS", 30, 600), chance)

    told(
        capsys,
        "fuzz",
        f"{result.cases} requests to {result.operations} operations, {result.statuses}, "
        f"seed {chance}",
    )
    assert result.operations == 28
    assert result.unforeseen == 0
    assert result.code == 0, result.said
    assert {"500", "503"}.isdisjoint(result.statuses)
