"""What must be true before a file of one format is made."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.exports import requests
from fiscus.exports.tests.office import LONG_AFTER, LONG_AGO, Office
from fiscus.issuing import driver
from fiscus.issuing.answers import CountNeeded, DeviceNeeded, QueuedOrder
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.model.documents import ClosingType, DocumentKind, Draft
from fiscus.model.faults import Missing, Refused, Unavailable
from fiscus.model.orders import SessionMove
from fiscus.model.times import micros_z
from fiscus.registry.tests.builders import a_shop, an_organization
from fiscus.store.connect import reading, writing
from fiscus.store.schema import FITTING

SECOND = timedelta(seconds=1)


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    return Kiosk(engine, tmp_path)


@pytest.fixture
def office(engine: Engine, tmp_path: Path, kiosk: Kiosk) -> Office:
    return Office(engine, tmp_path, counter=kiosk)


def closed(kiosk: Kiosk) -> None:
    kiosk.sells()
    kiosk.closes()


def begins_to_close(kiosk: Kiosk) -> None:
    """Up to where the device must be asked, and not further."""
    draft = Draft(kind=DocumentKind.CLOSING, closing=ClosingType.SHIFT)
    waiting = QueuedOrder(order=kiosk.enter(draft, SessionMove.CLOSE))
    (needed,) = kiosk.together(waiting)
    while not isinstance(needed, DeviceNeeded):
        assert isinstance(needed, CountNeeded)
        waiting = driver.prepared(kiosk.services, kiosk.channel, waiting, needed)
        (needed,) = kiosk.together(waiting)


def test_a_window_lies_within_the_time_of_the_device(office: Office, kiosk: Kiosk) -> None:
    fitted = kiosk.clock().replace(microsecond=0)
    kiosk.clock.move(hours=5)
    now = kiosk.clock()
    found = office.looks(LONG_AGO, LONG_AFTER)
    assert (found.since, found.until, found.is_fitted) == (fitted, now, True)

    with writing(office.engine) as tx:
        tx.execute(FITTING.update().values(released_at=micros_z(now - timedelta(hours=1))))
    assert office.looks(LONG_AGO, LONG_AFTER).until == now - timedelta(hours=1)
    inside = office.looks(fitted + SECOND, fitted + 2 * SECOND)
    assert (inside.since, inside.until) == (fitted + SECOND, fitted + 2 * SECOND)


def test_a_closing_counts_in_the_window_in_which_it_was_made(office: Office, kiosk: Kiosk) -> None:
    kiosk.clock.move(hours=1)
    closed(kiosk)
    made = kiosk.clock().replace(microsecond=0)
    kiosk.clock.move(hours=1)

    assert office.looks(made, made).has_closings
    assert not office.looks(LONG_AGO, made - SECOND).has_closings
    assert not office.looks(made + SECOND, LONG_AFTER).has_closings
    with pytest.raises(Refused) as caught:
        requests.judge(office.looks(made + SECOND, LONG_AFTER))
    assert caught.value.code == requests.NOTHING_CLOSED


def test_a_closing_that_waits_for_its_device_is_waited_for(office: Office, kiosk: Kiosk) -> None:
    closed(kiosk)
    kiosk.clock.move(hours=1)
    kiosk.opens_session()
    session_window = (LONG_AGO, LONG_AFTER)
    assert office.looks(*session_window).sessions == ()
    begins_to_close(kiosk)

    found = office.looks(*session_window)
    assert found.is_closing
    assert len(found.sessions) == 1
    assert office.looks(kiosk.clock(), kiosk.clock()).is_closing
    with pytest.raises(Unavailable) as caught:
        requests.judge(found)
    assert caught.value.code == requests.BEING_CLOSED
    requests.judge(office.looks(LONG_AGO, kiosk.clock() - timedelta(minutes=30)))


def test_a_session_that_is_open_is_no_closing(office: Office, kiosk: Kiosk) -> None:
    kiosk.opens_session()
    kiosk.begins()
    with pytest.raises(Refused) as caught:
        requests.judge(office.looks(LONG_AGO, LONG_AFTER))
    assert caught.value.code == requests.NOTHING_CLOSED


def test_an_archive_needs_a_device_and_no_closing(
    office: Office, engine: Engine, tmp_path: Path
) -> None:
    requests.judge(office.looks(LONG_AGO, LONG_AFTER, "tse"))
    with writing(engine) as tx:
        bare = a_shop(tx, "de", facts={"tax_id_number": "9"})
    wanted = requests.FormatRequest(
        organization=bare.organization,
        format="tse",
        register=bare.register,
        since=LONG_AGO,
        until=LONG_AFTER,
        asked=office.wanted(LONG_AGO, LONG_AFTER).asked,
    )
    with reading(engine) as tx:
        found = requests.look(tx, wanted, office.clock())
    with pytest.raises(Refused) as caught:
        requests.judge(found)
    assert caught.value.code == requests.NO_DEVICE


def test_requests_that_waiting_does_not_mend(office: Office, engine: Engine) -> None:
    for code, wanted in (
        (requests.BACKWARDS, office.wanted(LONG_AFTER, LONG_AGO)),
        (requests.NO_REGISTER, office.wanted(LONG_AGO, LONG_AFTER, register="")),
        (requests.OTHER_LAW, office.wanted(LONG_AGO, LONG_AFTER, "saft-pt")),
    ):
        with reading(engine) as tx, pytest.raises(Refused) as caught:
            requests.look(tx, wanted, office.clock())
        assert caught.value.code == code
    with writing(engine) as tx:
        stranger = an_organization(tx)
    wanted = office.wanted(LONG_AGO, LONG_AFTER)
    with reading(engine) as tx, pytest.raises(Missing):
        requests.look(tx, _of(wanted, stranger), office.clock())


def _of(wanted: requests.FormatRequest, organization: str) -> requests.FormatRequest:
    return requests.FormatRequest(
        organization=organization,
        format=wanted.format,
        register=wanted.register,
        since=wanted.since,
        until=wanted.until,
        asked=wanted.asked,
    )
