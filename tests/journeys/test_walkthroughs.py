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
from typing import Any

import pytest

from bench.installation import free_port

ROOT = Path(__file__).parents[2]
FISCUS = Path(sys.prefix) / "bin" / "fiscus"
WRITTEN_PORT = "8080"
RECEIPT = "A receipt in Lisbon, through the Unified API"
START_SECONDS, WALK_SECONDS = 120, 600
LEAVING_NOTHING = "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n"

MISSING = [tool for tool in ("bash", "curl", "jq") if shutil.which(tool) is None]
if not FISCUS.exists():
    MISSING.append("fiscus beside this Python")

pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.long,  # a new process for each of some sixty typed commands
]


@dataclass(frozen=True, kw_only=True)
class Walk:
    """A walk-through: what the first terminal and the second one are told."""

    first: str
    second: str

    def then(self, page: str, *sections: str) -> "Walk":
        """And after it, in the second terminal, what other sections tell."""
        more = [block for name in sections for block in _blocks(page, name)]
        return Walk(first=self.first, second="\n".join([self.second, *more]))


def walk(page: str, *sections: str) -> Walk:
    blocks = [block for name in sections for block in _blocks(page, name)]
    serving = [block for block in blocks if block.rstrip().endswith("fiscus serve")]
    assert len(serving) == 1, f"{page}: one block starts the service, not {len(serving)}"
    others = [block for block in blocks if block not in serving]
    assert others, f"{page}: nothing is done with the service"
    return Walk(first=_but_make(serving[0]), second="\n".join(others))


def _blocks(page: str, section: str) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", section_of(page, section), re.M | re.S)
    assert blocks, f"{page}: no commands in {section!r}"
    return blocks


def section_of(page: str, section: str) -> str:
    text = (ROOT / page).read_text("utf-8")
    found = re.search(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert found is not None, f"{page} has no section {section!r}"
    return found[1]


def _but_make(block: str) -> str:
    return re.sub(r"^make .*\n", "", block, flags=re.M)


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """An empty folder with a `.venv`, as `make setup` leaves it, and a free port."""

    folder: Path
    port: int

    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if name[:7] != "FISCUS_"}
        return clean | {"FISCUS_PORT": str(self.port)}

    def typed(self, commands: str) -> subprocess.CompletedProcess[str]:
        """The commands one after the other in one shell; the first that fails ends it, and with it
        what they have left running."""
        ours = LEAVING_NOTHING + commands.replace(
            f"127.0.0.1:{WRITTEN_PORT}", f"127.0.0.1:{self.port}"
        )
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", ours],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=WALK_SECONDS,
            check=False,
        )

    @contextmanager
    def serving(self, commands: str) -> Iterator[None]:
        """The first terminal, until the story is over."""
        log = self.folder / "first-terminal.log"
        with log.open("wb") as out:
            terminal = subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", commands],
                cwd=self.folder,
                env=self.environment(),
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
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
        try:
            return bool(self.told("/health")["ready"])
        except (OSError, HTTPException):
            return False

    def told(self, path: str) -> Any:
        """What the service says at an address that needs no key."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return Checkout(folder=tmp_path, port=free_port())


def walked(checkout: Checkout, steps: Walk) -> str:
    """What the second terminal shows. Nothing on the way may have failed or come to nothing."""
    with checkout.serving(steps.first):
        done = checkout.typed(steps.second)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "null" not in done.stdout.splitlines(), done.stdout
    return done.stdout


def first_receipt() -> Walk:
    return walk(
        "docs/first-receipt.md",
        "Start the service",
        RECEIPT,
        "A receipt in Berlin, through the Reporting API",
        "Prove it",
    )


def test_the_first_sealed_receipt_through_both_families(checkout: Checkout) -> None:
    said = walked(checkout, first_receipt())

    assert said.count('{"state":"COMMISSIONED","mode":"OPERATIVE"}') == 2
    assert '"state": "COMPLETED"' in said
    assert "FR TILL-1/1" in said
    assert "fiscalized" in said.splitlines()
    assert '"qr_data": "V0;' in said
    assert (checkout.folder / "saft.xml").read_bytes().startswith(b"<?xml")
    assert (checkout.folder / "journal.zip").stat().st_size > 0


def test_the_refusals_that_a_till_must_handle(checkout: Checkout) -> None:
    before, page = first_receipt(), "docs/integrate.md"
    said = walked(checkout, before.then(page, "Try it")).splitlines()

    replayed = [line.strip() for line in said if line.lower().startswith("x-idempotency-replayed")]
    assert [line.rpartition(" ")[2] for line in replayed[:2]] == ["false", "true"]
    assert any('"E_UNPROCESSABLE_CONTENT"' in line and "ISSUE-KEY-01" in line for line in said)
    assert any('"state":"REJECTED"' in line for line in said)
    assert any("PT-TOTAL-01" in line for line in said)
    assert '{"code":"precondition_failed","retryable":true}' in said
    assert '{"status":"completed","resource_version":2}' in said


def family_of(operation: dict[str, Any]) -> str:
    """Tags of all families but one are its name, or begin with it."""
    first, slash, _ = operation["tags"][0].partition("/")
    return first if slash or first == "webhooks" else "unified"


def test_every_status_that_the_apis_know_is_on_the_page_for_tills(checkout: Checkout) -> None:
    begin = walk("docs/operate.md", "On one machine").first
    with checkout.serving(begin):
        paths = checkout.told("/openapi.json")["paths"]

    for title, section in (
        ("unified", section_of("docs/integrate.md", "The Unified API, status by status")),
        ("reporting", section_of("docs/integrate.md", "The Reporting API, status by status")),
        ("exportjobs", section_of("docs/export-jobs.md", "Status by status")),
        ("webhooks", section_of("docs/webhooks.md", "Status by status")),
    ):
        known = {
            status
            for operations in paths.values()
            for operation in operations.values()
            if isinstance(operation, dict) and family_of(operation) == title
            for status in operation.get("responses", {})
        }
        cells = re.findall(r"^\| ([0-9, ]+)", section, re.M)
        told = {status for cell in cells for status in re.findall("[0-9]{3}", cell)}

        assert known - told == set(), f"{title}: on no line of the page"
        assert len(known) > 8, f"{title}: the description is not read rightly"


def test_an_accounting_system_is_connected(checkout: Checkout) -> None:
    page = "docs/export-jobs.md"
    (code,) = re.findall(r"^```python\n(.*?)^```$", (ROOT / page).read_text("utf-8"), re.M | re.S)
    (checkout.folder / "connector.py").write_text(code, "utf-8")
    walk_ = walk("docs/first-receipt.md", "Start the service", RECEIPT)
    said = walked(checkout, walk_.then(page, "A company and a key", "A job", "The connector"))

    assert '{"chart":"SNC","coverage":"per_document","version":1}' in said
    assert "completed" in said.splitlines()
    assert '{"currency":"EUR","successful":250,"gap":0}' in said
    assert "6888" in (checkout.folder / "ledger.jsonl").read_text("utf-8")


def test_a_month_is_handed_over_to_the_accountants_of_both_shops(checkout: Checkout) -> None:
    before, page = first_receipt(), "docs/books.md"
    sections = ("Berlin: SKR03 and DATEV", "Mend and retry", "Lisbon: SNC and beancount")
    said = walked(checkout, before.then(page, *sections))

    assert said.count("Complete: the books hold what the journal holds.") == 2
    assert "clearing  ->  1372 Verrechnung Laden" in said
    assert "failed: Z2 " in said
    assert "payment/Bar" in said
    assert said.splitlines().count('{"currency":"EUR","gap":"0.00"}') == 1
    for name in ("berlin.csv", "rest.csv"):
        assert (checkout.folder / name).read_bytes().startswith(b'"EXTF";700;21;')
    again = (checkout.folder / "again.csv").read_bytes()
    assert again == (checkout.folder / "berlin.csv").read_bytes()
    assert "Income:711-" in (checkout.folder / "lisbon.beancount").read_text("utf-8")


def test_a_backup_that_was_made_while_the_service_ran_is_proved(checkout: Checkout) -> None:
    page = "docs/operate.md"
    machine = walk(page, "On one machine")
    walk_ = machine.then("docs/first-receipt.md", RECEIPT).then(page, "Backup and restore")

    said = walked(checkout, walk_)

    assert '"ready": true' in said
    assert (checkout.folder / "restored" / "master.key").stat().st_mode & 0o077 == 0
    names = {path.name for path in (checkout.folder / "restored").rglob("*") if path.is_file()}
    assert {"fiscus.db", "master.key", "at_portugal.sqlite"} <= names


def test_a_day_in_berlin(checkout: Checkout) -> None:
    said = walked(checkout, walk("docs/germany.md", "A day in Berlin, with curl"))

    data = checkout.folder / ".data"
    closing = json.loads((data / "closing.json").read_bytes())
    assert closing["summary"]["total_gross"] == 1700
    assert said.split().count("voided") == 1
    assert said.split().count("completed") >= 4
    assert '"qr_data": "V0;' in said
    assert (data / "z-report.pdf").read_bytes().startswith(b"%PDF-")


def test_a_day_in_lisbon_with_an_authority_that_fails(checkout: Checkout) -> None:
    said = walked(checkout, walk("docs/portugal.md", "A day in Lisbon, with curl"))

    lines = said.splitlines()
    assert any(re.match("FR +BALCAO-1 +active +normal +0 ", line) for line in lines)
    assert '[{"type":"DOCUMENT","state":"ACCEPTED"},{"type":"STATUS","state":"ACCEPTED"}]' in lines
    assert '[{"type":"DOCUMENT","state":"UNKNOWN"}]' in lines
    assert '[{"type":"DOCUMENT","state":"REFUSED"}]' in lines
    assert any("pause since" in line for line in lines)
    there = [json.loads(line) for line in lines if line.startswith('{"number":"FR BALCAO-1/')]
    assert there[1:] == [
        {"number": "FR BALCAO-1/1", "status": "A"},
        {"number": "FR BALCAO-1/2", "status": "N"},
        {"number": "FR BALCAO-1/3", "status": "N"},
    ]
    assert "Good: " in said
