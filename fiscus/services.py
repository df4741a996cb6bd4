"""The services that were wired at the start, for every handler of a request."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from typing import TypeVar

from sqlalchemy import Engine

from fiscus.access.budget import BodyBudget
from fiscus.access.limits import LoginLimits, RateLimits
from fiscus.access.subjects import KeyCache
from fiscus.access.tokens import BearerTokens
from fiscus.channels import ChannelConnection as ChannelConnection
from fiscus.checking.lane import CheckLane
from fiscus.exports.run import ExportServices
from fiscus.issuing import series, signing
from fiscus.issuing.answers import OrderDone, OrderFailed, QueuedOrder
from fiscus.issuing.driver import OrderDriver
from fiscus.issuing.services import IssuingServices
from fiscus.issuing.writer import OrderWriter
from fiscus.journal.seen import Watermark
from fiscus.model.ids import Entropy, Ids
from fiscus.model.orders import Order
from fiscus.model.times import Clock
from fiscus.provisioning.provision import ProvisioningServices
from fiscus.registry.log import LogSigner
from fiscus.registry.macs import MacKeys
from fiscus.registry.receipts import ReceiptAddresses
from fiscus.registry.selfcheck import SelfCheck
from fiscus.registry.vault import Vault
from fiscus.registry.witnesses import LogWitnesses
from fiscus.reporting.month_watch import MonthsWatch
from fiscus.settings import Settings

Result = TypeVar("Result")

IN_FLIGHT_SECONDS = 0.05
PATIENCE_SECONDS = {signing.IN_FLIGHT: 5.0, series.BEING_ASKED: series.HELD.total_seconds() + 2}
"""How long a request waits while another one asks the register's device, or an authority for the
same series: until it is sure that the other one will not tell any more."""

Ended = tuple[OrderDone | OrderFailed, QueuedOrder]


class LoopReplies:
    """Carries answers from the writer's thread to the loop, waking it once for many."""

    def __init__(self) -> None:
        self._answers: deque[tuple[asyncio.Future[Ended], Ended]] = deque()
        self._lock = threading.Lock()

    def give(self, future: asyncio.Future[Ended], answer: Ended) -> None:
        """Called by the writer, or by the caller of a writer that has stopped. If other answers
        wait, the loop is awake and goes on until none is left. The lock: of two threads that come
        at once, one is the first."""
        with self._lock:
            self._answers.append((future, answer))
            is_first = len(self._answers) == 1
        if is_first:
            future.get_loop().call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        while self._answers:
            future, answer = self._answers.popleft()
            if not future.done():
                future.set_result(answer)


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything a handler may need, built in `app.py` and handed down."""

    settings: Settings
    engine: Engine
    clock: Clock
    uuid4: Ids
    uuid7: Ids
    entropy: Entropy
    vault: Vault
    issuing: IssuingServices
    writer: OrderWriter
    provisioning: ProvisioningServices
    exports: ExportServices
    watermark: Watermark
    log: LogSigner
    witnesses: LogWitnesses
    selfcheck: SelfCheck
    tokens: BearerTokens
    link_key: bytes
    macs: MacKeys
    receipts: ReceiptAddresses
    subjects: KeyCache
    limits: RateLimits
    receipt_visits: RateLimits
    """Of the pages of receipts, which strangers open."""
    logins: LoginLimits
    proxies: tuple[IPv4Network | IPv6Network, ...]
    budget: BodyBudget
    channels: Callable[[str], ChannelConnection]
    set_up: tuple[str, ...] = ()
    """The channels that the operator has given settings for: they reach the real thing."""
    checks: CheckLane
    months: MonthsWatch = field(default_factory=MonthsWatch)
    replies: LoopReplies = field(default_factory=LoopReplies)
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=16, thread_name_prefix="fiscus")
    )
    parsers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=1, thread_name_prefix="parser")
    )
    """Large bodies are parsed one after the other, so that their values fit into the memory."""
    outside: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=64, thread_name_prefix="outside")
    )
    """Those who ask devices and authorities have threads of their own, and many: they mostly wait,
    and requests that only read must not wait with them."""

    async def issue(self, order: Order) -> OrderDone | OrderFailed:
        """Hand an order to the writer and wait for its commit.

        What must be known or asked outside any transaction first (a series at an authority, a
        device, a count) is done on the way, and the order goes back into the queue with the answer.
        """
        waiting, waited = QueuedOrder(order=order), 0.0
        while True:
            answer, waiting = await self._carried(waiting)
            if isinstance(answer, OrderDone):
                return answer
            if waited >= PATIENCE_SECONDS.get(answer.trouble.code, 0.0):
                return answer
            await asyncio.sleep(IN_FLIGHT_SECONDS)
            waited += IN_FLIGHT_SECONDS

    async def _carried(self, waiting: QueuedOrder) -> Ended:
        """The loop hears of the end alone: writer and driver hand the order to each other."""
        future: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()

        def end(answer: OrderDone | OrderFailed, waiting: QueuedOrder) -> None:
            self.replies.give(future, (answer, waiting))

        self.driver.send(waiting, end)
        return await future

    @cached_property
    def driver(self) -> OrderDriver:
        return OrderDriver(
            services=self.issuing,
            channels=self.channels,
            commit=self.writer.ask,
            outside=self.outside.submit,
        )

    async def in_thread(self, do: Callable[..., Result], *args: object) -> Result:
        """Run a function that waits for the database, without holding up the loop."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, do, *args)
