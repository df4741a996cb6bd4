"""What one transaction reads under its locks, and what it writes beside the entries."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import OperationalError

from fiscus.issuing.answers import QueuedOrder
from fiscus.issuing.group import gather
from fiscus.issuing.tests.counter import (
    Counter,
    a_correction,
    a_line,
    a_receipt,
    done,
)
from fiscus.registry.tests.builders import (
    another_register,
)
from fiscus.store.connect import reading, writing
from fiscus.store.schema import SERIES


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    """In Portugal, where documents are signed and series registered."""
    return Counter(engine, "pt", tmp_path)


@pytest.fixture
def plain(engine: Engine) -> Counter:
    """In Italy, as far as we know its law: numbers only."""
    return Counter(engine, "it")


@pytest.mark.parametrize(("law", "asked"), [("pt", 1), ("it", 0)])
def test_what_a_law_remembers_is_read_once_for_a_group_and_only_if_it_asks(
    engine: Engine, tmp_path: Path, law: str, asked: int
) -> None:
    counter = Counter(engine, law, tmp_path)
    counter.sells(a_receipt())
    lines = [a_line(text=f"Livro {number}", product=f"p{number}") for number in range(5)]
    orders = [counter.issue(a_receipt(*lines)) for _ in range(2)]
    statements: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(*said: Any) -> None:
        statements.append(said[2])

    answers = counter.together(*orders)

    assert [done(answer).body.faults for answer in answers] == [(), ()]
    assert len([one for one in statements if "FROM frozen" in one]) == asked
    assert any("INSERT INTO frozen" in one for one in statements) is bool(asked)


def test_registers_of_one_taxpayer_share_a_series_without_gap(counter: Counter) -> None:
    counter.sells(a_receipt())
    with writing(counter.engine) as tx:
        other = another_register(tx, counter.shop)
    intents = [*counter.intends(2), *counter.intends(2, other)]
    counter.together(*(counter.issue(a_receipt(), intent) for intent in intents))

    assert counter.numbers() == [1, 2, 3, 4, 5]
    counter.assert_proved()


def test_training_documents_count_apart(plain: Counter) -> None:
    real = plain.sells(a_receipt())
    intent = done(plain.together(plain.open(is_training=True))[0]).body.id
    training = plain.sells(a_receipt(), intent=intent)

    assert training.draft is not None
    assert training.draft.is_training
    assert training.numbered is not None
    assert real.numbered is not None
    assert (training.numbered.number, training.numbered.name) == (1, f"{real.numbered.name}-T")


def test_the_series_of_the_document_referred_to_is_locked_too(counter: Counter) -> None:
    """So that two corrections of one document never overlook each other."""
    if counter.engine.dialect.name == "sqlite":
        pytest.skip("SQLite lets one writer in at a time")
    original = counter.sells(a_receipt())
    assert original.numbered is not None
    order = counter.issue(a_correction(original.id))
    row = select(SERIES.c.id).where(SERIES.c.id == original.numbered.series)

    with writing(counter.engine) as tx:
        gather(tx, counter.services, [QueuedOrder(order=order)], counter.clock.now)
        with pytest.raises(OperationalError), counter.engine.connect() as other:
            other.execute(row.with_for_update(nowait=True))
    with reading(counter.engine) as tx:
        assert tx.scalar(row) == original.numbered.series
