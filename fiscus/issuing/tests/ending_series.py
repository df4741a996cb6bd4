"""A counter whose series end, and authorities that answer as a test wants."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from fiscus.channels import (
    Accepted,
    Answer,
    CancelSeries,
    ChannelConnection,
    FinishSeries,
    Known,
    KnownSeries,
    Message,
    RegisterSeries,
    Rejected,
    Remedy,
    SeriesStanding,
)
from fiscus.issuing import ending, upkeep
from fiscus.issuing.tests.counter import Counter
from fiscus.model.faults import Fault
from fiscus.outbox import queue
from fiscus.registry import series
from fiscus.registry.series import SeriesState, SeriesView
from fiscus.store.connect import reading, writing

BY = "operator:rui"


class EndingAuthority:
    """Ends series as an authority does, beside the one that registers them: what was finished or
    cancelled stays so, and a second time is refused. `sent` counts what reached it."""

    def __init__(self, real: ChannelConnection) -> None:
        self.real = real
        self.sent: list[Message] = []
        self.ended: dict[str, tuple[SeriesStanding, int | None]] = {}

    def send(self, message: Message, credentials: Mapping[str, str]) -> Answer:
        if isinstance(message, RegisterSeries):
            return self.real.send(message, credentials)
        self.sent.append(message)
        if message.name in self.ended:
            return refusal("AT-SERIES-4005")
        if isinstance(message, FinishSeries):
            self.ended[message.name] = SeriesStanding.FINISHED, message.last_number
        else:
            self.ended[message.name] = SeriesStanding.CANCELLED, None
        return Accepted(reference=message.reference)

    def ask(self, message: Message, credentials: Mapping[str, str]) -> Known:
        known = self.real.ask(message, credentials)
        if isinstance(known, KnownSeries) and known.series.name in self.ended:
            standing, last = self.ended[known.series.name]
            at = datetime(2026, 5, 4, 9, tzinfo=UTC)
            return msgspec.structs.replace(
                known, standing=standing, last_number=last, standing_at=at
            )
        return known

    def connection(self, **changed: Callable[..., Any]) -> ChannelConnection:
        more: dict[str, Any] = {"send": self.send, "ask": self.ask, "listed": self.real.listed}
        return ChannelConnection(**(more | changed))


def refusal(code: str, remedy: Remedy = Remedy.DATA) -> Rejected:
    return Rejected(faults=(Fault(code=code, text="no"),), remedy=remedy)


def the(counter: Counter, name: str = "LOJA") -> SeriesView:
    with reading(counter.engine) as tx:
        [view] = [one for one in series.of(tx, counter.shop.taxpayer) if one.series.name == name]
    return view


def order(counter: Counter, to: SeriesState, name: str = "LOJA") -> SeriesView:
    with writing(counter.engine) as tx:
        return ending.order(tx, counter.services, the(counter, name), to, by=BY)


def finish(counter: Counter, name: str = "LOJA") -> SeriesView:
    return order(counter, SeriesState.FINISHED, name)


def work(counter: Counter, channel: ChannelConnection) -> int:
    """Carry out every task that is due now, each once; gives how many there were."""
    done = 0
    while True:
        with writing(counter.engine) as tx:
            task = queue.lease(tx, counter.clock())
        if task is None:
            return done
        upkeep.do(counter.services, lambda _: channel, task)
        done += 1


def cancelled(message: Message) -> bool:
    return isinstance(message, CancelSeries)
