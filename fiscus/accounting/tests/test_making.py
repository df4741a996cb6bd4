"""Bookings become entries: one for each part, with ids that follow from the record."""

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest

from fiscus.accounting import making
from fiscus.accounting.entry_rows import AccountingEntry, entry_id, entry_of
from fiscus.accounting.making import BookingSums, EntryOrigin
from fiscus.model.accounts import AccountedDocument, AccountedDraft, AccountedSeal, Booking
from fiscus.model.accounts import BookingRole as Role
from fiscus.model.documents import DocumentKind, Party
from fiscus.model.faults import Corrupt

D = Decimal
AT = datetime(2026, 5, 4, 22, 30, tzinfo=UTC)
COMPANY = "0d3c1a52-9a42-4d53-8a7b-3a3f0a1b2c01"
ORIGIN = EntryOrigin(
    company=COMPANY,
    organization="o",
    record="r-1",
    register="k-1",
    link="ab",
    day=date(2026, 5, 4),
    performed_at=AT,
    reference="A/1",
    made_at=AT,
)


def booked(role: Role, key: str, amount: str, vat: str = "0", code: str = "") -> Booking:
    return Booking(
        role=role,
        key=key,
        amount=D(amount),
        net=D(amount) - D(vat),
        vat=D(vat),
        tax_code=code,
        percentage=D(19) if code else D(0),
    )


SALE = booked(Role.SALE, "case/Umsatz/19", "-11.90", "-1.90", "1")
PAID = booked(Role.SETTLEMENT, "payment/Bar", "11.90")


def summed(*documents: tuple[Booking, ...], sign: int = 1) -> BookingSums:
    sums = BookingSums()
    for bookings in documents:
        sums.add(bookings, "EUR", sign=sign)
    return sums


def entries(sums: BookingSums, origin: EntryOrigin) -> list[AccountingEntry]:
    return [entry_of(row) for row in sums.rows(origin)]


def test_parts_come_in_one_order_and_the_sale_first() -> None:
    bookings = (
        PAID,
        booked(Role.DIFFERENCE, "difference/short", "1.00"),
        booked(Role.SETTLEMENT, "owed", "-5.00"),
        booked(Role.MOVEMENT, "movement/Geldtransit", "4.00"),
        SALE,
    )
    made = entries(summed(bookings), ORIGIN)

    assert [(one.part, one.sub_type, one.amount) for one in made] == [
        ("sale", "sale", D("-11.90")),
        ("movement/movement/Geldtransit", "movement", D("4.00")),
        ("difference/difference/short", "difference", D("1.00")),
        ("settlement/owed", "payment", D("-5.00")),
        ("settlement/payment/Bar", "payment", D("11.90")),
    ]
    assert [one.id for one in made] == [entry_id(COMPANY, "r-1", one.part) for one in made]


def test_documents_add_up_by_key_and_tax() -> None:
    other = booked(Role.SALE, "case/Umsatz/7", "-10.70", "-0.70", "2")
    [sale, paid] = entries(summed((SALE, PAID), (SALE, other, PAID)), ORIGIN)

    assert [(line.key, line.amount, line.net, line.vat) for line in sale.content.lines] == [
        ("case/Umsatz/19", D("-23.80"), D("-20.00"), D("-3.80")),
        ("case/Umsatz/7", D("-10.70"), D("-10.00"), D("-0.70")),
    ]
    assert (sale.amount, paid.amount) == (D("-34.50"), D("23.80"))
    assert sale.content.documents == 2


def test_what_is_taken_back_is_negated_and_names_what_it_reverses() -> None:
    origin = msgspec.structs.replace(ORIGIN, reversed_record="r-0")
    sale, paid = entries(summed((SALE, PAID), sign=-1), origin)

    assert (sale.sub_type, sale.amount, paid.amount) == ("sale_return", D("11.90"), D("-11.90"))
    assert sale.reverses == entry_id(COMPANY, "r-0", "sale")
    assert paid.reverses == entry_id(COMPANY, "r-0", "settlement/payment/Bar")


def test_lines_and_parts_that_come_to_nothing_are_left_out() -> None:
    other = booked(Role.SALE, "case/Umsatz/7", "-10.70", "-0.70", "2")
    sums = summed((SALE, other, PAID))
    sums.add((other, PAID), "EUR", sign=-1)
    [sale] = entries(sums, ORIGIN)

    assert [line.key for line in sale.content.lines] == ["case/Umsatz/19"]


def test_a_cent_between_net_and_vat_is_something() -> None:
    one = booked(Role.SALE, "case/Umsatz/19", "0.00", "-0.01", "1")
    [sale] = entries(summed((one,)), ORIGIN)
    assert [line.vat for line in sale.content.lines] == [D("-0.01")]


def test_if_nothing_is_left_one_entry_covers_it() -> None:
    sums = summed((SALE, PAID))
    sums.add((SALE, PAID), "EUR", sign=-1)
    [sale] = entries(sums, ORIGIN)

    assert (sale.part, sale.sub_type, sale.amount) == ("sale", "sale", D("0.00"))
    assert [line.amount for line in sale.content.lines] == [D("0.00")]


def test_nothing_makes_nothing() -> None:
    assert entries(summed(()), ORIGIN) == []


def test_other_currencies_stand_apart() -> None:
    sums = summed((SALE, PAID))
    sums.add((SALE, PAID), "USD")

    assert [(one.part, one.currency) for one in entries(sums, ORIGIN)] == [
        ("sale", "EUR"),
        ("settlement/payment/Bar", "EUR"),
        ("sale@USD", "USD"),
        ("settlement/payment/Bar@USD", "USD"),
    ]


def a_document(
    *, seal: AccountedSeal | None = None, draft: AccountedDraft | None = None
) -> AccountedDocument:
    return AccountedDocument(
        id="r-1", kind="document@1", chain="k-1", sequence=1, at=AT, seal=seal, draft=draft
    )


SEAL = AccountedSeal(
    number="FS A/1", document_type="FS", day=date(2026, 5, 3), net=D(1), vat=D(0), gross=D(1)
)
DRAFT = AccountedDraft(
    kind=DocumentKind.RECEIPT, currency="USD", reference="R-7", issued_at=AT.replace(hour=1)
)


def test_a_record_tells_its_day_time_number_and_currency() -> None:
    whole, bare = a_document(seal=SEAL, draft=DRAFT), a_document()

    assert making.day_of(whole, "Europe/Berlin") == date(2026, 5, 3)
    assert making.day_of(bare, "Europe/Berlin") == date(2026, 5, 5), "half past midnight there"
    assert (making.performed_at(whole), making.performed_at(bare)) == (DRAFT.issued_at, AT)
    assert making.reference_of(whole) == "FS A/1"
    assert making.reference_of(a_document(draft=DRAFT)) == "R-7"
    unnumbered = msgspec.structs.replace(SEAL, number="")
    assert making.reference_of(a_document(seal=unnumbered, draft=DRAFT)) == "R-7"
    assert making.reference_of(bare) == ""
    assert (making.currency_of(whole), making.currency_of(bare)) == ("USD", "EUR")


@pytest.mark.parametrize(
    ("buyer", "is_named"),
    [
        (None, False),
        (Party(), False),
        (Party(code="C-1"), False),
        (Party(name="Maria"), True),
        (Party(tax_number="214567893"), True),
    ],
)
def test_a_customer_is_named_by_name_or_tax_number(buyer: Party | None, is_named: bool) -> None:
    draft = msgspec.structs.replace(DRAFT, buyer=buyer)
    assert making.is_named(a_document(draft=draft)) is is_named
    assert not making.is_named(a_document())


def test_bookings_that_do_not_add_up_are_an_alarm() -> None:
    making.expect_balanced("r-1", (SALE, PAID))
    making.expect_balanced("r-1", ())
    with pytest.raises(Corrupt) as caught:
        making.expect_balanced("r-1", (SALE,))
    assert caught.value.paths == ("r-1",)
