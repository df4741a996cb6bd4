"""What is said of a series that is somebody else's, and which name is free."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.channels import Accepted, Later, Message
from fiscus.issuing.answers import OrderDone, SeriesNeeded
from fiscus.issuing.tests.authority import (
    LOGIN,
    asked_for,
    elsewhere,
    needs,
    number,
    numbered,
    prepared,
    refusal,
    refused,
    with_,
)
from fiscus.issuing.tests.counter import Counter, a_receipt
from fiscus.registry.tests.builders import (
    another_register,
)
from fiscus.store.connect import writing


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


def test_a_free_name_is_free_here_and_there_and_lawful(counter: Counter) -> None:
    """The first names are taken: one here, one at the authority; long names are cut."""
    long = "L" * 35
    here = needs(counter, long[:33] + "-2")
    assert prepared(counter, here) == ()
    real = counter.channel("at_portugal")
    for name in (long, long[:33] + "-3"):
        foreign = msgspec.structs.replace(asked_for(here, counter), name=name)
        assert isinstance(real.send(foreign, LOGIN), Accepted)

    text = refusal(prepared(counter, needs(counter, long)), "ISSUE-SERIES-01")
    free = text.partition("series (")[2].partition(" is free")[0]
    assert free == long[:33] + "-4"
    assert prepared(counter, needs(counter, free)) == ()


def test_a_proposed_training_name_is_said_without_its_ending(counter: Counter) -> None:
    training = needs(counter, is_training=True)
    real = counter.channel("at_portugal")
    real.send(asked_for(training, counter), LOGIN)

    text = refusal(prepared(counter, training), "ISSUE-SERIES-01")
    assert "FR LOJA.F, not from us" in text
    assert "LOJA-2 is free" in text


def test_a_name_that_is_free_for_nobody_knows_is_not_proposed(counter: Counter) -> None:
    real, needed = counter.channel("at_portugal"), needs(counter)
    real.send(asked_for(needed, counter), LOGIN)
    asked: list[str] = []

    def ask(message: Message, credentials: Mapping[str, str]) -> object:
        asked.append(message.name)
        return real.ask(message, credentials) if len(asked) == 1 else Later(reason="silence")

    text = refusal(prepared(counter, needed, with_(real, ask=ask)), "ISSUE-SERIES-01")
    assert "send another series, or" in text


def test_a_series_belongs_to_the_first_location_that_uses_it(counter: Counter) -> None:
    counter.sells(a_receipt(series="TILL-1"))
    other = elsewhere(counter)

    text = refusal(refused(counter, a_receipt(series="till/1"), other), "ISSUE-SERIES-05")
    assert "till-1-2 is free" in text
    assert numbered(counter) == 1
    proposed = text.partition("series (")[2].partition(" is free")[0]
    intent = counter.intends(register=other)[0]
    assert number(counter.sells(a_receipt(series=proposed), intent=intent)) == 1
    assert number(counter.sells(a_receipt(series="TILL-1"))) == 2


def test_in_one_group_two_locations_get_what_is_theirs(counter: Counter) -> None:
    counter.sells(a_receipt(series="TILL-1"))
    other = elsewhere(counter)
    here = counter.issue(a_receipt(series="TILL-1"), counter.intends()[0])
    there = counter.issue(a_receipt(series="TILL-1"), counter.intends(register=other)[0])

    answers = counter.together(there, here)

    assert isinstance(answers[0], SeriesNeeded)
    assert isinstance(answers[1], OrderDone)


def test_two_registers_of_one_location_share_a_series(counter: Counter) -> None:
    with writing(counter.engine) as tx:
        second = another_register(tx, counter.shop)
    counter.sells(a_receipt(series="TILL-1"))

    intent = counter.intends(register=second)[0]
    assert number(counter.sells(a_receipt(series="TILL-1"), intent=intent)) == 2


def test_registers_that_name_no_series_have_their_own(counter: Counter) -> None:
    with writing(counter.engine) as tx:
        second = another_register(tx, counter.shop)
    registers = ("", second, elsewhere(counter))

    sold = [
        counter.sells(a_receipt(series=""), intent=counter.intends(register=one)[0])
        for one in registers
    ]

    assert len({body.numbered.name for body in sold if body.numbered}) == 3


def test_a_later_taxpayer_of_the_number_never_starts_at_one_again(counter: Counter) -> None:
    counter.sells(a_receipt())
    counter.closes_down()
    nif = {"tax_id_number": counter.shop.owner.removeprefix("pt:")}
    later = Counter(counter.engine, "pt", counter.folder, facts=nif)
    assert later.shop.owner == counter.shop.owner

    text = refusal(refused(later, a_receipt(series="loja")), "ISSUE-SERIES-04")
    assert "loja-2 is free" in text
    assert "fiscus series adopt" in text
    assert number(later.sells(a_receipt(series="LOJA-2"))) == 1


def test_ten_other_names_are_asked_about_and_no_more(counter: Counter) -> None:
    """An authority that has them all is not asked for ever."""
    real, needed = counter.channel("at_portugal"), needs(counter)
    real.send(asked_for(needed, counter), LOGIN)
    names: list[str] = []

    def ask(message: Message, credentials: Mapping[str, str]) -> object:
        names.append(message.name)
        return real.ask(msgspec.structs.replace(message, name="LOJA"), credentials)

    text = refusal(prepared(counter, needed, with_(real, ask=ask)), "ISSUE-SERIES-01")
    assert "send another series, or" in text
    assert names == ["LOJA", *(f"LOJA-{count}" for count in range(2, 12))]
