"""The registers that orders act at: who is in service, and what belongs to whom."""

import pytest
from sqlalchemy import Engine

from fiscus.issuing.tests.counter import (
    Counter,
    a_receipt,
    failure,
)
from fiscus.registry import registers, taxpayers
from fiscus.registry.tests.builders import (
    move_register,
    move_taxpayer,
)
from fiscus.registry.views import LifecycleState, OperatingMode
from fiscus.store.connect import writing


@pytest.fixture
def plain(engine: Engine) -> Counter:
    """In Italy, as far as we know its law: numbers only."""
    return Counter(engine, "it")


@pytest.mark.parametrize("mode", [OperatingMode.SUSPENDED, None])
@pytest.mark.parametrize("what", ["taxpayer", "register"])
def test_only_who_is_in_service_issues(
    plain: Counter, what: str, mode: OperatingMode | None
) -> None:
    intent = plain.intends()[0]
    plain.sells(a_receipt())
    with writing(plain.engine) as tx:
        register = registers.read(tx, plain.shop.organization, plain.shop.register)
        to = (
            (LifecycleState.COMMISSIONED, mode)
            if mode
            else (LifecycleState.DECOMMISSIONED, OperatingMode.INACTIVE)
        )
        if what == "register":
            move_register(tx, plain.shop.organization, register, to)
        elif mode:
            move_taxpayer(tx, taxpayers.by_id(tx, plain.shop.taxpayer), to)
        else:
            pytest.skip("a taxpayer leaves after its registers")

    answers = plain.together(plain.open(), plain.issue(a_receipt(), intent))

    assert [failure(answer) for answer in answers] == ["ISSUE-PLACE-01"] * 2
