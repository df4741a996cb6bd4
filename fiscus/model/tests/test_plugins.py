"""How a plug-in point finds its plug-ins in folders."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fiscus.model.plugins import plugged


@pytest.fixture
def point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty package of plug-ins."""
    folder = tmp_path / "point_here"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "point_here"]:
        del sys.modules[name]


def add(point: Path, folder: str, *codes: str, family: str = "PLUGS") -> None:
    (point / folder).mkdir()
    made = ", ".join(f'Plug("{code}")' for code in codes)
    kind = "class Plug:\n    def __init__(self, code):\n        self.code = code\n"
    text = f"{kind}{family} = ({made},)\n"
    (point / folder / "__init__.py").write_text(text)


def found(point: Path) -> list[str]:
    return list(plugged("point_here", [str(point)], "PLUGS", object))


def test_every_folder_shows_its_plug_ins_by_code(point: Path) -> None:
    add(point, "two", "b", "c")
    add(point, "one", "a")

    assert sorted(found(point)) == ["a", "b", "c"]


def test_tests_modules_and_other_families_are_no_plug_ins(point: Path) -> None:
    add(point, "one", "a")
    add(point, "tests", "t")
    add(point, "other", "o", family="OTHERS")
    (point / "module.py").write_text("raise AssertionError('a module is no plug-in')\n")

    assert found(point) == ["a"]


def test_two_plug_ins_of_one_code_are_refused(point: Path) -> None:
    add(point, "one", "a")
    add(point, "two", "a")

    with pytest.raises(ValueError, match="claim the code a"):
        found(point)


def test_what_is_of_another_kind_is_a_bug(point: Path) -> None:
    add(point, "one", "a")

    with pytest.raises(AssertionError):
        plugged("point_here", [str(point)], "PLUGS", Path)
