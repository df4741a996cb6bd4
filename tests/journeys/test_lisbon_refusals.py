"""What could not be exported is refused, and what is accepted makes a clean audit file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from lxml import etree

from fiscus.formats import find
from tests.journeys.test_lisbon_cafe import SAFT, audit_file, the_azores
from tests.journeys.test_versions import EARLIER, LATER, later
from tests.support import words
from tests.support.body_places import expect_there, transaction
from tests.support.premises import Premises
from tests.support.till import Json, Till, logs, refusal

Change = Callable[[Till], Json]


def paid(*payments: tuple[str, str], **more: Any) -> Json:
    return words.receipt(payments=[payment(*one) for one in payments], **more)


def payment(type_: str, amount: str, **details: str) -> Json:
    more = {
        "CARD": {"number": "****1234", "kind": "DEBIT"},
        "TICKET": {"number": "****1234", "kind": "TICKET"},
        "OUTSTANDING": {"concept": "GOOD"},
        "SINGLE": {"number": "****1234", "kind": "SINGLE"},
        "MULTIPLE": {"number": "****1234", "kind": "MULTIPLE"},
    }.get(type_, {})
    known = {"TICKET": "CARD", "SINGLE": "VOUCHER", "MULTIPLE": "VOUCHER"}.get(type_, type_)
    return {"type": known, "details": {"amount": amount, **details}, **more}


def billed(name: str, number: str, country: str = "PT", **changes: Any) -> Json:
    business = words.business() | {
        "name": name,
        "identification": {"type": "VAT", "number": number},
        "address": words.address(country=country),
    }
    return words.invoice(recipients=[business], **changes)


def consumer(forename: str, surname: str, **more: Any) -> Json:
    name = {"gender": "DIVERSE", "forename": forename, "surname": surname}
    return {"type": "CONSUMER", "name": name, "address": words.address(), **more}


def bought_by(code: str, type_: str = "EXTERNAL", **more: Any) -> Json:
    return words.receipt(customer={"type": type_, "code": code}, **more)


TRAINING = {"details": {**words.BY, "training": True}}

REFUSED: dict[str, tuple[Json, str]] = {
    "all outstanding": (paid(("OUTSTANDING", "2.46")), "PT-PAYMENT-04"),
    "something outstanding": (
        paid(("CASH", "1.00"), ("OUTSTANDING", "1.46")),
        "PT-PAYMENT-04",
    ),
    "something outstanding, simplified": (
        paid(("CASH", "1.00"), ("OUTSTANDING", "1.46"), simplified=True),
        "PT-PAYMENT-04",
    ),
    "something outstanding in training": (
        paid(("CASH", "1.00"), ("OUTSTANDING", "1.46"), **TRAINING),
        "PT-PAYMENT-04",
    ),
    "a cent outstanding beside all paid": (
        paid(("CASH", "2.46"), ("OUTSTANDING", "0.01")),
        "PT-PAYMENT-04",
    ),
    "a cent short": (paid(("CASH", "2.45")), "PT-PAYMENT-02"),
    "half": (paid(("CARD", "1.23")), "PT-PAYMENT-02"),
    "half, simplified": (paid(("CARD", "1.23"), simplified=True), "PT-PAYMENT-02"),
    "nothing": (paid(("CASH", "0.00")), "PT-PAYMENT-02"),
    "too much by card": (paid(("CARD", "5.00")), "PT-PAYMENT-05"),
    "too much by meal ticket": (paid(("TICKET", "5.00")), "PT-PAYMENT-05"),
    "too much by card beside cash": (paid(("CARD", "2.47"), ("CASH", "1.00")), "PT-PAYMENT-05"),
    "paid tomorrow": (
        words.receipt(payments=[payment("CASH", "2.46", date="2026-11-17")]),
        "PT-PAYMENT-06",
    ),
    "owed more than billed": (
        words.invoice(payments=[payment("OUTSTANDING", "2.47")]),
        "PT-PAYMENT-05",
    ),
    "the final consumer as a business": (
        billed("Consumidor final", "999999990"),
        "PT-BUYER-06",
    ),
    "spelled otherwise": (billed(" CONSUMIDÓR  Final ", "PT999999990"), "PT-BUYER-06"),
    "the final consumer in Spain": (
        billed("Consumidor Final", "999999990", "ES"),
        "PT-BUYER-06",
    ),
    "a business with his number": (billed("Oficina Marés, Lda.", "999999990"), "PT-BUYER-06"),
    "a German number in Lisbon": (billed("Müller GmbH", "DE136695976"), "PT-BUYER-07"),
    "zeros": (bought_by("000000000"), "PT-BUYER-03"),
    "zeros, simplified": (bought_by("000000000", simplified=True), "PT-BUYER-03"),
    "zeros with a prefix": (bought_by("PT 000 000 000"), "PT-BUYER-03"),
    "a digit short": (bought_by("21456789"), "PT-BUYER-03"),
    "a digit more": (bought_by("2145678931"), "PT-BUYER-03"),
    "a German number, a digit short": (bought_by("DE13669597"), "PT-BUYER-03"),
    "nobody's prefix": (bought_by("XX214567893"), "PT-BUYER-03"),
    "a number of who knows where": (bought_by("B12345678"), "PT-BUYER-03"),
    "the staff's tax number": (bought_by("214567893", "INTERNAL"), "PT-BUYER-08"),
    "of the year 2015": (
        words.receipt(head={"issued_at": "2015-06-01T10:00:00+01:00"}),
        "PT-DATE-03",
    ),
    "before the delay": (
        words.receipt(head={"issued_at": "2026-11-06T10:00:00+00:00"}),
        "PT-DATE-04",
    ),
    "before its series": (
        words.receipt(head={"issued_at": "2026-11-15T23:59:59+00:00"}),
        "PT-DATE-03",
    ),
}


def days_later(premises: Premises, till: Till, days: int) -> Till:
    """The same till, with a token of that day."""
    premises.clock.move(days=days)
    group = premises.group()
    group.scope = till.organization
    made = group.made("/subjects", {"type": "API_KEY", "name": "pos-later"})["credentials"]
    return till.with_token(made["key"], made["secret"])


@contextmanager
def nothing_numbered(premises: Premises, till: Till) -> Iterator[None]:
    """Afterwards the next receipt has the number that it would have had."""
    before = till.sells(words.receipt(series="NEXT"))
    yield
    after = till.sells(words.receipt(series="NEXT"))
    numbers = [int(one["compliance"]["sequence"]["number"]) for one in (before, after)]
    assert numbers[1] == numbers[0] + 1


def expect_clean(premises: Premises, till: Till, folder: Path, shared_data: Path) -> etree._Element:
    """The month's file, judged by our checker and by the official schema with its asserts."""
    path = audit_file(premises, till, folder)
    assert find("saft-pt").check(path, {}) == ()
    xmlschema.XMLSchema11(str(shared_data / "pt/xsd/SAFTPT1.04_01.xsd")).validate(str(path))
    premises.assert_proved()
    return etree.parse(str(path)).getroot()


def customers(root: etree._Element) -> dict[str, tuple[str, str, str]]:
    """Number, name and country of each, by id."""
    return {
        one.findtext(f"{SAFT}CustomerID"): (
            one.findtext(f"{SAFT}CustomerTaxID"),
            one.findtext(f"{SAFT}CompanyName"),
            one.findtext(f"{SAFT}BillingAddress/{SAFT}Country"),
        )
        for one in root.iter(f"{SAFT}Customer")
    }


def test_what_no_file_could_show_is_refused_with_its_code(
    premises: Premises, till: Till, tmp_path: Path, shared_data: Path
) -> None:
    with nothing_numbered(premises, till):
        for name, (operation, code) in REFUSED.items():
            record = till.records(operation)
            assert (record["state"], record["mode"]) == ("REJECTED", "FINISHED"), name
            assert f"Validation error: {code} " in logs(record), (name, logs(record))
            assert expect_there(logs(record), transaction(operation))

    expect_clean(premises, till, tmp_path, shared_data)


@pytest.mark.parametrize("version", [EARLIER, "2026-05-04", LATER])
def test_an_invoice_has_one_buyer_in_every_version(till: Till, version: str) -> None:
    speaking = till.speaking(version)
    both = words.invoice(recipients=[words.business(), words.business("510111114")])
    twice = words.invoice(recipients=[words.business()] * 3)
    spoken = later if version == LATER else dict

    for operation, count in ((both, 1), (twice, 2)):
        message = refusal(speaking.concludes(spoken(operation)), 422)
        expect_there(message, transaction(spoken(operation)))
        assert "UNIFIED-RECIPIENT-01" in message
        for index in range(1, count + 1):
            assert f"content.operation.recipients[{index}]" in message


def test_a_correction_has_one_buyer_too(till: Till) -> None:
    sold = till.sells(words.invoice())
    data = words.invoice(words.back(), recipients=[words.business()] * 2, series="NC-2026")
    correction = words.correction(sold["id"]) | {"data": data}

    message = refusal(till.concludes(correction), 422)

    assert "content.operation.data.recipients[1]" in message
    assert refusal(till.concludes(words.invoice(recipients=[])), 400)


def test_vouchers_and_gifts_are_not_implemented_yet(premises: Premises, till: Till) -> None:
    gift = words.line()
    gift["details"]["purpose"] = "GIFT"
    intention = till.intends()
    with nothing_numbered(premises, till):
        for operation in (
            words.receipt(words.line(type="VOUCHER")),
            words.receipt(gift),
            words.receipt(words.line(), gift | {"details": {**gift["details"], "number": "2"}}),
            words.invoice(gift),
            paid(("SINGLE", "2.46")),
        ):
            message = refusal(till.concludes(operation, intention), 501)
            assert "not implemented yet" in message
            assert expect_there(message, transaction(operation))
            assert "PT-LINE-09" in message or "PT-PAYMENT-07" in message

    assert till.sells(words.receipt(), intention)["state"] == "COMPLETED"


def test_where_no_law_knows_vouchers_they_are_lines_like_others(premises: Premises) -> None:
    till = premises.unit("Bar Roma", EARLIER).opens_shop(
        words.italian(), code="00184", city="Roma", country="IT"
    )
    gift = words.line(percentage="22")
    gift["details"]["purpose"] = "GIFT"

    for entry in (gift, words.line(percentage="22", type="VOUCHER")):
        till.sells(words.receipt(entry))


NUMBERS = {
    "214 567 893": ("PT", "214567893"),
    "PT 214567893": ("PT", "214567893"),
    "pt-214.567.893": ("PT", "214567893"),
    "DE136695976": ("DE", "136695976"),
    "ES B12345678": ("ES", "B12345678"),
    "999999990": ("PT", "999999990"),
    "PT999999990": ("PT", "999999990"),
    "LOYALTY-77": ("PT", "999999990"),
    "C123": ("PT", "999999990"),
}


def test_numbers_are_understood_as_people_write_them(
    premises: Premises, till: Till, tmp_path: Path, shared_data: Path
) -> None:
    for code, found in NUMBERS.items():
        for simplified in (False, True):
            sold = bought_by(code, simplified=simplified, series="FS-1")
            said = words.qr(till.sells(sold))
            assert (said["C"], said["B"]) == found
    till.sells(bought_by("S-17", "INTERNAL"))

    shown = customers(expect_clean(premises, till, tmp_path, shared_data))

    assert shown == {
        "999999990": ("999999990", "Consumidor final", "Desconhecido"),
        "214567893": ("214567893", "Desconhecido", "PT"),
        "DE-136695976": ("136695976", "Desconhecido", "DE"),
        "ES-B12345678": ("B12345678", "Desconhecido", "ES"),
        "C-LOYALTY-77": ("999999990", "Desconhecido", "PT"),
        "C-C123": ("999999990", "Desconhecido", "PT"),
        "C-S-17": ("999999990", "Desconhecido", "PT"),
    }


def test_a_consumer_without_a_name_is_the_generic_one_in_the_file(
    premises: Premises, till: Till, tmp_path: Path, shared_data: Path
) -> None:
    tax = {"identification": {"type": "TAX", "number": "999999990"}}
    till.sells(words.receipt())
    till.sells(words.invoice(recipients=[consumer("Consumidor", "final")]))
    till.sells(words.invoice(recipients=[consumer("CONSUMIDOR", "Final", **tax)]))
    till.sells(words.invoice(recipients=[consumer("Ana", "Melo", **tax)]))
    till.sells(words.invoice(recipients=[consumer("Ana", "Melo")]))

    shown = customers(expect_clean(premises, till, tmp_path, shared_data))

    assert sorted(name for _, name, _ in shown.values()) == ["Ana Melo", "Consumidor final"]


def test_what_is_paid_is_what_the_file_says(
    premises: Premises, till: Till, tmp_path: Path, shared_data: Path
) -> None:
    for operation in (
        paid(("CASH", "5.00")),
        paid(("CARD", "2.00"), ("CASH", "5.00")),
        paid(("CARD", "2.46"), ("CASH", "1.00")),
        paid(("CASH", "2.46"), ("CARD", "0.00")),
        paid(("CASH", "2.46"), ("OUTSTANDING", "0.00")),
        paid(("MULTIPLE", "2.46")),
        paid(("TICKET", "1.0049"), ("CARD", "1.4551")),
        words.invoice(payments=[payment("CASH", "1.00"), payment("OUTSTANDING", "1.46")]),
        words.invoice(payments=[payment("OUTSTANDING", "2.46", date="2027-01-31")]),
    ):
        till.sells(operation)

    root = expect_clean(premises, till, tmp_path, shared_data)

    for invoice in root.iter(f"{SAFT}Invoice"):
        totals = invoice.find(f"{SAFT}DocumentTotals")
        amounts = [one.text for one in totals.iter(f"{SAFT}PaymentAmount")]
        is_paid = invoice.findtext(f"{SAFT}InvoiceType") == "FR"
        assert round(sum(map(float, amounts)), 2) == (2.46 if is_paid else 0)


def test_a_note_is_for_the_buyer_of_its_original(
    premises: Premises, till: Till, tmp_path: Path, shared_data: Path
) -> None:
    sold = [
        till.sells(words.receipt()),
        till.sells(bought_by("PT 214 567 893")),
        till.sells(bought_by("DE136695976")),
        till.sells(words.invoice()),
        till.sells(words.invoice(recipients=[consumer("Ana", "Melo")])),
    ]
    for original in sold:
        for customer in ("510111114", "ES214567893"):
            other = words.correction(original["id"])
            other["data"]["customer"] = {"type": "EXTERNAL", "code": customer}
            rejected = till.records(other)
            assert "PT-NOTE-11" in logs(rejected), logs(rejected)
            assert expect_there(logs(rejected), transaction(other))
        note = till.sells(words.correction(original["id"]))
        before, after = words.qr(original), words.qr(note)
        assert (after["B"], after["C"]) == (before["B"], before["C"])

    root = expect_clean(premises, till, tmp_path, shared_data)
    buyers = {
        one.findtext(f"{SAFT}InvoiceNo"): one.findtext(f"{SAFT}CustomerID")
        for one in root.iter(f"{SAFT}Invoice")
    }
    for one in root.iter(f"{SAFT}Invoice"):
        for reference in one.iter(f"{SAFT}Reference"):
            assert buyers[reference.text] == one.findtext(f"{SAFT}CustomerID")
    assert len(customers(root)) == 5


def test_the_same_buyer_may_be_named_on_the_note(till: Till) -> None:
    sold = till.sells(words.invoice())
    data = words.invoice(words.back(), recipients=[words.business("PT514200111")], series="NC-1")

    note = till.sells(words.correction(sold["id"]) | {"data": data})

    assert words.qr(note)["B"] == "514200111"


def test_an_azores_line_is_credited_as_one_at_any_till(
    premises: Premises, till: Till, tmp_path: Path, shared_data: Path
) -> None:
    islands = the_azores(till)
    madeira = till.made("/locations", words.branch(till.taxpayer, "Funchal", code="9000-001"))
    till.changed(f"/locations/{madeira['id']}", {"state": "COMMISSIONED"})
    system = till.made("/systems", words.device(madeira["id"]))
    till.changed(f"/systems/{system['id']}", {"state": "COMMISSIONED"})
    reduced: Json = {"code": "REDUCED_2", "percentage": "4"}
    sold = till.sells(words.receipt(words.line(gross="2.08", **reduced)), till.intends(islands))
    back = words.back(gross="1.04", **reduced)
    there = words.back(gross="1.04", **reduced)
    there["data"]["vat"]["fiscal_location"] = {"country": "PT", "region": "MADEIRA"}

    other = till.records(words.correction(sold["id"], there), till.intends(system["id"]))
    note = till.sells(words.correction(sold["id"], back), till.intends(system["id"]))

    assert "PT-NOTE-08" in logs(other)
    assert words.qr(sold)["I1"] == words.qr(note)["I1"] == "PT-AC"
    expect_clean(premises, till, tmp_path, shared_data)


def test_a_note_is_not_dated_before_its_original(premises: Premises, till: Till) -> None:
    till.sells(words.receipt())
    till.sells(words.correction(till.sells(words.receipt())["id"]))
    till = days_later(premises, till, 2)
    sold = till.sells(words.receipt())
    early = words.correction(sold["id"])
    at = premises.clock.now - timedelta(days=1)
    early["data"]["document"]["issued_at"] = at.isoformat(timespec="seconds")

    rejected = till.records(early)

    assert "PT-NOTE-12" in logs(rejected)
    assert expect_there(logs(rejected), transaction(early))
    assert till.sells(words.correction(sold["id"]))["state"] == "COMPLETED"


def test_a_day_late_is_in_time_and_six_working_days_are_not(
    premises: Premises, till: Till, tmp_path: Path
) -> None:
    """The series exists since Monday the 16th; then come two holidays of December."""
    till.sells(words.receipt())
    till = days_later(premises, till, 16)  # Wednesday, 2 December; the 1st was a holiday

    late = words.receipt(head={"issued_at": "2026-11-23T10:00:00+00:00"})
    in_time = words.receipt(head={"issued_at": "2026-11-24T10:00:00+00:00"})

    assert "PT-DATE-04" in logs(till.records(late))
    assert words.qr(till.sells(in_time))["F"] == "20261124"
    earlier = words.receipt(head={"issued_at": "2026-11-23T23:00:00+00:00"})
    assert "PT-DATE-01" in logs(till.records(earlier))
