"""The plain law numbers and adds up; Italy adds its codes and two rules."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from fiscus.model.documents import (
    Address,
    Direction,
    DocumentKind,
    Draft,
    DraftLine,
    LinePart,
    StatedTotals,
    StatedVat,
)
from fiscus.model.kinds import EntryKind
from fiscus.model.places import Location, Place, Register, Taxpayer
from fiscus.model.records import Case, EntryBody, PlaceRef, Seal, Series, Slot
from fiscus.regimes import Regime, faults
from fiscus.regimes.plain import PLAIN
from fiscus.regimes.plain.italy import ITALY

LATE = datetime(2026, 5, 4, 22, 30, 5, 700, tzinfo=UTC)


def a_line(gross: str = "1.22") -> DraftLine:
    vat = StatedVat(
        code="STANDARD",
        percentage=Decimal(22),
        amount=Decimal("0.22"),
        exclusive=Decimal(gross) - Decimal("0.22"),
        inclusive=Decimal(gross),
    )
    return DraftLine(
        direction=Direction.SALE,
        text="Caffè",
        quantity=Decimal(1),
        unit_price=Decimal(gross),
        vat=vat,
    )


def a_draft(kind: DocumentKind = DocumentKind.RECEIPT, *, is_training: bool = False) -> Draft:
    return Draft(kind=kind, issued_at=LATE, lines=(a_line(),), is_training=is_training)


def a_place() -> Place:
    address = Address(street="Via Roma", code="00100", city="Roma", country="IT")
    return Place(
        taxpayer=Taxpayer(
            id="t", version=1, organization="o", regime="it", legal_name="Bar", address=address
        ),
        location=Location(id="l", version=1, name="Bar", address=address),
        register=Register(id="0196a1f2-4444-7c3d-9e4f-0123456789ab", version=1),
    )


def a_case(draft: Draft | None = None, **context: object) -> Case:
    slot = Slot(
        series=Series(id="s", taxpayer="t", document_type="DOC", name="6789AB"),
        number=7,
    )
    case = Case(draft=draft or a_draft(), place=a_place(), at=LATE, slot=slot)
    return msgspec.structs.replace(case, **context)


def an_original() -> EntryBody:
    ref = PlaceRef(
        organization="o",
        taxpayer="t",
        taxpayer_version=1,
        location="l",
        location_version=1,
        register_version=1,
    )
    return EntryBody(
        id="r",
        kind=EntryKind.DOCUMENT,
        chain="0196a1f2-4444-7c3d-9e4f-0123456789ab",
        epoch=1,
        sequence=1,
        previous="0" * 64,
        at=LATE,
        relies={},
        place=ref,
        draft=a_draft(),
        seal=sealed(PLAIN, a_case()),
    )


def sealed(regime: Regime, case: Case) -> Seal:
    with pytest.raises(StopIteration) as done:
        next(regime.seal(case))
    seal = done.value.value
    assert isinstance(seal, Seal)
    return seal


def test_nothing_is_asked_of_a_signer_and_the_number_is_series_and_sequence() -> None:
    seal = sealed(PLAIN, a_case())

    assert seal.number == "6789AB/7"
    assert (seal.signature, seal.carry) == ("", "")


def test_totals_are_the_sums_of_the_lines_unless_stated() -> None:
    said = StatedTotals(
        exclusive=Decimal("1.004"), amount=Decimal("0.221"), inclusive=Decimal("1.225")
    )
    stated = msgspec.structs.replace(a_draft(), totals=said)

    summed = sealed(PLAIN, a_case())
    assert (summed.net, summed.vat, summed.gross) == (
        Decimal("1.00"),
        Decimal("0.22"),
        Decimal("1.22"),
    )
    assert sealed(PLAIN, a_case(stated)).gross == Decimal("1.23")


@pytest.mark.parametrize(("regime", "day"), [(PLAIN, date(2026, 5, 4)), (ITALY, date(2026, 5, 5))])
def test_the_day_is_that_of_the_time_zone(regime: Regime, day: date) -> None:
    seal = sealed(regime, a_case())

    assert seal.day == day
    assert seal.entered == LATE.replace(microsecond=0)


def test_one_series_per_register_and_one_for_training() -> None:
    real = PLAIN.series(a_draft(), a_place())
    practice = PLAIN.series(a_draft(is_training=True), a_place())
    correction = PLAIN.series(a_draft(DocumentKind.CORRECTION), a_place())

    assert real is not None
    assert practice is not None
    assert (real.name, real.channel, practice.name) == ("6789AB", "", "6789AB-T")
    assert practice.is_training
    assert correction == real


@pytest.mark.parametrize("kind", [DocumentKind.CANCELLATION, DocumentKind.ABORT])
def test_acts_take_no_number(kind: DocumentKind) -> None:
    assert PLAIN.series(a_draft(kind), a_place()) is None


@pytest.mark.parametrize("kind", [DocumentKind.CORRECTION, DocumentKind.CANCELLATION])
def test_italy_corrects_and_cancels_standing_documents_only(kind: DocumentKind) -> None:
    def codes(**context: object) -> list[str]:
        return [each.code for each in faults(a_case(a_draft(kind), **context), ITALY.rules)]

    assert codes(original=an_original()) == []
    assert codes() == ["IT-NOTE-01"]
    assert codes(original=an_original(), is_original_void=True) == ["IT-NOTE-02"]


def test_italy_sends_back_what_it_cannot_keep() -> None:
    part = LinePart(text="Pane", quantity=Decimal(1), vat=a_line().vat, product="P")
    draft = a_draft(DocumentKind.RECEIPT)
    lines = (msgspec.structs.replace(a_line(), parts=(part,)),)
    composed = msgspec.structs.replace(draft, lines=lines, is_full_reversal=True)

    (fault,) = faults(a_case(composed), ITALY.rules)

    assert (fault.code, fault.paths) == ("IT-SAID-01", ("lines[0].parts", "is_full_reversal"))


def test_italy_sells_without_an_original() -> None:
    assert faults(a_case(), ITALY.rules) == ()


def test_italy_has_four_rates_and_six_exemptions() -> None:
    on = date(2026, 5, 4)
    rates = {rate.code: rate.percentage for rate in ITALY.vat_rates("00100", on)}

    assert rates == {"STANDARD": "22", "REDUCED_1": "10", "REDUCED_2": "5", "REDUCED_3": "4"}
    assert [each.code for each in ITALY.exemptions(on)] == [
        *(f"CAUSE_{n}" for n in range(1, 5)),
        "NOT_SUBJECT",
        "NOT_TAXABLE",
    ]


@pytest.mark.parametrize(
    ("vat", "codes"),
    [
        ({"percentage": Decimal("22.00")}, []),
        ({"percentage": Decimal(4)}, []),
        ({"percentage": Decimal(99)}, ["IT-TAX-01"]),
        ({"percentage": Decimal(23)}, ["IT-TAX-01"]),
        ({"percentage": Decimal(0)}, ["IT-TAX-01"]),
        ({"percentage": Decimal(0), "is_exempt": True, "code": "NOT_SUBJECT"}, []),
        ({"percentage": Decimal(0), "is_exempt": True, "code": "CAUSE_5"}, ["IT-TAX-02"]),
    ],
)
def test_italy_sells_at_its_own_rates_and_exemptions(vat: dict[str, Any], codes: list[str]) -> None:
    """A line with 99 percent was accepted."""
    line = a_line()
    line = msgspec.structs.replace(line, vat=msgspec.structs.replace(line.vat, **vat))
    draft = msgspec.structs.replace(a_draft(), lines=(a_line(), line))

    found = faults(a_case(draft), ITALY.rules)

    assert [each.code for each in found] == codes
    assert all(path.startswith("lines[1].vat.") for each in found for path in each.paths)


def test_the_seal_of_italy_names_the_portal_of_its_authority() -> None:
    assert sealed(ITALY, a_case()).facts["portal"].startswith("https://")
    assert sealed(PLAIN, a_case()).facts == {}


def test_italy_takes_dummy_numbers_and_prefixes_them() -> None:
    facts = {"tax_id_number": "12345678901", "vat_id_number": "12345678901"}

    assert list(ITALY.identity(facts, True)) == []
    assert ITALY.vat_number(facts) == "IT12345678901"
    assert ITALY.vat_number({}) == ""


def test_italy_is_for_tests_and_issues_no_invoices() -> None:
    assert ITALY.is_test_only
    assert DocumentKind.INVOICE not in ITALY.issues


def test_a_law_that_says_nothing_of_vat_numbers_guesses_none() -> None:
    assert PLAIN.vat_number({"tax_id_number": "12345678901"}) == ""


def test_a_law_that_says_nothing_of_tax_codes_puts_them_all_under_other() -> None:
    assert PLAIN.tax_category("STANDARD") == PLAIN.tax_category("") == "other"
