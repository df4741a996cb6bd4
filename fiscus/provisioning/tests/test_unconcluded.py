"""What a register has begun ends when it goes out of service."""

import pytest
from sqlalchemy import Engine

from fiscus.issuing.tests.counter import Counter, a_receipt
from fiscus.journal import intents, read
from fiscus.model.kinds import EntryKind
from fiscus.provisioning import unconcluded
from fiscus.store.connect import writing


@pytest.fixture
def counter(engine: Engine) -> Counter:
    return Counter(engine, "it")


def ends(counter: Counter) -> None:
    with writing(counter.engine) as tx:
        register = counter.shop.register
        unconcluded.end(tx, counter.services, register, counter.clock(), "somebody")


def test_each_open_intention_is_aborted_and_nothing_else(counter: Counter) -> None:
    used = counter.intends()[0]
    counter.settled(counter.issue(a_receipt(), used))
    left = counter.intends(2)
    before = counter.entries()

    ends(counter)

    assert counter.entries()[len(before) :] == [(EntryKind.ABORT, None)] * 2
    with writing(counter.engine) as tx:
        assert intents.still_open(tx, counter.shop.register) == []
        for id_ in left:
            found = intents.one(tx, counter.shop.organization, id_)
            assert found.kind == EntryKind.ABORT
            assert found.conclusion is not None
            assert found.conclusion.by == "somebody"
            shown = read.one(tx, counter.shop.organization, id_)
            assert shown.record.used_in == found.conclusion.id
    counter.assert_proved()


def test_a_register_that_has_begun_nothing_leaves_no_entry(counter: Counter) -> None:
    counter.settled(counter.issue(a_receipt()))
    before = counter.entries()

    ends(counter)
    ends(counter)

    assert counter.entries() == before
