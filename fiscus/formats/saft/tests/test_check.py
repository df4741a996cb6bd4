"""The checker passes what is right and names what is wrong."""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fiscus.formats.saft import findings
from fiscus.formats.saft.check import check
from fiscus.model.faults import Code, Fault, is_sound

SAMPLES = {
    "DEBIT_NC": ("SAFT-TOTAL-02", "Payments/Payment[PGT 1T1/1]/DocumentTotals/NetTotal"),
    "MISSING_CUSTOMER_INVOICE": (
        "SAFT-CUSTOMER-01",
        "SalesInvoices/Invoice[1IECTR EC/5]/CustomerID",
    ),
    "MISSING_INVOICE": ("SAFT-NUMBER-01", "SalesInvoices/Invoice[1T 1/4]/InvoiceNo"),
    "MISSING_PAYMENTS": ("SAFT-NUMBER-01", "Payments/Payment[PGT 1T1/4]/PaymentRefNo"),
    "REPEATED_INVOICE_INTERNAL_CODE": (
        "SAFT-NUMBER-03",
        "SalesInvoices/Invoice[1T 1/2]/InvoiceType",
    ),
    "WRONG_INVOICE_SIGNATURE": ("SAFT-HASH-02", "SalesInvoices/Invoice[1T 1/1]/Hash"),
    "WRONG_SCHEMA": ("SAFT-ELEMENT-01", "Header/TaxRegistrationNumber"),
}

Edit = tuple[str, str]
Broken = Callable[..., dict[str, tuple[str, ...]]]


@pytest.fixture
def broken(shop: Any, build: Any, keys: dict[str, str], tmp_path: Path) -> Broken:
    """The paths of each fault in a small file after replacing texts (regular expressions)."""
    line, returned = build.a_line, build.a_line(is_debit=True)
    exempt = line(
        percentage=Decimal(0), tax_code="ISE", exemption="M07", exemption_text="Isento artigo 9.º"
    )
    good = build.written(
        shop.a_document("FR", (line(), line(product="BOLO", text="Bolo"))),
        shop.a_document("FR"),
        build.a_void(shop.a_document("FR")),
        shop.a_document("FT", (exempt,)),
        shop.a_document("NC", (returned,)),
    ).decode()

    def faults(*edits: Edit) -> dict[str, tuple[str, ...]]:
        text = good
        for old, new in edits:
            text, changes = re.subn(old, new, text, count=1, flags=re.DOTALL)
            assert changes == 1, old
        file = tmp_path / "broken.xml"
        file.write_text(text)
        return {fault.code: fault.paths for fault in check(file, keys)}

    return faults


def test_the_authoritys_demo_file_has_no_fault(shared_data: Path, keys: dict[str, str]) -> None:
    assert check(shared_data / "pt/saft/saft_idemo599999999.xml", keys) == ()


@pytest.mark.parametrize("name", SAMPLES)
def test_every_broken_sample_shows_the_fault_of_its_name(
    name: str, shared_data: Path, keys: dict[str, str]
) -> None:
    code, path = SAMPLES[name]

    assert path in _paths(check(shared_data / f"pt/saft/saft_{name}.xml", keys))[code]


@pytest.mark.parametrize(
    ("code", "path", "edit"),
    [
        (
            findings.SECOND_SUPPLIER,
            "MasterFiles/Supplier[SB1]",
            (r"(<Supplier>.*?</Supplier>)", r"\1\1"),
        ),
        (
            findings.NO_SUPPLIER,
            "MovementOfGoods/StockMovement[1CC 1B/1]/SupplierID",
            (r"(<StockMovement>.*?<SupplierID>)[^<]*", r"\g<1>nobody"),
        ),
        (
            findings.ENTRIES,
            "MovementOfGoods/NumberOfMovementLines",
            ("<NumberOfMovementLines>13", "<NumberOfMovementLines>12"),
        ),
        (
            findings.QUANTITY_TOTAL,
            "MovementOfGoods/TotalQuantityIssued",
            ("<TotalQuantityIssued>3295.92", "<TotalQuantityIssued>3295.90"),
        ),
        (
            findings.HASH_WRONG,
            "WorkingDocuments/WorkDocument[COF E1/2]/Hash",
            ("<Hash>rzdj", "<Hash>rzdk"),
        ),
        (
            findings.TAX_ABSENT,
            "Payments/Payment[PGT 1T1/1]/Line[1]/Tax",
            ("(<PaymentType>)RG(.*?)<Tax>.*?</Tax>", r"\1RC\2"),
        ),
    ],
)
def test_the_other_sections_are_checked_too(
    code: Code, path: str, edit: Edit, shared_data: Path, keys: dict[str, str], tmp_path: Path
) -> None:
    demo = (shared_data / "pt/saft/saft_idemo599999999.xml").read_text("cp1252")
    text, changes = re.subn(*edit, demo, count=1, flags=re.DOTALL)
    file = tmp_path / "demo.xml"
    file.write_text(text, "cp1252")

    assert changes == 1
    assert path in _paths(check(file, keys))[code.id]


def test_without_a_key_signatures_are_not_judged(shared_data: Path) -> None:
    assert check(shared_data / "pt/saft/saft_WRONG_INVOICE_SIGNATURE.xml", {}) == ()


def test_a_chain_that_begins_before_the_file_is_verified_from_its_second_document(
    shop: Any, build: Any, keys: dict[str, str], tmp_path: Path
) -> None:
    _, second, third = (shop.a_document() for _ in range(3))
    file = tmp_path / "late.xml"
    file.write_bytes(build.written(second, third))
    note = {"SAFT-HASH-03": ("SalesInvoices/Invoice[FR A2025/2]/Hash",)}
    assert _paths(check(file, keys)) == note
    assert is_sound(check(file, keys))
    assert check(file, {}) == ()

    file.write_bytes(file.read_bytes().replace(second.body.seal.signature[:9].encode(), b"A" * 9))
    found = check(file, keys)
    assert _paths(found) == note | {"SAFT-HASH-02": ("SalesInvoices/Invoice[FR A2025/3]/Hash",)}
    assert not is_sound(found)


INVOICE = "SalesInvoices/Invoice[FR A2025/1]"


@pytest.mark.parametrize(
    ("code", "path", "edits"),
    [
        (findings.UNKNOWN_ELEMENT, f"{INVOICE}/Colour", [("<Hash>", "<Colour/><Hash>")]),
        (findings.UNKNOWN_ELEMENT, "SalesInvoices/Colour", [("<Invoice>", "<Colour/><Invoice>")]),
        (findings.UNKNOWN_ELEMENT, f"{INVOICE}/Line[1]/@a", [("<Line>", '<Line a="b">')]),
        (
            findings.MISPLACED_ELEMENT,
            f"{INVOICE}/Period",
            [("(<Period>3</Period>)(<InvoiceDate>[^<]*</InvoiceDate>)", r"\2\1")],
        ),
        (
            findings.MISPLACED_ELEMENT,
            "AuditFile/Header",
            [("(<Header>.*</Header>)(.*</MasterFiles>)", r"\2\1")],
        ),
        (findings.REPEATED_ELEMENT, f"{INVOICE}/ATCUD", [("(<ATCUD>.*?</ATCUD>)", r"\1\1")]),
        (findings.STRAY_TEXT, INVOICE, [("<Invoice>", "<Invoice>x")]),
        (
            findings.MISSING_ELEMENT,
            "SalesInvoices/TotalDebit",
            [("<TotalDebit>.*</TotalDebit>", "")],
        ),
        (findings.BAD_VALUE, "Header/ProductID", [("Fiscus/Fiscus", "Fiscus")]),
        (findings.BAD_VALUE, f"{INVOICE}/DocumentStatus/SourceID", [("Ana", "A" * 31)]),
        (
            findings.BAD_VALUE,
            "SalesInvoices/NumberOfEntries",
            [("<NumberOfEntries>5", "<NumberOfEntries>5.0")],
        ),
        (findings.PERIOD, "Header/EndDate", [("<FiscalYear>2025", "<FiscalYear>2023")]),
        (findings.PERIOD, "Header/EndDate", [("<EndDate>2025-03-31", "<EndDate>2026-03-01")]),
        (
            findings.GAP,
            "SalesInvoices/Invoice[FR A2025/9]/InvoiceNo",
            [("FR A2025/3", "FR A2025/9")],
        ),
        (
            findings.OUT_OF_ORDER,
            "SalesInvoices/Invoice[FR A2025/1]/InvoiceNo",
            [("FR A2025/2", "FR A2025/1")],
        ),
        (
            findings.SHARED_CODE,
            "SalesInvoices/Invoice[FR B/1]/InvoiceType",
            [("NC A2025/1", "FR B/1")],
        ),
        (findings.ZONED, f"{INVOICE}/SystemEntryDate", [("(<SystemEntryDate>.*?)<", r"\1Z<")]),
        (findings.ZONED, f"{INVOICE}/Line[1]/TaxPointDate", [("(<TaxPointDate>.*?)<", r"\1Z<")]),
        (
            findings.OUTSIDE_PERIOD,
            f"{INVOICE}/InvoiceDate",
            [("<StartDate>2025-03-01", "<StartDate>2025-03-04")],
        ),
        (
            findings.AFTER_CREATION,
            f"{INVOICE}/InvoiceDate",
            [("<DateCreated>2025-04-01", "<DateCreated>2025-03-02")],
        ),
        (
            findings.EARLIER_DAY,
            "SalesInvoices/Invoice[FR A2025/2]/InvoiceDate",
            [("<InvoiceDate>2025-03-03", "<InvoiceDate>2025-03-09")],
        ),
        (
            findings.EARLIER_ENTRY,
            "SalesInvoices/Invoice[FR A2025/2]/SystemEntryDate",
            [("<SystemEntryDate>2025-03-03", "<SystemEntryDate>2025-03-04")],
        ),
        (
            findings.EARLY_STATUS,
            f"{INVOICE}/DocumentStatus/InvoiceStatusDate",
            [("<InvoiceStatusDate>2025", "<InvoiceStatusDate>2024")],
        ),
        (findings.HASH_SHAPE, f"{INVOICE}/Hash", [("<Hash>....", "<Hash>")]),
        (findings.HASH_WRONG, f"{INVOICE}/Hash", [("<GrossTotal>6.00", "<GrossTotal>6.01")]),
        (findings.ATCUD_WRONG, f"{INVOICE}/ATCUD", [("CSDF7T5H-1", "CSDF7T5H-7")]),
        (findings.ATCUD_WRONG, f"{INVOICE}/ATCUD", [("CSDF7T5H-1", "0")]),
        (
            findings.SECOND_VALIDATION,
            "SalesInvoices/Invoice[FR A2025/3]/ATCUD",
            [("CSDF7T5H-3", "CSDF7T5J-3")],
        ),
        (
            findings.ENTERED_BEFORE,
            f"{INVOICE}/SystemEntryDate",
            [("<InvoiceDate>2025-03-03", "<InvoiceDate>2025-03-04")],
        ),
        (findings.OTHER_MONTH, f"{INVOICE}/Period", [("<Period>3", "<Period>4")]),
        (
            findings.REFERENCE_SHAPE,
            "SalesInvoices/Invoice[NC A2025/1]/Line[1]/References",
            [("<Reference>FR A2025/1", "<Reference>FR A2025-1")],
        ),
        (
            findings.PART_PAID,
            f"{INVOICE}/DocumentTotals/Payment",
            [("<PaymentAmount>6.00", "<PaymentAmount>3.00")],
        ),
        (
            findings.OTHER_REASON,
            "SalesInvoices/Invoice[FT A2025/1]/Line[1]/TaxExemptionReason",
            [("<TaxExemptionReason>[^<]*", "<TaxExemptionReason>Isento artigo 13.º do CIVA")],
        ),
        (
            findings.LINE_NUMBER,
            f"{INVOICE}/Line[2]/LineNumber",
            [("<LineNumber>2", "<LineNumber>3")],
        ),
        (
            findings.LINE_SIDE,
            "SalesInvoices/Invoice[FR A2025/2]/Line[1]",
            [("(FR A2025/2.*?)CreditAmount(.*?)CreditAmount", r"\1DebitAmount\2DebitAmount")],
        ),
        (
            findings.LINE_SIDE,
            "SalesInvoices/Invoice[NC A2025/1]/Line[1]",
            [("<DebitAmount>(.*?)</DebitAmount>", r"<CreditAmount>\1</CreditAmount>")],
        ),
        (findings.LINE_AMOUNT, f"{INVOICE}/Line[1]", [("<Quantity>2", "<Quantity>3")]),
        (
            findings.LINE_TAX_BASE,
            f"{INVOICE}/Line[1]",
            [("</UnitPrice>", "</UnitPrice><TaxBase>1</TaxBase>")],
        ),
        (
            findings.REFERENCE,
            "SalesInvoices/Invoice[NC A2025/1]/Line[1]/References",
            [("<Reference>.*?</Reference>", "")],
        ),
        (findings.UNPAID, f"{INVOICE}/DocumentTotals/Payment", [("<Payment>.*?</Payment>", "")]),
        (
            findings.OVERPAID,
            f"{INVOICE}/DocumentTotals/Payment",
            [("<PaymentAmount>6.00", "<PaymentAmount>6.01")],
        ),
        (
            findings.NO_REASON,
            "SalesInvoices/Invoice[FR A2025/3]/DocumentStatus/Reason",
            [("<Reason>Cliente errado</Reason>", "")],
        ),
        (
            findings.TAX_UNLISTED,
            f"{INVOICE}/Line[1]/Tax",
            [("(</MasterFiles>.*?)<TaxPercentage>23", r"\1<TaxPercentage>22")],
        ),
        (
            findings.TAX_RATE,
            f"{INVOICE}/Line[1]/Tax",
            [("(</MasterFiles>.*?)<TaxPercentage>23", r"\1<TaxPercentage>22")],
        ),
        (
            findings.TAX_REASON,
            f"{INVOICE}/Line[1]",
            [("(</MasterFiles>.*?)<TaxPercentage>23", r"\1<TaxPercentage>0")],
        ),
        (
            findings.TAX_CODE,
            "SalesInvoices/Invoice[FT A2025/1]/Line[1]",
            [("<TaxExemptionCode>.*?</TaxExemptionCode>", "")],
        ),
        (
            findings.UNKNOWN_EXEMPTION,
            "SalesInvoices/Invoice[FT A2025/1]/Line[1]/TaxExemptionCode",
            [("<TaxExemptionCode>M07", "<TaxExemptionCode>M77")],
        ),
        (
            findings.UNKNOWN_EXEMPTION,
            "SalesInvoices/Invoice[FT A2025/1]/Line[1]/TaxExemptionCode",
            [("<TaxExemptionCode>M07", "<TaxExemptionCode>M45")],
        ),
        (
            findings.POSTAL_CODE,
            "Header/CompanyAddress/PostalCode",
            [("<PostalCode>1100-052", "<PostalCode>1100052")],
        ),
        (
            findings.NO_CUSTOMER,
            f"{INVOICE}/CustomerID",
            [("(</MasterFiles>.*?<CustomerID>)999999990", r"\g<1>999")],
        ),
        (
            findings.SECOND_CUSTOMER,
            "MasterFiles/Customer[999999990]",
            [("(<Customer>.*</Customer>)", r"\1\1")],
        ),
        (
            findings.SECOND_ANYONE,
            "MasterFiles/Customer[999999990]",
            [
                ("(<Customer>.*</Customer>)", r"\1\1"),
                ("<CustomerID>999999990(.*?<CustomerID>999999990)", r"<CustomerID>CF\1"),
            ],
        ),
        (
            findings.NO_PRODUCT,
            f"{INVOICE}/Line[1]/ProductCode",
            [("(</MasterFiles>.*?<ProductCode>)CAFE", r"\1CHA")],
        ),
        (
            findings.SECOND_PRODUCT,
            "MasterFiles/Product[CAFE]",
            [("(<Product>.*?</Product>)", r"\1\1")],
        ),
        (
            findings.GROSS_TOTAL,
            f"{INVOICE}/DocumentTotals/GrossTotal",
            [("<GrossTotal>6.00", "<GrossTotal>6.01")],
        ),
        (
            findings.NET_TOTAL,
            f"{INVOICE}/DocumentTotals/NetTotal",
            [("<NetTotal>4.88", "<NetTotal>4.98")],
        ),
        (
            findings.TAX_TOTAL,
            f"{INVOICE}/DocumentTotals/TaxPayable",
            [("<TaxPayable>1.12", "<TaxPayable>1.02")],
        ),
        (
            findings.ENTRIES,
            "SalesInvoices/NumberOfEntries",
            [("<NumberOfEntries>5", "<NumberOfEntries>4")],
        ),
        (findings.DEBIT_TOTAL, "SalesInvoices/TotalDebit", [("<TotalDebit>2.44", "<TotalDebit>0")]),
        (
            findings.CREDIT_TOTAL,
            "SalesInvoices/TotalCredit",
            [("<TotalCredit>9.76", "<TotalCredit>9.78")],
        ),
    ],
)
def test_each_rule_is_named_with_its_document_and_element(
    broken: Broken, code: Code, path: str, edits: list[Edit]
) -> None:
    assert path in broken(*edits).get(code.id, ())


def test_the_unbroken_file_has_no_fault(broken: Broken) -> None:
    assert broken() == {}


def test_a_line_taken_back_in_the_same_document_is_on_the_right_side(
    shop: Any, build: Any, tmp_path: Path
) -> None:
    sold, back = build.a_line(quantity=Decimal(3)), build.a_line(number=2, is_debit=True)
    issued = shop.a_document("FT", (sold, back))
    file = tmp_path / "mixed.xml"
    file.write_bytes(build.written(issued))

    assert "SAFT-LINE-02" not in _paths(check(file, {}))


def test_a_correction_may_bear_the_rate_of_its_original(
    shop: Any, build: Any, tmp_path: Path
) -> None:
    old = {"region": "PT-MA", "tax_code": "RED", "percentage": Decimal(5)}
    file = tmp_path / "madeira.xml"
    file.write_bytes(
        build.written(
            shop.a_document("FT", (build.a_line(**old),)),
            shop.a_document("NC", (build.a_line(is_debit=True, **old),)),
        )
    )

    assert _paths(check(file, {})) == {
        "SAFT-TAX-02": ("SalesInvoices/Invoice[FT A2025/1]/Line[1]/Tax",)
    }


def test_a_file_that_is_not_xml_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    file = tmp_path / "cut.xml"
    file.write_text('<?xml version="1.0"?><AuditFile><Header>')

    assert "SAFT-FILE-01" in _paths(check(file, {}))


def test_a_header_of_nonsense_is_named_and_no_crash(broken: Broken) -> None:
    found = broken(
        ("<StartDate>2025-03-01", "<StartDate>1 May"), ("<FiscalYear>2025", "<FiscalYear>x")
    )

    assert "Header/StartDate" in found["SAFT-VALUE-01"]
    assert "Header/EndDate" in found["SAFT-HEADER-01"]


@given(data=st.data())
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_value_makes_the_checker_crash(
    data: st.DataObject, shared_data: Path, keys: dict[str, str], tmp_path: Path
) -> None:
    demo = (shared_data / "pt/saft/saft_idemo599999999.xml").read_text("cp1252")
    spans = [found.span(1) for found in re.finditer(r">([^<>]*[^<>\s][^<>]*)<", demo)]
    begin, end = data.draw(st.sampled_from(spans))
    odd = data.draw(st.sampled_from(("", "x", "-1", "1e9", "9" * 60, "2017-13-45", "NaN", "\xa0")))
    file = tmp_path / "odd.xml"
    file.write_text(demo[:begin] + odd + demo[end:], "cp1252")

    assert all(fault.paths for fault in check(file, keys))


def test_an_empty_file_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "empty.xml"
    file.write_bytes(b"")

    assert "SAFT-FILE-01" in _paths(check(file, {}))


def test_another_version_is_not_judged_further(tmp_path: Path) -> None:
    file = tmp_path / "old.xml"
    file.write_text('<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.03_01"/>')

    assert list(_paths(check(file, {}))) == ["SAFT-FILE-03"]


def test_a_document_type_declaration_stops_the_reading(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    file = tmp_path / "doctype.xml"
    file.write_text(
        f'<!DOCTYPE AuditFile [<!ENTITY x SYSTEM "{secret}">]>'
        '<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01">&x;</AuditFile>'
    )

    assert list(_paths(check(file, {}))) == ["SAFT-FILE-02"]


def test_no_code_is_used_twice() -> None:
    codes = [code.id for code in vars(findings).values() if isinstance(code, Code)]

    assert len(codes) == len(set(codes))
    assert len(codes) > 40


def _paths(faults: tuple[Fault, ...]) -> dict[str, tuple[str, ...]]:
    return {fault.code: fault.paths for fault in faults}


def test_all_periods_may_be_off_by_the_same(broken: Broken) -> None:
    shifted = [("<Period>3", "<Period>9")] * 5

    assert findings.OTHER_MONTH.id not in broken(*shifted)
    assert findings.OTHER_MONTH.id in broken(*shifted[:4])
