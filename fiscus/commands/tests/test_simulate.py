"""`fiscus simulate` as a developer types it."""

import json
import os
import signal
from pathlib import Path
from time import sleep
from typing import Any

import httpx
import pytest

from fiscus.commands.simulate import simulators
from fiscus.commands.tests.command_line import ended, fiscus, started


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "world"


def begun(folder: Path) -> tuple[Any, dict[str, str]]:
    """A simulator in a process of its own, and what it printed of itself."""
    command = started(
        *("simulate", "at-portugal", "--folder", str(folder), "--json"),
        *("--port", "0", "--control-port", "0"),
    )
    said = Path(command.folder.name, "1")
    while not (text := said.read_text("utf-8") if said.exists() else "").endswith("\n"):
        assert command.process.is_alive(), text
        sleep(0.02)
    return command, json.loads(text)


def test_a_simulator_runs_until_stopped_and_tells_what_it_knows(folder: Path) -> None:
    command, facts = begun(folder)
    try:
        control = httpx.URL(facts["control"])
        made = httpx.post(control.join("faults"), json={"kind": "reset"})
        known = httpx.get(control.join("known"))
    finally:
        os.kill(command.process.pid, signal.SIGTERM)
        told = ended(command)
    listed = fiscus("simulate", "at-portugal", "--folder", str(folder), "--list", "--json")

    assert facts["series"].startswith("https://127.0.0.1:")
    assert all(
        Path(facts[name]).is_file()
        for name in ("certificate", "private_key", "cipher_certificate", "trusted")
    )
    assert made.status_code == 201
    assert (told.code, "TEST" in told.error) == (0, True)
    assert json.loads(listed.out) == known.json() == {"series": [], "documents": [], "requests": []}


def test_what_cannot_be_simulated_is_refused(folder: Path) -> None:
    place = ("--folder", str(folder), "--list")
    unknown = fiscus("simulate", "at-mars", *place)
    empty = fiscus("simulate", "at-portugal", *place)
    live = fiscus("simulate", "at-portugal", *place, environment="live")

    assert (unknown.code, unknown.error[:15]) == (1, "CLI-SIMULATE-01")
    assert (empty.code, empty.error[:15]) == (1, "AT-SIMULATOR-01")
    assert (live.code, live.error[:15]) == (1, "CLI-SIMULATE-02")
    assert not folder.exists()


def test_a_port_that_is_taken_is_told(folder: Path) -> None:
    command, facts = begun(folder)
    try:
        port = str(httpx.URL(facts["series"]).port)
        second = fiscus(
            *("simulate", "at-portugal", "--folder", str(folder)),
            *("--port", port, "--control-port", "0"),
        )
    finally:
        os.kill(command.process.pid, signal.SIGTERM)
        ended(command)

    assert (second.code, second.error[:15]) == (1, "CLI-SIMULATE-03")


def test_help_tells_each_kind_of_fault() -> None:
    told = fiscus("simulate", "--help")

    assert all(kind in told.out for kind in ("expired-certificate:", "duplicate:", "timeout:"))
    assert "at-portugal" in simulators()
