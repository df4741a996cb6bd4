import sys
from pathlib import Path

import pytest

from fiscus import channels, formats, regimes, signers
from fiscus.model.faults import Missing
from fiscus.model.sockets import plugged

PLUGIN = """
from dataclasses import dataclass
from {socket} import Plug
PLUGS = ({plugs},)
"""
SOCKET = """
from dataclasses import dataclass
@dataclass(frozen=True)
class Plug:
    code: str
"""


@pytest.fixture
def socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """An empty socket: a package of a name of its own, which no other test has imported."""
    folder = tmp_path / f"socket_{abs(hash(request.node.nodeid))}"
    folder.mkdir()
    (folder / "__init__.py").write_text(SOCKET)
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder


def a_plugin(socket: Path, folder: str, *codes: str) -> None:
    (socket / folder).mkdir()
    plugs = ", ".join(f"Plug({code!r})" for code in codes)
    (socket / folder / "__init__.py").write_text(PLUGIN.format(socket=socket.name, plugs=plugs))


def test_a_sub_folder_is_a_plug_in_without_being_named_anywhere(socket: Path) -> None:
    a_plugin(socket, "here", "one", "two")
    a_plugin(socket, "there", "three")
    (socket / "tests").mkdir()
    (socket / "plain_module.py").write_text("PLUGS = ()")

    kind = __import__(socket.name).Plug
    found = plugged(socket.name, [str(socket)], "PLUGS", kind)

    assert sorted(found) == ["one", "three", "two"]


def test_two_plug_ins_with_one_code_are_refused(socket: Path) -> None:
    a_plugin(socket, "here", "same")
    a_plugin(socket, "there", "same")

    kind = __import__(socket.name).Plug
    with pytest.raises(ValueError, match="claim the code same"):
        plugged(socket.name, [str(socket)], "PLUGS", kind)


def test_a_folder_shows_only_the_families_it_belongs_to(socket: Path) -> None:
    a_plugin(socket, "here", "one")

    kind = __import__(socket.name).Plug

    assert plugged(socket.name, [str(socket)], "OTHERS", kind) == {}


def test_another_package_plugs_in_by_its_entry_point(
    socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = f"elsewhere_{socket.name}"
    (tmp_path / f"{elsewhere}.py").write_text(PLUGIN.format(socket=socket.name, plugs='Plug("x")'))
    info = tmp_path / f"{elsewhere}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {elsewhere}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{socket.name}]\nx = {elsewhere}\n")

    kind = __import__(socket.name).Plug
    found = plugged(socket.name, [str(socket)], "PLUGS", kind)

    assert list(found) == ["x"]
    monkeypatch.delitem(sys.modules, elsewhere)


@pytest.mark.parametrize("room", [channels, formats, regimes, signers])
def test_every_socket_finds_what_is_installed_and_misses_the_rest(room: object) -> None:
    installed = room.installed()  # type: ignore[attr-defined]

    assert installed
    assert all(room.find(code) is plug for code, plug in installed.items())  # type: ignore[attr-defined]
    with pytest.raises(Missing):
        room.find("os")  # type: ignore[attr-defined]
