"""What is done beside requests is whole: each kind of task has somebody who does it."""

import subprocess
import sys
from pathlib import Path

from fiscus import background
from tests.support.premises import Model, opened

PRINT_KINDS = "import fiscus.background; from fiscus.outbox import kinds; print(*kinds.names())"


def test_each_kind_of_task_is_done(model: Model, tmp_path: Path) -> None:
    """In a process of its own, which knows no kinds of tests."""
    told = subprocess.run([sys.executable, "-c", PRINT_KINDS], capture_output=True, check=True)

    with opened(model, tmp_path / "data") as premises:
        done = background.tasks(premises.services)

    assert told.stdout.decode().split() == sorted(done)
