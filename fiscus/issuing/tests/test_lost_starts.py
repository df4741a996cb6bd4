"""A device has begun a transaction and nobody heard of it: whose is it?"""

from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.issuing import errands, foreign, signing
from fiscus.issuing.answers import Answer, DeviceNeeded, Step, Waiting
from fiscus.issuing.tests.counter import done, failure
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.model.orders import Open
from fiscus.model.records import Body


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    return Kiosk(engine, tmp_path)


def wished(kiosk: Kiosk, order: Open) -> DeviceNeeded:
    """The intention is in the journal, its device is still to be asked."""
    return needed(kiosk.together(Waiting(order=order))[0])


def needed(answer: Answer) -> DeviceNeeded:
    assert isinstance(answer, DeviceNeeded), answer
    return answer


def asked(kiosk: Kiosk, order: Open, wish: DeviceNeeded) -> Waiting:
    """The device has answered, nobody has noted it yet."""
    return Waiting(order=order, entry=wish.entry, device=foreign.ask(kiosk.desk, wish))


def again(wish: DeviceNeeded) -> DeviceNeeded:
    return msgspec.structs.replace(wish, is_repeated=True)


def number(body: Body) -> int:
    assert body.seal is not None
    assert body.seal.signing is not None
    return body.seal.signing.number


def test_what_another_till_begins_just_now_is_not_lost(kiosk: Kiosk) -> None:
    lost = wished(kiosk, kiosk.open())
    kiosk.clock.move(seconds=60)
    order = kiosk.open()
    begun = asked(kiosk, order, wished(kiosk, order))

    assert errands.recover(kiosk.desk, kiosk.channel) == 1
    other = done(kiosk.together(begun)[0]).body.id

    assert number(kiosk.sells(intent=other)) == 1
    assert number(kiosk.sells(intent=lost.intent)) == 2


def test_of_two_that_look_for_what_was_lost_each_finds_another(kiosk: Kiosk) -> None:
    orders = [kiosk.open(), kiosk.open()]
    wishes = [wished(kiosk, order) for order in orders]
    for wish in wishes:
        foreign.ask(kiosk.desk, wish)
    kiosk.clock.move(seconds=60)

    found = [
        asked(kiosk, order, again(wish)) for order, wish in zip(orders, wishes, strict=True)
    ]  # fmt: skip
    first, second = kiosk.together(*found)

    assert done(first).body.id == wishes[0].intent
    done(kiosk.together(asked(kiosk, orders[1], needed(second)))[0])
    assert number(kiosk.sells(intent=wishes[0].intent)) == 1
    assert number(kiosk.sells(intent=wishes[1].intent)) == 2


def test_what_an_outage_left_open_belongs_to_no_later_sale(kiosk: Kiosk) -> None:
    intent = kiosk.begins()
    folder = kiosk.devices_folder
    folder.rename(folder.with_name("away"))
    kiosk.desk = kiosk.another_desk()
    unsigned = kiosk.sells(intent=intent)
    folder.with_name("away").rename(folder)
    kiosk.desk = kiosk.another_desk()
    kiosk.clock.move(seconds=3600)
    lost = wished(kiosk, kiosk.open())
    kiosk.clock.move(seconds=60)

    assert errands.recover(kiosk.desk, kiosk.channel) == 1

    assert unsigned.seal is not None
    assert unsigned.seal.outage
    assert number(kiosk.sells(intent=lost.intent)) == 2


def test_an_intention_is_answered_once_its_device_has_heard_of_it(kiosk: Kiosk) -> None:
    order = kiosk.open()
    lost = wished(kiosk, order)

    assert failure(kiosk.together(order)[0]) == signing.IN_FLIGHT.id
    kiosk.clock.move(seconds=60)
    taken_over = needed(kiosk.together(order)[0])
    assert (taken_over.step, taken_over.is_repeated) == (Step.START, True)
    assert done(kiosk.together(asked(kiosk, order, taken_over))[0]).body.id == lost.intent
    assert kiosk.held() == [signing.State.OPEN]
