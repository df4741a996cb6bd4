"""Reports are found by what they are about, and counted for the operator."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.channels import Remedy
from fiscus.model.faults import Missing
from fiscus.reporting import listing
from fiscus.reporting.listing import HELP, ReportFilter
from fiscus.reporting.states import ReportState
from fiscus.reporting.tests.authority import YES, ReportingShop, refused
from fiscus.store.connect import reading

DAY = date(2026, 5, 4)


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> ReportingShop:
    """One accepted in series A, one refused in B, one that waits in A."""
    shop = ReportingShop(engine, tmp_path)
    shop.sells("A")
    bad = shop.sells("B")
    shop.authority.says = lambda report: refused() if report.record == bad.id else YES
    shop.works()
    shop.clock.move(minutes=5)
    shop.sells("A")
    return shop


def found(shop: ReportingShop, *, after: str = "", limit: int = 10, **which: object) -> list[str]:
    with reading(shop.engine) as tx:
        views = listing.listed(tx, ReportFilter(**which), after=after, limit=limit)  # type: ignore[arg-type]
    return [f"{one.series}{one.number} {one.state}" for one in views]


def test_each_filter_narrows_and_pages_go_on_behind_an_id(shop: ReportingShop) -> None:
    whole = ["A1 accepted", "B1 refused", "A2 pending"]
    own = shop.counter.shop

    assert found(shop) == whole
    assert found(shop, organization=own.organization, taxpayer=own.taxpayer) == whole
    assert found(shop, organization="another") == []
    assert found(shop, taxpayer="another") == []
    assert found(shop, states=(ReportState.REFUSED, ReportState.PENDING)) == whole[1:]
    assert found(shop, series="A") == [whole[0], whole[2]]
    assert found(shop, first=DAY, last=DAY) == whole
    assert found(shop, first=date(2026, 5, 5)) == found(shop, last=date(2026, 5, 3)) == []
    with reading(shop.engine) as tx:
        [first] = listing.listed(tx, ReportFilter(), after="", limit=1)
    assert found(shop, after=first.id, limit=1) == whole[1:2]


def test_one_of_another_organization_is_not_there(shop: ReportingShop) -> None:
    [report, *_] = shop.reports()

    with reading(shop.engine) as tx:
        assert listing.read(tx, report.id, report.organization) == report
        for id_, organization in ((report.id, "another"), ("nobody", "")):
            with pytest.raises(Missing):
                listing.read(tx, id_, organization)


def test_what_waits_and_what_was_refused_is_counted(shop: ReportingShop) -> None:
    with reading(shop.engine) as tx:
        counts = listing.counts(tx)

    assert (counts.waiting, counts.refused, counts.pauses) == (1, 1, ())
    assert counts.oldest == shop.clock()


def test_each_remedy_says_what_helps() -> None:
    assert set(HELP) == set(Remedy)
