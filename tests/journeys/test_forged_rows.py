"""Somebody who can write the database changes rows: what is issued and exported stays what the
journal states."""

from typing import Any
from xml.etree import ElementTree

from sqlalchemy import Table, func, select, update

from fiscus import formats
from fiscus.exports.select import selection
from fiscus.model.times import Period
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY, SERIES, TAXPAYER
from tests.support import words
from tests.support.premises import MONDAY, Premises
from tests.support.till import Till

SERIES_NAME = "FR-T01-2026"


def forge(premises: Premises, table: Table, **values: Any) -> None:
    with writing(premises.services.engine) as tx:
        tx.execute(update(table).values(values))


def issued(premises: Premises) -> int:
    with reading(premises.services.engine) as tx:
        return int(
            tx.execute(
                select(func.count()).select_from(ENTRY).where(ENTRY.c.number.is_not(None))
            ).scalar_one()
        )


def is_refused(till: Till) -> None:
    intention = till.intends()
    answer = till.concludes(words.receipt(number="9"), intention)
    assert answer.status_code == 503, answer.text
    assert "ISSUE-SERIES-07" in answer.text


def test_a_forged_validation_code_is_printed_on_no_document(premises: Premises, till: Till) -> None:
    first = till.sells(words.receipt())
    code = first["compliance"]["data"].partition("-")[0]
    before = issued(premises)

    forge(premises, SERIES, validation_code="FORGED12")

    is_refused(till)
    assert issued(premises) == before
    forge(premises, SERIES, validation_code=code)
    assert till.sells(words.receipt(number="2"))["compliance"]["data"] == f"{code}-2"


def test_a_forged_link_does_not_help(premises: Premises, till: Till) -> None:
    till.sells(words.receipt())
    with reading(premises.services.engine) as tx:
        older = tx.scalar(
            select(ENTRY.c.link)
            .where(ENTRY.c.kind == "series@1")
            .order_by(ENTRY.c.sequence)
            .limit(1)
        )

    forge(premises, SERIES, validation_code="", link=older)

    is_refused(till)


def test_other_series_go_on(premises: Premises, till: Till) -> None:
    till.sells(words.receipt())
    with writing(premises.services.engine) as tx:
        tx.execute(
            update(SERIES).where(SERIES.c.name == SERIES_NAME).values(validation_code="FORGED12")
        )

    is_refused(till)
    assert till.sells(words.receipt(series="NOVA"))["compliance"]["data"].endswith("-1")


def test_a_forged_taxpayer_is_in_no_file(premises: Premises, till: Till) -> None:
    """Name, tax number and address of the header are those that were stated."""
    till.sells(words.receipt())
    period = Period(first=MONDAY.date(), last=MONDAY.date())
    before = saft(premises, till, period)
    with reading(premises.services.engine) as tx:
        content = tx.scalar(select(TAXPAYER.c.content))
    assert content is not None

    forged = content.replace(words.NIF, "123456789").replace("Lisboa", "Porto")
    assert forged != content
    forge(premises, TAXPAYER, content=forged, regime="plain")

    assert saft(premises, till, period) == before
    assert before["CompanyID"] == before["TaxRegistrationNumber"] == words.NIF
    assert "Porto" not in before.values()


def saft(premises: Premises, till: Till, period: Period) -> dict[str, str]:
    """All texts of the header of the file that the law prescribes."""
    with reading(premises.services.engine) as tx:
        chosen = selection(
            tx,
            till.taxpayer,
            period,
            settings=premises.services.exports.settings,
            at=premises.clock(),
            progress=lambda: None,
        )
        write = formats.find("saft-pt").write
        assert write is not None
        tree = ElementTree.fromstring(b"".join(write(chosen)))
    header = tree[0]
    return {one.tag.partition("}")[2]: one.text or "" for one in header.iter()}
