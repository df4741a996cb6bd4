"""What a document comes to: stated totals, sealed ones, and what is left to be credited."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.amounts import ZERO, cents_half_up, decimals_half_up
from fiscus.model.documents import (
    Direction,
    DocumentKind,
    Draft,
    DraftLine,
    Payment,
    PaymentMeans,
    StatedTotals,
    StatedVat,
)
from fiscus.model.records import Seal
from fiscus.regimes.pt.corrections import left
from fiscus.regimes.pt.sums import OTHER_TOTALS, gross_values, tax_shares
from fiscus.regimes.pt.tests.builders import (
    a_body,
    a_case,
    a_draft,
    a_line,
    a_note_case,
    a_standing_note,
    an_exempt_vat,
    broken,
    sealed,
    with_,
)

CODES = {"23": "STANDARD", "13": "REDUCED_1", "6": "REDUCED_2", "4": "REDUCED_2"}
NOTHING_SOLD = Payment(means=PaymentMeans.CASH, amount=Decimal(100000))


def stating(net: str, vat: str, gross: str, rate: str = "23") -> DraftLine:
    """A line with these amounts."""
    tax = StatedVat(
        code=CODES[rate],
        percentage=Decimal(rate),
        amount=Decimal(vat),
        exclusive=Decimal(net),
        inclusive=Decimal(gross),
        region="PT-AC" if rate == "4" else "",
    )
    return a_line(quantity="1", vat=tax)


def rounded(gross: str, rate: str = "23") -> DraftLine:
    """A line as a till sends it that rounds each."""
    vat = cents_half_up(Decimal(gross) * Decimal(rate) / (100 + Decimal(rate)))
    return stating(str(Decimal(gross) - vat), str(vat), gross, rate)


def before_vat(net: str, rate: str = "23") -> DraftLine:
    """A line as an office program sends it: prices before VAT, nothing rounded."""
    vat = Decimal(net) * Decimal(rate) / 100
    return stating(net, str(vat), str(Decimal(net) + vat), rate)


def sale(lines: list[DraftLine], vat: str, gross: str) -> Draft:
    amount, inclusive = Decimal(vat), Decimal(gross)
    totals = StatedTotals(exclusive=inclusive - amount, amount=amount, inclusive=inclusive)
    return a_draft(
        *lines, totals=totals, payments=(Payment(means=PaymentMeans.CASH, amount=inclusive),)
    )


def three(price: str, rate: str = "23") -> list[DraftLine]:
    return [rounded(price, rate)] * 3


LAWFUL = {
    "rounded once": (three("0.10"), "0.06", "0.30"),
    "twenty small ones, once": ([rounded("0.03")] * 20, "0.11", "0.60"),
    "twenty small ones, line by line": ([rounded("0.03")] * 20, "0.20", "0.60"),
    "a hundred small ones": ([rounded("0.03")] * 100, "0.56", "3.00"),
    "one rate once, the other line by line": (
        [*[rounded("0.03")] * 20, *[rounded("0.03", "13")] * 20],
        "0.27",
        "1.20",
    ),
    "one rate line by line, the other once": (
        [*[rounded("0.03")] * 20, *[rounded("0.03", "13")] * 20],
        "0.11",
        "1.20",
    ),
    "both rates together once": ([rounded("0.24"), rounded("0.08", "13")], "0.05", "0.32"),
    "half a cent up": ([rounded("0.13", "4")], "0.01", "0.13"),
    "half a cent down": ([stating("0.13", "0.00", "0.13", "4")], "0.00", "0.13"),
    "in parts of a cent": ([stating("40.65040650", "9.34959350", "50.00")], "9.34959350", "50.00"),
    "prices before VAT, rounded once": ([before_vat("0.97"), before_vat("0.99")], "0.45", "2.41"),
    "prices before VAT, net and VAT rounded": (
        [before_vat("10.004"), before_vat("20.0014", "13")],
        "4.90",
        "34.91",
    ),
}


@pytest.mark.parametrize("name", LAWFUL)
def test_either_rounding_is_lawful(name: str) -> None:
    assert broken(a_case(sale(*LAWFUL[name]))) == {}


@pytest.mark.parametrize(
    ("lines", "vat", "gross", "code"),
    [
        (three("0.10"), "0.10", "0.30", "PT-TOTAL-04"),
        (three("0.10"), "0.07", "0.30", "PT-TOTAL-04"),
        (three("0.10"), "0.05", "0.30", "PT-TOTAL-04"),
        ([rounded("0.03")] * 20, "0.26", "0.60", "PT-TOTAL-04"),
        ([rounded("0.03")] * 20, "0.15", "0.60", "PT-TOTAL-04"),
        ([rounded("1.99")] * 1000, "371.00", "1990.00", "PT-TOTAL-04"),
        ([rounded("1.99")] * 1000, "372.12", "1990.00", "PT-TOTAL-04"),
        ([rounded("1.99")], "0.3799", "1.99", "PT-TOTAL-04"),
        ([rounded("1.99")], "0.37", "2.00", "PT-TOTAL-01"),
        ([rounded("1.99")] * 1000, "372.11", "1990.01", "PT-TOTAL-01"),
        ([before_vat("0.97")] * 3, "0.67", "3.57", "PT-TOTAL-01"),
        ([stating("0.01", "0.02", "0.03")], "0.01", "0.03", "PT-TAX-07"),
        ([stating("0.03", "0.00", "0.03")], "0.01", "0.03", "PT-TAX-07"),
        ([stating("0.81", "0.18", "0.99")], "0.19", "0.99", "PT-TAX-07"),
        ([stating("40.65040650", "9.34959450", "50.00")], "9.35", "50.00", "PT-TAX-07"),
    ],
)
def test_anything_else_is_refused(lines: list[DraftLine], vat: str, gross: str, code: str) -> None:
    assert code in broken(a_case(sale(lines, vat, gross)))


def test_net_and_vat_make_gross_to_the_cent() -> None:
    totals = StatedTotals(
        exclusive=Decimal("2.01"), amount=Decimal("0.46"), inclusive=Decimal("2.46")
    )

    assert "PT-TOTAL-02" in broken(a_case(a_draft(rounded("2.46"), totals=totals)))


def test_a_thousand_lines_rounded_one_by_one_are_sealed_with_the_exact_vat() -> None:
    case = a_case(sale([rounded("1.99")] * 1000, "370.00", "1990.00"))
    assert broken(case) == {}

    seal = sealed(case)

    assert (seal.net, seal.vat, seal.gross) == (
        Decimal("1617.89"),
        Decimal("372.11"),
        Decimal("1990.00"),
    )
    assert {line.net for line in seal.lines} == {Decimal("1.61788618")}
    assert "*I7:1617.89*I8:372.11*N:372.11*O:1990.00*" in seal.qr
    assert [notice.code for notice in seal.notices] == [OTHER_TOTALS.id]


def test_who_states_the_sealed_totals_is_told_nothing() -> None:
    assert sealed(a_case(sale([rounded("1.99")] * 1000, "372.11", "1990.00"))).notices == ()
    assert sealed(a_case(sale(*LAWFUL["in parts of a cent"]))).notices == ()
    assert sealed(a_case(a_draft(totals=None))).notices == ()


def test_half_a_cent_goes_where_the_caller_put_it() -> None:
    up = sealed(a_case(sale(*LAWFUL["half a cent up"])))
    down = sealed(a_case(sale(*LAWFUL["half a cent down"])))

    assert (up.vat, up.net, up.notices) == (Decimal("0.01"), Decimal("0.12"), ())
    assert (down.vat, down.net, down.notices) == (Decimal("0.00"), Decimal("0.13"), ())


def all_back(draft: Draft, *places: int) -> Draft:
    """A credit note of these lines, of all by default."""
    chosen = places or range(len(draft.lines))
    lines = tuple(
        with_(draft.lines[i], direction=Direction.RETURN, number=str(i + 1)) for i in chosen
    )
    return with_(
        a_draft(*lines, totals=None, reason="Devolvido"), kind=DocumentKind.CORRECTION, payments=()
    )


def assert_nothing_is_left(seal: Seal, notes: tuple[Draft, ...], original: Draft) -> None:
    standing = [a_standing_note(note, original) for note in notes]
    rest = left(seal, standing).values()
    assert {(one.quantity, one.gross, one.net) for one in rest} == {(ZERO, ZERO, ZERO)}


def test_crediting_all_lines_leaves_nothing() -> None:
    original = sale([rounded("1.99")] * 50, "18.50", "99.50")
    seal = sealed(a_case(original))

    assert_nothing_is_left(seal, (all_back(original),), original)
    assert broken(a_note_case(all_back(original), original)) == {}


def test_crediting_a_line_in_parts_leaves_nothing() -> None:
    original = a_draft(with_(rounded("1.00"), quantity=Decimal(3)), totals=None)
    parts = [
        all_back(with_(original, lines=(rounded(gross),))) for gross in ("0.33", "0.33", "0.34")
    ]
    notes = [a_body(a_note_case(part, original), f"r-{i}") for i, part in enumerate(parts, 2)]

    [rest] = left(sealed(a_case(original)), notes).values()
    assert (rest.quantity, rest.gross, rest.net) == (ZERO, ZERO, ZERO)


AMOUNT = st.decimals("0.001", 3000, places=3)
RATED = st.tuples(AMOUNT, st.sampled_from(["23", "13", "6", "4", ""]))


@given(st.lists(RATED, min_size=1, max_size=30), st.booleans())
def test_everything_follows_from_the_lines(
    said: list[tuple[Decimal, str]], is_in_cents: bool
) -> None:
    lines = []
    for gross, rate in said:
        worth = cents_half_up(gross) if is_in_cents else gross
        if not rate:
            lines.append(a_line("Aula", quantity="1", vat=an_exempt_vat(str(worth))))
            continue
        net = decimals_half_up(worth * 100 / (100 + Decimal(rate)), 8)
        lines.append(stating(str(net), str(worth - net), str(worth), rate))
    seal = sealed(a_case(a_draft(*lines, totals=None, payments=(NOTHING_SOLD,))))

    nets = sum((line.net for line in seal.lines), ZERO)
    taxes = sum((line.net * line.percentage / 100 for line in seal.lines), ZERO)
    assert seal.net + seal.vat == seal.gross
    assert abs(nets - seal.net) <= Decimal("0.005001")
    assert abs(taxes - seal.vat) <= Decimal("0.005001")
    assert sum((share.net for share in seal.taxes), ZERO) == seal.net
    assert sum((share.vat for share in seal.taxes), ZERO) == seal.vat
    assert min(line.net for line in seal.lines) >= 0
    for line in seal.lines:
        assert decimals_half_up(line.unit_price * line.quantity, 8) == line.net


@pytest.mark.parametrize("quantity", ["0.001", "0.333", "7", "1234.567", "98765432101"])
def test_quantity_times_price_is_the_line(quantity: str) -> None:
    line = with_(rounded("17.31"), quantity=Decimal(quantity))
    (sold,) = sealed(a_case(a_draft(line, totals=None))).lines

    assert decimals_half_up(sold.unit_price * sold.quantity, 8) == sold.net


def test_lines_below_nothing_have_no_largest_to_take_from() -> None:
    """A rule refuses them; before it does, their values are asked for, and must be told."""
    below = stating("-0.005", "-0.001", "-0.006")

    assert gross_values(a_draft(below, totals=None)) == (Decimal("-0.006"),)


def test_net_and_vat_of_each_tax_make_its_gross_value_where_both_have_half_a_cent() -> None:
    """Two regions at 4 %: 0.13 is 0.125 and 0.005, twice. The cent goes to the net of the one and
    to the VAT of the other."""
    half = with_(
        sealed(a_case()).lines[0], net=Decimal("0.125"), vat=Decimal("0.005"), percentage=Decimal(4)
    )
    sums = StatedTotals(
        exclusive=Decimal("0.25"), amount=Decimal("0.01"), inclusive=Decimal("0.26")
    )

    shares = tax_shares([with_(half, region=region) for region in ("PT-AC", "PT-MA")], sums)

    assert [(share.region, share.net, share.vat) for share in shares] == [
        ("PT-AC", Decimal("0.13"), Decimal("0.00")),
        ("PT-MA", Decimal("0.12"), Decimal("0.01")),
    ]
