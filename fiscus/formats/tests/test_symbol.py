"""The QR symbol: the authority's examples, and what a printer makes of it."""

import json
import struct
from pathlib import Path

import pytest

from fiscus.formats import symbol

TEXTS = ("A:1", "A:509876544*B:999999990*C:PT" * 4, "X" * 452, "Ç" * 300)


def png_size(image: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", image[16:24])
    return width, height


def dots_per_metre(image: bytes) -> int:
    at = image.index(b"pHYs") + 4
    return int(struct.unpack(">I", image[at : at + 4])[0])


def test_the_official_examples_have_the_official_sizes(shared_data: Path) -> None:
    path = shared_data / "pt" / "vectors" / "qr_vectors_at_spec.json"
    vectors = json.loads(path.read_text(encoding="utf-8"))

    versions = [symbol.symbol(vector["string"]).version for vector in vectors]

    assert versions == [17, 9, 10, 9]


@pytest.mark.parametrize("text", TEXTS)
def test_every_symbol_is_of_level_m_and_not_too_small(text: str) -> None:
    code = symbol.symbol(text)

    assert code.error == "M"
    assert int(code.version) >= 9
    assert code.mode == "byte"


def test_another_floor_can_be_asked_for() -> None:
    assert symbol.symbol("A:1", version_min=1).version == 1


@pytest.mark.parametrize("text", TEXTS)
def test_the_image_is_thirty_millimetres_on_paper_without_its_white_border(text: str) -> None:
    code = symbol.symbol(text)
    image = symbol.png(code)
    modules = 17 + 4 * int(code.version)
    width, height = png_size(image)

    scale = next(s for s in range(1, 99) if s * modules * 254 >= 300 * 300)
    border = width - scale * modules

    assert width == height
    assert dots_per_metre(image) == 11811
    assert border % (2 * scale) == 0
    assert border // 2 >= max(2 * scale, 30)


def test_the_terminal_shows_two_rows_of_modules_a_line() -> None:
    code = symbol.symbol("A:1")

    lines = symbol.terminal(code).splitlines()

    assert {len(line) for line in lines} == {57}
    assert len(lines) == 29
