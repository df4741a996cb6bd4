"""The file as the official schema, the stream and the law want it."""

import tracemalloc
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from fiscus.formats import IssuedDocument, find
from fiscus.formats.saft.check import check
from fiscus.formats.saft.write import write
from fiscus.model.documents import Address, Party, Payment, PaymentMeans

NS = {"s": "urn:OECD:StandardAuditFile-Tax:PT_1.04_01"}
EXEMPT = {
    "percentage": Decimal(0),
    "tax_code": "ISE",
    "exemption": "M07",
    "exemption_text": "Isento artigo 9.º do CIVA",
}
SPANISH = Party(
    name="Hermanos Núñez & Cía",
    tax_number="B12345674",
    address=Address(street="Gran Vía", number="1", code="28013", city="Madrid", country="ES"),
)
PORTUGUESE = Party(name="Gomes <Gomes>", tax_number="508650704")


@pytest.fixture(scope="session")
def official(shared_data: Path) -> xmlschema.XMLSchema11:
    return xmlschema.XMLSchema11(str(shared_data / "pt/xsd/SAFTPT1.04_01.xsd"))


@pytest.fixture(scope="session")
def fast(shared_data: Path) -> etree.XMLSchema:
    return etree.XMLSchema(
        etree.parse(str(shared_data / "pt/xsd/SAFTPT1.04_01_xsd10_no_asserts.xsd"))
    )


@pytest.fixture
def month(shop: Any, build: Any) -> tuple[IssuedDocument, ...]:
    """One of everything: types, regions, exempt, cancelled, foreign, endless fractions."""
    line = build.a_line
    regions = (
        line(),
        line(product="QUEIJO", region="PT-AC", percentage=Decimal(16)),
        line(product="BOLO", region="PT-MA", percentage=Decimal(4), tax_code="RED"),
    )
    third = line(quantity=Decimal(3), unit_price=Decimal(10) / 3, net=Decimal(10))
    returned = line(is_debit=True)
    return (
        shop.a_document("FR", regions),
        shop.a_document("FR", (third,), buyer=PORTUGUESE),
        build.a_void(shop.a_document("FR", buyer=PORTUGUESE)),
        shop.a_document("FS", (line(product="LIVRO", is_service=True, **EXEMPT),)),
        shop.a_document("FT", buyer=SPANISH, supplied_on=date(2025, 3, 1)),
        shop.a_document("FT", (line(discount=Decimal("0.50")),), buyer=Party(name="Ana Sá")),
        shop.a_document("NC", (returned, line(number=2, is_debit=True))),
        shop.a_document("ND", reason="Portes em falta"),
    )


def test_every_kind_of_document_is_valid_by_the_official_schema(
    month: tuple[IssuedDocument, ...], build: Any, official: xmlschema.XMLSchema11, tmp_path: Path
) -> None:
    file = tmp_path / "saft.xml"
    file.write_bytes(build.written(*month))

    assert [error.reason for error in official.iter_errors(str(file))] == []


def test_the_checker_finds_nothing_and_every_signature_verifies(
    month: tuple[IssuedDocument, ...], build: Any, keys: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "saft.xml"
    file.write_bytes(build.written(*month))

    assert check(file, keys) == ()


def test_a_period_without_documents_is_a_valid_file_that_says_zero(
    build: Any, official: xmlschema.XMLSchema11, tmp_path: Path
) -> None:
    file = tmp_path / "saft.xml"
    file.write_bytes(build.written())

    assert list(official.iter_errors(str(file))) == []
    assert check(file, {}) == ()
    assert _text(etree.parse(str(file)), "//s:NumberOfEntries") == "0"


def test_cancelled_documents_are_counted_but_not_added(
    month: tuple[IssuedDocument, ...], build: Any
) -> None:
    tree = etree.fromstring(build.written(*month))
    seals = [issued.body.seal for issued in month if issued.void is None and issued.body.seal]
    lines = [line for seal in seals for line in seal.lines if not line.is_debit]
    credit = sum((line.net for line in lines), Decimal(0))

    assert _text(tree, "//s:NumberOfEntries") == str(len(month))
    assert abs(Decimal(_text(tree, "//s:TotalCredit")) - credit) <= Decimal("0.005")


def test_a_cancelled_document_says_when_why_and_by_whom(shop: Any, build: Any) -> None:
    tree = etree.fromstring(build.written(build.a_void(shop.a_document(), "N" * 60)))
    status = tree.find(".//s:DocumentStatus", NS)

    assert [child.text for child in status] == ["A", "2025-03-03T10:00:07", "N" * 50, "Rui", "P"]


def test_times_are_those_of_lisbon_in_summer_too(shop: Any, build: Any) -> None:
    shop.at = shop.at.replace(month=7)
    tree = etree.fromstring(build.written(shop.a_document()))

    assert _text(tree, "//s:SystemEntryDate") == "2025-07-03T10:00:07"


def test_the_generic_consumer_and_each_customer_stand_once(shop: Any, build: Any) -> None:
    named = Party(name="Ana Sá")
    buyers = (None, PORTUGUESE, None, SPANISH, PORTUGUESE, named, SPANISH, named, Party())
    tree = etree.fromstring(
        build.written(*(shop.a_document("FT", buyer=buyer) for buyer in buyers))
    )
    ids = tree.xpath("//s:Customer/s:CustomerID/text()", namespaces=NS)

    assert ids[:3] == ["999999990", "508650704", "ES-B12345674"]
    assert ids[3].startswith("N-")
    assert len(ids) == 4
    assert tree.xpath("//s:Customer/s:CustomerTaxID/text()", namespaces=NS)[3] == "999999990"
    assert tree.xpath("//s:Invoice/s:CustomerID/text()", namespaces=NS)[-1] == "999999990"


@pytest.mark.parametrize(
    "name", ["Consumidor final", "CONSUMIDOR  FINAL", " consumidór-final ", "Consumidor Final."]
)
def test_whoever_gives_no_name_is_the_generic_consumer(shop: Any, build: Any, name: str) -> None:
    buyers = (None, Party(name=name), Party(name=name, tax_number="999999990"))
    tree = etree.fromstring(
        build.written(*(shop.a_document("FT", buyer=buyer) for buyer in buyers))
    )

    assert tree.xpath("//s:Customer/s:CompanyName/text()", namespaces=NS) == ["Consumidor final"]


def test_a_customer_of_the_shop_s_own_code_is_one_without_name(shop: Any, build: Any) -> None:
    codes = ("LOYALTY-77", "LOYALTY-77", "é&<1>", "x" * 60)
    tree = etree.fromstring(
        build.written(*(shop.a_document("FR", buyer=Party(code=code)) for code in codes))
    )
    ids = tree.xpath("//s:Customer/s:CustomerID/text()", namespaces=NS)

    assert ids[0] == "C-LOYALTY-77"
    assert [len(each) for each in ids[1:]] == [18, 18]
    assert set(tree.xpath("//s:Customer/s:CompanyName/text()", namespaces=NS)) == {"Desconhecido"}


def test_a_correction_without_a_buyer_is_for_the_sealed_one(shop: Any, build: Any) -> None:
    facts = {"buyer_tax_number": "508650704", "buyer_country": "PT"}
    tree = etree.fromstring(
        build.written(shop.a_document("FT", buyer=PORTUGUESE), shop.a_document("NC", facts=facts))
    )

    assert tree.xpath("//s:Customer/s:CompanyName/text()", namespaces=NS) == ["Gomes <Gomes>"]
    assert len(set(tree.xpath("//s:Invoice/s:CustomerID/text()", namespaces=NS))) == 1


def test_the_tax_table_lists_what_the_lines_use_and_nothing_else(
    month: tuple[IssuedDocument, ...], build: Any
) -> None:
    tree = etree.fromstring(build.written(*month))
    entries = tree.findall(".//s:TaxTableEntry", NS)
    used = {tuple(tax.itertext()) for tax in tree.findall(".//s:Line/s:Tax", NS)}

    assert {
        tuple(child.text for child in entry if child.tag[-11:] != "Description")
        for entry in entries
    } == used
    assert len(entries) == 4


def test_change_given_back_is_no_payment(shop: Any, build: Any) -> None:
    payments = (
        Payment(means=PaymentMeans.CASH, amount=Decimal(5)),
        Payment(means=PaymentMeans.CARD_DEBIT, amount=Decimal(1), on=date(2025, 3, 2)),
    )
    tree = etree.fromstring(build.written(shop.a_document("FR", payments=payments)))
    stated = [list(one.itertext()) for one in tree.findall(".//s:DocumentTotals/s:Payment", NS)]

    assert stated == [["NU", "2.00", "2025-03-03"], ["CD", "1.00", "2025-03-02"]]


def test_without_an_operator_the_end_of_the_registers_id_stands_in(shop: Any, build: Any) -> None:
    tree = etree.fromstring(build.written(shop.a_document(operator="")))

    assert _text(tree, "//s:Invoice/s:SourceID") == "97a2b47c117d3e9a551b2c3d4e5f60"


@pytest.mark.parametrize(
    ("stated", "company"),
    [("Lisboa 1234/05", "Lisboa 1234/05"), ("sem registo", "507957547"), ("", "507957547")],
)
def test_the_company_id_is_the_registration_where_it_has_the_form(
    build: Any, stated: str, company: str
) -> None:
    facts = {"tax_id_number": "507957547", "registration_other": stated}
    tree = etree.fromstring(build.written(taxpayer=build.a_taxpayer(facts=facts)))

    assert _text(tree, "//s:CompanyID") == company


@pytest.mark.parametrize(
    ("stated", "code"),
    [("1100-052", "1100-052"), ("1100052", "1100-052"), ("1100", "1100-000"), ("?", "0000-000")],
)
def test_the_companys_postal_code_has_the_form_the_authority_takes(
    build: Any, stated: str, code: str
) -> None:
    address = Address(street="Rua", code=stated, city="Lisboa", country="PT")
    tree = etree.fromstring(build.written(taxpayer=build.a_taxpayer(address=address)))

    assert _text(tree, "//s:CompanyAddress/s:PostalCode") == code


@given(text=st.text(max_size=300), code=st.text(max_size=80), name=st.text(max_size=120))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_makes_a_valid_file(
    shop: Any, build: Any, fast: etree.XMLSchema, text: str, code: str, name: str
) -> None:
    line = build.a_line(product=code, text=text, measure=name, **EXEMPT | {"exemption_text": text})
    address = Address(street=text, code=name, city=text, country=code)
    buyer = Party(name=name, tax_number=code, address=address)
    issued = shop.a_document("FR", (line,), buyer=buyer, operator=text)
    tree = etree.fromstring(
        build.written(
            build.a_void(issued, text),
            shop.a_document("NC", (build.a_line(is_debit=True),), reason=text),
            taxpayer=build.a_taxpayer(
                legal_name=text,
                trade_name=name,
                address=Address(street=text, code=name, city=code, country="PT"),
                facts={"tax_id_number": "507957547", "registration_other": text, "email": name},
            ),
        )
    )

    assert fast.validate(tree), fast.error_log


@pytest.mark.parametrize("text", ["\x00\x1f\x7f", "\ud800", "\ufffe\uffff", "🎂", "a&b<c>]]>"])
def test_characters_that_xml_forbids_are_replaced(
    shop: Any, build: Any, fast: etree.XMLSchema, text: str
) -> None:
    file = build.written(shop.a_document("FR", (build.a_line(text=text, product=text),)))

    assert fast.validate(etree.fromstring(file)), fast.error_log


def test_memory_does_not_grow_with_the_number_of_documents(shop: Any, build: Any) -> None:
    few = [shop.a_document() for _ in range(50)]

    def peak(documents: int) -> int:
        def records() -> Iterator[IssuedDocument]:
            for _ in range(documents // len(few)):
                yield from few

        tracemalloc.start()
        for _ in write(build.a_selection(records)):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(500)
    assert peak(5_000) <= peak(500) + (1 << 19)


NUMBER_ALONE = Party(tax_number="508650704")
HERE = Address(street="Rua A", code="1100-061", city="Lisboa", country="PT")
THERE = Address(street="Rua B", code="4000-001", city="Porto", country="PT")
NAMED = Party(name="Gomes", tax_number="508650704", is_business=True, address=HERE)
MOVED = Party(name="Gomes II", tax_number="508650704", is_business=True, address=THERE)


@pytest.mark.parametrize(
    ("buyers", "cancelled", "shown"),
    [
        ((NUMBER_ALONE,), (), ("Desconhecido", "Desconhecido")),
        ((NUMBER_ALONE, NAMED), (), ("Gomes", "Lisboa")),
        ((NAMED, NUMBER_ALONE), (), ("Gomes", "Lisboa")),
        ((NAMED, MOVED, NUMBER_ALONE), (), ("Gomes II", "Porto")),
        ((MOVED, NAMED, MOVED, NAMED), (), ("Gomes", "Lisboa")),
        ((NAMED, MOVED), (1,), ("Gomes", "Lisboa")),
        ((NUMBER_ALONE, MOVED), (1,), ("Gomes II", "Porto")),
        ((PORTUGUESE, NAMED), (), ("Gomes", "Lisboa")),
    ],
)
def test_a_customer_has_the_best_data_of_the_period(
    buyers: tuple[Party, ...],
    cancelled: tuple[int, ...],
    shown: tuple[str, str],
    shop: Any,
    build: Any,
) -> None:
    issued = [shop.a_document("FR", buyer=buyer) for buyer in buyers]
    for place in cancelled:
        issued[place] = build.a_void(issued[place])

    tree = etree.fromstring(build.written(*issued))

    [name] = tree.xpath("//s:Customer/s:CompanyName/text()", namespaces=NS)
    [city] = tree.xpath("//s:Customer/s:BillingAddress/s:City/text()", namespaces=NS)
    assert (name, city) == shown


def test_the_format_is_found_by_its_code() -> None:
    saft = find("saft-pt")

    assert (saft.laws, saft.version, saft.extension) == (frozenset({"pt"}), "1.04_01", "xml")


def _text(tree: Any, path: str) -> str:
    found: list[Any] = tree.xpath(path, namespaces=NS)
    return str(found[0].text)
