"""The stage of the journeys: SQLite in a temporary folder, or PostgreSQL if one is named."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.house import Model, Premises, drop, opened, set_up
from tests.journeys.till import Till


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    """Set `FISCUS_TEST_DATABASE_URL` (`postgresql+psycopg://…`, a user who may create databases)
    to play on PostgreSQL: every story then gets a database of its own beside that one."""
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
def unit(premises: Premises) -> Till:
    return premises.unit()


@pytest.fixture
def till(unit: Till) -> Till:
    """A tenant in Lisbon, taxpayer, branch and register in service."""
    return unit.opens_shop()
