"""A day in a café, a branch on the Azores, and mistakes; in the end the audit file."""

import io
from pathlib import Path
from zipfile import ZipFile

import pytest
import xmlschema
from lxml import etree
from sqlalchemy import select

from fiscus.formats import find
from fiscus.store.connect import reading
from fiscus.store.schema import SETTING_KEY
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Json, Till, logs

TODAY = "2026-11-16"
SAFT = "{urn:OECD:StandardAuditFile-Tax:PT_1.04_01}"


def audit_file(premises: Premises, till: Till, folder: Path) -> Path:
    """The XML of the day, asked for, made and fetched like a client does."""
    file = till.made("/files", {"type": "AUDIT", "range": {"from": TODAY, "to": TODAY}})
    premises.work()
    listed = till.speaking("2026-06-01").listed("/files")
    done = next(one for one in listed if one["id"] == file["id"])
    assert done["state"] == "COMPLETED"
    with ZipFile(io.BytesIO(till.send("GET", done["artifact"]["path"]).content)) as archive:
        return Path(archive.extract(archive.namelist()[0], folder))


def invoices(path: Path) -> dict[str, str]:
    """Document numbers and their states."""
    found = etree.parse(str(path)).iter(f"{SAFT}Invoice")
    return {
        one.findtext(f"{SAFT}InvoiceNo"): one.findtext(f"{SAFT}DocumentStatus/{SAFT}InvoiceStatus")
        for one in found
    }


def number(record: Json) -> str:
    return words.qr(record)["G"]


def the_azores(till: Till) -> str:
    """A second branch, in Ponta Delgada, with a register in service."""
    location = till.made(
        "/locations",
        words.branch(till.taxpayer, "Loja Açores", code="9500-119", city="Ponta Delgada"),
    )
    till.changed(f"/locations/{location['id']}", {"state": "COMMISSIONED"})
    system = till.made("/systems", words.device(location["id"]))
    till.changed(f"/systems/{system['id']}", {"state": "COMMISSIONED"})
    assert [rate["percentage"] for rate in system["vat_rates"]][:3] == ["16", "9", "4"]
    id_: str = system["id"]
    return id_


def the_whole_day(premises: Premises, till: Till) -> dict[str, str]:
    """What the audit file must show: every number with its state."""
    islands = the_azores(till)
    sales = [
        till.sells(words.receipt()),
        till.sells(words.receipt(simplified=True, series="FS-T01")),
        till.sells(words.invoice()),
        till.sells(words.receipt(words.exempt(), series="AULAS")),
        till.sells(
            words.receipt(words.line(gross="2.32", percentage="16"), series="ACORES"),
            till.intends(islands),
        ),
        till.sells(
            words.receipt(
                words.line(
                    "Bolo do caco",
                    "2.44",
                    percentage="22",
                    vat={"fiscal_location": {"country": "PT", "region": "MADEIRA"}},
                )
            )
        ),
    ]
    premises.clock.move(minutes=90)
    first, wrong = sales[0], till.sells(words.receipt())
    notes = [
        till.sells(words.correction(first["id"])),
        till.sells(words.correction(first["id"])),
        till.sells(words.correction(sales[2]["id"], words.line("Café", "0.50"), series="ND-2026")),
    ]
    till.sells(words.cancellation(wrong["id"]))
    till.sells({"type": "ABORT"})
    for record in (first, wrong):
        assert till.records(words.correction(record["id"]))["state"] == "REJECTED"
    training = words.receipt(details={**words.BY, "training": True})
    assert number(till.sells(training)).startswith("FR FR-T01-2026.F/")
    return {number(one): "N" for one in (*sales, *notes)} | {number(wrong): "A"}


def test_the_day_ends_with_an_audit_file_that_holds_before_the_official_schema(
    premises: Premises, till: Till, tmp_path: Path, shared_data: Path
) -> None:
    expected = the_whole_day(premises, till)

    path = audit_file(premises, till, tmp_path)

    assert invoices(path) == expected
    xmlschema.XMLSchema11(str(shared_data / "pt/xsd/SAFTPT1.04_01.xsd")).validate(str(path))


def test_the_day_holds_before_our_own_checker_and_the_verifier(
    premises: Premises, till: Till, tmp_path: Path
) -> None:
    the_whole_day(premises, till)
    path = audit_file(premises, till, tmp_path)
    with reading(premises.services.engine) as tx:
        wanted = select(SETTING_KEY.c.public_pem).where(SETTING_KEY.c.name == "seal:pt")
        key = tx.execute(wanted).scalar_one()

    assert find("saft-pt").check(path, {"public_key_pem": key}) == ()
    premises.assert_proved()


def test_each_kind_of_document_has_its_type_and_its_own_numbers(till: Till) -> None:
    receipt = till.sells(words.receipt())
    invoice = till.sells(words.invoice())
    made = [
        receipt,
        till.sells(words.receipt()),
        till.sells(words.receipt(simplified=True, series="FS-T01")),
        invoice,
        till.sells(words.correction(receipt["id"])),
        till.sells(words.correction(invoice["id"], words.line("Café", "0.50"), series="ND-2026")),
    ]

    assert [number(one) for one in made] == [
        "FR FR-T01-2026/1",
        "FR FR-T01-2026/2",
        "FS FS-T01/1",
        "FT FT-2026/1",
        "NC NC-2026/1",
        "ND ND-2026/1",
    ]
    assert made[1]["compliance"]["sequence"]["record"] == {"id": receipt["id"]}


def test_a_receipt_is_credited_in_parts_but_never_more_than_sold(till: Till) -> None:
    receipt = till.sells(words.receipt())

    too_much = till.records(words.correction(receipt["id"], words.back(gross="3.69", quantity="3")))
    till.sells(words.correction(receipt["id"]))
    till.sells(words.correction(receipt["id"]))
    again = till.records(words.correction(receipt["id"]))

    assert too_much["state"] == "REJECTED"
    assert "PT-NOTE-09" in logs(too_much)
    assert again["state"] == "REJECTED"
    assert "PT-NOTE-04" in logs(again)


def test_a_document_with_notes_is_cancelled_after_its_notes(till: Till) -> None:
    receipt = till.sells(words.receipt())
    note = till.sells(words.correction(receipt["id"]))

    early = till.records(words.cancellation(receipt["id"]))
    till.sells(words.cancellation(note["id"]))
    till.sells(words.cancellation(receipt["id"]))
    late = till.records(words.correction(receipt["id"]))

    assert "PT-VOID-03" in logs(early)
    assert "PT-NOTE-03" in logs(late)


def test_a_refused_document_takes_no_number(till: Till) -> None:
    till.sells(words.receipt())

    refused = till.records(words.receipt(words.line(percentage="22.5")))
    after = till.sells(words.receipt())

    assert refused["state"] == "REJECTED"
    assert "compliance" not in refused
    assert number(after) == "FR FR-T01-2026/2"


def test_a_simplified_invoice_has_its_limit(till: Till) -> None:
    big = words.line("Bolo de casamento", "1001.00", quantity="1")

    record = till.records(words.receipt(big, simplified=True))

    assert "PT-SIMPLIFIED-01" in logs(record)


def test_training_has_its_own_series_and_stays_out_of_the_audit_file(
    premises: Premises, till: Till, tmp_path: Path
) -> None:
    practice = till.sells(words.receipt(), till.intends(details={**words.BY, "training": True}))
    real = till.sells(words.receipt())

    assert number(practice) == "FR FR-T01-2026.F/1"
    assert invoices(audit_file(premises, till, tmp_path)) == {number(real): "N"}
    mixed = till.records(words.correction(practice["id"]))
    assert "PT-NOTE-05" in logs(mixed)


@pytest.mark.parametrize(
    ("place", "percentage", "region"),
    [
        ({"country": "PT", "region": "AZORES"}, "16", "PT-AC"),
        ({"country": "PT", "region": "AC"}, "16", "PT-AC"),
        ({"country": "PT", "region": "MADEIRA"}, "22", "PT-MA"),
        ({"country": "PT"}, "23", "PT"),
    ],
)
def test_a_line_may_be_taxed_where_it_is_consumed(
    till: Till, place: Json, percentage: str, region: str
) -> None:
    entry = words.line(gross="10.00", percentage=percentage, vat={"fiscal_location": place})

    record = till.sells(words.receipt(entry))

    qr = words.qr(record)
    assert qr["I1"] == region
    assert qr["I7"] == words.split("10.00", percentage)["exclusive"]


def test_an_exempt_line_is_counted_apart(till: Till) -> None:
    record = till.sells(words.receipt(words.exempt(gross="25.00")))

    qr = words.qr(record)
    assert (qr["I2"], qr["N"], qr["O"]) == ("25.00", "0.00", "25.00")


def test_an_intention_is_concluded_once(till: Till) -> None:
    intention = till.intends()
    till.sells(words.receipt(), intention)

    assert till.concludes(words.receipt(), intention).status_code == 405
    receipt = till.sells(words.receipt())
    assert till.concludes(words.receipt(), receipt["id"]).status_code == 405


def test_an_aborted_intention_leaves_no_document(till: Till) -> None:
    record = till.sells({"type": "ABORT"})

    assert record["type"] == "TRANSACTION::ABORT"
    assert "compliance" not in record
    assert number(till.sells(words.receipt())) == "FR FR-T01-2026/1"
