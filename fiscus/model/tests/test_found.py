"""What a checker found: its first places, how many others, and nothing that harms a terminal."""

import pytest

from fiscus.model.faults import Code, Severity
from fiscus.model.found import PATHS_MAX, FoundPlaces, printable

WRONG, ODD = Code("X-1", "something is wrong"), Code("A-1", "something is odd")


@pytest.mark.parametrize(
    ("count", "more"), [(1, 0), (PATHS_MAX, 0), (PATHS_MAX + 1, 1), (250, 150)]
)
def test_the_first_places_are_kept_and_the_others_counted(count: int, more: int) -> None:
    found = FoundPlaces()
    for number in range(count):
        found.add(WRONG, f"line {number}")

    (fault,) = found.faults(law="a law")

    assert fault.paths == tuple(f"line {number}" for number in range(min(count, PATHS_MAX)))
    assert (fault.more, fault.law, fault.severity) == (more, "a law", Severity.ERROR)


def test_one_place_is_told_once_under_each_code() -> None:
    found = FoundPlaces()
    for code in (WRONG, ODD, WRONG):
        found.add(code, "line 1")

    odd, wrong = found.faults(warnings={ODD})

    assert (odd.code, odd.paths, odd.more, odd.severity) == ("A-1", ("line 1",), 0, "warning")
    assert (wrong.code, wrong.paths, wrong.more, wrong.severity) == ("X-1", ("line 1",), 0, "error")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a.log", "a.log"),
        ("x" * 300, "x" * 300),
        ("x" * 301, "x" * 299 + "…"),
        ("\x1b[2J\n", "\ufffd[2J\ufffd"),
        ("a\u202eb", "a\ufffdb"),
    ],
)
def test_a_name_out_of_a_file_is_short_and_harmless(name: str, shown: str) -> None:
    assert printable(name) == shown
