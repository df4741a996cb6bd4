"""Draws the report of a closing: the same record gives the same bytes."""

import io
from collections.abc import Iterable, Iterator

from reportlab.pdfgen.canvas import Canvas

from fiscus.formats.zreport.blocks import ZReport
from fiscus.formats.zreport.content import report
from fiscus.formats.zreport.letters import REGULAR, register
from fiscus.formats.zreport.sheets import SHEETS, PaperSize, Sheet
from fiscus.formats.zreport.strips import PrintLine, strips
from fiscus.model.records import EntryBody

PALE = 0.4
"""How white labels are, from 0 to 1."""

RULE_SHARE = 0.28
"""How far below a base line, in lines, a rule is clear of both letters."""


def pdf(body: EntryBody, paper: PaperSize) -> bytes:
    """The closing's report. `body` is the record of a closing, and nothing else is looked at."""
    register()
    sheet, shown = SHEETS[paper], report(body)
    pages = _pages(strips(shown, sheet), sheet)
    out = io.BytesIO()
    # No clock and no chance: the file's id is made from its content, its date is the record's.
    canvas = Canvas(out, invariant=1)
    _describe(canvas, shown)
    for number, page in enumerate(pages, 1):
        height = _height(page, sheet)
        canvas.setPageSize((sheet.width, height))
        _draw(canvas, page, sheet, height)
        if not sheet.is_endless or len(pages) > 1:
            place = shown.page.format(page=number, pages=len(pages))
            _foot(canvas, shown.footer, place, sheet)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _describe(canvas: Canvas, shown: ZReport) -> None:
    canvas.setTitle(f"{shown.title}, {shown.subtitle}")
    canvas.setAuthor(shown.author)
    canvas.setSubject(shown.footer)
    canvas.setCreator("Fiscus")
    canvas.setCatalogEntry("Lang", shown.language)
    canvas.setDateFormatter(lambda *_: shown.created)


def _pages(all_strips: Iterable[PrintLine], sheet: Sheet) -> list[list[PrintLine]]:
    room = sheet.height_max - 2 * sheet.margin - sheet.leading
    pages: list[list[PrintLine]] = [[]]
    used = 0
    for group in _together(all_strips):
        height = sum(strip.height for strip in group)
        if pages[-1] and used + height > room:
            pages.append([])
            used = 0
            # The gap before a title is not needed at the top of a page.
            group = group if group[0].words else group[1:]
        pages[-1] += group
        used += height
    return pages


def _together(all_strips: Iterable[PrintLine]) -> Iterator[list[PrintLine]]:
    """Strips that no end of a page may part."""
    group: list[PrintLine] = []
    for strip in all_strips:
        group.append(strip)
        if not strip.keeps_next:
            yield group
            group = []
    if group:
        yield group


def _height(page: list[PrintLine], sheet: Sheet) -> int:
    if not sheet.is_endless:
        return sheet.height_max
    return sum(strip.height for strip in page) + 2 * sheet.margin + sheet.leading


def _draw(canvas: Canvas, page: list[PrintLine], sheet: Sheet, height: int) -> None:
    y = height - sheet.margin
    for strip in page:
        if strip.rule:
            canvas.setLineWidth(0.4)
            between = y - sheet.leading * RULE_SHARE
            canvas.line(sheet.margin, between, sheet.right, between)
        y -= strip.height
        for word in strip.words:
            canvas.setFont(word.font, word.size)
            canvas.setFillGray(PALE if word.is_pale else 0)
            draw = canvas.drawRightString if word.is_right else canvas.drawString
            draw(sheet.margin + word.x, y, word.text)


def _foot(canvas: Canvas, footer: str, place: str, sheet: Sheet) -> None:
    canvas.setFont(REGULAR, sheet.letter - 1)
    canvas.setFillGray(PALE)
    y = sheet.margin - sheet.leading
    canvas.drawString(sheet.margin, max(y, 4), footer)
    canvas.drawRightString(sheet.right, max(y, 4), place)
