"""A series ends once, whatever is lost on the way, and takes no document afterwards."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.channels import (
    Answer,
    CancelSeries,
    FinishSeries,
    Known,
    Later,
    Message,
    Rejected,
    Remedy,
    SeriesStanding,
)
from fiscus.issuing import ending, upkeep
from fiscus.issuing.answers import SeriesNeeded
from fiscus.issuing.tests.authority import needs, prepared, refusal, refused
from fiscus.issuing.tests.counter import Counter, a_receipt, done
from fiscus.issuing.tests.ending_series import BY, EndingAuthority, finish, order, the, work
from fiscus.issuing.tests.ending_series import refusal as says_no
from fiscus.model.faults import Conflict, Refused
from fiscus.registry import series
from fiscus.registry.series import SeriesState
from fiscus.store.connect import reading, writing
from fiscus.store.schema import OBLIGATION, SERIES, TASK

FINISHING, FINISHED = SeriesState.FINISHING, SeriesState.FINISHED
CANCELLING, CANCELLED = SeriesState.CANCELLING, SeriesState.CANCELLED


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


@pytest.fixture
def authority(counter: Counter) -> EndingAuthority:
    return EndingAuthority(counter.channel("at_portugal"))


def test_a_series_is_finished_with_its_last_number(
    counter: Counter, authority: EndingAuthority
) -> None:
    counter.sells(a_receipt())
    counter.sells(a_receipt())
    view = finish(counter)

    assert (view.state, view.last_told) == (FINISHING, 2)
    assert work(counter, authority.connection()) == 1
    [sent] = authority.sent
    assert isinstance(sent, FinishSeries)
    assert (sent.last_number, sent.reference) == (2, view.series.validation_code)
    ended = the(counter)
    assert (ended.state, ended.last_told, ended.said) == (FINISHED, 2, "")
    assert ended.ended_at is not None
    counter.assert_proved()


def test_it_takes_no_document_from_the_order_on(
    counter: Counter, authority: EndingAuthority
) -> None:
    """Refused with a free name, before and after the authority knows."""
    counter.sells(a_receipt())
    finish(counter)
    for _ in range(2):
        text = refusal(refused(counter, a_receipt()), "ISSUE-SERIES-09")
        assert "LOJA-2 is free" in text
        work(counter, authority.connection())

    assert the(counter).state is FINISHED
    assert done(counter.settled(counter.issue(a_receipt(series="LOJA-2")))[0]).body.numbered
    counter.assert_proved()


def test_another_process_that_has_it_in_mind_learns_of_the_end(counter: Counter) -> None:
    """What it remembers of the series is looked at again under the lock."""
    other = counter.other_services()
    counter.sells(a_receipt())
    counter.together(counter.issue(a_receipt()), services=other)
    finish(counter)

    [answer] = counter.together(counter.issue(a_receipt()), services=other)
    assert isinstance(answer, SeriesNeeded)
    assert the(counter).number == 2


def test_a_name_that_nobody_said_goes_on_with_the_next_one(counter: Counter) -> None:
    name = counter.sells(a_receipt(series="")).numbered
    assert name is not None
    finish(counter, name.name)

    for number in (1, 2):
        taken = counter.sells(a_receipt(series="")).numbered
        assert taken is not None
        assert (taken.name, taken.number) == (f"{name.name}-2", number)


def test_a_series_without_documents_is_cancelled_on_its_day_and_the_next(
    counter: Counter, authority: EndingAuthority
) -> None:
    counter.prepare(needs(counter))
    with pytest.raises(Conflict) as never_used:
        finish(counter)
    assert never_used.value.code == ending.NEVER_USED

    counter.clock.move(days=1)
    assert order(counter, CANCELLED).state is CANCELLING
    assert refusal(refused(counter, a_receipt()), "ISSUE-SERIES-09")
    work(counter, authority.connection())
    [sent] = authority.sent
    assert isinstance(sent, CancelSeries)
    assert (the(counter).state, the(counter).last_told) == (CANCELLED, 0)
    counter.assert_proved()


def test_everything_against_a_cancellation_is_said_at_once(counter: Counter) -> None:
    counter.sells(a_receipt())
    counter.clock.move(days=2)
    with pytest.raises(Conflict) as against:
        order(counter, CANCELLED)
    codes = {fault.code for fault in against.value.faults}
    assert codes == {ending.USED.id, ending.TOO_LATE.id}


def test_what_is_not_registered_has_no_end(counter: Counter) -> None:
    needed = needs(counter)
    with writing(counter.engine) as tx:
        series.want(tx, counter.services.ids(), needed.wish, counter.clock())
    for to in (FINISHED, CANCELLED):
        with pytest.raises(Conflict) as nothing:
            order(counter, to)
        assert nothing.value.code == ending.NOT_REGISTERED


def test_where_no_authority_registers_series_none_is_ended(engine: Engine) -> None:
    plain = Counter(engine, "it")
    plain.sells(a_receipt())
    with reading(engine) as tx:
        [view] = series.of(tx, plain.shop.taxpayer)
    with pytest.raises(Refused), writing(engine) as tx:
        ending.order(tx, plain.services, view, FINISHED, by=BY)


def test_what_was_ordered_before_is_ordered_once(
    counter: Counter, authority: EndingAuthority
) -> None:
    counter.sells(a_receipt())
    first = finish(counter)
    assert finish(counter) == first
    assert work(counter, authority.connection()) == 1
    assert finish(counter).state is FINISHED
    assert len(authority.sent) == 1
    with pytest.raises(Conflict) as otherwise:
        order(counter, CANCELLED)
    assert otherwise.value.code == ending.OTHERWISE


@pytest.mark.parametrize("to", [FINISHED, CANCELLED])
@pytest.mark.parametrize("is_done", [False, True], ids=["before its effect", "after its effect"])
def test_a_lost_answer_is_asked_for_before_anything_is_sent_again(
    counter: Counter, authority: EndingAuthority, to: SeriesState, is_done: bool
) -> None:
    prepare_for(counter, to)

    def send(message: Message, credentials: Mapping[str, str]) -> Answer:
        if is_done:
            authority.send(message, credentials)
        return Later(reason="the line went dead")

    work(counter, authority.connection(send=send))
    view = the(counter)
    assert view.state in series.ENDING
    assert (view.said, view.attempts) == ("the line went dead", 1)
    assert work(counter, authority.connection()) == 0  # not before a minute has gone by

    counter.clock.move(seconds=60)
    assert work(counter, authority.connection()) == 1
    assert (the(counter).state, len(authority.sent), the(counter).said) == (to, 1, "")
    counter.assert_proved()


def prepare_for(counter: Counter, to: SeriesState) -> None:
    """A series that is about to end so."""
    if to is FINISHED:
        counter.sells(a_receipt())
    else:
        counter.prepare(needs(counter))
    order(counter, to)


@pytest.mark.parametrize("to", [FINISHED, CANCELLED])
@pytest.mark.parametrize("is_done", [False, True], ids=["before the call", "after the call"])
def test_a_process_that_dies_at_the_call_is_followed(
    counter: Counter, authority: EndingAuthority, to: SeriesState, is_done: bool
) -> None:
    """Its task comes back when its lease is over."""
    prepare_for(counter, to)

    def send(message: Message, credentials: Mapping[str, str]) -> Answer:
        if is_done:
            authority.send(message, credentials)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work(counter, authority.connection(send=send))
    assert the(counter).state in series.ENDING
    counter.clock.move(minutes=3)
    work(counter, authority.connection())
    assert (the(counter).state, len(authority.sent)) == (to, 1)


def test_a_task_that_is_gone_is_made_again(counter: Counter, authority: EndingAuthority) -> None:
    counter.sells(a_receipt())
    finish(counter)
    with writing(counter.engine) as tx:
        tx.execute(TASK.delete())
    assert upkeep.follow_up(counter.services) == 0
    counter.clock.move(minutes=3)
    assert upkeep.follow_up(counter.services) == 1
    assert upkeep.follow_up(counter.services) == 0
    work(counter, authority.connection())
    assert the(counter).state is FINISHED


def test_who_cannot_ask_does_not_send(counter: Counter, authority: EndingAuthority) -> None:
    counter.sells(a_receipt())
    finish(counter)

    def away(_: Message, __: Mapping[str, str]) -> Later:
        return Later(reason="nobody answers")

    for attempt in range(1, 12):
        work(counter, authority.connection(ask=away))
        assert the(counter).attempts == attempt
        counter.clock.move(seconds=3600)
    assert (the(counter).state, authority.sent) == (FINISHING, [])


@pytest.mark.parametrize(
    ("remedy", "wait"),
    [
        (Remedy.ACCESS, timedelta(minutes=1)),
        (Remedy.TIME, timedelta(minutes=1)),
        (Remedy.DATA, timedelta(days=1)),
        (Remedy.PROGRAM, timedelta(days=1)),
    ],
)
@pytest.mark.parametrize("step", ["ask", "send"])
def test_a_finish_that_is_refused_stays_due_and_says_why(
    counter: Counter, authority: EndingAuthority, remedy: Remedy, wait: timedelta, step: str
) -> None:
    counter.sells(a_receipt())
    finish(counter)

    def no(_: Message, __: Mapping[str, str]) -> Rejected:
        return says_no("AT-SERIES-4005", remedy)

    work(counter, authority.connection(**{step: no}))
    view = the(counter)
    assert view.state is FINISHING
    assert "AT-SERIES-4005" in view.said
    counter.clock.move(seconds=int(wait.total_seconds()) - 8)
    assert work(counter, authority.connection()) == 0
    counter.clock.move(seconds=8)
    assert work(counter, authority.connection()) == 1
    assert the(counter).state is FINISHED


def test_a_person_who_orders_again_need_not_wait(
    counter: Counter, authority: EndingAuthority
) -> None:
    counter.sells(a_receipt())
    finish(counter)
    work(counter, authority.connection(send=lambda *_: says_no("AT-SERIES-4005")))
    finish(counter)
    assert work(counter, authority.connection()) == 1
    assert the(counter).state is FINISHED


def test_what_cannot_be_cancelled_goes_on(counter: Counter, authority: EndingAuthority) -> None:
    counter.prepare(needs(counter))
    order(counter, CANCELLED)
    work(counter, authority.connection(send=lambda *_: says_no("AT-SERIES-4004")))

    view = the(counter)
    assert (view.state, view.last_told, view.ordered_at) == (SeriesState.ACTIVE, None, None)
    assert "AT-SERIES-4004" in view.said
    assert counter.sells(a_receipt()).numbered
    counter.clock.move(days=2)
    assert work(counter, authority.connection()) == 0
    counter.assert_proved()


def test_what_somebody_ended_otherwise_is_kept_as_it_is_there(
    counter: Counter, authority: EndingAuthority
) -> None:
    """On the authority's own pages, with another number, or as never used."""
    for name, standing, last, state in (
        ("A", SeriesStanding.FINISHED, 7, FINISHED),
        ("B", SeriesStanding.CANCELLED, None, CANCELLED),
    ):
        counter.sells(a_receipt(series=name))
        authority.ended[name] = standing, last
        finish(counter, name)
        work(counter, authority.connection())
        view = the(counter, name)
        assert (view.state, view.last_told) == (state, 1)
        assert "at the authority" in view.said
    assert authority.sent == []
    counter.assert_proved()


def test_a_series_of_another_code_or_none_is_not_ended(
    counter: Counter, authority: EndingAuthority
) -> None:
    counter.sells(a_receipt())
    finish(counter)
    work(counter, authority.connection(ask=lambda *_: Rejected(faults=())))
    assert "does not know" in the(counter).said

    with writing(counter.engine) as tx:
        tx.execute(SERIES.update().values(validation_code="OTHERONE"))
    finish(counter)
    work(counter, authority.connection())
    assert "ours is OTHERONE" in the(counter).said
    assert (the(counter).state, authority.sent) == (FINISHING, [])


def test_documents_that_are_still_to_be_reported_come_first(
    counter: Counter, authority: EndingAuthority
) -> None:
    body = counter.sells(a_receipt())
    assert body.numbered is not None
    with writing(counter.engine) as tx:
        tx.execute(
            OBLIGATION.insert().values(
                id="an-obligation",
                record=body.id,
                organization=counter.shop.organization,
                taxpayer=counter.shop.taxpayer,
                channel="at_portugal",
                kind="document",
                content="",
                reason="",
                line=body.numbered.series,
                number=1,
                rank=0,
                day="2026-05-04",
                state="unknown",
                attempts=1,
                failures=1,
                was_sent=1,
                created_at="2026-05-04T08:00:00.000000Z",
            )
        )
    finish(counter)
    work(counter, authority.connection())
    assert "to be reported" in the(counter).said
    assert authority.sent == []

    with writing(counter.engine) as tx:
        tx.execute(OBLIGATION.update().values(state="accepted"))
    counter.clock.move(minutes=1)
    work(counter, authority.connection())
    assert the(counter).state is FINISHED


def test_two_processes_tell_the_authority_once(
    counter: Counter, authority: EndingAuthority
) -> None:
    counter.sells(a_receipt())
    finish(counter)
    view, start = the(counter), threading.Barrier(4)
    with reading(counter.engine) as tx:
        _, owner = ending.owned(tx, counter.shop.organization, view.series.id)

    def tell(_: int) -> object:
        services = counter.other_services()
        start.wait()
        return ending.tell(services, lambda _: authority.connection(), view, owner)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tell, range(4)))
    assert the(counter).state is FINISHED
    assert len(authority.sent) == 1


def test_who_was_overtaken_at_the_call_changes_nothing(
    counter: Counter, authority: EndingAuthority
) -> None:
    counter.sells(a_receipt())
    finish(counter)

    def send(message: Message, credentials: Mapping[str, str]) -> Answer:
        with writing(counter.engine) as tx:
            tx.execute(SERIES.update().values(holder="another process"))
        return authority.send(message, credentials)

    work(counter, authority.connection(send=send))
    view = the(counter)
    assert (view.state, "another process" in view.said) == (FINISHING, True)


def test_a_sale_and_the_end_at_one_moment_agree_on_the_last_number(counter: Counter) -> None:
    """The end waits for the sale, or the sale finds the series ended: never a number after it."""
    counter.sells(a_receipt())
    orders = [counter.issue(a_receipt()) for _ in range(4)]
    start = threading.Barrier(5)

    def sell(place: int) -> bool:
        services = counter.other_services()
        start.wait()
        return not isinstance(counter.together(orders[place], services=services)[0], SeriesNeeded)

    def end() -> None:
        start.wait()
        finish(counter)

    with ThreadPoolExecutor(5) as pool:
        sales = [pool.submit(sell, place) for place in range(4)]
        pool.submit(end).result()
        sold = sum(one.result() for one in sales)
    view = the(counter)
    assert (view.number, view.last_told) == (1 + sold, 1 + sold)
    counter.assert_proved()


def test_the_answer_of_a_question_that_was_lost_is_followed_up_without_a_sale(
    counter: Counter, authority: EndingAuthority
) -> None:
    needed = needs(counter)

    def send(message: Message, credentials: Mapping[str, str]) -> Answer:
        authority.send(message, credentials)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepared(counter, needed, authority.connection(send=send))
    assert the(counter).state is SeriesState.ASKED
    counter.clock.move(minutes=3)
    assert upkeep.follow_up(counter.services) == 1
    work(counter, authority.connection())
    assert the(counter).state is SeriesState.ACTIVE


def test_what_the_authority_said_is_kept_while_its_answer_is_unknown(
    counter: Counter, authority: EndingAuthority
) -> None:
    needed = needs(counter)
    asked: list[Message] = []

    def ask(message: Message, credentials: Mapping[str, str]) -> Known:
        asked.append(message)
        return authority.ask(message, credentials) if len(asked) == 1 else Later(reason="silence")

    def send(_: Message, __: Mapping[str, str]) -> Answer:
        return Later(reason="silence")

    with pytest.raises(Exception, match="ISSUE-SERIES-03"):
        prepared(counter, needed, authority.connection(ask=ask, send=send))
    view = the(counter)
    assert view.state is SeriesState.ASKED
    assert "silence" in view.said
    assert "silence" in upkeep.standing_words(view)
    counter.clock.move(minutes=1)
    assert work(counter, authority.connection()) == 1
    assert (the(counter).state, the(counter).said) == (SeriesState.ACTIVE, "")


def test_what_helps_against_is_to_wait_is_no_refusal(
    counter: Counter, authority: EndingAuthority
) -> None:
    """No document is refused because the authority has a bad day."""
    needed = needs(counter)
    with pytest.raises(Exception, match="ISSUE-SERIES-08"):
        prepared(
            counter,
            needed,
            authority.connection(send=lambda *_: says_no("AT-SERIES-5000", Remedy.TIME)),
        )
    assert the(counter).state is SeriesState.WANTED
    assert prepared(counter, needed) == ()
