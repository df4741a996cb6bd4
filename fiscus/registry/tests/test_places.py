"""Taxpayers, locations and registers: made, moved, edited, and remembered in all versions."""

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.model.faults import Conflict, Missing, Refused
from fiscus.model.kinds import StatementKind
from fiscus.model.places import Taxpayer
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.registry import lifecycle, locations, registers, taxpayers, versions
from fiscus.registry.tests.builders import (
    IN_SERVICE,
    a_branch,
    a_register,
    a_shop,
    a_taxpayer,
    an_address,
    an_organization,
    another_register,
    move_location,
    move_register,
    move_taxpayer,
)
from fiscus.registry.views import MOVES, LifecycleState, OperatingMode, Standing
from fiscus.store.connect import reading, writing

SUSPENDED = (LifecycleState.COMMISSIONED, OperatingMode.SUSPENDED)
GONE = (LifecycleState.DECOMMISSIONED, OperatingMode.INACTIVE)
ALLOWED = [(now, to) for now, reachable in MOVES.items() for to in sorted(reachable)]

replace = msgspec.structs.replace


def way_to(now: Standing) -> tuple[Standing, ...]:
    ways = {IN_SERVICE: (IN_SERVICE,), SUSPENDED: (IN_SERVICE, SUSPENDED), GONE: (IN_SERVICE, GONE)}
    return ways.get(now, ())


@pytest.mark.parametrize(("now", "to"), ALLOWED, ids=str)
def test_taxpayer_head_office_branch_and_register_move_as_the_table_says(
    engine: Engine, now: Standing, to: Standing
) -> None:
    with writing(engine) as tx:
        view = a_taxpayer(tx)
        unit = view.taxpayer.organization
        for step in (*way_to(now), to):
            view = move_taxpayer(tx, view, step)
            office = locations.read(tx, unit, view.taxpayer.id)
            assert (view.state, view.mode) == (office.state, office.mode) == step
        owner = move_taxpayer(tx, a_taxpayer(tx), IN_SERVICE).taxpayer
        branch = a_branch(tx, owner)
        for step in (*way_to(now), to):
            branch = move_location(tx, owner.organization, branch, step)
            assert (branch.state, branch.mode) == step
        register = a_register(
            tx, locations.read(tx, owner.organization, owner.id), owner.organization
        )
        for step in (*way_to(now), to):
            register = move_register(tx, owner.organization, register, step)
            assert (register.state, register.mode) == step


def test_what_the_table_does_not_know_is_refused_and_leaves_nothing(engine: Engine) -> None:
    with writing(engine) as tx:
        view = a_taxpayer(tx)
    with pytest.raises(Refused) as caught, writing(engine) as tx:
        move_taxpayer(tx, view, GONE)

    assert caught.value.code == lifecycle.FORBIDDEN
    with reading(engine) as tx:
        assert taxpayers.by_id(tx, view.taxpayer.id) == view


def test_nothing_goes_into_service_before_what_stands_above_it(engine: Engine) -> None:
    with writing(engine) as tx:
        owner = a_taxpayer(tx).taxpayer
        branch = a_branch(tx, owner)
        register = a_register(tx, branch, owner.organization)
        with pytest.raises(Conflict) as above_branch:
            move_location(tx, owner.organization, branch, IN_SERVICE)
        with pytest.raises(Conflict) as above_register:
            move_register(tx, owner.organization, register, IN_SERVICE)

    for caught in (above_branch, above_register):
        assert caught.value.code == locations.PARENT_IDLE


def test_nothing_goes_out_of_service_before_what_stands_below_it(engine: Engine) -> None:
    with writing(engine) as tx:
        shop = a_shop(tx)
        owner = taxpayers.by_id(tx, shop.taxpayer)
        branch = locations.read(tx, shop.organization, shop.location)
        register = registers.read(tx, shop.organization, shop.register)
        with pytest.raises(Conflict) as caught:
            move_taxpayer(tx, owner, GONE)
        assert caught.value.code == taxpayers.HAS_CHILDREN
        with pytest.raises(Conflict) as caught:
            move_location(tx, shop.organization, branch, GONE)
        assert caught.value.code == locations.HAS_REGISTERS

        move_register(tx, shop.organization, register, GONE)
        move_location(tx, shop.organization, branch, GONE)
        assert move_taxpayer(tx, owner, GONE).state == LifecycleState.DECOMMISSIONED


def test_data_in_service_are_changed_only_after_suspending(engine: Engine) -> None:
    with writing(engine) as tx:
        shop = a_shop(tx)
        owner = taxpayers.by_id(tx, shop.taxpayer)
        branch = locations.read(tx, shop.organization, shop.location)
        register = registers.read(tx, shop.organization, shop.register)
        renamed = replace(owner.taxpayer, legal_name="Nova, Lda.")
        moved = replace(branch.location, name="Loja Alta")
        newer = replace(register.register, software="till 2.0")
        with pytest.raises(Conflict) as caught:
            move_taxpayer(tx, owner, content=renamed)
        assert caught.value.code == taxpayers.IN_SERVICE
        with pytest.raises(Conflict) as caught:
            move_location(tx, shop.organization, branch, content=moved)
        assert caught.value.code == locations.IN_SERVICE
        with pytest.raises(Conflict) as caught:
            move_register(tx, shop.organization, register, content=newer)
        assert caught.value.code == registers.IN_SERVICE

        owner = move_taxpayer(tx, move_taxpayer(tx, owner, SUSPENDED), content=renamed)
        branch = move_location(tx, shop.organization, branch, SUSPENDED)
        branch = move_location(tx, shop.organization, branch, content=moved)
        register = move_register(tx, shop.organization, register, SUSPENDED)
        register = move_register(tx, shop.organization, register, content=newer)
        office = locations.read(tx, shop.organization, shop.taxpayer)

    assert owner.taxpayer.legal_name == office.location.name == "Nova, Lda."
    assert branch.location.name == "Loja Alta"
    assert register.register.software == "till 2.0"


def test_what_is_gone_stays_as_it_was(engine: Engine) -> None:
    with writing(engine) as tx:
        view = move_taxpayer(tx, move_taxpayer(tx, a_taxpayer(tx), IN_SERVICE), GONE)
        with pytest.raises(Refused):
            move_taxpayer(tx, view, content=replace(view.taxpayer, legal_name="X"))


def test_every_change_is_stated_as_a_version_and_old_ones_stay(engine: Engine) -> None:
    clock = StandingClock()
    clock.move(days=1)
    with writing(engine) as tx:
        view = a_taxpayer(tx)
        moved = replace(view.taxpayer, address=an_address(city="Porto"))
        later = move_taxpayer(tx, view, content=moved, at=clock())
        kind, id_ = StatementKind.TAXPAYER, view.taxpayer.id
        first = versions.content(tx, kind, id_, 1)
        second = versions.content(tx, kind, id_, 2)
        stated = [row["version"] for row in versions.rows(tx, kind, id_)]

    assert (view.taxpayer.version, later.taxpayer.version) == (1, 2)
    assert msgspec.json.decode(first, type=Taxpayer) == view.taxpayer
    assert msgspec.json.decode(second, type=Taxpayer).address.city == "Porto"
    assert (later.created_at, later.updated_at) == (MORNING, clock())
    assert stated == [1, 2]


def test_other_tenants_things_are_missing(engine: Engine) -> None:
    with writing(engine) as tx:
        shop, stranger = a_shop(tx), an_organization(tx)
        with pytest.raises(Missing):
            taxpayers.read(tx, stranger, shop.taxpayer)
        with pytest.raises(Missing):
            locations.read(tx, stranger, shop.location)
        with pytest.raises(Missing):
            registers.read(tx, stranger, shop.register)
        assert taxpayers.of(tx, stranger, after="", limit=9) == []
        assert locations.of(tx, stranger, taxpayer=None, after="", limit=9) == []
        assert registers.of(tx, stranger, taxpayer=None, location=None, after="", limit=9) == []


def test_lists_come_by_id_and_filtered(engine: Engine) -> None:
    with writing(engine) as tx:
        shop = a_shop(tx)
        ids = sorted([shop.register, *(another_register(tx, shop) for _ in range(3))])
        unit = shop.organization
        everything = registers.of(
            tx, unit, taxpayer=shop.taxpayer, location=shop.location, after="", limit=9
        )
        page = registers.of(tx, unit, taxpayer=None, location=None, after=ids[0], limit=2)
        at_office = registers.of(tx, unit, taxpayer=None, location=shop.taxpayer, after="", limit=9)
        places = locations.of(tx, unit, taxpayer=shop.taxpayer, after="", limit=9)
        elsewhere = locations.of(tx, unit, taxpayer="nobody", after="", limit=9)

    assert [view.register.id for view in everything] == ids
    assert [view.register.id for view in page] == ids[1:3]
    assert at_office == []
    assert elsewhere == []
    assert {view.location.id for view in places} == {shop.location, shop.taxpayer}
