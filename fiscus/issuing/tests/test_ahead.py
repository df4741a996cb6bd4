"""Series that are ordered ahead of their use."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from fiscus.channels import Answer, Later, Message, RegisterSeries
from fiscus.issuing import adopting, ahead, taken, upkeep
from fiscus.issuing.ahead import AheadOrder
from fiscus.issuing.tests.authority import elsewhere, password, refusal, refused
from fiscus.issuing.tests.counter import Counter, a_receipt
from fiscus.issuing.tests.ending_series import EndingAuthority, finish, the, work
from fiscus.model.faults import Conflict, Refused, Trouble
from fiscus.model.records import SeriesPurpose
from fiscus.registry import registers
from fiscus.registry.series import SeriesState, SeriesView
from fiscus.store.connect import reading, writing

RECOVERY = SeriesPurpose.RECOVERY


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


@pytest.fixture
def authority(counter: Counter) -> EndingAuthority:
    return EndingAuthority(counter.channel("at_portugal"))


def wants(counter: Counter, name: str = "BLOCO", **more: Any) -> SeriesView:
    said: dict[str, Any] = {
        "taxpayer": counter.shop.taxpayer,
        "document_type": "FR",
        "name": name,
        "location": counter.shop.location,
    }
    with writing(counter.engine) as tx:
        return ahead.order(tx, counter.services, AheadOrder(**(said | more)))


@pytest.mark.parametrize(
    ("name", "purpose"),
    [("BLOCO", SeriesPurpose.NORMAL), ("BLOCO.F", SeriesPurpose.TRAINING), ("BLOCO", RECOVERY)],
)
def test_a_series_is_registered_for_its_purpose_before_anybody_sells(
    counter: Counter, authority: EndingAuthority, name: str, purpose: SeriesPurpose
) -> None:
    later = counter.clock().date() + timedelta(days=9)
    sent: list[RegisterSeries] = []

    def send(message: Message, credentials: Mapping[str, str]) -> Answer:
        assert isinstance(message, RegisterSeries)
        sent.append(message)
        return authority.send(message, credentials)

    view = wants(counter, name, purpose=purpose, starts_on=later)
    assert (view.state, view.starts_on, view.purpose) == (SeriesState.WANTED, later, purpose)
    assert work(counter, authority.connection(send=send)) == 1

    [message] = sent
    assert (message.purpose, message.starts_on, message.first_number) == (purpose, later, 1)
    there = the(counter, name)
    assert (there.state, there.registered_on) == (SeriesState.ACTIVE, counter.clock().date())
    assert wants(counter, name, purpose=purpose).series.id == view.series.id
    assert work(counter, authority.connection()) == 0
    counter.assert_proved()


def test_the_first_sale_does_not_ask_any_more(counter: Counter, authority: EndingAuthority) -> None:
    wants(counter)
    work(counter, authority.connection())
    [answer] = counter.together(counter.issue(a_receipt(series="BLOCO")))
    assert type(answer).__name__ == "OrderDone"


def test_a_recovery_series_takes_no_sale(counter: Counter, authority: EndingAuthority) -> None:
    """Neither while it is only wanted, nor later."""
    wants(counter, purpose=RECOVERY)
    for _ in range(2):
        text = refusal(refused(counter, a_receipt(series="BLOCO")), taken.OTHER_PURPOSE.id)
        assert "is for recovery, not normal" in text
        assert "BLOCO-2 is free" in text
        work(counter, authority.connection())
    assert the(counter, "BLOCO").purpose is RECOVERY


def test_everything_that_is_wrong_is_said_at_once(counter: Counter) -> None:
    yesterday = counter.clock().date() - timedelta(days=1)
    with pytest.raises(Refused) as wrong:
        wants(counter, "A b", location="nowhere", starts_on=yesterday)
    assert {fault.code: fault.paths for fault in wrong.value.faults} == {
        adopting.NOT_ITS_PLACE.id: ("location",),
        adopting.NO_SUCH_SERIES.id: ("document_type", "name"),
        ahead.IN_THE_PAST.id: ("starts_on",),
    }


@pytest.mark.parametrize(
    ("name", "purpose"),
    [("A", SeriesPurpose.TRAINING), ("A.F", SeriesPurpose.NORMAL), ("A.F", RECOVERY)],
)
def test_a_name_that_says_another_purpose_is_refused(
    counter: Counter, name: str, purpose: SeriesPurpose
) -> None:
    with pytest.raises(Refused) as wrong:
        wants(counter, name, purpose=purpose)
    assert wrong.value.code.id == ahead.WRONG_PURPOSE.id


def test_what_is_wanted_may_be_said_anew_until_it_is_asked_for(
    counter: Counter, authority: EndingAuthority
) -> None:
    first = wants(counter, purpose=RECOVERY)
    second = wants(counter)
    assert (first.series.id, second.purpose) == (second.series.id, SeriesPurpose.NORMAL)
    work(counter, authority.connection())
    with pytest.raises(Conflict) as otherwise:
        wants(counter, purpose=RECOVERY)
    assert otherwise.value.code == ahead.TAKEN_OTHERWISE
    counter.assert_proved()


def test_what_has_ended_is_not_ordered_again(counter: Counter, authority: EndingAuthority) -> None:
    counter.sells(a_receipt())
    finish(counter)
    with pytest.raises(Conflict) as ended:
        wants(counter, "LOJA")
    assert ended.value.code == taken.ENDED


def test_a_series_stays_at_its_location(counter: Counter, authority: EndingAuthority) -> None:
    counter.sells(a_receipt())
    with reading(counter.engine) as tx:
        other = registers.read(tx, counter.shop.organization, elsewhere(counter)).location
    with pytest.raises(Conflict) as there:
        wants(counter, "LOJA", location=other)
    assert there.value.code == ahead.TAKEN_OTHERWISE


def test_a_law_without_registration_takes_no_order(engine: Engine) -> None:
    plain = Counter(engine, "it")
    with pytest.raises(Trouble, match="ISSUE-END-02"):
        wants(plain)


def test_credentials_that_are_refused_are_tried_again_and_a_refusal_is_not(
    counter: Counter, authority: EndingAuthority
) -> None:
    password(counter, "wrong")
    wants(counter)
    work(counter, authority.connection())
    view = the(counter, "BLOCO")
    assert view.state is SeriesState.WANTED
    assert "ISSUE-SERIES-02" not in view.said
    assert "credentials" in view.said

    counter.clock.move(seconds=60)
    work(counter, authority.connection())
    password(counter, "right")
    counter.clock.move(seconds=3600)
    assert work(counter, authority.connection()) == 1
    assert the(counter, "BLOCO").state is SeriesState.ACTIVE


def test_an_order_whose_answer_is_lost_is_asked_again_and_never_assumed(
    counter: Counter, authority: EndingAuthority
) -> None:
    wants(counter, starts_on=date(2027, 1, 1))
    asked: list[Message] = []

    def ask(message: Message, credentials: Mapping[str, str]) -> object:
        asked.append(message)
        return authority.ask(message, credentials) if len(asked) == 1 else Later(reason="away")

    def send(message: Message, credentials: Mapping[str, str]) -> Answer:
        authority.send(message, credentials)
        return Later(reason="away")

    work(counter, authority.connection(ask=ask, send=send))
    assert the(counter, "BLOCO").state is SeriesState.ASKED
    counter.clock.move(seconds=60)
    assert work(counter, authority.connection(send=lambda *_: pytest.fail("sent twice"))) == 1
    view = the(counter, "BLOCO")
    assert (view.state, view.starts_on) == (SeriesState.ACTIVE, date(2027, 1, 1))
    assert upkeep.standing_words(view) == ""
