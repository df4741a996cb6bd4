"""A text as a QR symbol that scans from paper, shared by everything that prints one."""

import io

import segno

VERSION_MIN = 9
"""The Portuguese authority's floor; a longer text gets a larger symbol by itself."""

DOTS_PER_INCH = 300
MILLIMETRES_MIN = 30
QUIET_MODULES_MIN = 2
_MODULES_NONE, _MODULES_PER_VERSION = 17, 4
_TENTHS_PER_INCH = 254
_QUIET_TENTHS_MIN = 25
_QUIET_SVG = 4


def symbol(text: str, version_min: int = VERSION_MIN) -> segno.QRCode:
    """Byte mode, error correction level M, not below the version asked for."""
    smallest = segno.make_qr(text, error="m", mode="byte", boost_error=False)
    if int(smallest.version) >= version_min:
        return smallest
    return segno.make_qr(text, error="m", mode="byte", boost_error=False, version=version_min)


def png(code: segno.QRCode) -> bytes:
    """The symbol as an image that is at least 30 mm wide when printed at 300 dots per inch.

    The white around it is no part of the 30 mm; it is at least two modules and 2.5 mm.
    """
    modules = _MODULES_NONE + _MODULES_PER_VERSION * int(code.version)
    scale = _up(_dots(MILLIMETRES_MIN * 10), modules)
    border = max(QUIET_MODULES_MIN, _up(_dots(_QUIET_TENTHS_MIN), scale))
    out = io.BytesIO()
    code.save(out, kind="png", scale=scale, border=border, dpi=DOTS_PER_INCH)
    return out.getvalue()


def svg(code: segno.QRCode) -> str:
    """The symbol as an SVG element without styles, as wide as there is room."""
    return str(code.svg_inline(border=_QUIET_SVG, omitsize=True, svgclass=None, lineclass=None))


def terminal(code: segno.QRCode) -> str:
    """The symbol in half blocks, two modules a line: for a screen, not for paper."""
    out = io.StringIO()
    code.terminal(out=out, border=QUIET_MODULES_MIN, compact=True)
    return out.getvalue()


def _dots(tenths: int) -> int:
    """Tenths of a millimetre as dots, never too few."""
    return _up(tenths * DOTS_PER_INCH, _TENTHS_PER_INCH)


def _up(amount: int, by: int) -> int:
    return -(-amount // by)
