"""What services remember of the database, and what they forget."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.issuing.tests.counter import (
    Counter,
    a_receipt,
)
from fiscus.journal import read
from fiscus.model.records import Series
from fiscus.store.connect import reading


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    """In Portugal, where documents are signed and series registered."""
    return Counter(engine, "pt", tmp_path)


def test_services_remember_only_what_is_so_in_every_process(counter: Counter) -> None:
    receipt = counter.sells(a_receipt())
    fresh = counter.other_services()
    counter.together(counter.issue(a_receipt()), services=fresh)

    assert receipt.numbered is not None
    assert {series.id for series in fresh.series.values()} == {receipt.numbered.series}
    assert all(isinstance(series, Series) for series in counter.services.series.values())
    with reading(counter.engine) as tx:
        found = read.one(tx, counter.shop.organization, receipt.id)
    assert found.record.body == receipt
