"""B-06: a full disk is an answer: nothing half is kept, and it goes on by itself."""

import os
import resource
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench import client, sales
from bench.client import Sold
from bench.installation import SQLITE, Installation, fresh
from bench.judge import judge
from bench.merchant import Merchant
from tests.storms.driver import told

pytestmark = pytest.mark.storm

DISK_BYTES = 6 << 20
SERIES = "FR-FULL"
SALES_MAX = 3_000
HEALTH_SECONDS = 5


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own with little space; skipped where none may be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("a small file system cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class Till:
    """Sells one document after the other and keeps what was acknowledged."""

    def __init__(self, installation: Installation, merchant: Merchant) -> None:
        self.caller = installation.caller(merchant.bearer)
        self.system = merchant.systems[0]
        self.sold: list[Sold] = []

    def sell_until_refused(self) -> tuple[int, Any, bytes, str]:
        """Status and answer of the first refusal, with the request and its key."""
        for _ in range(SALES_MAX):
            status, opened, body, key = self.ask(sales.intention(self.system))
            if status != 200:
                return status, opened, body, key
            status, answer, body, key = self.conclude(opened["content"]["id"])
            if status != 200:
                return status, answer, body, key
        raise AssertionError(f"{SALES_MAX} sales fit on the disk")

    def sell(self) -> None:
        status, opened, _, _ = self.ask(sales.intention(self.system))
        assert status == 200, opened
        status, answer, _, _ = self.conclude(opened["content"]["id"])
        assert status == 200, answer

    def conclude(self, intent: str, key: str = "") -> tuple[int, Any, bytes, str]:
        answered = self.ask(sales.conclusion(intent, sales.a_receipt(SERIES)), key)
        if answered[0] == 200:
            self.sold.append(client.sold(msgspec.json.encode(answered[1]), intent, SERIES))
        return answered

    def ask(self, body: bytes, key: str = "") -> tuple[int, Any, bytes, str]:
        key = key or sales.a_key(int.from_bytes(os.urandom(16), "big"))
        status, answer = self.caller.ask("POST", "/records", msgspec.json.decode(body), key=key)
        return status, answer, body, key

    def repeat(self, body: bytes, key: str) -> None:
        """Send the refused request again; it is carried out, once."""
        content = msgspec.json.decode(body)["content"]
        if content["type"] == "INTENTION":
            status, opened, _, _ = self.ask(body, key)
            assert status == 200, opened
            status, answer, _, _ = self.conclude(opened["content"]["id"])
        else:
            status, answer, _, _ = self.conclude(content["record"]["id"], key)
        assert status == 200, answer


def said_unready(installation: Installation) -> bool:
    """Whether `/health` says so within seconds; its answer is kept for one second."""
    until = time.monotonic() + HEALTH_SECONDS
    while time.monotonic() < until:
        if installation.health(installation.ports[0])["ready"] is False:
            return True
        time.sleep(0.1)
    return False


def filled(folder: Path) -> Path:
    """A file that takes all the space that is left."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for step in (1 << 16, 1 << 12, 1 << 9):
            while True:
                try:
                    file.write(b"\0" * step)
                except OSError:
                    break
    return filler


def test_a_full_disk_answers_503_and_recovers_without_restart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_disk(tmp_path / "disk") as disk, fresh(SQLITE, tmp_path / "own") as installation:
        (tmp_path / "own" / "data").symlink_to(disk)
        installation.serve(1)
        till = Till(installation, installation.found(1))
        for _ in range(20):
            till.sell()
        rounds = []
        for _ in range(3):
            filler = filled(disk)
            begun = time.monotonic()
            status, answer, body, key = till.sell_until_refused()
            rounds.append(time.monotonic() - begun)
            assert status == 503, answer
            assert "STORE-FULL-01" in answer["content"]["message"], answer
            assert said_unready(installation)
            filler.unlink()
            till.repeat(body, key)
            for _ in range(5):
                till.sell()
        verdict = judge(installation.database, till.sold)
    told(capsys, "B-06 sqlite", f"disk full {len(rounds)} times; {verdict.sentence()}")
    assert verdict.is_good, verdict


def test_a_file_that_may_not_grow_answers_503_and_recovers_without_restart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same without a disk of its own: the process may not write beyond a size."""
    with fresh(SQLITE, tmp_path) as installation:
        installation.serve(1)
        till = Till(installation, installation.found(1))
        for _ in range(20):
            till.sell()
        process = installation.processes[installation.ports[0]].pid
        wal = tmp_path / "data" / "fiscus.db-wal"
        limit = wal.stat().st_size + 20_000
        resource.prlimit(process, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        status, answer, body, key = till.sell_until_refused()
        assert status == 503, answer
        resource.prlimit(
            process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        )
        till.repeat(body, key)
        for _ in range(5):
            till.sell()
        verdict = judge(installation.database, till.sold)
    told(capsys, "B-06 sqlite", f"write limit; {verdict.sentence()}")
    assert verdict.is_good, verdict
