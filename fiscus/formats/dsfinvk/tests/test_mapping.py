"""A Berlin register from its journal to the archive that an auditor reads."""

import csv
import io
import subprocess
import sys
import tarfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path

import msgspec
import pytest

from fiscus.formats import Selection, find
from fiscus.formats.dsfinvk.check.run import check
from fiscus.formats.dsfinvk.tests.berlin_days import COFFEE, everything
from fiscus.formats.dsfinvk.tests.test_dtd import needs_java, validated_by_java
from fiscus.formats.dsfinvk.tests.till import (
    OPENED,
    TAXPAYER,
    Till,
    a_correction,
    a_device,
    a_line,
    a_sale,
    a_selection,
    back,
    cash,
)
from fiscus.model.documents import (
    DocumentKind,
    Draft,
)
from fiscus.model.faults import Corrupt
from fiscus.model.tests.clock import StandingClock

replace = msgspec.structs.replace
Rows = list[dict[str, str]]


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(OPENED)


@pytest.fixture
def a_till(tmp_path: Path, clock: StandingClock) -> Callable[[], Till]:
    made: list[Till] = []

    def make() -> Till:
        made.append(Till(a_device(tmp_path / f"tse-{len(made)}", clock), clock))
        return made[-1]

    return make


@pytest.fixture
def till(a_till: Callable[[], Till]) -> Till:
    return a_till()


def written(selection: Selection) -> bytes:
    write = find("dsfinvk").write
    assert write is not None
    return b"".join(write(selection))


def unpacked(archive: bytes, folder: Path) -> Path:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    return folder


def faults(archive: bytes, folder: Path) -> list[str]:
    (folder / "export.tar").write_bytes(archive)
    return [fault.sentence() for fault in check(folder / "export.tar", {})]


def table(archive: bytes, stem: str, **where: str) -> Rows:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        file = tar.extractfile(f"{stem}.csv")
        assert file
        text = io.StringIO(file.read().decode(), newline="")
    found = csv.DictReader(text, delimiter=";")
    return [row for row in found if all(row[name] == value for name, value in where.items())]


def test_a_day_of_everything_has_no_fault(till: Till, tmp_path: Path) -> None:
    everything(till)

    assert faults(written(a_selection(till)), tmp_path) == []


@needs_java
def test_the_index_of_a_real_day_is_valid(till: Till, tmp_path: Path) -> None:
    everything(till)

    assert validated_by_java(unpacked(written(a_selection(till)), tmp_path)).returncode == 0


@pytest.mark.skipif(not find_spec("dsfinvk"), reason="the foreign reader is not installed")
def test_a_foreign_reader_finds_nothing_in_a_real_day(till: Till, tmp_path: Path) -> None:
    everything(till)
    folder = unpacked(written(a_selection(till)), tmp_path / "export")

    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "dsfinvk.validate", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stdout) == (0, "")


def test_the_same_journal_gives_the_same_bytes_whenever_it_is_written(till: Till) -> None:
    everything(till)
    later = a_selection(till, written_at=datetime(2036, 1, 1, tzinfo=UTC))

    archive = written(a_selection(till))

    assert written(later) == archive
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        closed_at = till.closings[-1].at
        assert {member.mtime for member in tar.getmembers()} == {closed_at.timestamp()}


def test_the_closing_is_the_last_operation_of_its_own(till: Till) -> None:
    day = everything(till)
    archive = written(a_selection(till))

    first, second = table(archive, "cashpointclosing")
    operations = table(archive, "transactions", Z_NR="1")
    assert first["Z_START_ID"] == day["float"].intent == operations[0]["BON_ID"]
    assert first["Z_ENDE_ID"] == day["closing"].intent == operations[-1]["BON_ID"]
    assert (operations[-1]["BON_TYP"], operations[-1]["BON_NAME"]) == (
        "AVSonstige",
        "Tagesabschluss",
    )
    numbers = [int(row["BON_NR"]) for row in table(archive, "transactions")]
    assert numbers == list(range(1, till.number + 1))
    assert second["Z_START_ID"] == day["late return"].intent


def test_times_are_those_of_the_shop(till: Till) -> None:
    till.issue(a_sale(COFFEE, cash("23.80")))
    till.close()
    archive = written(a_selection(till))

    (operation, _) = table(archive, "transactions")
    assert operation["BON_START"] == "2026-05-04T08:07:00+02:00"
    assert operation["BON_ENDE"] == "2026-05-04T08:07:40+02:00"
    assert table(archive, "cashpointclosing")[0]["Z_ERSTELLUNG"] == "2026-05-04T08:15:20+02:00"
    assert table(archive, "cashpointclosing")[0]["Z_BUCHUNGSTAG"] == ""


def test_an_unsigned_operation_begins_when_its_caller_says(till: Till) -> None:
    said = a_sale(COFFEE, cash("23.80"), issued_at=datetime(2026, 5, 4, 6, 6, 30, tzinfo=UTC))
    till.issue(said, outage="kein Kontakt")
    till.issue(replace(said, issued_at=None), outage="kein Kontakt")
    till.close()

    starts = [row["BON_START"] for row in table(written(a_selection(till)), "transactions")]
    assert starts[:2] == ["2026-05-04T08:06:30+02:00", "2026-05-04T08:15:20+02:00"]


def test_a_closing_over_midnight_names_the_day_it_belongs_to(till: Till) -> None:
    till.issue(a_sale(COFFEE, cash("23.80")))
    till.close(day=date(2026, 5, 3))

    assert table(written(a_selection(till)), "cashpointclosing")[0]["Z_BUCHUNGSTAG"] == "2026-05-03"


def test_master_data_are_those_of_the_closing(till: Till) -> None:
    till.open()
    till.close()
    moved = replace(TAXPAYER, legal_name="Neu GmbH", facts={"tax_number": "1"})
    archive = written(a_selection(till, taxpayer=moved))

    (closing,) = table(archive, "cashpointclosing")
    assert closing["NAME"] == 'Bäckerei "Süßer Günther"; Inh. Jörg Weiß e. K.'
    assert [closing[name] for name in ("STRASSE", "PLZ", "ORT", "LAND", "STNR", "USTID")] == [
        "Straße des 17. Juni 135",
        "10623",
        "Berlin",
        "DEU",
        "21/815/08150",
        "DE123456788",
    ]
    (place,) = table(archive, "location")
    assert (place["LOC_NAME"], place["LOC_LAND"]) == ("Filiale Köpenick; am Markt", "DEU")
    (register,) = table(archive, "cashregister")
    assert register["KASSE_SERIENNR"] == till.id == closing["Z_KASSE_ID"]
    assert (register["KASSE_SW_BRAND"], register["KASSE_SW_VERSION"]) == ("Kiosk Pro", "4.2")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        index = tar.extractfile("index.xml")
        assert index
        assert "<Name>Bäckerei" in index.read().decode("utf-8-sig")


def test_a_return_has_negative_quantity_and_a_discount_a_negative_price(till: Till) -> None:
    day = everything(till)
    archive = written(a_selection(till))

    (returned,) = table(archive, "lines", BON_ID=day["return"].intent)
    assert (returned["MENGE"], returned["STK_BR"]) == ("-1,000", "5,35000")
    used = table(archive, "lines", BON_ID=day["gift card used"].intent)[1]
    assert (used["GV_TYP"], used["MENGE"], used["STK_BR"]) == (
        "MehrzweckgutscheinEinloesung",
        "1,000",
        "-20,00000",
    )
    assert (used["GUTSCHEIN_NR"], used["ART_NR"]) == ("GC-17", "")


def test_a_discount_on_the_receipt_is_one_line_under_all_its_rates(till: Till) -> None:
    day = everything(till)
    archive = written(a_selection(till))
    receipt = day["discounts"].intent

    lines = table(archive, "lines", BON_ID=receipt)
    assert [line["GV_TYP"] for line in lines] == ["Umsatz", "Umsatz", "Rabatt"]
    shares = table(archive, "lines_vat", BON_ID=receipt, POS_ZEILE="3")
    assert [(row["UST_SCHLUESSEL"], row["POS_BRUTTO"]) for row in shares] == [
        ("1", "-1,56000"),
        ("2", "-0,44000"),
    ]
    assert lines[2]["STK_BR"] == "-2,00000"


def test_a_discount_on_a_line_tells_how_its_price_came_about(till: Till) -> None:
    day = everything(till)
    archive = written(a_selection(till))

    found = table(archive, "itemamounts", BON_ID=day["discounts"].intent)
    assert [(row["POS_ZEILE"], row["TYP"], row["PF_BRUTTO"], row["PF_UST"]) for row in found] == [
        ("1", "base_amount", "13,90000", "2,21933"),
        ("1", "discount", "-2,00000", "-0,31933"),
        ("2", "base_amount", "3,03000", "0,20037"),
        ("2", "extra_amount", "0,30000", "0,01963"),
    ]
    line = table(archive, "lines", BON_ID=day["discounts"].intent)[0]
    assert line["STK_BR"] == "11,90000"


def test_cash_is_counted_by_currency(till: Till) -> None:
    everything(till)
    archive = written(a_selection(till))

    cash_totals = {
        row["ZAHLART_WAEH"]: row["ZAHLART_BETRAG_WAEH"]
        for row in table(archive, "cash_per_currency", Z_NR="1")
    }
    assert cash_totals == {"EUR": "172,73", "USD": "13,10"}


def test_training_is_written_and_counted_nowhere(till: Till) -> None:
    till.issue(a_sale(COFFEE, cash("23.80"), is_training=True))
    till.close()
    archive = written(a_selection(till))

    assert [row["BON_TYP"] for row in table(archive, "transactions")] == [
        "AVTraining",
        "AVSonstige",
    ]
    assert table(archive, "lines")
    assert table(archive, "businesscases") == []
    assert table(archive, "cashpointclosing")[0]["Z_SE_ZAHLUNGEN"] == "0,00"


def test_an_abort_has_no_lines_and_says_why(till: Till) -> None:
    day = everything(till)
    archive = written(a_selection(till))

    (aborted,) = table(archive, "transactions", BON_TYP="AVBelegabbruch")
    assert (aborted["BON_ID"], aborted["UMS_BRUTTO"]) == (day["void"].intent, "0,00")
    assert aborted["BON_NOTIZ"] == "Kunde ging"


def test_a_correction_leads_to_the_closing_of_its_original(till: Till) -> None:
    day = everything(till)
    archive = written(a_selection(till))

    (late,) = table(archive, "references", BON_ID=day["late return"].intent)
    assert (late["REF_TYP"], late["REF_Z_NR"], late["REF_Z_KASSE_ID"], late["REF_BON_ID"]) == (
        "Transaktion",
        "1",
        till.id,
        day["sale"].intent,
    )
    assert late["REF_DATUM"] == table(archive, "cashpointclosing")[0]["Z_ERSTELLUNG"]
    (same,) = table(archive, "references", BON_ID=day["return"].intent)
    assert same["REF_Z_NR"] == same["Z_NR"] == "1"


def test_a_document_of_another_system_is_named_in_words(till: Till) -> None:
    day = everything(till)
    archive = written(a_selection(till))

    (found,) = table(archive, "references", BON_ID=day["strange return"].intent)
    assert found["REF_TYP"] == "ExterneSonstige"
    assert found["REF_BON_ID"] == "Rechnung; 7/2024"
    assert found["REF_NAME"] == "Bon der alten Kasse; vor dem Umzug"


def test_what_another_register_has_not_closed_cannot_be_found_and_is_named_only(
    a_till: Callable[[], Till], tmp_path: Path
) -> None:
    here, there = a_till(), a_till()
    sold = there.issue(a_sale(COFFEE, cash("23.80")))
    here.issue(a_correction(back("Kaffee", "11.90"), cash("-11.90")), original=sold)
    here.close()

    archive = written(a_selection(here, there))

    (found,) = table(archive, "references")
    assert (found["REF_TYP"], found["REF_BON_ID"]) == ("ExterneSonstige", sold.intent)
    assert faults(archive, tmp_path) == []


def test_two_registers_with_a_device_each_stand_in_one_archive(
    a_till: Callable[[], Till], tmp_path: Path
) -> None:
    here, there = a_till(), a_till()
    sold = there.issue(a_sale(COFFEE, cash("23.80")))
    there.close()
    here.issue(a_correction(back("Kaffee", "11.90"), cash("-11.90")), original=sold)
    here.close()

    archive = written(a_selection(here, there))

    assert faults(archive, tmp_path) == []
    assert len({row["TSE_SERIAL"] for row in table(archive, "tse")}) == 2
    assert table(archive, "references")[0]["REF_Z_KASSE_ID"] == there.id


def test_closings_outside_of_the_file_cannot_be_looked_up_and_are_no_fault(
    a_till: Callable[[], Till], tmp_path: Path
) -> None:
    here, there = a_till(), a_till()
    early = here.issue(a_sale(COFFEE, cash("23.80")))
    here.close()
    there.close()
    other = there.issue(a_sale(COFFEE, cash("23.80")))
    for sold in (early, other):
        here.issue(a_correction(back("Kaffee", "11.90"), cash("-11.90")), original=sold)
    here.close()
    there.close()
    inside = [here.closings[1], there.closings[0]]
    selection = a_selection(
        here,
        there,
        closings=lambda: iter(
            [(inside[0], here.documents(inside[0])), (inside[1], there.documents(inside[1]))]
        ),
    )

    archive = written(selection)

    found = table(archive, "references")
    assert [(row["REF_Z_KASSE_ID"], row["REF_Z_NR"]) for row in found] == [
        (here.id, "1"),
        (there.id, "2"),
    ]
    assert faults(archive, tmp_path) == []


def test_a_whole_day_without_a_device_says_so_in_words(till: Till, tmp_path: Path) -> None:
    till.issue(a_sale(COFFEE, cash("23.80")), outage="TSE defekt")
    till.close(outage="TSE defekt")
    archive = written(a_selection(till))

    assert table(archive, "transactions_tse") == []
    assert [row["BON_NOTIZ"] for row in table(archive, "transactions")] == ["TSE defekt"] * 2
    assert faults(archive, tmp_path) == []


def test_an_unsigned_operation_lies_with_the_device_before_it(till: Till) -> None:
    day = everything(till)

    (unsigned,) = table(written(a_selection(till)), "transactions_tse", BON_ID=day["outage"].intent)
    assert (unsigned["TSE_ID"], unsigned["TSE_TANR"]) == ("1", "")
    assert unsigned["TSE_TA_FEHLER"] == "TSE: kein Kontakt; Kabel?"


def test_a_closing_of_nothing_is_written_with_itself_alone(till: Till, tmp_path: Path) -> None:
    closing = till.close()
    archive = written(a_selection(till))

    assert faults(archive, tmp_path) == []
    assert [row["BON_ID"] for row in table(archive, "transactions")] == [closing.intent]


def test_a_selection_without_closings_has_all_tables_and_no_rows(till: Till) -> None:
    archive = written(a_selection())

    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert len(tar.getnames()) == 22
    assert table(archive, "transactions") == []


def test_customers_are_written_as_far_as_they_are_known(till: Till) -> None:
    day = everything(till)

    (operation,) = table(written(a_selection(till)), "transactions", BON_ID=day["discounts"].intent)
    assert {name: value for name, value in operation.items() if name.startswith("KUNDE")} == {
        "KUNDE_NAME": "Małgorzata Śliwa; GmbH",
        "KUNDE_ID": "K-17",
        "KUNDE_TYP": "Unternehmen",
        "KUNDE_STRASSE": "ul. Żółta 3",
        "KUNDE_PLZ": "00-950",
        "KUNDE_ORT": "Warszawa",
        "KUNDE_LAND": "POL",
        "KUNDE_USTID": "PL5260001246",
    }


def test_who_served_is_always_filled(till: Till) -> None:
    till.issue(a_sale(COFFEE, cash("23.80"), operator=""))
    till.close()

    assert {row["BEDIENER_ID"] for row in table(written(a_selection(till)), "transactions")} == {
        "ohne Angabe"
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"numbered": None}, "DSFINVK-BODY-01"),
        ({"seal": None}, "DSFINVK-BODY-01"),
        ({"draft": Draft(kind=DocumentKind.CORRECTION, refers_to="nobody")}, "DSFINVK-BODY-04"),
    ],
)
def test_a_journal_that_contradicts_itself_is_not_exported(till, changes, code):
    till.issue(a_sale(COFFEE, cash("23.80")))
    till.close()
    till.bodies = [(kind, replace(body, **changes)) for kind, body in till.bodies]

    with pytest.raises(Corrupt) as caught:
        written(a_selection(till))

    assert caught.value.code.id == code


def test_a_signature_of_a_device_unknown_to_the_closing_is_not_exported(till: Till) -> None:
    till.issue(a_sale(COFFEE, cash("23.80")))
    till.close(devices=())

    with pytest.raises(Corrupt) as caught:
        written(a_selection(till))

    assert caught.value.code.id == "DSFINVK-BODY-03"


def test_a_report_over_closings_is_no_closing(till: Till) -> None:
    till.close(is_sealed=False)

    with pytest.raises(Corrupt) as caught:
        written(a_selection(till))

    assert caught.value.code.id == "DSFINVK-BODY-05"


def test_a_closing_over_a_change_of_rates_keeps_each_rate_under_a_key_of_its_own(
    a_till: Callable[[], Till], clock: StandingClock, tmp_path: Path
) -> None:
    """Sold at 8.4 % in the last minutes of 2024 and at 7.8 % after midnight, closed then."""
    clock.now = datetime(2024, 12, 31, 22, 30, tzinfo=UTC)
    till = a_till()
    before = till.issue(a_sale(a_line("Wein vom Hof", "10.84", "8.4"), cash("10.84")))
    trained = till.issue(a_sale(a_line("Probe", "1.08", "8.4"), cash("1.08"), is_training=True))
    clock.now = datetime(2024, 12, 31, 23, 30, tzinfo=UTC)
    after = till.issue(a_sale(a_line("Wein vom Hof", "10.78", "7.8"), cash("10.78")))
    till.close()
    archive = written(a_selection(till))

    assert {
        row["UST_SCHLUESSEL"]: row["UST_SATZ"]
        for row in table(archive, "vat")
        if row["UST_SCHLUESSEL"] in ("3", "43")
    } == {"3": "7,80", "43": "8,40"}
    assert [
        (row["UST_SCHLUESSEL"], row["Z_UMS_BRUTTO"]) for row in table(archive, "businesscases")
    ] == [("3", "10,78000"), ("43", "10,84000")]
    keys = {
        body.intent: {
            row["UST_SCHLUESSEL"] for row in table(archive, "lines_vat", BON_ID=body.intent)
        }
        for body in (before, trained, after)
    }
    assert keys == {before.intent: {"43"}, trained.intent: {"43"}, after.intent: {"3"}}
    assert faults(archive, tmp_path) == []
