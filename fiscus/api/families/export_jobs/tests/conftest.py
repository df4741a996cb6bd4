"""The stage of this family's tests: a service at work, a company with books, and its keys."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fiscus.api.families.export_jobs.tests.office import Office, an_office, moved
from tests.support.premises import Model, Premises, continued, opened


@pytest.fixture(scope="session")
def office_model(
    model: Model, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Model, Office]]:
    """The same with a company that keeps books."""
    with continued(model, tmp_path_factory.mktemp("office") / "data", an_office) as found:
        yield found


@pytest.fixture
def premises(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Premises]:
    """A copy for one test. If it also asks for an office, then one in which the office stands."""
    found: Model
    if "office" in request.fixturenames:
        found, _ = request.getfixturevalue("office_model")
    else:
        found = request.getfixturevalue("model")
    with opened(found, tmp_path / "data") as premises:
        yield premises


@pytest.fixture
def office(premises: Premises, office_model: tuple[Model, Office]) -> Office:
    """The office in the copy of this test."""
    _, found = office_model
    return moved(found, premises)
