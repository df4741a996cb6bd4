import sys
from pathlib import Path

import pytest

from fiscus import channels, formats, regimes, signers
from fiscus.model.faults import Missing
from fiscus.model.plugins import plugged

PLUGIN = """
from dataclasses import dataclass
from {point} import Plug
PLUGS = ({plugs},)
"""
POINT = """
from dataclasses import dataclass
@dataclass(frozen=True)
class Plug:
    code: str
"""


@pytest.fixture
def point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """An empty plug-in point: a package of a name of its own, which no other test has imported."""
    folder = tmp_path / f"point_{abs(hash(request.node.nodeid))}"
    folder.mkdir()
    (folder / "__init__.py").write_text(POINT)
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder


def a_plugin(point: Path, folder: str, *codes: str) -> None:
    (point / folder).mkdir()
    plugs = ", ".join(f"Plug({code!r})" for code in codes)
    (point / folder / "__init__.py").write_text(PLUGIN.format(point=point.name, plugs=plugs))


def test_a_sub_folder_is_a_plug_in_without_being_named_anywhere(point: Path) -> None:
    a_plugin(point, "here", "one", "two")
    a_plugin(point, "there", "three")
    (point / "tests").mkdir()
    (point / "plain_module.py").write_text("PLUGS = ()")

    kind = __import__(point.name).Plug
    found = plugged(point.name, [str(point)], "PLUGS", kind)

    assert sorted(found) == ["one", "three", "two"]


def test_two_plug_ins_with_one_code_are_refused(point: Path) -> None:
    a_plugin(point, "here", "same")
    a_plugin(point, "there", "same")

    kind = __import__(point.name).Plug
    with pytest.raises(ValueError, match="claim the code same"):
        plugged(point.name, [str(point)], "PLUGS", kind)


def test_a_folder_shows_only_the_families_it_belongs_to(point: Path) -> None:
    a_plugin(point, "here", "one")

    kind = __import__(point.name).Plug

    assert plugged(point.name, [str(point)], "OTHERS", kind) == {}


def test_another_package_plugs_in_by_its_entry_point(
    point: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = f"elsewhere_{point.name}"
    (tmp_path / f"{elsewhere}.py").write_text(PLUGIN.format(point=point.name, plugs='Plug("x")'))
    info = tmp_path / f"{elsewhere}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {elsewhere}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{point.name}]\nx = {elsewhere}\n")

    kind = __import__(point.name).Plug
    found = plugged(point.name, [str(point)], "PLUGS", kind)

    assert list(found) == ["x"]
    monkeypatch.delitem(sys.modules, elsewhere)


@pytest.mark.parametrize("point", [channels, formats, regimes, signers])
def test_every_plug_in_point_finds_what_is_installed_and_misses_the_rest(point: object) -> None:
    installed = point.installed()  # type: ignore[attr-defined]

    assert installed
    assert all(point.find(code) is plug for code, plug in installed.items())  # type: ignore[attr-defined]
    with pytest.raises(Missing):
        point.find("os")  # type: ignore[attr-defined]
