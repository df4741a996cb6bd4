"""What is stored keeps its words and its bytes, whatever the classes are called that write it."""

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fiscus.store.connect import reading
from tests.journeys import history, stored
from tests.journeys.history import Story

FOLDER = Path(__file__).parent / "examples"
CHANGES_MAX = 400
IN_BETWEEN = ("fitting", "series", "session", "signing", "task")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, server: str) -> Iterator[Story]:
    with history.begun(tmp_path_factory.mktemp("stored"), server) as told:
        history.lisbon(told)
        history.berlin(told)
        yield told


def test_golden_rows_of_what_is_not_finished(story: Story) -> None:
    """Requests to devices and authorities, and tasks, as a crash would leave them."""
    with reading(story.premises.services.engine) as tx:
        assert_golden("stored.unfinished.json", stored.shown(tx, *IN_BETWEEN))


def test_golden_rows_of_everything(story: Story) -> None:
    """After recovery: every table, and the digests that cover requests and entries."""
    story.premises.clock.move(minutes=1)
    story.premises.work()
    story.premises.assert_proved()

    with reading(story.premises.services.engine) as tx:
        assert_golden("stored.everything.json", stored.shown(tx))


def assert_golden(name: str, found: str) -> None:
    """`make golden` writes the file anew; its diff is read like code."""
    file = FOLDER / name
    if os.environ.get("FISCUS_TEST_GOLDEN") == "write":
        file.write_text(found, encoding="utf-8")
    kept = file.read_text(encoding="utf-8")
    if found == kept:
        return
    changes = difflib.unified_diff(
        kept.splitlines(), found.splitlines(), name, "as it is stored now", lineterm="", n=8
    )
    pytest.fail("\n".join(list(changes)[:CHANGES_MAX]), pytrace=False)
