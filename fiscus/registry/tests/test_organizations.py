import os

import pytest
from sqlalchemy import Engine

from fiscus.model.faults import Conflict, Missing
from fiscus.model.ids import uuid4s
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.registry import bootstrap, keys, organizations
from fiscus.registry.organizations import ACCOUNT, GROUP, UNIT
from fiscus.registry.tests.builders import an_id, an_organization
from fiscus.store.connect import reading, writing


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
            tx, account="A", group="G", environment="test",
            ids=uuid4s(os.urandom), entropy=os.urandom, at=MORNING,
        )  # fmt: skip

    with reading(engine) as tx:
        assert keys.proven(tx, first.key, first.secret).organization == first.organization_id
        group = organizations.read(tx, first.organization_id)
        account = organizations.read(tx, group.parent)
    assert (group.type, account.type, account.parent) == (GROUP, ACCOUNT, "")
