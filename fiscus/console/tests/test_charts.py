"""Charts are plain elements: true to their figures, and nobody's words become markup."""

from decimal import Decimal
from xml.etree import ElementTree

import pytest

from fiscus.console.charts import HEIGHT, LABELS, WIDTH, ChartBar, bars


def drawn(*values: str, label: str = "") -> list[dict[str, str]]:
    chart = [ChartBar(value=Decimal(value), label=label, title=value) for value in values]
    picture = ElementTree.fromstring(bars(chart, name="Hours"))
    return [dict(one.attrib) for one in picture.findall("rect")]


def test_the_highest_bar_fills_the_chart_and_the_others_are_in_proportion() -> None:
    low, high = drawn("5", "10")

    assert float(high["height"]) == HEIGHT - LABELS
    assert float(low["height"]) == pytest.approx((HEIGHT - LABELS) / 2)
    assert float(low["y"]) == pytest.approx((HEIGHT - LABELS) / 2)


def test_what_is_negative_stands_below_the_line_of_zero() -> None:
    above, below = drawn("10", "-10")

    assert (above["class"], below["class"]) == ("bar", "bar below")
    zero = (HEIGHT - LABELS) / 2
    assert float(below["y"]) == pytest.approx(zero)
    assert float(below["height"]) == pytest.approx(zero)


def test_nothing_and_zeros_are_an_empty_chart() -> None:
    assert drawn() == []
    assert drawn("0", "0.00") == []


def test_bars_stay_within_the_chart() -> None:
    for shape in drawn(*["7"] * 24):
        assert 0 <= float(shape["x"]) < float(shape["x"]) + float(shape["width"]) <= WIDTH


def test_no_text_becomes_markup_and_nothing_has_a_style() -> None:
    evil = '<script>&"'
    picture = bars([ChartBar(value=Decimal(1), label=evil, title=evil)], name=evil)

    assert "<script" not in picture
    assert "style=" not in picture
    root = ElementTree.fromstring(picture)
    assert root.attrib["aria-label"] == evil
    assert [one.text for one in root.iter() if one.text] == [evil, evil]
