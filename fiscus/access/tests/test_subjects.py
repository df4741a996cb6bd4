import asyncio
import os
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import Engine, event

from fiscus.access.subjects import FRESH_SECONDS, OLD_SECONDS, KeyCache
from fiscus.model.tests.clock import MORNING
from fiscus.registry import keys
from fiscus.registry.roles import Role
from fiscus.registry.tests.builders import MAC, an_organization
from fiscus.registry.views import KeyState, Subject
from fiscus.store.connect import writing

Found = TypeVar("Found")


class Watch:
    """Seconds that stand still until the test moves them."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """One process's memory of keys, and how often it asked the database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.watch = Watch()
        self.threads = ThreadPoolExecutor(2)
        self.subjects = KeyCache(engine, self.threads, self.watch)
        self.queries = 0
        event.listen(engine, "before_cursor_execute", self._count)

    def _count(self, *_: Any) -> None:
        self.queries += 1

    def a_key(self) -> Subject:
        with writing(self.engine) as tx:
            wanted = keys.NewKey(organization=an_organization(tx), name="n", role=Role.TILL)
            made, _ = keys.create(
                tx,
                MAC,
                wanted,
                id_="s",
                environment="test",
                entropy=os.urandom,
                by="b",
                at=MORNING,
            )
        return made

    def turn(self, state: KeyState) -> None:
        with writing(self.engine) as tx:
            keys.update(tx, "s", state=state, by="b", at=MORNING)

    def is_good(self, generation: int = 1, id_: str = "s") -> bool:
        return asyncio.run(self.subjects.good(id_, generation, MORNING)) is not None

    def asked(self, what: Coroutine[Any, Any, Found]) -> tuple[Found, int]:
        before = self.queries
        return asyncio.run(what), self.queries - before


def test_a_key_that_is_asked_for_often_costs_no_query(engine: Engine) -> None:
    bench = Bench(engine)
    bench.a_key()
    assert bench.is_good()

    before = bench.queries
    bench.watch.now = FRESH_SECONDS - 0.01
    assert all(bench.is_good() for _ in range(500))
    assert bench.queries == before


def test_what_is_stopped_is_good_for_less_than_a_second(engine: Engine) -> None:
    bench = Bench(engine)
    bench.a_key()
    assert bench.is_good()
    bench.turn(KeyState.DISABLED)

    assert bench.is_good()
    bench.watch.now = OLD_SECONDS
    assert not bench.is_good()
    assert OLD_SECONDS < 1


def test_between_fresh_and_old_one_looks_again_and_the_others_do_not_wait(engine: Engine) -> None:
    bench = Bench(engine)
    bench.a_key()
    assert bench.is_good()
    bench.watch.now = FRESH_SECONDS

    async def many() -> list[Subject | None]:
        return await asyncio.gather(*(bench.subjects.good("s", 1, MORNING) for _ in range(50)))

    found, queries = bench.asked(many())
    alone = bench.asked(bench.subjects.good("s", 1, MORNING))[1]
    assert all(found)
    assert queries <= 3  # begin, select, and on some engines the isolation level
    assert alone == 0


def test_a_key_that_is_enabled_again_is_seen_soon(engine: Engine) -> None:
    bench = Bench(engine)
    bench.a_key()
    bench.turn(KeyState.DISABLED)
    assert not bench.is_good()
    bench.turn(KeyState.ENABLED)
    bench.watch.now = 0.06

    assert bench.is_good()


def test_what_is_forgotten_is_looked_up(engine: Engine) -> None:
    bench = Bench(engine)
    bench.a_key()
    bench.turn(KeyState.DISABLED)
    assert not bench.is_good()
    bench.turn(KeyState.ENABLED)
    bench.subjects.forget("s")

    assert bench.is_good()


def test_a_key_that_is_not_there_is_not_good(engine: Engine) -> None:
    assert not Bench(engine).is_good(id_="nobody")


def test_only_the_secrets_of_now_are_good(engine: Engine) -> None:
    bench = Bench(engine)
    bench.a_key()

    assert [bench.is_good(generation) for generation in (-1, 0, 1, 2)] == [
        False,
        False,
        True,
        False,
    ]


def test_when_a_key_was_let_in_last_is_remembered(engine: Engine) -> None:
    bench = Bench(engine)
    bench.a_key()
    later = MORNING + timedelta(hours=1)

    assert bench.subjects.last_used("s") is None
    assert bench.is_good()
    assert not bench.is_good(generation=2)
    assert not bench.is_good(id_="nobody")
    assert bench.subjects.last_used("s") == MORNING
    assert bench.subjects.last_used("nobody") is None
    asyncio.run(bench.subjects.good("s", 1, later))
    assert bench.subjects.last_used("s") == later


def test_of_very_many_keys_those_used_last_are_remembered(engine: Engine) -> None:
    bench = Bench(engine)
    bench.a_key()
    bench.subjects._note("first", MORNING)
    for number in range(9_999):
        bench.subjects._note(f"k{number}", MORNING)
    bench.subjects._note("first", MORNING)

    assert bench.is_good()
    assert bench.subjects.last_used("k0") is None
    assert bench.subjects.last_used("first") == MORNING
    assert bench.subjects.last_used("k1") == MORNING
