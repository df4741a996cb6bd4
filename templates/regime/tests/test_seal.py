"""The numbers and totals of a document. A seal flow needs no key to be tested."""

from decimal import Decimal

from fiscus.model.documents import DocumentKind
from fiscus.model.records import Case, Seal
from fiscus.regimes.xx.seal import seal
from fiscus.regimes.xx.series import series
from fiscus.regimes.xx.tests.builders import a_case, a_draft, a_line, a_place, a_slot


def sealed(case: Case) -> Seal:
    """To the end of a flow that asks for nothing."""
    flow = seal(case)
    try:
        next(flow)
    except StopIteration as done:
        made: Seal = done.value
        return made
    raise AssertionError("it asked for a signature")


def test_a_receipt_has_its_number_and_its_totals() -> None:
    made = sealed(a_case(a_draft(lines=(a_line(), a_line("6.00", "1.00"))), slot=a_slot(7)))

    assert made.number == "TILL/7"
    assert (made.net, made.vat, made.gross) == (Decimal(15), Decimal(3), Decimal(18))


def test_training_and_each_type_of_document_count_apart() -> None:
    receipt, training = a_draft(), a_draft(is_training=True)
    wanted = [
        series(draft, a_place()) for draft in (receipt, training, a_draft(DocumentKind.CORRECTION))
    ]

    assert len({(one.document_type, one.name) for one in wanted if one}) == 3


def test_what_happens_to_the_drawer_takes_no_number() -> None:
    assert series(a_draft(DocumentKind.OPENING), a_place()) is None
