"""Revenue is counted from the seal: by rate, in whole cents, with the sign of the sale."""

from decimal import Decimal

import msgspec
import pytest

from fiscus.accounting.turnover import Rate, Turnover, turnover
from fiscus.issuing.tests.sealed import Entry, a_document, a_line, a_sale, a_void, an_abort, moved
from fiscus.model.accounts import AccountedDocument
from fiscus.model.documents import DocumentKind
from fiscus.model.records import TaxShare

D = Decimal
AT_19, AT_7 = Rate("1", D(19)), Rate("2", D(7))
replace = msgspec.structs.replace


def told(entry: Entry) -> dict[Rate, Turnover]:
    stored = msgspec.json.encode(entry[1])
    return dict(turnover(msgspec.json.decode(stored, type=AccountedDocument)))


def test_lines_add_up_by_rate_and_are_rounded_once() -> None:
    lines = [a_line("0.03"), a_line("0.03"), a_line("10.70", "2"), a_line("5.00", "5")]
    assert told(a_document(1, *lines)) == {
        AT_19: Turnover(D("0.05"), D("0.01")),
        AT_7: Turnover(D("10.00"), D("0.70")),
    }


def test_what_is_taken_back_is_negative() -> None:
    assert told(a_sale(1, "-11.90")) == {AT_19: Turnover(D(-10), D("-1.90"))}


def test_what_the_law_shared_out_counts_as_it_was_stated() -> None:
    shares = (
        TaxShare(
            region="PT", tax_type="IVA", tax_code="NOR", percentage=D(23), net=D(10), vat=D(2)
        ),
    )
    kind, body = a_sale(1, "12.00")
    assert body.seal is not None
    sold = replace(body, seal=replace(body.seal, taxes=shares))
    assert told((kind, sold)) == {Rate("NOR", D(23)): Turnover(D(10), D(2))}


def test_a_note_that_is_printed_without_a_sign_is_negative_all_the_same() -> None:
    shares = (
        TaxShare(
            region="PT", tax_type="IVA", tax_code="NOR", percentage=D(23), net=D(10), vat=D(2)
        ),
    )
    kind, body = a_sale(1, "-12.00")
    assert body.seal is not None
    note = replace(body, seal=replace(body.seal, gross=D(12), taxes=shares))
    assert told((kind, note)) == {Rate("NOR", D(23)): Turnover(D(-10), D(-2))}


@pytest.mark.parametrize(
    "entry",
    [
        moved(1, DocumentKind.MOVEMENT, "20.00", "Einzahlung"),
        a_document(1, a_line("5.00"), kind=DocumentKind.COUNT),
        a_document(1, a_line("5.00"), kind=DocumentKind.ORDER),
        a_sale(1, is_training=True),
        a_sale(1, seal=None),
        a_sale(1, draft=None),
        an_abort(1),
        a_void(1, "r-1"),
    ],
)
def test_what_is_no_sale_has_no_turnover(entry: Entry) -> None:
    assert told(entry) == {}
