"""Vouchers by number: the tax of one for a single purpose counts once, when it is sold."""

from decimal import Decimal
from typing import Any

import pytest

from fiscus.model.documents import Direction, Draft, DraftLine, LinePurpose, StatedVat, VoucherKind
from fiscus.model.records import Case
from fiscus.regimes.de import GERMANY, vouchers
from fiscus.regimes.de.tests.builders import (
    a_book,
    a_case,
    a_draft,
    a_line,
    a_return,
    a_return_case,
    a_vat,
    back,
    broken,
    no_vat,
    sealed,
    told,
    with_,
)

CAKE = a_line("11.90", "Kuchen")


def sold(vat: StatedVat | None = None, **more: Any) -> DraftLine:
    said = {"voucher": "V-1"} | more
    return a_line(
        text="Gutschein", vat=vat or a_vat("11.90"), purpose=LinePurpose.VOUCHER_SOLD, **said
    )


def redeemed(vat: StatedVat | None = None, **more: Any) -> DraftLine:
    """As a payment says it that names nothing but a number."""
    line = sold(vat or no_vat("11.90", "NOT_TAXABLE", is_exempt=True), **more)
    return with_(line, purpose=LinePurpose.VOUCHER_REDEEMED)


def kept(*lines: DraftLine, **more: Any) -> dict[str, str]:
    return dict(vouchers.MEMORY.kept(sealed(a_case(a_draft(*lines, **more)))))


def read(*lines: DraftLine, known: dict[str, str] | None = None, **more: Any) -> Case:
    """As the law reads it, with what it has remembered."""
    case = a_case(a_draft(*lines, **more), remembered=known or {})
    return with_(case, draft=GERMANY.completed(case))


def test_sold_and_redeemed_it_is_taxed_once() -> None:
    """Sell a gift card of 11.90 at 19 %, redeem it for a cake of 11.90: 1.90 of tax in all."""
    sale = sealed(a_case(a_draft(sold())))
    known = dict(vouchers.MEMORY.kept(sale))
    case = read(CAKE, redeemed(), known=known)
    seal = sealed(case)

    assert broken(case) == {}
    assert known == {
        "voucher/v-1": "single 19",
        "voucher-moved/3/v-1/0123456789AB/17/1": "11.90000",
    }
    assert (sale.vat, seal.vat) == (Decimal("1.90"), Decimal(0))
    assert [(x.case, x.tax_code, x.voucher, x.is_debit) for x in seal.lines] == [
        ("Umsatz", "1", "", False),
        ("EinzweckgutscheinEinloesung", "1", "V-1", True),
    ]
    assert told(case).process_data == "Beleg^0.00_0.00_0.00_0.00_0.00^"


@pytest.mark.parametrize("typed", ["V-1", " v-1 "])
def test_its_number_is_the_same_however_it_is_typed(typed: str) -> None:
    case = read(CAKE, redeemed(voucher=typed), known=kept(sold()))

    assert sealed(case).vat == 0
    assert sealed(case).lines[1].voucher == typed.strip()


def test_part_of_it_may_be_redeemed() -> None:
    """The tax is that of what is redeemed, in whole cents."""
    known = kept(sold(a_vat("20.00", "7")))
    part = redeemed(no_vat("3.33", "NOT_TAXABLE", is_exempt=True))
    case = read(a_book("5.35"), part, known=known)

    assert broken(case) == {}
    assert case.draft.lines[1].vat.amount == Decimal("0.22")


@pytest.mark.parametrize(
    ("vat", "text"),
    [
        (no_vat("5.00", "CAUSE_2", is_exempt=True), "single 0 CAUSE_2 exempt"),
        (no_vat("5.00", "REDUCED_4"), "single 0 REDUCED_4"),
        (a_vat("5.00", "7.8"), "single 7.8"),
    ],
)
def test_it_is_redeemed_as_it_was_sold_also_where_there_is_no_tax(
    vat: StatedVat, text: str
) -> None:
    known = kept(sold(vat, voucher_kind=VoucherKind.SINGLE))
    back_ = redeemed(no_vat("5.00", "NOT_TAXABLE", is_exempt=True))
    case = read(a_line("5.00", vat=vat), back_, known=known)

    assert known["voucher/v-1"] == text
    assert broken(case) == {}
    assert not any(sum_ for sum_ in (sealed(case).net, sealed(case).vat))


def test_one_for_many_purposes_or_of_unknown_origin_is_no_tax_back() -> None:
    many = kept(sold(no_vat("11.90")))

    assert many == {"voucher/v-1": "multiple"}
    for known in (many, {}):
        case = read(CAKE, redeemed(), known=known)
        assert broken(case) == {}
        assert sealed(case).vat == Decimal("1.90")
        assert sealed(case).lines[1].case == "MehrzweckgutscheinEinloesung"


def test_what_was_practised_is_not_remembered() -> None:
    assert kept(sold(), is_training=True) == {}
    assert kept(sold(no_vat("5.00"), voucher="")) == {}
    assert list(vouchers.MEMORY.asked(a_draft(CAKE, redeemed(), sold(voucher="")))) == [
        "voucher/v-1"
    ]


def test_what_the_law_has_read_it_reads_the_same_again() -> None:
    known = kept(sold())
    once = read(CAKE, redeemed(), known=known)

    assert GERMANY.completed(once) == once.draft


SINGLE = {"voucher/v-1": "single 19", "voucher-moved/3/v-1/r/1/1": "11.90"}
MULTIPLE = {"voucher/v-1": "multiple"}

UNLAWFUL = {
    "sold for many purposes, with tax": (
        read(sold(voucher_kind=VoucherKind.MULTIPLE)),
        "DE-VOUCHER-07",
        "lines[0].vat.percentage",
    ),
    "sold for one purpose, without a rate": (
        read(sold(redeemed().vat, voucher_kind=VoucherKind.SINGLE)),
        "DE-VOUCHER-08",
        "lines[0].vat.percentage",
    ),
    "redeemed for one purpose, bought who knows where": (
        read(CAKE, redeemed(voucher_kind=VoucherKind.SINGLE)),
        "DE-VOUCHER-08",
        "lines[1].vat.percentage",
    ),
    "redeemed at a rate of zero without a reason": (
        read(CAKE, redeemed(no_vat("5.00", "RATE"), voucher_kind=VoucherKind.SINGLE), known=SINGLE),
        "DE-VOUCHER-08",
        "lines[1].vat.percentage",
    ),
    "sold for one purpose, without a number": (
        read(sold(voucher="")),
        "DE-VOUCHER-09",
        "lines[0].voucher",
    ),
    "redeemed for many purposes, sold for one": (
        read(CAKE, redeemed(voucher_kind=VoucherKind.MULTIPLE), known=SINGLE),
        "DE-VOUCHER-10",
        "lines[1].voucher_kind",
    ),
    "redeemed with tax, sold without": (
        read(CAKE, redeemed(a_vat("11.90")), known=MULTIPLE),
        "DE-VOUCHER-10",
        "lines[1].voucher_kind",
    ),
    "redeemed under another rate": (
        read(CAKE, redeemed(a_vat("11.90", "7")), known=SINGLE),
        "DE-VOUCHER-10",
        "lines[1].vat.percentage",
    ),
    "sold again for something else": (
        read(sold(no_vat("11.90")), known=SINGLE),
        "DE-VOUCHER-10",
        "lines[0].voucher_kind",
    ),
}


@pytest.mark.parametrize("name", UNLAWFUL)
def test_no_tax_is_counted_twice_or_never(name: str) -> None:
    case, code, place = UNLAWFUL[name]

    assert broken(case).get(code) == (place,)


def test_one_that_was_sold_elsewhere_is_redeemed_as_it_is_said() -> None:
    elsewhere = redeemed(a_vat("11.90"), voucher="", voucher_kind=VoucherKind.SINGLE)

    case = read(CAKE, elsewhere)
    assert broken(case) == {}
    assert sealed(case).vat == 0


def test_one_that_was_taxed_at_a_former_rate_is_redeemed_at_it() -> None:
    case = read(CAKE, redeemed(), known=SINGLE | {"voucher/v-1": "single 16"})

    assert broken(case) == {}
    assert [line.tax_code for line in sealed(case).lines] == ["1", "21"]


def test_one_that_is_given_back_is_redeemed_and_never_sold_again() -> None:
    """A negative gift card line is no EinzweckgutscheinKauf."""
    original = a_draft(sold())
    case = with_(a_return_case(a_return(sold()), original), remembered=SINGLE)
    seal = sealed(case)

    assert broken(case) == {}
    assert [(x.case, x.is_debit) for x in seal.lines] == [("EinzweckgutscheinEinloesung", True)]
    assert (seal.gross, seal.vat) == (Decimal("-11.90"), Decimal("-1.90"))


def test_as_a_line_it_lowers_what_is_paid() -> None:
    sale: Draft = a_draft(CAKE, back(sold(a_vat("5.00"))))

    assert broken(a_case(sale, remembered=SINGLE)) == {}
    assert sale.payments[0].amount == Decimal("6.90")
    assert sale.lines[1].direction is Direction.RETURN


@pytest.mark.parametrize(
    ("moved", "is_lawful"),
    [
        (["11.90"], True),
        (["11.89"], False),
        (["11.90", "-0.01"], False),
        (["11.90", "-11.90"], False),
        (["11.90", "-11.90", "20.00"], True),
    ],
)
def test_no_more_is_redeemed_than_was_paid_for(moved: list[str], is_lawful: bool) -> None:
    """A voucher of 11.90 redeemed twice: the tax of the second cake was never paid."""
    known = {f"voucher-moved/3/v-1/r/{i}/1": amount for i, amount in enumerate(moved)}
    case = read(CAKE, redeemed(), known=known | {"voucher/v-1": "single 19"})

    assert (broken(case) == {}) is is_lawful
    assert is_lawful or broken(case) == {"DE-VOUCHER-11": ("lines[1].vat.inclusive",)}


def test_two_payments_with_one_voucher_count_together() -> None:
    two = (redeemed(), redeemed(no_vat("0.01", "NOT_TAXABLE", is_exempt=True)))

    found = broken(read(CAKE, *two, known=SINGLE))
    assert found == {"DE-VOUCHER-11": ("lines[2].vat.inclusive",)}


def test_no_number_begins_another_one_s_keys() -> None:
    sold_as = kept(sold(voucher="V-1/2"), sold(voucher="V-1"))

    assert {vouchers.left(a_case(remembered=sold_as), number) for number in ("V-1", "V-1/2")} == {
        Decimal("11.90")
    }
