"""Orders and their bills in what an auditor gets: the audit file, the device's log, the paper."""

import io
import tarfile
from pathlib import Path

import pytest

from fiscus import formats
from fiscus.api.families.reporting.tests.berlin import Kiosk, a_line
from fiscus.api.families.reporting.tests.caller import answer
from fiscus.api.families.reporting.tests.restaurant import a_dish, an_evening, bills, orders
from fiscus.formats.dsfinvk.check import findings as found
from fiscus.signers.tse.log import qr
from tests.support import auditor
from tests.support.auditor import amount, assert_checked, bon_id, fetched, log_of, tables


@pytest.fixture
def shop(kiosk: Kiosk) -> Kiosk:
    """With a cash session in progress."""
    kiosk.opens()
    return kiosk


def book_of(shop: Kiosk) -> tuple[bytes, auditor.Tables]:
    answer(shop.closing(), 201)
    archive = fetched(shop.premises, auditor.export(shop)["download_url"])
    return archive, tables(archive)


def test_orders_and_receipts_share_their_tables_in_the_audit_file(
    shop: Kiosk, tmp_path: Path
) -> None:
    """Each order is an AVBestellung of its own, in the closing in whose time it was made and in no
    total; orders and receipts of a tab have one ABRECHNUNGSKREIS."""
    evening = an_evening(shop)

    archive, book = book_of(shop)

    assert_checked("dsfinvk", archive, tmp_path)
    assert_checked("tse", log_of(shop), tmp_path)
    receipts = {row["BON_ID"]: row for row in book["transactions"]}
    ids = [bon_id(x) for x in (evening.first, evening.more, evening.one, evening.two)]
    assert [(receipts[x]["BON_TYP"], receipts[x]["Z_NR"]) for x in ids] == [
        ("AVBestellung", "1"),
        ("AVBestellung", "2"),
        ("Beleg", "2"),
        ("Beleg", "2"),
    ]
    groups: dict[str, list[str]] = {}
    for row in book["allocation_groups"]:
        groups.setdefault(row["BON_ID"], []).append(row["ABRECHNUNGSKREIS"])
    shop.premises.assert_proved()
    both = ["Tisch 5", "Terrasse 2"]
    assert [groups[x] for x in ids] == [["Tisch 5"], ["Terrasse 2"], both, both]
    lines = [row for row in book["lines"] if row["BON_ID"] == ids[1]]
    assert [(row["ARTIKELTEXT"], row["MENGE"], row["STK_BR"]) for row in lines] == [
        ("Wein", "-1,000", "7,50000"),
        ("Brot", "1,000", "3,10000"),
    ]
    assert not [row for row in book["datapayment"] if row["BON_ID"] in ids[:2]]
    signed = {row["BON_ID"]: row for row in book["transactions_tse"]}[ids[1]]
    assert signed["TSE_TA_VORGANGSART"] == "Bestellung-V1"
    assert signed["TSE_VORGANGSDATEN"] == '-1;"Wein";7.50\r1;"Brot";3.10'
    cases = [row for row in book["businesscases"] if row["GV_TYP"] == "Umsatz"]
    assert {row["Z_NR"] for row in cases} == {"2"}
    assert auditor.total(cases, "Z_UMS_BRUTTO") == amount("34.10")


def test_an_order_is_read_back_whatever_its_dishes_are_called(shop: Kiosk, tmp_path: Path) -> None:
    """The QR code of an order holds semicolons and quotes, its log and its file say the same."""
    done = orders(shop, a_line(title='Soße "extra"; scharf'), a_line(title="Zeile\r\nzwei"))

    scanned = qr.parse(done["fiscal_information"]["verification"]["qr_data"])
    assert scanned.process_data.startswith('2;"Soße ""extra""; scharf";5.95\r2;"Zeile')
    assert qr.verifies(scanned)
    assert_checked("tse", log_of(shop), tmp_path)
    archive, _ = book_of(shop)
    assert_checked("dsfinvk", archive, tmp_path)


def test_the_signature_of_an_order_is_checked_against_its_lines(
    shop: Kiosk, tmp_path: Path
) -> None:
    """An order whose lines say something else than what was signed is found out, with the signed
    text in its row or without it."""
    orders(shop, *[a_dish("Wein")] * 90)
    orders(shop, a_dish("Suppe"))
    archive, book = book_of(shop)
    assert [len(row["TSE_VORGANGSDATEN"]) > 0 for row in book["transactions_tse"]][1:3] == [
        False,
        True,
    ]
    assert_checked("dsfinvk", archive, tmp_path)

    for title, code in (("Suppe", found.OTHER_DATA), ("Wein", found.BAD_SIGNATURE)):
        forged = tmp_path / f"{title}.tar"
        forged.write_bytes(_changed(archive, "lines.csv", f";{title};", ";Kuchen;"))
        codes = {fault.code for fault in formats.find("dsfinvk").check(forged, {})}
        assert code.id in codes


def _changed(archive: bytes, name: str, old: str, new: str) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for each, content in auditor.files(archive).items():
            if each == name:
                content = content.replace(old.encode(), new.encode(), 1)
            info = tarfile.TarInfo(each)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return made.getvalue()


def test_tables_without_an_order_are_recorded_too(shop: Kiosk, tmp_path: Path) -> None:
    sale = shop.sells(tables=["Tisch 5", " Tisch 5 ", "Saal"])

    archive, book = book_of(shop)

    assert sale["tables"] == ["Tisch 5", " Tisch 5 ", "Saal"]
    assert [row["ABRECHNUNGSKREIS"] for row in book["allocation_groups"]] == ["Tisch 5", "Saal"]
    assert_checked("dsfinvk", archive, tmp_path)


def test_the_z_report_counts_orders_apart(shop: Kiosk) -> None:
    orders(shop, a_dish("Wein", 2))
    bills(shop, orders(shop, a_dish("Suppe"))["tab_id"], a_dish("Suppe"))

    closing = answer(shop.closing(), 201)

    paper = auditor.paper(shop.premises, closing)
    assert "Bestellungen(keinUmsatz)223,00" in paper
    assert "BeiAbschlussoffeneTische1" in paper
    assert closing["summary"]["total_gross"] == 800
