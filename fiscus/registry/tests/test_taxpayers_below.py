"""Whose taxpayers one sees: those of the organization and of all below it."""

import pytest
from sqlalchemy import Engine

from fiscus.model.faults import Missing
from fiscus.registry import taxpayers
from fiscus.registry.organizations import ACCOUNT, GROUP, UNIT
from fiscus.registry.tests.builders import a_taxpayer, an_id, an_organization
from fiscus.store.connect import writing


def test_one_sees_the_taxpayers_of_all_organizations_below_in_the_order_of_their_ids(
    engine: Engine,
) -> None:
    with writing(engine) as tx:
        account = an_organization(tx, ACCOUNT)
        group, other = (an_organization(tx, GROUP, account) for _ in range(2))
        units = [an_organization(tx, UNIT, parent) for parent in (group, group, account, other)]
        ids = [a_taxpayer(tx, unit).taxpayer.id for unit in units]

        def seen(viewer: str, after: str = "", limit: int = 10, regime: str = "") -> list[str]:
            found = taxpayers.below(tx, viewer, regime=regime, after=after, limit=limit)
            return [view.taxpayer.id for view in found]

        assert seen(account) == sorted(ids)
        assert seen(group) == sorted(ids[:2])
        assert seen(units[3]) == [ids[3]]
        assert seen(an_id()) == []
        assert seen(account, after=sorted(ids)[1]) == sorted(ids)[2:]
        assert seen(account, limit=1) == sorted(ids)[:1]
        assert seen(account, regime="it") == sorted(ids)
        assert seen(account, regime="pt") == []


def test_a_taxpayer_tells_whose_it_is(engine: Engine) -> None:
    with writing(engine) as tx:
        view = a_taxpayer(tx)

        assert taxpayers.owner(tx, view.taxpayer.id) == view.taxpayer.organization
        with pytest.raises(Missing):
            taxpayers.owner(tx, an_id())
