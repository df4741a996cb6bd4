"""What a device was asked, as rows: who may take one over, and what is left of it."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.issuing import signing
from fiscus.issuing.answers import DeviceNeeded, QueuedOrder
from fiscus.issuing.signing import HELD, DeviceRequest, DeviceRequestState
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.model.devices import StartedTransaction
from fiscus.model.faults import Corrupt
from fiscus.registry.tests.builders import another_register
from fiscus.store.connect import reading, writing

MOMENT = timedelta(microseconds=1)


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    return Kiosk(engine, tmp_path)


def asked(kiosk: Kiosk) -> DeviceRequest:
    """The device is to be asked to start, and nobody has asked it yet."""
    (needed,) = kiosk.together(QueuedOrder(order=kiosk.open()))
    assert isinstance(needed, DeviceNeeded)
    with reading(kiosk.engine) as tx:
        pending = signing.of_entry(tx, needed.entry)
    assert pending is not None
    return pending


def test_of_two_recoveries_that_saw_the_same_request_one_takes_it_over(kiosk: Kiosk) -> None:
    """Both read it before either wrote: only the time until which it is held tells them apart."""
    pending = asked(kiosk)
    kiosk.clock.move(seconds=60)
    now = kiosk.clock()

    with writing(kiosk.engine) as tx:
        assert signing.lease(tx, pending, now)
    with writing(kiosk.engine) as tx:
        assert not signing.lease(tx, pending, now)
        (left,) = signing.in_flight(tx, pending.register)
    assert left == msgspec.structs.replace(pending, held_until=now + HELD)


def test_a_request_that_has_moved_on_is_taken_over_by_nobody(kiosk: Kiosk) -> None:
    pending = asked(kiosk)
    assert pending.held_until is not None
    finishing = msgspec.structs.replace(pending, state=DeviceRequestState.FINISHING)
    other = msgspec.structs.replace(asked(kiosk), held_until=pending.held_until, intent="another")

    with writing(kiosk.engine) as tx:
        assert not signing.lease(tx, finishing, pending.held_until)
        assert not signing.lease(tx, other, pending.held_until)
        assert signing.lease(tx, pending, pending.held_until)


def test_a_request_is_overdue_from_the_instant_on_until_which_it_was_held(kiosk: Kiosk) -> None:
    pending = asked(kiosk)
    assert pending.held_until == kiosk.clock() + HELD

    with reading(kiosk.engine) as tx:
        assert signing.overdue(tx, pending.held_until - MOMENT, 9) == []
        assert signing.overdue(tx, pending.held_until, 9) == [pending]
        assert not signing.is_start_lost(tx, pending.register, pending.held_until - MOMENT)
        assert signing.is_start_lost(tx, pending.register, pending.held_until)
        assert not signing.is_start_lost(tx, "another register", pending.held_until)


def test_what_is_overdue_comes_oldest_first_and_no_more_than_wanted(kiosk: Kiosk) -> None:
    first = asked(kiosk)
    kiosk.clock.move(seconds=1)
    second = asked(kiosk)
    kiosk.clock.move(seconds=60)

    with reading(kiosk.engine) as tx:
        assert signing.overdue(tx, kiosk.clock(), 9) == [first, second]
        assert signing.overdue(tx, kiosk.clock(), 1) == [first]


def test_a_device_that_has_started_holds_nothing_any_more(kiosk: Kiosk) -> None:
    intent = kiosk.begins()

    with reading(kiosk.engine) as tx:
        pending = signing.of_intents(tx, [intent])[intent]
        assert signing.in_flight(tx, pending.register) == []
        assert not signing.is_start_lost(tx, pending.register, kiosk.clock() + timedelta(days=1))
    assert (pending.state, pending.entry, pending.order, pending.held_until) == (
        DeviceRequestState.OPEN,
        "",
        None,
        None,
    )
    assert pending.started is not None


def test_a_row_that_moved_meanwhile_is_an_inconsistency(kiosk: Kiosk) -> None:
    pending = asked(kiosk)
    started = StartedTransaction(
        serial="s", number=7, time=kiosk.clock(), signature_counter=1, signature=""
    )
    moves = [(pending, signing.answered(pending, started, ""))]

    with writing(kiosk.engine) as tx:
        signing.move(tx, moves)
        assert moves == []
        with pytest.raises(Corrupt) as caught:
            signing.move(tx, [(pending, signing.answered(pending, started, ""))])
    assert caught.value.code == signing.MOVED


def test_a_request_is_known_by_its_intention_and_by_the_record_it_becomes(kiosk: Kiosk) -> None:
    pending, other = asked(kiosk), asked(kiosk)

    with reading(kiosk.engine) as tx:
        assert signing.of_intents(tx, []) == {}
        assert signing.of_intents(tx, [pending.intent]) == {pending.intent: pending}
        assert signing.of_intents(tx, [], [other.entry]) == {other.intent: other}
        assert signing.of_entry(tx, "nobody's") is None


def test_open_operations_are_those_of_the_register_begun_before_an_instant(kiosk: Kiosk) -> None:
    first = kiosk.begins()
    kiosk.clock.move(minutes=5)
    between = kiosk.clock()
    second = kiosk.begins()
    asked(kiosk)
    with writing(kiosk.engine) as tx:
        beside = another_register(tx, kiosk.shop)

        assert signing.open_intents(tx, kiosk.shop.register) == [first, second]
        assert signing.open_intents(tx, kiosk.shop.register, between) == [first]
        assert signing.open_intents(tx, kiosk.shop.register, between + MOMENT) == [first, second]
        assert signing.open_intents(tx, beside) == []


def test_transactions_of_open_operations_are_counted_for_their_own_device(kiosk: Kiosk) -> None:
    kiosk.begins()
    intent = kiosk.begins()

    with reading(kiosk.engine) as tx:
        started = signing.of_intents(tx, [intent])[intent].started
        assert started is not None
        numbers = signing.numbers(tx, kiosk.shop.register, started.serial)
        assert numbers == {started.number - 1, started.number}
        assert signing.numbers(tx, kiosk.shop.register, "of before") == frozenset()
        assert signing.numbers(tx, "another register", started.serial) == frozenset()


def test_a_concluded_intention_leaves_no_row(kiosk: Kiosk) -> None:
    first, second = kiosk.begins(), kiosk.begins()
    with writing(kiosk.engine) as tx:
        signing.end(tx, [])
        assert sorted(signing.of_intents(tx, [first, second])) == sorted([first, second])
        signing.end(tx, [first])
        assert list(signing.of_intents(tx, [first, second])) == [second]
