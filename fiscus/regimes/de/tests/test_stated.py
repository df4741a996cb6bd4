"""Two roundings are lawful, and what was printed is what is recorded."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.documents import (
    Discount,
    DocumentKind,
    Draft,
    DraftLine,
    LinePurpose,
    StatedTotals,
)
from fiscus.model.records import AssessedLine
from fiscus.regimes.de.tests.builders import (
    a_case,
    a_draft,
    a_line,
    a_return_case,
    a_vat,
    back,
    broken,
    money,
    paid,
    sealed,
    with_,
)

D = Decimal


def saying(vat: str, *lines: DraftLine, **more: object) -> Draft:
    draft = a_draft(*lines, **more)
    gross = abs(sum((x.amount for x in draft.payments), ZERO))
    return with_(
        draft, totals=StatedTotals(exclusive=gross - D(vat), amount=D(vat), inclusive=gross)
    )


def candles(count: int = 3, gross: str = "0.33", rate: str = "19") -> tuple[DraftLine, ...]:
    return tuple(a_line(vat=a_vat(gross, rate)) for _ in range(count))


@pytest.mark.parametrize(
    ("draft", "vat"),
    [
        (saying("0.15", *candles()), "0.15"),
        (saying("0.16", *candles()), "0.16"),
        (saying("317.73", *candles(1000, "1.99")), "317.73"),
        (saying("320.00", *candles(1000, "1.99")), "320.00"),
        *(
            (saying(vat, *candles(), *candles(3, "0.25", "7")), vat)
            for vat in ("0.20", "0.21", "0.22")
        ),
        (
            saying(
                "1.55",
                a_line(),
                money(LinePurpose.TIP_STAFF, "1.00"),
                *candles(1, "0.33"),
                discounts=(Discount(text="Treue", amount=D("0.65")),),
            ),
            "1.55",
        ),
    ],
)
def test_what_was_printed_is_sealed_whichever_way_it_was_rounded(draft: Draft, vat: str) -> None:
    case = a_case(draft)
    assert broken(case) == {}

    seal = sealed(case)

    assert (seal.vat, seal.gross) == (D(vat), draft.totals.inclusive if draft.totals else None)
    assert by_rate(seal.lines) == D(vat)
    assert f"Steuer {vat.replace('.', ',')}" in " ".join(seal.prints) or len(rates(seal.lines)) > 1
    for line in seal.lines:
        assert line.vat >= 0
        assert line.net + line.vat == cents_half_up(line.net + line.vat)


def test_lines_that_add_up_stay_as_they_were_stated() -> None:
    assert {line.vat for line in sealed(a_case(saying("0.15", *candles()))).lines} == {D("0.05")}
    assert [line.vat for line in sealed(a_case(saying("0.16", *candles()))).lines] == [
        D("0.05333"),
        D("0.05334"),
        D("0.05333"),
    ]


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (saying("0.17", *candles()), "DE-TOTAL-03"),
        (saying("0.14", *candles()), "DE-TOTAL-03"),
        (saying("0.23", *candles(), *candles(3, "0.25", "7")), "DE-TOTAL-03"),
        (saying("0.00", *candles()), "DE-TOTAL-03"),
        (saying("319.00", *candles(1000, "1.99")), "DE-TOTAL-03"),
        (saying("0.26", *candles(20, "0.03")), "DE-TOTAL-03"),
        (
            saying(
                "0.20",
                a_line(vat=with_(a_vat("0.33"), amount=D("0.07"), exclusive=D("0.26"))),
                *candles(2),
            ),
            "DE-TAX-05",
        ),
        (
            saying(
                "9.00",
                *candles(1000, "0.33"),
                discounts=(Discount(text="Treue", amount=D("270.00")),),
            ),
            "DE-TOTAL-03",
        ),
    ],
)
def test_what_no_rounding_gives_is_refused(draft: Draft, code: str) -> None:
    assert code in broken(a_case(draft))


def test_a_total_in_parts_of_a_cent_is_recorded_in_cents() -> None:
    draft = saying("0.15806723", *candles())

    assert broken(a_case(draft)) == {}
    assert sealed(a_case(draft)).vat == D("0.16")


def test_a_return_may_be_rounded_once_too() -> None:
    given_back = tuple(back(line) for line in candles())
    draft = saying("0.16", *given_back, kind=DocumentKind.CORRECTION, refers_to="r-1")
    case = a_return_case(draft)
    assert broken(case) == {}

    assert sealed(case).vat == D("-0.16")


def test_vouchers_left_out_of_the_total_are_left_out_of_its_vat() -> None:
    single = a_line(vat=a_vat("0.33"), purpose=LinePurpose.VOUCHER_REDEEMED)
    lines = (*candles(), single)
    before = StatedTotals(exclusive=D("0.83"), amount=D("0.16"), inclusive=D("0.99"))

    found = broken(a_case(a_draft(*lines, totals=before)))
    assert found == {}
    assert sealed(a_case(a_draft(*lines, totals=before))).vat == D("0.11")


@given(
    st.lists(st.tuples(st.integers(1, 3000), st.sampled_from(["19", "7"])), min_size=1, max_size=9),
    st.booleans(),
)
def test_either_rounding_of_any_sale_passes_and_is_sealed(
    said: list[tuple[int, str]], is_once: bool
) -> None:
    lines = [a_line(vat=a_vat(str(D(cents) / 100), rate)) for cents, rate in said]
    grosses: dict[Decimal, Decimal] = {}
    for line in lines:
        rate = line.vat.percentage
        grosses[rate] = grosses.get(rate, ZERO) + line.vat.inclusive
    once = sum((cents_half_up(g * r / (100 + r)) for r, g in grosses.items()), ZERO)
    vat = once if is_once else sum((line.vat.amount for line in lines), ZERO)
    case = a_case(saying(str(vat), *lines))

    assert broken(case) == {}
    assert sealed(case).vat == vat


def rates(lines: tuple[AssessedLine, ...]) -> set[Decimal]:
    return {line.percentage for line in lines if line.percentage}


def by_rate(lines: tuple[AssessedLine, ...]) -> Decimal:
    total = ZERO
    for rate in rates(lines):
        mine = [x for x in lines if x.percentage == rate]
        total += cents_half_up(sum((-x.vat if x.is_debit else x.vat for x in mine), ZERO))
    return total


@pytest.mark.parametrize(
    ("vat", "is_lawful"), [("1.53", False), ("1.54", True), ("1.56", True), ("1.57", False)]
)
def test_a_shared_discount_lets_each_rate_differ_by_a_cent_and_no_more(
    vat: str, is_lawful: bool
) -> None:
    """A line without VAT is no rate: nothing is rounded there."""
    draft = saying(
        vat,
        a_line("10.33"),
        money(LinePurpose.TIP_STAFF, "1.00"),
        discounts=(Discount(text="Treue", amount=D("0.65")),),
    )

    assert ("DE-TOTAL-03" not in broken(a_case(draft))) is is_lawful


def test_a_voucher_of_twice_the_worth_does_not_turn_the_sale_round() -> None:
    """The change is more than what is left to pay: the stated VAT is that of the goods."""
    cake = a_line("5.00")
    stated = StatedTotals(
        exclusive=Decimal("4.20"), amount=Decimal("0.80"), inclusive=Decimal("5.00")
    )
    draft = a_draft(
        cake,
        money(LinePurpose.VOUCHER_REDEEMED, "10.00"),
        payments=(paid("-5.00"),),
        totals=stated,
    )

    assert "DE-TOTAL-03" not in broken(a_case(draft))
