"""Answers come from the writer's thread to the loop, and none is lost on the way."""

import asyncio
import sys
import threading
from typing import Any

from fiscus.issuing.answers import OrderFailed, QueuedOrder
from fiscus.model.faults import Code, Unavailable
from fiscus.model.orders import IdempotencyKey, Open
from fiscus.model.records import CallerWords
from fiscus.services import LoopReplies

BUSY = Code("TEST-BUSY-01", "come back later")
ORDER = Open(
    organization="o-1",
    register="r-1",
    said=CallerWords(family="test", version="1", text="{}"),
    claim=IdempotencyKey(scope="o-1", key="k-1", digest="d"),
)


ANSWER = (OrderFailed(trouble=Unavailable(BUSY)), QueuedOrder(order=ORDER))


def give_all(replies: LoopReplies, futures: list[asyncio.Future[Any]]) -> None:
    for future in futures:
        replies.give(future, ANSWER)


def test_replies_that_two_threads_give_at_once_both_arrive() -> None:
    """The writer's own, and that of whoever asks a writer that has stopped."""

    async def ask_both(rounds: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(rounds):
            replies = LoopReplies()
            futures: list[asyncio.Future[Any]] = [loop.create_future() for _ in range(2)]
            threads = [
                threading.Thread(target=give_all, args=(replies, [future])) for future in futures
            ]
            for thread in threads:
                thread.start()
            assert await asyncio.wait_for(asyncio.gather(*futures), 20) == [ANSWER] * 2

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        asyncio.run(ask_both(1000))
    finally:
        sys.setswitchinterval(before)


def test_replies_from_another_thread_never_get_lost() -> None:
    """One by one and many at once, while a thread gives as fast as it can."""
    replies = LoopReplies()

    async def ask(count: int) -> None:
        loop = asyncio.get_running_loop()
        for size in (1, 2, 3, 50):
            for _ in range(count // size):
                futures: list[asyncio.Future[Any]] = [loop.create_future() for _ in range(size)]
                await asyncio.to_thread(give_all, replies, futures)
                assert await asyncio.wait_for(asyncio.gather(*futures), 20) == [ANSWER] * size

    asyncio.run(ask(400))


def test_replies_reach_a_loop_that_is_busy_taking_others() -> None:
    replies = LoopReplies()
    total = 20_000

    async def wait_for_all() -> int:
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[Any]] = [loop.create_future() for _ in range(total)]
        giver = threading.Thread(target=give_all, args=(replies, futures))
        giver.start()
        done, waiting = await asyncio.wait(futures, timeout=30)
        giver.join()
        assert not waiting
        return len(done)

    assert asyncio.run(wait_for_all()) == total


def test_a_caller_that_went_away_disturbs_no_other_reply() -> None:
    replies = LoopReplies()

    async def cancel_one() -> Any:
        loop = asyncio.get_running_loop()
        gone: asyncio.Future[Any] = loop.create_future()
        here: asyncio.Future[Any] = loop.create_future()
        gone.cancel()
        await asyncio.to_thread(give_all, replies, [gone, here])
        return await asyncio.wait_for(here, 20)

    assert asyncio.run(cancel_one()) == ANSWER
