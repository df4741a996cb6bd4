"""Control totals of files: counted from the journal, right also when a format reads twice."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.exports import control, run
from fiscus.exports.control import ControlTotal, FileTally
from fiscus.exports.jobs import ExportType
from fiscus.exports.select import selection
from fiscus.exports.tests.office import DAY, Office, a_kiosk
from fiscus.issuing.tests.counter import a_cancellation, a_receipt
from fiscus.store.connect import reading


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return Office(engine, tmp_path)


def test_totals_are_those_of_the_documents_without_the_cancelled_ones(office: Office) -> None:
    records = [office.counter.sells(a_receipt()) for _ in range(3)]
    office.counter.sells(a_cancellation(records[0].id))
    job = office.asks(ExportType.AUDIT)
    run.do(office.services, office.task())

    [total] = office.file(job.id).totals

    seals = [record.seal for record in records[1:]]
    assert (total.format, total.count, total.cancelled) == ("saft-pt", 3, 1)
    assert total.gross == sum((seal.gross for seal in seals if seal), Decimal(0))
    assert total.vat == sum((seal.vat for seal in seals if seal), Decimal(0))
    assert total.net + total.vat == total.gross > 0


def test_what_is_read_twice_is_counted_once(office: Office) -> None:
    office.counter.sells(a_receipt())
    tally = FileTally()
    with reading(office.engine) as tx:
        chosen = selection(
            tx,
            office.counter.shop.taxpayer,
            DAY,
            settings={},
            at=office.clock(),
            progress=lambda: None,
        )
        counted = tally.counted("saft-pt", chosen)
        assert len(list(counted.records())) == len(list(counted.records())) == 1

    assert [total.count for total in tally.totals()] == [1]


def test_closings_are_counted_with_what_they_cover(engine: Engine, tmp_path: Path) -> None:
    kiosk = a_kiosk(engine, tmp_path)
    for _ in range(2):
        kiosk.clock.move(minutes=10)
        kiosk.sells()
        kiosk.clock.move(minutes=10)
        kiosk.closes()
    kiosk.clock.move(hours=1)
    office = Office(engine, tmp_path, counter=kiosk)

    [total] = office.makes_one().totals

    assert (total.format, total.kind, total.count) == ("dsfinvk", control.CLOSINGS, 2)
    assert total.documents == 2
    assert total.net + total.vat == total.gross > 0


def test_totals_are_kept_to_the_cent() -> None:
    total = ControlTotal(format="f", kind="FT", count=2, net=Decimal("0.10"), gross=Decimal("0.12"))

    assert control.read_back(control.written((total,))) == (total,)
    assert '"0.10"' in control.written((total,))
