import os

import pytest
from sqlalchemy import Engine, select

from fiscus.model.faults import Conflict, Missing
from fiscus.model.ids import uuid4s
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.registry import bootstrap, keys, organizations
from fiscus.registry.organizations import ACCOUNT, GROUP, UNIT
from fiscus.registry.roles import Role
from fiscus.registry.tests.builders import MAC, an_id, an_organization
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ORGANIZATION


def test_one_sees_oneself_and_all_below_but_neither_above_nor_beside(engine: Engine) -> None:
    with writing(engine) as tx:
        account = an_organization(tx, ACCOUNT)
        group, other = (an_organization(tx, GROUP, account) for _ in range(2))
        unit = an_organization(tx, UNIT, group)

        for viewer in (account, group, unit):
            assert organizations.visible(tx, viewer, unit).id == unit
        for viewer, wanted in ((unit, group), (group, account), (other, unit), (unit, other)):
            with pytest.raises(Missing):
                organizations.visible(tx, viewer, wanted)


def test_what_is_not_there_is_as_missing_as_what_is_not_visible(engine: Engine) -> None:
    with writing(engine) as tx:
        group, other = an_organization(tx, GROUP), an_organization(tx, GROUP)
        with pytest.raises(Missing) as unknown:
            organizations.visible(tx, group, an_id())
        with pytest.raises(Missing) as foreign:
            organizations.visible(tx, group, other)

    assert str(unknown.value) == str(foreign.value)


def test_what_is_within_is_the_same_asked_one_by_one_and_in_a_query(engine: Engine) -> None:
    with writing(engine) as tx:
        account = an_organization(tx, ACCOUNT)
        group, other = (an_organization(tx, GROUP, account) for _ in range(2))
        units = {an_organization(tx, UNIT, group) for _ in range(2)}
        within = organizations.OrganizationsWithin(tx, group)
        among = organizations.among(ORGANIZATION.c.id, within)

        assert (
            {group, *units}
            == set(within)
            == set(tx.scalars(select(ORGANIZATION.c.id).where(among)))
        )
        assert len(within) == 3
        assert group in within
        assert all(unit in within for unit in units)
        assert not any(one in within for one in (account, other, an_id()))


def test_nothing_is_created_below_a_unit(engine: Engine) -> None:
    with writing(engine) as tx:
        unit = an_organization(tx, UNIT)
        with pytest.raises(Conflict):
            an_organization(tx, UNIT, unit)


def test_children_are_listed_page_by_page_in_the_order_of_their_creation(engine: Engine) -> None:
    clock = StandingClock()
    with writing(engine) as tx:
        group = an_organization(tx, GROUP)
        an_organization(tx, UNIT, an_organization(tx, GROUP))
        made = []
        for _ in range(5):
            clock.move(microseconds=1)
            made.append(
                organizations.create(
                    tx, id_=an_id(), parent=group, type_=UNIT, name="n", metadata={}, at=clock()
                )
            )
        first = organizations.below(tx, group, after="", limit=2)
        rest = organizations.below(tx, group, after=organizations.cursor(first[-1]), limit=9)

    assert [*first, *rest] == made


def test_an_update_changes_what_it_names(engine: Engine) -> None:
    clock = StandingClock()
    clock.move(hours=1)
    with writing(engine) as tx:
        unit = an_organization(tx)
        kept = organizations.update(tx, unit, name=None, metadata={"a": "b"}, at=clock())
        renamed = organizations.update(tx, unit, name="Novo", metadata={}, at=clock())

    assert (kept.name, kept.metadata, kept.updated_at) == ("Padaria", {"a": "b"}, clock())
    assert (renamed.name, renamed.created_at) == ("Novo", MORNING)


def test_the_first_group_comes_with_a_key_that_proves_itself(engine: Engine) -> None:
    with writing(engine) as tx:
        first = bootstrap.found(
            tx,
            MAC,
            account="A",
            group="G",
            environment="test",
            ids=uuid4s(os.urandom),
            entropy=os.urandom,
            by="operator:ana",
            at=MORNING,
        )

    with reading(engine) as tx:
        subject = keys.proven(tx, MAC, first.key, first.secret, MORNING).subject
        assert (subject.organization, subject.role) == (first.organization_id, Role.OWNER)
        group = organizations.read(tx, first.organization_id)
        account = organizations.read(tx, group.parent)
    assert (group.type, account.type, account.parent) == (GROUP, ACCOUNT, "")
