"""Locations: the head office follows its taxpayer."""

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.model.faults import Conflict
from fiscus.registry import locations
from fiscus.registry.tests.builders import (
    IN_SERVICE,
    a_taxpayer,
    move_location,
)
from fiscus.registry.views import LifecycleState, OperatingMode
from fiscus.store.connect import writing

SUSPENDED = (LifecycleState.COMMISSIONED, OperatingMode.SUSPENDED)


GONE = (LifecycleState.DECOMMISSIONED, OperatingMode.INACTIVE)


replace = msgspec.structs.replace


def test_the_head_office_cannot_be_moved_without_its_taxpayer(engine: Engine) -> None:
    with writing(engine) as tx:
        view = a_taxpayer(tx)
        office = locations.read(tx, view.taxpayer.organization, view.taxpayer.id)
        with pytest.raises(Conflict) as caught:
            move_location(tx, view.taxpayer.organization, office, IN_SERVICE)
        labelled = move_location(
            tx, view.taxpayer.organization, office, metadata={"a": "b"}, state=office.state
        )

    assert caught.value.code == locations.FOLLOWS
    assert labelled.metadata == {"a": "b"}
