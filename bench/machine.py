"""What the figures were measured on, and the yardstick: signatures of one core."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

ROOT = Path(__file__).parents[1]
RSA_BITS = 1024
YARDSTICK_SECONDS = 1.0


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    processor: str
    cores: int
    memory_gib: int
    system: str
    python: str
    commit: str
    measured_at: str


def machine() -> Machine:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(pages / (1 << 30)),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        commit=_commit(),
        measured_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _commit() -> str:
    """The commit, and whether files differ from it."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return described.stdout.strip()


class Yardstick:
    """Signatures per second of one core, measured now and then: a figure divided by this one can
    be compared between machines. `name` says which signatures."""

    def __init__(self, name: str, sign: Callable[[], object]) -> None:
        self.name = name
        self._sign = sign

    def measure(self) -> float:
        count, begun = 0, time.perf_counter()
        while time.perf_counter() - begun < YARDSTICK_SECONDS:
            for _ in range(100):
                self._sign()
            count += 100
        return count / (time.perf_counter() - begun)


def rsa_1024() -> Yardstick:
    """RSA-1024 (SHA-1, PKCS#1 v1.5): a sealed Portuguese document needs one."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    text = b"2026-03-01;2026-03-01T12:00:05;FR A/1;1.00;"
    return Yardstick("RSA-1024", lambda: key.sign(text, PADDING, DIGEST))


def ecdsa_p256() -> Yardstick:
    """ECDSA over P-256 (SHA-256): a signed German operation needs two of its device, and two of
    the journal."""
    key = ec.generate_private_key(ec.SECP256R1())
    return Yardstick("P-256", lambda: key.sign(b"Beleg^8.60_0.00", ec.ECDSA(hashes.SHA256())))


PADDING = padding.PKCS1v15()
DIGEST = hashes.SHA1()  # noqa: S303 - the law names it


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What a command cost: wall clock, processor, most memory of one process at one time."""

    seconds: float
    processor_seconds: float
    peak_mib: float


def cost(command: Sequence[str], environment: Mapping[str, str]) -> Ended:
    """Run a command to its end. Raises `CalledProcessError` if it fails."""
    measuring = [sys.executable, "-m", "bench.cost", *command]
    done = subprocess.run(
        measuring, env=dict(environment), stdout=subprocess.PIPE, check=True, cwd=ROOT
    )
    return msgspec.json.decode(done.stdout, type=Ended)


TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(pids: Collection[int]) -> float:
    """User and system time of these processes and all below them, those that ended included."""
    found = dict(_processes())
    family = set(pids)
    while below := {pid for pid, (parent, _) in found.items() if parent in family} - family:
        family |= below
    return sum(ticks for pid, (_, ticks) in found.items() if pid in family) / TICKS


def _processes() -> Iterator[tuple[int, tuple[int, int]]]:
    """All that run: the parent of each, and the ticks that it and its ended children used."""
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name stands in brackets and may hold blanks and brackets itself: proc(5).
            fields = file.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # It ended while we looked.
        yield int(file.parent.name), (int(fields[1]), sum(map(int, fields[11:15])))


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A markdown table."""
    lines: list[Sequence[object]] = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def headline(facts: Machine) -> str:
    return (
        f"{facts.processor}, {facts.cores} cores, {facts.memory_gib} GiB, {facts.system}, Python "
        f"{facts.python}; commit {facts.commit}; {facts.measured_at}"
    )
