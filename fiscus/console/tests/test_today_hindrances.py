"""What is open and what stands in the way is told, of the registers that somebody may see."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.console import today_hindrances
from fiscus.console.documents_facts import DocumentSight
from fiscus.console.tests.test_today_facts import closes_at
from fiscus.console.today_hindrances import SHOWN_MAX, Hindrances, RegisterNote
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.model.times import micros_z
from fiscus.reporting.states import ReportState
from fiscus.store.connect import reading, writing
from fiscus.store.schema import DEVICE, OBLIGATION, REGISTER_KEY, REPORT_PAUSE


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    return Kiosk(engine, tmp_path)


def told(kiosk: Kiosk, organization: str = "", registers: tuple[str, ...] = ()) -> Hindrances:
    sight = DocumentSight(organization=organization or kiosk.shop.organization, registers=registers)
    with reading(kiosk.engine) as tx:
        return today_hindrances.read(tx, sight, kiosk.clock())


def test_where_nothing_is_open_nothing_is_told(kiosk: Kiosk) -> None:
    found = told(kiosk)

    for one in (found.sessions, found.closings, found.outages):
        assert (one.shown, one.count) == ((), 0)
    assert (found.open_operations, found.reports_waiting, found.reports_refused) == (0, 0, 0)
    assert found.pauses == ()


def test_a_session_and_an_operation_are_open_until_they_end(kiosk: Kiosk) -> None:
    opened = kiosk.opens_session()
    intent = kiosk.begins()

    found = told(kiosk)
    [note] = found.sessions.shown
    assert (note.register, note.at) == (kiosk.shop.register, opened.at)
    assert found.open_operations == 1

    kiosk.sells(intent=intent)
    kiosk.closes()
    after = told(kiosk)
    assert (after.sessions.count, after.open_operations) == (0, 0)


def test_an_operation_of_long_ago_is_not_counted(kiosk: Kiosk) -> None:
    kiosk.begins()
    kiosk.clock.move(hours=24, seconds=1)

    assert told(kiosk).open_operations == 0


def test_a_device_that_does_not_answer_is_named_until_it_does(kiosk: Kiosk) -> None:
    folder = kiosk.devices_folder
    folder.rename(folder.with_name("away"))
    kiosk.services = kiosk.other_services()
    kiosk.sells()

    [note] = told(kiosk).outages.shown
    assert note.register == kiosk.shop.register

    folder.with_name("away").rename(folder)
    kiosk.services = kiosk.other_services()
    kiosk.sells()
    assert told(kiosk).outages.count == 0


def test_a_closing_that_a_cut_off_has_left_is_missing(kiosk: Kiosk) -> None:
    closes_at(kiosk, "04:00", "Europe/Berlin")
    kiosk.sells()
    assert told(kiosk).closings.count == 0
    kiosk.clock.move(days=1)

    [note] = told(kiosk).closings.shown
    assert note.register == kiosk.shop.register
    kiosk.closes()
    assert told(kiosk).closings.count == 0


def test_certificates_that_end_within_90_days_are_named(kiosk: Kiosk) -> None:
    end = kiosk.clock() + timedelta(days=90)
    with writing(kiosk.engine) as tx:
        tx.execute(DEVICE.update().values(usable_until=micros_z(end + timedelta(microseconds=1))))
        tx.execute(REGISTER_KEY.update().values(expires_at=micros_z(end + timedelta(days=1))))
    assert told(kiosk).certificates.count == 0
    with writing(kiosk.engine) as tx:
        tx.execute(DEVICE.update().values(usable_until=micros_z(end)))
        tx.execute(REGISTER_KEY.update().values(expires_at=micros_z(end - timedelta(days=1))))

    notes = told(kiosk).certificates.shown

    assert [note.at for note in notes] == [end - timedelta(days=1), end]


def test_reports_and_pauses_of_the_taxpayer_are_told(kiosk: Kiosk) -> None:
    sold = kiosk.sells()
    states = (ReportState.PENDING, ReportState.UNKNOWN, ReportState.REFUSED, ReportState.ACCEPTED)
    with writing(kiosk.engine) as tx:
        for number, state in enumerate(states):
            tx.execute(OBLIGATION.insert().values(**a_report(kiosk, sold.id, number, state)))
        tx.execute(
            REPORT_PAUSE.insert().values(
                taxpayer=kiosk.shop.taxpayer,
                channel="c",
                since=micros_z(kiosk.clock()),
                code="1",
                answer="who are you",
                generation=1,
                is_lifted=0,
            )
        )

    found = told(kiosk)

    assert (found.reports_waiting, found.reports_refused) == (2, 1)
    assert found.pauses == ("who are you",)


def a_report(kiosk: Kiosk, record: str, number: int, state: ReportState) -> dict[str, object]:
    return {
        "id": f"report-{number}",
        "record": record,
        "organization": kiosk.shop.organization,
        "taxpayer": kiosk.shop.taxpayer,
        "channel": "c",
        "kind": "document",
        "content": "{}",
        "reason": "",
        "line": "l",
        "number": number,
        "rank": 0,
        "day": "2026-05-04",
        "state": state.value,
        "attempts": 0,
        "failures": 0,
        "was_sent": 0,
        "created_at": micros_z(kiosk.clock()),
    }


def test_others_are_told_nothing(kiosk: Kiosk) -> None:
    kiosk.opens_session()
    kiosk.begins()

    for found in (told(kiosk, "another"), told(kiosk, registers=("another",))):
        assert (found.sessions.count, found.open_operations, found.certificates.count) == (0, 0, 0)
    assert told(kiosk, registers=(kiosk.shop.register,)).sessions.count == 1


def test_of_many_the_first_are_named_and_all_are_counted(kiosk: Kiosk) -> None:
    notes = [
        RegisterNote(register=f"{place:02}", name="", at=kiosk.clock())
        for place in reversed(range(SHOWN_MAX + 1))
    ]

    found = today_hindrances.first_of(notes, ())

    assert found.count == SHOWN_MAX + 1
    assert [note.register for note in found.shown] == [f"{place:02}" for place in range(SHOWN_MAX)]
