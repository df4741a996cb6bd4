"""Documents at the authority: registered, their status changed, deleted."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from fiscus.channels.at_portugal.simulator.tests import messages
from fiscus.channels.at_portugal.simulator.tests.messages import Fields, Secrets, changed
from fiscus.channels.at_portugal.simulator.tests.visitor import Visitor, answer, text

KINDS = {"Invoice": ("FT", "SI"), "Work": ("OR", "WD"), "Payment": ("RC", "PY")}
NUMBERS = {"Invoice": "InvoiceNo", "Work": "DocumentNumber", "Payment": "PaymentRefNo"}


def prepared(visitor: Visitor, kind: str, **series: object) -> str:
    type_, class_ = KINDS[kind]
    return visitor.code_of(type_, class_, **series)


def document(kind: str, code: str, number: int = 1, /, **changes: Any) -> Fields:
    numbered = {NUMBERS[kind]: f"{KINDS[kind][0]} LOJA-2026/{number}", "ATCUD": f"{code}-{number}"}
    return changed(messages.registering(kind), **{**numbered, **changes})


def line(**changes: Any) -> Fields:
    return changed(messages._LINE, **changes)


def status(kind: str, code: str, **changes: Any) -> Fields:
    numbered = {NUMBERS[kind]: f"{KINDS[kind][0]} LOJA-2026/1", "ATCUD": f"{code}-1"}
    return changed(messages.changing(kind), **{**numbered, **changes})


def status_of(kind: str, letter: str, at: str) -> Fields:
    return [(f"{kind}Status", letter), (f"{kind}StatusDate", at)]


def deletion(kind: str, code: str, **changes: Any) -> Fields:
    numbered = {NUMBERS[kind]: f"{KINDS[kind][0]} LOJA-2026/1", "ATCUD": f"{code}-1"}
    return changed(messages.deleting(kind), **{**numbered, **changes})


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_of_a_registered_series_is_taken_once(visitor: Visitor, kind: str) -> None:
    code = prepared(visitor, kind)
    again = {"Invoice": (-10, -3), "Work": (-22, -22), "Payment": (-25, -25)}[kind]

    assert visitor.documents(f"Register{kind}", document(kind, code)) == 0
    assert visitor.documents(f"Register{kind}", document(kind, code)) == again[0]
    other = document(kind, code, CustomerTaxIDCountry="ES")
    assert visitor.documents(f"Register{kind}", other) == again[1]


def test_the_answer_tells_the_time_of_lisbon(visitor: Visitor) -> None:
    message = messages.document_message("RegisterWork", messages.registering("Work"))
    found = answer(visitor.ask(visitor.endpoints.documents, message))

    assert text(found, "DataOperacao") == "2026-05-04T10:30:00.000+01:00"
    assert found.tag == "{http://factemi.at.min_financas.pt/documents}RegisterWorkResponse"


@pytest.mark.parametrize(
    ("changes", "numbers"),
    [
        ({"TaxRegistrationNumber": "509876544"}, (-16, -16, -16)),
        ({"TaxRegistrationNumber": "99999999"}, (-17, -17, -17)),
        ({"TaxEntity": None}, (-50, -51, -30)),
        ({"eFaturaMDVersion": "0.0.2"}, (-28, -29, -30)),
        ({"SoftwareCertificateNumber": 1}, (-39, -29, -30)),
        ({"ATCUD": "0"}, (-1, -29, -30)),
        ({"ATCUD": "ZZZZZZZZ-1"}, (-1, -29, -30)),
        ({"ATCUD": "free text"}, (-1, -29, -30)),
        ({"CustomerTaxID": "12345678", "CustomerTaxIDCountry": "PT"}, (-17, -17, -17)),
        ({"CustomerTaxID": "501234567"}, (-28, -29, -30)),
        ({"GrossTotal": "123.01"}, (-7, -20, -23)),
        ({"NetTotal": "99.98", "GrossTotal": "122.98"}, (-7, -20, -23)),
        ({"TaxPayable": "23.02", "GrossTotal": "123.02"}, (-7, -20, -23)),
        ({"TaxPercentage": "22.00", "TaxPayable": "22", "GrossTotal": "122"}, (-7, -20, -23)),
        ({"TaxCountryRegion": "PT-AC"}, (-7, -20, -23)),
        ({"TaxCode": "17.1"}, (-7, -20, -23)),
        (
            {"TaxPercentage": "0", "TaxCode": "ISE", "TaxPayable": 0, "GrossTotal": 100},
            (-8, -20, -23),
        ),
        ({"SystemEntryDate": "2026-05-04T10:36:00"}, (-4, -21, -24)),
        ({"DebitCreditIndicator": "D"}, (-7, -20, -23)),
    ],
)
def test_a_document_that_breaks_a_rule_is_refused_and_not_remembered(
    visitor: Visitor, changes: dict[str, Any], numbers: tuple[int, int, int]
) -> None:
    for kind, number in zip(KINDS, numbers, strict=True):
        code = prepared(visitor, kind)

        assert visitor.documents(f"Register{kind}", document(kind, code, **changes)) == number
        assert visitor.documents(f"Register{kind}", document(kind, code)) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_lies_within_its_series(visitor: Visitor, kind: str) -> None:
    code = prepared(visitor, kind, numInicialSeq=5)
    invalid = {"Invoice": -1, "Work": -29, "Payment": -30}[kind]

    assert visitor.documents(f"Register{kind}", document(kind, code, 4)) == invalid
    assert visitor.documents(f"Register{kind}", document(kind, code, 5)) == 0
    wrong = document(kind, code, 6, ATCUD=f"{code}-7")
    assert visitor.documents(f"Register{kind}", wrong) == invalid
    named = document(kind, code, 6, **{NUMBERS[kind]: f"{KINDS[kind][0]} OUTRA/6"})
    assert visitor.documents(f"Register{kind}", named) == invalid
    twin = document(kind, code, 5, **{NUMBERS[kind]: f"X{KINDS[kind][0]} LOJA-2026/5"})
    assert visitor.documents(f"Register{kind}", twin) == invalid


def test_a_document_has_the_type_of_its_series(visitor: Visitor) -> None:
    code = prepared(visitor, "Invoice")

    other = document("Invoice", code, InvoiceType="FS")
    assert visitor.documents("RegisterInvoice", other) == -5
    assert visitor.documents("RegisterInvoice", document("Invoice", code, InvoiceType="VD")) == -5


@pytest.mark.parametrize("kind", KINDS)
def test_the_days_of_a_document_lie_between_its_series_start_and_today(
    visitor: Visitor, kind: str
) -> None:
    dated = {"Invoice": "InvoiceDate", "Work": "WorkDate", "Payment": "TransactionDate"}[kind]
    date = {"Invoice": -4, "Work": -21, "Payment": -24}[kind]
    code = prepared(visitor, kind)

    for day in ("2026-05-03", "2026-05-05"):
        wrong = document(kind, code, 1, **{dated: day})
        assert visitor.documents(f"Register{kind}", wrong) == date


def test_recovered_documents_are_older_than_their_series(visitor: Visitor) -> None:
    code = prepared(visitor, "Invoice", tipoSerie="R")

    old = document("Invoice", code, InvoiceDate="2026-04-30")
    assert visitor.documents("RegisterInvoice", old) == 0


def test_documents_of_training_are_not_reported(visitor: Visitor) -> None:
    code = prepared(visitor, "Invoice", tipoSerie="F")

    assert visitor.documents("RegisterInvoice", document("Invoice", code)) == -1


def test_documents_of_before_the_atcud_need_no_series(visitor: Visitor) -> None:
    old = document("Invoice", "", ATCUD="0", InvoiceDate="2022-12-31")

    assert visitor.documents("RegisterInvoice", old) == 0


def test_another_taxpayers_series_is_unknown(visitor: Visitor) -> None:
    fields = changed(messages.REGISTER_SERIES)
    theirs = visitor.series("registarSerie", fields, Secrets(username="509876544/1"))
    code = text(theirs, "codValidacaoSerie")

    assert visitor.documents("RegisterInvoice", document("Invoice", code)) == -1


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"InvoiceStatusDate": "2026-05-04T10:14:59"}, -6),
        ({"InvoiceStatusDate": "2026-05-04T11:00:00"}, -6),
        ({"InvoiceStatus": "S"}, -6),
        ({"InvoiceStatus": "S", "SelfBillingIndicator": 1}, 0),
        ({"InvoiceStatus": "R"}, -6),
        ({"InvoiceStatus": "A"}, 0),
        ({"InvoiceType": "NC"}, -5),
        ({"TaxExemptionCode": "M07"}, 0),
        ({"WithholdingTaxAmount": "123.01"}, -7),
        ({"InvoiceDate": "x"}, -4),
        ({"PaperLessIndicator": "2"}, -28),
    ],
)
def test_invoices_have_rules_of_their_own(
    visitor: Visitor, changes: dict[str, Any], number: int
) -> None:
    code = prepared(visitor, "Invoice")

    assert visitor.documents("RegisterInvoice", document("Invoice", code, **changes)) == number


def exempt(code: str, base: int = 100) -> Fields:
    tax = [
        ("TaxType", "IVA"),
        ("TaxCountryRegion", "PT"),
        ("TaxCode", "ISE"),
        ("TaxPercentage", "0"),
    ]
    return [
        ("TaxPointDate", "2026-05-04"),
        ("DebitCreditIndicator", "C"),
        ("Amount", base),
        ("Tax", tax),
        ("TaxExemptionCode", code),
    ]


@pytest.mark.parametrize(("exemption", "number"), [("M07", 0), ("M46", 0), ("M17", -8)])
def test_exemptions_come_from_the_table(visitor: Visitor, exemption: str, number: int) -> None:
    code = prepared(visitor, "Invoice")
    fields = document("Invoice", code, LineSummary=exempt(exemption), TaxPayable=0, GrossTotal=100)

    assert visitor.documents("RegisterInvoice", fields) == number


def test_a_reason_beside_a_rate_is_refused(visitor: Visitor) -> None:
    code = prepared(visitor, "Invoice")
    fields = document("Invoice", code, LineSummary=[*line(), ("TaxExemptionCode", "M07")])

    assert visitor.documents("RegisterInvoice", fields) == -8


def test_a_credit_note_is_a_debit_and_names_its_invoice(visitor: Visitor) -> None:
    code = visitor.code_of("NC")
    note = {"InvoiceNo": "NC LOJA-2026/1", "InvoiceType": "NC"}
    whole = [("TaxPointDate", "2026-05-04"), ("Reference", "FT LOJA-2026/1")]
    rest = [*line(DebitCreditIndicator="D")[1:]]

    bare = document("Invoice", code, **note, LineSummary=line(DebitCreditIndicator="D"))
    assert visitor.documents("RegisterInvoice", bare) == -50
    fields = document("Invoice", code, **note, LineSummary=[*whole, *rest])
    assert visitor.documents("RegisterInvoice", fields) == 0


def two_lines(code: str, second: Fields) -> Fields:
    found = document("Invoice", code, NetTotal="100.00")
    data = dict(found)["InvoiceData"]
    at = [name for name, _ in data].index("LineSummary")
    data = [*data[: at + 1], ("LineSummary", second), *data[at + 1 :]]
    return [(name, data if name == "InvoiceData" else value) for name, value in found]


def test_lines_are_summed_by_side_and_each_combination_stands_once(visitor: Visitor) -> None:
    code = prepared(visitor, "Invoice")

    assert visitor.documents("RegisterInvoice", two_lines(code, line())) == -28
    back = line(DebitCreditIndicator="D", Amount="0.004")
    assert visitor.documents("RegisterInvoice", two_lines(code, back)) == 0


def test_a_registered_document_is_not_cancelled_by_registering_it_again(visitor: Visitor) -> None:
    code = prepared(visitor, "Invoice")
    visitor.documents("RegisterInvoice", document("Invoice", code))
    again = document("Invoice", code, InvoiceStatus="A")

    assert visitor.documents("RegisterInvoice", again) == -2


@pytest.mark.parametrize("kind", KINDS)
def test_a_status_is_changed_once_and_only_of_known_documents(visitor: Visitor, kind: str) -> None:
    code = prepared(visitor, kind)
    operation = f"Change{kind}Status"
    unknown = {"Invoice": -11, "Work": -19, "Payment": -38}[kind]
    not_allowed = {"Invoice": -12, "Work": -37, "Payment": -26}[kind]

    assert visitor.documents(operation, status(kind, code)) == unknown
    visitor.documents(f"Register{kind}", document(kind, code))
    assert visitor.documents(operation, status(kind, code)) == 0
    assert visitor.documents(operation, status(kind, code)) == not_allowed


@pytest.mark.parametrize(
    ("changes", "numbers"),
    [
        ({"TaxRegistrationNumber": "509876544"}, (-16, -16, -16)),
        ({"TaxRegistrationNumber": "1"}, (-17, -17, -17)),
        ({"CustomerTaxIDCountry": "ES"}, (-31, -18, -26)),
        ({"ATCUD": "ABCDEFGH-9"}, (-31, -18, -26)),
        ({"eFaturaMDVersion": None}, (-31, -32, -33)),
    ],
)
def test_a_status_change_that_does_not_fit_is_refused(
    visitor: Visitor, changes: dict[str, Any], numbers: tuple[int, int, int]
) -> None:
    for kind, number in zip(KINDS, numbers, strict=True):
        code = prepared(visitor, kind)
        visitor.documents(f"Register{kind}", document(kind, code))

        fields = status(kind, code, **changes)
        assert visitor.documents(f"Change{kind}Status", fields) == number


@pytest.mark.parametrize(
    ("letter", "at", "numbers"),
    [
        ("N", "2026-05-04T10:20:00", (-12, -37, -26)),
        ("A", "2026-05-04T11:00:00", (-31, -43, -27)),
        ("A", "2026-05-04T10:14:59", (-31, -43, -26)),
    ],
)
def test_a_status_has_its_time_and_its_order(
    visitor: Visitor, letter: str, at: str, numbers: tuple[int, int, int]
) -> None:
    for kind, number in zip(KINDS, numbers, strict=True):
        code = prepared(visitor, kind)
        visitor.documents(f"Register{kind}", document(kind, code))
        fields = [
            (name, status_of(kind, letter, at) if name == f"{kind}Status" else value)
            for name, value in status(kind, code)
        ]

        assert visitor.documents(f"Change{kind}Status", fields) == number


@pytest.mark.parametrize("kind", KINDS)
def test_a_deleted_document_may_be_told_again(visitor: Visitor, kind: str) -> None:
    code = prepared(visitor, kind)
    visitor.documents(f"Register{kind}", document(kind, code))

    assert visitor.documents(f"Delete{kind}", deletion(kind, code)) == 0
    assert visitor.documents(f"Delete{kind}", deletion(kind, code)) == 478
    assert visitor.documents(f"Register{kind}", document(kind, code)) == 0


@pytest.mark.parametrize(
    ("changes", "numbers"),
    [
        ({"TaxRegistrationNumber": "509876544"}, (-14, -16, -16)),
        ({"TaxRegistrationNumber": "1"}, (-17, -17, -17)),
        ({"reason": "curto"}, (-34, -35, -36)),
        ({"CustomerTaxID": "123456789"}, (478, 478, 478)),
        ({"documentsList": None}, (477, 477, 477)),
        ({"documentsList": []}, (477, 477, 477)),
        ({"CustomerTaxID": None}, (482, 482, 482)),
        ({"CustomerTaxIDCountry": None}, (489, 489, 489)),
    ],
)
def test_a_deletion_that_does_not_fit_is_refused(
    visitor: Visitor, changes: dict[str, Any], numbers: tuple[int, int, int]
) -> None:
    for kind, number in zip(KINDS, numbers, strict=True):
        code = prepared(visitor, kind)
        visitor.documents(f"Register{kind}", document(kind, code))

        fields = deletion(kind, code, **changes)
        assert visitor.documents(f"Delete{kind}", fields) == number


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"InvoiceDate": None}, 479),
        ({"InvoiceNo": None}, 480),
        ({"InvoiceType": None}, 481),
        ({"InvoiceNo": "FT A/" + "1" * 60}, 483),
        ({"InvoiceNo": "FT"}, -34),
        ({"InvoiceDate": "04-05-2026"}, 486),
    ],
)
def test_faults_of_a_list_have_their_numbers(
    visitor: Visitor, changes: dict[str, Any], number: int
) -> None:
    code = prepared(visitor, "Invoice")

    assert visitor.documents("DeleteInvoice", deletion("Invoice", code, **changes)) == number


def in_range(kind: str, first: object, last: object) -> Fields:
    days = {"StartDate": first, "EndDate": last}
    return changed(messages.deleting(kind, by_range=True), **days)


@pytest.mark.parametrize(
    ("first", "last", "number"),
    [
        ("2026-05-04", "2026-05-04", 0),
        ("2026-05-05", "2026-05-31", 478),
        ("2026-05-31", "2026-05-01", -15),
        ("2025-12-31", "2026-05-31", 401),
        (None, "2026-05-31", 474),
        ("2026-05-01", None, 475),
        ("1.5.2026", "2026-05-31", 484),
        ("2026-05-01", "31.5.2026", 485),
    ],
)
def test_documents_are_deleted_by_their_days(
    visitor: Visitor, first: object, last: object, number: int
) -> None:
    code = prepared(visitor, "Invoice")
    visitor.documents("RegisterInvoice", document("Invoice", code))

    assert visitor.documents("DeleteInvoice", in_range("Invoice", first, last)) == number


def test_a_list_names_each_document_once(visitor: Visitor) -> None:
    code = prepared(visitor, "Invoice")
    header = dict(dict(deletion("Invoice", code))["documentsList"])["invoice"]
    twice = changed(
        messages.deleting("Invoice"), documentsList=[("invoice", header), ("invoice", header)]
    )

    assert visitor.documents("DeleteInvoice", twice) == 491


def test_after_the_fifth_of_the_next_month_a_deletion_is_only_asked_for(visitor: Visitor) -> None:
    code = prepared(visitor, "Invoice")
    visitor.documents("RegisterInvoice", document("Invoice", code))
    visitor.clock.at = datetime.fromisoformat("2026-06-06T09:00:00+00:00")
    june = document("Invoice", code, 2, InvoiceDate="2026-06-01")
    visitor.documents("RegisterInvoice", june)

    assert (
        visitor.documents("DeleteInvoice", in_range("Invoice", "2026-05-01", "2026-06-30")) == 400
    )
    assert visitor.documents("DeleteInvoice", in_range("Invoice", "2026-05-01", "2026-05-31")) == 0
    assert visitor.documents("RegisterInvoice", document("Invoice", code)) == -10
    assert visitor.documents("DeleteInvoice", in_range("Invoice", "2026-06-01", "2026-06-30")) == 0
    assert visitor.documents("RegisterInvoice", june) == 0


def test_an_unchanged_document_is_known_after_its_series_ended(visitor: Visitor) -> None:
    code = prepared(visitor, "Invoice")
    visitor.documents("RegisterInvoice", document("Invoice", code))
    visitor.clock.at += timedelta(minutes=1)
    finish = changed(messages.FINISH_SERIES, codValidacaoSerie=code, seqUltimoDocEmitido=1)
    visitor.series("finalizarSerie", finish)

    assert visitor.documents("RegisterInvoice", document("Invoice", code)) == -10
