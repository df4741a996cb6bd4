"""What export jobs work with, and how a job shows that it is still at work."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine

from fiscus.devices.pool import DevicePool
from fiscus.exports import jobs
from fiscus.journal.heads import HeadMemory
from fiscus.model.faults import Code, Unavailable
from fiscus.model.times import Clock
from fiscus.outbox import queue
from fiscus.outbox.queue import OutboxTask
from fiscus.registry.vault import Vault
from fiscus.store.artifacts import Artifacts
from fiscus.store.connect import writing

LOST = Code("EXPORT-LEASE-01", "another worker has taken this job over")

_RENEW = timedelta(seconds=20)
_STEP = 500


@dataclass(kw_only=True)
class ExportServices:
    """`devices` are asked for their own archives; without them there are none to be had. `heads`
    is what this process knows of the log."""

    engine: Engine
    clock: Clock
    vault: Vault
    artifacts: Artifacts
    settings: Mapping[str, Mapping[str, str]]
    devices: DevicePool | None = None
    heads: HeadMemory = field(default_factory=HeadMemory)


class JobProgress:
    """Counts what streams by. Now and then it renews the lease and tells how far the job is.

    Raises `Unavailable` once another worker has the job.
    """

    def __init__(self, services: ExportServices, task: OutboxTask) -> None:
        self._desk = services
        self._task = task
        self._last = services.clock()
        self.count = 0

    def one(self) -> None:
        self.count += 1
        if self.count % _STEP == 0:
            self.beat()

    def beat(self) -> None:
        now = self._desk.clock()
        if now - self._last >= _RENEW:
            self._renew(now)

    @contextmanager
    def alive(self) -> Iterator[None]:
        """For work that says nothing meanwhile: another thread renews the lease until it ends."""
        is_over = threading.Event()
        lost: list[Exception] = []

        def renew() -> None:
            while not is_over.wait(_RENEW.total_seconds()):
                try:
                    self._renew(self._desk.clock())
                except Exception as error:  # noqa: BLE001 - told to the one who works
                    lost.append(error)
                    return

        helper = threading.Thread(target=renew, name="fiscus-export-alive", daemon=True)
        helper.start()
        try:
            yield
        finally:
            is_over.set()
            helper.join()
        if lost:
            raise lost[0]

    def _renew(self, now: datetime) -> None:
        self._last = now
        with writing(self._desk.engine) as tx:
            if not queue.renew(tx, self._task, now):
                raise Unavailable(LOST)
            jobs.tell(tx, self._task.payload, self.count)
