"""Which way to an authority is opened: the simulator's, or the real one once it is set up."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fiscus import channels
from fiscus.channels import Channel, ChannelConnection
from fiscus.model.faults import Fault, Unavailable

NOW = datetime(2026, 5, 4, tzinfo=UTC)


class Opened:
    """A channel of a law of another country, and how it was opened."""

    def __init__(self, *faults: Fault, is_real: bool = True) -> None:
        self.faults = faults
        self.seen: list[Any] = []
        self.channel = Channel(
            code="elsewhere",
            simulate=lambda folder, clock: self._opened("simulated", folder.name),
            connect=(lambda given, clock: self._opened("real", dict(given))) if is_real else None,
            taken=self._taken,
        )

    def _opened(self, *how: Any) -> ChannelConnection:
        self.seen.append(how)
        return ChannelConnection()

    def _taken(self, given: Mapping[str, str], is_live: bool, at: datetime) -> tuple[Fault, ...]:
        self.seen.append((is_live, at))
        return self.faults


def opened(
    monkeypatch: pytest.MonkeyPatch, one: Opened, given: dict[str, str], *, is_live: bool
) -> ChannelConnection:
    monkeypatch.setattr(channels, "installed", lambda: {"elsewhere": one.channel})
    said = {"elsewhere": given} if given else {}
    return channels.opening(said, Path("simulators"), lambda: NOW, is_live=is_live)("elsewhere")


def test_in_test_the_simulator_is_spoken_to(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Opened()

    opened(monkeypatch, one, {}, is_live=False)

    assert one.seen == [("simulated", "simulators")]


@pytest.mark.parametrize("is_live", [True, False])
def test_the_real_one_is_spoken_to_once_it_is_set_up(
    monkeypatch: pytest.MonkeyPatch, is_live: bool
) -> None:
    one = Opened()

    opened(monkeypatch, one, {"key": "k"}, is_live=is_live)

    assert one.seen == [(is_live, NOW), ("real", {"key": "k"})]


@pytest.mark.parametrize(
    ("given", "is_live"), [({}, True), ({"k": "v"}, True), ({"k": "v"}, False)]
)
def test_what_is_not_set_up_well_is_not_opened_and_all_of_it_is_said(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], is_live: bool
) -> None:
    faults = (Fault(code="A-B-01", text="one"), Fault(code="A-B-02", text="two"))
    one = Opened(*faults)

    with pytest.raises(Unavailable) as caught:
        opened(monkeypatch, one, given, is_live=is_live)

    assert (caught.value.code, caught.value.faults) == (channels.NOT_SET_UP, faults)
    assert one.seen == [(is_live, NOW)]


def test_a_simulator_alone_is_nothing_for_live(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable) as caught:
        opened(monkeypatch, Opened(is_real=False), {}, is_live=True)

    assert caught.value.code == channels.NOT_LIVE


def test_what_was_mended_is_opened_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Opened(Fault(code="A-B-01", text="one"))
    monkeypatch.setattr(channels, "installed", lambda: {"elsewhere": one.channel})
    find = channels.opening({}, Path("simulators"), lambda: NOW, is_live=True)
    with pytest.raises(Unavailable):
        find("elsewhere")

    one.faults = ()

    assert find("elsewhere") is find("elsewhere")
    assert [how[0] for how in one.seen].count("real") == 1
