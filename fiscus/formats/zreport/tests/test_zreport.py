import io
import re
from decimal import Decimal

import msgspec
import pytest
from pypdf import PdfReader

from fiscus.formats.zreport import PaperSize, pdf
from fiscus.formats.zreport.letters import REGULAR, width, wrapped
from fiscus.formats.zreport.tests.builders import (
    CLIENT,
    SERIAL,
    SIGNATURE,
    a_body,
    a_case,
    a_closing,
    a_place,
    a_seal,
    ids,
)
from fiscus.formats.zreport.words import ENGLISH, GERMAN
from fiscus.model.closings import TaxTotal
from fiscus.model.documents import ClosingType
from fiscus.model.records import EntryBody

both = pytest.mark.parametrize("paper", PaperSize)


def pages(body: EntryBody, paper: PaperSize = PaperSize.A4) -> PdfReader:
    return PdfReader(io.BytesIO(pdf(body, paper)), strict=True)


def text(body: EntryBody, paper: PaperSize = PaperSize.A4) -> str:
    """What a reader finds, page after page."""
    return "\n".join(page.extract_text() for page in pages(body, paper).pages)


def unbroken(found: str) -> str:
    """Without blanks and line ends: long words are broken where the paper ends."""
    return re.sub(r"\s", "", found)


@both
def test_the_paper_says_who_where_and_when(paper: PaperSize) -> None:
    found = unbroken(text(a_body(), paper))

    for wanted in (
        "Kassenabschluss (Z-Bericht)",
        "Z-Nummer 47",
        "Kiosk Yıldız & Söhne GmbH",
        "Späti am Eck",
        "Müllerstraße 12 a, 13353 Berlin",
        "21/815/08150",
        "DE123456789",
        "Filiale Wedding",
        "Kasse 1",
        f"ID und Seriennummer {CLIENT}",
        "HW-0815",
        "Till 4.2",
        "01.03.2026 07:00:03 +01:00",
        "01.03.2026 22:20:04 +01:00",
        "0196f0a0-0000-7000-8000-000000000001",
        "0196f0a0-0000-7000-8000-0000000004d3",
    ):
        assert unbroken(wanted) in found, wanted


@both
def test_every_figure_of_the_closing_is_on_the_paper(paper: PaperSize) -> None:
    found = unbroken(text(a_body(), paper))

    for row in (
        "1 · 19,00 % · Regelsteuersatz 3.422,95 2.876,43 546,52",
        "2 · 7,00 % · Ermäßigter Steuersatz 950,75 888,55 62,20",
        "Summe 4.373,70 3.764,98 608,72",
        "Verkäufe 128 4.391,55",
        "Rückgaben 3 -17,85",
        "Abbrüche und Stornos 2",
        "Umsatz · 1 · 19,00 % 3.440,95 2.891,55 549,40",
        "Rabatt · 1 · 19,00 % -18,00 -15,13 -2,87",
        "MehrzweckgutscheinEinloesung · 5 · 0,00 % -25,00 -25,00 0,00",
        "Geldtransit · 5 · 0,00 % -1.200,00 -1.200,00 0,00",
        "Bar 1.000,05",
        "Bar (13,10 CHF) 11,90",
        "ECKarte · girocard 2.307,11",
        "Summe 3.319,06",
        "davon Bargeld 1.011,95",
        "Anfangsbestand 150,00",
        "Bareinnahmen abzüglich Rückzahlungen 2.011,20",
        "Eingelegt 40,00",
        "Entnommen -1.200,00",
        "Sollbestand 1.001,20",
        "Gezählter Bestand 1.000,05",
        "Differenz -1,15",
    ):
        # Where there is no room, the text of a table is broken around the figures beside it.
        figures = row.split()[-3:] if "Steuersatz" in row or "Regel" in row else row.split()
        assert unbroken("".join(figures)) in found, row


@both
def test_the_signature_of_the_closing_can_be_read_off(paper: PaperSize) -> None:
    found = unbroken(text(a_body(), paper))

    for wanted in (
        SERIAL,
        SIGNATURE,
        "Transaktionsnummer 1234",
        "Signaturzähler 2471",
        "2026-03-01T21:20:01.000Z",
        "2026-03-01T21:20:02.500Z",
        "ecdsa-plain-SHA256",
        "Vorgänge ohne Signatur: keine",
    ):
        assert unbroken(wanted) in found, wanted


@both
def test_a_closing_made_in_an_outage_says_why_it_is_not_signed(paper: PaperSize) -> None:
    body = a_body(seal=a_seal(signing=None, outage="Die TSE antwortet nicht"))

    found = text(body, paper)

    assert unbroken("Ohne Signatur, Grund Die TSE antwortet nicht") in unbroken(found)
    assert "Signaturzähler" not in found


@both
def test_a_report_of_a_test_device_says_on_every_page_that_it_is_not_valid(
    paper: PaperSize,
) -> None:
    real = a_closing(unsigned=ids(60))
    trial = a_closing(
        unsigned=ids(60),
        devices=tuple(msgspec.structs.replace(device, is_test=True) for device in real.devices),
    )
    mark = unbroken("TEST, rechtlich ohne Wirkung")

    assert all(mark in unbroken(page.extract_text()) for page in pages(a_body(trial), paper).pages)
    assert mark not in unbroken(text(a_body(real), paper))


@both
def test_five_hundred_unsigned_operations_are_all_listed(paper: PaperSize) -> None:
    unsigned = ids(500)

    found = text(a_body(a_closing(unsigned=unsigned)), paper)

    assert "Vorgänge ohne Signatur: 500" in found
    assert re.findall(r"0196f0a1-[0-9a-f-]{27}", found) == list(unsigned)


def test_a_long_report_flows_over_numbered_pages() -> None:
    found = pages(a_body(a_closing(unsigned=ids(500)))).pages

    assert len(found) > 4
    for number, page in enumerate(found, 1):
        assert f"Seite {number} von {len(found)}" in page.extract_text()
        assert f"Z-Nummer 47 · {CLIENT}" in page.extract_text()
        assert page.mediabox.width == 595
        assert page.mediabox.height == 842


@pytest.mark.parametrize("count", range(30))
def test_a_short_table_is_never_parted(count: int) -> None:
    cases = tuple(a_case(f"Fall {number}", "1", 19, "1.00", "0.19") for number in range(count))

    found = [page.extract_text() for page in pages(a_body(a_closing(cases=cases))).pages]

    assert [("Eingelegt" in page) for page in found] == [("Differenz" in page) for page in found]
    assert [("Zahlart" in page) for page in found] == [("davon Bargeld" in page) for page in found]


def test_the_roll_is_one_page_as_long_as_its_content() -> None:
    short = pages(a_body(), PaperSize.ROLL).pages
    long = pages(a_body(a_closing(unsigned=ids(500))), PaperSize.ROLL).pages

    assert (len(short), len(long)) == (1, 1)
    assert short[0].mediabox.width == 227
    assert long[0].mediabox.height == short[0].mediabox.height + 500 * 10
    assert "Seite" not in long[0].extract_text()


def test_a_roll_longer_than_a_page_can_be_is_parted() -> None:
    found = pages(a_body(a_closing(unsigned=ids(2000))), PaperSize.ROLL).pages

    assert len(found) == 2
    assert all(page.mediabox.height <= 14_000 for page in found)
    assert "Seite 2 von 2" in found[1].extract_text()


@both
def test_the_same_record_gives_the_same_bytes(paper: PaperSize) -> None:
    assert pdf(a_body(), paper) == pdf(a_body(), paper)
    assert pdf(a_body(), paper) != pdf(a_body(a_closing(number=48)), paper)


def test_the_file_is_dated_and_named_by_the_record() -> None:
    found = pages(a_body()).metadata

    assert found is not None
    assert str(found["/CreationDate"]) == "D:20260301222004+01'00'"
    assert found["/ModDate"] == found["/CreationDate"]
    assert found.title == "Kassenabschluss (Z-Bericht), Z-Nummer 47 · 01.03.2026"
    assert found.author == "Kiosk Yıldız & Söhne GmbH"


def test_the_last_operation_of_what_a_device_sealed_is_the_closing_itself() -> None:
    """As in the export: Z_ENDE_ID is the last of all kinds."""
    sealed, report = unbroken(text(a_body())), unbroken(text(a_body(seal=a_seal(signing=None))))

    assert ("0000000004d3" in sealed, "0000000004d2" in sealed) == (True, False)
    assert ("0000000004d3" in report, "0000000004d2" in report) == (False, True)


def test_a_report_over_closings_names_their_numbers_and_is_no_z_report() -> None:
    month = a_closing(
        type=ClosingType.MONTHLY,
        is_sealed=False,
        number=3,
        first_z=10,
        last_z=41,
        difference=None,
    )

    # A report is not signed by the device: there is nothing to read off.
    found = text(a_body(month, a_seal(signing=None)))

    assert "Signatur dieses Abschlusses" not in found
    assert "Monatsbericht" in found
    assert "Z-Bericht" not in found
    assert unbroken("Berichtsnummer 3 Z-Nummern 10 – 41") in unbroken(found)
    assert "nicht gezählt" in found
    assert "Differenz" not in found


def test_a_country_without_words_of_its_own_reads_english() -> None:
    found = text(a_body(a_closing(place=a_place("plain"))))

    assert unbroken("Total 4,373.70 3,764.98 608.72") in unbroken(found)
    assert "2026-03-01 22:20:04 +01:00" in found
    assert "Steuer" not in found


def test_a_country_with_one_number_for_both_prints_it() -> None:
    place = a_place("pt", facts={"tax_id_number": "509876544"})

    found = text(a_body(a_closing(place=place)))

    assert unbroken("Tax number 509876544 VAT number PT509876544") in unbroken(found)


def test_the_printed_rows_add_up_to_the_printed_total() -> None:
    """Two cents exactly, but three rows that each show one."""
    third = TaxTotal(
        tax_code="1", percentage=Decimal(19), net=Decimal("0.00333"), vat=Decimal("0.00333")
    )

    found = text(a_body(a_closing(taxes=(third, third, third))))

    assert unbroken("Summe 0,03 0,03 0,00") in unbroken(found)


def test_names_of_any_length_and_kind_stay_on_the_paper() -> None:
    name = "Ωμέγα Фирма " + "ß" * 400
    body = a_body(a_closing(place=a_place(legal_name=name)))

    found = text(body)

    assert unbroken(name) in unbroken(found)


def test_lines_are_never_wider_than_the_paper() -> None:
    lines = wrapped("ein zwei " + "W" * 60 + " drei\nvier", REGULAR, 9, 100)

    assert all(width(line, REGULAR, 9) <= 100 for line in lines)
    assert "".join(lines).replace(" ", "") == "einzwei" + "W" * 60 + "dreivier"
    assert wrapped("", REGULAR, 9, 100) == [""]


@pytest.mark.parametrize(
    ("amount", "german", "english"),
    [
        ("1234567.895", "1.234.567,90", "1,234,567.90"),
        ("-0.004", "0,00", "0.00"),
        ("-12.345", "-12,35", "-12.35"),
    ],
)
def test_amounts_are_written_as_the_language_does(amount: str, german: str, english: str) -> None:
    assert GERMAN.money(Decimal(amount)) == german
    assert ENGLISH.money(Decimal(amount)) == english
