"""What a test takes from a sub-user or a taxpayer, and gives back."""

import pytest

from fiscus.channels.at_portugal.simulator import permissions
from fiscus.channels.at_portugal.simulator.faults import BadFault
from fiscus.channels.at_portugal.simulator.tests import messages
from fiscus.channels.at_portugal.simulator.tests.messages import NIF, REGISTER_SERIES, USER
from fiscus.channels.at_portugal.simulator.tests.visitor import Visitor, text


def test_a_taxpayer_without_activity_registers_no_series_and_moves_no_goods(
    visitor: Visitor,
) -> None:
    permissions.set_activity(visitor.folder, NIF, is_open=False)
    refused = visitor.series("registarSerie", REGISTER_SERIES)
    moved = visitor.transport(messages.MOVEMENT)
    permissions.set_activity(visitor.folder, NIF, is_open=True)
    taken = visitor.series("registarSerie", REGISTER_SERIES)

    assert [text(one, "codResultOper") for one in (refused, taken)] == ["4043", "2001"]
    assert text(moved, "ReturnCode") == "-10"


def test_a_narrowed_sub_user_gets_all_back(visitor: Visitor) -> None:
    permissions.narrow(visitor.folder, USER, "WFA WDT")
    assert text(visitor.series("consultarSeries", []), "Code") == "99"
    permissions.narrow(visitor.folder, USER, "all")

    assert text(visitor.series("consultarSeries", []), "codResultOper") == "2002"


def test_profiles_are_those_of_the_authority(visitor: Visitor) -> None:
    with pytest.raises(BadFault, match="WDT, WFA, WSE"):
        permissions.narrow(visitor.folder, USER, "ADMIN")
