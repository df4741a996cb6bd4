"""Totals that do not follow from the lines are found, however many lines hide them."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fiscus.formats import IssuedDocument
from fiscus.formats.saft.check import check

D = Decimal


def stating(issued: IssuedDocument, net: str, vat: str) -> IssuedDocument:
    """The same document with other totals."""
    assert issued.body.seal
    seal = msgspec.structs.replace(issued.body.seal, net=D(net), vat=D(vat), gross=D(net) + D(vat))
    return IssuedDocument(body=msgspec.structs.replace(issued.body, seal=seal))


def found(
    shop: Any, build: Any, tmp_path: Path, line: dict[str, str], many: int, net: str, vat: str
) -> dict[str, tuple[str, ...]]:
    numbers = {name: D(value) for name, value in line.items()}
    price = numbers.pop("unit_price", numbers["net"])
    lines = tuple(build.a_line(quantity=D(1), unit_price=price, **numbers) for _ in range(many))
    file = tmp_path / "sums.xml"
    file.write_bytes(build.written(stating(shop.a_document("FT", lines), net, vat)))
    return {fault.code: fault.paths for fault in check(file, {})}


@pytest.mark.parametrize(
    ("line", "many", "net", "vat", "codes"),
    [
        pytest.param(
            {"net": "0.08", "vat": "0.02"},
            3,
            "0.20",
            "0.10",
            {"SAFT-TOTAL-02", "SAFT-TOTAL-03"},
            id="three for ten cents, taxed at 50 %",
        ),
        pytest.param(
            {"net": "0.02", "vat": "0.01"},
            20,
            "0.34",
            "0.26",
            {"SAFT-TOTAL-02", "SAFT-TOTAL-03"},
            id="twenty for three cents, taxed at 76 %",
        ),
        pytest.param(
            {"net": "1.62", "vat": "0.37"},
            1000,
            "1620.00",
            "370.00",
            {"SAFT-TOTAL-03"},
            id="a thousand lines, each rounded",
        ),
        pytest.param(
            {"net": "1.62", "vat": "0.37"},
            1000,
            "1617.89",
            "372.11",
            {"SAFT-TOTAL-02", "SAFT-TOTAL-03"},
            id="exact totals over rounded lines",
        ),
        pytest.param(
            {"net": "0.02", "vat": "0.01"},
            100,
            "2.44",
            "0.56",
            {"SAFT-TOTAL-02", "SAFT-TOTAL-03"},
            id="a hundred lines of three cents",
        ),
        pytest.param(
            {"net": "1.62", "vat": "0.37"}, 2, "3.24", "0.74", {"SAFT-TOTAL-03"}, id="a single cent"
        ),
        pytest.param(
            {"net": "10.00", "unit_price": "10.006", "vat": "2.30"},
            1,
            "10.00",
            "2.30",
            {"SAFT-LINE-03"},
            id="a price that is not the line",
        ),
    ],
)
def test_what_does_not_follow_from_the_lines_is_found(
    shop: Any,
    build: Any,
    tmp_path: Path,
    line: dict[str, str],
    many: int,
    net: str,
    vat: str,
    codes: set[str],
) -> None:
    assert set(found(shop, build, tmp_path, line, many, net, vat)) == codes


@pytest.mark.parametrize(
    ("line", "many", "net", "vat"),
    [
        ({"net": "1.61788618", "vat": "0.37211382"}, 1000, "1617.89", "372.11"),
        ({"net": "0.02439024", "vat": "0.00560976"}, 100, "2.44", "0.56"),
        ({"net": "0.125", "vat": "0.005", "percentage": "4"}, 1, "0.12", "0.01"),
        ({"net": "0.125", "vat": "0.005", "percentage": "4"}, 1, "0.13", "0.00"),
    ],
)
def test_exact_lines_rounded_once_are_good(
    shop: Any, build: Any, tmp_path: Path, line: dict[str, str], many: int, net: str, vat: str
) -> None:
    faults = found(shop, build, tmp_path, line, many, net, vat)

    assert {code for code in faults if code.startswith(("SAFT-TOTAL", "SAFT-LINE"))} == set()
