"""The pages of exports over the running service: ordering, progress, download, and who may what."""

import hashlib
import io
import re
from datetime import date, timedelta
from zipfile import ZipFile

import httpx
import pytest

from fiscus.console.tests.conftest import Browser
from fiscus.registry.roles import Role
from fiscus.store.connect import reading
from fiscus.store.schema import FILE
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Till

MONTH = {"kind": "AUDIT", "span": "month", "month": "2026-11"}


def ordered(console: Browser, **said: str) -> str:
    """The address of a file that was ordered."""
    answer = console.post("/console/exports", {**MONTH, **said})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def faults(answer: httpx.Response) -> set[str]:
    """The fields that are marked as wrong in a form that is shown again."""
    assert answer.status_code == 422, answer.text
    return set(re.findall(r'<a href="#f-(\w+)">', answer.text))


def test_a_file_is_ordered_made_shown_and_downloaded(
    premises: Premises, till: Till, console: Browser
) -> None:
    till.sells(words.receipt())
    address = ordered(console)

    waiting = console.get(address).text
    assert "being made" in waiting
    assert "Look again" in waiting
    assert console.get(f"{address}/progress").json() == {"is_over": False, "count": 0}
    assert console.get(f"{address}/file").status_code == 404

    premises.work()
    page = console.get(address).text
    assert console.get(f"{address}/progress").json()["is_over"] is True
    file = console.get(f"{address}/file")
    assert file.status_code == 200
    assert file.headers["content-disposition"] == (
        'attachment; filename="audit_2026-11-01_2026-11-16.zip"'
    )
    assert file.headers["cache-control"] == "no-store"
    digest = hashlib.sha256(file.content).hexdigest()
    assert page.count(digest) == 2, "as it is kept, and as the journal states it"
    assert "the same" in page
    [name] = ZipFile(io.BytesIO(file.content)).namelist()
    assert name.startswith("saft-pt_")
    assert console.get(f"{address}/signature").text.count(".") == 2
    assert "for good" in page
    assert "Control totals" in page
    assert re.search(r'data-label="Gross in all">[^<]*2\.46', page)


def test_the_page_says_who_ordered_and_that_nobody_notes_who_fetched(
    premises: Premises, till: Till, console: Browser
) -> None:
    till.sells(words.receipt())
    page = console.get(ordered(console)).text

    assert re.search(
        r"File ordered by</dt><dd>manager-[0-9a-f-]{13}, entry \d+ of the organization", page
    )
    assert "not who downloaded it" in page


def test_a_form_with_several_faults_names_all_and_keeps_what_was_typed(console: Browser) -> None:
    answer = console.post(
        "/console/exports",
        {"kind": "", "span": "days", "first": "2026-02-30", "last": "tomorrow <b>"},
    )

    assert faults(answer) == {"kind", "first", "last"}
    assert 'value="2026-02-30"' in answer.text
    assert 'value="tomorrow &lt;b&gt;"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 2
    assert "3 things must be changed first" in answer.text


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"span": "month", "month": "2026-12"}, "month"),
        ({"span": "quarter", "quarter": "2027-Q1"}, "quarter"),
        ({"span": "days", "first": "2026-11-16", "last": "2026-11-15"}, "last"),
        ({"span": "days", "first": "2026-11-16", "last": "2026-11-17"}, "last"),
        ({"kind": "dsfinvk"}, "kind"),
        ({"span": "year"}, "span"),
    ],
)
def test_each_fault_is_at_its_field(console: Browser, said: dict[str, str], field: str) -> None:
    assert faults(console.post("/console/exports", {**MONTH, **said})) == {field}


def test_a_file_that_cannot_be_made_says_why(
    premises: Premises, till: Till, console: Browser
) -> None:
    address = ordered(console)
    with premises.services.engine.begin() as tx:
        tx.execute(
            FILE.update().values(state="FAILED", error="EXPORT-X: no disk <i>\nsecond reason")
        )

    page = console.get(address).text

    assert "EXPORT-X: no disk &lt;i&gt;" in page
    assert "second reason" in page
    assert "order the file again" in page
    assert "failed" in console.get("/console/exports?state=FAILED").text
    assert console.get(f"{address}/file").status_code == 404


def test_a_list_is_paged_both_ways_and_filtered(premises: Premises, console: Browser) -> None:
    for _ in range(20):
        ordered(console, kind="EXPORT")
    premises.work()
    for _ in range(10):
        ordered(console, kind="EXPORT")

    first = console.get("/console/exports").text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    assert 'rel="prev"' not in first
    second = console.get(older[1].replace("&amp;", "&")).text
    newer = re.search(r'rel="prev" href="([^"]+)"', second)
    assert newer
    assert 'rel="next"' not in second
    rows = re.compile(r'<th scope="row"><a href="(/console/exports/[^"]+)"')
    assert len(rows.findall(first)) == 25
    assert len(rows.findall(second)) == 5
    assert rows.findall(console.get(newer[1].replace("&amp;", "&")).text) == rows.findall(first)
    waiting = console.get("/console/exports?state=ACCEPTED").text
    assert len(rows.findall(waiting)) == 10
    assert console.get("/console/exports?state=nonsense").status_code == 200


def test_too_many_files_that_wait_are_refused_with_the_reason(console: Browser) -> None:
    for _ in range(20):
        ordered(console, kind="EXPORT")

    answer = console.post("/console/exports", {**MONTH, "kind": "EXPORT"})

    assert answer.status_code == 503
    assert "wait" in answer.text


def test_a_list_without_files_says_what_to_do(console: Browser) -> None:
    assert "Order one above" in console.get("/console/exports").text


def test_only_who_may_export_sees_the_pages(premises: Premises, console: Browser) -> None:
    address = ordered(console)

    for role, status in [
        (Role.OWNER, 200),
        (Role.AUDITOR, 200),
        (Role.TILL, 403),
        (Role.CONNECTOR, 403),
    ]:
        visitor = console.as_(role)
        for path in ("/console/exports", address, f"{address}/progress"):
            assert visitor.get(path).status_code == status, (role, path)
    asked = console.stranger().get(address)
    assert asked.status_code == 303
    assert asked.headers["location"].startswith("/console/sign-in")


def test_another_tenant_finds_nothing(premises: Premises, till: Till, console: Browser) -> None:
    till.sells(words.receipt())
    address = ordered(console)
    premises.work()
    other = console.as_(Role.OWNER, premises.unit("Outra Padaria").organization)

    for path in (address, f"{address}/file", f"{address}/progress", f"{address}/signature"):
        assert other.get(path).status_code == 404, path
    listed = other.get("/console/exports").text
    assert address not in listed
    assert "has no taxpayer" in listed
    assert other.post("/console/exports", MONTH).status_code == 404


def test_a_form_without_its_token_orders_nothing(premises: Premises, console: Browser) -> None:
    answer = console.post("/console/exports", {**MONTH, "csrf": "0" * 64})

    assert answer.status_code == 422
    with reading(premises.services.engine) as tx:
        assert tx.execute(FILE.select()).all() == []


def test_a_link_shows_and_fetches_files_within_its_days_and_orders_none(
    premises: Premises, till: Till, console: Browser
) -> None:
    till.sells(words.receipt())
    premises.clock.move(days=1)
    today = premises.clock().date()
    console = console.as_(Role.MANAGER)
    wide = ordered(console)
    day = {"span": "days", "first": today.isoformat(), "last": today.isoformat()}
    exact = ordered(console, **day)
    premises.work()

    link = console.by_link(today, today + timedelta(days=9))

    listed = link.get("/console/exports").text
    assert exact in listed
    assert wide not in listed
    assert "Order this file" not in listed
    assert link.get(f"{exact}/file").status_code == 200
    for path in (wide, f"{wide}/file", f"{wide}/progress", f"{wide}/signature"):
        assert link.get(path).status_code == 404, path
    assert link.post("/console/exports", MONTH).status_code == 403
    early = console.by_link(date(2026, 1, 1), date(2026, 1, 2))
    assert "within the days of your link" in early.get("/console/exports").text
