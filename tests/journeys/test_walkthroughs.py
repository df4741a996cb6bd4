"""The commands that a page tells a newcomer to type, typed as they stand there.

A walk-through is the `sh` blocks of some sections of a page, in their order. The block that ends
with `serve` is for the first terminal, all others are for the second one. Two things are adapted,
as a user would: the port, and `make …` is left out, because what it installs is there already.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from bench.installation import free_port

ROOT = Path(__file__).parents[2]
FISCUS = Path(sys.prefix) / "bin" / "fiscus"
WRITTEN_PORT = "8080"
START_SECONDS, WALK_SECONDS = 120, 600

MISSING = [tool for tool in ("bash", "curl", "jq") if shutil.which(tool) is None]
if not FISCUS.exists():
    MISSING.append("fiscus beside this Python")

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")


@dataclass(frozen=True, kw_only=True)
class Walk:
    """A walk-through: what the first terminal and the second one are told."""

    first: str
    second: str


def walk(page: str, *sections: str) -> Walk:
    blocks = [block for name in sections for block in _blocks(page, name)]
    serving = [block for block in blocks if block.rstrip().endswith("fiscus serve")]
    assert len(serving) == 1, f"{page}: one block starts the service, not {len(serving)}"
    others = [block for block in blocks if block not in serving]
    assert others, f"{page}: nothing is done with the service"
    return Walk(first=_but_make(serving[0]), second="\n".join(others))


def _blocks(page: str, section: str) -> list[str]:
    text = (ROOT / page).read_text("utf-8")
    found = re.search(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert found is not None, f"{page} has no section {section!r}"
    blocks = re.findall(r"^```sh\n(.*?)^```$", found[1], re.M | re.S)
    assert blocks, f"{page}: no commands in {section!r}"
    return blocks


def _but_make(block: str) -> str:
    return re.sub(r"^make .*\n", "", block, flags=re.M)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """An empty folder with a `.venv`, as `make setup` leaves it, and a free port."""

    folder: Path
    port: int

    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if name[:7] != "FISCUS_"}
        return clean | {"FISCUS_PORT": str(self.port)}

    def typed(self, commands: str) -> subprocess.CompletedProcess[str]:
        """The commands one after the other in one shell; the first that fails ends it."""
        ours = commands.replace(f"127.0.0.1:{WRITTEN_PORT}", f"127.0.0.1:{self.port}")
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", ours], cwd=self.folder, env=self.environment(),
            capture_output=True, text=True, timeout=WALK_SECONDS, check=False,
        )  # fmt: skip

    @contextmanager
    def serving(self, commands: str) -> Iterator[None]:
        """The first terminal, until the story is over."""
        log = self.folder / "first-terminal.log"
        with log.open("wb") as out:
            terminal = subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", commands], cwd=self.folder,
                env=self.environment(), stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        try:
            self._wait(terminal, log)
            yield
        finally:
            if terminal.poll() is None:
                os.killpg(terminal.pid, signal.SIGTERM)
            terminal.wait(START_SECONDS)

    def _wait(self, terminal: subprocess.Popen[bytes], log: Path) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            assert terminal.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < deadline, log.read_text("utf-8")
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health")
            return bool(json.loads(connection.getresponse().read())["ready"])
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return Desk(folder=tmp_path, port=free_port())


def walked(desk: Desk, steps: Walk) -> str:
    """What the second terminal shows. Nothing on the way may have failed or come to nothing."""
    with desk.serving(steps.first):
        done = desk.typed(steps.second)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "null" not in done.stdout.splitlines(), done.stdout
    return done.stdout


def test_the_first_sealed_receipt_of_the_readme(desk: Desk) -> None:
    said = walked(desk, walk("README.md", "The first sealed receipt", "Proving it"))

    assert said.count('{"state":"COMMISSIONED","mode":"OPERATIVE"}') == 2
    assert '"state": "COMPLETED"' in said
    assert "FR TILL-1/1" in said
    assert (desk.folder / "saft.xml").read_bytes().startswith(b"<?xml")
    assert (desk.folder / "journal.zip").stat().st_size > 0


def test_a_day_in_berlin(desk: Desk) -> None:
    said = walked(desk, walk("docs/germany.md", "A day in Berlin, with curl"))

    data = desk.folder / ".data"
    closing = json.loads((data / "closing.json").read_bytes())
    assert closing["summary"]["total_gross"] == 1700
    assert said.split().count("voided") == 1
    assert said.split().count("completed") >= 4
    assert '"qr_data": "V0;' in said
    assert (data / "z-report.pdf").read_bytes().startswith(b"%PDF-")
