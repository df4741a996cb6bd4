import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, select

from fiscus import channels
from fiscus.channels import Accepted, Answer, Later, Message
from fiscus.issuing import series
from fiscus.issuing.answers import SeriesNeeded
from fiscus.issuing.tests.counter import Counter, a_receipt
from fiscus.model.faults import Unavailable
from fiscus.registry import taxpayers
from fiscus.registry.tests.builders import move_taxpayer
from fiscus.store.connect import reading, writing
from fiscus.store.schema import SERIES


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


@pytest.fixture
def needed(counter: Counter) -> SeriesNeeded:
    answer = counter.together(counter.issue(a_receipt()))[0]
    assert isinstance(answer, SeriesNeeded)
    return answer


def states(counter: Counter) -> list[tuple[str, str]]:
    with reading(counter.engine) as tx:
        return [(row.state, row.validation_code) for row in tx.execute(select(SERIES))]


def password(counter: Counter, word: str) -> None:
    with writing(counter.engine) as tx:
        view = taxpayers.by_id(tx, counter.shop.taxpayer)
        move_taxpayer(tx, view, secrets={"username": "u", "password": word})


def test_a_series_is_registered_once_however_often_it_is_prepared(
    counter: Counter, needed: SeriesNeeded
) -> None:
    assert series.prepare(counter.desk, counter.channel, needed) == ()
    first = states(counter)
    assert series.prepare(counter.desk, counter.channel, needed) == ()

    assert states(counter) == first
    assert first[0][0] == "active"
    assert len(first[0][1]) == 8


def test_a_country_without_such_an_authority_activates_at_once(engine: Engine) -> None:
    plain = Counter(engine, "it")
    answer = plain.together(plain.issue(a_receipt()))[0]
    assert isinstance(answer, SeriesNeeded)

    assert series.prepare(plain.desk, plain.channel, answer) == ()
    assert states(plain) == [("active", "")]


def test_refused_credentials_come_back_as_a_fault_and_the_series_stays_wanted(
    counter: Counter, needed: SeriesNeeded
) -> None:
    password(counter, "wrong")
    faults = series.prepare(counter.desk, counter.channel, needed)

    assert [fault.code for fault in faults] == ["ISSUE-SERIES-02"]
    assert states(counter) == [("wanted", "")]
    password(counter, "right")
    assert series.prepare(counter.desk, counter.channel, needed) == ()


def test_what_the_authority_has_against_a_series_is_said_in_its_words(
    counter: Counter, needed: SeriesNeeded
) -> None:
    foreign = msgspec.structs.replace(needed, tax_number="no number")
    faults = series.prepare(counter.desk, counter.channel, foreign)

    assert [fault.code for fault in faults] == ["ISSUE-SERIES-01"]
    assert states(counter) == [("wanted", "")]


def test_a_lost_answer_is_asked_for_and_not_sent_twice(
    counter: Counter, needed: SeriesNeeded
) -> None:
    sent: list[str] = []

    def deaf(code: str) -> channels.Connection:
        real = counter.channel(code)

        def send(message: Message, credentials: Mapping[str, str]) -> Answer:
            sent.append(message.name)
            real.send(message, credentials)
            return Later(reason="the answer was lost")

        return channels.Connection(send=send, ask=real.ask)

    assert series.prepare(counter.desk, deaf, needed) == ()
    assert sent == ["LOJA"]
    assert states(counter)[0][0] == "active"


def test_an_unknown_outcome_is_later_and_the_next_try_asks_first(
    counter: Counter, needed: SeriesNeeded
) -> None:
    asked: list[str] = []

    def away(_: Message, __: Mapping[str, str]) -> Answer:
        return Later(reason="nobody answers")

    def knows(_: Message, __: Mapping[str, str]) -> Answer:
        asked.append("asked")
        return Accepted(reference="KNOWN123")

    silent = channels.Connection(send=away, ask=away)
    with pytest.raises(Unavailable):
        series.prepare(counter.desk, lambda _: silent, needed)
    assert states(counter) == [("wanted", "")]

    back = channels.Connection(send=away, ask=knows)
    assert series.prepare(counter.desk, lambda _: back, needed) == ()
    assert asked == ["asked"]
    assert states(counter) == [("active", "KNOWN123")]


def test_many_threads_that_need_one_series_agree_on_one(
    counter: Counter, needed: SeriesNeeded
) -> None:
    outcomes: list[object] = []

    def prepare(channel: Callable[[str], channels.Connection]) -> None:
        outcomes.append(series.prepare(counter.desk, channel, needed))

    threads = [threading.Thread(target=prepare, args=(counter.channel,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes == [()] * 5
    assert len(states(counter)) == 1
