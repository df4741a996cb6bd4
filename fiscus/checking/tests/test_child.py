"""How the process that judges bounds itself, and finds out how far it has read."""

import multiprocessing
import os
import resource
from pathlib import Path

import pytest

from fiscus.checking.child import ProgressTeller, bounded
from fiscus.checking.process import CheckOrder

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/fdinfo").is_dir(), reason="this system does not tell what is open"
)


def _limits(line: "multiprocessing.connection.Connection") -> None:
    order = CheckOrder(
        path="a", name="a", memory_bytes_max=1 << 30, seconds_max=7, scratch="/nowhere"
    )
    bounded(order)
    names = (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE)
    line.send(([resource.getrlimit(name) for name in names], os.nice(0)))


def test_it_gives_up_what_it_does_not_need() -> None:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_limits, args=(theirs,))
    process.start()
    limits, niceness = ours.recv()
    process.join()

    assert limits == [(1 << 30, 1 << 30), (7, 7), (0, 0)]
    assert niceness >= 15


@needs_proc
def test_it_sees_how_far_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 100_000)
    teller = ProgressTeller(path)

    assert teller._position() == 0
    with path.open("rb", buffering=0) as slow, path.open("rb", buffering=0) as fast:
        slow.read(10)
        fast.read(70_000)
        assert teller._position() == 70_000
    assert teller._position() == 0
