"""The simulated authority: what it accepts, what it refuses, and what it remembers."""

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
from fiscus.channels import Accepted, Connection, Later, RegisterSeries, Rejected
from fiscus.channels.at_portugal.simulator import simulate

JUST_AFTER_MIDNIGHT_IN_LISBON = datetime(2026, 5, 3, 23, 30, tzinfo=UTC)
LOGIN = {"username": "509876544/1", "password": "example-only"}
FACTS = {"class": "SI", "type": "FR", "certificate": "9999", "processing": "PI"}


def a_series(**changes: Any) -> RegisterSeries:
    series = RegisterSeries(
        taxpayer="509876544",
        document_type="FR",
        name="LOJA-2026",
        is_training=False,
        first_number=1,
        starts_on=date(2026, 5, 4),
        facts=FACTS,
    )
    return msgspec.structs.replace(series, **changes)


def facts(**changes: str) -> Mapping[str, str]:
    return {**FACTS, **changes}


@pytest.fixture
def authority(tmp_path: Path) -> Connection:
    return simulate(tmp_path / "authority", lambda: JUST_AFTER_MIDNIGHT_IN_LISBON)


def refusals(answer: channels.Answer) -> dict[str, tuple[str, ...]]:
    assert isinstance(answer, Rejected)
    assert not answer.is_credentials
    return {fault.code: fault.paths for fault in answer.faults}


def test_the_channel_is_installed_and_has_no_live_side() -> None:
    channel = channels.find("at_portugal")

    assert channel.simulate is simulate
    assert channel.connect is None


def test_a_registered_series_gets_a_code_of_eight_clear_characters(authority: Connection) -> None:
    answer = authority.send(a_series(), LOGIN)

    assert isinstance(answer, Accepted)
    assert re.fullmatch(r"[A-HJ-NP-Z2-9]{8}", answer.reference)


def test_the_same_series_has_the_same_code_in_every_fresh_world(tmp_path: Path) -> None:
    worlds = [simulate(tmp_path / name, lambda: JUST_AFTER_MIDNIGHT_IN_LISBON) for name in "ab"]

    assert worlds[0].send(a_series(), LOGIN) == worlds[1].send(a_series(), LOGIN)


def test_other_names_types_and_taxpayers_get_other_codes(authority: Connection) -> None:
    series = [
        a_series(),
        a_series(name="LOJA-2027"),
        a_series(facts=facts(type="FT")),
        a_series(taxpayer="514200111"),
    ]

    answers = [authority.send(one, LOGIN) for one in series]

    assert len({answer.reference for answer in answers if isinstance(answer, Accepted)}) == 4


def test_a_name_is_taken_whatever_its_letter_case(authority: Connection) -> None:
    authority.send(a_series(), LOGIN)

    assert refusals(authority.send(a_series(name="Loja-2026"), LOGIN)) == {
        "AT-SERIES-4001": ("name",)
    }


def test_asking_gives_the_code_of_a_registered_series(authority: Connection) -> None:
    registered = authority.send(a_series(), LOGIN)

    assert authority.ask(a_series(), LOGIN) == registered


def test_asking_on_a_later_day_gives_the_same_code(authority: Connection) -> None:
    registered = authority.send(a_series(), LOGIN)

    assert authority.ask(a_series(starts_on=date(2026, 5, 9)), LOGIN) == registered


def test_asking_for_an_unknown_series_is_rejected_without_faults(authority: Connection) -> None:
    assert authority.ask(a_series(), LOGIN) == Rejected(faults=())


@pytest.mark.parametrize(
    "other",
    [
        {"name": "loja-2026"},
        {"is_training": True},
        {"first_number": 2},
        {"facts": facts(**{"class": "WD"})},
    ],
)
def test_asking_does_not_take_another_series_for_this_one(
    authority: Connection, other: dict[str, Any]
) -> None:
    authority.send(a_series(), LOGIN)

    assert authority.ask(a_series(**other), LOGIN) == Rejected(faults=())


@pytest.mark.parametrize("name", ["A", "a" * 35, "LOJA.1_b-2026"])
def test_a_name_may_have_single_separators_inside(authority: Connection, name: str) -> None:
    assert isinstance(authority.send(a_series(name=name), LOGIN), Accepted)


@pytest.mark.parametrize(
    "name", ["-A", "A-", "A--B", "A._B", "A B", "A/B", "Série", "a" * 36, "A\n"]
)
def test_a_name_of_other_shape_is_refused(authority: Connection, name: str) -> None:
    assert refusals(authority.send(a_series(name=name), LOGIN)) == {"AT-SERIES-4003": ("name",)}


@pytest.mark.parametrize("first", [0, -1, 10**25])
def test_the_first_number_is_positive_and_has_25_digits_at_most(
    authority: Connection, first: int
) -> None:
    answer = authority.send(a_series(first_number=first), LOGIN)

    assert refusals(answer) == {"AT-SERIES-4003": ("first_number",)}


def test_a_first_number_of_25_digits_is_kept_whole(authority: Connection) -> None:
    series = a_series(first_number=10**25 - 1)

    assert authority.send(series, LOGIN) == authority.ask(series, LOGIN)


@pytest.mark.parametrize("certificate", ["10000", "-1", "12a", "٣"])
def test_a_certificate_is_a_number_up_to_9999(authority: Connection, certificate: str) -> None:
    answer = authority.send(a_series(facts=facts(certificate=certificate)), LOGIN)

    assert refusals(answer) == {"AT-SERIES-4003": ("facts.certificate",)}


def test_the_means_of_processing_is_one_of_the_list(authority: Connection) -> None:
    answer = authority.send(a_series(facts=facts(processing="XX")), LOGIN)

    assert refusals(answer) == {"AT-SERIES-4003": ("facts.processing",)}


def test_all_wrong_fields_are_named_at_once(authority: Connection) -> None:
    answer = authority.send(
        a_series(
            taxpayer="12345",
            name="-",
            first_number=0,
            starts_on=date(2026, 5, 3),
            facts=facts(**{"class": "XX"}),
        ),
        LOGIN,
    )

    assert refusals(answer) == {
        "AT-SERIES-4003": ("name", "first_number"),
        "AT-SERIES-4043": ("taxpayer",),
        "AT-SERIES-4045": ("facts.class",),
        "AT-SERIES-4049": ("starts_on",),
    }


def test_missing_fields_are_named(authority: Connection) -> None:
    answer = authority.send(a_series(name="", facts={"class": "SI"}), LOGIN)

    assert refusals(answer) == {
        "AT-SERIES-4002": (
            "name",
            "facts.type",
            "facts.certificate",
            "facts.processing",
        )
    }


def test_a_type_belongs_to_its_class(authority: Connection) -> None:
    answer = authority.send(a_series(facts=facts(type="GT")), LOGIN)

    assert refusals(answer) == {"AT-SERIES-4046": ("facts.type",)}


def test_first_use_is_today_or_later_by_the_calendar_of_lisbon(authority: Connection) -> None:
    today, yesterday = date(2026, 5, 4), date(2026, 5, 3)

    assert isinstance(authority.send(a_series(starts_on=today), LOGIN), Accepted)
    assert refusals(authority.send(a_series(name="B", starts_on=yesterday), LOGIN)) == {
        "AT-SERIES-4049": ("starts_on",)
    }


def test_a_refused_series_is_not_remembered(authority: Connection) -> None:
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
    authority: Connection, credentials: dict[str, str], codes: list[str]
) -> None:
    for answer in (authority.send(a_series(), credentials), authority.ask(a_series(), credentials)):
        assert isinstance(answer, Rejected)
        assert answer.is_credentials
        assert [fault.code for fault in answer.faults] == codes
    assert authority.ask(a_series(), LOGIN) == Rejected(faults=())


def test_a_lost_answer_leaves_the_series_registered(authority: Connection) -> None:
    login = LOGIN | {"password": "timeout"}

    assert isinstance(authority.send(a_series(), login), Later)
    assert isinstance(authority.ask(a_series(), login), Accepted)
    assert refusals(authority.send(a_series(), LOGIN)) == {"AT-SERIES-4001": ("name",)}


def test_a_lost_answer_of_a_refusal_registers_nothing(authority: Connection) -> None:
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


def test_another_process_sees_the_same_world(authority: Connection, tmp_path: Path) -> None:
    registered = authority.send(a_series(), LOGIN)
    script = f"""
from datetime import UTC, date, datetime
from pathlib import Path
from fiscus.channels import RegisterSeries
from fiscus.channels.at_portugal.simulator import simulate
clock = lambda: datetime(2026, 5, 4, tzinfo=UTC)
opened = simulate(Path({str(tmp_path / "authority")!r}), clock)
series = RegisterSeries(
    taxpayer="509876544", document_type="FR", name="LOJA-2026", is_training=False,
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
