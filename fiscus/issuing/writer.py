"""The writer: one thread per process that carries out all waiting orders in one transaction, then
answers them.

A chain is serial by law, so a commit per document would cap a series at the disk's fsync rate.
When nobody else waits, a group is one order and its latency is one commit.
"""

import queue
import threading
from collections.abc import Callable, Sequence

import msgspec
import structlog

from fiscus.issuing.answers import Answer, OrderFailed, QueuedOrder
from fiscus.issuing.issue import carry_out
from fiscus.issuing.recording import SIGNER_DOWN
from fiscus.issuing.services import IssuingServices
from fiscus.journal.heads import KnownHead
from fiscus.model.faults import Code, Corrupt, Trouble, Unavailable
from fiscus.signers import SignerDown
from fiscus.store.connect import writing

STOPPED = Code("ISSUE-WRITER-01", "the service is stopping; send the same request again")
BROKEN = Code("ISSUE-WRITER-02", "an order could not be carried out; the log says why")

GROUP_MAX = 256

_log = structlog.get_logger("fiscus.writer")

Reply = Callable[[Answer], None]


class QueuedRequest(msgspec.Struct, frozen=True):
    """An order in the writer's queue, and who waits for its answer."""

    waiting: QueuedOrder
    reply: Reply


class OrderWriter:
    """A thread with a queue. `ask` may be called from any thread; the writer's own replies."""

    def __init__(self, services: IssuingServices, *, group_max: int = GROUP_MAX) -> None:
        self.services = services
        self.group_max = group_max
        self.groups = 0
        self.orders = 0
        self._queue: queue.SimpleQueue[QueuedRequest | None] = queue.SimpleQueue()
        self._is_stopped = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="fiscus-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish the group at hand, refuse what still waits, end the thread."""
        with self._lock:
            # What is in the queue now is answered; what comes later is refused at once.
            self._is_stopped.set()
        self._queue.put(None)
        self._thread.join()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    def ask(self, waiting: QueuedOrder, reply: Reply) -> None:
        """Queue an order. The reply is called once, after its commit or its failure."""
        with self._lock:
            if not self._is_stopped.is_set():
                self._queue.put(QueuedRequest(waiting, reply))
                return
        reply(OrderFailed(trouble=Unavailable(STOPPED)))

    def _run(self) -> None:
        while not self._is_stopped.is_set():
            group = self._next_group()
            if group:
                self._carry_out(group)
        while not self._queue.empty():
            if asked := self._queue.get():
                _tell(asked, OrderFailed(trouble=Unavailable(STOPPED)))

    def _next_group(self) -> list[QueuedRequest]:
        """Wait for the first order, then take all that wait."""
        first = self._queue.get()
        group = [first] if first else []
        while len(group) < self.group_max:
            try:
                asked = self._queue.get_nowait()
            except queue.Empty:
                break
            if asked:
                group.append(asked)
        return group

    def _carry_out(self, group: Sequence[QueuedRequest]) -> None:
        answers = committed(self.services, [asked.waiting for asked in group])
        self.groups += 1
        self.orders += len(group)
        for asked, answer in zip(group, answers, strict=True):
            _tell(asked, answer)


def committed(services: IssuingServices, orders: list[QueuedOrder]) -> list[Answer]:
    """The answers of one transaction, in the same order. If an unforeseen error breaks a group of
    several, each order gets a transaction of its own, so that only the guilty one fails."""
    moved: list[KnownHead] = []
    try:
        with writing(services.engine, is_sale=True) as tx:
            answers = carry_out(tx, services, orders, moved)
        services.heads.wrote(moved)
        return answers
    except Trouble as trouble:
        return [OrderFailed(trouble=trouble) for _ in orders]
    except SignerDown as outage:
        # A journal key does not answer: nothing of the group is kept.
        return [OrderFailed(trouble=Unavailable(SIGNER_DOWN, str(outage))) for _ in orders]
    except Exception:
        _log.exception("group failed", orders=len(orders))
        if len(orders) > 1:
            return [answer for order in orders for answer in committed(services, [order])]
        return [OrderFailed(trouble=Corrupt(BROKEN))]


def _tell(asked: QueuedRequest, answer: Answer) -> None:
    """A caller that can take no answer any more must not end the writer for all others."""
    try:
        asked.reply(answer)
    except Exception:
        _log.exception("an answer was not taken")
