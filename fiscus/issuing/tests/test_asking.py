"""What an authority is asked of a series, and whether what it has answers that."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.channels import (
    Known,
    KnownSeries,
    Later,
    RegisterSeries,
    Rejected,
    SeriesPurpose,
    SeriesStanding,
)
from fiscus.issuing.asking import SeriesQuestion, SeriesRequest
from fiscus.issuing.tests.authority import LOGIN, needs
from fiscus.issuing.tests.counter import Counter
from fiscus.regimes import find

TODAY = date(2026, 5, 4)
SENT = RegisterSeries(
    taxpayer="509876544",
    document_type="FR",
    name="LOJA",
    first_number=1,
    starts_on=TODAY,
    facts={"class": "SI", "certificate": "9999"},
)
replace = msgspec.structs.replace


def asked(sent: RegisterSeries = SENT, on: date = TODAY) -> SeriesQuestion:
    return SeriesQuestion(id="s-1", holder="h", sent=sent, asked_on=on, is_lost=True)


def known(series: RegisterSeries = SENT, **more: Any) -> KnownSeries:
    said: dict[str, Any] = {
        "standing": SeriesStanding.ACTIVE,
        "reference": "AAAA1111",
        "registered_on": TODAY,
    }
    return KnownSeries(series=series, **(said | more))


OTHERS: tuple[Known, ...] = (
    Rejected(faults=()),
    Later(reason="silence"),
    known(standing=SeriesStanding.CANCELLED),
    known(standing=SeriesStanding.FINISHED),
    known(replace(SENT, purpose=SeriesPurpose.TRAINING)),
    known(replace(SENT, purpose=SeriesPurpose.RECOVERY)),
    known(replace(SENT, name="LOJA-2")),
    known(replace(SENT, name="loja")),
    known(replace(SENT, first_number=2)),
    known(replace(SENT, starts_on=TODAY + timedelta(days=1))),
    known(replace(SENT, facts={"class": "SI", "certificate": "1"})),
    known(replace(SENT, facts={"class": "SI", "another": "fact"})),
    known(registered_on=TODAY - timedelta(days=1)),
)


@pytest.mark.parametrize(
    "found",
    [
        known(),
        known(registered_on=TODAY + timedelta(days=1)),
        known(replace(SENT, facts={})),
        known(replace(SENT, facts={"class": "SI"})),
    ],
)
def test_what_agrees_in_all_that_is_told_and_is_no_older_is_the_answer(found: Known) -> None:
    assert asked().is_answered_by(found)


@pytest.mark.parametrize("found", OTHERS)
def test_anything_else_is_somebody_elses(found: Known) -> None:
    assert not asked().is_answered_by(found)


def test_a_question_for_practice_is_answered_by_a_series_for_practice_alone() -> None:
    practice = replace(SENT, purpose=SeriesPurpose.TRAINING)

    assert asked(practice).is_answered_by(known(practice))
    assert not asked(practice).is_answered_by(known(SENT))


def test_what_is_sent_names_the_program_as_the_law_wants_it(engine: Engine, tmp_path: Path) -> None:
    counter = Counter(engine, "pt", tmp_path)
    needed = needs(counter)
    request = SeriesRequest(
        services=counter.services,
        channel=counter.channel("at_portugal"),
        credentials=LOGIN,
        needed=needed,
        regime=find("pt"),
    )

    message = request.message(needed.wanted, "LOJA", request.today)

    assert request.today == TODAY
    assert (message.taxpayer, message.document_type) == (needed.tax_number, "FR")
    assert (message.name, message.first_number, message.starts_on) == ("LOJA", 1, TODAY)
    assert message.facts["certificate"] == "9999"
    assert needed.wanted.facts.items() <= message.facts.items()
    assert request.ask(message) == Rejected(faults=())


def test_today_is_a_day_of_the_law(engine: Engine, tmp_path: Path) -> None:
    """Summer in Lisbon is an hour ahead of UTC."""
    counter = Counter(engine, "pt", tmp_path)
    request = SeriesRequest(
        services=counter.services,
        channel=counter.channel("at_portugal"),
        credentials={},
        needed=needs(counter),
        regime=find("pt"),
    )
    counter.clock.now = counter.clock.now.replace(hour=22, minute=59, second=59)
    assert request.today == TODAY
    counter.clock.now = counter.clock.now.replace(hour=23, minute=0, second=0)
    assert request.today == TODAY + timedelta(days=1)
