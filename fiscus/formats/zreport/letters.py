"""The print: an embedded font, so that any name comes out the same on any machine."""

from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR = "DejaVuSans"
BOLD = "DejaVuSans-Bold"

_FOLDER = Path(__file__).parent / "fonts"


@cache
def register() -> None:
    """Reads the fonts, once per process: the library keeps them by name."""
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, _FOLDER / f"{name}.ttf"))


def width(text: str, font: str, size: int) -> float:
    register()
    points: float = pdfmetrics.stringWidth(text, font, size)
    return points


def wrapped(text: str, font: str, size: int, width_max: float) -> list[str]:
    """The text in lines that fit, broken at blanks and, where a word is too long, within it.
    There is always a line; blanks and line ends count as one blank."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if width(joined, font, size) <= width_max:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = _cut(word, font, size, width_max)
        lines += full
    return [*lines, line]


def _cut(word: str, font: str, size: int, width_max: float) -> list[str]:
    """A word in pieces that fit; a letter wider than the paper stands alone."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and width(pieces[-1] + letter, font, size) > width_max:
            pieces.append("")
        pieces[-1] += letter
    return pieces
