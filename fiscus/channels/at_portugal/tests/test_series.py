"""Series at the simulated authority: what it accepts, what it refuses, and what it remembers."""

import re
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fiscus import channels
from fiscus.channels import (
    Accepted,
    CancelSeries,
    ChannelConnection,
    FinishSeries,
    KnownSeries,
    Later,
    RegisterSeries,
    Rejected,
    SeriesPurpose,
    SeriesQuery,
    SeriesStanding,
)
from fiscus.channels.at_portugal import simulate

JUST_AFTER_MIDNIGHT_IN_LISBON = datetime(2026, 5, 3, 23, 30, tzinfo=UTC)
LOGIN = {"username": "509876544/1", "password": "example-only"}
OTHER_NIF = "514200111"
FACTS = {"class": "SI", "type": "FR", "certificate": "9999", "processing": "PI"}


def a_series(**changes: Any) -> RegisterSeries:
    series = RegisterSeries(
        taxpayer="509876544",
        document_type="FR",
        name="LOJA-2026",
        first_number=1,
        starts_on=date(2026, 5, 4),
        facts=FACTS,
    )
    return msgspec.structs.replace(series, **changes)


def login_of(series: RegisterSeries) -> Mapping[str, str]:
    return {**LOGIN, "username": f"{series.taxpayer}/1"}


def facts(**changes: str) -> Mapping[str, str]:
    return {**FACTS, **changes}


@pytest.fixture
def authority(tmp_path: Path) -> ChannelConnection:
    return simulate(tmp_path / "authority", lambda: JUST_AFTER_MIDNIGHT_IN_LISBON)


def refusals(answer: channels.Answer) -> dict[str, tuple[str, ...]]:
    assert isinstance(answer, Rejected)
    assert not answer.is_credentials
    return {fault.code: fault.paths for fault in answer.faults}


def test_a_registered_series_gets_a_code_of_eight_clear_characters(
    authority: ChannelConnection,
) -> None:
    answer = authority.send(a_series(), LOGIN)

    assert isinstance(answer, Accepted)
    assert re.fullmatch(r"[A-HJ-NP-Z2-9]{8}", answer.reference)


def test_the_same_series_has_the_same_code_in_every_fresh_world(tmp_path: Path) -> None:
    worlds = [simulate(tmp_path / name, lambda: JUST_AFTER_MIDNIGHT_IN_LISBON) for name in "ab"]

    assert worlds[0].send(a_series(), LOGIN) == worlds[1].send(a_series(), LOGIN)


def test_other_names_types_and_taxpayers_get_other_codes(authority: ChannelConnection) -> None:
    series = [
        a_series(),
        a_series(name="LOJA-2027"),
        a_series(facts=facts(type="FT")),
        a_series(taxpayer=OTHER_NIF),
    ]

    answers = [authority.send(one, login_of(one)) for one in series]

    assert len({answer.reference for answer in answers if isinstance(answer, Accepted)}) == 4


def test_a_name_is_taken_whatever_its_letter_case(authority: ChannelConnection) -> None:
    authority.send(a_series(), LOGIN)

    assert refusals(authority.send(a_series(name="Loja-2026"), LOGIN)) == {
        "AT-SERIES-4001": ("name",)
    }


def test_asking_tells_what_is_registered_and_since_when(authority: ChannelConnection) -> None:
    registered = authority.send(a_series(), LOGIN)

    assert isinstance(registered, Accepted)
    assert authority.ask(a_series(), LOGIN) == KnownSeries(
        series=a_series(),
        standing=SeriesStanding.ACTIVE,
        reference=registered.reference,
        registered_on=date(2026, 5, 4),
        standing_at=JUST_AFTER_MIDNIGHT_IN_LISBON,
    )


def test_asking_for_an_unknown_series_is_rejected_without_faults(
    authority: ChannelConnection,
) -> None:
    assert authority.ask(a_series(), LOGIN) == Rejected(faults=())


@pytest.mark.parametrize(
    "other",
    [
        {"name": "loja-2026"},
        {"purpose": SeriesPurpose.TRAINING},
        {"first_number": 2},
        {"starts_on": date(2026, 5, 9)},
        {"facts": facts(**{"class": "WD"})},
        {"facts": facts(certificate="1")},
        {"facts": facts(processing="OM")},
    ],
)
def test_asking_gives_what_is_there_and_leaves_the_judgement_to_who_asks(
    authority: ChannelConnection, other: dict[str, Any]
) -> None:
    authority.send(a_series(), LOGIN)

    assert authority.ask(a_series(**other), LOGIN) == authority.ask(a_series(), LOGIN)


@pytest.mark.parametrize(
    "other", [{"name": "LOJA"}, {"facts": facts(type="FT")}, {"taxpayer": OTHER_NIF}]
)
def test_another_name_type_or_taxpayer_is_another_series(
    authority: ChannelConnection, other: dict[str, Any]
) -> None:
    authority.send(a_series(), LOGIN)

    asked = a_series(**other)
    assert authority.ask(asked, login_of(asked)) == Rejected(faults=())


def test_a_training_series_is_known_as_one(authority: ChannelConnection) -> None:
    authority.send(a_series(purpose=SeriesPurpose.TRAINING), LOGIN)
    known = authority.ask(a_series(), LOGIN)

    assert isinstance(known, KnownSeries)
    assert known.series.purpose is SeriesPurpose.TRAINING


@pytest.mark.parametrize("is_finished", [True, False])
def test_what_ended_is_known_as_ended_and_its_name_never_comes_back(
    authority: ChannelConnection, is_finished: bool
) -> None:
    of = ended(authority)
    message = FinishSeries(**of, last_number=41) if is_finished else CancelSeries(**of)
    answer = authority.send(message, LOGIN)
    known = authority.ask(message, LOGIN)

    assert isinstance(answer, Accepted)
    assert isinstance(known, KnownSeries)
    assert known.standing is (SeriesStanding.FINISHED if is_finished else SeriesStanding.CANCELLED)
    assert known.last_number == (41 if is_finished else None)
    assert known.standing_at == JUST_AFTER_MIDNIGHT_IN_LISBON
    assert refusals(authority.send(a_series(), LOGIN)) == {"AT-SERIES-4001": ("name",)}


def ended(authority: ChannelConnection, name: str = "LOJA-2026") -> dict[str, Any]:
    """A series that was registered now, as a message to end it names it."""
    answer = authority.send(a_series(name=name), LOGIN)
    assert isinstance(answer, Accepted)
    return {
        "taxpayer": "509876544",
        "document_type": "FR",
        "name": name,
        "facts": FACTS,
        "reference": answer.reference,
    }


def test_a_reason_is_told_as_it_is_written(authority: ChannelConnection) -> None:
    finish = FinishSeries(**ended(authority), last_number=7, reason='Fim <do> "ano" & até já')

    assert isinstance(authority.send(finish, LOGIN), Accepted)


def test_a_series_is_not_finished_below_its_first_number(authority: ChannelConnection) -> None:
    of = ended(authority)
    first = a_series(name="B", first_number=10)
    registered = authority.send(first, LOGIN)
    assert isinstance(registered, Accepted)
    of.update(name="B", reference=registered.reference)

    answer = authority.send(FinishSeries(**of, last_number=9), LOGIN)

    assert refusals(answer) == {"AT-SERIES-4047": ("last_number",)}


def test_what_has_ended_is_not_ended_again(authority: ChannelConnection) -> None:
    of = ended(authority)
    finish = FinishSeries(**of, last_number=41)
    authority.send(finish, LOGIN)

    assert refusals(authority.send(finish, LOGIN)) == {"AT-SERIES-4005": ("name",)}
    assert refusals(authority.send(CancelSeries(**of), LOGIN)) == {"AT-SERIES-4004": ("name",)}


def test_a_list_is_as_narrow_as_the_query(authority: ChannelConnection) -> None:
    for name in ("A", "B"):
        authority.send(a_series(name=name), LOGIN)
    authority.send(a_series(name="A", facts=facts(type="FT")), LOGIN)
    authority.send(CancelSeries(**ended(authority, "C")), LOGIN)

    def told(**narrow: Any) -> list[tuple[str, str]]:
        found = authority.listed(SeriesQuery(taxpayer="509876544", **narrow), LOGIN)
        assert isinstance(found, tuple)
        return sorted((one.series.document_type, one.series.name) for one in found)

    assert told() == [("FR", "A"), ("FR", "B"), ("FR", "C"), ("FT", "A")]
    assert told(name="A") == [("FR", "A"), ("FT", "A")]
    assert told(document_type="FT") == [("FT", "A")]
    assert told(standing=SeriesStanding.CANCELLED) == [("FR", "C")]
    assert told(registered_from=date(2026, 5, 4), registered_to=date(2026, 5, 4)) == told()
    assert told(registered_from=date(2026, 5, 5)) == []


def test_days_in_the_wrong_order_list_nothing(authority: ChannelConnection) -> None:
    query = SeriesQuery(
        taxpayer="509876544", registered_from=date(2026, 5, 5), registered_to=date(2026, 5, 4)
    )

    answer = authority.listed(query, LOGIN)

    assert isinstance(answer, Rejected)
    assert [one.code for one in answer.faults] == ["AT-SERIES-4048"]


def test_a_certificate_with_zeros_before_it_is_known_as_it_was_sent(
    authority: ChannelConnection,
) -> None:
    message = a_series(facts=facts(certificate="0030"))
    authority.send(message, LOGIN)

    known = authority.ask(message, LOGIN)

    assert isinstance(known, KnownSeries)
    assert known.series.facts["certificate"] == "0030"


def test_the_series_of_another_taxpayer_are_not_touched(authority: ChannelConnection) -> None:
    """The authority takes from the user name whose series are meant."""
    strange = a_series(taxpayer=OTHER_NIF)

    for answer in (authority.send(strange, LOGIN), authority.ask(strange, LOGIN)):
        assert isinstance(answer, Rejected)
        assert answer.is_credentials
        assert [one.code for one in answer.faults] == ["AT-LOGIN-97"]
    assert authority.ask(strange, login_of(strange)) == Rejected(faults=())


def test_what_was_said_is_kept(authority: ChannelConnection) -> None:
    authority.send(a_series(), LOGIN)
    answer = authority.send(a_series(), LOGIN)

    assert isinstance(answer, Rejected)
    assert answer.said is not None
    assert answer.said.code == "4001"
    assert "LOJA-2026" in answer.said.text


@pytest.mark.parametrize("name", ["A", "a" * 35, "LOJA.1_b-2026"])
def test_a_name_may_have_single_separators_inside(authority: ChannelConnection, name: str) -> None:
    assert isinstance(authority.send(a_series(name=name), LOGIN), Accepted)


@pytest.mark.parametrize(
    "name", ["-A", "A-", "A--B", "A._B", "A B", "A/B", "Série", "a" * 36, "A\n"]
)
def test_a_name_of_other_shape_is_refused(authority: ChannelConnection, name: str) -> None:
    assert refusals(authority.send(a_series(name=name), LOGIN)) == {"AT-SERIES-4003": ("name",)}


@pytest.mark.parametrize("first", [0, -1, 10**25])
def test_the_first_number_is_positive_and_has_25_digits_at_most(
    authority: ChannelConnection, first: int
) -> None:
    answer = authority.send(a_series(first_number=first), LOGIN)

    assert refusals(answer) == {"AT-SERIES-4003": ("first_number",)}


def test_a_first_number_of_25_digits_is_kept_whole(authority: ChannelConnection) -> None:
    authority.send(a_series(first_number=10**25 - 1), LOGIN)
    known = authority.ask(a_series(), LOGIN)

    assert isinstance(known, KnownSeries)
    assert known.series.first_number == 10**25 - 1


@pytest.mark.parametrize("certificate", ["10000", "-1", "12a", "٣"])
def test_a_certificate_is_a_number_up_to_9999(
    authority: ChannelConnection, certificate: str
) -> None:
    answer = authority.send(a_series(facts=facts(certificate=certificate)), LOGIN)

    assert refusals(answer) == {"AT-SERIES-4003": ("facts.certificate",)}


def test_the_means_of_processing_is_one_of_the_list(authority: ChannelConnection) -> None:
    answer = authority.send(a_series(facts=facts(processing="XX")), LOGIN)

    assert refusals(answer) == {"AT-SERIES-4003": ("facts.processing",)}


def test_fields_of_wrong_form_are_named_at_once(authority: ChannelConnection) -> None:
    answer = authority.send(a_series(name="-", facts=facts(processing="XX")), LOGIN)

    assert refusals(answer) == {"AT-SERIES-4003": ("name", "facts.processing")}


def test_missing_fields_are_named(authority: ChannelConnection) -> None:
    answer = authority.send(a_series(name="", facts={"class": "SI"}), LOGIN)

    assert refusals(answer) == {
        "AT-SERIES-4002": (
            "name",
            "facts.certificate",
            "facts.processing",
        )
    }


def test_a_type_belongs_to_its_class(authority: ChannelConnection) -> None:
    answer = authority.send(a_series(facts=facts(type="GT")), LOGIN)

    assert refusals(answer) == {"AT-SERIES-4046": ("facts.type",)}


def test_first_use_is_today_or_later_by_the_calendar_of_lisbon(
    authority: ChannelConnection,
) -> None:
    today, yesterday = date(2026, 5, 4), date(2026, 5, 3)

    assert isinstance(authority.send(a_series(starts_on=today), LOGIN), Accepted)
    assert refusals(authority.send(a_series(name="B", starts_on=yesterday), LOGIN)) == {
        "AT-SERIES-4049": ("starts_on",)
    }


def test_a_refused_series_is_not_remembered(authority: ChannelConnection) -> None:
    authority.send(a_series(first_number=0), LOGIN)

    assert isinstance(authority.send(a_series(), LOGIN), Accepted)


@pytest.mark.parametrize(
    ("credentials", "codes"),
    [
        ({}, ["AT-LOGIN-01", "AT-LOGIN-06"]),
        ({"username": "", "password": "x"}, ["AT-LOGIN-01"]),
        ({"username": "509876544/1"}, ["AT-LOGIN-06"]),
        ({"username": "509876544/1", "password": "wrong"}, ["AT-LOGIN-99"]),
    ],
)
def test_who_is_not_known_is_told_so_and_nothing_is_registered(
    authority: ChannelConnection, credentials: dict[str, str], codes: list[str]
) -> None:
    for answer in (authority.send(a_series(), credentials), authority.ask(a_series(), credentials)):
        assert isinstance(answer, Rejected)
        assert answer.is_credentials
        assert [fault.code for fault in answer.faults] == codes
    assert authority.ask(a_series(), LOGIN) == Rejected(faults=())


def test_a_lost_answer_leaves_the_series_registered(authority: ChannelConnection) -> None:
    login = LOGIN | {"password": "timeout"}

    assert isinstance(authority.send(a_series(), login), Later)
    assert isinstance(authority.ask(a_series(), login), KnownSeries)
    assert refusals(authority.send(a_series(), LOGIN)) == {"AT-SERIES-4001": ("name",)}


def test_a_lost_answer_of_a_refusal_registers_nothing(authority: ChannelConnection) -> None:
    login = LOGIN | {"password": "timeout"}

    assert isinstance(authority.send(a_series(first_number=0), login), Later)
    assert authority.ask(a_series(first_number=0), login) == Rejected(faults=())


def test_of_many_who_register_the_same_series_at_once_one_wins(tmp_path: Path) -> None:
    def register(_: int) -> channels.Answer:
        opened = simulate(tmp_path, lambda: JUST_AFTER_MIDNIGHT_IN_LISBON)
        return opened.send(a_series(), LOGIN)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(register, range(16)))

    assert sum(isinstance(answer, Accepted) for answer in answers) == 1
    assert sum(isinstance(answer, Rejected) for answer in answers) == 15


def test_another_process_sees_the_same_world(authority: ChannelConnection, tmp_path: Path) -> None:
    registered = authority.send(a_series(), LOGIN)
    script = f"""
from datetime import UTC, date, datetime
from pathlib import Path
from fiscus.channels import RegisterSeries
from fiscus.channels.at_portugal import simulate
clock = lambda: datetime(2026, 5, 4, tzinfo=UTC)
opened = simulate(Path({str(tmp_path / "authority")!r}), clock)
series = RegisterSeries(
    taxpayer="509876544", document_type="FR", name="LOJA-2026",
    first_number=1, starts_on=date(2026, 5, 4), facts={FACTS!r},
)
print(opened.ask(series, {LOGIN!r}).reference)
"""

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert isinstance(registered, Accepted)
    assert done.stdout.strip() == registered.reference


def test_an_authority_that_cannot_be_reached_is_later(tmp_path: Path) -> None:
    opened = simulate(tmp_path / "authority", lambda: JUST_AFTER_MIDNIGHT_IN_LISBON)
    (tmp_path / "authority").rename(tmp_path / "elsewhere")

    assert isinstance(opened.send(a_series(), LOGIN), Later)
    assert isinstance(opened.ask(a_series(), LOGIN), Later)
