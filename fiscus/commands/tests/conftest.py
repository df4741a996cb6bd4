"""What the tests of commands work on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fiscus.commands.tests.command_line import Installation
from tests.support import words
from tests.support.premises import Model, Premises, opened


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


@pytest.fixture(scope="module")
def day(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Premises]:
    """An installation with a day's sales in it. Nobody changes it."""
    folder = tmp_path_factory.mktemp("cli")
    with opened(model, folder / "data") as premises:
        till = premises.unit().opens_shop()
        till.sells(words.receipt())
        till.sells(words.receipt(number="2"))
        premises.clock.move(seconds=61)
        premises.work()
        yield premises
