"""Sums are computed in the browser as they are on the server: exact fractions, the same choices."""

import random
from decimal import Decimal
from typing import Any

from fiscus.model.amounts import plain
from fiscus.model.explained import ExplainedTerm, ExplainedTotal, PageText, TotalRounding
from tests.browser.scripts import Scripts

D = Decimal
RUN = """
    const {verdict, computed} = await import("/static/formulas.js");
    return given.totals.map((one) => [verdict(one), computed(one).choices]);
"""


def as_data(total: ExplainedTotal) -> dict[str, Any]:
    """As the page hands a total over."""
    return {
        "terms": [[plain(one.amount), plain(one.times), plain(one.by)] for one in total.terms],
        "rounding": total.rounding.value,
        "decimals": total.decimals,
        "sealed": None if total.sealed is None else plain(total.sealed),
    }


def some_totals(chance: random.Random) -> list[ExplainedTotal]:
    """Of each rounding, with and without what was sealed, right and wrong by a cent."""
    found = []
    for number in range(400):
        rate = chance.choice([D(23), D(19), D(7), D("10.7"), D(4), D(0)])
        terms = tuple(
            ExplainedTerm(D(chance.randint(-99_999, 99_999)).scaleb(-2), rate, 100 + rate)
            for _ in range(chance.randint(1, 4))
        )
        rounding = list(TotalRounding)[number % len(TotalRounding)]
        if rounding is TotalRounding.EXACT:
            terms = tuple(ExplainedTerm(one.amount) for one in terms)
        decimals = chance.choice([2, 2, 5, 8])
        one = ExplainedTotal(name=PageText("x"), terms=terms, rounding=rounding, decimals=decimals)
        off = chance.choice([D(0), D(0), D("0.01")])
        sealed = None if number % 7 == 0 else chance.choice(one.choices) + off
        found.append(
            ExplainedTotal(
                name=one.name, terms=terms, rounding=rounding, decimals=decimals, sealed=sealed
            )
        )
    return found


def test_the_browser_and_the_server_come_to_the_same(alone: Scripts) -> None:
    totals = some_totals(random.Random(7))

    answers = alone.run(RUN, totals=[as_data(one) for one in totals])

    assert len({one.is_right for one in totals}) == 2
    for total, (found, choices) in zip(totals, answers, strict=True):
        assert found["isRight"] == total.is_right, total
        assert D(found["result"]) == total.result, total
        assert [D(one) for one in choices] == list(total.choices), total


def test_halves_and_signs_are_rounded_as_named(alone: Scripts) -> None:
    halves = ["1.005", "-1.005", "1.004", "0", "-0.001"]
    totals = [
        {"terms": [[amount, "1", "1"]], "rounding": rounding, "decimals": 2, "sealed": None}
        for rounding in ("half_up", "half_either", "next", "cut")
        for amount in halves
    ]

    found = [choices for _, choices in alone.run(RUN, totals=totals)]

    assert found == [
        *(["1.01"], ["-1.01"], ["1"], ["0"], ["0"]),
        *(["1.01", "1"], ["-1", "-1.01"], ["1"], ["0"], ["0"]),
        *(["1", "1.01"], ["-1.01", "-1"], ["1", "1.01"], ["0"], ["-0.01", "0"]),
        *(["1"], ["-1"], ["1"], ["0"], ["0"]),
    ]


def test_what_does_not_end_is_no_exact_value(alone: Scripts) -> None:
    third = {"terms": [["1", "1", "3"]], "rounding": "exact", "decimals": 2, "sealed": "0.33"}

    [[found, choices]] = alone.run(RUN, totals=[third])

    assert (found["isRight"], choices) == (False, [""])
