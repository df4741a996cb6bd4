"""What holds a closing up: operations that are begun and not concluded."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.issuing import unfinished
from fiscus.issuing.tests.counter import Counter, a_receipt, done
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.model.amounts import ZERO
from fiscus.registry import sessions
from fiscus.store.connect import reading, writing


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    return Kiosk(engine, tmp_path)


@pytest.fixture
def plain(engine: Engine, tmp_path: Path) -> Counter:
    """At a register without any device, of a law with sessions."""
    return Counter(engine, "pt", tmp_path)


def a_session(counter: Counter, opening: str) -> str:
    """It bears the id of the intention that opened it."""
    with writing(counter.engine) as tx:
        opened = sessions.open_(
            tx,
            id_=opening,
            register=counter.shop.register,
            organization=counter.shop.organization,
            currency="EUR",
            opening=ZERO,
            intent=opening,
            at=counter.clock(),
        )
    return opened.id


def test_with_a_device_it_is_what_the_device_knows_of_and_whatever_the_session(
    kiosk: Kiosk,
) -> None:
    first, second = kiosk.begins(), kiosk.begins()

    with reading(kiosk.engine) as tx:
        for session in ("", "somebody's"):
            found = unfinished.operations(tx, kiosk.shop.register, has_device=True, session=session)
            assert found == [first, second]
        assert unfinished.operations(tx, "another", has_device=True, session="") == []

    kiosk.sells(intent=first)
    with reading(kiosk.engine) as tx:
        found = unfinished.operations(tx, kiosk.shop.register, has_device=True, session="")
    assert found == [second]


def test_what_begins_after_an_instant_holds_up_nothing_before_it(kiosk: Kiosk) -> None:
    first = kiosk.begins()
    kiosk.clock.move(minutes=1)
    cut = kiosk.clock()
    kiosk.begins()

    with reading(kiosk.engine) as tx:
        found = unfinished.operations(
            tx, kiosk.shop.register, has_device=True, session="", before=cut
        )
    assert found == [first]


def test_without_a_device_only_the_session_in_progress_counts(plain: Counter) -> None:
    before, opening = plain.intends(2)
    session = a_session(plain, opening)
    opened = done(plain.together(plain.open(needs_session=True))[0]).body
    concluded = done(plain.together(plain.open(needs_session=True))[0]).body
    plain.sells(a_receipt(), intent=concluded.id)

    with reading(plain.engine) as tx:
        within = unfinished.operations(tx, plain.shop.register, has_device=False, session=session)
        none = unfinished.operations(tx, plain.shop.register, has_device=False, session="")
    assert within == [opened.id]
    assert none == []
    assert before not in within
