"""A counter and its authority: series that it wants, and answers that are lost."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from fiscus import channels
from fiscus.channels import Answer, ChannelConnection, Message
from fiscus.issuing import series
from fiscus.issuing.answers import QueuedOrder, SeriesNeeded
from fiscus.issuing.tests.counter import Counter, a_receipt, done
from fiscus.model.documents import Draft
from fiscus.model.faults import Fault
from fiscus.model.records import EntryBody
from fiscus.registry import taxpayers
from fiscus.registry.tests.builders import (
    IN_SERVICE,
    a_branch,
    a_register,
    move_location,
    move_register,
    move_taxpayer,
)
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY, SERIES

Faults = tuple[Fault, ...]

LOGIN = {"username": "509876544/9", "password": "another program's"}


def needs(counter: Counter, name: str = "LOJA", register: str = "", **more: Any) -> SeriesNeeded:
    intent = counter.intends(register=register)[0]
    answer = counter.together(counter.issue(a_receipt(series=name, **more), intent))[0]
    assert isinstance(answer, SeriesNeeded)
    return answer


def prepared(
    counter: Counter, needed: SeriesNeeded, channel: ChannelConnection | None = None
) -> Faults:
    opened = channel or counter.channel("at_portugal")
    return series.prepare(counter.services, lambda _: opened, needed)


def states(counter: Counter) -> list[tuple[str, str]]:
    with reading(counter.engine) as tx:
        return [(row.state, row.validation_code) for row in tx.execute(select(SERIES))]


def numbered(counter: Counter) -> int:
    with reading(counter.engine) as tx:
        return len(tx.execute(select(ENTRY.c.id).where(ENTRY.c.number.is_not(None))).all())


def refusal(faults: Faults, code: str) -> str:
    """The text of the one fault there must be, at the place where the caller named the series."""
    [fault] = faults
    assert (fault.code, fault.paths) == (code, ("series",))
    assert fault.law
    return fault.text


def password(counter: Counter, word: str) -> None:
    with writing(counter.engine) as tx:
        view = taxpayers.by_id(tx, counter.shop.taxpayer)
        move_taxpayer(tx, view, secrets={"username": "509876544/1", "password": word})


def elsewhere(counter: Counter) -> str:
    """A register at another location of the same shop."""
    organization = counter.shop.organization
    with writing(counter.engine) as tx:
        owner = taxpayers.by_id(tx, counter.shop.taxpayer).taxpayer
        branch = move_location(tx, organization, a_branch(tx, owner), IN_SERVICE)
        register = a_register(tx, branch, organization)
        return move_register(tx, organization, register, IN_SERVICE).register.id


def with_(real: ChannelConnection, **changed: Callable[..., Any]) -> ChannelConnection:
    return ChannelConnection(send=changed.get("send", real.send), ask=changed.get("ask", real.ask))


def dying(real: ChannelConnection, *, after: bool) -> ChannelConnection:
    """The process dies around the call."""

    def send(message: Message, credentials: Mapping[str, str]) -> Answer:
        if after:
            real.send(message, credentials)
        raise KeyboardInterrupt

    return with_(real, send=send)


def asked_for(needed: SeriesNeeded, counter: Counter) -> channels.RegisterSeries:
    """What this installation would send."""
    return channels.RegisterSeries(
        taxpayer=needed.tax_number,
        document_type=needed.wanted.document_type,
        name=needed.wanted.name,
        purpose=needed.wanted.purpose,
        first_number=1,
        starts_on=counter.clock().date(),
        facts={**needed.wanted.facts, "certificate": "9999"},
    )


def refused(counter: Counter, draft: Draft, register: str = "") -> Faults:
    """The faults of what becomes a refusal, as the service carries it out."""
    intent = counter.intends(register=register)[0]
    order = counter.issue(draft, intent)
    answer = counter.together(order)[0]
    assert isinstance(answer, SeriesNeeded)
    faults = prepared(counter, answer)
    assert faults
    return done(counter.together(QueuedOrder(order=order, faults=faults))[0]).body.faults


def number(body: EntryBody) -> int:
    assert body.numbered is not None
    return body.numbered.number
