from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from fiscus.accounting.entry_rows import (
    AccountingEntry,
    EntryContent,
    EntryLine,
    EntryStatus,
    amount_of,
    cents,
    entry_id,
    entry_of,
    line_id,
    named_of,
    row_of,
    stored,
)
from fiscus.store.accounting_schema import ACCOUNTING_ENTRY
from fiscus.store.connect import reading, writing

COMPANY = "0d3c1a52-9a42-4d53-8a7b-3a3f0a1b2c01"
ENTRY = "6f1f0a52-5d0c-4a0e-9c55-9a4a5f3d2b10"
AT = datetime(2026, 5, 4, 8, 15, 1, 250000, tzinfo=UTC)

LEAST = AccountingEntry(
    id=ENTRY,
    company=COMPANY,
    organization="o",
    day=date(2026, 5, 4),
    performed_at=AT,
    sub_type="",
    reference="",
    amount=Decimal("0.00"),
    currency="EUR",
    content=EntryContent(lines=()),
    created_at=AT,
    updated_at=AT,
)
MOST = AccountingEntry(
    id=ENTRY,
    company=COMPANY,
    organization="o",
    part="sale",
    register="r",
    day=date(2026, 5, 4),
    performed_at=AT,
    sub_type="sale",
    type="refund",
    reference="FS A/1",
    amount=Decimal("-119.00"),
    currency="EUR",
    content=EntryContent(
        lines=(
            EntryLine(
                key="case/Umsatz/19",
                amount=Decimal("-119.00"),
                net=Decimal("-100.00"),
                vat=Decimal("-19.00"),
                account="8400",
                tax_code="1",
                percentage=Decimal("7.8"),
                text="Ł",
            ),
        ),
        contra_key="other",
        note="n",
        partner="p",
        partner_tax_number="t",
        link="l",
        documents=3,
        extras={"a": [1, {"b": None}]},
    ),
    status=EntryStatus.EXPORTED,
    job="j",
    exported_at=AT,
    external_id="JE-1",
    external_url="https://erp.test/1",
    reverses="x",
    deleted_at=AT,
    created_at=AT,
    updated_at=AT.replace(minute=16),
)


@pytest.mark.parametrize("entry", [LEAST, MOST])
def test_an_entry_is_read_as_it_was_written(engine: Engine, entry: AccountingEntry) -> None:
    with writing(engine) as tx:
        tx.execute(ACCOUNTING_ENTRY.insert().values(row_of(entry)))
    with reading(engine) as tx:
        assert entry_of(tx.execute(select(ACCOUNTING_ENTRY)).one()) == entry


def test_what_is_stored_are_cents() -> None:
    assert b'"amount":-11900' in stored(MOST.content)


@given(st.integers(-(10**11), 10**11))
def test_cents_and_amounts_are_the_same(whole: int) -> None:
    assert cents(amount_of(whole)) == whole
    assert amount_of(whole) == Decimal(whole) / 100


@given(st.uuids(), st.text(max_size=40))
def test_ids_are_those_of_the_standard_library(company: UUID, part: str) -> None:
    assert entry_id(str(company), "r", part) == str(uuid5(company, f"r:{part}"))
    assert line_id(str(company), 7) == str(uuid5(company, "7"))


def test_named_entries_are_found_by_their_ids(engine: Engine) -> None:
    query = select(ACCOUNTING_ENTRY.c.day).where(named_of("c-1", ["1", "2"]))
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has statistics")
    said = query.compile(engine, compile_kwargs={"literal_binds": True})
    with reading(engine) as tx:
        plan = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}").all()
    assert [row.detail for row in plan] == [
        "SEARCH accounting_entry USING INDEX sqlite_autoindex_accounting_entry_1 (id=?)"
    ]
