"""The papers: how wide, how long, how large the letters. Lengths are points (1/72 inch)."""

from enum import StrEnum

import msgspec


class PaperSize(StrEnum):
    """The paper a report is printed on: A4, or a roll."""

    A4 = "a4"
    ROLL = "roll"


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """`height_max` is where the next page begins; an endless sheet is cut below its last line.
    `letter` is the size of the print, `leading` the distance of two lines."""

    width: int
    height_max: int
    margin: int
    letter: int
    leading: int
    is_endless: bool = False

    @property
    def inner(self) -> int:
        return self.width - 2 * self.margin

    @property
    def right(self) -> int:
        return self.width - self.margin


SHEETS = {
    PaperSize.A4: Sheet(width=595, height_max=842, margin=48, letter=9, leading=13),
    # 80 mm, of which a printer reaches 72; PDF ends at 14,400 points, about five metres.
    PaperSize.ROLL: Sheet(
        width=227, height_max=14_000, margin=12, letter=7, leading=10, is_endless=True
    ),
}
