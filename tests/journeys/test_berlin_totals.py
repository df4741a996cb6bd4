"""A till in Berlin rounds its VAT in one of two ways, and the audit file says what it printed."""

from decimal import Decimal
from pathlib import Path

import pytest

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_leg
from fiscus.api.families.reporting.tests.caller import Json
from tests.journeys.week import goods, line, opens_shop
from tests.support import auditor
from tests.support.auditor import amount, bon_id, fetched
from tests.support.premises import Premises

CANDLES = [line("Kerze", "0.33", "0.05") for _ in range(3)]
BREAD = [line("Brötchen", "0.25", "0.02", "0.07") for _ in range(3)]


@pytest.fixture
def kiosk(premises: Premises) -> Kiosk:
    kiosk = opens_shop(premises)
    kiosk.opens()
    return kiosk


def net(*lines: Json, pretax: str, tax: str) -> Json:
    """Prices before VAT, as the contract's own example has them."""
    total = str(Decimal(pretax) + Decimal(tax))
    return goods(*lines) | {"pretax_amount": pretax, "tax_amount": tax, "total_amount": total}


def test_both_roundings_are_exported_as_they_were_printed(kiosk: Kiosk, tmp_path: Path) -> None:
    printed: dict[str, tuple[str, ...]] = {}
    sales: tuple[tuple[Json, tuple[str, ...]], ...] = (
        (goods(*CANDLES, tax="0.15"), ("0.15",)),
        (goods(*CANDLES, tax="0.16"), ("0.16",)),
        (goods(*CANDLES, *BREAD, tax="0.20"), ("0.15", "0.05")),
        (goods(*CANDLES, *BREAD, tax="0.22"), ("0.16", "0.06")),
        (net(*[line("Kerze", "0.33", "0.06")] * 3, pretax="0.99", tax="0.19"), ("0.19",)),
    )
    for told, vat in sales:
        sold = kiosk.completes(kiosk.does(told), a_leg(told["total_amount"]))
        printed[bon_id(sold)] = vat
    kiosk.closes()

    archive = fetched(kiosk.premises, auditor.export(kiosk)["download_url"])

    book = auditor.tables(archive)
    for id_, vat in printed.items():
        rows = [row for row in book["transactions_vat"] if row["BON_ID"] == id_]
        lines = [row for row in book["lines_vat"] if row["BON_ID"] == id_]
        assert [amount(row["BON_UST"]) for row in rows] == [Decimal(each) for each in vat]
        assert auditor.total(lines, "POS_UST") == auditor.total(rows, "BON_UST")
    auditor.assert_checked("dsfinvk", archive, tmp_path)


@pytest.mark.parametrize("tax", ["0.14", "0.17", "0.00"])
def test_a_tax_that_no_rounding_gives_is_refused(kiosk: Kiosk, tax: str) -> None:
    refused = kiosk.operation(
        goods(*CANDLES)
        | {
            "tax_amount": tax,
            "pretax_amount": str(Decimal("0.99") - Decimal(tax)),
        }
    )

    assert "REPORTING-TOTAL-03" in str(refused.json())


def test_a_line_that_is_not_taxed_at_its_rate_is_refused(kiosk: Kiosk) -> None:
    refused = kiosk.operation(goods(line("Kerze", "0.33", "0.07")))

    assert "DE-TAX-05" in str(refused.json())
