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
    size = ["--seconds", "0.5", "--warm", "0.2", "--clients", "2", "--series", "2"]
    found = measured("seal", tmp_path, "--setup", "sqlite 1", *size)

    assert found["figures"][0]["documents"] > 0
    assert found["figures"][0]["failures"] == []
    assert found["verdicts"]["sqlite 1"]["lost"] == 0


def test_the_audit_file_and_the_verifier_can_be_measured(tmp_path: Path) -> None:
    size = ["--invoices", "1200", "--folder", str(tmp_path / "kept")]

    assert measured("saft", tmp_path, *size)["invoices"] == 1200
    assert measured("verify", tmp_path, *size)["entries"] == 2400
