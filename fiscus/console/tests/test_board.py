"""The board: who sees which rows, and when they go."""

import time
from datetime import datetime, timedelta

import pytest

from fiscus.api.families.reporting.tests.berlin import Kiosk
from fiscus.channels import ChannelConnection, Expiry
from fiscus.console.tests.conftest import Browser
from fiscus.console.tests.people import (
    of_kiosk,
    operator_of,
    organization_of,
    register_of,
    shop_in_berlin,
)
from fiscus.registry.roles import Role
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Till

BOARD = "/console/board"


@pytest.fixture
def kiosk(premises: Premises) -> Kiosk:
    return shop_in_berlin(premises)


@pytest.fixture
def berlin(stranger: Browser, kiosk: Kiosk) -> Browser:
    return of_kiosk(stranger, kiosk)


def test_a_shop_with_nothing_wrong_reads_so(console: Browser) -> None:
    page = console.get(BOARD)

    assert page.status_code == 200
    assert "Nothing. There is nothing to do." in page.text
    assert "Month 2026-11, Padaria do Cais, Lda.: its file is to be handed in" in page.text
    assert "Nobody else remembers" not in page.text


def test_an_outage_is_shown_and_gone(berlin: Browser, kiosk: Kiosk) -> None:
    premises = kiosk.premises
    folder = premises.services.issuing.devices.folder
    kiosk.opens()
    kiosk.sells()
    assert "signing device does not answer" not in berlin.get(BOARD).text

    folder.rename(folder.with_name("away"))
    kiosk.sells()
    page = berlin.get(BOARD).text
    assert "Till 1: the signing device does not answer." in page
    assert f'href="/console/registers/{register_of(kiosk)}"' in page

    folder.with_name("away").rename(folder)
    deadline = time.monotonic() + 30
    while "does not answer" in berlin.get(BOARD).text:
        assert time.monotonic() < deadline
        premises.clock.move(seconds=61)
        time.sleep(0.05)
    assert "has not ended in the journal" in berlin.get(BOARD).text
    kiosk.sells()

    assert "has not ended in the journal" not in berlin.get(BOARD).text


def test_nobody_sees_the_rows_of_another_organization(
    console: Browser, berlin: Browser, kiosk: Kiosk
) -> None:
    folder = kiosk.premises.services.issuing.devices.folder
    kiosk.opens()
    folder.rename(folder.with_name("away"))
    kiosk.sells()

    assert "Till 1" in berlin.get(BOARD).text
    assert "Till 1" not in console.get(BOARD).text
    assert "Padaria" not in berlin.get(BOARD).text.replace("Padaria do Cais</span>", "")


def test_rows_of_the_installation_are_for_who_runs_it(console: Browser, stranger: Browser) -> None:
    operator = operator_of(stranger)
    owner = stranger.as_(Role.OWNER)

    assert "Nobody else remembers" in operator.get(BOARD).text
    assert "Nobody else remembers" not in console.get(BOARD).text
    assert "Nobody else remembers" not in owner.get(BOARD).text


def test_who_runs_it_sees_all_organizations_and_goes_to_one(
    stranger: Browser, kiosk: Kiosk, till: Till
) -> None:
    kiosk.opens()
    kiosk.sells()
    kiosk.premises.clock.move(hours=27)
    operator = operator_of(stranger)
    own = operator.get(BOARD).text
    page = operator.get(f"{BOARD}?of=all").text

    assert "Till 1: documents lie in no daily closing." not in own
    assert "Till 1: documents lie in no daily closing." in page
    assert "2026-11, Padaria do Cais, Lda." in page
    assert "Look at Kiosk am Kotti GmbH" in page
    register = f"/console/registers/{register_of(kiosk)}"
    other = organization_of(kiosk)
    answer = operator.post("/console/units", {"organization": other, "back": register})
    assert answer.headers["location"] == register


def test_a_missing_closing_is_shown_until_it_is_made(stranger: Browser, kiosk: Kiosk) -> None:
    kiosk.opens()
    kiosk.sells()
    kiosk.premises.clock.move(hours=27)
    berlin = of_kiosk(stranger, kiosk)
    assert "documents lie in no daily closing" in berlin.get(BOARD).text

    kiosk.closing()

    assert "documents lie in no daily closing" not in berlin.get(BOARD).text


def test_a_certificate_near_its_end_stands_where_its_day_is(
    stranger: Browser, premises: Premises, kiosk: Kiosk
) -> None:
    tse = kiosk.caller.get(f"/registers/{kiosk.register}/tse")
    end = datetime.fromisoformat(tse["usable_until"])
    for days, group in ((60, 90), (20, 30), (5, 7), (1, 1), (0, 0)):
        premises.clock.now = end - timedelta(days=days)
        page = of_kiosk(stranger, kiosk).get(BOARD).text
        section = page.partition(f'aria-labelledby="within-{group}"')[2].partition("</section>")[0]
        assert "the certificate of the signing device ends" in section, (days, group)


def test_a_month_is_due_and_gone_once_it_was_declared(
    stranger: Browser, premises: Premises, till: Till
) -> None:
    till.sells(words.receipt())
    premises.clock.move(days=16)
    till = till.with_token(*till.credentials)
    console = stranger.as_(Role.MANAGER)
    assert "is to be reported: its file is to be handed in." in console.get(BOARD).text
    done = {"type": "FILE", "reference": "1234567"}
    till.made(f"/taxpayers/{till.taxpayer}/months/2026-11/declaration", done)

    assert "is to be reported" not in console.get(BOARD).text


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.OWNER, 200),
        (Role.MANAGER, 200),
        (Role.TILL, 200),
        (Role.AUDITOR, 403),
        (Role.CONNECTOR, 403),
    ],
)
def test_who_sells_may_look(stranger: Browser, role: Role, status: int) -> None:
    assert stranger.as_(role).get(BOARD).status_code == status


def test_what_opens_a_way_to_an_authority_names_its_setting(
    stranger: Browser, premises: Premises
) -> None:
    end = premises.clock() + timedelta(days=6)
    expiry = Expiry(what="the pass to the office", setting="FISCUS_ELSEWHERE_PASS", ends_at=end)
    object.__setattr__(premises.services, "set_up", ("elsewhere",))
    object.__setattr__(
        premises.services, "channels", lambda code: ChannelConnection(expiries=(expiry,))
    )

    page = operator_of(stranger).get(BOARD).text

    section = page.partition('aria-labelledby="within-7"')[2].partition("</section>")[0]
    assert "What opens the way to an authority ends: the pass to the office." in section
    assert "set FISCUS_ELSEWHERE_PASS to it before that day" in section


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("de", "Nichts. Es ist nichts zu tun."), ("pt", "Nada. Não há nada a fazer.")],
)
def test_the_board_speaks_the_languages(console: Browser, language: str, sentence: str) -> None:
    console.language = language

    assert sentence in console.get(BOARD).text
