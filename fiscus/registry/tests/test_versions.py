"""What the journal states of a thing, and whether its row still says so."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table

from fiscus.model.faults import Conflict, Corrupt
from fiscus.model.kinds import StatementKind
from fiscus.model.tests.clock import MORNING
from fiscus.registry import locations, organizations, registers, taxpayers, versions
from fiscus.registry.tests.builders import (
    a_shop,
    a_taxpayer,
    move_location,
    move_register,
    move_taxpayer,
)
from fiscus.store.connect import writing
from fiscus.store.schema import LOCATION, ORGANIZATION, TAXPAYER


def test_what_was_stated_stays_whatever_becomes_of_the_row(engine: Engine) -> None:
    with writing(engine) as tx:
        view = a_taxpayer(tx)
        id_ = view.taxpayer.id
        first = versions.content(tx, StatementKind.TAXPAYER, id_, 1)
        tx.execute(TAXPAYER.update().values(content="{}"))

        assert versions.content(tx, StatementKind.TAXPAYER, id_, 1) == first
        assert next(versions.rows(tx, StatementKind.TAXPAYER, id_))["version"] == 1
        since = versions.since(tx, StatementKind.TAXPAYER, id_, view.state)
        assert since is not None
        assert versions.since(tx, StatementKind.TAXPAYER, id_, "never") is None


def test_a_row_is_as_stated_after_each_change(engine: Engine) -> None:
    with writing(engine) as tx:
        view = a_taxpayer(tx)
        owner = view.taxpayer.organization
        for table, id_ in ((TAXPAYER, view.taxpayer.id), (ORGANIZATION, owner)):
            versions.expect_stated(tx, table, id_)
        organizations.update(tx, owner, name="Novo", metadata={}, at=MORNING)

        versions.expect_stated(tx, ORGANIZATION, owner)


@pytest.mark.parametrize(
    ("table", "forged"),
    [
        (TAXPAYER, {"content": "{}"}),
        (TAXPAYER, {"regime": "de"}),
        (TAXPAYER, {"secrets": b"other"}),
        (LOCATION, {"content": "{}"}),
    ],
)
def test_a_forged_row_is_found(engine: Engine, table: Table, forged: dict[str, Any]) -> None:
    with writing(engine) as tx:
        id_ = a_taxpayer(tx).taxpayer.id
        versions.expect_stated(tx, table, id_)
        tx.execute(table.update().values(forged))

        with pytest.raises(Corrupt, match="REGISTRY-STATED-01"):
            versions.expect_stated(tx, table, id_)


def test_a_row_that_nobody_stated_is_found(engine: Engine) -> None:
    with writing(engine) as tx, pytest.raises(Corrupt, match="REGISTRY-STATED-01"):
        versions.expect_stated(tx, TAXPAYER, "nothing")


def test_of_two_changes_at_the_same_moment_the_second_is_refused(engine: Engine) -> None:
    """Both have read the same version: two different contents would have the next one."""
    with writing(engine) as tx:
        shop = a_shop(tx)
        taxpayer = taxpayers.by_id(tx, shop.taxpayer)
        place = locations.read(tx, shop.organization, shop.location)
        register = registers.read(tx, shop.organization, shop.register)
    more: Any = {"metadata": {"erp": "8"}}
    changes: list[Callable[[Connection], object]] = [
        lambda tx: move_taxpayer(tx, taxpayer, **more),
        lambda tx: move_location(tx, shop.organization, place, **more),
        lambda tx: move_register(tx, shop.organization, register, **more),
    ]
    for change in changes:
        with writing(engine) as tx:
            change(tx)
        with pytest.raises(Conflict) as refused, writing(engine) as tx:
            change(tx)
        assert refused.value.code is versions.CHANGED

    with writing(engine) as tx:
        for kind, id_ in (("taxpayer", shop.taxpayer), ("register", shop.register)):
            stated = [row["version"] for row in versions.rows(tx, StatementKind(f"{kind}@1"), id_)]
            assert stated == sorted(set(stated))
