import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, func, select

from fiscus.issuing import idempotency
from fiscus.model.faults import Code, Conflict, Corrupt, Fault, Missing, Refused, Trouble
from fiscus.model.orders import IdempotencyKey
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.store.connect import reading, writing
from fiscus.store.schema import CLAIM

LATER = MORNING + idempotency.LIFE


def a_claim(
    key: str = "k", digest: str = "d", scope: str = "o", metadata: str = ""
) -> IdempotencyKey:
    return IdempotencyKey(scope=scope, key=key, digest=digest, metadata=metadata)


def take(engine: Engine, *wanted: tuple[IdempotencyKey, str], at=MORNING, expires=None):
    with writing(engine) as tx:
        return idempotency.take(tx, wanted, at, expires)


def test_a_fresh_key_is_ours(engine: Engine) -> None:
    taken = take(engine, (a_claim(), "me"))["o", "k"]

    assert (taken.is_ours, taken.digest, taken.entry) == (True, "d", "me")


def test_a_key_that_another_has_is_not_ours_and_tells_what_for(engine: Engine) -> None:
    take(engine, (a_claim(metadata='{"table":"4"}'), "first"))
    taken = take(engine, (a_claim(digest="other"), "second"))["o", "k"]

    assert (taken.is_ours, taken.digest, taken.entry) == (False, "d", "first")
    assert taken.metadata == '{"table":"4"}'


def test_keys_of_two_organizations_have_nothing_to_do_with_each_other(engine: Engine) -> None:
    taken = take(engine, (a_claim(scope="a"), "one"), (a_claim(scope="b"), "two"))

    assert {place: held.entry for place, held in taken.items()} == {
        ("a", "k"): "one",
        ("b", "k"): "two",
    }


def test_the_first_of_one_group_has_the_key(engine: Engine) -> None:
    taken = take(engine, (a_claim(), "first"), (a_claim(), "second"))["o", "k"]

    assert taken.entry == "first"


def test_a_settled_key_keeps_its_answer_until_it_expires(engine: Engine) -> None:
    take(engine, (a_claim(), "first"), expires=LATER)
    with writing(engine) as tx:
        idempotency.settle(tx, a_claim(), status=200, answer='{"a":1}', until=LATER)

    held = take(engine, (a_claim(), "second"), at=LATER - timedelta(seconds=1))["o", "k"]
    assert (held.is_ours, held.entry, held.status, held.answer) == (False, "", 200, '{"a":1}')

    free = take(engine, (a_claim(digest="new"), "third"), at=LATER)["o", "k"]
    assert (free.is_ours, free.digest, free.entry, free.answer) == (True, "new", "third", "")
    again = take(engine, (a_claim(), "fourth"), at=LATER)["o", "k"]
    assert (again.is_ours, again.entry) == (False, "third")


def test_a_shared_key_goes_on_after_a_refusal_and_stays_with_its_record(engine: Engine) -> None:
    tried = []
    for is_refused in (True, True, False, False):
        with writing(engine) as tx:
            claim = idempotency.untried(tx, a_claim())
            idempotency.take(tx, [(claim, "me")], MORNING, None)
            if is_refused:
                idempotency.settle(tx, claim, status=0, answer="{}", until=LATER)
        tried.append(claim.key)

    assert tried == ["k", "k:2", "k:3", "k:3"]


def test_the_key_of_a_record_never_expires(engine: Engine) -> None:
    take(engine, (a_claim(), "record"))
    clock = StandingClock()
    clock.move(days=4000)
    with writing(engine) as tx:
        assert idempotency.sweep(tx, clock()) == 0

    assert take(engine, (a_claim(), "second"), at=clock())["o", "k"].entry == "record"


def test_a_released_key_may_come_again(engine: Engine) -> None:
    take(engine, (a_claim(), "first"))
    with writing(engine) as tx:
        idempotency.release(tx, a_claim())

    assert take(engine, (a_claim(digest="new"), "second"))["o", "k"].is_ours


def test_a_key_is_free_when_its_transaction_failed(engine: Engine) -> None:
    def take_and_fail() -> None:
        with writing(engine) as tx:
            idempotency.take(tx, [(a_claim(), "first")], MORNING, None)
            1 / 0

    with pytest.raises(ZeroDivisionError):
        take_and_fail()

    assert take(engine, (a_claim(), "second"))["o", "k"].is_ours


def test_sweeping_forgets_exactly_what_has_expired(engine: Engine) -> None:
    for number in range(4):
        until = MORNING + timedelta(hours=number)
        take(engine, (a_claim(f"k{number}"), "t"), expires=until)
    with writing(engine) as tx:
        assert idempotency.sweep(tx, MORNING + timedelta(hours=1)) == 2
    with reading(engine) as tx:
        assert tx.scalar(select(func.count()).select_from(CLAIM)) == 2


def test_of_two_processes_that_find_a_key_expired_one_takes_it_over(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite lets one writer in at a time")
    take(engine, (a_claim(), "old"), expires=MORNING)
    both_have_inserted = threading.Barrier(2)

    @event.listens_for(engine, "before_cursor_execute")
    def meet(_: object, __: object, statement: str, *rest: object) -> None:
        if statement.startswith("SELECT claim."):
            both_have_inserted.wait(20)

    held: list[bool] = []
    threads = [
        threading.Thread(
            target=lambda taker=taker: held.append(
                take(engine, (a_claim(), taker))["o", "k"].is_ours
            )
        )
        for taker in ("one", "two")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(held) == [False, True]


def test_threads_that_want_one_key_agree_on_who_has_it(engine: Engine) -> None:
    holders: list[str] = []

    def want(taker: str) -> None:
        holders.append(take(engine, (a_claim("a"), taker), (a_claim("b"), taker))["o", "a"].entry)

    threads = [threading.Thread(target=want, args=(f"t{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(holders) == 6
    assert len(set(holders)) == 1


@pytest.mark.parametrize("kind", [Refused, Conflict, Missing, Corrupt])
def test_a_trouble_comes_back_as_it_was(kind: type[Trouble]) -> None:
    faults = (Fault(code="A-B-01", text="one"), Fault(code="A-B-02", text="two", paths=("x",)))
    trouble = kind(Code("A-B-01", "one"), "a", "b", faults=faults)

    back = idempotency.read_back(idempotency.written(trouble))

    assert type(back) is kind
    assert (back.code, back.paths, back.faults) == (trouble.code, ("a", "b"), faults)
