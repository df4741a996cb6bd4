"""Audit files that somebody made to keep a checker busy: refused with a code, within a second or
two, in a bounded memory."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fiscus.formats.saft.check import BEGINNING_BYTES_MAX, PART_BYTES_MAX, check
from fiscus.formats.saft.findings import FAULTS_MAX

HEAD = '<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01">'
SECONDS_MAX = 20
"""Far above what it takes, for machines that do other things; without limits it is minutes."""


def codes(folder: Path, *parts: str) -> set[str]:
    path = folder / "a.xml"
    with path.open("w") as file:
        file.writelines(parts)
    begun = time.monotonic()
    found = check(path, {})
    assert time.monotonic() - begun < SECONDS_MAX
    assert all(len(place) <= 300 for fault in found for place in fault.paths)
    return {fault.code for fault in found}


def laughs(where: str) -> str:
    made = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 20))
    return f'<!DOCTYPE x [<!ENTITY a0 "ha">{made}]>{HEAD[:-1]}{where}</AuditFile>'


@pytest.mark.parametrize("depth", [300, 100_000])
def test_elements_in_elements_without_end(tmp_path: Path, depth: int) -> None:
    assert codes(tmp_path, HEAD, "<a>" * depth) == {"SAFT-FILE-04"}


def test_entities_made_of_entities(tmp_path: Path) -> None:
    assert codes(tmp_path, laughs(">&a19;")) == {"SAFT-FILE-02"}
    assert codes(tmp_path, laughs(' x="&a19;">')) == {"SAFT-FILE-04"}


def test_a_text_without_end(tmp_path: Path) -> None:
    text = ["x" * 1_000_000] * 11

    found = codes(tmp_path, HEAD, "<Header><AuditFileVersion>", *text, "</AuditFileVersion>")

    assert found == {"SAFT-FILE-04"}


@pytest.mark.parametrize("inside", ["", "<SourceDocuments><SalesInvoices><Invoice>"])
def test_a_part_has_so_many_bytes(tmp_path: Path, inside: str) -> None:
    children = "<a/>" * (PART_BYTES_MAX // 4 + 100_000)

    assert "SAFT-FILE-04" in codes(tmp_path, HEAD, inside, children, "<MasterFiles/>")


def test_before_the_root_there_is_little(tmp_path: Path) -> None:
    declared = "".join(f'<!ENTITY a{n} "x">' for n in range(BEGINNING_BYTES_MAX // 15))

    assert codes(tmp_path, f"<!DOCTYPE x [{declared}]>", HEAD, "</AuditFile>") == {"SAFT-FILE-04"}


def test_a_hundred_thousand_faults_are_enough(tmp_path: Path) -> None:
    headers = "<Header/>" * (FAULTS_MAX // 2)

    found = codes(tmp_path, HEAD, headers, "</AuditFile>")

    assert {"SAFT-ELEMENT-01", "SAFT-FILE-05"} <= found


def an_invoice(text: str) -> Iterator[str]:
    yield "<Invoice>"
    for name in ("InvoiceNo", "ATCUD", "Hash", "Period", "InvoiceDate", "InvoiceType"):
        yield f"<{name}>{text}</{name}>"
    yield f"<SystemEntryDate>{text}</SystemEntryDate><CustomerID>{text}</CustomerID><Line>"
    for name in ("LineNumber", "Quantity", "UnitPrice", "CreditAmount", "TaxPointDate"):
        yield f"<{name}>{text}</{name}>"
    yield f"<Tax><TaxPercentage>{text}</TaxPercentage></Tax></Line><DocumentTotals>"
    yield f"<TaxPayable>{text}</TaxPayable><NetTotal>{text}</NetTotal></DocumentTotals></Invoice>"


LONG = {
    "digits": "9" * 500_000,
    "digits that can be converted": "9" * 4000,
    "decimals": "0." + "9" * 3900,
    "an exponent": "1E999999999",
    "blanks": " " * 500_000,
    "blanks between": "1 " * 250_000,
    "slashes": "a/" * 250_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_values_that_are_no_values(tmp_path: Path, text: str) -> None:
    header = f"<Header><FiscalYear>{text}</FiscalYear><StartDate>{text}</StartDate></Header>"
    invoice = "".join(an_invoice(text))

    found = codes(
        tmp_path,
        HEAD,
        header,
        f"<SourceDocuments><SalesInvoices><NumberOfEntries>{text}</NumberOfEntries>",
        invoice,
        "</SalesInvoices></SourceDocuments></AuditFile>",
    )

    assert "SAFT-VALUE-01" in found
