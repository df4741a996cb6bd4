"""A device that is killed at any moment: what it handed out is there, and no counter is missing."""

import os
import random
import signal
import subprocess
import sys
import threading
from base64 import b64decode
from pathlib import Path

import pytest

from fiscus.signers.tse.log import errors, messages, verify
from fiscus.signers.tse.log.messages import TransactionLog
from fiscus.signers.tse.software import export, ready, status, transactions, users
from fiscus.signers.tse.software.device import SoftwareTse

ROUNDS = 6

WORKER = """
import sys
from datetime import datetime
from pathlib import Path

from fiscus.signers.tse import kinds

start = datetime.fromisoformat(sys.argv[2])
secret = Path(sys.argv[3]).read_bytes()
kasse = kinds.open_software(secret, Path(sys.argv[1]), lambda: start, str)
kasse.info()
print(flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[4])):
    started = kasse.start("KASSE-1", "", b"")
    print("S", started.number, started.signature_counter, started.signature, flush=True)
    ended = kasse.finish("KASSE-1", started.number, "Kassenbeleg-V1", b"Beleg^")
    print("F", ended.number, ended.signature_counter, ended.signature, flush=True)
"""


def worker(device: SoftwareTse, secret: Path, at: str, sales: int) -> subprocess.Popen[str]:
    """Another process that opens the device, waits to be set off, and prints what it gets."""
    child = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(device.folder), at, str(secret), str(sales)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[4],
    )
    assert child.stdout is not None
    child.stdout.readline()
    return child


def set_off(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.flush()


def killed_after(
    milliseconds: float, device: SoftwareTse, secret: Path, at: str
) -> list[list[str]]:
    """What a working device handed out before it was killed."""
    child = worker(device, secret, at, 1_000_000)
    assert child.stdin is not None
    assert child.stdout is not None
    set_off(child)
    with child.stdin, child.stdout:
        first = child.stdout.readline()
        threading.Timer(milliseconds / 1000, os.kill, (child.pid, signal.SIGKILL)).start()
        lines = [first, *child.stdout.readlines()]
    assert child.wait() == -signal.SIGKILL
    return [line.split() for line in lines if line.endswith("\n")]


def test_nothing_handed_out_is_lost_and_no_counter_is_missing(factory, tmp_path: Path) -> None:
    device = factory.a_ready_device()
    secret = tmp_path / "key"
    secret.write_bytes(factory.opening())
    dice = random.Random(20260301)
    handed_out: list[list[str]] = []
    for _ in range(ROUNDS):
        moment = dice.uniform(1, 60)
        handed_out += killed_after(moment, device, secret, factory.clock().isoformat())

    again = factory.reopened(device.folder)
    path = tmp_path / "a.tar"
    path.write_bytes(b"".join(export.log_messages(again)))
    report = verify.examine(path)
    assert report.faults == ()
    assert report.notes == ()
    assert report.last_counter == status.signature_counter(again)
    assert report.started == status.transaction_counter(again)
    assert report.open_transactions == len(transactions.open_numbers(again)) <= ROUNDS
    assert len(handed_out) >= ROUNDS
    for kind, number, counter, signature in handed_out:
        row = again.memory.execute("SELECT body FROM log WHERE counter = ?", (counter,)).fetchone()
        log = messages.decode(row["body"]).log
        assert isinstance(log, TransactionLog)
        assert (log.operation[0], log.number) == (kind, int(number))
        assert log.proof.signature == b64decode(signature)


def test_threads_take_turns_and_leave_no_gap(factory, tmp_path: Path) -> None:
    device = factory.a_ready_device()
    kasse = ready.opened(device, factory.pins)
    troubles: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                number = kasse.start("KASSE-1", "", b"").number
                kasse.finish("KASSE-1", number, "t", b"")
        except BaseException as error:
            troubles.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert troubles == []
    path = tmp_path / "a.tar"
    path.write_bytes(b"".join(export.log_messages(device)))
    report = verify.examine(path)
    assert report.faults == ()
    assert (report.started, report.finished) == (160, 160)


def test_two_processes_that_sign_at_once_share_no_counter_and_leave_no_gap(
    factory, tmp_path: Path
) -> None:
    device = factory.a_ready_device()
    before = status.signature_counter(device)
    secret = tmp_path / "key"
    secret.write_bytes(factory.opening())
    crew = [worker(device, secret, factory.clock().isoformat(), 40) for _ in range(2)]
    for child in crew:
        set_off(child)

    said = [child.communicate(timeout=60)[0].splitlines() for child in crew]

    assert [child.returncode for child in crew] == [0, 0]
    lines = [line.split() for words in said for line in words]
    counters = sorted(int(counter) for _, _, counter, _ in lines)
    assert counters == list(range(before + 1, before + 161))
    assert sorted(int(n) for kind, n, _, _ in lines if kind == "S") == list(range(1, 81))
    path = tmp_path / "a.tar"
    path.write_bytes(b"".join(export.log_messages(device)))
    assert verify.examine(path).faults == ()


def test_two_openings_of_one_device_never_share_a_counter(factory) -> None:
    one = factory.a_ready_device()
    other = factory.reopened(one.folder)

    for device in (one, other, one, other):
        transactions.start(device, "KASSE-1", b"", "")

    assert transactions.open_numbers(one) == (1, 2, 3, 4)


def test_a_memory_that_cannot_be_written_is_a_storage_failure(factory) -> None:
    device = factory.a_ready_device()
    device.memory.execute("PRAGMA query_only = 1")

    with pytest.raises(errors.ErrorStorageFailure, match="readonly"):
        users.authenticate(device, "admin", "12345")
    device.memory.execute("PRAGMA query_only = 0")
    assert users.authenticate(device, "admin", "12345").is_success
