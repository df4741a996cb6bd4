"""What two revisions are compared by: pairs of runs, and the median of their ratios."""

from typing import Any

import pytest

from bench.compare import Compared, Ratios, Result, markdown, medians, pair
from bench.loads import Figure
from bench.machine import machine, rsa_1024


def a_figure(**members: Any) -> Figure:
    usual: dict[str, Any] = {
        "engine": "sqlite",
        "processes": 1,
        "registers": 16,
        "clients": 64,
        "documents": 5000,
        "per_second": 1000.0,
        "begin_p50_ms": 10.0,
        "begin_p99_ms": 20.0,
        "conclude_p50_ms": 30.0,
        "conclude_p99_ms": 60.0,
        "server_ms": 0.9,
        "client_ms": 0.1,
        "yardstick": (10000, 10000),
        "ratio": 0.1,
        "failures": [],
    }
    return Figure(**(usual | members))


def some_ratios(per_second: float) -> Ratios:
    return Ratios(per_second=per_second, ratio=1.0, server_ms=1.0, client_ms=1.0, p99=1.0)


def test_a_pair_divides_this_tree_by_the_other_revision() -> None:
    here = a_figure(per_second=1500.0, ratio=0.12, server_ms=0.6, client_ms=0.2, conclude_p99_ms=30)

    assert pair("here", a_figure(), here).ratios == Ratios(
        per_second=1.5, ratio=1.2, server_ms=0.6667, client_ms=2.0, p99=0.5
    )


def test_nothing_is_divided_by_nothing() -> None:
    nothing = a_figure(per_second=0.0, ratio=0.0, server_ms=0.0, client_ms=0.0, conclude_p99_ms=0.0)

    assert pair("here", nothing, a_figure()).ratios.per_second == 0


@pytest.mark.parametrize(
    ("seen", "middle"), [([1.1, 0.9, 5.0], 1.1), ([0.5, 1.0, 1.2, 9.0], 1.1), ([0.7], 0.7)]
)
def test_one_odd_pair_does_not_move_the_median(seen: list[float], middle: float) -> None:
    assert medians([some_ratios(one) for one in seen]).per_second == middle


def test_the_table_shows_each_pair_and_the_median() -> None:
    pairs = [
        pair("other", a_figure(), a_figure(per_second=1200.0)),
        pair("here", a_figure(per_second=800.0), a_figure(per_second=1200.0)),
    ]
    compared = Compared(pairs=pairs, medians=medians([one.ratios for one in pairs]))
    result = Result(
        machine=machine(),
        revision="abc",
        seed=1,
        seconds=4.0,
        compared=[compared],
        verdicts=["abc: good", "here: good"],
        is_good=True,
    )

    said = markdown(result, rsa_1024())

    assert "| 1 | other | 1000.0, 1200.0, 1.200 |" in said
    assert "| 2 | here | 800.0, 1200.0, 1.500 |" in said
    assert "| median |  | **1.350** (1.200 to 1.500) |" in said
    assert said.endswith("abc: good\nhere: good")
