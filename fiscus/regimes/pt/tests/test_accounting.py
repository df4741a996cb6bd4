"""What the books are told of Portuguese records: everything that was sealed, and nothing else."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.accounts import AccountedDocument, Bearing, Booking, BookingRole
from fiscus.model.amounts import ZERO, cents_half_up, money
from fiscus.model.documents import (
    CASH_KINDS,
    Direction,
    DocumentKind,
    Draft,
    LinePurpose,
    Payment,
    PaymentMeans,
)
from fiscus.model.kinds import EntryKind
from fiscus.model.records import Case, EntryBody
from fiscus.regimes.pt.accounting import BEARINGS, bookings
from fiscus.regimes.pt.documents import DOCUMENT_TYPES
from fiscus.regimes.pt.tests.builders import (
    a_body,
    a_case,
    a_credit,
    a_draft,
    a_line,
    a_note_case,
    a_vat,
    an_invoice,
    sealed,
    with_,
)
from fiscus.regimes.pt.tests.test_examples import NAMES, the_case


def of(body: EntryBody) -> tuple[Booking, ...]:
    """What the books are told of the record, read from its stored bytes."""
    return bookings(msgspec.json.decode(msgspec.json.encode(body), type=AccountedDocument))


def amounts(body: EntryBody) -> dict[str, str]:
    return {each.key: money(each.amount) for each in of(body)}


def by_tax(found: tuple[Booking, ...]) -> dict[tuple[str, Decimal], tuple[Decimal, Decimal]]:
    sums: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
    for each in found:
        if each.role is BookingRole.SALE:
            key = (each.tax_code, each.percentage)
            net, vat = sums.get(key, (ZERO, ZERO))
            sums[key] = net + each.net, vat + each.vat
    return sums


def expect_the_seal(case: Case) -> None:
    seal, found = sealed(case), of(a_body(case))
    sign = 1 if seal.document_type == "NC" else -1

    assert sum((each.amount for each in found), ZERO) == 0
    assert all(each.amount == each.net + each.vat for each in found)
    assert all(each.amount == cents_half_up(each.amount) for each in found)
    assert by_tax(found) == {
        (share.tax_code, share.percentage): (sign * share.net, sign * share.vat)
        for share in seal.taxes
        if share.net or share.vat
    }


@pytest.mark.parametrize("name", [name for name in NAMES if not the_case(name).draft.is_training])
def test_the_bookings_of_an_example_are_its_seal_to_the_cent(name: str) -> None:
    expect_the_seal(the_case(name))


@given(
    st.lists(
        st.builds(
            lambda cents, rate, is_service: a_line(
                net=str(Decimal(cents) / 100),
                quantity="1",
                vat=a_vat(str(Decimal(cents) / 100), *rate),
                is_service=is_service,
            ),
            st.integers(1, 5000),
            st.sampled_from([("23", "STANDARD"), ("13", "REDUCED_1"), ("6", "REDUCED_2")]),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_goods_and_services_share_each_tax_to_the_cent(lines: list[Any]) -> None:
    expect_the_seal(a_case(a_draft(*lines)))


def test_change_is_taken_off_the_cash_and_the_key_says_what_was_sold() -> None:
    assert amounts(a_body(the_case("receipt_of_a_lisbon_cafe"))) == {
        "sale/FR/P/PT/NOR": "-2.46",
        "sale/FR/P/PT/RED": "-1.06",
        "payment/NU": "3.52",
    }


def test_a_service_has_a_key_of_its_own() -> None:
    draft = a_draft(a_line(is_service=True), a_line("Chávena"))

    assert amounts(a_body(a_case(draft))) == {
        "sale/FR/S/PT/NOR": "-2.46",
        "sale/FR/P/PT/NOR": "-2.46",
        "payment/NU": "4.92",
    }


def test_what_an_invoice_leaves_unpaid_is_owed() -> None:
    draft = an_invoice(payments=(Payment(means=PaymentMeans.TRANSFER, amount=Decimal("1.00")),))

    assert amounts(a_body(a_case(draft))) == {
        "sale/FT/P/PT/NOR": "-2.46",
        "sale/FT/P/PT/RED": "-1.06",
        "payment/TB": "1.00",
        "owed": "2.52",
    }


@pytest.mark.parametrize(
    ("payments", "settled"),
    [
        ((), {"owed": "-1.23"}),
        ((Payment(means=PaymentMeans.CASH, amount=Decimal("1.23")),), {"payment/NU": "-1.23"}),
    ],
)
def test_a_credit_note_takes_revenue_back(
    payments: tuple[Payment, ...], settled: dict[str, str]
) -> None:
    body = a_body(a_note_case(with_(a_credit(), payments=payments)))

    assert amounts(body) == {"sale/NC/P/PT/NOR": "1.23"} | settled


def test_a_seal_without_shares_is_booked_by_its_totals() -> None:
    body = a_body(a_case())
    assert body.seal
    older = with_(body, seal=with_(body.seal, taxes=()))

    assert of(older) == of(body)


def drawer(kind: DocumentKind, amount: str, purpose: LinePurpose) -> EntryBody:
    """An act of the drawer as it is journaled: one line, one payment, no seal."""
    signed = Decimal(amount)
    line = a_line(
        net=str(abs(signed)),
        quantity="1",
        vat=a_vat(str(abs(signed)), "0"),
        purpose=purpose,
        direction=Direction.RETURN if signed < 0 else Direction.SALE,
    )
    draft = Draft(
        kind=kind, lines=(line,), payments=(Payment(means=PaymentMeans.CASH, amount=signed),)
    )
    return with_(a_body(a_case()), draft=draft, seal=None)


@pytest.mark.parametrize(
    ("kind", "amount", "purpose", "told"),
    [
        (DocumentKind.OPENING, "50.00", LinePurpose.FLOAT, {}),
        (
            DocumentKind.MOVEMENT,
            "-20.00",
            LinePurpose.TRANSIT,
            {"payment/NU": "-20.00", "movement/transit": "20.00"},
        ),
        (
            DocumentKind.MOVEMENT,
            "5.00",
            LinePurpose.PAY_IN,
            {"payment/NU": "5.00", "movement/pay_in": "-5.00"},
        ),
        (
            DocumentKind.COUNT,
            "-0.50",
            LinePurpose.DIFFERENCE,
            {"payment/NU": "-0.50", "difference/short": "0.50"},
        ),
        (
            DocumentKind.COUNT,
            "0.50",
            LinePurpose.DIFFERENCE,
            {"payment/NU": "0.50", "difference/over": "-0.50"},
        ),
    ],
)
def test_the_drawer_is_booked_under_our_own_words(
    kind: DocumentKind, amount: str, purpose: LinePurpose, told: dict[str, str]
) -> None:
    assert kind in CASH_KINDS
    assert amounts(drawer(kind, amount, purpose)) == told


def test_a_count_that_fits_books_nothing() -> None:
    body = drawer(DocumentKind.COUNT, "0.00", LinePurpose.DIFFERENCE)
    assert body.draft
    nothing = with_(body, draft=with_(body.draft, lines=(), payments=()))

    assert of(nothing) == ()


def test_what_bears_no_money_books_nothing() -> None:
    receipt = a_body(a_case())
    assert receipt.draft
    moved = drawer(DocumentKind.MOVEMENT, "-20.00", LinePurpose.TRANSIT)

    assert of(a_body(the_case("training_receipt"))) == ()
    assert of(with_(receipt, draft=with_(receipt.draft, is_training=True))) == ()
    assert of(with_(receipt, kind=EntryKind.INTENT, seal=None)) == ()
    assert of(with_(receipt, kind=EntryKind.ABORT, seal=None)) == ()
    assert of(with_(receipt, kind=EntryKind.VOID)) == ()
    assert of(with_(moved, kind=EntryKind.REFUSAL)) == ()
    assert of(with_(receipt, draft=None)) == ()


def test_every_type_of_document_says_what_it_means_to_the_books() -> None:
    assert set(BEARINGS) == set(DOCUMENT_TYPES)
    assert set(BEARINGS.values()) == {Bearing.REVENUE}
