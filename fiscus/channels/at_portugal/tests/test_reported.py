"""The lines that are told add up to what was sealed, whatever the prices."""

from collections import defaultdict
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from fiscus.channels import ReportedDocument
from fiscus.channels.at_portugal.reported import content, summed
from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.documents import DraftLine, StatedVat
from fiscus.regimes.pt.tests.builders import (
    SETTINGS,
    a_body,
    a_case,
    a_draft,
    a_line,
    an_exempt_vat,
    an_invoice,
    bread,
    sealed,
    with_,
)

RATES = (("STANDARD", "23"), ("REDUCED_1", "13"), ("REDUCED_2", "6"))
REASONS = ("CAUSE_6", "CAUSE_7", "CAUSE_9")


@st.composite
def lines(draw: st.DrawFn) -> DraftLine:
    gross = draw(st.integers(1, 500_000)) * Decimal("0.01")
    if draw(st.integers(0, 3)) == 0:
        vat = an_exempt_vat(str(gross), draw(st.sampled_from(REASONS)))
    else:
        code, percentage = draw(st.sampled_from(RATES))
        net = cents_half_up(gross * 100 / (100 + Decimal(percentage)))
        vat = StatedVat(
            code=code,
            percentage=Decimal(percentage),
            amount=gross - net,
            exclusive=net,
            inclusive=gross,
        )
    return a_line(quantity=str(draw(st.integers(1, 9))), vat=vat)


@given(st.lists(lines(), min_size=1, max_size=30))
def test_groups_of_lines_add_up_to_their_tax_and_to_the_net_total(sold: list[DraftLine]) -> None:
    seal = sealed(a_case(a_draft(*sold)))

    groups = summed(seal)

    by_tax: dict[tuple[object, ...], Decimal] = defaultdict(lambda: ZERO)
    for group, amount in groups.items():
        by_tax[group[:4]] += amount
        exact = sum(
            (
                x.net
                for x in seal.lines
                if x.exemption == group.exemption and x.tax_code == group.code
            ),
            ZERO,
        )
        assert amount >= 0
        assert amount == cents_half_up(amount)
        assert abs(amount - exact) <= Decimal("0.02")
    assert by_tax == {
        (one.region, one.tax_type, one.tax_code, one.percentage): one.net for one in seal.taxes
    }
    assert sum(groups.values()) == seal.net


def test_a_line_on_the_other_side_counts_against_the_rest() -> None:
    seal = sealed(a_case(a_draft(a_line(net="5.00"), a_line(net="2.00"))))
    first, second = seal.lines
    taxes = (with_(seal.taxes[0], net=Decimal("3.00")),)
    turned = with_(
        seal, lines=(first, with_(second, is_debit=True)), taxes=taxes, net=Decimal("3.00")
    )

    told = {group.is_debit: amount for group, amount in summed(turned).items()}

    assert told == {False: Decimal("5.00"), True: Decimal("2.00")}


def test_the_orders_a_document_follows_from_are_told_as_in_the_audit_file() -> None:
    case = a_case(an_invoice(a_line(), bread(), order_references=("PO77", "GR12")))
    told = ReportedDocument(taxpayer=case.place.taxpayer, settings=SETTINGS, body=a_body(case))

    lines = content(told).lines

    assert len(lines) == 2
    assert {tuple(one.number for one in line.sources) for line in lines} == {("PO77", "GR12")}
