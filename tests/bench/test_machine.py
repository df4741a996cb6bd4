"""The processor time of servers comes from the system's own accounting."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.machine import processor_seconds

BUSY = "import time; end = time.process_time() + 0.4\nwhile time.process_time() < end: pass"
READY = "print('ready', flush=True); import time; time.sleep(60)"
OF_ITSELF = f"{BUSY}\n{READY}"
OF_A_CHILD = (
    f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}], check=True)\n{READY}"
)
OF_A_CHILD_THAT_LIVES = (
    f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {OF_ITSELF!r}])\n"
    "import time; time.sleep(60)"
)


@contextmanager
def started(script: str) -> Iterator[int]:
    """A process that has done its work and lives on; it goes with all its children."""
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield process.pid
        finally:
            subprocess.run(["kill", "-9", "--", f"-{process.pid}"], check=True)


@pytest.mark.parametrize(
    "script",
    [OF_ITSELF, OF_A_CHILD, OF_A_CHILD_THAT_LIVES],
    ids=["its own", "of a child that ended", "of a child that lives"],
)
def test_the_time_of_a_process_is_counted(script: str) -> None:
    with started(script) as pid:
        assert 0.35 < processor_seconds({pid}) < 2


def test_a_process_that_waits_uses_nothing() -> None:
    with started(READY) as pid:
        before = processor_seconds({pid})
        time.sleep(0.3)

        assert processor_seconds({pid}) - before < 0.05


def test_a_process_that_is_gone_counts_for_nothing() -> None:
    with started(READY) as pid:
        pass

    assert processor_seconds({pid}) == 0
