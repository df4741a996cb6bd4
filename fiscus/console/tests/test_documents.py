"""The list of documents: what is found, what is not, and who sees it."""

import csv
import html
import io
import re
from datetime import date
from urllib.parse import quote, urlencode

import pytest

from fiscus.console import document_search, documents_facts
from fiscus.console.tests.conftest import Browser
from fiscus.console.tests.shelf import indexed
from fiscus.registry import keys
from fiscus.registry.keys import NewKey
from fiscus.registry.roles import Role
from fiscus.store.connect import writing
from tests.support import words
from tests.support.till import Till

_ID = re.compile(r'<tr data-id="([0-9a-f-]{36})"')
_LINK = re.compile(r'<a rel="(prev|next)" href="([^"]*)"')


def listed(browser: Browser, **said: str) -> list[str]:
    """The ids of the documents on the page, in their order."""
    return ids(browser, f"/console/documents?{urlencode(said)}")


def ids(browser: Browser, path: str) -> list[str]:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return _ID.findall(answer.text)


def links(browser: Browser, path: str) -> dict[str, str]:
    return {rel: html.unescape(href) for rel, href in _LINK.findall(browser.get(path).text)}


def test_what_was_sold_is_listed(console: Browser, till: Till) -> None:
    sold = till.sells(words.receipt())

    assert listed(console) == [sold["id"]], "from the journal"
    indexed(console.premises.services.engine)
    assert listed(console) == [sold["id"]], "from the index"


def test_a_document_is_found_by_each_field_and_by_no_wrong_one(
    console: Browser, till: Till
) -> None:
    sold = till.sells(words.invoice())
    till.sells(words.receipt())
    indexed(console.premises.services.engine)
    page = console.get("/console/documents").text
    number = re.search(r">(FT [^<]+)</a>", page)
    assert number

    for hit, miss in (
        ({"number": number[1]}, {"number": number[1] + "0"}),
        ({"number": sold["id"]}, {"number": "f" + sold["id"][1:]}),
        ({"kind": "invoice"}, {"kind": "order"}),
        ({"customer": "514200111"}, {"customer": "514200112"}),
        ({"text": "cafe", "kind": "invoice"}, {"text": "cafe%", "kind": "invoice"}),
        ({"first": "2026-11-16", "kind": "invoice"}, {"first": "2026-11-17", "kind": "invoice"}),
        ({"location": till.location, "kind": "invoice"}, {"location": "x", "kind": "invoice"}),
        ({"register": till.system, "kind": "invoice"}, {"register": "x", "kind": "invoice"}),
    ):
        assert listed(console, **hit) == [sold["id"]], hit
        assert listed(console, **miss) == [], miss
        assert (
            "No document is like this" in console.get(f"/console/documents?{urlencode(miss)}").text
        )


def test_a_list_that_is_empty_says_what_to_do(console: Browser) -> None:
    assert "Nothing has been issued yet" in console.get("/console/documents").text


def test_what_became_of_a_document_is_said_with_a_link(console: Browser, till: Till) -> None:
    sold = till.sells(words.receipt())
    void = till.records(words.cancellation(sold["id"]))

    for _ in range(2):
        page = console.get("/console/documents").text
        assert "Cancelled" in page
        assert page.count(f'href="/console/documents/{void["id"]}"') == 2, "its line, and the link"
        assert f'<a href="/console/documents/{void["id"]}">see what cancelled it</a>' in page
        assert page.index(" Signed</span>") < page.index(" Cancelled</span>")
        indexed(console.premises.services.engine)
    assert listed(console, status="cancelled") == [sold["id"]]


def test_another_tenants_documents_are_not_there(console: Browser, till: Till) -> None:
    sold = till.sells(words.receipt())
    indexed(console.premises.services.engine)
    neighbour = console.premises.unit("Café do Lado")
    other = console.as_(Role.MANAGER, neighbour.organization)

    for said in ({}, {"number": sold["id"]}, {"register": till.system}):
        assert listed(other, **said) == []
    assert other.get(f"/console/documents.csv?number={sold['id']}").text.count("\n") == 1
    assert other.get("/console/documents/live").status_code == 204


def limited(console: Browser, system: str) -> Browser:
    """Somebody who has signed in with a till's key that is limited to a register."""
    services = console.premises.services
    with writing(services.engine) as tx:
        subject, secret = keys.create(
            tx,
            services.macs.credentials,
            NewKey(
                organization=console.organization,
                name="limited",
                role=Role.TILL,
                systems=(system,),
            ),
            id_=services.uuid4(),
            environment="test",
            entropy=services.entropy,
            by="operator",
            at=services.clock(),
        )
    other = console.stranger()
    other.post("/console/sign-in", {"key": subject.key, "secret": secret})
    return other


def test_a_tills_key_sees_its_own_registers(console: Browser, till: Till) -> None:
    sold = till.sells(words.receipt())
    other = till.made("/systems", words.device(till.location))["id"]
    till.changed(f"/systems/{other}", {"state": "COMMISSIONED"})
    elsewhere = till.sells(words.receipt(), till.intends(other))
    mine = limited(console, other)

    assert set(listed(console)) == {sold["id"], elsewhere["id"]}
    for _ in range(2):
        assert listed(mine) == [elsewhere["id"]]
        assert listed(mine, number=sold["id"]) == []
        assert listed(mine, register=till.system) == []
        assert f'<option value="{till.system}"' not in mine.get("/console/documents").text
        assert _ID.findall(mine.get("/console/documents/live").text) == [elsewhere["id"]]
        assert "1 sale, 2.46\xa0€" in mine.get("/console/today").text
        indexed(console.premises.services.engine)
    assert "2 sales, 4.92\xa0€" in console.get("/console/today").text


def test_an_auditors_link_shows_its_days(console: Browser, till: Till) -> None:
    before = till.sells(words.receipt())
    console.premises.clock.move(days=1)
    till = till.with_token(*till.credentials)
    within = till.sells(words.receipt())
    console.premises.clock.move(days=1)
    till = till.with_token(*till.credentials)
    after = till.sells(words.receipt())
    console = console.as_(Role.MANAGER)
    auditor = console.by_link(date(2026, 11, 17), date(2026, 11, 17))

    for _ in range(2):
        assert listed(auditor) == [within["id"]]
        assert listed(auditor, first="2026-01-01", last="2026-12-31") == [within["id"]]
        for hidden in (before, after):
            assert listed(auditor, number=hidden["id"]) == []
        file = auditor.get("/console/documents.csv?first=2026-01-01").text
        assert [line["id"] for line in csv.DictReader(io.StringIO(file.lstrip("\ufeff")))] == [
            within["id"]
        ]
        indexed(console.premises.services.engine)
    assert set(listed(console)) == {one["id"] for one in (before, within, after)}
    limit = "Your link shows the days from 17 Nov 2026 to 17 Nov 2026 only"
    for query, is_told in (
        ("", False),
        ("?first=2026-01-01", True),
        (f"?number={before['id']}", True),
    ):
        assert (limit in auditor.get(f"/console/documents{query}").text) == is_told, query
    assert "Your link" not in console.get("/console/documents?first=2020-01-01").text


def test_the_file_needs_the_right_to_export(console: Browser, till: Till) -> None:
    till.sells(words.receipt())
    answers = {
        role: console.as_(role).get("/console/documents.csv").status_code
        for role in (Role.OWNER, Role.MANAGER, Role.AUDITOR, Role.TILL, Role.CONNECTOR)
    }

    assert answers == {
        Role.OWNER: 200,
        Role.MANAGER: 200,
        Role.AUDITOR: 200,
        Role.TILL: 403,
        Role.CONNECTOR: 403,
    }
    assert "documents.csv" not in console.as_(Role.TILL).get("/console/documents").text
    assert console.stranger().get("/console/documents.csv").status_code == 303


def test_the_file_is_named_and_not_kept(console: Browser, till: Till) -> None:
    till.sells(words.receipt())
    answer = console.get("/console/documents.csv?kind=receipt")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="documents-2026-11-16.csv"'
    )
    assert answer.headers["cache-control"] == "no-store"


def test_bad_input_keeps_what_was_typed_and_says_what_to_do(console: Browser, till: Till) -> None:
    till.sells(words.receipt())
    typed = {"amount": 'ten"><script>', "first": "31.05.", "text": "café"}

    for path in ("/console/documents", "/console/documents.csv"):
        answer = console.get(f"{path}?{urlencode(typed)}")
        assert answer.status_code == 422
        assert _ID.findall(answer.text) == []
        for value in typed.values():
            assert f'value="{html.escape(value)}"' in answer.text.replace("&#34;", "&quot;")
        assert "<script>" not in answer.text.partition("<main")[2]
        assert "Write it like 12,34 or 12.34" in answer.text
        assert "Write it like 2026-05-31" in answer.text


def test_a_place_in_the_list_that_is_none_is_refused(console: Browser) -> None:
    answer = console.get("/console/documents?after=2026")

    assert answer.status_code == 422
    assert "CONSOLE-DOCUMENTS-01" in answer.text


def test_pages_lead_to_older_and_newer_documents(
    console: Browser, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold = [till.sells(words.receipt())["id"] for _ in range(5)][::-1]
    indexed(console.premises.services.engine)
    facts = documents_facts.facts
    monkeypatch.setattr(
        documents_facts, "facts", lambda *said, **more: facts(*said, **more, limit=2)
    )

    path, seen = "/console/documents?kind=receipt", []
    while path:
        seen.append(path)
        path = links(console, path).get("next", "")
    assert [ids(console, path) for path in seen] == [sold[:2], sold[2:4], sold[4:]]
    assert "prev" not in links(console, seen[0])
    back = links(console, seen[-1])["prev"]
    assert ids(console, back) == sold[2:4]
    assert ids(console, links(console, back)["prev"]) == sold[:2]


def test_what_came_after_a_document_comes_as_lines(console: Browser, till: Till) -> None:
    first = till.sells(words.receipt())
    place = quote(f"2026-11-16.{first['id']}")
    indexed(console.premises.services.engine)
    console.premises.clock.move(minutes=3)
    second = till.sells(words.receipt())

    for _ in range(2):
        live = console.get(f"/console/documents/live?after={place}")
        assert _ID.findall(live.text) == [second["id"], first["id"]], "the browser knows the first"
        assert "<html" not in live.text
        indexed(console.premises.services.engine)
    assert console.get(f"/console/documents/live?kind=order&after={place}").status_code == 204
    assert console.get("/console/documents/live?after=x").status_code == 422


def test_the_page_says_how_much_is_not_in_the_list_yet(
    console: Browser, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.sells(words.receipt())
    monkeypatch.setattr(document_search, "FRESH_MAX", 1)

    assert (
        "2 entries of the journal are not in this list yet"
        in console.get("/console/documents").text
    )
    assert console.get("/console/documents.csv").status_code == 503
    indexed(console.premises.services.engine)
    assert "not in this list yet" not in console.get("/console/documents").text


def test_without_a_script_the_page_is_whole(console: Browser, till: Till) -> None:
    till.sells(words.receipt())
    page = console.get("/console/documents").text

    assert page.count('<script type="module"') == 1
    assert 'method="get" action="/console/documents"' in page
    assert "documents.js" not in console.get("/console/documents?amount=x").text
