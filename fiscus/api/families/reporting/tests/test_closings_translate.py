"""A closing as its page shows it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fiscus.api.families.reporting.translate import closings
from fiscus.api.families.reporting.wire import closings as wire
from fiscus.model.closings import Closing, ClosingGroup, PaymentTotal, TaxTotal
from fiscus.model.documents import Address, ClosingType
from fiscus.model.kinds import EntryKind
from fiscus.model.places import Location, Place, Register, Taxpayer
from fiscus.model.records import GENESIS, DeviceSigning, EntryBody, PlaceRef, Seal

EXAMPLE = Path(__file__).parent / "examples" / "closing.json"

REGISTER = "5f0c1f0e-8a0b-4f2e-9d7a-3d0b6b8a1c77"
UNTIL = datetime(2026, 3, 1, 21, 20, 4, tzinfo=UTC)
PDF = "https://fiscus.example/v1/closings/cls_1/pdf"


def a_place() -> Place:
    address = Address(street="Müllerstraße", number="12", code="13353", city="Berlin", country="DE")
    taxpayer = Taxpayer(
        id="t", version=1, organization="o", regime="de", legal_name="Kiosk", address=address
    )
    return Place(
        taxpayer=taxpayer,
        location=Location(id="l", version=1, name="Wedding", address=address),
        register=Register(id=REGISTER, version=1),
    )


CHECKPOINT: dict[str, Any] = {
    "checkpoint_size": 4711,
    "checkpoint_root": "Ko0dJRzxIqxUFYUL",
    "fingerprint": "sha256:" + 16 * "3b7e",
}


def a_closing(**changes: Any) -> Closing:
    """A day: float 150.00, 900.00 turnover, 17.85 given back, money moved, 1.15 missing."""
    values: dict[str, Any] = {
        "type": ClosingType.DAILY,
        "number": 47,
        "is_sealed": True,
        "first_z": 47,
        "last_z": 47,
        "since": datetime(2026, 3, 1, 6, 0, 3, tzinfo=UTC),
        "until": UNTIL,
        "day": date(2026, 3, 1),
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "documents": 134,
        "sales": ClosingGroup(count=128, gross=Decimal("900.00"), vat=Decimal("124.36")),
        "returns": ClosingGroup(count=3, gross=Decimal("-17.85"), vat=Decimal("-2.85")),
        "voids": 2,
        "opening": Decimal("150.00"),
        "cash_in": Decimal("40.00"),
        "cash_out": Decimal("-500.00"),
        "expected": Decimal("280.15"),
        "difference": Decimal("-1.15"),
        "taxes": (
            TaxTotal(
                tax_code="1",
                percentage=Decimal(19),
                net=Decimal("546.21849"),
                vat=Decimal("103.78151"),
            ),
            TaxTotal(
                tax_code="2",
                percentage=Decimal(7),
                net=Decimal("216.96262"),
                vat=Decimal("15.18738"),
            ),
            TaxTotal(
                tax_code="13",
                percentage=Decimal("10.7"),
                net=Decimal("0.00"),
                vat=Decimal("0.00"),
            ),
        ),
        "payments": (
            PaymentTotal(type="Bar", amount=Decimal("267.10"), currency="EUR", is_cash=True),
            PaymentTotal(
                type="Bar",
                amount=Decimal("11.90"),
                currency="CHF",
                foreign_amount=Decimal("13.10"),
                is_cash=True,
            ),
            PaymentTotal(type="ECKarte", name="girocard", amount=Decimal("200.00")),
            PaymentTotal(type="Kreditkarte", name="Visa", amount=Decimal("92.00")),
            PaymentTotal(type="Unbar", amount=Decimal("0.00")),
            PaymentTotal(type="Keine", amount=Decimal("0.00")),
        ),
        "place": a_place(),
    }
    return Closing(**(values | CHECKPOINT | changes))


def a_seal(**changes: Any) -> Seal:
    values: dict[str, Any] = {
        "number": "135",
        "document_type": "AVSonstige",
        "day": date(2026, 3, 1),
        "entered": datetime(2026, 3, 1, 22, 20, 4),
        "net": Decimal(0),
        "vat": Decimal(0),
        "gross": Decimal(0),
        "signing": DeviceSigning(
            serial="17f5b2",
            client=REGISTER,
            number=1234,
            process_type="SonstigerVorgang",
            process_data="Tagesabschluss",
            started_at=UNTIL,
            finished_at=UNTIL,
            counter=2471,
            signature="q5zYcO0vX7w=",
            algorithm="ecdsa-plain-SHA256",
            time_format="unixTime",
            public_key="BA==",
        ),
    }
    return Seal(**(values | changes))


def a_body(closing: Closing, seal: Seal | None) -> EntryBody:
    return EntryBody(
        id="0196f0a0-0000-7000-8000-0000000004d4",
        kind=EntryKind.CLOSING,
        chain=REGISTER,
        epoch=1,
        sequence=270,
        previous=GENESIS,
        at=UNTIL,
        relies={},
        closing=closing,
        seal=seal,
        place=PlaceRef(
            organization="o",
            taxpayer="t",
            taxpayer_version=1,
            location="l",
            location_version=1,
            register_version=1,
        ),
    )


def shown(closing: Closing | None = None, seal: Seal | None = None) -> dict[str, Any]:
    body = a_body(closing or a_closing(), seal or a_seal())
    return closings.closing(body, regime="de", pdf=PDF)


def test_a_closing_is_shown_as_in_the_example() -> None:
    assert shown() == msgspec.json.decode(EXAMPLE.read_bytes())


def test_a_closing_has_exactly_the_fields_of_its_page() -> None:
    wire.Closing.model_validate_json(msgspec.json.encode(shown()))


def test_a_closing_before_the_first_checkpoint_names_none() -> None:
    early = a_closing(checkpoint_size=0, checkpoint_root="")

    assert shown(early)["checkpoint"] is None


def test_methods_add_up_to_the_turnover() -> None:
    summary = shown()["summary"]

    assert sum(summary["total_by_payment_method"].values()) == summary["total_gross"]


def test_a_day_without_customers_took_nothing() -> None:
    quiet = a_closing(
        sales=ClosingGroup(),
        returns=ClosingGroup(),
        difference=None,
        cash_in=Decimal(0),
        cash_out=Decimal(0),
        payments=(PaymentTotal(type="Bar", amount=Decimal("150.00"), is_cash=True),),
    )

    assert shown(quiet)["summary"]["total_by_payment_method"] == {"cash": 0}


def test_an_outage_leaves_the_members_of_the_device_empty() -> None:
    fiscal = shown(seal=a_seal(signing=None, outage="TSE antwortet nicht"))["fiscal"]

    assert (fiscal["z_number"], fiscal["regime"]) == (47, "KassenSichV")
    assert {fiscal[name] for name in ("tse_serial", "signature", "transaction_counter")} == {None}


def test_a_report_names_the_last_z_number_that_it_covers() -> None:
    report = a_closing(type=ClosingType.MONTHLY, number=3, is_sealed=False, first_z=20, last_z=47)

    assert shown(report)["fiscal"]["z_number"] == 47


@pytest.mark.parametrize(
    ("code", "category"),
    [("1", "standard"), ("21", "standard"), ("2", "reduced"), ("5", "not_taxable"), ("x", "other")],
)
def test_former_tax_codes_end_like_todays(code: str, category: str) -> None:
    total = TaxTotal(tax_code=code, percentage=Decimal(0), net=Decimal(1), vat=Decimal(0))

    (found,) = shown(a_closing(taxes=(total,)))["summary"]["tax_breakdown"]

    assert found["category"] == category
    assert found["rate"] == "0.00"


@pytest.mark.parametrize(("amount", "cents"), [("0.005", 1), ("-0.005", -1), ("12.34499", 1234)])
def test_minor_units_round_halves_away_from_zero(amount: str, cents: int) -> None:
    assert closings.minor(Decimal(amount)) == cents
