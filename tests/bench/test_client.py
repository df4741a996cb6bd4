"""The load client hands over its whole outcome, whatever its standard output is."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SIZE = 3_000_000
TALKER = f"from bench.client import write_whole; write_whole(1, bytes(range(250)) * {SIZE // 250})"


@pytest.mark.parametrize("is_blocking", [True, False])
@pytest.mark.parametrize("options", [(), ("-u",)], ids=["buffered", "unbuffered"])
def test_a_long_outcome_arrives_whole(options: tuple[str, ...], is_blocking: bool) -> None:
    """Through a pipe that is read slowly, and of which one write fills only a part."""
    reading, writing = os.pipe()
    os.set_blocking(writing, is_blocking)
    command = [sys.executable, *options, "-c", TALKER]
    with subprocess.Popen(command, stdout=writing, cwd=ROOT) as talker, open(reading, "rb") as pipe:
        os.close(writing)
        time.sleep(0.2)
        said = pipe.read()

    assert talker.returncode == 0
    assert said == bytes(range(250)) * (SIZE // 250)
