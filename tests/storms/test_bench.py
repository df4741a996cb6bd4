"""The scripts that measure still run, in a size that measures nothing."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.storm

ROOT = Path(__file__).parents[2]


def measured(script: str, folder: Path, *options: str) -> Any:
    out = folder / f"{script}.json"
    command = [sys.executable, "-m", f"bench.{script}", "--json", str(out), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "| --- |" in done.stdout
    return json.loads(out.read_text())


def test_sealing_can_be_measured(tmp_path: Path) -> None:
    size = ["--seconds", "0.5", "--warm", "0.2", "--clients", "2", "--registers", "2"]
    found = measured("seal", tmp_path, "--setup", "sqlite 1", *size)

    assert found["figures"][0]["documents"] > 0
    assert found["figures"][0]["failures"] == []
    assert found["verdicts"]["sqlite 1"]["lost"] == 0


def test_signing_by_devices_can_be_measured(tmp_path: Path) -> None:
    size = ["--seconds", "0.5", "--warm", "0.2", "--clients", "2", "--registers", "2"]
    found = measured("tse", tmp_path, "--setup", "sqlite 2", *size)

    assert found["figures"][0]["documents"] > 0
    assert found["figures"][0]["failures"] == []
    journal, logs = found["verdicts"][0]["journal"], found["verdicts"][0]["logs"]
    assert (journal["lost"], journal["surplus"], journal["gaps"]) == (0, 0, 0)
    assert (logs["devices"], logs["faults"], logs["uneven"]) == (2, [], 0)
    assert logs["messages"] > 2 * journal["documents"]


def test_a_closing_can_be_measured(tmp_path: Path) -> None:
    found = measured("closing", tmp_path, "--receipts", "600")

    assert found["receipts"] == 600
    assert 0 < found["seconds_ahead"] < found["seconds"]


def test_a_cash_register_export_can_be_measured(tmp_path: Path) -> None:
    found = measured("dsfinvk", tmp_path, "--receipts", "300")

    assert found["receipts"] == 300
    assert found["bytes"] > 0
    assert found["ratio"] > 0


def test_the_audit_file_and_the_verifier_can_be_measured(tmp_path: Path) -> None:
    size = ["--invoices", "1200", "--folder", str(tmp_path / "kept")]

    assert measured("saft", tmp_path, *size)["invoices"] == 1200
    assert measured("verify", tmp_path, *size)["entries"] == 2400
