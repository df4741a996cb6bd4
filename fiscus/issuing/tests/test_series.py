"""A series is ours only if we registered it, whatever was lost on the way."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.channels import (
    Accepted,
    Answer,
    Known,
    KnownSeries,
    Later,
    Message,
    Rejected,
    SeriesPurpose,
)
from fiscus.issuing import series
from fiscus.issuing.answers import SeriesNeeded
from fiscus.issuing.tests.authority import (
    LOGIN,
    Faults,
    asked_for,
    dying,
    needs,
    number,
    numbered,
    password,
    prepared,
    refusal,
    refused,
    states,
    with_,
)
from fiscus.issuing.tests.counter import Counter, a_receipt
from fiscus.model.faults import Fault, Unavailable
from fiscus.registry import series as registered
from fiscus.store.connect import writing
from fiscus.store.schema import SERIES


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


@pytest.fixture
def needed(counter: Counter) -> SeriesNeeded:
    return needs(counter)


def test_a_series_is_registered_once_however_often_it_is_prepared(
    counter: Counter, needed: SeriesNeeded
) -> None:
    assert prepared(counter, needed) == ()
    first = states(counter)
    assert prepared(counter, needed) == ()

    assert states(counter) == first
    assert first[0][0] == "active"
    assert len(first[0][1]) == 8


def test_a_country_without_such_an_authority_activates_at_once(engine: Engine) -> None:
    plain = Counter(engine, "it")
    answer = plain.together(plain.issue(a_receipt()))[0]
    assert isinstance(answer, SeriesNeeded)

    assert series.prepare(plain.services, plain.channel, answer) == ()
    assert states(plain) == [("active", "")]


def test_refused_credentials_come_back_as_a_fault_and_the_series_stays_wanted(
    counter: Counter, needed: SeriesNeeded
) -> None:
    password(counter, "wrong")
    faults = prepared(counter, needed)

    assert [fault.code for fault in faults] == ["ISSUE-SERIES-02"]
    assert states(counter) == [("wanted", "")]
    password(counter, "right")
    assert prepared(counter, needed) == ()


def test_what_the_authority_has_against_a_series_is_said_in_its_words(
    counter: Counter, needed: SeriesNeeded
) -> None:
    odd = msgspec.structs.replace(needed.wanted, facts={**needed.wanted.facts, "class": "MG"})
    wish = msgspec.structs.replace(needed.wish, wanted=odd)
    faults = prepared(counter, msgspec.structs.replace(needed, wish=wish))

    assert [fault.code for fault in faults] == ["ISSUE-SERIES-01"]
    assert "AT-SERIES-4046" in faults[0].text
    assert states(counter) == [("wanted", "")]


def test_a_lost_answer_is_asked_for_and_not_sent_twice(
    counter: Counter, needed: SeriesNeeded
) -> None:
    real, sent = counter.channel("at_portugal"), []

    def send(message: Message, credentials: Mapping[str, str]) -> Answer:
        sent.append(message.name)
        real.send(message, credentials)
        return Later(reason="the answer was lost")

    assert prepared(counter, needed, with_(real, send=send)) == ()
    assert sent == ["LOJA"]
    assert states(counter)[0][0] == "active"


def test_who_cannot_ask_does_not_send(counter: Counter, needed: SeriesNeeded) -> None:
    real, sent = counter.channel("at_portugal"), []

    def send(message: Message, _: Mapping[str, str]) -> Answer:
        sent.append(message.name)
        return Later(reason="nobody answers")

    def ask(_: Message, __: Mapping[str, str]) -> Later:
        return Later(reason="nobody answers")

    with pytest.raises(Unavailable):
        prepared(counter, needed, with_(real, send=send, ask=ask))
    assert (states(counter), sent) == ([("wanted", "")], [])


def test_a_series_that_was_there_before_our_first_question_is_not_ours(
    counter: Counter, needed: SeriesNeeded
) -> None:
    """A lost database, an older program, another installation: every trait may be the same."""
    real = counter.channel("at_portugal")
    assert isinstance(real.send(asked_for(needed, counter), LOGIN), Accepted)

    for _ in range(2):
        text = refusal(prepared(counter, needed), "ISSUE-SERIES-01")
        assert "FR LOJA, not from us" in text
        assert "LOJA-2 is free" in text
        assert "fiscus series adopt" in text
        assert states(counter) == [("wanted", "")]
    assert numbered(counter) == 0


def test_two_installations_never_number_one_series(
    counter: Counter, databases: Any, tmp_path: Path
) -> None:
    """The second one has the same tax number, certificate and day, and a database of its own."""
    counter.sells(a_receipt())
    with databases.migrated() as engine:
        second = Counter(engine, "pt", tmp_path)
        assert second.shop.owner == counter.shop.owner
        answer = refused(second, a_receipt())

        assert "LOJA-2 is free" in refusal(answer, "ISSUE-SERIES-01")
        assert numbered(second) == 0
        assert number(second.sells(a_receipt(series="LOJA-2"))) == 1
        # Now the first one is refused that name, and proposed the next.
        assert "loja-2-2 is free" in refusal(
            refused(counter, a_receipt(series="loja-2")), "ISSUE-SERIES-01"
        )


def test_somebody_who_is_faster_between_our_look_and_our_question_keeps_it(
    counter: Counter, needed: SeriesNeeded
) -> None:
    """`Exists already`, without a lost answer of ours before: it is not ours."""
    real = counter.channel("at_portugal")

    def send(message: Message, credentials: Mapping[str, str]) -> Answer:
        real.send(message, credentials)  # the other installation's, equal in every trait
        return real.send(message, credentials)

    refusal(prepared(counter, needed, with_(real, send=send)), "ISSUE-SERIES-01")
    assert states(counter) == [("wanted", "")]
    refusal(prepared(counter, needed), "ISSUE-SERIES-01")


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_after_a_crash_with_the_question_under_way_the_series_is_ours(
    counter: Counter, needed: SeriesNeeded, after: bool
) -> None:
    real = counter.channel("at_portugal")
    with pytest.raises(KeyboardInterrupt):
        prepared(counter, needed, dying(real, after=after))
    assert states(counter) == [("asked", "")]

    assert prepared(counter, needed) == ()
    assert states(counter)[0][0] == "active"


def test_who_died_without_a_word_is_waited_for_and_then_followed(
    counter: Counter, needed: SeriesNeeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed process says nothing any more: its time must run out first."""
    monkeypatch.setattr(registered, "lose", lambda *_, **__: None)
    with pytest.raises(KeyboardInterrupt):
        prepared(counter, needed, dying(counter.channel("at_portugal"), after=True))
    with pytest.raises(Unavailable) as waits:
        prepared(counter, needed)
    assert waits.value.code == series.BEING_ASKED

    counter.clock.move(seconds=10)
    assert prepared(counter, needed) == ()
    assert states(counter)[0][0] == "active"


def test_a_lost_question_that_never_arrived_is_sent_again_on_a_later_day(
    counter: Counter, needed: SeriesNeeded
) -> None:
    real = counter.channel("at_portugal")

    def away(_: Message, __: Mapping[str, str]) -> Later:
        return Later(reason="nobody answers")

    with pytest.raises(Unavailable):
        prepared(counter, needed, with_(real, send=away))
    assert states(counter) == [("asked", "")]
    counter.clock.move(days=3)

    with pytest.raises(KeyboardInterrupt):
        prepared(counter, needed, dying(real, after=True))
    assert prepared(counter, needed) == ()
    assert states(counter)[0][0] == "active"


OTHER_TRAITS = [
    {"name": "loja"},
    {"purpose": SeriesPurpose.TRAINING},
    {"first_number": 2},
    {"starts_on": timedelta(days=1)},
    {"class": "WD"},
    {"certificate": "1"},
]


@pytest.mark.parametrize("trait", OTHER_TRAITS, ids=lambda trait: next(iter(trait)))
def test_after_a_lost_answer_only_what_we_asked_for_is_ours(
    counter: Counter, needed: SeriesNeeded, trait: dict[str, object]
) -> None:
    """Our question was lost on its way, and somebody else has registered the name meanwhile."""
    real = counter.channel("at_portugal")
    ours = asked_for(needed, counter)
    [(name, value)] = trait.items()
    if name in ("class", "certificate"):
        changes: dict[str, object] = {"facts": {**ours.facts, name: value}}
    elif isinstance(value, timedelta):
        changes = {name: ours.starts_on + value}
    else:
        changes = trait
    theirs = msgspec.structs.replace(ours, **changes)

    def ask(message: Message, credentials: Mapping[str, str]) -> object:
        known = real.ask(message, credentials)
        if name == "class" and isinstance(known, KnownSeries):
            facts = {**known.series.facts, "class": "WD"}
            return msgspec.structs.replace(
                known, series=msgspec.structs.replace(known.series, facts=facts)
            )
        return known

    def send(_: Message, credentials: Mapping[str, str]) -> Answer:
        there = msgspec.structs.replace(theirs, facts={**theirs.facts, "class": "SI"})
        assert isinstance(real.send(there, credentials), Accepted)
        return Later(reason="the answer was lost")

    refusal(prepared(counter, needed, with_(real, send=send, ask=ask)), "ISSUE-SERIES-01")
    assert states(counter) == [("wanted", "")]
    refusal(prepared(counter, needed), "ISSUE-SERIES-01")


def test_what_is_older_than_our_question_is_not_ours(
    counter: Counter, needed: SeriesNeeded
) -> None:
    """Registered yesterday, to be used from today on."""
    real, ours = counter.channel("at_portugal"), asked_for(needed, counter)
    counter.clock.move(days=-1)
    real.send(ours, LOGIN)
    counter.clock.move(days=1)

    def ask(message: Message, credentials: Mapping[str, str]) -> object:
        return real.ask(message, credentials) if seen else Rejected(faults=())

    def send(_: Message, __: Mapping[str, str]) -> Answer:
        seen.append(1)
        return Later(reason="the answer was lost")

    seen: list[int] = []
    refusal(prepared(counter, needed, with_(real, send=send, ask=ask)), "ISSUE-SERIES-01")


def test_refused_credentials_leave_a_lost_answer_open(
    counter: Counter, needed: SeriesNeeded
) -> None:
    real = counter.channel("at_portugal")
    with pytest.raises(KeyboardInterrupt):
        prepared(counter, needed, dying(real, after=True))
    password(counter, "wrong")
    assert [fault.code for fault in prepared(counter, needed)] == ["ISSUE-SERIES-02"]
    assert states(counter) == [("asked", "")]

    password(counter, "right")
    assert prepared(counter, needed) == ()


def test_many_threads_that_need_one_series_agree_on_one(
    counter: Counter, needed: SeriesNeeded
) -> None:
    """Each has a process's own memory; who finds another one asking comes again, as over HTTP."""
    start = threading.Barrier(5)

    def prepare(_: int) -> Faults:
        services, channel = counter.other_services(), counter.channel("at_portugal")
        start.wait()
        while True:
            try:
                return series.prepare(services, lambda _: channel, needed)
            except Unavailable as trouble:
                if trouble.code != series.BEING_ASKED:
                    raise

    with ThreadPoolExecutor(5) as pool:
        outcomes = list(pool.map(prepare, range(5)))

    assert outcomes == [()] * 5
    assert [state for state, _ in states(counter)] == ["active"]


def test_who_has_been_overtaken_while_it_asked_changes_nothing(
    counter: Counter, needed: SeriesNeeded
) -> None:
    """Another process holds the question by now: whatever is answered here is not for us."""
    real = counter.channel("at_portugal")

    def send(message: Message, credentials: Mapping[str, str]) -> Rejected:
        with writing(counter.engine) as tx:
            tx.execute(SERIES.update().values(holder="another process"))
        return Rejected(faults=(Fault(code="AT-0", text="no"),))

    with pytest.raises(Unavailable) as waits:
        prepared(counter, needed, with_(real, send=send))

    assert waits.value.code == series.BEING_ASKED
    assert states(counter) == [("asked", "")]


def test_who_has_been_overtaken_before_it_asks_again_sends_nothing(
    counter: Counter, needed: SeriesNeeded
) -> None:
    real = counter.channel("at_portugal")
    with pytest.raises(KeyboardInterrupt):
        prepared(counter, needed, dying(real, after=False))
    counter.clock.move(days=1)
    sent: list[Message] = []

    def ask(message: Message, credentials: Mapping[str, str]) -> Known:
        with writing(counter.engine) as tx:
            tx.execute(SERIES.update().values(holder="another process"))
        return real.ask(message, credentials)

    def send(message: Message, credentials: Mapping[str, str]) -> Rejected:
        sent.append(message)
        return Rejected(faults=())

    with pytest.raises(Unavailable) as waits:
        prepared(counter, needed, with_(real, ask=ask, send=send))

    assert waits.value.code == series.BEING_ASKED
    assert sent == []
