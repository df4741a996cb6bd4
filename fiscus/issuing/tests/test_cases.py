"""What the law looks at besides a draft: what came before, and what is remembered."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.issuing.answers import OrderDone, QueuedOrder
from fiscus.issuing.cases import UNKNOWN_ORIGINAL
from fiscus.issuing.issue import carry_out
from fiscus.issuing.tests.counter import (
    Counter,
    a_cancellation,
    a_correction,
    a_line,
    a_receipt,
    done,
    failure,
)
from fiscus.model.documents import Draft
from fiscus.registry.tests.builders import an_id
from fiscus.store.connect import writing


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    """In Portugal, where documents are signed and series registered."""
    return Counter(engine, "pt", tmp_path)


def test_corrections_of_one_document_in_one_group_know_of_each_other(counter: Counter) -> None:
    two = a_line("4.92", quantity=Decimal(2), unit_price=Decimal("2.46"))
    receipt = counter.sells(a_receipt(two))
    counter.sells(a_correction(counter.sells(a_receipt()).id))
    back = a_correction(receipt.id, a_line(number="1"))
    orders = [counter.issue(back, intent) for intent in counter.intends(3)]
    answers = [done(answer) for answer in counter.together(*orders)]

    assert [answer.kind for answer in answers] == ["document@1", "document@1", "refusal@1"]
    assert "PT-NOTE-04" in {fault.code for fault in answers[2].body.faults}
    counter.assert_proved()


def test_a_cancellation_in_the_same_group_stops_a_correction_and_a_second_one(
    counter: Counter,
) -> None:
    receipt = counter.sells(a_receipt())
    counter.sells(a_correction(counter.sells(a_receipt()).id))
    drafts = [
        a_cancellation(receipt.id),
        a_correction(receipt.id),
        a_cancellation(receipt.id),
    ]
    intents = counter.intends(3)
    orders = [counter.issue(draft, intent) for draft, intent in zip(drafts, intents, strict=True)]
    answers = [done(answer) for answer in counter.together(*orders)]

    assert [answer.kind for answer in answers] == ["void@1", "refusal@1", "refusal@1"]
    assert [answer.body.faults[0].code for answer in answers[1:]] == ["PT-NOTE-03", "PT-VOID-02"]


def test_a_correction_is_credited_again_after_it_was_cancelled_in_the_same_group(
    counter: Counter,
) -> None:
    receipt = counter.sells(a_receipt())
    note = counter.sells(a_correction(receipt.id))
    drafts = [a_correction(receipt.id), a_cancellation(note.id), a_correction(receipt.id)]
    intents = counter.intends(3)
    orders = [counter.issue(draft, intent) for draft, intent in zip(drafts, intents, strict=True)]
    kinds = [done(answer).kind for answer in counter.together(*orders)]

    assert kinds == ["refusal@1", "void@1", "document@1"]


def test_a_product_keeps_its_description_within_a_group_and_for_ever(counter: Counter) -> None:
    one, other = (a_line(text=text, product="cafe") for text in ("Café", "Galão"))
    counter.sells(a_receipt())
    orders = [
        counter.issue(a_receipt(line), intent)
        for line, intent in zip((one, other, one), counter.intends(3), strict=True)
    ]
    kinds = [done(answer).kind for answer in counter.together(*orders)]
    later = counter.together(counter.issue(a_receipt(other)), services=counter.other_services())

    assert kinds == ["document@1", "refusal@1", "document@1"]
    assert [fault.code for fault in done(later[0]).body.faults] == ["PT-PRODUCT-01"]
    assert done(counter.together(counter.issue(a_receipt(one)))[0]).kind == "document@1"


def test_blanks_around_a_code_make_no_other_product(counter: Counter) -> None:
    counter.sells(a_receipt(a_line(text="Café", product="cafe")))

    refused = counter.sells(a_receipt(a_line(text="Chá", product=" cafe ")))

    assert [fault.code for fault in refused.faults] == ["PT-PRODUCT-01"]


def test_a_description_of_a_group_that_was_rolled_back_is_not_frozen(counter: Counter) -> None:
    counter.sells(a_receipt())
    intents = counter.intends(2)
    wrong = counter.issue(a_receipt(a_line(text="Typo", product="cafe")), intents[0])

    def sell_and_fail() -> None:
        with writing(counter.engine) as tx:
            assert isinstance(
                carry_out(tx, counter.services, [QueuedOrder(order=wrong)])[0], OrderDone
            )
            1 / 0

    with pytest.raises(ZeroDivisionError):
        sell_and_fail()

    right = counter.issue(a_receipt(a_line(text="Café", product="cafe")), intents[1])
    assert done(counter.together(right)[0]).kind == "document@1"


def test_a_record_of_ours_that_is_named_is_looked_for_whatever_else_is_named(
    counter: Counter,
) -> None:
    draft = a_correction(an_id(), external_reference="A-17")

    assert failure(counter.settled(counter.issue(draft))[0]) == UNKNOWN_ORIGINAL.id


def test_a_document_from_outside_is_looked_for_among_ours(counter: Counter) -> None:
    """By the series that its number tells."""
    sold = counter.sells(a_receipt(series="OURS"))
    assert sold.seal
    day = sold.seal.day

    def note(number: str) -> Draft:
        return a_correction("", external_reference=number, external_on=day)

    codes = {
        number: [fault.code for fault in counter.sells(note(number)).faults]
        for number in ("FR OURS/1", "FR ours/01", "FR OURS/2", "FT OURS/1", "FR THEIRS/1")
    }

    assert codes == {
        "FR OURS/1": ["PT-NOTE-15"],
        "FR ours/01": ["PT-NOTE-15"],
        "FR OURS/2": [],
        "FT OURS/1": [],
        "FR THEIRS/1": [],
    }
    counter.assert_proved()
