"""A ticket is good once, for some hours, for one person at a time."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from fiscus.checking import tickets
from fiscus.model.faults import Missing, Refused
from tests.support.premises import MONDAY

HOUR = timedelta(hours=1)


def a_ticket(folder: Path, hours: int = 2) -> str:
    return tickets.make(folder, hours=hours, at=MONDAY, entropy=os.urandom)


def test_it_is_good_until_its_hours_are_over(tmp_path: Path) -> None:
    ticket = a_ticket(tmp_path / "t")

    assert tickets.is_good(tmp_path / "t", ticket, MONDAY + 2 * HOUR - timedelta(seconds=1))
    assert not tickets.is_good(tmp_path / "t", ticket, MONDAY + 2 * HOUR)


def test_who_reads_the_folder_has_no_ticket(tmp_path: Path) -> None:
    ticket = a_ticket(tmp_path / "t")
    (name,) = [file.name for file in (tmp_path / "t").iterdir()]

    assert name != ticket
    assert not tickets.is_good(tmp_path / "t", name, MONDAY)


@pytest.mark.parametrize("said", ["", "nothing", "../secret", "x" * 10_000])
def test_what_is_none(tmp_path: Path, said: str) -> None:
    assert not tickets.is_good(tmp_path, said, MONDAY)
    with pytest.raises(Missing), tickets.used(tmp_path, said, MONDAY):
        pass


def test_it_is_used_up(tmp_path: Path) -> None:
    ticket = a_ticket(tmp_path / "t")

    with tickets.used(tmp_path / "t", ticket, MONDAY):
        assert not tickets.is_good(tmp_path / "t", ticket, MONDAY)
        with pytest.raises(Missing), tickets.used(tmp_path / "t", ticket, MONDAY):
            pass

    assert not tickets.is_good(tmp_path / "t", ticket, MONDAY)
    assert list((tmp_path / "t").iterdir()) == []


def test_what_failed_can_be_tried_again(tmp_path: Path) -> None:
    ticket = a_ticket(tmp_path / "t")

    with pytest.raises(ZeroDivisionError), tickets.used(tmp_path / "t", ticket, MONDAY):
        _ = 1 // 0

    assert tickets.is_good(tmp_path / "t", ticket, MONDAY)


def test_there_are_no_more_than_so_many(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    a_ticket(folder)
    for number in range(tickets.TICKETS_MAX - 2):
        (folder / f"{number}").write_text((MONDAY + 2 * HOUR).isoformat())
    a_ticket(folder)

    with pytest.raises(Refused) as refused:
        a_ticket(folder)
    assert refused.value.code is tickets.TOO_MANY

    later = MONDAY + 3 * HOUR
    assert tickets.make(folder, hours=1, at=later, entropy=os.urandom)
    assert len(list(folder.iterdir())) == 1
