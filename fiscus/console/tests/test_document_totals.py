"""Sums say what documents say, in the hour of the business day that they fell into."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.console import document_totals as sums
from fiscus.console.document_totals import SalesCount, SalesZone
from fiscus.issuing.tests.counter import Counter, a_cancellation, a_correction, a_receipt
from fiscus.issuing.tests.kiosk import Kiosk, a_drawer_event, a_sale
from fiscus.model.documents import DocumentKind, LinePurpose
from fiscus.model.records import EntryBody
from fiscus.store.connect import writing
from fiscus.store.schema import SALES_TOTAL

LISBON = SalesZone("Europe/Lisbon", "")
Counted = dict[tuple[object, ...], tuple[object, ...]]


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


def counted(*entries: tuple[str, EntryBody, EntryBody | None], at: SalesZone = LISBON) -> Counted:
    """Count, net and VAT by what is added up and which of it."""
    count = SalesCount()
    for kind, body, original in entries:
        count.add(kind, body, original, at)
    return {
        (row["about"], row["key"]): (row["count"], row["net"], row["vat"]) for row in count.rows()
    }


def test_a_sale_is_counted_by_group_tax_means_and_signature(counter: Counter) -> None:
    sold = counter.sells(a_receipt())

    assert counted(("document@1", sold, None)) == {
        (sums.DOCUMENTS, sums.SALES): (1, 200, 46),
        (sums.TAX, "NOR 23"): (0, 200, 46),
        (sums.TENDER, "cash"): (0, 246, 0),
        (sums.SEAL, sums.SIGNED): (1, 0, 0),
    }


def test_a_correction_is_taken_back(counter: Counter) -> None:
    sold = counter.sells(a_receipt())
    back = counter.sells(a_correction(sold.id))

    found = counted(("document@1", sold, None), ("document@1", back, None))

    assert found[sums.DOCUMENTS, sums.RETURNS] == (1, -200, -46)
    assert (sums.TAX, "NOR 23") not in found, "it came to nothing"
    assert found[sums.SEAL, sums.SIGNED] == (2, 0, 0)


def test_a_cancellation_counts_with_opposite_amounts_whenever_the_sale_was(
    counter: Counter,
) -> None:
    sold = counter.sells(a_receipt())
    void = counter.sells(a_cancellation(sold.id))

    alone = counted(("void@1", void, sold))
    together = counted(("document@1", sold, None), ("void@1", void, sold))

    assert alone[sums.DOCUMENTS, sums.RETURNS] == (1, -200, -46)
    assert alone[sums.TENDER, "cash"] == (0, -246, 0)
    assert alone[sums.DOCUMENTS, sums.VOIDS] == (1, 0, 0)
    assert together[sums.DOCUMENTS, sums.SALES] == (1, 200, 46)
    assert together[sums.DOCUMENTS, sums.RETURNS] == (1, -200, -46)


def test_practice_and_refusals_are_no_turnover(counter: Counter) -> None:
    practice = counter.sells(a_receipt(is_training=True))

    assert counted(("document@1", practice, None)) == {
        (sums.DOCUMENTS, sums.TRAINING): (1, 0, 0),
        (sums.SEAL, sums.SIGNED): (1, 0, 0),
    }
    assert counted(("refusal@1", practice, None)) == {(sums.DOCUMENTS, sums.REFUSED): (1, 0, 0)}


def test_what_happens_to_the_drawer_and_closings_sell_nothing(
    engine: Engine, tmp_path: Path
) -> None:
    kiosk = Kiosk(engine, tmp_path)
    sold = kiosk.sells(a_sale())
    moved = kiosk.enters(a_drawer_event(DocumentKind.MOVEMENT, "-5.00", LinePurpose.TRANSIT))
    closing = kiosk.closes()
    berlin = SalesZone("Europe/Berlin", "")

    assert counted(("document@1", moved, None), at=berlin) == {}
    assert counted(("closing@1", closing, None), at=berlin) == {}
    found = counted(("document@1", sold, None), at=berlin)
    assert found[sums.DOCUMENTS, sums.SALES] == (1, 1000, 190)
    assert found[sums.SEAL, sums.SIGNED] == (1, 0, 0)


def test_a_law_without_signatures_is_told_apart(engine: Engine) -> None:
    sold = Counter(engine, "it").sells(a_receipt())

    assert counted(("document@1", sold, None))[sums.SEAL, sums.NOT_ASKED] == (1, 0, 0)


def test_hours_and_days_are_those_of_the_location(counter: Counter) -> None:
    counter.clock.move(hours=15, minutes=44, seconds=57.75)  # 23:59:59 UTC, 00:59:59 in Lisbon
    late = counter.sells(a_receipt())
    for zone, day, hour in (
        (LISBON, "2026-05-05", 0),
        (SalesZone("Europe/Lisbon", "01:00"), "2026-05-04", 0),
        (SalesZone("Europe/Lisbon", "00:30"), "2026-05-05", 0),
        (SalesZone("UTC", ""), "2026-05-04", 23),
        (SalesZone("UTC", "23:00"), "2026-05-05", 23),
    ):
        count = SalesCount()
        count.add("document@1", late, None, zone)
        assert {(row["day"], row["hour"]) for row in count.rows()} == {(day, hour)}, zone


def test_sums_are_added_to_those_that_are_there(counter: Counter) -> None:
    sold = counter.sells(a_receipt())
    for _ in range(2):
        count = SalesCount()
        count.add("document@1", sold, None, LISBON)
        with writing(counter.engine) as tx:
            count.write(tx)
    with writing(counter.engine) as tx:
        SalesCount().write(tx)
        rows = tx.execute(SALES_TOTAL.select().where(SALES_TOTAL.c.key == sums.SALES)).all()

    assert [(row._mapping["count"], row.net, row.vat) for row in rows] == [(2, 400, 92)]
    assert rows[0].organization == counter.shop.organization
    assert rows[0].location == counter.shop.location
