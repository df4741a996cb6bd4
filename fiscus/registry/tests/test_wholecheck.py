"""A process that verifies everything: what it tells, and that it ends when it is told to."""

import json
import os
import sys
import time
from pathlib import Path

import pytest

from fiscus.registry.wholecheck import COMMAND, WholeCheck, WholeOutcome, outcome_of

WAIT_SECONDS = 60
REPORT = {"findings": [{"code": "A"}], "omitted": 3}


def program(text: str) -> tuple[str, ...]:
    return sys.executable, "-c", text


def waited(whole: WholeCheck) -> WholeOutcome:
    end = time.monotonic() + WAIT_SECONDS
    while (outcome := whole.outcome()) is None:
        assert time.monotonic() < end, "it never ended"
        time.sleep(0.02)
    return outcome


def test_what_the_process_prints_is_told_once() -> None:
    whole = WholeCheck(program(f"print('''{json.dumps(REPORT)}'''); exit(1)"))
    assert whole.outcome() is None
    whole.begin()
    assert whole.is_going_on
    outcome = waited(whole)

    assert outcome.findings == ({"code": "A"},)
    assert (outcome.omitted, outcome.failed) == (3, "")
    assert outcome.seconds > 0
    assert not whole.is_going_on
    assert whole.outcome() is None


def test_it_has_low_priority_and_the_settings_of_the_service(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The real command, where there is no journal yet: it says so, and finds nothing."""
    monkeypatch.setenv("FISCUS_DATA_DIR", str(tmp_path / "nothing here"))
    monkeypatch.delenv("FISCUS_DATABASE_URL", raising=False)
    whole = WholeCheck()
    whole.begin()
    outcome = waited(whole)

    assert "nothing here" in outcome.failed
    assert outcome.findings == ()
    assert "os.nice(15)" in " ".join(COMMAND)


@pytest.mark.parametrize(
    ("code", "printed", "said", "failed"),
    [
        (1, b"", b"STORE-DATABASE-01: it is away\n", "STORE-DATABASE-01: it is away"),
        (-9, b"", b"", "exit code -9"),
        (0, b"not json", b"", "not json"),
        (0, b"[]", b"", "[]"),
        (1, b'{"findings": []}', b"", '{"findings": []}'),
        (1, b"", b"x" * 10_000, "x" * 500),
    ],
)
def test_what_is_no_report_is_no_finding(
    code: int, printed: bytes, said: bytes, failed: str
) -> None:
    assert outcome_of(code, printed, said, 1.0) == WholeOutcome(failed=failed)


def test_whoever_stops_it_waits_for_nothing(tmp_path: Path) -> None:
    here = tmp_path / "pid"
    whole = WholeCheck(
        program(
            "import os, pathlib, subprocess, sys, time;"
            "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
            f"pathlib.Path({str(tmp_path / 'draft')!r}).write_text(str(child.pid));"
            f"os.rename({str(tmp_path / 'draft')!r}, {str(here)!r}); time.sleep(600)"
        )
    )
    whole.begin()
    end = time.monotonic() + WAIT_SECONDS
    while not here.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    begun = time.monotonic()
    whole.stop()

    assert time.monotonic() - begun < 10
    assert not whole.is_going_on
    assert not is_alive(int(here.read_text()))
    whole.begin()
    assert not whole.is_going_on


def is_alive(pid: int) -> bool:
    """Whether it does not end in the next seconds. A process that waits for its parent is dead."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return False
        except (ProcessLookupError, FileNotFoundError):
            return False
        time.sleep(0.05)
    return True
