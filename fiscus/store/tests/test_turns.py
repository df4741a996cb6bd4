"""Whose turn it is to write: nobody at the same time, sales first, nobody for ever last."""

import threading
from collections.abc import Callable

import pytest

from fiscus.store.turns import WriteTurns

PATIENCE_SECONDS = 10


class Queue:
    """Threads that wait for a turn; `order` is who had one."""

    def __init__(self) -> None:
        self.turns = WriteTurns()
        self.order: list[str] = []
        self.threads: list[threading.Thread] = []

    def join(self, name: str, *, is_sale: bool) -> None:
        """A thread more that waits, and is known to."""

        def wait() -> None:
            with self.turns.turn(PATIENCE_SECONDS, is_sale=is_sale) as is_mine:
                assert is_mine
                self.order.append(name)

        before = self.turns.waiting()
        self.threads.append(threading.Thread(target=wait))
        self.threads[-1].start()
        until(lambda: self.turns.waiting() == before + 1)

    def end(self) -> None:
        for thread in self.threads:
            thread.join()


def until(is_so: Callable[[], bool]) -> None:
    tick = threading.Event()
    for _ in range(1000):
        if is_so():
            return
        tick.wait(PATIENCE_SECONDS / 1000)
    raise AssertionError("it did not become so")


def test_sales_go_first_and_nothing_else_waits_for_two_of_them() -> None:
    queue = Queue()
    with queue.turns.turn(1, is_sale=False) as is_mine:
        assert is_mine
        for name in ("export", "report"):
            queue.join(name, is_sale=False)
        for name in ("sale 1", "sale 2", "sale 3"):
            queue.join(name, is_sale=True)
    queue.end()

    assert queue.order == ["sale 1", "export", "sale 2", "report", "sale 3"]


def test_who_comes_again_at_once_goes_behind_those_that_wait() -> None:
    """A thread that writes without pause would keep all others out."""
    queue = Queue()
    with queue.turns.turn(1, is_sale=False):
        queue.join("other", is_sale=False)
    with queue.turns.turn(PATIENCE_SECONDS, is_sale=False) as is_mine:
        assert is_mine
        assert queue.order == ["other"]
    queue.end()


@pytest.mark.parametrize("is_sale", [True, False])
def test_who_does_not_get_a_turn_in_time_holds_nothing(is_sale: bool) -> None:
    turns = WriteTurns()
    with turns.turn(1, is_sale=True), turns.turn(0.01, is_sale=is_sale) as is_mine:
        assert not is_mine
    with turns.turn(1, is_sale=not is_sale) as is_mine:
        assert is_mine


def test_a_turn_ends_with_an_exception_too() -> None:
    turns = WriteTurns()
    with pytest.raises(ValueError, match="broken"), turns.turn(1, is_sale=True):
        raise ValueError("broken")
    with turns.turn(1, is_sale=True) as is_mine:
        assert is_mine


def test_one_transaction_at_a_time() -> None:
    turns, together, seen = WriteTurns(), 0, set[int]()

    def work(is_sale: bool) -> None:
        nonlocal together
        for _ in range(200):
            with turns.turn(PATIENCE_SECONDS, is_sale=is_sale):
                together += 1
                seen.add(together)
                together -= 1

    threads = [threading.Thread(target=work, args=(n % 2 == 0,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == {1}
