"""A draft and its place, with defaults."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from fiscus.model.documents import Address, Direction, DocumentKind, Draft, DraftLine, StatedVat
from fiscus.model.places import Location, Place, Register, Taxpayer
from fiscus.model.records import Case, Series, Slot

AT = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
REGISTER = "01a1e395-ae80-7007-bf0b-6f11ba809e39"


def an_address() -> Address:
    return Address(street="High Street", number="1", code="1000", city="Town", country="XX")


def a_place() -> Place:
    return Place(
        taxpayer=Taxpayer(
            id="taxpayer",
            version=1,
            organization="unit",
            regime="xx",
            legal_name="Café & Co",
            address=an_address(),
            facts={"tax_id_number": "123"},
        ),
        location=Location(id="location", version=1, name="Café", address=an_address()),
        register=Register(id=REGISTER, version=1),
    )


def a_line(gross: str = "12.00", vat: str = "2.00") -> DraftLine:
    amount = Decimal(gross)
    return DraftLine(
        direction=Direction.SALE,
        text="Coffee",
        quantity=Decimal(1),
        unit_price=amount,
        vat=StatedVat(
            code="STANDARD",
            percentage=Decimal(20),
            amount=Decimal(vat),
            exclusive=amount - Decimal(vat),
            inclusive=amount,
        ),
    )


def a_draft(kind: DocumentKind = DocumentKind.RECEIPT, **more: Any) -> Draft:
    return Draft(kind=kind, **({"lines": (a_line(),)} | more))


def a_slot(number: int = 1) -> Slot:
    series = Series(id="series", taxpayer="taxpayer", document_type="RECEIPT", name="TILL")
    return Slot(series=series, number=number)


def a_case(draft: Draft | None = None, **more: Any) -> Case:
    said: dict[str, Any] = {"place": a_place(), "at": AT, "slot": a_slot()}
    return Case(draft=draft or a_draft(), **(said | more))
