import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from fiscus.access import limits
from fiscus.access.limits import FAILURES_MAX, LoginLimits, RateLimits
from fiscus.model.faults import Code, Missing, Unavailable
from fiscus.model.tests.clock import StandingClock

WRONG = Code("TEST-WRONG-01", "wrong")


def failed(logins: LoginLimits, key: str = "k", address: str = "a") -> bool:
    """One wrong attempt; whether it was heard."""
    try:
        with logins.attempt(key, address):
            raise Missing(WRONG)
    except Missing:
        return True
    except Unavailable:
        return False


def is_open(logins: LoginLimits, key: str = "k", address: str = "a") -> bool:
    try:
        with logins.attempt(key, address):
            return True
    except Unavailable:
        return False


def test_so_many_failures_a_minute_are_heard_and_no_more() -> None:
    clock = StandingClock()
    logins = LoginLimits(clock)

    assert [failed(logins) for _ in range(FAILURES_MAX + 2)] == [True] * FAILURES_MAX + [False] * 2
    clock.move(seconds=59)
    assert not failed(logins)
    clock.move(seconds=1)
    assert failed(logins)


def test_in_no_minute_are_more_heard() -> None:
    clock = StandingClock()
    logins = LoginLimits(clock)
    heard = []
    for _ in range(600):
        if failed(logins):
            heard.append(clock())
        clock.move(seconds=0.7)

    for at in heard:
        assert sum(at <= other < at + timedelta(minutes=1) for other in heard) <= FAILURES_MAX


def test_what_was_refused_unheard_does_not_count() -> None:
    clock = StandingClock()
    logins = LoginLimits(clock)
    for _ in range(100):
        failed(logins)
        clock.move(seconds=0.5)
    clock.move(seconds=15)

    assert is_open(logins)


def test_a_good_login_takes_nothing_and_forgives_nothing() -> None:
    logins = LoginLimits(StandingClock())
    for _ in range(FAILURES_MAX - 1):
        failed(logins)
    assert all(is_open(logins, address="b") for _ in range(50))
    failed(logins)

    assert not is_open(logins)
    assert not is_open(logins, address="c")
    assert not is_open(logins, key="l")
    assert is_open(logins, address="b")


def test_trouble_of_another_kind_is_no_failure() -> None:
    logins = LoginLimits(StandingClock())
    for _ in range(20):
        with pytest.raises(ZeroDivisionError), logins.attempt("k", "a"):
            1 / 0

    assert is_open(logins)


def test_a_clock_that_is_set_back_locks_nobody_in() -> None:
    clock = StandingClock()
    logins = LoginLimits(clock)
    for _ in range(FAILURES_MAX):
        failed(logins)
    clock.move(hours=-1)

    assert is_open(logins)


def test_many_at_once_are_counted_each() -> None:
    logins = LoginLimits(StandingClock())
    ready = threading.Barrier(8)

    def attack() -> int:
        ready.wait()
        return sum(failed(logins) for _ in range(50))

    with ThreadPoolExecutor(8) as pool:
        heard = sum(one.result() for one in [pool.submit(attack) for _ in range(8)])

    assert FAILURES_MAX <= heard <= FAILURES_MAX + 8


@pytest.mark.parametrize("length", [1, 10_000])
def test_memory_is_bounded_however_many_come(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    monkeypatch.setattr(limits, "_REMEMBERED_MAX", 100)
    clock = StandingClock()
    logins, rates = LoginLimits(clock), RateLimits(1, clock)
    for n in range(1000):
        failed(logins, f"{n}" * length, f"192.0.2.{n}")
        is_open(logins, f"k{n}", f"198.51.100.{n}")
        rates.admits(f"address {n}")

    assert len(logins._failures) <= 100
    assert len(logins._proved) <= 100
    assert len(rates._buckets) <= 100
    assert all(len(name) < 200 for name in logins._failures._counts)


def test_who_asks_on_is_remembered_while_others_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "_REMEMBERED_MAX", 10)
    rates = RateLimits(1, StandingClock())
    assert rates.admits("busy")
    for n in range(100):
        rates.admits(f"stranger {n}")
        assert not rates.admits("busy")


def test_no_limit_admits_all() -> None:
    limits = RateLimits(0, StandingClock())

    assert all(limits.admits("o") for _ in range(10_000))


def test_a_limit_admits_so_many_a_second_and_organization() -> None:
    clock = StandingClock()
    limits = RateLimits(5, clock)

    assert [limits.admits("a") for _ in range(7)] == [True] * 5 + [False] * 2
    assert limits.admits("b")
    clock.move(seconds=0.2)
    assert [limits.admits("a"), limits.admits("a")] == [True, False]
    clock.move(seconds=60)
    assert [limits.admits("a") for _ in range(7)] == [True] * 5 + [False] * 2


def test_a_limit_holds_for_threads_together() -> None:
    limits = RateLimits(50, StandingClock())
    admitted: list[bool] = []
    threads = [
        threading.Thread(target=lambda: admitted.extend(limits.admits("o") for _ in range(40)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert admitted.count(True) == 50


def test_nothing_is_set_strangers_have_a_limit_and_keys_once_they_share_the_process() -> None:
    limits = RateLimits(None, StandingClock())

    assert [limits.admits("address 192.0.2.1") for _ in range(501)] == [True] * 500 + [False]
    assert all(limits.admits("key a") for _ in range(501))
    limits.is_shared = True
    assert [limits.admits("key a") for _ in range(501)] == [True] * 500 + [False]
    assert limits.admits("key b")


def test_whoever_keeps_the_processor_busy_pays_for_it_with_requests() -> None:
    clock = StandingClock()
    limits = RateLimits(100, clock)
    limits.charge("a", 0.0009)
    assert limits.admits("a")
    assert not limits.owes("a")

    limits.charge("a", 0.11)

    assert limits.owes("a")
    assert not limits.owes("b")
    assert not limits.admits("a")
    clock.move(seconds=0.2)
    assert not limits.owes("a")
    assert limits.admits("a")


def test_nobody_is_locked_out_for_longer_than_two_seconds() -> None:
    clock = StandingClock()
    limits = RateLimits(100, clock)
    for _ in range(100):
        limits.charge("a", 10)
    clock.move(seconds=2.1)

    assert limits.admits("a")


def test_where_there_is_no_limit_nothing_is_charged() -> None:
    limits = RateLimits(0, StandingClock())
    limits.charge("address a", 100)

    assert limits.admits("address a")
    assert not limits.owes("address a")


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    clock = StandingClock()
    limits = RateLimits(5, clock)
    assert limits.admits("a")
    clock.move(hours=-1)
    assert [limits.admits("a") for _ in range(5)] == [True] * 4 + [False]
    clock.move(seconds=1)
    assert limits.admits("a")
