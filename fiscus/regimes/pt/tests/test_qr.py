"""The QR text: the authority's examples byte for byte, and its sums."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.documents import DraftLine, Payment, PaymentMeans
from fiscus.regimes.pt import qr
from fiscus.regimes.pt.tests.builders import (
    a_case,
    a_draft,
    a_line,
    a_vat,
    an_exempt_vat,
    broken,
    sealed,
    the_totals,
    with_,
)

AMOUNTS = (
    "exempt",
    "reduced",
    "reduced_vat",
    "intermediate",
    "intermediate_vat",
    "standard",
    "standard_vat",
)
TAXES = [f"{letter}{n}" for letter in "IJK" for n in (4, 6, 8)]
BASES = [f"{letter}{n}" for letter in "IJK" for n in (2, 3, 5, 7)]


def fields(text: str) -> dict[str, str]:
    return dict(each.split(":", 1) for each in text.split("*"))


def amount(said: dict[str, str], name: str) -> Decimal | None:
    return Decimal(said[name]) if name in said else None


def content(text: str) -> qr.QrContent:
    """Reads a QR text back, by the field letters of the specification alone."""
    said = fields(text)
    return qr.QrContent(
        issuer=said["A"],
        buyer=said["B"],
        country=said["C"],
        document_type=said["D"],
        status=said["E"],
        day=datetime.strptime(said["F"], "%Y%m%d").date(),
        number=said["G"],
        atcud=said["H"],
        blocks=tuple(block(said, letter) for letter in "IJK" if f"{letter}1" in said),
        not_subject=amount(said, "L"),
        stamp_duty=amount(said, "M"),
        tax=Decimal(said["N"]),
        gross=Decimal(said["O"]),
        withheld=amount(said, "P"),
        excerpt=said["Q"],
        certificate=said["R"],
        free=said.get("S", ""),
    )


def block(said: dict[str, str], letter: str) -> qr.RegionTotals:
    amounts: dict[str, Any] = {
        name: amount(said, f"{letter}{n}") for n, name in enumerate(AMOUNTS, start=2)
    }
    return qr.RegionTotals(region=said[f"{letter}1"], **amounts)


def sums_up(text: str) -> bool:
    said = fields(text)
    taxes = sum((amount(said, name) or ZERO for name in [*TAXES, "M"]), ZERO)
    bases = sum((amount(said, name) or ZERO for name in [*BASES, "L"]), ZERO)
    return taxes == amount(said, "N") and bases + taxes == amount(said, "O")


def test_the_official_examples_come_out_byte_for_byte(shared_data: Path) -> None:
    path = shared_data / "pt" / "vectors" / "qr_vectors_at_spec.json"
    vectors = json.loads(path.read_text(encoding="utf-8"))

    assert len(vectors) == 4
    for vector in vectors:
        assert qr.text(content(vector["string"])) == vector["string"]


def test_the_sums_hold_in_the_first_official_example(shared_data: Path) -> None:
    path = shared_data / "pt" / "vectors" / "qr_vectors_at_spec.json"

    assert sums_up(json.loads(path.read_text(encoding="utf-8"))[0]["string"])


def test_a_receipt_names_no_buyer_and_its_two_rates() -> None:
    seal = sealed(a_case())

    assert seal.qr == (
        "A:509876544*B:999999990*C:PT*D:FR*E:N*F:20260504*G:FR T01-2026/17*H:JF7T8K2Q-17"
        "*I1:PT*I3:1.00*I4:0.06*I7:2.00*I8:0.46*N:0.52*O:3.52"
        f"*Q:{seal.excerpt}*R:9999"
    )


def test_regions_fill_the_blocks_in_the_order_they_are_used() -> None:
    seal = sealed(
        a_case(
            a_draft(
                a_line(vat=a_vat("10.00", "22", region="PT-MA")),
                a_line("Chá", vat=a_vat("10.00", "16", region="PT-AC")),
            )
        )
    )
    said = fields(seal.qr)

    assert (said["I1"], said["I7"], said["I8"]) == ("PT-AC", "10.00", "1.60")
    assert (said["J1"], said["J7"], said["J8"]) == ("PT-MA", "10.00", "2.20")
    assert "K1" not in said


def test_what_is_not_subject_has_its_own_field() -> None:
    draft = a_draft(
        a_line(vat=an_exempt_vat("2.00", "NOT_SUBJECT")), a_line("Aula", vat=an_exempt_vat("3.00"))
    )
    said = fields(sealed(a_case(draft)).qr)

    assert (said["I1"], said["I2"], said["L"], said["N"]) == ("PT", "3.00", "2.00", "0.00")


def test_only_what_is_not_subject_still_names_the_region() -> None:
    draft = a_draft(a_line(vat=an_exempt_vat("2.00", "NOT_SUBJECT")))
    said = fields(sealed(a_case(draft)).qr)

    assert said["I1"] == "PT"
    assert [name for name in said if name[0] == "I"] == ["I1"]


RATES = [
    ("23", "STANDARD", ""),
    ("13", "REDUCED_1", ""),
    ("6", "REDUCED_2", ""),
    ("16", "STANDARD", "PT-AC"),
    ("4", "REDUCED_2", "MA"),
]


def a_precise_line(net: Decimal, rate: tuple[str, str, str]) -> DraftLine:
    """A line with all eight decimals, as some callers send it."""
    percentage, code, region = rate
    tax = net * Decimal(percentage) / 100
    vat = with_(a_vat("1", percentage, code, region), exclusive=net, amount=tax)
    return a_line("Artigo", vat=with_(vat, inclusive=net + tax))


LINES = st.lists(
    st.one_of(
        st.builds(a_precise_line, st.decimals(0, 5000, places=6), st.sampled_from(RATES)),
        st.builds(
            lambda net, code: a_line("Isento", vat=an_exempt_vat(str(net), code)),
            st.decimals(0, 5000, places=6),
            st.sampled_from(["CAUSE_6", "NOT_SUBJECT"]),
        ),
    ),
    min_size=1,
    max_size=12,
)


@given(LINES)
def test_the_parts_of_any_document_make_up_its_totals(lines: list[DraftLine]) -> None:
    gross = cents_half_up(the_totals(lines).inclusive)
    paid = Payment(means=PaymentMeans.CARD_DEBIT, amount=gross)
    case = a_case(a_draft(*lines, payments=(paid,)))
    assume(not broken(case))
    seal = sealed(case)

    assert sums_up(seal.qr)
    assert ":-" not in seal.qr
    assert seal.net + seal.vat == seal.gross


def test_the_parts_of_lines_in_cents_make_up_what_was_paid_under_each_tax() -> None:
    coffee = a_line(vat=with_(a_vat("0.20"), inclusive=Decimal("0.24")))
    bolo = a_line("Bolo", vat=with_(a_vat("0.07", "13", "REDUCED_1"), inclusive=Decimal("0.08")))
    said = fields(sealed(a_case(a_draft(coffee, bolo, totals=None))).qr)

    assert (said["I7"], said["I8"], said["I5"], said["I6"]) == ("0.20", "0.04", "0.07", "0.01")
    assert (said["N"], said["O"]) == ("0.05", "0.32")
