"""What time brings: years that end and begin, places that go out of service."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from fiscus.issuing import series_tasks, upkeep
from fiscus.issuing.answers import OrderDone
from fiscus.issuing.tests.authority import elsewhere, needs
from fiscus.issuing.tests.counter import Counter, a_receipt
from fiscus.issuing.tests.ending_series import EndingAuthority, finish, the, work
from fiscus.outbox import queue
from fiscus.registry import locations, registers, series
from fiscus.registry.series import SeriesState
from fiscus.registry.tests.builders import another_register, move_location, move_register
from fiscus.registry.views import LifecycleState, OperatingMode
from fiscus.store.connect import reading, writing
from fiscus.store.schema import TASK

GONE = (LifecycleState.DECOMMISSIONED, OperatingMode.INACTIVE)


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


@pytest.fixture
def authority(counter: Counter) -> EndingAuthority:
    return EndingAuthority(counter.channel("at_portugal"))


def on(counter: Counter, moment: datetime) -> None:
    counter.clock.move(seconds=int((moment - counter.clock()).total_seconds()))


def names(counter: Counter) -> dict[str, SeriesState]:
    with reading(counter.engine) as tx:
        return {one.series.name: one.state for one in series.of(tx, counter.shop.taxpayer)}


def test_next_years_series_is_there_before_the_first_sale_of_the_year(
    counter: Counter, authority: EndingAuthority
) -> None:
    on(counter, datetime(2026, 12, 1, 9, tzinfo=UTC))
    body = counter.sells(a_receipt(series=""))
    counter.sells(a_receipt(series="TILL-1"))
    assert body.numbered is not None
    old = body.numbered.name
    new = old.replace("2026", "2027")

    on(counter, datetime(2026, 12, 16, 9, tzinfo=UTC))
    upkeep.turn(counter.services, 15)
    assert new not in names(counter)
    on(counter, datetime(2026, 12, 17, 9, tzinfo=UTC))
    upkeep.turn(counter.services, 0)
    assert new not in names(counter)
    for _ in range(2):
        upkeep.turn(counter.services, 15)
    assert work(counter, authority.connection()) == 1
    assert names(counter) == {
        old: SeriesState.ACTIVE,
        "TILL-1": SeriesState.ACTIVE,
        new: SeriesState.ACTIVE,
    }
    assert the(counter, new).starts_on == date(2027, 1, 1)

    on(counter, datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC))
    [answer] = counter.together(counter.issue(a_receipt(series="")))
    assert isinstance(answer, OrderDone)
    assert answer.record.body.numbered is not None
    assert answer.record.body.numbered.name == new
    counter.assert_proved()


def test_the_series_of_a_year_is_finished_when_nothing_may_be_dated_in_it_any_more(
    counter: Counter, authority: EndingAuthority
) -> None:
    """New Year's Day is a Friday and a holiday: the fifth working day is the 8th."""
    on(counter, datetime(2026, 12, 31, 20, tzinfo=UTC))
    body = counter.sells(a_receipt(series=""))
    assert body.numbered is not None
    on(counter, datetime(2027, 1, 8, 20, tzinfo=UTC))
    late = a_receipt(series="", issued_at=datetime(2026, 12, 31, 21, tzinfo=UTC))
    assert counter.sells(late).numbered
    upkeep.turn(counter.services, 15)
    assert the(counter, body.numbered.name).state is SeriesState.ACTIVE

    on(counter, datetime(2027, 1, 9, 9, tzinfo=UTC))
    upkeep.turn(counter.services, 15)
    assert the(counter, body.numbered.name).last_told == 2
    work(counter, authority.connection())
    assert the(counter, body.numbered.name).state is SeriesState.FINISHED
    counter.assert_proved()


def test_what_was_not_used_lately_is_not_registered_again(counter: Counter) -> None:
    counter.sells(a_receipt(series=""))
    on(counter, datetime(2026, 12, 20, 9, tzinfo=UTC))
    upkeep.turn(counter.services, 15)
    assert len(names(counter)) == 1


def test_series_of_a_register_out_of_service_end_if_no_other_one_uses_them(
    counter: Counter, authority: EndingAuthority
) -> None:
    shop = counter.shop
    with writing(counter.engine) as tx:
        second = another_register(tx, shop)
    alone = counter.sells(a_receipt(series="")).numbered
    assert alone is not None
    counter.sells(a_receipt(series="SHARED"), intent=counter.intends(register=second)[0])
    counter.sells(a_receipt(series="SHARED"))
    upkeep.retire(counter.services)
    assert set(names(counter).values()) == {SeriesState.ACTIVE}

    with writing(counter.engine) as tx:
        view = registers.read(tx, shop.organization, shop.register)
        move_register(tx, shop.organization, view, GONE)
    upkeep.retire(counter.services)
    assert names(counter) == {alone.name: SeriesState.FINISHING, "SHARED": SeriesState.ACTIVE}
    work(counter, authority.connection())
    assert the(counter, alone.name).state is SeriesState.FINISHED

    with writing(counter.engine) as tx:
        move_register(tx, shop.organization, registers.read(tx, shop.organization, second), GONE)
    upkeep.retire(counter.services)
    assert the(counter, "SHARED").state is SeriesState.FINISHING
    counter.assert_proved()


def test_series_of_a_location_out_of_service_are_finished_or_cancelled(
    counter: Counter, authority: EndingAuthority
) -> None:
    shop, register = counter.shop, elsewhere(counter)
    counter.sells(a_receipt(series="THERE"), intent=counter.intends(register=register)[0])
    counter.prepare(needs(counter, "UNUSED", register))
    counter.sells(a_receipt(series="HERE"))
    with writing(counter.engine) as tx:
        view = registers.read(tx, shop.organization, register)
        move_register(tx, shop.organization, view, GONE)
        place = locations.read(tx, shop.organization, view.location)
        move_location(tx, shop.organization, place, GONE)

    upkeep.retire(counter.services)
    work(counter, authority.connection())
    assert names(counter) == {
        "THERE": SeriesState.FINISHED,
        "UNUSED": SeriesState.CANCELLED,
        "HERE": SeriesState.ACTIVE,
    }


def test_what_was_never_used_and_is_too_old_to_be_cancelled_just_stays(
    counter: Counter,
) -> None:
    counter.prepare(needs(counter))
    counter.clock.move(days=2)
    counter.closes_down()
    for _ in range(2):
        upkeep.look(counter.services, 15)
    assert names(counter) == {"LOJA": SeriesState.ACTIVE}


def test_the_end_of_a_taxpayer_ends_its_series(
    counter: Counter, authority: EndingAuthority
) -> None:
    counter.sells(a_receipt())
    counter.closes_down()
    upkeep.look(counter.services, 15)
    work(counter, authority.connection())
    assert names(counter) == {"LOJA": SeriesState.FINISHED}
    counter.assert_proved()


def test_a_country_without_registration_is_left_alone(engine: Engine) -> None:
    plain = Counter(engine, "it")
    plain.sells(a_receipt())
    plain.closes_down()
    upkeep.look(plain.services, 60)
    assert set(names(plain).values()) == {SeriesState.ACTIVE}


def test_an_attempt_that_stumbles_is_told_and_goes_on(counter: Counter) -> None:
    counter.sells(a_receipt())
    finish(counter)
    with writing(counter.engine) as tx:
        tx.execute(TASK.delete())
        task = series_tasks.want(
            tx, "a-task", the(counter).series.id, counter.clock(), counter.shop.organization
        )
    with writing(counter.engine) as tx:
        leased = queue.lease_one(tx, task, counter.clock())
        assert leased is not None
        queue.given_up(tx, leased, "broken", counter.clock())
        upkeep.postpone(tx, counter.services, leased, "broken")
    assert the(counter).said == "broken"
    with reading(counter.engine) as tx:
        assert len(tx.execute(select(TASK)).all()) == 1
