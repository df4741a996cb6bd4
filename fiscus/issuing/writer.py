"""One committer per process: all orders that wait become one transaction, then all get answers.

A chain is serial by law, so a commit per document would cap a series at the disk's fsync rate.
When nobody else waits, a group is one order and its latency is one commit.
"""

import queue
import threading
from collections.abc import Callable, Sequence

import msgspec
import structlog

from fiscus.issuing.answers import Answer, Failed, Waiting
from fiscus.issuing.desk import Desk
from fiscus.issuing.issue import carry_out
from fiscus.issuing.recording import SIGNER_DOWN
from fiscus.model.faults import Code, Corrupt, Trouble, Unavailable
from fiscus.signers import SignerDown
from fiscus.store.connect import writing

STOPPED = Code("ISSUE-WRITER-01", "the service is stopping; send the same request again")
BROKEN = Code("ISSUE-WRITER-02", "an order could not be carried out; the log says why")

GROUP_MAX = 256

_log = structlog.get_logger("fiscus.writer")

Reply = Callable[[Answer], None]


class Asked(msgspec.Struct, frozen=True):
    waiting: Waiting
    reply: Reply


class Writer:
    """A thread with a queue. `ask` may be called from any thread; the writer's own replies."""

    def __init__(self, desk: Desk, *, group_max: int = GROUP_MAX) -> None:
        self.desk = desk
        self.group_max = group_max
        self.groups = 0
        self.orders = 0
        self._queue: queue.SimpleQueue[Asked | None] = queue.SimpleQueue()
        self._is_stopped = threading.Event()
        self._door = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="fiscus-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish the group at hand, refuse what still waits, end the thread."""
        with self._door:
            # Whoever is in the queue now is answered; whoever comes later is refused at once.
            self._is_stopped.set()
        self._queue.put(None)
        self._thread.join()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    def ask(self, waiting: Waiting, reply: Reply) -> None:
        """Queue an order. The reply is called once, after its commit or its failure."""
        with self._door:
            if not self._is_stopped.is_set():
                self._queue.put(Asked(waiting, reply))
                return
        reply(Failed(trouble=Unavailable(STOPPED)))

    def _run(self) -> None:
        while not self._is_stopped.is_set():
            group = self._next_group()
            if group:
                self._carry_out(group)
        while not self._queue.empty():
            if asked := self._queue.get():
                _tell(asked, Failed(trouble=Unavailable(STOPPED)))

    def _next_group(self) -> list[Asked]:
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

    def _carry_out(self, group: Sequence[Asked]) -> None:
        answers = self._answers([asked.waiting for asked in group])
        self.groups += 1
        self.orders += len(group)
        for asked, answer in zip(group, answers, strict=True):
            _tell(asked, answer)

    def _answers(self, orders: list[Waiting]) -> list[Answer]:
        """One transaction. If an unforeseen error breaks a group of several, each order gets a
        transaction of its own, so that only the guilty one fails."""
        try:
            with writing(self.desk.engine) as tx:
                return carry_out(tx, self.desk, orders)
        except Trouble as trouble:
            return [Failed(trouble=trouble) for _ in orders]
        except SignerDown as outage:
            # A journal key does not answer: nothing of the group is kept.
            return [Failed(trouble=Unavailable(SIGNER_DOWN, str(outage))) for _ in orders]
        except Exception:
            _log.exception("group failed", orders=len(orders))
            if len(orders) > 1:
                return [answer for order in orders for answer in self._answers([order])]
            return [Failed(trouble=Corrupt(BROKEN))]


def _tell(asked: Asked, answer: Answer) -> None:
    """A caller that can take no answer any more must not end the writer for all others."""
    try:
        asked.reply(answer)
    except Exception:
        _log.exception("an answer was not taken")
