"""A device has begun a transaction and nobody heard of it: whose is it?"""

from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.issuing import device_calls, driver, signing
from fiscus.issuing.answers import Answer, DeviceNeeded, DeviceStep, QueuedOrder
from fiscus.issuing.tests.counter import done, failure
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.model.orders import Open
from fiscus.model.records import EntryBody


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    return Kiosk(engine, tmp_path)


def prepared(kiosk: Kiosk, order: Open) -> DeviceNeeded:
    """The intention is in the journal, its device is still to be asked."""
    return needed(kiosk.together(QueuedOrder(order=order))[0])


def needed(answer: Answer) -> DeviceNeeded:
    assert isinstance(answer, DeviceNeeded), answer
    return answer


def asked(kiosk: Kiosk, order: Open, one: DeviceNeeded) -> QueuedOrder:
    """The device has answered, nobody has noted it yet."""
    return QueuedOrder(order=order, entry=one.entry, device=device_calls.ask(kiosk.services, one))


def again(one: DeviceNeeded) -> DeviceNeeded:
    return msgspec.structs.replace(one, is_repeated=True)


def number(body: EntryBody) -> int:
    assert body.seal is not None
    assert body.seal.signing is not None
    return body.seal.signing.number


def test_what_another_till_begins_just_now_is_not_lost(kiosk: Kiosk) -> None:
    lost = prepared(kiosk, kiosk.open())
    kiosk.clock.move(seconds=60)
    order = kiosk.open()
    begun = asked(kiosk, order, prepared(kiosk, order))

    assert driver.recover(kiosk.services, kiosk.channel) == 1
    other = done(kiosk.together(begun)[0]).body.id

    assert number(kiosk.sells(intent=other)) == 1
    assert number(kiosk.sells(intent=lost.intent)) == 2


def test_of_two_that_look_for_what_was_lost_each_finds_another(kiosk: Kiosk) -> None:
    orders = [kiosk.open(), kiosk.open()]
    starts = [prepared(kiosk, order) for order in orders]
    for one in starts:
        device_calls.ask(kiosk.services, one)
    kiosk.clock.move(seconds=60)

    found = [asked(kiosk, order, again(one)) for order, one in zip(orders, starts, strict=True)]
    first, second = kiosk.together(*found)

    assert done(first).body.id == starts[0].intent
    done(kiosk.together(asked(kiosk, orders[1], needed(second)))[0])
    assert number(kiosk.sells(intent=starts[0].intent)) == 1
    assert number(kiosk.sells(intent=starts[1].intent)) == 2


def test_what_an_outage_left_open_belongs_to_no_later_sale(kiosk: Kiosk) -> None:
    intent = kiosk.begins()
    folder = kiosk.devices_folder
    folder.rename(folder.with_name("away"))
    kiosk.services = kiosk.other_services()
    unsigned = kiosk.sells(intent=intent)
    folder.with_name("away").rename(folder)
    kiosk.services = kiosk.other_services()
    kiosk.clock.move(seconds=3600)
    lost = prepared(kiosk, kiosk.open())
    kiosk.clock.move(seconds=60)

    assert driver.recover(kiosk.services, kiosk.channel) == 1

    assert unsigned.seal is not None
    assert unsigned.seal.outage
    assert number(kiosk.sells(intent=lost.intent)) == 2


def test_an_intention_is_answered_once_its_device_has_heard_of_it(kiosk: Kiosk) -> None:
    order = kiosk.open()
    lost = prepared(kiosk, order)

    assert failure(kiosk.together(order)[0]) == signing.IN_FLIGHT.id
    kiosk.clock.move(seconds=60)
    taken_over = needed(kiosk.together(order)[0])
    assert (taken_over.step, taken_over.is_repeated) == (DeviceStep.START, True)
    assert done(kiosk.together(asked(kiosk, order, taken_over))[0]).body.id == lost.intent
    assert kiosk.pending() == [signing.DeviceRequestState.OPEN]
