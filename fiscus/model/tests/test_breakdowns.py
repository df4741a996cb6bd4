"""A breakdown by tax is what the lines of each tax come to."""

from decimal import Decimal

import pytest

from fiscus.model.breakdowns import broken_at
from fiscus.model.documents import (
    Direction,
    DocumentKind,
    Draft,
    DraftLine,
    StatedShare,
    StatedVat,
)

REGIONS = {"": "PT", "PT": "PT", "AC": "PT-AC", "AZORES": "PT-AC"}


def a_line(rate: str, net: str, vat: str, code: str = "STANDARD", region: str = "") -> DraftLine:
    exclusive, amount = Decimal(net), Decimal(vat)
    return DraftLine(
        direction=Direction.SALE,
        text="Café",
        quantity=Decimal(1),
        unit_price=exclusive + amount,
        vat=StatedVat(
            code=code,
            percentage=Decimal(rate),
            amount=amount,
            exclusive=exclusive,
            inclusive=exclusive + amount,
            region=region,
        ),
    )


def an_exempt(worth: str, code: str = "CAUSE_6") -> DraftLine:
    vat = StatedVat(code=code, is_exempt=True, exclusive=Decimal(worth), inclusive=Decimal(worth))
    return DraftLine(
        direction=Direction.SALE,
        text="Aula",
        quantity=Decimal(1),
        unit_price=Decimal(worth),
        vat=vat,
    )


def bare(rate: str, amount: str) -> StatedShare:
    return StatedShare(percentage=Decimal(rate), amount=Decimal(amount))


def full(
    rate: str, net: str, vat: str, code: str = "STANDARD", region: str = "", gross: str = ""
) -> StatedShare:
    exclusive, amount = Decimal(net), Decimal(vat)
    return StatedShare(
        percentage=Decimal(rate),
        code=code,
        region=region,
        amount=amount,
        exclusive=exclusive,
        inclusive=Decimal(gross) if gross else exclusive + amount,
    )


def exempted(worth: str, code: str = "CAUSE_6", reason: str = "") -> StatedShare:
    return StatedShare(code=code, is_exempt=True, exclusive=Decimal(worth), reason=reason)


COFFEE, BREAD = a_line("23", "2.00", "0.46"), a_line("6", "1.00", "0.06", "REDUCED_2")
ISLAND = a_line("16", "2.00", "0.32", region="AZORES")


def found(lines: list[DraftLine], *shares: StatedShare) -> list[str]:
    draft = Draft(kind=DocumentKind.RECEIPT, lines=tuple(lines), breakdown=shares)
    return list(broken_at(draft, REGIONS.get))


RIGHT: list[tuple[list[DraftLine], list[StatedShare]]] = [
    ([COFFEE], []),
    ([COFFEE], [bare("23", "0.46")]),
    ([COFFEE], [bare("23.0", "0.4600")]),
    ([COFFEE, COFFEE], [bare("23", "0.92")]),
    ([COFFEE, COFFEE], [bare("23", "0.46"), bare("23", "0.46")]),
    ([COFFEE, BREAD], [bare("23", "0.46"), bare("6", "0.06")]),
    ([COFFEE, an_exempt("5.00")], [bare("23", "0.46")]),
    ([COFFEE, an_exempt("5.00")], [bare("23", "0.46"), bare("0", "0.00")]),
    ([an_exempt("5.00")], [bare("0", "0.00")]),
    ([COFFEE], [full("23", "2.00", "0.46")]),
    ([COFFEE, BREAD], [full("6", "1.00", "0.06", "REDUCED_2"), full("23", "2.00", "0.46")]),
    ([COFFEE, an_exempt("5.00")], [full("23", "2.00", "0.46"), exempted("5.00")]),
    ([COFFEE, an_exempt("5.00")], [full("23", "2.00", "0.46")]),
    ([ISLAND], [full("16", "2.00", "0.32")]),
    ([ISLAND], [full("16", "2.00", "0.32", region="AC")]),
    ([COFFEE], [full("23", "2.00", "0.46", region="PT")]),
    # Rounded line by line, and once: both are lawful.
    ([a_line("23", "0.08", "0.02")] * 3, [bare("23", "0.06")]),
    ([a_line("23", "0.08", "0.02")] * 4, [bare("23", "0.07")]),
]

WRONG: list[tuple[list[DraftLine], list[StatedShare], list[str]]] = [
    ([COFFEE], [bare("23", "999.99")], ["breakdown[0].amount"]),
    ([COFFEE], [bare("23", "0.47")], ["breakdown[0].amount"]),
    ([COFFEE], [bare("23", "-0.46")], ["breakdown[0].amount"]),
    ([COFFEE, BREAD], [bare("23", "0.46")], ["breakdown"]),
    ([COFFEE], [bare("6", "0.46")], ["breakdown", "breakdown[0].amount"]),
    ([COFFEE], [bare("23", "0.46"), bare("6", "0.06")], ["breakdown[1].amount"]),
    ([COFFEE], [full("23", "2.01", "0.46", gross="2.46")], ["breakdown[0].exclusive"]),
    ([COFFEE], [full("23", "2.00", "0.46", gross="2.47")], ["breakdown[0].inclusive"]),
    (
        [COFFEE],
        [full("23", "2.00", "0.46", "REDUCED_1")],
        ["breakdown", *(f"breakdown[0].{x}" for x in ("amount", "inclusive", "exclusive"))],
    ),
    (
        [COFFEE],
        [full("23", "2.00", "0.46", region="AC")],
        ["breakdown", *(f"breakdown[0].{x}" for x in ("amount", "inclusive", "exclusive"))],
    ),
    (
        [COFFEE, an_exempt("5")],
        [full("23", "2", "0.46"), exempted("4")],
        ["breakdown[1].exclusive"],
    ),
    (
        [an_exempt("5.00"), an_exempt("1.00", "CAUSE_7")],
        [exempted("5.00")],
        ["breakdown"],
    ),
    ([COFFEE], [full("23", "2.00", "0.46"), exempted("5.00")], ["breakdown[1].exclusive"]),
    ([an_exempt("5.00")], [exempted("5.00", reason="Isento por lei")], ["breakdown[0].reason"]),
]


@pytest.mark.parametrize(("lines", "shares"), RIGHT)
def test_a_breakdown_that_is_the_sum_of_the_lines_passes(
    lines: list[DraftLine], shares: list[StatedShare]
) -> None:
    assert found(lines, *shares) == []


@pytest.mark.parametrize(("lines", "shares", "paths"), WRONG)
def test_a_breakdown_that_is_not_the_sum_of_the_lines_is_found_at_its_place(
    lines: list[DraftLine], shares: list[StatedShare], paths: list[str]
) -> None:
    assert found(lines, *shares) == paths
