"""Closings as the journal holds them, with defaults."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from fiscus.model.closings import (
    CaseTotal,
    Closing,
    ClosingDevice,
    ClosingGroup,
    PaymentTotal,
    TaxTotal,
)
from fiscus.model.documents import Address, ClosingType
from fiscus.model.kinds import EntryKind
from fiscus.model.places import Location, Place, Register, Taxpayer
from fiscus.model.records import GENESIS, DeviceSigning, EntryBody, PlaceRef, Seal

SERIAL = "17f5b2e1d20c4c0a8e53f5b8c1a1d7a2b0f6b1d8b1b7a4e57d3c1a94f07e2c11"
CLIENT = "5f0c1f0e-8a0b-4f2e-9d7a-3d0b6b8a1c77"
SIGNATURE = (
    "q5zYcO0vX7wF3bT1mZkP8sJ2dH6uLr4yQn9eGxVaCiBoKtMfWjEhSgDlNpRyUzAb1c2d3e4f5g6h7i8j9k0lQ=="
)
UNTIL = datetime(2026, 3, 1, 21, 20, 4, tzinfo=UTC)


def a_place(regime: str = "de", **taxpayer: Any) -> Place:
    address = Address(
        street="Müllerstraße", number="12 a", code="13353", city="Berlin", country="DE"
    )
    named: dict[str, Any] = {
        "legal_name": "Kiosk Yıldız & Söhne GmbH",
        "trade_name": "Späti am Eck",
        "facts": {"tax_number": "21/815/08150", "vat_id_number": "123456789"},
    }
    return Place(
        taxpayer=Taxpayer(
            id="3b0e",
            version=1,
            organization="o",
            regime=regime,
            address=address,
            **(named | taxpayer),
        ),
        location=Location(
            id="9a", version=1, name="Filiale Wedding", address=address, timezone="Europe/Berlin"
        ),
        register=Register(
            id=CLIENT, version=1, name="Kasse 1", software="Till 4.2", serial="HW-0815"
        ),
    )


def a_case(case: str, code: str, rate: int, net: str, vat: str) -> CaseTotal:
    return CaseTotal(
        case=case, tax_code=code, percentage=Decimal(rate), net=Decimal(net), vat=Decimal(vat)
    )


TAXES = (
    TaxTotal(
        tax_code="1",
        percentage=Decimal(19),
        net=Decimal("2876.42857"),
        vat=Decimal("546.52143"),
    ),
    TaxTotal(
        tax_code="2",
        percentage=Decimal(7),
        net=Decimal("888.55140"),
        vat=Decimal("62.19860"),
    ),
)


CASES = (
    a_case("Umsatz", "1", 19, "2891.55462", "549.39538"),
    a_case("Rabatt", "1", 19, "-15.12605", "-2.87395"),
    a_case("Umsatz", "2", 7, "888.55140", "62.19860"),
    a_case("MehrzweckgutscheinEinloesung", "5", 0, "-25.00", "0"),
    a_case("Anfangsbestand", "5", 0, "150.00", "0"),
    a_case("Geldtransit", "5", 0, "-1200.00", "0"),
)


PAYMENTS = (
    PaymentTotal(type="Bar", amount=Decimal("1000.05"), currency="EUR", is_cash=True),
    PaymentTotal(
        type="Bar",
        amount=Decimal("11.90"),
        currency="CHF",
        foreign_amount=Decimal("13.10"),
        is_cash=True,
    ),
    PaymentTotal(type="ECKarte", name="girocard", amount=Decimal("2307.11")),
)


def a_closing(**changes: Any) -> Closing:
    values: dict[str, Any] = {
        "type": ClosingType.DAILY,
        "number": 47,
        "is_sealed": True,
        "first_z": 47,
        "last_z": 47,
        "first_receipt": "0196f0a0-0000-7000-8000-000000000001",
        "last_receipt": "0196f0a0-0000-7000-8000-0000000004d2",
        "since": datetime(2026, 3, 1, 6, 0, 3, tzinfo=UTC),
        "until": UNTIL,
        "day": date(2026, 3, 1),
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "documents": 134,
        "sales": ClosingGroup(count=128, gross=Decimal("4391.55"), vat=Decimal("601.33")),
        "returns": ClosingGroup(count=3, gross=Decimal("-17.85"), vat=Decimal("-2.85")),
        "voids": 2,
        "opening": Decimal("150.00"),
        "cash_in": Decimal("40.00"),
        "cash_out": Decimal("-1200.00"),
        "expected": Decimal("1001.20"),
        "difference": Decimal("-1.15"),
        "taxes": TAXES,
        "cases": CASES,
        "payments": PAYMENTS,
        "devices": (
            ClosingDevice(
                serial=SERIAL,
                client=CLIENT,
                algorithm="ecdsa-plain-SHA256",
                time_format="unixTime",
                public_key="BA==",
                certificate="MA==",
            ),
        ),
        "place": a_place(),
    }
    return Closing(**(values | changes))


def a_signing() -> DeviceSigning:
    return DeviceSigning(
        serial=SERIAL,
        client=CLIENT,
        number=1234,
        process_type="SonstigerVorgang",
        process_data="Tagesabschluss",
        started_at=datetime(2026, 3, 1, 21, 20, 1, tzinfo=UTC),
        finished_at=datetime(2026, 3, 1, 21, 20, 2, 500_000, tzinfo=UTC),
        counter=2471,
        signature=SIGNATURE,
        algorithm="ecdsa-plain-SHA256",
        time_format="unixTime",
        public_key="BA==",
    )


def a_seal(**changes: Any) -> Seal:
    values: dict[str, Any] = {
        "number": "135",
        "document_type": "AVSonstige",
        "day": date(2026, 3, 1),
        "entered": datetime(2026, 3, 1, 22, 20, 4),
        "net": Decimal(0),
        "vat": Decimal(0),
        "gross": Decimal(0),
        "signing": a_signing(),
    }
    return Seal(**(values | changes))


def a_body(closing: Closing | None = None, seal: Seal | None = None) -> EntryBody:
    return EntryBody(
        id="0196f0a0-0000-7000-8000-0000000004d4",
        intent="0196f0a0-0000-7000-8000-0000000004d3",
        kind=EntryKind.CLOSING,
        chain=CLIENT,
        epoch=1,
        sequence=270,
        previous=GENESIS,
        at=UNTIL,
        relies={},
        place=PlaceRef(
            organization="o",
            taxpayer="3b0e",
            taxpayer_version=1,
            location="9a",
            location_version=1,
            register_version=1,
        ),
        closing=closing or a_closing(),
        seal=seal or a_seal(),
    )


def ids(count: int) -> tuple[str, ...]:
    return tuple(f"0196f0a1-0000-7000-8000-{number:012x}" for number in range(count))
