"""The scripts that measure still run, in a size that measures nothing."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bench.installation import SQLITE, fresh
from bench.source import checked_out, present

pytestmark = pytest.mark.storm

OTHERS_SECONDS = 120
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
    kept = ["--folder", str(tmp_path / "kept")]

    assert measured("saft", tmp_path, "--invoices", "1200", *kept)["invoices"] == 1200
    assert measured("verify", tmp_path, "--entries", "1200", *kept)["entries"] >= 1200


def are_alone() -> bool:
    """Whether no tree of another revision is left; another test may have one for a while."""
    until = time.monotonic() + OTHERS_SECONDS
    while worktrees() != [str(ROOT)] and time.monotonic() < until:
        time.sleep(0.5)
    return worktrees() == [str(ROOT)]


def test_an_outage_of_the_authority_can_be_measured(tmp_path: Path) -> None:
    size = ("--seconds", "1", "--rounds", "1", "--waiting", "20", "--clients", "2")
    result = measured("outage", tmp_path, *size)

    assert (result["disorder"], result["missing"]) == (0, 0)
    assert result["rounds"][0]["away"]["waiting"][0] >= 20


@pytest.mark.parametrize("script", ["seal", "tse"])
def test_two_revisions_can_be_compared(tmp_path: Path, script: str) -> None:
    size = ["--seconds", "0.5", "--warm", "0.2", "--clients", "2", "--registers", "2"]
    found = measured(script, tmp_path, "--compare", "HEAD", "--pairs", "2", *size)

    (compared,) = found["compared"]
    assert [one["first"] for one in compared["pairs"]] == [found["revision"], "here"]
    for one in compared["pairs"]:
        for figure in (one["there"], one["here"]):
            assert figure["documents"] > 0
            assert figure["failures"] == []
            assert 0 < figure["client_ms"] < figure["server_ms"]
    assert all(ratio > 0 for ratio in compared["medians"].values())
    assert found["is_good"] is True
    assert are_alone(), "the other revision's tree is gone"


def test_a_server_runs_the_code_of_its_own_revision() -> None:
    """Asked of the process that serves, not of another one that was started like it."""
    with checked_out("HEAD") as other, present() as own:
        packages = []
        for source in (other, own):
            with fresh(SQLITE) as installation:
                installation.source = source
                installation.serve(1)
                packages.append(installation.code())

        assert packages == [{str(other.folder / "fiscus")}, {str(ROOT / "fiscus")}]
        assert other.folder != ROOT


def test_a_revision_that_does_not_exist_is_named(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.seal", "--compare", "no-such-revision"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 1
    assert "no-such-revision" in done.stderr
    assert "there is no such revision" in done.stderr


def worktrees() -> list[str]:
    """Those of this checkout and of comparisons: others may work beside us."""
    command = ["git", "worktree", "list", "--porcelain"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [
        line.removeprefix("worktree ") for line in listed.splitlines() if line[:9] == "worktree "
    ]
    return [path for path in paths if path == str(ROOT) or "fiscus-revision-" in path]
