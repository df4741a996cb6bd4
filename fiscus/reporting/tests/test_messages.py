"""Reports are made of what was sealed, when they are sent."""

from pathlib import Path

from sqlalchemy import Engine, select

from fiscus.reporting import messages
from fiscus.reporting.tests.authority import ReportingShop
from fiscus.store.connect import reading, writing
from fiscus.store.schema import OBLIGATION


def test_a_report_has_its_document_as_the_journal_has_it_or_the_laws_own_text(
    engine: Engine, tmp_path: Path
) -> None:
    shop = ReportingShop(engine, tmp_path)
    sold = shop.sells()
    void = shop.cancels(sold)
    shop.gets_credentials()  # a later version of the taxpayer
    second = shop.sells()
    is_second = OBLIGATION.c.record == second.id
    with writing(shop.engine) as tx:
        tx.execute(OBLIGATION.update().where(is_second).values(content="<xml/>", was_sent=1))

    with reading(shop.engine) as tx:
        rows = tx.execute(select(OBLIGATION).order_by(OBLIGATION.c.number, OBLIGATION.c.rank))
        document, status, text = messages.made(tx, shop.services, rows.all())

    assert document.document is not None
    assert status.document is not None
    assert (document.document.body, document.document.void) == (sold, None)
    assert (status.document.body, status.document.void) == (sold, void)
    assert document.document.taxpayer.version == sold.place.taxpayer_version
    assert document.document.settings == shop.services.settings["pt"]
    assert (text.content, text.document, text.was_sent) == ("<xml/>", None, True)
