"""Two days at a kiosk in Berlin: what the till was told, the auditor finds, to the cent."""

import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import pytest

from fiscus.api.families.reporting.tests.caller import Json, refusal
from fiscus.regimes.de.wording import REASONS
from fiscus.signers.tse.log import qr
from tests.journeys import takings
from tests.journeys.week import DRAWER, VOID_REASONS, Week, played
from tests.support import auditor
from tests.support.auditor import (
    Tables,
    amount,
    bon_id,
    by_receipt,
    fetched,
    local,
    of_closing,
    paper,
    total,
)
from tests.support.premises import Model, opened

NOT_TAXABLE = "5"


@pytest.fixture(scope="module")
def week(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    with opened(model, tmp_path_factory.mktemp("berlin") / "data") as premises:
        yield played(premises)


@pytest.fixture(scope="module")
def export(week: Week) -> Json:
    return auditor.export(week.kiosk)


@pytest.fixture(scope="module")
def archive(week: Week, export: Json) -> bytes:
    return fetched(week.premises, export["download_url"])


@pytest.fixture(scope="module")
def book(archive: bytes) -> Tables:
    return auditor.tables(archive)


@pytest.fixture(scope="module")
def log(week: Week) -> bytes:
    return auditor.log_of(week.kiosk)


def told(week: Week) -> list[Json]:
    """The operations, without those that ended a session: these are closings to the law."""
    return [one for one in week.operations() if one["type"] != "session_close"]


def periods(week: Week) -> list[tuple[Json, list[Json]]]:
    """The closings that have a Z number of their own, each with the operations of its session."""
    sessions = week.kiosk.caller.get("/sessions")["data"]
    every = told(week)
    return [
        (
            week.kiosk.caller.get(f"/closings/{session['closing_id']}"),
            [one for one in every if one["session_id"] == session["id"]],
        )
        for session in sorted(sessions, key=lambda one: int(one["z_number"]))
    ]


def test_each_operation_is_in_exactly_one_closing(week: Week, book: Tables) -> None:
    receipts = by_receipt(book["transactions"])

    found: dict[str, str] = {}
    for closing, operations in periods(week):
        number = str(closing["fiscal"]["z_number"])
        found |= {bon_id(one): number for one in operations}

    documents = {id_: row for id_, row in receipts.items() if row["BON_TYP"] != "AVSonstige"}
    assert {id_: row["Z_NR"] for id_, row in documents.items()} == found
    numbers = [int(row["BON_NR"]) for row in book["transactions"]]
    assert numbers == sorted(set(numbers))


def test_each_operation_is_exported_as_the_till_was_told(week: Week, book: Tables) -> None:
    receipts = by_receipt(book["transactions"])
    for one in told(week):
        row = receipts[bon_id(one)]
        if one["status"] == "voided":
            assert (row["BON_TYP"], amount(row["UMS_BRUTTO"])) == ("AVBelegabbruch", Decimal(0))
            continue
        gross = takings.worth(one) if takings.is_goods(one) else takings.moved(one)
        assert (row["BON_TYP"], amount(row["UMS_BRUTTO"])) == ("Beleg", gross), one["type"]
        lines = [line for line in book["lines_vat"] if line["BON_ID"] == bon_id(one)]
        assert total(lines, "POS_BRUTTO") == gross


def test_each_signature_is_the_devices_own(week: Week, book: Tables, log: bytes) -> None:
    signed = by_receipt(book["transactions_tse"])
    messages = auditor.files(log)
    closings = [closing for closing, _ in periods(week)]
    for one in told(week):
        said, row = one["fiscal_information"], signed.pop(bon_id(one))
        end, number = said["end_event"], said["document_number"]
        assert row["TSE_TANR"] == number
        assert row["TSE_TA_SIGZ"] == str(end["transaction_counter"])
        assert row["TSE_TA_SIG"] == end["signature"]
        assert row["TSE_TA_START"] == said["start_event"]["signed_at"]
        assert row["TSE_TA_ENDE"] == end["signed_at"]
        finish = f"_Sig-{end['transaction_counter']}_Log-Tra_No-{number}_Finish_"
        (message,) = (content for name, content in messages.items() if finish in name)
        assert b64decode(end["signature"]) in message
    left = {row["TSE_TA_SIG"] for row in signed.values()}
    assert left == {closing["fiscal"]["signature"] for closing in closings}


def test_the_qr_code_of_each_receipt_proves_itself(week: Week, book: Tables) -> None:
    signed = by_receipt(book["transactions_tse"])
    for one in told(week):
        text = one["fiscal_information"]["verification"]["qr_data"]
        receipt = qr.parse(text)
        assert qr.verifies(receipt)
        assert receipt.process_data == signed[bon_id(one)]["TSE_VORGANGSDATEN"]
        assert receipt.serial == one["fiscal_information"]["tss_serial_number"]
        assert not qr.verifies(qr.parse(text.replace(f";{receipt.number};", ";999;")))


def test_each_closing_says_what_the_operations_came_to(week: Week) -> None:
    made = periods(week)

    assert [closing["fiscal"]["z_number"] for closing, _ in made] == [1, 2, 3]
    for closing, operations in made:
        assert takings.shown(closing) == takings.summary(operations)


def test_a_report_says_what_its_closings_came_to(week: Week) -> None:
    monday, early, late = (operations for _, operations in periods(week))
    since_monday, ever = [*early, *late], [*monday, *early, *late]
    for name, operations in (
        ("daily report", since_monday),
        ("monthly report", ever),
        ("annual report", ever),
    ):
        report = week.closings[name]
        assert takings.shown(report) == takings.summary(operations), name
        assert report["fiscal"]["z_number"] == 3


def test_the_books_of_each_closing_come_to_the_same(week: Week, book: Tables) -> None:
    for closing, operations in periods(week):
        number = closing["fiscal"]["z_number"]
        (head,) = of_closing(book["cashpointclosing"], number)
        drawer = takings.drawer(operations)

        assert amount(head["Z_SE_ZAHLUNGEN"]) == takings.paid(operations) + drawer
        assert amount(head["Z_SE_BARZAHLUNGEN"]) == takings.paid(operations, "cash") + drawer
        everything = total(of_closing(book["businesscases"], number), "Z_UMS_BRUTTO")
        assert everything == amount(head["Z_SE_ZAHLUNGEN"])
        payments = of_closing(book["payment"], number)
        assert total(payments, "Z_ZAHLART_BETRAG") == amount(head["Z_SE_ZAHLUNGEN"])
        (cash,) = of_closing(book["cash_per_currency"], number)
        assert amount(cash["ZAHLART_BETRAG_WAEH"]) == amount(head["Z_SE_BARZAHLUNGEN"])


def test_the_rates_of_each_closing_are_those_of_its_receipts(week: Week, book: Tables) -> None:
    for closing, _ in periods(week):
        number = closing["fiscal"]["z_number"]
        rates = {
            row["UST_SCHLUESSEL"]: amount(row["UST_SATZ"]) / 100
            for row in of_closing(book["vat"], number)
        }
        found: dict[Decimal, tuple[Decimal, Decimal]] = {}
        for row in of_closing(book["transactions_vat"], number):
            if row["UST_SCHLUESSEL"] != NOT_TAXABLE:
                net, tax = found.get(rates[row["UST_SCHLUESSEL"]], (Decimal(0), Decimal(0)))
                found[rates[row["UST_SCHLUESSEL"]]] = (
                    net + amount(row["BON_NETTO"]),
                    tax + amount(row["BON_UST"]),
                )

        assert {
            Decimal(one["rate"]): (one["taxable_amount"], one["tax_amount"])
            for one in closing["summary"]["tax_breakdown"]
        } == {rate: (takings.cents(net), takings.cents(tax)) for rate, (net, tax) in found.items()}


@pytest.mark.parametrize(("reason", "sum_", "case"), DRAWER)
def test_what_moves_in_the_drawer_has_the_laws_word(
    week: Week, book: Tables, reason: str, sum_: str, case: str
) -> None:
    (line,) = (row for row in book["lines"] if row["BON_ID"] == bon_id(week.told[reason]))
    (paid,) = (row for row in book["datapayment"] if row["BON_ID"] == line["BON_ID"])

    assert (line["GV_TYP"], line["ARTIKELTEXT"]) == (case, REASONS.get(reason, reason))
    assert (paid["ZAHLART_TYP"], amount(paid["BASISWAEH_BETRAG"])) == ("Bar", Decimal(sum_))


def test_each_way_to_pay_has_the_laws_word(week: Week, book: Tables) -> None:
    def ways(name: str) -> list[tuple[str, str, str]]:
        id_ = bon_id(week.told[name])
        rows = [row for row in book["datapayment"] if row["BON_ID"] == id_]
        return [(row["ZAHLART_TYP"], row["ZAHLART_NAME"], row["BASISWAEH_BETRAG"]) for row in rows]

    assert ways("cash") == [("Bar", "", "8,60")]
    assert ways("girocard") == [("ECKarte", "girocard", "11,90")]
    assert ways("Visa") == [("Kreditkarte", "Visa", "11,90")]
    assert ways("split") == [("Bar", "", "5,00"), ("Kreditkarte", "Mastercard", "6,90")]
    assert ways("tip") == [("ElZahlungsdienstleister", "", "13,90")]
    assert ways("gift card redeemed") == [("Keine", "", "0,00")]
    assert ways("gift card in part") == [("Bar", "", "6,90")]
    assert ways("store credit") == [("Guthabenkarte", "", "11,90")]
    assert ways("others") == [("Unbar", "", "11,90")]
    cases = {row["GV_TYP"] for row in book["businesscases"]}
    assert {"Umsatz", "Rabatt", "TrinkgeldAN", "Anfangsbestand"} < cases
    assert {"MehrzweckgutscheinKauf", "MehrzweckgutscheinEinloesung"} < cases


def test_what_was_taken_back_names_what_was_sold(week: Week, book: Tables) -> None:
    rows = by_receipt(book["references"])
    first = of_closing(book["cashpointclosing"], 1)[0]
    for name, sold in (
        ("return", "cash"),
        ("exchange", "girocard"),
        ("even exchange", "Visa"),
        ("return of Monday's", "split"),
    ):
        row = rows.pop(bon_id(week.told[name]))
        assert (row["REF_TYP"], row["REF_BON_ID"]) == ("Transaktion", bon_id(week.told[sold]))
        assert (row["REF_Z_NR"], row["REF_DATUM"]) == ("1", first["Z_ERSTELLUNG"])
    (elsewhere,) = rows.values()
    assert elsewhere["BON_ID"] == bon_id(week.told["return from elsewhere"])
    assert (elsewhere["REF_TYP"], elsewhere["REF_NAME"]) == ("ExterneSonstige", "alte Kasse")
    assert elsewhere["REF_BON_ID"] == "A-17"


@pytest.mark.parametrize("reason", VOID_REASONS)
def test_what_came_to_nothing_is_signed_and_counts_for_nothing(
    week: Week, book: Tables, reason: str
) -> None:
    voided, id_ = week.told[reason], bon_id(week.told[reason])

    assert (voided["status"], voided["void_reason"]) == ("voided", reason)
    (signed,) = (row for row in book["transactions_tse"] if row["BON_ID"] == id_)
    assert signed["TSE_VORGANGSDATEN"] == "AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^"
    for table in ("lines", "datapayment", "transactions_vat"):
        assert [row for row in book[table] if row["BON_ID"] == id_] == []


def test_both_files_stand_before_every_checker(
    week: Week, archive: bytes, log: bytes, tmp_path: Path
) -> None:
    auditor.assert_checked("dsfinvk", archive, tmp_path)
    auditor.assert_checked("tse", log, tmp_path)
    week.premises.assert_proved()


@pytest.mark.skipif(not find_spec("dsfinvk"), reason="the foreign reader is not installed")
def test_a_foreign_reader_finds_nothing(archive: bytes, tmp_path: Path) -> None:
    for name, content in auditor.files(archive).items():
        (tmp_path / name).write_bytes(content)

    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "dsfinvk.validate", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stdout) == (0, "")


def test_the_paper_says_what_the_closing_says(week: Week) -> None:
    for closing, _ in periods(week):
        said, number = closing["summary"], closing["fiscal"]["z_number"]
        found = paper(week.premises, closing)
        sales = said["by_operation_type"]["sales"]
        for wanted in (
            f"Z-Nummer{number}·",
            "KioskYıldız&SöhneGmbH",
            "21/815/08150",
            "DE123456788",
            f"Verkäufe{sales['count']}{euros(sales['total_gross'])}",
            f"Bareinnahmenabzüglich"
            f"Rückzahlungen{euros(said['total_by_payment_method'].get('cash', 0))}",
            closing["fiscal"]["tse_serial"],
            closing["fiscal"]["signature"],
            f"Signaturzähler{closing['fiscal']['transaction_counter']}",
            "VorgängeohneSignatur:keine",
        ):
            assert wanted in found, wanted


def test_the_paper_of_a_report_names_its_closings(week: Week) -> None:
    report = week.closings["monthly report"]
    found = paper(week.premises, report)

    cash = report["summary"]["total_by_payment_method"]["cash"]
    for wanted in (
        "Monatsbericht",
        "Z-Nummern1–3",
        "Anfangsbestand630,00",
        f"BareinnahmenabzüglichRückzahlungen{euros(cash)}",
        "Differenz-0,10",
    ):
        assert wanted in found, wanted


def euros(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}".replace(".", ",")


def test_the_address_of_a_file_opens_nothing_else_and_not_for_ever(
    week: Week, export: Json
) -> None:
    premises, address = week.premises, local(export["download_url"])
    today = premises.clock.now

    refusal(premises.http.get(address[:-1]), 403, "forbidden")
    refusal(premises.http.get(address.replace("expires=1", "expires=2")), 403, "forbidden")
    refusal(premises.http.get(address.partition("?")[0]), 403, "forbidden")
    try:
        premises.clock.move(days=7, seconds=1)
        refusal(premises.http.get(address), 410, "gone")
        assert week.kiosk.caller.get(f"/exports/{export['id']}")["download_url"] is None
    finally:
        premises.clock.now = today
    assert fetched(premises, export["download_url"])
