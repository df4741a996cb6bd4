"""Which registers count otherwise than the law, and that one good document ends it."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.issuing import claimed_numbers
from fiscus.issuing.tests.counter import Counter, a_receipt
from fiscus.model.faults import Fault
from fiscus.model.kinds import EntryKind
from fiscus.model.places import NumberCheck
from fiscus.registry import registers
from fiscus.registry.registers import RegisterChange
from fiscus.store.connect import reading, writing


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    """In Portugal, whose law numbers each series."""
    return Counter(engine, "pt", tmp_path)


def claims(counter: Counter, *numbers: str) -> list[str]:
    """A document for each of these numbers; gives the kinds of the entries."""
    return [
        counter.sells(a_receipt(reference=number), claims_number=True).kind for number in numbers
    ]


def astray(counter: Counter) -> list[str]:
    with reading(counter.engine) as tx:
        return list(claimed_numbers.astray(tx, counter.services.suspects))


def test_the_third_refusal_in_a_row_tells(counter: Counter) -> None:
    assert claims(counter, "7", "7") == [EntryKind.REFUSAL, EntryKind.REFUSAL]
    assert astray(counter) == []

    claims(counter, "7")

    assert astray(counter) == [counter.shop.register]


def test_a_document_between_them_begins_the_count_anew(counter: Counter) -> None:
    claims(counter, "7", "7")
    counter.sells(a_receipt())
    claims(counter, "7", "7")
    assert astray(counter) == []

    claims(counter, "7")
    assert astray(counter) == [counter.shop.register]

    claims(counter, "2")
    assert astray(counter) == []
    assert counter.services.suspects == {}


def test_other_refusals_are_none_of_the_number(counter: Counter) -> None:
    for _ in range(3):
        assert counter.sells(a_receipt(payments=())).kind == EntryKind.REFUSAL

    assert counter.services.suspects == {}


def test_a_register_whose_numbers_are_ignored_is_not_told_of(counter: Counter) -> None:
    claims(counter, "7", "7", "7")
    with writing(counter.engine) as tx:
        now = registers.by_id(tx, counter.shop.register)
        registers.update(
            tx,
            counter.shop.organization,
            now,
            RegisterChange(numbers=NumberCheck.IGNORE),
            subject="operator",
            at=counter.clock(),
        )

    assert astray(counter) == []
    assert claims(counter, "7") == [EntryKind.DOCUMENT]
    counter.assert_proved()


def test_who_claims_no_number_sells_under_any(counter: Counter) -> None:
    assert counter.sells(a_receipt(reference="7")).kind == EntryKind.DOCUMENT


@pytest.mark.parametrize(
    ("paths", "is_it"),
    [(("reference 7, next is A/1",), True), (("reference",), True), (("lines[0]",), False)],
)
def test_a_fault_of_the_number_is_known_by_its_field(paths: tuple[str, ...], is_it: bool) -> None:
    fault = Fault(code="X-Y-01", text="t", paths=paths)

    assert claimed_numbers.is_refused((fault,)) is is_it
