"""The whole demo, played once for all tests of this package."""

import io
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from fiscus.demo.play import DemoResults, play


@dataclass(frozen=True, kw_only=True)
class Played:
    """Where it left its files, what they are, and what stood on the screen."""

    out: Path
    days: DemoResults
    told: str


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    out = tmp_path_factory.mktemp("demo")
    told = io.StringIO()
    days = play(out, Console(file=told, width=100))
    return Played(out=out, days=days, told=told.getvalue())
