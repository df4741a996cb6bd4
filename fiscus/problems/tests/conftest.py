"""Installations whose troubles are looked at."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk
from fiscus.api.families.reporting.tests.caller import platform
from tests.support.premises import Model, Premises, opened
from tests.support.till import Till


@pytest.fixture
def premises(model: Model, tmp_path: Path) -> Iterator[Premises]:
    with opened(model, tmp_path / "data") as found:
        yield found


@pytest.fixture
def kiosk(premises: Premises) -> Kiosk:
    """In Berlin, its device fitted."""
    return a_kiosk(premises, platform(premises).opens_merchant())


@pytest.fixture
def till(premises: Premises) -> Till:
    """In Lisbon."""
    return premises.unit().opens_shop()
