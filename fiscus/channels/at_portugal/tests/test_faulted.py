"""Whatever goes wrong at the authority: what is said to have happened has, what is refused has not,
and a report that is sent again until its outcome is known is there once."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fiscus.channels import Accepted, KnownSeries, Later, RegisterSeries, Rejected
from fiscus.channels.at_portugal.simulator import faults
from fiscus.channels.at_portugal.simulator.faults import FaultKind, FaultOrder
from fiscus.channels.at_portugal.simulator.world import FILE
from fiscus.channels.at_portugal.tests.shop import LOGIN, NIF, ReportingShop
from fiscus.regimes.pt.tests.builders import a_draft

ARGUMENTS = {
    FaultKind.REFUSAL: "-97",
    FaultKind.CLOCK: "7200",
    FaultKind.SLOW: "0.1",
    FaultKind.TIMEOUT: "0.1",
}
MOMENTS = ("before", "after")
SEEN_ONCE = [kind for kind in FaultKind if kind is not FaultKind.DUPLICATE]


@pytest.fixture
def shop(tmp_path: Path) -> ReportingShop:
    return ReportingShop(tmp_path / "authority")


def ordered(shop: ReportingShop, kind: FaultKind, moment: str, argument: str = "") -> None:
    order = FaultOrder(
        kind=kind, moment=moment, argument=argument or ARGUMENTS.get(kind, ""), times=1
    )
    faults.order(shop.folder, order)
    if kind is FaultKind.EXPIRED_CERTIFICATE:  # it is shown to who connects anew
        for line in (shop.client.series, shop.client.documents):
            line.close()
        shop.channel = ReportingShop(shop.folder).channel


def a_series() -> RegisterSeries:
    return RegisterSeries(
        taxpayer=NIF,
        document_type="FR",
        name="A",
        first_number=1,
        starts_on=date(2026, 5, 4),
        facts={"class": "SI", "type": "FR", "certificate": "9999", "processing": "PI"},
    )


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("kind", SEEN_ONCE)
def test_what_is_said_of_a_series_is_so(shop: ReportingShop, kind: FaultKind, moment: str) -> None:
    ordered(shop, kind, moment, "5000" if kind is FaultKind.REFUSAL else "")

    answer = shop.channel.send(a_series(), LOGIN)

    faults.take_back(shop.folder)
    is_there = isinstance(shop.channel.ask(a_series(), LOGIN), KnownSeries)
    match answer:
        case Accepted():
            assert is_there
        case Rejected():
            assert not is_there
        case Later(is_unsent=True):
            assert not is_there


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("kind", SEEN_ONCE)
def test_a_report_that_is_sent_until_its_outcome_is_known_is_there_once(
    shop: ReportingShop, kind: FaultKind, moment: str
) -> None:
    told = shop.told(shop.sealed(a_draft()))
    ordered(shop, kind, moment)

    answer: Any = Later(reason="not sent yet", is_unsent=True)
    was_sent, attempts = False, 0
    while not isinstance(answer, Accepted):
        answer, attempts = shop.reports(told, was_sent=was_sent), attempts + 1
        was_sent = was_sent or (isinstance(answer, Later) and not answer.is_unsent)
        assert attempts < 4, answer

    with closing(sqlite3.connect(shop.folder / FILE)) as world:
        [(count,)] = world.execute("SELECT count(*) FROM documents")
    assert count == 1
    faults.take_back(shop.folder)
    assert isinstance(shop.reports(told), Rejected)


def test_a_message_that_is_worked_twice_looks_like_another_programs(shop: ReportingShop) -> None:
    """Nobody can tell it from one: it is refused, which issues nothing, and a person looks."""
    told = shop.told(shop.sealed(a_draft()))
    for message in ("registarSerie", "RegisterInvoice"):
        faults.order(shop.folder, FaultOrder(kind=FaultKind.DUPLICATE, operation=message))

    series = shop.channel.send(a_series(), LOGIN)
    report = shop.reports(told)

    assert isinstance(series, Rejected)
    assert [one.code for one in series.faults] == ["AT-SERIES-4001"]
    assert isinstance(report, Rejected)
    assert [one.code for one in report.faults] == ["AT-DOCUMENT-10"]
