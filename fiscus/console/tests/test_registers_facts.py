"""How registers stand, as values."""

from datetime import timedelta

import pytest

from fiscus.api.families.reporting.tests.berlin import Kiosk
from fiscus.console import registers_facts
from fiscus.console.registers_facts import Reach, RegisterFilter
from fiscus.console.tests.people import organization_of, register_of, shop_in_berlin
from fiscus.model.faults import Missing
from fiscus.store.connect import reading
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Till


@pytest.fixture
def kiosk(premises: Premises) -> Kiosk:
    return shop_in_berlin(premises)


def test_what_a_device_signed_last_is_found_behind_what_it_did_not(kiosk: Kiosk) -> None:
    premises = kiosk.premises
    folder = premises.services.issuing.devices.folder
    kiosk.opens()
    kiosk.sells()
    with reading(premises.services.engine) as tx:
        first = registers_facts.last_signed(tx, register_of(kiosk))
    folder.rename(folder.with_name("away"))
    kiosk.sells()
    with reading(premises.services.engine) as tx:
        second = registers_facts.last_signed(tx, register_of(kiosk))
        reach = Reach(organization=organization_of(kiosk))
        facts = registers_facts.facts(premises.services, tx, reach, register_of(kiosk))

    assert first is not None
    assert second == first
    assert facts.signed == first
    assert facts.end.outage is not None
    assert facts.asked is not None
    assert facts.asked.down_since is not None
    assert (facts.may_close, facts.may_notify, facts.needs_device) == (True, True, True)


def test_a_register_in_lisbon_has_no_device(premises: Premises, till: Till) -> None:
    till.sells(words.receipt())
    reach = Reach(organization=till.organization)
    with reading(premises.services.engine) as tx:
        facts = registers_facts.facts(premises.services, tx, reach, till.system)

    assert (facts.device, facts.signed, facts.former, facts.coming) == (None, None, (), None)
    assert (facts.needs_device, facts.may_notify) == (False, False)
    assert facts.end.sequence > facts.end.covered >= 0


def test_closings_are_the_newest_first_within_the_days(kiosk: Kiosk) -> None:
    premises, days = kiosk.premises, []
    for _ in range(3):
        kiosk.opens()
        kiosk.sells()
        kiosk.closing()
        days.append(premises.clock().date())
        premises.clock.move(days=1)
    register = register_of(kiosk)

    def numbers(reach: Reach, **more: object) -> list[int]:
        with reading(premises.services.engine) as tx:
            found = registers_facts.closings(tx, reach, register, limit=2, **more)  # type: ignore[arg-type]
        return [one.number for one in found]

    own = organization_of(kiosk)
    assert numbers(Reach(organization=own)) == [3, 2]
    assert numbers(Reach(organization=own, first=days[1], last=days[1])) == [2]
    assert numbers(Reach(organization=own, last=days[0] - timedelta(days=1))) == []
    assert numbers(Reach(organization="other")) == []
    with reading(premises.services.engine) as tx:
        newest = registers_facts.closings(tx, Reach(organization=own), register, limit=1)
    assert numbers(Reach(organization=own), before=newest[0].id) == [2, 1]


def test_a_register_that_is_not_reached_is_missing(premises: Premises, till: Till) -> None:
    with reading(premises.services.engine) as tx:
        for reach in (
            Reach(organization="other"),
            Reach(organization=till.organization, only=("x",)),
        ):
            with pytest.raises(Missing):
                registers_facts.one(tx, reach, till.system)


def test_a_text_is_looked_for_in_names_and_ids_alone(premises: Premises, till: Till) -> None:
    def found(text: str) -> int:
        which = RegisterFilter(organization=till.organization, text=text)
        with reading(premises.services.engine) as tx:
            return len(registers_facts.listed(tx, which).lines)

    assert found("balcão") == 1
    assert found("LOJA baixa") == 1
    assert found(till.system[:8]) == 1
    assert found("version") == 0


def test_what_the_filters_offer(premises: Premises, till: Till) -> None:
    with reading(premises.services.engine) as tx:
        all_ = registers_facts.choices(tx, till.organization)
        none = registers_facts.choices(tx, till.organization, ("x",))

    assert [(one.id, one.name) for one in all_.places] == [(till.location, "Loja Baixa")]
    assert all_.counts == {"COMMISSIONED": 1}
    assert (none.places, none.counts) == ((), {})
