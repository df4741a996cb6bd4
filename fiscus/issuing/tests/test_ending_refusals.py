"""What an authority refuses of an end because it was told twice."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.channels import Answer, Known, Later, Message
from fiscus.issuing.tests.authority import needs
from fiscus.issuing.tests.counter import Counter, a_receipt
from fiscus.issuing.tests.ending_series import EndingAuthority, order, refusal, the, work
from fiscus.registry.series import SeriesState

FINISHED, CANCELLED = SeriesState.FINISHED, SeriesState.CANCELLED


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


@pytest.fixture
def authority(counter: Counter) -> EndingAuthority:
    return EndingAuthority(counter.channel("at_portugal"))


@pytest.mark.parametrize("to", [FINISHED, CANCELLED])
def test_a_refusal_of_a_second_copy_is_no_refusal(
    counter: Counter, authority: EndingAuthority, to: SeriesState
) -> None:
    """Somebody on the way repeats the message, and the answer to the copy is the one that comes:
    nothing may be numbered in a series that the authority has cancelled."""
    counter.prepare(needs(counter))
    if to is FINISHED:
        counter.sells(a_receipt())
    order(counter, to)

    def worked_twice(message: Message, credentials: Mapping[str, str]) -> Answer:
        authority.send(message, credentials)
        return authority.send(message, credentials)

    work(counter, authority.connection(send=worked_twice))

    assert len(authority.sent) == 2
    assert the(counter).state is to
    counter.assert_proved()


def test_after_a_refusal_that_nobody_confirms_a_cancellation_is_asked_about_again(
    counter: Counter, authority: EndingAuthority
) -> None:
    counter.prepare(needs(counter))
    order(counter, CANCELLED)
    asked: list[Message] = []

    def falls_silent(message: Message, credentials: Mapping[str, str]) -> Known:
        asked.append(message)
        return Later(reason="silence") if len(asked) > 1 else authority.ask(message, credentials)

    no = authority.connection(ask=falls_silent, send=lambda *_: refusal("AT-SERIES-4004"))
    work(counter, no)

    assert the(counter).state is SeriesState.CANCELLING
    counter.clock.move(minutes=1)
    work(counter, authority.connection())
    assert the(counter).state is CANCELLED
