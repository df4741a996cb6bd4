"""Whole lives of series, at the simulated authority over its own protocol."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, event

from fiscus.channels import (
    Answer,
    ChannelConnection,
    FinishSeries,
    KnownSeries,
    Later,
    Message,
    SeriesQuery,
    SeriesStanding,
)
from fiscus.issuing import ahead, upkeep
from fiscus.issuing.ahead import AheadOrder
from fiscus.issuing.comparing import DifferenceKind, compare
from fiscus.issuing.tests.authority import needs, password, with_
from fiscus.issuing.tests.counter import Counter, a_receipt
from fiscus.issuing.tests.ending_series import finish, order, the, work
from fiscus.model.records import SeriesPurpose
from fiscus.registry.series import SeriesState
from fiscus.store.connect import writing


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


@pytest.fixture
def real(counter: Counter) -> ChannelConnection:
    return counter.channel("at_portugal")


def there(counter: Counter, real: ChannelConnection) -> dict[str, KnownSeries]:
    login = {"username": "509876544/1", "password": "right"}
    found = real.listed(SeriesQuery(taxpayer="509876544"), login)
    assert isinstance(found, tuple), found
    return {one.series.name: one for one in found}


@pytest.mark.parametrize("to", [SeriesState.FINISHED, SeriesState.CANCELLED])
@pytest.mark.parametrize("loss", ["nothing", "before its effect", "after its effect"])
def test_both_sides_agree_on_the_end(
    counter: Counter, real: ChannelConnection, to: SeriesState, loss: str
) -> None:
    if to is SeriesState.FINISHED:
        counter.sells(a_receipt())
        counter.sells(a_receipt())
    else:
        counter.prepare(needs(counter))
    order(counter, to)

    def send(message: Message, credentials: Mapping[str, str]) -> Answer:
        answer = real.send(message, credentials) if loss == "after its effect" else None
        assert answer is None or not isinstance(answer, Later)
        return Later(reason="lost")

    if loss != "nothing":
        work(counter, with_(real, send=send))
        assert the(counter).state not in (SeriesState.FINISHED, SeriesState.CANCELLED)
        counter.clock.move(seconds=60)
    work(counter, real)

    assert (the(counter).state, the(counter).said) == (to, "")
    known = there(counter, real)["LOJA"]
    assert known.standing == SeriesStanding(to.value)
    assert known.last_number == (2 if to is SeriesState.FINISHED else None)
    assert compare(counter.services, lambda _: real, counter.shop.taxpayer) == []
    counter.assert_proved()


def test_an_end_that_was_made_on_the_authoritys_pages_is_found_and_compared(
    counter: Counter, real: ChannelConnection
) -> None:
    counter.sells(a_receipt())
    counter.sells(a_receipt())
    finish(counter)

    def send(message: Message, credentials: Mapping[str, str]) -> Answer:
        assert isinstance(message, FinishSeries)
        real.send(msgspec.structs.replace(message, last_number=7), credentials)
        return Later(reason="somebody was faster")

    work(counter, with_(real, send=send))
    counter.clock.move(seconds=60)
    work(counter, real)
    assert the(counter).state is SeriesState.FINISHED
    assert "with number 7, ours is 2" in the(counter).said
    [found] = compare(counter.services, lambda _: real, counter.shop.taxpayer)
    assert (found.kind, found.here, found.there) == (DifferenceKind.OTHER_LAST_NUMBER, "2", "7")


def test_a_cancellation_that_comes_too_late_is_refused_and_the_series_goes_on(
    counter: Counter, real: ChannelConnection
) -> None:
    """Ordered in time, but nobody answered for days."""
    counter.prepare(needs(counter))
    order(counter, SeriesState.CANCELLED)
    work(counter, with_(real, ask=lambda *_: Later(reason="away")))
    counter.clock.move(days=3)
    work(counter, real)

    assert the(counter).state is SeriesState.ACTIVE
    assert "AT-SERIES-4004" in the(counter).said
    assert counter.sells(a_receipt()).numbered


def test_a_series_for_recovery_and_one_for_training_are_registered_as_such(
    counter: Counter, real: ChannelConnection
) -> None:
    for name, purpose in (("R1", SeriesPurpose.RECOVERY), ("T1.F", SeriesPurpose.TRAINING)):
        wish = AheadOrder(
            taxpayer=counter.shop.taxpayer,
            document_type="FT",
            name=name,
            location=counter.shop.location,
            purpose=purpose,
        )
        with writing(counter.engine) as tx:
            ahead.order(tx, counter.services, wish)
    work(counter, real)
    known = there(counter, real)
    assert known["R1"].series.purpose is SeriesPurpose.RECOVERY
    assert known["T1.F"].series.purpose is SeriesPurpose.TRAINING
    assert compare(counter.services, lambda _: real, counter.shop.taxpayer) == []


def test_credentials_that_are_refused_keep_it_due_until_they_are_mended(
    counter: Counter, real: ChannelConnection
) -> None:
    counter.sells(a_receipt())
    finish(counter)
    password(counter, "wrong")
    work(counter, real)
    assert the(counter).state is SeriesState.FINISHING
    assert "AT-LOGIN" in the(counter).said
    assert "(the authority: " in the(counter).said

    password(counter, "right")
    finish(counter)
    work(counter, real)
    assert the(counter).state is SeriesState.FINISHED


class StepsUntilDeath:
    """Ends the process, so to say, at a chosen statement or commit, or around a call: whoever runs
    on has the database as it is then, and the authority."""

    def __init__(self, engine: Engine, real: ChannelConnection) -> None:
        self.left = 0
        self.real = real
        event.listen(engine, "before_cursor_execute", lambda *_: self.step())
        event.listen(engine, "commit", lambda *_: self.step())

    def step(self) -> None:
        if self.left:
            self.left -= 1
            if not self.left:
                raise KeyboardInterrupt

    def connection(self) -> ChannelConnection:
        def send(message: Message, credentials: Mapping[str, str]) -> Answer:
            self.step()
            answer = self.real.send(message, credentials)
            self.step()
            return answer

        return with_(self.real, send=send)


@pytest.mark.long
@pytest.mark.parametrize("to", [SeriesState.ACTIVE, SeriesState.FINISHED, SeriesState.CANCELLED])
def test_a_process_may_die_at_any_step_and_the_next_one_ends_it(
    counter: Counter, real: ChannelConnection, to: SeriesState
) -> None:
    """Registered ahead, finished or cancelled: once, whatever was reached before."""
    steps = StepsUntilDeath(counter.engine, real)
    deaths = 0
    while True:
        name = f"S{deaths}"
        with writing(counter.engine) as tx:
            wish = AheadOrder(
                taxpayer=counter.shop.taxpayer,
                document_type="FR",
                name=name,
                location=counter.shop.location,
            )
            ahead.order(tx, counter.services, wish)
        if to is not SeriesState.ACTIVE:
            work(counter, real)
        if to is SeriesState.FINISHED:
            counter.sells(a_receipt(series=name))
        if to is not SeriesState.ACTIVE:
            order(counter, to, name)
        steps.left = deaths + 1
        try:
            work(counter, steps.connection())
        except KeyboardInterrupt:
            deaths += 1
        is_whole, steps.left = steps.left > 0, 0
        counter.clock.move(minutes=3)
        upkeep.follow_up(counter.services)
        work(counter, real)
        assert the(counter, name).state is to, deaths
        if is_whole:
            break
    assert deaths > 10
    assert compare(counter.services, lambda _: real, counter.shop.taxpayer) == []
    counter.assert_proved()
