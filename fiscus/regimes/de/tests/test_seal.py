"""The seal around the signature, an outage, and what is printed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fiscus.model.documents import ClosingType, DocumentKind, Draft, PaymentMeans
from fiscus.model.records import Seal
from fiscus.regimes.de import GERMANY, qr
from fiscus.regimes.de.printing import DEVICE_OUT
from fiscus.regimes.de.tests.builders import (
    AT,
    a_case,
    a_closing,
    a_count_without_difference,
    a_draft,
    a_line,
    a_place,
    a_return,
    a_return_case,
    a_signing,
    an_abort,
    an_online_place,
    an_opening,
    paid,
    sealed,
    told,
)
from fiscus.signers import DeviceTransaction, SignerDown


def test_one_transaction_is_asked_for_and_kept() -> None:
    flow: Any = GERMANY.seal(a_case())
    request = next(flow)
    assert request == DeviceTransaction(
        "Kassenbeleg-V1", "Beleg^10.00_5.35_0.00_0.00_0.00^15.35:Bar"
    )
    signing = a_signing(request)

    with pytest.raises(StopIteration) as done:
        flow.send(signing)

    seal = done.value.value
    assert seal.signing == signing
    assert seal.qr == qr.text(signing)
    assert seal.outage == ""


def test_the_seal_says_number_kind_day_and_totals() -> None:
    seal = sealed(a_case())

    assert (seal.number, seal.document_type) == ("0123456789AB/17", "Beleg")
    assert (seal.day, seal.entered) == (date(2026, 3, 1), AT.replace(microsecond=0))
    assert (seal.net, seal.vat, seal.gross) == (
        Decimal("13.40"),
        Decimal("1.95"),
        Decimal("15.35"),
    )


def test_a_return_has_negative_totals() -> None:
    seal = sealed(a_return_case(a_return(a_line("11.90"))))

    assert (seal.net, seal.vat, seal.gross) == (
        Decimal("-10.00"),
        Decimal("-1.90"),
        Decimal("-11.90"),
    )
    assert seal.lines[0].net == Decimal("10.00")


@pytest.mark.parametrize(
    ("draft", "kind", "name"),
    [
        (a_draft(), "Beleg", ""),
        (an_opening(), "Beleg", ""),
        (an_abort(), "AVBelegabbruch", ""),
        (a_draft(is_training=True), "AVTraining", ""),
        (an_abort(is_training=True), "AVTraining", ""),
        (a_closing(), "AVSonstige", "Tagesabschluss"),
        (a_closing(ClosingType.SHIFT), "AVSonstige", "Tagesabschluss"),
        (a_count_without_difference(), "AVSonstige", "Kassensturz"),
    ],
)
def test_what_is_no_kind_of_the_law_has_a_name(draft: Draft, kind: str, name: str) -> None:
    seal = sealed(a_case(draft))

    assert (seal.document_type, seal.facts.get("name", "")) == (kind, name)


@pytest.mark.parametrize(
    ("closing", "kind"),
    [
        (ClosingType.SHIFT, "SCHICHTBERICHT"),
        (ClosingType.DAILY, "TAGESBERICHT"),
        (ClosingType.MONTHLY, "MONATSBERICHT"),
        (ClosingType.ANNUAL, "JAHRESBERICHT"),
    ],
)
def test_a_report_asks_no_device(closing: ClosingType, kind: str) -> None:
    with pytest.raises(StopIteration) as done:
        next(GERMANY.seal(a_case(a_closing(closing, is_report=True))))

    seal = done.value.value
    assert isinstance(seal, Seal)
    assert (seal.document_type, seal.signing, seal.outage, seal.qr) == (kind, None, "", "")


def test_what_is_sold_online_is_sealed_without_a_device_or_an_outage() -> None:
    draft = a_draft(payments=(paid("15.35", PaymentMeans.TRANSFER),))

    with pytest.raises(StopIteration) as done:
        next(GERMANY.seal(a_case(draft, place=an_online_place())))

    seal: Seal = done.value.value
    assert (seal.signing, seal.outage, seal.qr, seal.prints) == (None, "", "", ())
    assert (seal.document_type, seal.gross) == ("Beleg", Decimal("15.35"))


def test_in_an_outage_the_receipt_goes_out_and_says_so() -> None:
    seal = sealed(a_case(), outage="keine Antwort in 5 s")

    assert (seal.outage, seal.signing, seal.qr) == ("keine Antwort in 5 s", None, "")
    assert (seal.number, seal.gross) == ("0123456789AB/17", Decimal("15.35"))
    assert DEVICE_OUT in seal.prints


def test_an_outage_always_has_a_reason_that_fits_the_export() -> None:
    assert sealed(a_case(), outage="").outage == "TSE nicht erreichbar"
    assert sealed(a_case(), outage="x" * 999).outage == "TSE nicht erreichbar"
    assert sealed(a_case(), outage="x" * 200).outage == "x" * 200
    assert sealed(a_case(), outage="xy " * 99).outage == "xy " * 66 + "…"


def test_the_flow_catches_an_outage_and_nothing_else() -> None:
    flow: Any = GERMANY.seal(a_case())
    next(flow)
    with pytest.raises(StopIteration):
        flow.throw(SignerDown("away"))

    other: Any = GERMANY.seal(a_case())
    next(other)
    with pytest.raises(ValueError, match="a bug"):
        other.throw(ValueError("a bug"))


LATE = datetime(2026, 7, 31, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("timezone", "day"),
    [("", date(2026, 8, 1)), ("Europe/Lisbon", date(2026, 7, 31))],
)
def test_the_day_is_that_of_the_location_s_clock(timezone: str, day: date) -> None:
    seal = sealed(a_case(place=a_place(timezone), at=LATE))

    assert seal.day == day == seal.entered.date()
    assert seal.entered == LATE


def test_the_moment_of_asking_does_not_change_what_is_asked() -> None:
    later = a_case(at=AT + timedelta(days=1))

    assert told(later) == told(a_case())


def test_germany_does_not_invoice_here() -> None:
    assert DocumentKind.INVOICE not in GERMANY.issues
