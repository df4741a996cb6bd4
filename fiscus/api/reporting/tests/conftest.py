"""The stage of this family's tests: a house with its doors open, and callers with API keys."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fiscus.api.reporting.tests.caller import Caller, platform
from tests.journeys.house import Model, Premises, drop, opened, set_up


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    server = os.environ.get("FISCUS_TEST_DATABASE_URL", "")
    made = set_up(tmp_path_factory.mktemp("model") / "data", server)
    yield made
    if made.database_url:
        drop(made.database_url)


@pytest.fixture
def premises(model: Model, tmp_path: Path) -> Iterator[Premises]:
    with opened(model, tmp_path / "data") as found:
        yield found


@pytest.fixture
def caller(premises: Premises) -> Caller:
    """Whoever holds the operator's first key, acting for nobody yet."""
    return platform(premises)


@pytest.fixture
def merchant(caller: Caller) -> Caller:
    """The same caller, acting for a German merchant."""
    return caller.opens_merchant()
