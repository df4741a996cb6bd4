"""What the tests of the simulated authority share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fiscus.channels.at_portugal.simulator.tests.visitor import Visitor, visiting


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    """A visitor of an authority that knows nothing yet."""
    with visiting(tmp_path / "authority") as found:
        yield found
