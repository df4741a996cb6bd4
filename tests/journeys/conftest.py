"""The stage of the journeys: SQLite in a temporary folder, or PostgreSQL if one is named."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.premises import Model, Premises, continued, opened
from tests.support.till import Till


@pytest.fixture(scope="session")
def unit_model(
    model: Model, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Model, Till]]:
    """The same with a tenant."""
    with continued(model, tmp_path_factory.mktemp("unit") / "data", Premises.unit) as found:
        yield found


@pytest.fixture(scope="session")
def till_model(
    model: Model, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Model, Till]]:
    """The same with a tenant whose shop is open."""
    folder = tmp_path_factory.mktemp("till")
    with continued(model, folder / "data", lambda found: found.unit().opens_shop()) as made:
        yield made


def with_tenant(request: pytest.FixtureRequest) -> tuple[Model, Till] | None:
    """What a story begins with that asks for a tenant, or for its open shop."""
    name = next((name for name in ("till", "unit") if name in request.fixturenames), "")
    return request.getfixturevalue(f"{name}_model") if name else None


@pytest.fixture
def premises(request: pytest.FixtureRequest, model: Model, tmp_path: Path) -> Iterator[Premises]:
    """A copy for one story. If it also asks for a tenant, then one in which the tenant is."""
    begun = with_tenant(request)
    with opened(begun[0] if begun else model, tmp_path / "data") as found:
        found.units = 1 if begun else 0
        yield found


@pytest.fixture
def unit(request: pytest.FixtureRequest, premises: Premises) -> Till:
    """A tenant in Lisbon; nothing else yet, unless the story also asks for `till`."""
    begun = with_tenant(request)
    assert begun is not None
    return replace(begun[1], http=premises.http)


@pytest.fixture
def till(unit: Till) -> Till:
    """The tenant with taxpayer, branch and register in service."""
    return unit
