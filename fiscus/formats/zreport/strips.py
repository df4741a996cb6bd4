"""Blocks become strips: what stands side by side and is never parted by the end of a page."""

from collections.abc import Iterator, Sequence

import msgspec

from fiscus.formats.zreport.blocks import Block, FigureTable, LabelledValues, TextListing, ZReport
from fiscus.formats.zreport.letters import BOLD, REGULAR, width, wrapped
from fiscus.formats.zreport.sheets import Sheet

GAP = 8
"""Least distance between two columns."""

TEXT_SHARE_MIN = 0.38
"""With less of the width than this for its text, a table's row takes two lines."""

SHORT_ROWS = 10
"""A table up to this length is not parted by the end of a page."""

LABEL_SHARE = 0.26
"""Leaves room for the 64 characters of a device's serial number on one line of A4."""


class PlacedText(msgspec.Struct, frozen=True):
    """Text at a distance from the left margin; `is_right`: it ends there."""

    x: float
    text: str
    font: str
    size: int
    is_right: bool = False
    is_pale: bool = False


class PrintLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of print. `keeps_next`: no page ends here; `rule`: a line above it."""

    height: int
    words: tuple[PlacedText, ...] = ()
    keeps_next: bool = False
    rule: bool = False


def strips(report: ZReport, sheet: Sheet) -> Iterator[PrintLine]:
    yield from _plain(report.title, sheet, BOLD, sheet.letter + 5)
    yield from _plain(report.subtitle, sheet, REGULAR, sheet.letter + 1)
    for block in report.blocks:
        yield from _titled(block, sheet)


def _titled(block: Block, sheet: Sheet) -> Iterator[PrintLine]:
    yield PrintLine(height=sheet.leading, keeps_next=True)
    yield from _plain(block.title, sheet, BOLD, sheet.letter + 1)
    match block:
        case LabelledValues():
            yield from _facts(block, sheet)
        case FigureTable():
            yield from _table(block, sheet)
        case TextListing():
            yield from _listing(block, sheet)


def _plain(text: str, sheet: Sheet, font: str, size: int) -> Iterator[PrintLine]:
    for line in wrapped(text, font, size, sheet.inner):
        yield PrintLine(
            height=sheet.leading + size - sheet.letter,
            words=(PlacedText(0, line, font, size),),
            keeps_next=True,
        )


def _facts(block: LabelledValues, sheet: Sheet) -> Iterator[PrintLine]:
    """Label and value in two columns; on narrow paper a long value goes below its label."""
    size, pad = sheet.letter, round(sheet.inner * LABEL_SHARE)
    for label, value in block.rows:
        if not sheet.is_endless:
            lines = wrapped(value, REGULAR, size, sheet.inner - pad)
            yield PrintLine(
                height=sheet.leading,
                words=(_label(label, size), PlacedText(pad, lines[0], REGULAR, size)),
                keeps_next=len(lines) > 1,
            )
            yield from _lines(lines[1:], pad, sheet)
        elif width(label, REGULAR, size) + GAP + width(value, REGULAR, size) <= sheet.inner:
            beside = PlacedText(sheet.inner, value, REGULAR, size, is_right=True)
            yield PrintLine(height=sheet.leading, words=(_label(label, size), beside))
        else:
            yield PrintLine(height=sheet.leading, words=(_label(label, size),), keeps_next=True)
            yield from _lines(wrapped(value, REGULAR, size, sheet.inner - GAP), GAP, sheet)


def _label(text: str, size: int) -> PlacedText:
    return PlacedText(0, text, REGULAR, size, is_pale=True)


def _lines(lines: Sequence[str], x: int, sheet: Sheet) -> Iterator[PrintLine]:
    for line in lines:
        yield PrintLine(height=sheet.leading, words=(PlacedText(x, line, REGULAR, sheet.letter),))


def _table(block: FigureTable, sheet: Sheet) -> Iterator[PrintLine]:
    grid = _Grid.of(block, sheet)
    yield from grid.row(block.head, REGULAR, is_pale=True, keeps_next=True)
    for at, row in enumerate(block.rows, 1):
        is_last = at == len(block.rows)
        stays = bool(block.totals) if is_last else len(block.rows) <= SHORT_ROWS
        yield from grid.row(row, REGULAR, rule=at == 1, keeps_next=stays)
    for at, row in enumerate(block.totals, 1):
        yield from grid.row(row, BOLD, rule=at == 1, keeps_next=at < len(block.totals))


class _Grid(msgspec.Struct, frozen=True, kw_only=True):
    """Where the columns of figures end, and how wide the text before them may be."""

    sheet: Sheet
    rights: tuple[float, ...]
    text_width: float
    is_stacked: bool

    @classmethod
    def of(cls, block: FigureTable, sheet: Sheet) -> "_Grid":
        rows = [row for row in (block.head, *block.rows, *block.totals)]
        columns = range(1, len(block.head))
        widths = [GAP + max(width(row[at], BOLD, sheet.letter) for row in rows) for at in columns]
        text_width = sheet.inner - sum(widths)
        is_stacked = text_width < sheet.inner * TEXT_SHARE_MIN
        if is_stacked:
            even = sheet.inner / len(widths)
            rights = tuple(even * at for at in columns)
            return cls(sheet=sheet, rights=rights, text_width=sheet.inner, is_stacked=True)
        # All tables of A4 share their columns, which the eye follows down the page.
        if not sheet.is_endless:
            widths = [max(one, sheet.inner * 0.16) for one in widths]
        rights = tuple(sheet.inner - sum(widths[at:]) for at in columns)
        return cls(
            sheet=sheet,
            rights=rights,
            text_width=sheet.inner - sum(widths),
            is_stacked=False,
        )

    def row(
        self,
        row: tuple[str, ...],
        font: str,
        *,
        is_pale: bool = False,
        rule: bool = False,
        keeps_next: bool = False,
    ) -> Iterator[PrintLine]:
        """The text, on as many lines as it needs, and the figures: beside its first line, or
        below where there is no room."""
        size, height = self.sheet.letter, self.sheet.leading
        figures = tuple(
            PlacedText(right, text, font, size, is_right=True, is_pale=is_pale)
            for right, text in zip(self.rights, row[1:], strict=True)
            if text
        )
        lines = [
            (PlacedText(0, line, font, size, is_pale=is_pale),)
            for line in wrapped(row[0], font, size, self.text_width)
        ]
        words = [*lines, figures] if self.is_stacked else [lines[0] + figures, *lines[1:]]
        for at, one in enumerate(words):
            yield PrintLine(
                height=height,
                words=one,
                rule=rule and at == 0,
                keeps_next=keeps_next or at < len(words) - 1,
            )


def _listing(block: TextListing, sheet: Sheet) -> Iterator[PrintLine]:
    if not block.items:
        return
    size = sheet.letter - 1
    widest = GAP + max(width(item, REGULAR, size) for item in block.items)
    count = max(1, int(sheet.inner // widest))
    for at in range(0, len(block.items), count):
        beside = block.items[at : at + count]
        yield PrintLine(
            height=sheet.leading,
            words=tuple(
                PlacedText(sheet.inner / count * column, item, REGULAR, size)
                for column, item in enumerate(beside)
            ),
        )
