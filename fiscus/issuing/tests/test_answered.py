"""A record read back for who asks again."""

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.issuing.answers import OrderDone
from fiscus.issuing.tests.counter import (
    Counter,
    a_receipt,
)


@pytest.fixture
def plain(engine: Engine) -> Counter:
    """In Italy, as far as we know its law: numbers only."""
    return Counter(engine, "it")


def test_the_same_key_later_gives_the_same_answer_from_any_process(plain: Counter) -> None:
    order = plain.issue(a_receipt(), claim=plain.claim("key", metadata='{"table":"4"}'))
    first = plain.settled(order)[0]
    plain.clock.move(days=400)
    again = plain.together(order, services=plain.other_services())[0]

    assert isinstance(first, OrderDone)
    assert isinstance(again, OrderDone)
    assert again.is_replay
    assert msgspec.structs.replace(again, is_replay=False) == first


def test_the_same_key_twice_in_a_group_is_one_document(plain: Counter) -> None:
    plain.sells(a_receipt())
    order = plain.issue(a_receipt(), claim=plain.claim("key", metadata='{"table":"4"}'))
    first, second = plain.together(order, order)

    assert isinstance(first, OrderDone)
    assert isinstance(second, OrderDone)
    assert first.record == second.record
    assert (first.is_replay, second.is_replay) == (False, True)
    assert plain.numbers() == [1, 2]
