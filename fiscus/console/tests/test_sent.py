"""The pages of requests over the running service: what was sent, answered and refused, by record,
by idempotency key and by trace."""

import re
from uuid import uuid4

import pytest

from fiscus import regimes
from fiscus.console import sent_facts
from fiscus.console.tests.conftest import Browser
from fiscus.registry.roles import Role
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Json, Till, content, envelope

OWED = words.receipt(
    payments=[{"type": "OUTSTANDING", "details": {"amount": "2.46"}, "concept": "GOOD"}]
)
"""A receipt that nobody paid: the law refuses it."""

RULE = "PT-PAYMENT-04"


def concluded(till: Till, operation: Json, key: str) -> Json:
    what = {
        "type": "TRANSACTION",
        "record": {"id": till.intends()},
        "operation": operation,
    }
    return content(till.send("POST", "/records", envelope(what), key=key))


def search(console: Browser, asked: str) -> str:
    answer = console.get(f"/console/requests?q={asked}")
    assert answer.status_code == 200, answer.text
    found = answer.text.partition('<h2 id="found">')[2]
    return found.partition('<section aria-labelledby="refused">')[0]


def test_a_refusal_names_rule_article_and_what_to_do(till: Till, console: Browser) -> None:
    key = str(uuid4())
    record = concluded(till, OWED, key)
    assert record["state"] == "REJECTED"

    for asked in (record["id"], key):
        page = search(console, asked)
        assert key in page
    page = search(console, record["id"])
    rule = next(one for one in regimes.find("pt").rules if one.code.id == RULE)
    assert RULE in page
    assert rule.law in page.replace("&#39;", "'")
    assert "refused by the law" in page
    assert "OUTSTANDING" in page, "what was sent, in the caller's own words"
    assert "with another idempotency key" in page
    listed = console.get("/console/requests").text
    assert RULE in listed
    assert record["id"] in listed


def test_a_sale_is_found_by_its_key_its_id_and_its_intention(till: Till, console: Browser) -> None:
    key = str(uuid4())
    record = concluded(till, words.receipt(), key)

    by_key = search(console, key)
    assert f"/console/requests?q={record['id']}" in by_key
    by_id = search(console, record["id"])
    assert "recorded" in by_id
    assert key in by_id
    intention = re.search(r'q=([0-9a-f-]{36})">The intention', by_id)
    assert intention
    assert f'q={record["id"]}">What came of it' in search(console, intention[1])
    assert "recorded" in search(console, record["id"].replace("-", "").upper())
    assert "recorded" in search(console, f"op_{record['id'].replace('-', '')}")


def test_what_was_refused_without_a_record_is_found_by_its_key_for_a_day(
    premises: Premises, till: Till, console: Browser
) -> None:
    key = str(uuid4())
    nothing = {"id": premises.services.uuid7()}
    what = {"type": "TRANSACTION", "record": nothing, "operation": words.receipt()}
    sent = till.send("POST", "/records", envelope(what), key=key)
    assert sent.status_code >= 400, sent.text

    page = search(console, key)
    assert "<dd>refused</dd>" in page
    assert key in page
    assert "pos-1" in page
    listed = console.get("/console/requests").text
    assert key in listed
    premises.clock.move(hours=25)
    premises.work()
    later = console.as_(Role.MANAGER)
    assert "Nothing is kept under this" in search(later, key)


def test_what_is_not_well_formed_is_said_to_be_in_the_log_alone(
    till: Till, console: Browser
) -> None:
    key = str(uuid4())
    sent = till.concludes(words.receipt() | {"entries": "none"}, key=key)
    assert sent.status_code == 400

    page = search(console, key)
    assert "Nothing is kept under this" in page
    assert "only in the log of the service" in page


def test_a_change_that_was_refused_is_found_by_its_trace_with_its_answer(
    till: Till, console: Browser
) -> None:
    body = envelope({"state": "ACQUIRED"})
    sent = till.send("PATCH", f"/systems/{till.system}", body, key=str(uuid4()))
    assert sent.status_code >= 400
    trace = sent.headers["X-Trace-Identifier"]

    page = search(console, trace)

    assert f"status {sent.status_code}" in page
    assert sent.json()["content"]["error"] in page


def test_a_good_answer_is_named_and_not_shown(till: Till, console: Browser) -> None:
    key = str(uuid4())
    till.send("PATCH", f"/systems/{till.system}", envelope({"mode": "SUSPENDED"}), key=key)

    page = search(console, key)

    assert "status 200" in page
    assert "not shown here" in page
    assert "The answer as it was given" not in page


def test_the_secret_of_a_new_key_is_in_no_page(
    premises: Premises, till: Till, console: Browser
) -> None:
    group = premises.group()
    group.scope = till.organization
    key = str(uuid4())
    made = group.send("POST", "/subjects", envelope({"type": "API_KEY", "name": "pos-9"}), key=key)
    secret = content(made)["credentials"]["secret"]
    owner = console.as_(Role.OWNER, premises.first.organization_id)

    for visitor in (console, owner):
        for asked in (key, made.headers["X-Trace-Identifier"]):
            assert secret not in visitor.get(f"/console/requests?q={asked}").text


def test_a_trace_tells_its_time_where_no_answer_is_kept_under_it(
    premises: Premises, till: Till, console: Browser
) -> None:
    what = {"type": "TRANSACTION", "record": {"id": till.intends()}, "operation": OWED}
    premises.clock.move(minutes=5)
    sent = till.send("POST", "/records", envelope(what))

    page = search(console, sent.headers["X-Trace-Identifier"])

    assert "by time and not by id" in page
    assert RULE in page
    assert page.count('data-label="What"') == 1, "the intention was five minutes before"


def test_open_intentions_are_listed(till: Till, console: Browser) -> None:
    assert "has its end" in console.get("/console/requests/open").text
    open_ = till.intends()
    till.sells(words.receipt())

    page = console.get("/console/requests/open").text
    assert page.count("<code>") == 1
    assert open_ in page
    assert "begun, not ended" in search(console, open_)


def test_refusals_far_back_are_reached_window_by_window(
    till: Till, console: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent_facts, "WINDOW", 6)
    monkeypatch.setattr(sent_facts, "PAGE", 2)
    for _ in range(3):
        concluded(till, OWED, str(uuid4()))
    for _ in range(4):
        till.sells(words.receipt())

    path, found, pages = "/console/requests", set(), 0
    while path:
        page = console.get(path).text
        pages += 1
        found |= set(re.findall(r'<a href="/console/requests\?q=([0-9a-f-]{36})"><time', page))
        further = re.search(r'rel="next" href="([^"]+)"', page)
        path = further[1] if further else ""
    assert len(found) == 3
    assert pages >= 3


def test_only_who_registers_sees_requests(console: Browser) -> None:
    for role, status in [
        (Role.OWNER, 200),
        (Role.MANAGER, 200),
        (Role.TILL, 403),
        (Role.AUDITOR, 403),
        (Role.CONNECTOR, 403),
    ]:
        visitor = console.as_(role)
        for path in ("/console/requests", "/console/requests/open"):
            assert visitor.get(path).status_code == status, (role, path)


def test_another_tenant_finds_nothing(premises: Premises, till: Till, console: Browser) -> None:
    key = str(uuid4())
    record = concluded(till, OWED, key)
    other = console.as_(Role.OWNER, premises.unit("Outra Padaria").organization)

    for asked in (key, record["id"]):
        assert "Nothing is kept under this" in search(other, asked)
    assert record["id"] not in other.get("/console/requests").text


@pytest.mark.parametrize(
    "asked", ["x", "%25", "'; DROP TABLE claim; --", "ffffffff-ffff-7fff-bfff-ffffffffffff"]
)
def test_whatever_is_typed_is_answered(console: Browser, asked: str) -> None:
    assert "Nothing is kept under this" in search(console, asked)
