"""A file is judged by a process that can be killed, and has nothing of ours."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fiscus.checking import process
from fiscus.checking.process import CheckLimits, CheckProcess
from fiscus.checking.results import CheckResult, CheckVerdict
from fiscus.checking.tests.slow import HEAD, SLOW

FAT = HEAD + b"<a>1</a>" * 1_400_000


def a_file(folder: Path, content: bytes) -> Path:
    path = folder / "a.xml"
    path.write_bytes(content)
    return path


def judged(
    path: Path, limits: CheckLimits | None = None, progress: Callable[[int], None] = print
) -> CheckResult:
    checking = CheckProcess(limits=limits or CheckLimits(), progress=progress)
    return checking.result(path, name=path.name, scratch=path.parent)


def test_it_says_what_was_found(shared_data: Path) -> None:
    result = judged(next(shared_data.rglob("saft_MISSING_CUSTOMER_INVOICE.xml")))

    assert (result.verdict, result.kind) == (CheckVerdict.BAD, "saft-pt")
    assert "SAFT-CUSTOMER-01" in [one.code for one in result.of("error")]


def test_it_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[int] = []
    path = a_file(tmp_path, SLOW)

    judged(path, progress=told.append)

    assert told == sorted(told)
    assert 0 < told[-1] <= path.stat().st_size


@pytest.mark.parametrize(
    ("limits", "content", "code"),
    [
        (CheckLimits(seconds=0.5), SLOW, "CHECK-TIME-01"),
        (CheckLimits(memory_bytes_max=200 << 20), FAT, "CHECK-MEMORY-01"),
    ],
)
def test_it_is_ended_when_it_takes_too_much(
    tmp_path: Path, limits: CheckLimits, content: bytes, code: str
) -> None:
    begun = time.monotonic()
    result = judged(a_file(tmp_path, content), limits)

    assert result.verdict is CheckVerdict.UNJUDGED
    assert [one.code for one in result.findings] == [code]
    assert result.findings[0].remedy
    assert time.monotonic() - begun < 30


def test_another_thread_may_end_it(tmp_path: Path) -> None:
    checking = CheckProcess(limits=CheckLimits(), progress=print)
    threading.Timer(0.3, checking.end).start()

    result = checking.result(a_file(tmp_path, SLOW), name="a.xml", scratch=tmp_path)

    assert [one.code for one in result.findings] == ["CHECK-TIME-01"]


def test_a_file_that_is_not_there_is_no_result(tmp_path: Path) -> None:
    result = judged(tmp_path / "none.xml")

    assert [one.code for one in result.findings] == ["CHECK-PROCESS-01"]
    assert result.findings[0].places == ("FileNotFoundError",)


def test_its_environment_has_nothing_of_ours(tmp_path: Path) -> None:
    os.environ["FISCUS_MASTER_KEY"] = "secret"
    try:
        given = process.environment(str(tmp_path))
    finally:
        del os.environ["FISCUS_MASTER_KEY"]

    assert not any("FISCUS" in name for name in given)
    assert given["TMPDIR"] == given["SQLITE_TMPDIR"] == str(tmp_path)


def test_what_it_wrote_meanwhile_is_gone(tmp_path: Path, shared_data: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes((shared_data / "de" / "sample_export.tar").read_bytes())

    assert judged(path).verdict is CheckVerdict.GOOD
    assert [one.name for one in tmp_path.iterdir()] == ["a.tar"]
