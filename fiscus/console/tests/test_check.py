"""Check a file: who may have one checked, what is told, and that nothing of it stays."""

import asyncio
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from fiscus.app import application
from fiscus.checking import kept, tickets
from fiscus.checking.lane import CheckLane
from fiscus.checking.process import CheckLimits
from fiscus.console.tests.conftest import Browser
from fiscus.journal.tests.small_package import package_files, write_package
from fiscus.journal.tests.small_shop import a_journal
from fiscus.registry.roles import Role

PATIENCE_SECONDS = 60


def sent(
    browser: Browser,
    content: Path | bytes,
    *,
    name: str = "",
    address: str = "/check",
    json: bool = True,
    token: str | None = None,
    **fields: str,
) -> httpx.Response:
    """A form with a file, as a browser sends it."""
    http = browser.premises.http
    named = name or (content.name if isinstance(content, Path) else "a.xml")
    data = content.read_bytes() if isinstance(content, Path) else content
    request = http.build_request(
        "POST",
        address,
        data={"csrf": browser.token() if token is None else token, "kind": "", **fields},
        files={"file": (named, data)},
        headers={
            "accept": "application/json" if json else "text/html",
            "accept-language": browser.language,
        },
        cookies=browser.cookies,
    )
    answer = http.send(request)
    http.cookies.clear()
    return answer


def judged(browser: Browser, answer: httpx.Response) -> dict[str, Any]:
    """The state of the check when it is done."""
    assert answer.status_code == 202, answer.text
    return until(browser, answer.json()["address"], "done")


def until(browser: Browser, address: str, phase: str) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        state: dict[str, Any] = browser.get(f"{address}/state").json()
        if state["state"] == phase:
            return state
        time.sleep(0.05)
    raise AssertionError(f"the check is not {phase}")


def page_of(browser: Browser, answer: httpx.Response) -> str:
    """The result as a page."""
    return browser.get(judged(browser, answer)["address"]).text


def a_ticket(browser: Browser) -> str:
    services = browser.premises.services
    made = tickets.make(
        services.checks.tickets, hours=2, at=services.clock(), entropy=services.entropy
    )
    return f"/check?ticket={made}"


@pytest.mark.parametrize(
    ("path", "kind", "verdict"),
    [
        ("pt/saft_idemo599999999.xml", "SAF-T (PT)", "partly"),
        ("de/sample_export.tar", "DSFinV-K", "good"),
        ("de/sample_tse_v3.tar", "TSE", "good"),
        ("export/own_sample_journal.beancount", "beancount", "good"),
        ("export/EXTF_Buchungsstapel_700_v13_own_sample.csv", "DATEV", "good"),
    ],
)
def test_each_kind_of_file_is_recognized_and_judged(
    console: Browser, shared_data: Path, path: str, kind: str, verdict: str
) -> None:
    found = next(shared_data.rglob(Path(path).name))

    state = judged(console, sent(console, found))

    assert state["verdict"] == verdict
    page = console.get(state["address"]).text
    assert kind in page
    for head in ("What was checked", "What was not checked", "What would be needed for that"):
        assert re.search(rf"<h2>{head}</h2>\s*<ul>\s*<li>\w", page), head


def test_without_the_key_no_saft_is_plainly_good_and_with_it_signatures_are_verified(
    console: Browser, shared_data: Path
) -> None:
    """What was changed so that it still fits is found by the signatures alone."""
    whole = next(shared_data.rglob("saft_idemo599999999.xml"))
    changed = next(shared_data.rglob("saft_WRONG_INVOICE_SIGNATURE.xml"))
    key = (shared_data / "pt/keys/AT_sample_signing_public_key.pem").read_text()

    without = page_of(console, sent(console, changed))
    verified = page_of(console, sent(console, changed, public_key=f"\n{key}"))
    good = page_of(console, sent(console, whole, public_key=key))

    assert "in what was checked; the signatures were not checked." in without
    assert "notice good" not in without
    assert "<code>fiscus check --public-key</code>" in without
    assert "SAFT-HASH-02" in verified
    assert "each one by the public key that was given" in good
    assert "Nothing wrong was found." in good


def test_what_is_no_public_key_is_told_beside_its_field(
    console: Browser, shared_data: Path
) -> None:
    file = next(shared_data.rglob("saft_idemo599999999.xml"))

    answer = sent(console, file, public_key="sha256:12")
    form = sent(console, file, public_key="sha256:12", json=False)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "CHECK-KEY-01")
    assert re.search(r'id="check-public-key-error"><span[^>]*>✖</span> this is not', form.text)
    assert left(console) == []


def test_a_finding_is_shown_with_place_law_remedy_and_count(
    console: Browser, shared_data: Path
) -> None:
    tampered = next(shared_data.rglob("saft_MISSING_CUSTOMER_INVOICE.xml"))

    page = page_of(console, sent(console, tampered))

    assert "Errors were found." in page
    assert "SAFT-CUSTOMER-01" in page
    assert "a customer is not in the master files" in page
    assert "SalesInvoices/Invoice[1IECTR EC/5]/CustomerID" in page
    assert "Portaria 302/2016" in page
    assert "correct the customers&#39; master data" in page


def test_places_beyond_the_first_are_counted(console: Browser) -> None:
    lines = b"2026-01-01 open Assets:Cash\n" + b"2026-01-01 * x\n  Assets:Cash 1 EUR\n" * 250

    page = page_of(console, sent(console, lines, name="a.beancount"))

    assert "line 2" in page
    assert "and at least 150 more that are not listed" in page


def test_what_nobody_recognizes_is_said_to_be_so(console: Browser) -> None:
    page = page_of(console, sent(console, b"nothing that anybody knows", name="letter.doc"))

    assert "The file could not be judged." in page
    assert "no installed format recognizes this file" in page


def test_the_kind_that_is_said_is_what_is_checked(console: Browser) -> None:
    page = page_of(console, sent(console, b"no audit file", name="x", kind="saft-pt"))

    assert "SAFT-FILE-01" in page


def test_a_form_without_a_script_leads_to_the_result(console: Browser, shared_data: Path) -> None:
    answer = sent(console, shared_data / "export/own_sample_journal.beancount", json=False)

    assert answer.status_code == 303
    waiting = console.get(answer.headers["location"]).text
    until(console, answer.headers["location"], "done")
    done = console.get(answer.headers["location"]).text
    assert 'http-equiv="refresh"' in waiting
    assert 'http-equiv="refresh"' not in done
    assert "Nothing wrong was found." in done


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_journal_package_is_judged_by_the_server_too(
    console: Browser, tmp_path: Path, is_whole: bool
) -> None:
    files = package_files(a_journal(20))
    if not is_whole:
        lines = files["entries.jsonl"].splitlines()
        files["entries.jsonl"] = b"\n".join([*lines[:-3], *lines[-2:], b""])
    write_package(tmp_path / "p.zip", files)

    page = page_of(console, sent(console, tmp_path / "p.zip"))

    assert "an export package of a journal" in page
    assert "VERIFY-PACKAGE-04" in page  # its signature was not sent
    assert "What was not checked" in page
    assert ("Errors were found." in page) is not is_whole


def test_results_speak_the_language_of_who_reads_them(console: Browser, shared_data: Path) -> None:
    console.language = "de"
    bad = next(shared_data.rglob("saft_MISSING_CUSTOMER_INVOICE.xml"))

    state = judged(console, sent(console, bad))
    page = console.get(state["address"]).text

    assert state["words"] == "Es wurden Fehler gefunden."
    assert "Was zu tun ist" in page
    assert '<strong lang="en">a customer is not in the master files</strong>' in page


def test_a_stranger_is_told_what_to_do_and_may_send_nothing(stranger: Browser) -> None:
    page = stranger.get("/check").text
    answer = sent(stranger, b"x")
    form = sent(stranger, b"x", json=False)

    assert 'data-may-upload="no"' in page
    assert "has a ticket" in page
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "CHECK-RIGHT-01"
    assert form.status_code == 401
    assert "sign in, or ask the operator for a ticket" in form.text


@pytest.mark.parametrize("kind", ["stranger", "bad ticket", "too large", "foreign site"])
def test_nothing_of_a_body_is_read_that_will_not_be_checked(console: Browser, kind: str) -> None:
    """Asked of the application itself, which counts how often it asks for the body."""
    asked: list[int] = []
    said: list[Any] = []
    cookies = "; ".join(f"{one}={value}" for one, value in console.cookies.items())
    headers = {"content-type": "multipart/form-data; boundary=x", "host": "fiscus"}
    if kind in ("too large", "foreign site"):
        headers |= {"cookie": cookies}
    headers |= {"content-length": "200200000"} if kind == "too large" else {}
    headers |= {"sec-fetch-site": "cross-site"} if kind == "foreign site" else {}

    async def receive() -> dict[str, Any]:
        asked.append(1)
        return {"type": "http.request", "body": b"x" * 65536, "more_body": True}

    async def send(message: Any) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/check",
        "raw_path": b"/check",
        "query_string": b"ticket=guessed" if kind == "bad ticket" else b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("192.0.2.1", 1),
        "server": ("fiscus", 80),
        "state": {},
    }
    service = application(console.premises.services, with_worker=False)
    asyncio.run(service(scope, receive, send))

    statuses = {"stranger": 401, "bad ticket": 404, "too large": 413, "foreign site": 403}
    assert said[0]["status"] == statuses[kind]
    assert asked == []


def test_a_form_that_is_not_ours_is_refused(console: Browser) -> None:
    answer = sent(console, b"x", token="another session's")

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "CONSOLE-FORM-02")
    assert left(console) == []


def test_a_ticket_is_good_for_one_file(stranger: Browser, shared_data: Path) -> None:
    address = a_ticket(stranger)
    file = shared_data / "export/own_sample_journal.beancount"

    page = stranger.get(address).text
    first = sent(stranger, file, address=address)
    second = sent(stranger, file, address=address)

    assert 'data-may-upload="yes"' in page
    assert judged(stranger, first)["verdict"] == "good"
    assert (second.status_code, second.json()["error"]["code"]) == (404, "CHECK-TICKET-01")
    assert stranger.get(address).status_code == 404


def test_a_ticket_stays_good_when_sending_fails(stranger: Browser) -> None:
    address = a_ticket(stranger)
    boundary = {"content-type": "multipart/form-data; boundary=b", "accept": "application/json"}
    http = stranger.premises.http

    broken = http.post(address, content=b"--b\r\nnothing", headers=boundary)
    again = sent(stranger, b"x", address=address)

    assert (broken.status_code, broken.json()["error"]["code"]) == (422, "CONSOLE-UPLOAD-01")
    assert again.status_code == 202


def test_who_guesses_tickets_is_stopped(stranger: Browser) -> None:
    statuses = {stranger.get(f"/check?ticket={number:040x}").status_code for number in range(12)}

    assert statuses == {404, 503}


def test_a_result_is_shown_to_who_sent_the_file_alone(
    console: Browser, stranger: Browser, shared_data: Path
) -> None:
    answer = sent(console, shared_data / "export/own_sample_journal.beancount")
    address = judged(console, answer)["address"]
    colleague = stranger.as_(Role.MANAGER)

    assert console.get(address).status_code == 200
    for other in (stranger, colleague):
        assert other.get(address).status_code == 404
        assert other.get(f"{address}/state").status_code == 404
        assert other.post(f"{address}/forget").status_code == 404
    assert stranger.get("/check/../../etc/passwd").status_code == 404


def left(browser: Browser) -> list[Path]:
    """All files that are kept of checks."""
    root = browser.premises.services.checks.root
    return [one for one in root.rglob("*") if one.is_file() and one.parent.name != "tickets"]


def test_nothing_is_kept_afterwards(console: Browser, shared_data: Path) -> None:
    services = console.premises.services
    answer = sent(console, shared_data / "export/own_sample_journal.beancount")
    address = judged(console, answer)["address"]

    assert [one.name for one in left(console)] == ["state.json"]
    services.clock.move(minutes=14)  # type: ignore[attr-defined]
    assert console.get(address).status_code == 200
    services.clock.move(minutes=1)  # type: ignore[attr-defined]
    assert console.get(address).status_code == 404
    kept.sweep(services.checks.root, services.clock())
    assert left(console) == []


def test_a_result_can_be_removed_at_once(console: Browser, shared_data: Path) -> None:
    answer = sent(console, shared_data / "export/own_sample_journal.beancount")
    address = judged(console, answer)["address"]

    assert console.post(f"{address}/forget").status_code == 303
    assert console.get(address).status_code == 404
    assert left(console) == []


HOSTILE = b"<AuditFile xmlns='urn:OECD:StandardAuditFile-Tax:PT_1.04_01'>" + b"<Header/>" * 200_000
"""Takes seconds, whoever checks it."""


def test_a_check_ends_when_its_time_is_over(console: Browser) -> None:
    console.premises.services.checks.limits = CheckLimits(seconds=0.3)

    page = page_of(console, sent(console, HOSTILE))

    assert "CHECK-TIME-01" in page
    assert "0.3 s" in page
    assert "check it with <code>fiscus check</code>" in page


def test_a_check_ends_when_it_needs_too_much_memory(console: Browser) -> None:
    console.premises.services.checks.limits = CheckLimits(memory_bytes_max=200 << 20)
    tree = HOSTILE.replace(b"<Header/>", b"") + b"<a>1</a>" * 1_400_000

    page = page_of(console, sent(console, tree))

    assert "The file could not be judged." in page
    assert "CHECK-MEMORY-01" in page


def test_a_checker_that_is_killed_is_told(console: Browser) -> None:
    answer = sent(console, HOSTILE)
    until(console, answer.json()["address"], "checking")
    os.kill(the_checker(console), signal.SIGKILL)

    page = page_of(console, answer)

    assert "CHECK-PROCESS-01" in page
    assert "the process that checked the file ended without a result" in page


def the_checker(browser: Browser) -> int:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        for process in list(browser.premises.services.checks._going.values()):
            if process._child is not None:
                return process._child.pid
        time.sleep(0.01)
    raise AssertionError("no process checks anything")


@pytest.fixture
def narrow(stranger: Browser) -> Iterator[CheckLane]:
    """One check at a time, as long as it takes."""
    lane = stranger.premises.services.checks
    lane.at_once = 1
    lane.limits = CheckLimits(seconds=10 * PATIENCE_SECONDS)
    yield lane
    lane.stop()


def held(browser: Browser) -> httpx.Response:
    """Send a file whose check goes on until the test is over."""
    answer = sent(browser, HOSTILE)
    os.kill(the_checker(browser), signal.SIGSTOP)
    return answer


def test_those_who_wait_are_told_their_place(stranger: Browser, narrow: CheckLane) -> None:
    people = [stranger.as_(Role.MANAGER) for _ in range(3)]

    answers = [held(people[0]), *(sent(one, HOSTILE) for one in people[1:])]
    states = [
        one.get(f"{answer.json()['address']}/state").json()
        for one, answer in zip(people, answers, strict=True)
    ]

    assert [one["place"] for one in states] == [0, 1, 2]
    assert states[2]["words"] == "Waiting: number 2 in the queue."
    assert "number 2 in the queue" in people[2].get(states[2]["address"]).text


def test_one_person_does_not_fill_the_lane(
    console: Browser, stranger: Browser, narrow: CheckLane
) -> None:
    answers = [held(console), *(sent(console, HOSTILE) for _ in range(3))]
    other = sent(stranger.as_(Role.MANAGER), HOSTILE)

    assert [one.status_code for one in answers] == [202, 202, 202, 429]
    assert answers[3].json()["error"]["code"] == "CHECK-LANE-02"
    assert answers[3].headers["retry-after"]
    assert other.status_code == 202


def test_many_at_once_are_all_judged(stranger: Browser, shared_data: Path) -> None:
    people = [stranger.as_(Role.MANAGER) for _ in range(4)]
    file = shared_data / "export/own_sample_journal.beancount"
    verdicts: list[str] = []

    def check(one: Browser) -> None:
        verdicts.append(judged(one, sent(one, file))["verdict"])

    threads = [threading.Thread(target=check, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert verdicts == ["good"] * 4


def test_an_auditor_with_a_link_may_check_files(stranger: Browser, shared_data: Path) -> None:
    day = stranger.premises.clock().date()
    auditor = replace(stranger.by_link(day, day))

    answer = sent(auditor, shared_data / "export/own_sample_journal.beancount")

    assert judged(auditor, answer)["verdict"] == "good"
