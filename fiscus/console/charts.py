"""Charts as SVG elements of our own, with classes of the stylesheet: no script, no style inside."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec
from markupsafe import Markup

WIDTH, HEIGHT, LABELS = 720, 180, 22
"""In units of the drawing, which is as wide as its place; the labels stand below the bars."""


class ChartBar(msgspec.Struct, frozen=True, kw_only=True):
    """One bar: what stands below it (may be empty), and what it says when it is pointed at."""

    value: Decimal
    label: str
    title: str


def bars(chart: Sequence[ChartBar], *, name: str) -> Markup:
    """Bars side by side on a line of zero, some of them below it. `name` is read out by who cannot
    see it: the figures themselves must stand in a table beside it."""
    top = max((bar.value for bar in chart), default=Decimal(0))
    low = min((bar.value for bar in chart), default=Decimal(0))
    top, low = max(top, Decimal(0)), min(low, Decimal(0))
    unit = Decimal(HEIGHT - LABELS) / (top - low or 1)
    zero = top * unit
    step = Decimal(WIDTH) / max(len(chart), 1)
    shapes = [_bar(bar, place * step, step, zero, unit) for place, bar in enumerate(chart)]
    line = _element("line", "zero", x1=0, x2=WIDTH, y1=zero, y2=zero)
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>'
    ).format(WIDTH, HEIGHT, name, Markup("").join(shapes), line)


def _bar(bar: ChartBar, left: Decimal, step: Decimal, zero: Decimal, unit: Decimal) -> Markup:
    height = abs(bar.value) * unit
    shape = (
        Markup("")
        if not height
        else _element(
            "rect",
            "bar" if bar.value >= 0 else "bar below",
            inside=Markup("<title>{}</title>").format(bar.title),
            x=left + step / 8,
            y=zero - height if bar.value >= 0 else zero,
            width=step * 3 / 4,
            height=height,
        )
    )
    if not bar.label:
        return shape
    return shape + _element("text", "label", inside=bar.label, x=left + step / 2, y=HEIGHT - 6)


def _element(tag: str, class_: str, inside: str = "", **places: Decimal | int) -> Markup:
    numbers = {name: f"{Decimal(value):.2f}" for name, value in places.items()}
    attributes = Markup(" ").join(
        Markup('{}="{}"').format(name, number) for name, number in numbers.items()
    )
    return Markup('<{} class="{}" {}>{}</{}>').format(tag, class_, attributes, inside, tag)
