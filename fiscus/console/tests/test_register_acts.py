"""What is done to registers, devices and series: by whom, when not, and what the journal says."""

import re

import pytest
from sqlalchemy import select

from fiscus.api.families.reporting.tests.berlin import Kiosk
from fiscus.console.tests.conftest import Browser
from fiscus.console.tests.people import of_kiosk, organization_of, register_of, shop_in_berlin
from fiscus.registry import keys
from fiscus.registry.roles import Role
from fiscus.store.connect import reading
from fiscus.store.schema import ENTRY
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Till

LIST = "/console/registers"


@pytest.fixture
def kiosk(premises: Premises) -> Kiosk:
    return shop_in_berlin(premises)


@pytest.fixture
def berlin(stranger: Browser, kiosk: Kiosk) -> Browser:
    return of_kiosk(stranger, kiosk)


def page_of(kiosk: Kiosk) -> str:
    return f"{LIST}/{register_of(kiosk)}"


def ordered_by(premises: Premises, kind: str) -> list[str]:
    """Who ordered the entries of a kind, as the journal says it."""
    with reading(premises.services.engine) as tx:
        rows = tx.scalars(select(ENTRY.c.body).where(ENTRY.c.kind == kind).order_by(ENTRY.c.id))
        return re.findall(r'"by":"([^"]*)"', "".join(bytes(row).decode() for row in rows))


def test_a_device_is_exchanged_and_the_journal_says_by_whom(berlin: Browser, kiosk: Kiosk) -> None:
    before = kiosk.caller.get(f"/registers/{kiosk.register}/tse")["serial"]
    asked = berlin.get(f"{page_of(kiosk)}/exchange")
    assert before in asked.text

    long = berlin.post(f"{page_of(kiosk)}/exchange", {"reason": "x" * 256})
    assert (long.status_code, "x" * 256 in long.text) == (422, True)
    assert "CONSOLE-REGISTER-07" in long.text
    done = berlin.post(f"{page_of(kiosk)}/exchange", {"reason": "fell into the sink"})
    assert done.headers["location"] == f"{page_of(kiosk)}?done=exchange"
    assert "Another device was asked for" in berlin.get(done.headers["location"]).text
    assert "being set up" in berlin.get(page_of(kiosk)).text
    kiosk.premises.work()

    page = berlin.get(page_of(kiosk)).text
    after = kiosk.caller.get(f"/registers/{kiosk.register}/tse")["serial"]
    assert after != before
    assert "Former devices" in page
    assert before in page
    assert len(ordered_by(kiosk.premises, "fitting@1")) > 1
    by = ordered_by(kiosk.premises, "fitting@1")
    assert any(one in keys_of(kiosk) for one in by)
    kiosk.premises.assert_proved()


def keys_of(kiosk: Kiosk) -> set[str]:
    """The ids of the keys of the shop in Berlin."""
    with reading(kiosk.premises.services.engine) as tx:
        found = keys.of(tx, organization_of(kiosk), after="", limit=10)
        return {one.id for one in found}


def test_a_register_is_taken_out_of_service_only_when_nothing_is_open(
    berlin: Browser, kiosk: Kiosk
) -> None:
    kiosk.opens()
    kiosk.sells()
    path = f"{page_of(kiosk)}/decommission"
    unsure = berlin.post(path)
    assert (unsure.status_code, "CONSOLE-REGISTER-04" in unsure.text) == (422, True)
    early = berlin.post(path, {"sure": "yes"})
    assert (early.status_code, "FITTING-OPEN-01" in early.text) == (409, True)
    kiosk.closing()

    done = berlin.post(path, {"sure": "yes"})

    assert done.headers["location"] == f"{page_of(kiosk)}?done=decommission"
    page = berlin.get(page_of(kiosk)).text
    assert "out of service for good" in page
    assert f'href="{page_of(kiosk)}/exchange"' not in page
    assert kiosk.caller.get(f"/registers/{kiosk.register}")["status"] == "inactive"
    again = berlin.post(f"{page_of(kiosk)}/exchange")
    assert (again.status_code, "CONSOLE-REGISTER-01" in again.text) == (409, True)
    assert keys_of(kiosk) & set(ordered_by(kiosk.premises, "register@1"))
    kiosk.premises.work()
    kiosk.premises.assert_proved()


def test_a_day_is_closed_once_however_often_the_form_is_sent(berlin: Browser, kiosk: Kiosk) -> None:
    kiosk.opens()
    kiosk.sells()
    path = f"{page_of(kiosk)}/close"
    once = re.search(r'name="once" value="([^"]+)"', berlin.get(path).text)
    assert once

    first = berlin.post(path, {"once": once[1]})
    second = berlin.post(path, {"once": once[1]})

    assert first.status_code == second.status_code == 303
    closings = kiosk.caller.get(f"/registers/{kiosk.register}/closings")["data"]
    assert len(closings) == 1
    assert "The day is closed." in berlin.get(first.headers["location"]).text
    assert keys_of(kiosk) & set(ordered_by(kiosk.premises, "closing@1"))
    kiosk.premises.assert_proved()


def test_a_day_with_an_open_sale_is_not_closed_and_the_page_says_why(
    berlin: Browser, kiosk: Kiosk
) -> None:
    kiosk.opens()
    begun = kiosk.begins()
    path = f"{page_of(kiosk)}/close"
    refusal = berlin.post(path, {"once": "a"})
    assert refusal.status_code == 409
    once = re.search(r'name="once" value="([^"]+)"', refusal.text)
    assert once
    kiosk.completes(begun)

    assert berlin.post(path, {"once": once[1]}).status_code == 303


def test_a_notification_is_written_or_says_all_that_is_missing(
    berlin: Browser, console: Browser, kiosk: Kiosk, till: Till
) -> None:
    path = f"{page_of(kiosk)}/notification"
    typed = {"manufacturer": "Acme", "model": "K1", "software": "Tills"}
    lacking = berlin.post(path, {**typed, "acquired": "yesterday"})
    assert (lacking.status_code, "CONSOLE-REGISTER-06" in lacking.text) == (422, True)
    lacking = berlin.post(path, typed)
    assert lacking.status_code == 422
    assert "NOTIFICATION-REGISTER-02" in lacking.text
    assert 'value="Acme"' in lacking.text

    file = berlin.post(path, {**typed, "software_version": "1", "form": "xml"})

    assert (file.status_code, file.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert b"Acme" in file.content
    assert console.get(f"{LIST}/{till.system}/notification").status_code == 404


def test_a_series_is_finished_and_the_authority_hears_of_it(
    console: Browser, premises: Premises, till: Till
) -> None:
    till.sells(words.receipt())
    page = console.get(f"{LIST}/series").text
    path = re.search(rf'href="({LIST}/series/[0-9a-f-]+/end)">Finish', page)
    assert path
    assert "FR FR-T01-2026" in page
    unsure = console.post(path[1], {"to": "finished"})
    assert (unsure.status_code, "CONSOLE-REGISTER-04" in unsure.text) == (422, True)

    done = console.post(path[1], {"to": "finished", "sure": "yes"})
    assert done.headers["location"] == f"{LIST}/series?done=finished"
    assert "is being finished" in console.get(f"{LIST}/series?state=finishing").text
    premises.work()

    page = console.get(f"{LIST}/series?state=finished").text
    assert "FR FR-T01-2026" in page
    assert "There is no such series" in console.get(f"{LIST}/series?state=active").text
    again = console.post(path[1], {"to": "cancelled", "sure": "yes"})
    assert (again.status_code, "ISSUE-END-07" in again.text) == (409, True)
    premises.assert_proved()


def test_nobody_sees_or_changes_a_register_of_another_organization(
    console: Browser, berlin: Browser, kiosk: Kiosk, till: Till
) -> None:
    till.sells(words.receipt())
    mine, series = f"{LIST}/{till.system}", f"{LIST}/series"
    path = re.search(rf'href="({series}/[0-9a-f-]+/end)"', console.get(series).text)
    assert path
    assert till.system not in berlin.get(LIST).text
    assert "FR-T01" not in berlin.get(series).text
    for one in (mine, f"{mine}/exchange", f"{mine}/decommission", f"{mine}/close", path[1]):
        assert berlin.get(one).status_code == 404, one
    for one in ("exchange", "decommission", "close", "notification"):
        answer = berlin.post(f"{mine}/{one}", {"sure": "yes", "once": "x"})
        assert answer.status_code == 404, one
    assert berlin.post(path[1], {"sure": "yes"}).status_code == 404
    assert till.get(f"/systems/{till.system}")["state"] == "COMMISSIONED"


@pytest.mark.parametrize(
    ("role", "seen", "written", "closed"),
    [
        (Role.OWNER, 200, 303, 303),
        (Role.MANAGER, 200, 303, 303),
        (Role.TILL, 200, 403, 303),
        (Role.AUDITOR, 200, 403, 403),
        (Role.CONNECTOR, 403, 403, 403),
    ],
)
def test_a_role_decides_what_is_seen_and_done(
    stranger: Browser, kiosk: Kiosk, role: Role, seen: int, written: int, closed: int
) -> None:
    kiosk.opens()
    kiosk.sells()
    browser = of_kiosk(stranger, kiosk, role)

    assert browser.get(page_of(kiosk)).status_code == seen
    assert browser.post(f"{page_of(kiosk)}/close", {"once": "a"}).status_code == closed
    assert browser.post(f"{page_of(kiosk)}/exchange").status_code == written
