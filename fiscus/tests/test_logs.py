import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import words
from tests.support.premises import Model, opened

SCRIPT = """
import logging, sys
import structlog
from fiscus import logs

logs.configure({level!r})
log = structlog.get_logger("fiscus.test")
log.debug("one")
log.info("two", trace="t-1", amount=1.5)
log.warning("three\\nlines", path=object)
try:
    1 / 0
except ZeroDivisionError:
    log.exception("four")
    logging.getLogger("library").exception("five %s", "words")
logging.getLogger("library").info("never")
logging.getLogger("library").warning("six")
"""


def lines(level: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(level=level)], capture_output=True, check=True
    )
    assert done.stdout == b""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_every_line_is_one_json_object_with_a_time_and_a_level() -> None:
    found = lines("debug")

    assert {line["event"] for line in found} == {
        "one",
        "two",
        "three\nlines",
        "four",
        "five words",
        "six",
    }
    assert all({"event", "level", "timestamp"} <= set(line) for line in found)
    assert [line["level"] for line in found if line["event"] == "six"] == ["warning"]


def test_what_is_below_the_level_is_left_out() -> None:
    assert {line["event"] for line in lines("warning")} == {
        "three\nlines",
        "four",
        "five words",
        "six",
    }
    assert {line["event"] for line in lines("error")} == {"four", "five words"}


def test_an_exception_is_kept_inside_its_line() -> None:
    found = [line for line in lines("error") if "exception" in line]

    assert [line["event"] for line in sorted(found, key=lambda line: str(line["event"]))] == [
        "five words",
        "four",
    ]
    assert all("ZeroDivisionError" in line["exception"] for line in found)


def test_a_reader_that_went_away_does_not_stop_the_work() -> None:
    script = """
import os, threading, time
from fiscus import logs
import structlog
read, write = os.pipe()
os.dup2(write, 2)
os.close(read)
os.close(write)
logs.configure("info")
log = structlog.get_logger()
for _ in range(3):
    log.info("nobody reads this")
    time.sleep(0.15)
print([thread.name for thread in threading.enumerate()], flush=True)
os._exit(0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert b"fiscus-logs" in done.stdout


def test_no_secret_is_ever_logged(
    model: Model, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever is said to the service, in good order or not, its log shows no secret of it."""
    with opened(model, tmp_path / "data") as premises:
        unit = premises.unit()
        taxpayer = words.taxpayer()
        planted = planted_in(taxpayer)
        unit.opens_shop(taxpayer)
        unit.sells(words.receipt())
        unit.send("POST", "/taxpayers", {"content": taxpayer})
        unit.send("POST", "/taxpayers", raw=b'{"content": {"password": "canary"')
        anonymous = premises.anonymous()
        wrong = {"type": "API_KEY", "key": premises.first.key, "secret": "canary-secret"}
        anonymous.send("POST", "/tokens", {"content": wrong})
        bearers = [unit.bearer, premises.group().bearer]
    said = "".join(capfd.readouterr())

    assert planted
    assert "createTaxpayer" in said
    assert "canary" not in said
    assert premises.first.secret not in said
    assert not [bearer for bearer in bearers if bearer in said]


def planted_in(content: Any) -> int:
    """Put a canary in the place of every password; gives how many there were."""
    if not isinstance(content, dict):
        return 0
    count = 0
    for name, value in content.items():
        if "password" in name or name == "pin":
            content[name] = "canary-password"
            count += 1
        else:
            count += planted_in(value)
    return count
