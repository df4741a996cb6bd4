"""One document of the journal as an element of the file."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
import xmlschema
from lxml import etree

from fiscus.formats import find
from fiscus.formats.saft.document import customer_of
from fiscus.formats.saft.tests.conftest import a_line
from fiscus.model.documents import Address, DeliveryPlace, Party, Payment, PaymentMeans

NS = {"s": "urn:OECD:StandardAuditFile-Tax:PT_1.04_01"}


@pytest.mark.parametrize("length", [29, 30, 31])
def test_an_operator_is_written_with_thirty_characters_and_no_more(
    shop: Any, build: Any, length: int
) -> None:
    """The schema's `SourceID` takes thirty."""
    named = ("Maria da Conceição " * 2)[:length]
    tree = etree.fromstring(build.written(shop.a_document(operator=named)))

    assert tree.findtext(".//s:Invoice/s:SourceID", namespaces=NS) == named[:30].strip()


QUAY = Address(street="Cais", number="1", code="8000-100", city="Faro", country="PT")


def test_the_orders_a_document_follows_from_stand_at_each_line(shop: Any, build: Any) -> None:
    """References of a document were taken and never exported."""
    issued = shop.a_document("FT", (a_line(), a_line()), order_references=("PO77", "GR12"))
    tree = etree.fromstring(build.written(issued))

    lines = tree.findall(".//s:Line", namespaces=NS)
    assert len(lines) == 2
    for line in lines:
        found = line.findall("s:OrderReferences/s:OriginatingON", namespaces=NS)
        assert [one.text for one in found] == ["PO77", "GR12"]


def test_a_place_of_delivery_stands_with_its_name_and_day(shop: Any, build: Any) -> None:
    """Shipping was taken and never exported."""
    delivery = DeliveryPlace(
        address=msgspec.structs.replace(QUAY, region="Algarve"),
        name="Armazém",
        on=date(2025, 3, 8),
    )
    tree = etree.fromstring(build.written(shop.a_document("FT", delivery=delivery)))

    (ship_to,) = tree.findall(".//s:ShipTo", namespaces=NS)
    assert [(etree.QName(one).localname, one.text) for one in ship_to.iter()][1:] == [
        ("DeliveryDate", "2025-03-08"),
        ("Address", None),
        ("AddressDetail", "Armazém, Cais 1"),
        ("City", "Faro"),
        ("PostalCode", "8000-100"),
        ("Region", "Algarve"),
        ("Country", "PT"),
    ]


def owed(**more: Any) -> Payment:
    return Payment(means=PaymentMeans.OUTSTANDING, amount=Decimal("3.00"), **more)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, []),
        ({"payments": (owed(),)}, []),
        ({"payment_terms": "30 dias"}, [{"PaymentTerms": "30 dias"}]),
        (
            {"payments": (owed(on=date(2025, 4, 2)),), "payment_terms": "30 dias"},
            [{"SettlementDate": "2025-04-02", "PaymentTerms": "30 dias"}],
        ),
        (
            {
                "payments": (
                    owed(on=date(2025, 4, 2), discount=Decimal("0.06")),
                    owed(on=date(2025, 5, 2)),
                )
            },
            [
                {"SettlementAmount": "0.06", "SettlementDate": "2025-04-02"},
                {"SettlementDate": "2025-05-02"},
            ],
        ),
    ],
)
def test_terms_of_payment_are_settlements(
    shop: Any, build: Any, more: dict[str, Any], expected: list[dict[str, str]]
) -> None:
    """Terms of payment were taken and never exported."""
    tree = etree.fromstring(build.written(shop.a_document("FT", **more)))

    found = tree.findall(".//s:DocumentTotals/s:Settlement", namespaces=NS)
    assert [{etree.QName(x).localname: x.text for x in one} for one in found] == expected


def test_a_serial_number_stands_at_its_line_only(shop: Any, build: Any) -> None:
    issued = shop.a_document("FT", (a_line(serial="IMEI-35"), a_line()))
    tree = etree.fromstring(build.written(issued))

    assert [
        line.findtext("s:ProductSerialNumber/s:SerialNumber", namespaces=NS)
        for line in tree.iter(f"{{{NS['s']}}}Line")
    ] == ["IMEI-35", None]


def test_a_buyer_lives_in_a_region(shop: Any, build: Any) -> None:
    buyer = Party(name="Ana", address=msgspec.structs.replace(QUAY, region="Algarve"))
    tree = etree.fromstring(build.written(shop.a_document("FT", buyer=buyer)))

    assert tree.findtext(".//s:BillingAddress/s:Region", namespaces=NS) == "Algarve"


def test_all_of_it_together_keeps_to_the_schema(
    shop: Any, build: Any, shared_data: Path, tmp_path: Path
) -> None:
    delivery = DeliveryPlace(address=QUAY, name="Armazém", on=date(2025, 3, 8))
    payments = (owed(on=date(2025, 4, 2), discount=Decimal("0.06")),)
    path = tmp_path / "saft.xml"
    path.write_bytes(
        build.written(
            shop.a_document(
                "FT",
                (a_line(serial="IMEI-35"),),
                order_references=("PO77",),
                payment_terms="30 dias",
                delivery=delivery,
                payments=payments,
                buyer=Party(name="Ana", address=msgspec.structs.replace(QUAY, region="Algarve")),
            )
        )
    )

    assert find("saft-pt").check(path, {}) == ()
    xmlschema.XMLSchema11(str(shared_data / "pt/xsd/SAFTPT1.04_01.xsd")).validate(str(path))


HERE = Address(street="Rua A", code="1100-061", city="Lisboa", country="PT")


def an_id(**buyer: Any) -> str:
    return customer_of(Party(**buyer), {}).id


def test_a_tax_number_is_one_customer_whatever_it_is_called() -> None:
    """The number of a customer with documents cannot change, and a name without a number cannot
    either: another one is another customer (Despacho 8632/2014, 3.3.3 and 3.3.4)."""
    numbered = {an_id(name=name, tax_number="508650704") for name in ("", "Gomes", "Gomes II")}
    others = {an_id(name="Gomes", tax_number=number) for number in ("", "514200111", "999999990")}
    named = {an_id(name=name, address=HERE) for name in ("Ana", "ANA ", "Ana Melo")}

    assert numbered == {"508650704"}
    assert len(others) == 2
    assert numbered.isdisjoint(others)
    assert len(named) == 2
