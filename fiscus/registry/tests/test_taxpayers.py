"""Taxpayers: one for a unit, with its head office, its secrets and its facts."""

import msgspec
import pytest
from sqlalchemy import Engine, select

from fiscus.model.faults import Conflict
from fiscus.registry import locations, taxpayers
from fiscus.registry.tests.builders import (
    IN_SERVICE,
    a_register,
    a_taxpayer,
    a_vault,
    move_register,
    move_taxpayer,
)
from fiscus.registry.views import LifecycleState, OperatingMode
from fiscus.store.connect import writing
from fiscus.store.schema import TAXPAYER

SUSPENDED = (LifecycleState.COMMISSIONED, OperatingMode.SUSPENDED)


GONE = (LifecycleState.DECOMMISSIONED, OperatingMode.INACTIVE)


replace = msgspec.structs.replace


def test_a_unit_has_one_taxpayer(engine: Engine) -> None:
    with writing(engine) as tx:
        first = a_taxpayer(tx)
        with pytest.raises(Conflict) as caught:
            a_taxpayer(tx, first.taxpayer.organization)

    assert caught.value.code == taxpayers.SECOND_TAXPAYER


def test_a_taxpayer_starts_acquired_with_its_head_office(engine: Engine) -> None:
    with writing(engine) as tx:
        view = a_taxpayer(tx)
        office = locations.read(tx, view.taxpayer.organization, view.taxpayer.id)

    assert (view.state, view.mode) == (LifecycleState.ACQUIRED, OperatingMode.INACTIVE)
    assert office.is_head_office
    assert (office.location.name, office.state) == (
        view.taxpayer.legal_name,
        LifecycleState.ACQUIRED,
    )
    assert view.metadata == {"erp": "7"}


def test_a_taxpayer_waits_for_the_registers_of_its_head_office_too(engine: Engine) -> None:
    with writing(engine) as tx:
        view = move_taxpayer(tx, a_taxpayer(tx), IN_SERVICE)
        unit = view.taxpayer.organization
        office = locations.read(tx, unit, view.taxpayer.id)
        move_register(tx, unit, a_register(tx, office, unit), IN_SERVICE)
        with pytest.raises(Conflict) as caught:
            move_taxpayer(tx, view, GONE)

    assert caught.value.code == locations.HAS_REGISTERS


def test_credentials_are_kept_closed_and_open_for_their_taxpayer_alone(engine: Engine) -> None:
    with writing(engine) as tx:
        view = a_taxpayer(tx, secrets={"username": "u", "password": "canary"})
        id_, unit = view.taxpayer.id, view.taxpayer.organization
        row = tx.execute(select(TAXPAYER)).one()
        kept = taxpayers.credentials(tx, a_vault(), unit, id_)
        move_taxpayer(tx, view, IN_SERVICE)
        unchanged = taxpayers.credentials(tx, a_vault(), unit, id_)
        move_taxpayer(tx, taxpayers.by_id(tx, id_), secrets={"username": "v", "password": "w"})
        changed = taxpayers.credentials(tx, a_vault(), unit, id_)

    assert b"canary" not in row.secrets
    assert "canary" not in str(row)
    assert kept == unchanged == {"username": "u", "password": "canary"}
    assert changed == {"username": "v", "password": "w"}


def test_facts_change_freely_until_a_document_exists(engine: Engine) -> None:
    with writing(engine) as tx:
        view = a_taxpayer(tx)
        other = replace(view.taxpayer, facts={"tax_id_number": "514200111"})
        changed = move_taxpayer(tx, view, content=other)

    assert changed.taxpayer.facts == {"tax_id_number": "514200111"}
