"""Registers: where they stand, and when they may move."""

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.model.faults import Refused
from fiscus.registry import registers
from fiscus.registry.tests.builders import (
    IN_SERVICE,
    a_branch,
    a_register,
    a_taxpayer,
    move_location,
    move_register,
    move_taxpayer,
)
from fiscus.registry.views import LifecycleState, OperatingMode
from fiscus.store.connect import writing

SUSPENDED = (LifecycleState.COMMISSIONED, OperatingMode.SUSPENDED)


GONE = (LifecycleState.DECOMMISSIONED, OperatingMode.INACTIVE)


replace = msgspec.structs.replace


def test_a_register_moves_to_another_location_only_before_its_first_service(
    engine: Engine,
) -> None:
    with writing(engine) as tx:
        owner = move_taxpayer(tx, a_taxpayer(tx), IN_SERVICE).taxpayer
        unit = owner.organization
        one, two = a_branch(tx, owner), a_branch(tx, owner)
        register = a_register(tx, one, unit)
        moved = move_register(tx, unit, register, location=two.location.id)
        assert moved.location == two.location.id

        move_location(tx, unit, two, IN_SERVICE)
        used = move_register(tx, unit, move_register(tx, unit, moved, IN_SERVICE), SUSPENDED)
        with pytest.raises(Refused) as caught:
            move_register(tx, unit, used, location=one.location.id)

    assert caught.value.code == registers.MOVED
