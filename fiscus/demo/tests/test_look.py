"""`fiscus demo --serve`: what it prints leads a visitor to the pages, until it is stopped."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from fiscus.demo import look
from fiscus.demo.play import DemoFolder
from fiscus.demo.service import commanded, environment, first_key
from fiscus.demo.tests.conftest import Played

SECONDS = 120
_RUN = (sys.executable, "-c", "from fiscus.cli import main; main()")
_ADDRESS = re.compile(r"http://127\.0\.0\.1:[0-9]+/\S+")


@contextmanager
def begun(out: Path) -> Iterator[subprocess.Popen[str]]:
    """The command as somebody types it; ended in any case."""
    process = subprocess.Popen(
        [*_RUN, "demo", "--serve", "--out", str(out)],
        env=environment(out),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def told(process: subprocess.Popen[str], until: str) -> str:
    """What it prints, up to that word."""
    assert process.stdout is not None
    lines: list[str] = []
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and (line := process.stdout.readline()):
        lines.append(line)
        if until in line:
            return "".join(lines)
    raise AssertionError("".join(lines) or "it said nothing")


def page(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - our own address
        return str(answer.read().decode())


def owners(said: str) -> list[tuple[str, str, str]]:
    """Of each shop: where its owner signs in, the key and the secret, as printed."""
    names = ("as often as you like", "API key", "secret")
    columns = (re.findall(rf"{name} +(\S+)\n", said) for name in names)
    return list(zip(*columns, strict=True))


def first_page(address: str, key: str, secret: str) -> str:
    """The page on which the owner of a shop comes out."""
    there = urlsplit(address)
    with closing(HTTPConnection(there.netloc, timeout=30)) as line:
        line.request("GET", there.path)
        answer = line.getresponse()
        cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        token = re.findall('name="csrf" value="([^"]*)"', answer.read().decode())[0]
        typed = urlencode({"key": key, "secret": secret, "csrf": token})
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": cookie,
            "Origin": f"{there.scheme}://{there.netloc}",
        }
        line.request("POST", there.path, body=typed, headers=headers)
        answer = line.getresponse()
        answer.read()
        assert answer.status == 303
        cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        line.request("GET", "/console/today", headers={"Cookie": cookie})
        answer = line.getresponse()
        assert answer.status == 200
        return answer.read().decode()


@pytest.mark.long  # the whole day is played against a real service
def test_it_leads_to_a_receipt_and_to_the_documents_of_each_shop(
    played: Played, tmp_path: Path
) -> None:
    assert "demo --serve" not in played.told  # the command says it, once all is proved
    out = tmp_path / "out"
    shutil.copytree(played.out, out)

    with begun(out) as process:
        said = told(process, "Ctrl-C")
        addresses = _ADDRESS.findall(said)
        receipts = [one for one in addresses if "/r/" in one]
        links = [one for one in addresses if "/console/link/" in one]

        assert "Two days in two shops" not in said  # they are there already
        assert "Kiosk am Kotti GmbH" in said
        assert "Padaria" in said
        assert (len(receipts), len(links)) == (2, 2)
        for address in receipts:
            assert "Is it genuine?" in page(address)
            assert "Cancelled" not in page(address)
        for address in links:
            assert "Somebody wants to show you documents" in page(address)
        first, second = (first_page(*one) for one in owners(said))
        assert [("Padaria" in one, "Kiosk am Kotti" in one) for one in (first, second)] in (
            [(True, False), (False, True)],
            [(False, True), (True, False)],
        )
        process.send_signal(signal.SIGINT)
        assert "Stopped" in told(process, "Stopped")
        assert process.wait(60) == 0


def test_a_port_that_another_program_has_is_left_alone() -> None:
    with socket.create_server((look.HOST, 0)) as taken:
        port = taken.getsockname()[1]
        monkey = pytest.MonkeyPatch()
        with monkey.context() as patched:
            patched.setattr(look, "PORT", port)
            assert look._free_port() not in (0, port)


def test_what_to_type_names_the_folder_only_if_it_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/somewhere/python", "-c"])
    assert look.command(Path("demo-output")) == "fiscus demo --serve"
    assert look.command(Path("/tmp/x")) == "fiscus demo --serve --out /tmp/x"
    monkeypatch.setattr(sys, "argv", [".venv/bin/fiscus", "demo"])
    assert look.command(Path("demo-output")) == ".venv/bin/fiscus demo --serve"


def test_a_folder_without_days_is_not_served_as_it_is(tmp_path: Path) -> None:
    folder = DemoFolder(out=tmp_path / "out")
    assert not look.is_played(folder)
    folder.cleared()
    (folder.data / "fiscus.db").touch()
    assert not look.is_played(folder)
    folder.reports[1].touch()
    assert look.is_played(folder)


@pytest.mark.long  # a service's folder, and commands of their own processes
def test_the_owner_has_one_key_and_a_new_secret_each_time(tmp_path: Path) -> None:
    first_key(tmp_path)
    (made,) = json.loads(commanded(tmp_path, "keys", "list", "--json"))
    organization = made["organization"]

    first, second = (look.owner(tmp_path, organization) for _ in range(2))

    assert first.key == second.key
    assert first.secret != second.secret
    keys = json.loads(commanded(tmp_path, "keys", "list", "--json"))
    assert [one["name"] for one in keys] == ["first-key", look.OWNER_KEY]
    assert {one["role"] for one in keys} == {"owner"}
