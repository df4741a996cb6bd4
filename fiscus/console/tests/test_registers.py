"""Registers and their devices: who sees which, and what is done to them."""

import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from fiscus.api.families.reporting.tests.berlin import Kiosk
from fiscus.console.tests.conftest import Browser
from fiscus.console.tests.people import of_kiosk, organization_of, register_of, shop_in_berlin
from fiscus.registry import keys
from fiscus.registry.keys import NewKey
from fiscus.registry.roles import Role
from fiscus.reporting.tests.authority import refused
from fiscus.store.connect import writing
from tests.support import telling, words
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


def limited_to(stranger: Browser, register: str, organization: str, role: Role) -> Browser:
    """Somebody with a key for one register."""
    services = stranger.premises.services
    wanted = NewKey(organization=organization, name="one", role=role, systems=(register,))
    with writing(services.engine) as tx:
        subject, secret = keys.create(
            tx,
            services.macs.credentials,
            wanted,
            id_=services.uuid4(),
            environment="test",
            entropy=services.entropy,
            by="operator",
            at=services.clock(),
        )
    other = stranger.stranger()
    other.post("/console/sign-in", {"key": subject.key, "secret": secret})
    return other


def test_the_list_shows_how_each_register_stands(berlin: Browser, kiosk: Kiosk) -> None:
    kiosk.opens()
    kiosk.sells()
    page = berlin.get(LIST)

    assert page.status_code == 200
    assert f'<a href="{page_of(kiosk)}">Till 1</a>' in page.text
    assert "in service" in page.text
    assert "signs" in page.text
    assert "open since" in page.text


def test_registers_are_found_by_state_location_and_text(console: Browser, till: Till) -> None:
    mine = f'href="{LIST}/{till.system}"'
    assert mine in console.get(f"{LIST}?state=COMMISSIONED&location={till.location}").text
    assert mine in console.get(f"{LIST}?text={till.system[:13].upper()}").text
    for query in ("state=DECOMMISSIONED", "location=x", "text=nowhere"):
        page = console.get(f"{LIST}?{query}").text
        assert mine not in page
        assert "No register is like this" in page
    assert mine in console.get(f"{LIST}?state=strange").text


def test_the_list_has_pages(console: Browser, till: Till) -> None:
    for _ in range(26):
        till.made("/systems", words.device(till.location))
    first = console.get(f"{LIST}?state=").text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = console.get(older[1].replace("&amp;", "&")).text

    shown = [re.findall(rf'href="{LIST}/([0-9a-f-]{{36}})"', page) for page in (first, second)]
    assert [len(one) for one in shown] == [25, 2]
    assert not set(shown[0]) & set(shown[1])


def test_one_register_with_its_device_session_and_closings(berlin: Browser, kiosk: Kiosk) -> None:
    kiosk.opens("70.00")
    kiosk.sells()
    before = berlin.get(page_of(kiosk)).text
    tse = kiosk.caller.get(f"/registers/{kiosk.register}/tse")
    assert tse["serial"] in before
    assert "70.00" in before
    assert "Nothing was closed here yet" in before
    signed = re.search(r"Signatures used, of this device</dt><dd>([0-9,]+)", before)
    assert signed
    kiosk.closing()

    page = berlin.get(page_of(kiosk)).text

    assert "No cash session is open" in page
    closing = re.search(r'href="/console/documents/([0-9a-f-]{36})">Z 1 \(day\)', page)
    assert closing
    paper = berlin.get(f"{page_of(kiosk)}/closings/{closing[1]}/z.pdf")
    assert paper.headers["content-type"] == "application/pdf"
    assert "Kiosk am Kotti" in PdfReader(BytesIO(paper.content)).pages[0].extract_text()
    strange = berlin.get(f"{page_of(kiosk)}/closings/{closing[1]}/z.pdf?paper=a3")
    assert strange.status_code == 404


def test_reports_that_were_refused_say_what_helps(
    console: Browser, premises: Premises, till: Till
) -> None:
    till.changed(f"/taxpayers/{till.taxpayer}", {}, {"reporting": "realtime"})
    sold = till.sells(words.receipt())
    assert "Nothing: it is sent by itself." in console.get(f"{LIST}/reports").text
    telling.tell(premises, lambda report: refused("-8"))

    page = console.get(f"{LIST}/reports?state=refused").text

    assert f'href="/console/documents/{sold["id"]}"' in page
    assert "-8" in page
    assert "mend what is named" in page
    assert "Nothing. Every report" in console.get(f"{LIST}/reports?state=accepted").text


def test_a_key_for_one_register_sees_no_other(stranger: Browser, till: Till) -> None:
    other = till.made("/systems", words.device(till.location))["id"]
    browser = limited_to(stranger, till.system, till.organization, Role.MANAGER)

    assert f"{LIST}/{till.system}" in browser.get(LIST).text
    assert other not in browser.get(LIST).text
    assert browser.get(f"{LIST}/{other}").status_code == 404
    assert browser.get(f"{LIST}/reports").status_code == 404
    assert browser.get(f"{LIST}/{till.system}").status_code == 200


def test_a_link_shows_closings_of_its_days_and_nothing_of_today(
    stranger: Browser, kiosk: Kiosk
) -> None:
    premises = kiosk.premises
    for _ in range(2):
        kiosk.opens()
        kiosk.sells()
        kiosk.closing()
        premises.clock.move(days=1)
    today = premises.clock().date()
    first = today - timedelta(days=2)
    unit = Browser(premises=premises, organization=organization_of(kiosk), cookies=stranger.cookies)
    link = unit.by_link(first, first)
    page = link.get(page_of(kiosk)).text

    assert "Z 1 (day)" in page
    assert "Z 2 (day)" not in page
    assert "Last signature" not in page
    assert "Cash session" not in page
    all_ = of_kiosk(stranger, kiosk).get(page_of(kiosk)).text
    second = re.search(r"documents/([0-9a-f-]{36})\">Z 2", all_)
    assert second
    assert link.get(f"{page_of(kiosk)}/closings/{second[1]}/z.pdf").status_code == 404
    refused_ = link.post(f"{page_of(kiosk)}/close", {"once": "a"})
    assert refused_.status_code in (403, 409)
    assert date(2026, 11, 16) == first
