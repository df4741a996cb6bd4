from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from fiscus.model.faults import Conflict, Missing
from fiscus.model.tests.clock import MORNING
from fiscus.registry import sessions
from fiscus.registry.sessions import MOVES, Session, SessionState
from fiscus.registry.tests.builders import Shop, a_shop, an_id, another_register
from fiscus.store.connect import reading, writing

LATER = MORNING + timedelta(hours=9)


def a_session(tx: Connection, shop: Shop, **more: Any) -> Session:
    said: dict[str, Any] = {
        "id_": an_id(),
        "register": shop.register,
        "organization": shop.organization,
        "currency": "EUR",
        "opening": Decimal("50.00"),
        "intent": "i-open",
        "at": MORNING,
    }
    return sessions.open_(tx, **(said | more))


def test_a_session_is_opened_counted_and_closed(engine: Engine) -> None:
    with writing(engine) as tx:
        shop = a_shop(tx)
        opened = a_session(tx, shop)
        assert sessions.current(tx, shop.register) == opened
        sessions.count(tx, opened.id, Decimal("-0.20"), "i-count", LATER)
        counted = sessions.current(tx, shop.register)
        sessions.close(tx, opened.id, "i-close", LATER)

    assert counted is not None
    assert (counted.state, counted.variance) == (SessionState.COUNTED, Decimal("-0.20"))
    with reading(engine) as tx:
        assert sessions.current(tx, shop.register) is None
        assert sessions.read(tx, shop.organization, opened.id) == Session(
            id=opened.id,
            register=shop.register,
            organization=shop.organization,
            state=SessionState.CLOSED,
            currency="EUR",
            opening=Decimal("50.00"),
            opened_at=MORNING,
            opened_by="i-open",
            variance=Decimal("-0.20"),
            counted_at=LATER,
            counted_by="i-count",
            closed_at=LATER,
            closed_by="i-close",
        )


def test_a_session_may_be_closed_uncounted(engine: Engine) -> None:
    with writing(engine) as tx:
        shop = a_shop(tx)
        opened = a_session(tx, shop)
        sessions.close(tx, opened.id, "i-close", LATER)
        closed = sessions.read(tx, shop.organization, opened.id)

    assert (closed.state, closed.variance, closed.counted_by) == (SessionState.CLOSED, None, "")


def test_a_register_has_one_session_at_a_time(engine: Engine) -> None:
    with writing(engine) as tx:
        shop = a_shop(tx)
        first = a_session(tx, shop)
        with pytest.raises(Conflict) as refused:
            a_session(tx, shop)
        assert refused.value.code == sessions.IN_PROGRESS
        assert sessions.current(tx, shop.register) == first
        a_session(tx, shop, register=another_register(tx, shop))
        sessions.count(tx, first.id, Decimal(0), "i-count", LATER)
        with pytest.raises(Conflict):
            a_session(tx, shop)
        sessions.close(tx, first.id, "i-close", LATER)
        assert a_session(tx, shop).state == SessionState.OPEN


def test_the_next_state_must_be_allowed(engine: Engine) -> None:
    with writing(engine) as tx:
        opened = a_session(tx, a_shop(tx))
        sessions.count(tx, opened.id, Decimal(0), "i", LATER)
        with pytest.raises(Conflict) as twice:
            sessions.count(tx, opened.id, Decimal(1), "i", LATER)
        sessions.close(tx, opened.id, "i", LATER)
        for move in (
            lambda: sessions.close(tx, opened.id, "i", LATER),
            lambda: sessions.count(tx, opened.id, Decimal(1), "i", LATER),
            lambda: sessions.close(tx, an_id(), "i", LATER),
        ):
            with pytest.raises(Conflict):
                move()

    assert twice.value.code == sessions.MOVED_ON


def test_every_state_is_in_the_table_and_can_be_reached() -> None:
    reached = {SessionState.OPEN}.union(*MOVES.values())

    assert set(MOVES) == reached == set(SessionState)


@pytest.mark.parametrize("amount", ["1E+3", "-1E-7", "0.00", "123456789012.345678901"])
def test_amounts_are_kept_as_they_are(engine: Engine, amount: str) -> None:
    with writing(engine) as tx:
        shop = a_shop(tx)
        opened = a_session(tx, shop, opening=Decimal(amount))
        sessions.count(tx, opened.id, Decimal(amount), "i", LATER)
        kept = sessions.read(tx, shop.organization, opened.id)

    assert kept.opening == kept.variance == Decimal(amount)


def test_other_tenants_sessions_are_missing(engine: Engine) -> None:
    with writing(engine) as tx:
        mine, other = a_shop(tx), a_shop(tx)
        opened = a_session(tx, other)
        with pytest.raises(Missing):
            sessions.read(tx, mine.organization, opened.id)
        assert sessions.of(tx, mine.organization, after="", limit=9) == []


def test_the_sessions_in_progress_of_many_registers_are_read_at_once(engine: Engine) -> None:
    with writing(engine) as tx:
        shop = a_shop(tx)
        second, third = another_register(tx, shop), another_register(tx, shop)
        one = a_session(tx, shop)
        two = a_session(tx, shop, register=second)
        sessions.close(tx, a_session(tx, shop, register=third).id, "i", LATER)

        found = sessions.currents(tx, [shop.register, second, third])
        assert found == {shop.register: one, second: two}
        assert sessions.currents(tx, []) == {}


def test_sessions_are_listed_in_pages_and_by_what_one_asks_for(engine: Engine) -> None:
    with writing(engine) as tx:
        shop = a_shop(tx)
        other = another_register(tx, shop)
        days = [MORNING + timedelta(days=day) for day in range(4)]
        ids = [f"s-{day}" for day in range(4)]
        for id_, at in zip(ids, days, strict=True):
            register = other if id_ == "s-2" else shop.register
            a_session(tx, shop, id_=id_, at=at, register=register)
            if id_ != "s-3":
                sessions.close(tx, id_, "i", at)

        def listed(after: str = "", limit: int = 9, **where: Any) -> list[str]:
            found = sessions.of(tx, shop.organization, after=after, limit=limit, **where)
            return [session.id for session in found]

        assert listed() == ids
        assert listed(limit=2) == ids[:2]
        assert listed(after="s-1") == ids[2:]
        assert listed(register=other) == ["s-2"]
        assert listed(state=SessionState.OPEN) == ["s-3"]
        assert listed(start=days[1], end=days[2]) == ["s-1", "s-2"]
