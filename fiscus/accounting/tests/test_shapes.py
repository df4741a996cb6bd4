"""What entries are booked by is kept once, whoever comes first, and told apart where it decides."""

from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Engine, select, text

from fiscus.accounting import entries, shapes
from fiscus.accounting.entries import EntryDraft, EntryDraftLine
from fiscus.accounting.entry_rows import COLUMNS, AccountingEntry, row_of
from fiscus.accounting.shapes import LineShape
from fiscus.accounting.tests.exporting import DAY, Exporter, a_line, an_entry
from fiscus.model.tests.clock import MORNING
from fiscus.registry.tests.builders import SUBJECT, an_id
from fiscus.store.accounting_schema import (
    ACCOUNTING_ENTRY,
    ENTRY_SHAPE,
    EXPORT_JOB,
    EXPORT_JOB_ITEM,
    EXPORT_JOB_REGISTER,
)
from fiscus.store.connect import reading, writing
from fiscus.store.migrate import migrate

NUMBERS = {"is_interactive": 1, "is_vendor_based": 0, "items": 4, "expires_in": 3600, "bytes": 0}


def kept(exporter: Exporter) -> list[tuple[LineShape, ...]]:
    found: list[tuple[LineShape, ...]] = []

    def fits(lines: tuple[LineShape, ...]) -> bool:
        found.append(lines)
        return True

    with reading(exporter.engine) as tx:
        ids = list(shapes.matching(tx, exporter.company, fits))
        used = set(tx.scalars(select(ACCOUNTING_ENTRY.c.shape)))
    assert set(ids) >= used
    return sorted(found)


def test_amounts_texts_rates_and_the_order_of_lines_do_not_count() -> None:
    first = shapes.shape_of("c", [a_line(), a_line("-1.00", "0.00", key="b", text="x")])
    again = shapes.shape_of(
        "c", [a_line("5.00", "0.00", key="b"), a_line("7.00", "1.00"), a_line()]
    )

    assert first == again
    assert [line.key for line in first.lines] == ["b", "case/Umsatz/19"]


def test_a_key_an_account_a_tax_vat_and_the_company_do() -> None:
    lines = [
        a_line(),
        a_line("1.00", "0.00"),
        a_line("1.00", "0.00", tax_code="1"),
        a_line(key="other"),
        a_line(key="", account="case/Umsatz/19"),
    ]
    ids = {shapes.shape_of(company, [line]).id for line in lines for company in ("c", "d")}

    assert len(ids) == 2 * len(lines)


def test_entries_that_are_booked_alike_share_one(engine: Engine) -> None:
    exporter = Exporter(engine)
    exporter.entries(3)
    exporter.entry(a_line("-1.00", "-0.16"))
    exporter.entry(a_line("-1.00", "0.00", key="payment/Bar"))

    assert [[line.key for line in lines] for lines in kept(exporter)] == [
        ["case/Umsatz/19"],
        ["payment/Bar"],
    ]


def test_an_entry_that_is_changed_is_booked_by_what_it_says_now(engine: Engine) -> None:
    exporter = Exporter(engine)

    def draft(account: str) -> EntryDraft:
        line = EntryDraftLine(net=Decimal(1), account=account)
        return EntryDraft(day=DAY, performed_at=MORNING, lines=(line,))

    with writing(engine) as tx:
        made = entries.create(
            tx,
            id_=an_id(),
            company=exporter.company,
            organization=exporter.organization,
            draft=draft("4930"),
            by=SUBJECT,
            at=MORNING,
        )
        entries.change(tx, made, draft("4931"), by=SUBJECT, at=MORNING)

    assert [lines[0].account for lines in kept(exporter)] == ["4930", "4931"]
    with reading(engine) as tx:
        said = tx.execute(
            select(ENTRY_SHAPE.c.lines).join(
                ACCOUNTING_ENTRY, ACCOUNTING_ENTRY.c.shape == ENTRY_SHAPE.c.id
            )
        ).scalar_one()
    assert said == '[["","4931","",false]]'


def test_entries_and_jobs_of_before_are_found_too(databases: Any) -> None:
    """The migration computes what is written with each entry since."""
    register = an_id()
    made = [
        an_entry("shop", "unit", a_line(), a_line("-1.00", "0.00", key="b"), register=register),
        an_entry("shop", "unit", a_line(key="", account='8"400', tax_code="Ü\t\u2028")),
        an_entry("other", "unit", a_line()),
        an_entry("other", "unit", a_line("5.00", "1.00")),
    ]
    with databases.empty() as engine:
        migrate(engine, "1005")
        _write_as_before(engine, made)
        migrate(engine)
        with reading(engine) as tx:
            found = dict(tx.execute(select(ACCOUNTING_ENTRY.c.id, ACCOUNTING_ENTRY.c.shape)).all())
            stored = set(tx.execute(select(ENTRY_SHAPE)).all())
            registers = tx.execute(select(EXPORT_JOB_REGISTER)).all()

    wanted = {entry.id: shapes.shape_of(entry.company, entry.content.lines) for entry in made}
    assert found == {id_: shape.id for id_, shape in wanted.items()}
    assert stored == {
        (one.id, one.company, msgspec.json.encode(one.lines).decode()) for one in wanted.values()
    }
    assert registers == [("j", register)]


def _write_as_before(engine: Engine, made: list[AccountingEntry]) -> None:
    """The entries, and a job that has them all, in tables that know no shapes."""
    columns = COLUMNS[:-1]
    values = ", ".join(f":{name}" for name in columns)
    insert = text(f"INSERT INTO accounting_entry ({', '.join(columns)}) VALUES ({values})")
    with writing(engine) as tx:
        for entry in made:
            tx.execute(insert, dict(zip(columns, row_of(entry)[:-1], strict=True)))
        job = {column.name: "" for column in EXPORT_JOB.columns} | NUMBERS | {"id": "j"}
        tx.execute(EXPORT_JOB.insert().values(job))
        for position, entry in enumerate(made):
            item = {"job": "j", "position": position, "entry": entry.id, "status": "failed"}
            tx.execute(EXPORT_JOB_ITEM.insert().values({**item, "content": b"{}"}))
