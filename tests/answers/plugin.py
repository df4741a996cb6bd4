"""Lets pytest record the answers: `-p tests.answers.plugin --record-answers FOLDER`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.answers.recorder import Recorder
from tests.support import inside

RECORDER = pytest.StashKey[Recorder]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-answers", metavar="FOLDER", type=Path, help="where; must be empty")


def pytest_configure(config: pytest.Config) -> None:
    folder: Path | None = config.getoption("--record-answers")
    if folder is None:
        return
    if folder.exists() and any(folder.iterdir()):
        raise pytest.UsageError(f"{folder} is not empty: a record is never mixed with another one")
    recorder = config.stash[RECORDER] = Recorder(folder=folder)
    inside.LISTENERS.append(recorder.hear)


def pytest_unconfigure(config: pytest.Config) -> None:
    recorder = config.stash.get(RECORDER, None)
    if recorder is not None:
        inside.LISTENERS.remove(recorder.hear)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """What is asked while fixtures are made and unmade belongs to the test, too."""
    done = yield
    recorder = item.config.stash.get(RECORDER, None)
    if recorder is not None:
        recorder.end(item.nodeid)
    return done
