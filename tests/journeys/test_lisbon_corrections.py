"""What is put right afterwards in Lisbon: prices, debit notes, documents of another program, months
that were reported, sales to other member states; down to the file and to the reports.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from fiscus.channels import Answer, ObligationReport
from fiscus.channels.at_portugal import documents, reported
from fiscus.regimes.pt.months import ALLOWED, LATE_CANCELLATIONS
from fiscus.reporting.tests.authority import YES
from tests.journeys.test_lisbon_cafe import SAFT, the_azores
from tests.journeys.test_lisbon_refusals import consumer, expect_clean
from tests.journeys.test_versions import LATER, later
from tests.support import telling, words
from tests.support.body_places import expect_there, transaction
from tests.support.premises import Premises
from tests.support.till import Json, Till, logs, refusal

AT = "{http://factemi.at.min_financas.pt/documents}"
ELSEWHERE = {"number": "FT A2025/12", "issued_at": "2026-10-02"}


@pytest.fixture
def realtime(till: Till) -> Till:
    """The same till; what it sells is told to the authority."""
    till.changed(f"/taxpayers/{till.taxpayer}", {}, {"reporting": "realtime"})
    return till


def days_on(premises: Premises, till: Till, days: int) -> Till:
    """So much later, with a token that is good then."""
    premises.clock.move(days=days)
    return replace(till, bearer=till.with_token(*till.credentials).bearer)


def number(record: Json) -> str:
    return words.qr(record)["G"]


def told(premises: Premises) -> dict[str, etree._Element]:
    """The bodies that the authority gets, by the number of their document."""
    bodies: dict[str, etree._Element] = {}

    def answer(report: ObligationReport) -> Answer:
        document = report.document
        assert document
        issuer, certificate = reported.issuer(document), reported.certificate(document)
        text = documents.registering(issuer, certificate, reported.content(document))
        body = etree.fromstring(text.encode())
        bodies[body.findtext(f".//{AT}InvoiceNo") or ""] = body
        return YES

    telling.tell(premises, answer)
    return bodies


def lines(invoice: etree._Element) -> Iterator[etree._Element]:
    yield from invoice.iter(f"{SAFT}Line")


def invoice_of(root: etree._Element, number: str) -> etree._Element:
    [found] = [
        one for one in root.iter(f"{SAFT}Invoice") if one.findtext(f"{SAFT}InvoiceNo") == number
    ]
    return found


def elsewhere(*entries: Json, reference: Json = ELSEWHERE, **more: Any) -> Json:
    """A credit note on a document of another program."""
    note = words.correction("", *entries, **more) | {"preceding_document": reference}
    return {name: value for name, value in note.items() if name != "record"}


def in_later_words(note: Json) -> Json:
    return {**note, "data": later(note["data"])}


CHAIR = words.line("Cadeira", "123.00", quantity="10")
CHEAPER = words.back("Cadeira", "12.30", quantity="10")
TWO_BACK = words.back("Cadeira", "24.60", quantity="2")


def test_a_price_is_corrected_and_the_goods_may_still_come_back(
    premises: Premises, till: Till, tmp_path: Path, shared_data: Path
) -> None:
    """Ten chairs, a tenth off the price of each, then two come back: what was corrected takes value
    and no quantity. More value than is left goes back to nobody."""
    sold = till.sells(words.receipt(CHAIR))
    till.sells(words.correction(sold["id"], CHEAPER, reason="Preço errado"))

    note = till.sells(words.correction(sold["id"], TWO_BACK))
    rest = words.back("Cadeira", "86.11", quantity="8")
    too_much = till.records(words.correction(sold["id"], rest))
    eleven = words.back("Cadeira", "11.00", quantity="11")
    too_many = till.records(words.correction(sold["id"], eleven))

    assert "PT-NOTE-10" in logs(too_much)
    assert "PT-NOTE-09" in logs(too_many)
    till.sells(words.correction(sold["id"], words.back("Cadeira", "86.10", quantity="8")))
    assert "PT-NOTE-04" in logs(till.records(words.correction(sold["id"], TWO_BACK)))
    root = expect_clean(premises, till, tmp_path, shared_data)
    [line] = lines(invoice_of(root, number(note)))
    assert (line.findtext(f"{SAFT}Quantity"), line.findtext(f"{SAFT}DebitAmount")) == ("2", "20")


def test_a_debit_note_may_be_credited_and_for_its_buyer_alone(
    premises: Premises, till: Till, tmp_path: Path, shared_data: Path
) -> None:
    sold = till.sells(words.invoice())
    debit = till.sells(words.correction(sold["id"], words.line("Café", "0.50"), series="ND-1"))

    again = till.records(words.correction(debit["id"], words.line("Café", "0.10"), series="ND-1"))
    more = till.records(words.correction(debit["id"], words.back("Café", "0.51")))
    note = till.sells(words.correction(debit["id"], words.back("Café", "0.50")))

    assert "PT-NOTE-02" in logs(again)
    assert "PT-NOTE-10" in logs(more)
    assert "PT-VOID-03" in logs(till.records(words.cancellation(debit["id"])))
    assert words.qr(note)["B"] == words.qr(sold)["B"] == "514200111"
    root = expect_clean(premises, till, tmp_path, shared_data)
    [line] = lines(invoice_of(root, number(note)))
    assert line.findtext(f"{SAFT}References/{SAFT}Reference") == number(debit)


def test_a_document_of_the_previous_program_is_corrected_by_its_number_and_day(
    premises: Premises, realtime: Till, tmp_path: Path, shared_data: Path
) -> None:
    """Its number stands in the file and in what the authority is told, both on the print."""
    credit = realtime.sells(elsewhere(words.back()))
    debit = realtime.sells(elsewhere(words.line(gross="0.50"), series="ND-1"))

    shown = realtime.get(f"/records/{credit['id']}/document")
    assert "Referente a FT A2025/12 de 2026-10-02: Artigo devolvido" in shown["prints"]
    bodies = told(premises)
    root = expect_clean(premises, realtime, tmp_path, shared_data)
    for record, type_ in ((credit, "NC"), (debit, "ND")):
        invoice = invoice_of(root, number(record))
        assert invoice.findtext(f"{SAFT}InvoiceType") == type_
        for line in lines(invoice):
            assert line.findtext(f"{SAFT}References/{SAFT}Reference") == "FT A2025/12"
            assert line.findtext(f"{SAFT}References/{SAFT}Reason") == "Artigo devolvido"
        assert bodies[number(record)].findtext(f".//{AT}Reference") == "FT A2025/12"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"number": "A2025-12"}, "PT-NOTE-13"),
        ({"number": "FT A2025"}, "PT-NOTE-13"),
        ({"number": "FT A/2025/12"}, "PT-NOTE-13"),
        ({"issued_at": "2026-11-17"}, "PT-NOTE-14"),
    ],
)
def test_a_number_that_is_none_and_a_day_that_is_to_come_are_refused(
    till: Till, said: Json, code: str
) -> None:
    note = elsewhere(words.back(), reference={**ELSEWHERE, **said})

    rejected = till.records(note)

    assert (rejected["state"], code in logs(rejected)) == ("REJECTED", True)
    assert expect_there(logs(rejected), transaction(note))
    [name] = said
    assert f"content.operation.preceding_document.{name}" in logs(rejected)


def test_our_own_document_is_not_one_of_another_program(till: Till) -> None:
    """Else more would go back than was paid: what is left of ours is known."""
    sold = till.sells(words.receipt())
    day = {"number": number(sold), "issued_at": "2026-11-16"}

    rejected = till.records(elsewhere(words.back(), reference=day))
    further = {**day, "number": number(sold).replace("/1", "/2")}

    assert "PT-NOTE-15" in logs(rejected)
    assert till.sells(elsewhere(words.back(), reference=further))


def test_a_record_and_a_number_beside_it_must_be_the_same_document(till: Till) -> None:
    sold = till.sells(words.receipt())
    same = {"number": number(sold), "issued_at": "2026-11-16"}
    other = {**same, "number": "FT A2025/12"}

    rejected = till.records(words.correction(sold["id"]) | {"preceding_document": other})

    assert "PT-NOTE-16" in logs(rejected)
    assert till.sells(words.correction(sold["id"]) | {"preceding_document": same})


def test_a_correction_names_something(till: Till) -> None:
    note = words.correction("")
    del note["record"]

    for version in ("2026-05-04", LATER):
        said = in_later_words(note) if version == LATER else note
        message = refusal(till.speaking(version).concludes(said), 400)
        assert "content.operation" in message
        assert "names neither the record that it corrects nor a preceding document" in message


def test_the_next_version_has_a_place_of_its_own_for_it(till: Till) -> None:
    """`references.preceding_document` of 2026-06-01, and the member of 2026-05-04 too."""
    note = in_later_words(elsewhere(words.back()))
    del note["preceding_document"]
    note["data"]["document"]["references"] = {"preceding_document": ELSEWHERE}
    speaking = till.speaking(LATER)

    sold = speaking.sells(note)
    wrong = elsewhere(words.back(), reference={**ELSEWHERE, "number": "A-12"})

    shown = till.get(f"/records/{sold['id']}/document")
    assert any("FT A2025/12" in one for one in shown["prints"])
    assert "PT-NOTE-13" in logs(speaking.records(in_later_words(wrong)))


def test_a_document_of_a_reported_month_is_not_cancelled(
    premises: Premises, till: Till, tmp_path: Path
) -> None:
    """A person has said that the month's file was handed in; the remedy is a credit note."""
    sold, other = till.sells(words.receipt()), till.sells(words.receipt())
    till = days_on(premises, till, 15)  # Tuesday, 1 December
    till.sells(words.cancellation(other["id"]))
    month = f"/taxpayers/{till.taxpayer}/months/2026-11/declaration"
    till.made(month, {"type": "FILE", "reference": "1234567"})

    rejected = till.records(words.cancellation(sold["id"]))

    assert "PT-VOID-04" in logs(rejected)
    assert expect_there(logs(rejected), transaction(words.cancellation(sold["id"])))
    assert till.sells(words.correction(sold["id"]))["state"] == "COMPLETED"


def test_a_document_is_cancelled_until_the_fifth_and_then_no_more(
    premises: Premises, realtime: Till
) -> None:
    """Also where each document is told when it is issued; practice is told to nobody."""
    sold, other = realtime.sells(words.receipt()), realtime.sells(words.receipt())
    practice: Json = {"details": {**words.BY, "training": True}}
    tried = realtime.sells(words.receipt(**practice))
    till = days_on(premises, realtime, 19)  # the 5th of December
    till.sells(words.cancellation(other["id"]))
    till = days_on(premises, till, 1)

    assert "PT-VOID-04" in logs(till.records(words.cancellation(sold["id"])))
    void = words.cancellation(tried["id"]) | practice
    assert till.sells(void)["state"] == "COMPLETED"


def test_the_operator_may_let_late_cancellations_pass(premises: Premises, till: Till) -> None:
    """One setting of the law, for installations whose tax office has agreed."""
    sold = till.sells(words.receipt())
    till = days_on(premises, till, 120)
    assert "PT-VOID-04" in logs(till.records(words.cancellation(sold["id"])))

    settings: Any = premises.services.issuing.settings["pt"]
    settings[LATE_CANCELLATIONS] = ALLOWED

    assert till.sells(words.cancellation(sold["id"]))["state"] == "COMPLETED"


def test_the_file_has_the_best_that_was_said_of_a_customer(
    premises: Premises, till: Till, tmp_path: Path, shared_data: Path
) -> None:
    """A receipt with a tax number alone, later invoices with name and address, and one of them
    cancelled because its name was wrong."""
    number_alone = words.receipt(customer={"type": "EXTERNAL", "code": "514200111"})
    till.sells(number_alone)
    moved = words.business() | {"name": "Oficina Marés II, Lda.", "address": words.address()}
    wrong = words.business() | {"name": "Oficina Errada"}
    till.sells(words.invoice())
    till.sells(words.invoice(recipients=[moved]))
    till.sells(words.cancellation(till.sells(words.invoice(recipients=[wrong]))["id"]))
    till.sells(number_alone)
    german = {"type": "EXTERNAL", "code": "DE136695976"}
    till.sells(words.receipt(customer=german))

    root = expect_clean(premises, till, tmp_path, shared_data)

    shown = {
        one.findtext(f"{SAFT}CustomerID"): (
            one.findtext(f"{SAFT}CompanyName"),
            one.findtext(f"{SAFT}BillingAddress/{SAFT}City"),
        )
        for one in root.iter(f"{SAFT}Customer")
    }
    assert shown == {
        "514200111": ("Oficina Marés II, Lda.", "Lisboa"),
        "DE-136695976": ("Desconhecido", "Desconhecido"),
    }


def taxed_in(country: str, percentage: str, code: str = "STANDARD", **more: Any) -> Json:
    place = {"fiscal_location": {"country": country}}
    return words.line("Livro", "10.00", percentage=percentage, code=code, vat=place, **more)


def test_a_sale_to_another_member_state_bears_the_tax_of_that_state(
    premises: Premises, realtime: Till, tmp_path: Path, shared_data: Path
) -> None:
    """The one-stop shop: file, tax table, QR code and what the authority is told name the country,
    and the rate that the caller states."""
    sold = realtime.sells(words.receipt(taxed_in("ES", "21"), words.line(number="2")))
    other = realtime.sells(words.receipt(taxed_in("FR", "5.5", "REDUCED_2")))
    special = realtime.sells(words.receipt(taxed_in("FR", "2.1", "REDUCED_5")))
    back = words.back("Livro", "10.00", percentage="21", code="STANDARD")
    note = realtime.sells(words.correction(sold["id"], back))

    said = words.qr(sold)
    assert (said["I1"], said["I7"], said["J1"], said["J7"]) == ("PT", "2.00", "ES", "8.26")
    assert words.qr(note)["I1"] == "ES"
    assert (words.qr(special)["I3"], words.qr(special)["I4"]) == ("9.79", "0.21")
    bodies = told(premises)
    root = expect_clean(premises, realtime, tmp_path, shared_data)
    table = {
        tuple(x.findtext(SAFT + n) for n in ("TaxCountryRegion", "TaxCode", "TaxPercentage"))
        for x in root.iter(f"{SAFT}TaxTableEntry")
    }
    assert table == {
        ("PT", "NOR", "23"),
        ("ES", "NOR", "21"),
        ("FR", "RED", "5.5"),
        ("FR", "RED", "2.1"),
    }
    for record in (sold, other, special, note):
        filed = {_tax(line, SAFT) for line in lines(invoice_of(root, number(record)))}
        reported = {_tax(one, AT) for one in bodies[number(record)].iter(f"{AT}LineSummary")}
        assert filed == reported


def _tax(line: etree._Element, names: str) -> tuple[str | None, str | None, float]:
    tax = line.find(f"{names}Tax")
    assert tax is not None
    percentage = float(tax.findtext(f"{names}TaxPercentage") or 0)
    return (
        tax.findtext(f"{names}TaxCountryRegion"),
        tax.findtext(f"{names}TaxCode"),
        percentage,
    )


@pytest.mark.parametrize(
    ("entry", "code", "place"),
    [
        (taxed_in("ES", "99"), "PT-TAX-02", "percentage"),
        (taxed_in("ES", "10"), "PT-TAX-02", "percentage"),
        (taxed_in("US", "7"), "PT-TAX-01", "fiscal_location.country"),
        (taxed_in("MA", "22"), "PT-TAX-01", "fiscal_location.country"),
        (words.line("Livro", "10.00", percentage="22"), "PT-TAX-02", "percentage"),
        (words.line("Livro", "10.00", percentage="16"), "PT-TAX-02", "percentage"),
        (
            words.line(
                percentage="22", vat={"fiscal_location": {"country": "ES", "region": "MADEIRA"}}
            ),
            "PT-TAX-01",
            "fiscal_location.region",
        ),
    ],
)
def test_a_rate_of_nowhere_near_is_refused(till: Till, entry: Json, code: str, place: str) -> None:
    """In Lisbon 22 % is no rate, unless the line says where it is taxed."""
    rejected = till.records(words.receipt(entry))

    assert code in logs(rejected)
    assert f"content.operation.entries[0].data.vat.{place}" in logs(rejected)


def test_an_island_sells_by_its_own_rates_alone(till: Till) -> None:
    azores = the_azores(till)

    local = till.sells(
        words.receipt(words.line(gross="2.32", percentage="16")), till.intends(azores)
    )
    away = till.records(words.receipt(words.line(percentage="23")), till.intends(azores))
    mainland = words.line(percentage="23", vat={"fiscal_location": {"country": "PT"}})
    stated = till.sells(words.receipt(mainland), till.intends(azores))

    assert words.qr(local)["I1"] == "PT-AC"
    assert "PT-TAX-02" in logs(away)
    assert words.qr(stated)["I1"] == "PT"


def test_the_reason_of_another_exemption_is_refused(
    premises: Premises, till: Till, tmp_path: Path, shared_data: Path
) -> None:
    other, own = words.exempt(), words.exempt()
    other["data"]["vat"]["reason"] = "Isento artigo 13.º do CIVA"
    own["data"]["vat"]["reason"] = "Isento artigo 9.º, n.º 9 do CIVA"

    rejected = till.records(words.receipt(other))
    till.sells(words.receipt(own))

    assert "PT-TAX-09" in logs(rejected)
    assert "content.operation.entries[0].data.vat.reason" in logs(rejected)
    root = expect_clean(premises, till, tmp_path, shared_data)
    assert root.findtext(f".//{SAFT}TaxExemptionReason") == "Isento artigo 9.º, n.º 9 do CIVA"


def in_cash(amount: str, country: str) -> Json:
    visitor = consumer("Ana", "Melo", address=words.address(country=country))
    return words.invoice(
        words.line("Relógio", amount, quantity="1"),
        recipients=[visitor],
        payments=[{"type": "CASH", "details": {"amount": amount}}],
    )


@pytest.mark.parametrize(
    ("amount", "country", "is_lawful"),
    [
        ("5000.00", "ES", True),
        ("9999.99", "BR", True),
        ("10000.00", "ES", False),
        ("2999.99", "PT", True),
        ("3000.00", "PT", False),
    ],
)
def test_a_visitor_from_abroad_may_pay_more_in_cash(
    till: Till, amount: str, country: str, is_lawful: bool
) -> None:
    record = till.records(in_cash(amount, country))

    assert (record["state"] == "COMPLETED") is is_lawful
    assert is_lawful or "PT-PAYMENT-03" in logs(record)


def test_a_company_from_abroad_may_not(till: Till) -> None:
    company = words.business("ESB12345674") | {"address": words.address(country="ES")}
    operation = in_cash("5000.00", "ES") | {"recipients": [company]}

    assert "PT-PAYMENT-03" in logs(till.records(operation))
