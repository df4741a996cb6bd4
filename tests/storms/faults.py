"""Fault points: every SQL statement, commit, signature, message and call to a device is a step that
can go wrong."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection as Tx
from sqlalchemy import Engine, event

from fiscus.access.subjects import KeyCache
from fiscus.channels import ChannelConnection, Later, Message
from fiscus.devices.pool import DevicePool
from fiscus.issuing.services import IssuingServices
from fiscus.issuing.writer import OrderWriter
from fiscus.journal.append import JournalKey
from fiscus.model.devices import FinishedTransaction, StartedTransaction, TransactionOutcome
from fiscus.regimes import Regime
from fiscus.services import Services
from fiscus.signers import Signer, SignerDown, SignRequest

T = TypeVar("T")

DEAD = 77
"""The exit code of a process that ended at a fault point."""


class NoAnswer(Exception):
    """The other side of a channel is not heard."""


@dataclass(kw_only=True)
class Points:
    """Counts the steps since it was armed. At the chosen one the step fails, or the process dies.

    `only`: a word that must be in the name of a step that counts. `fired` names the step; empty if
    the work ended before.
    """

    at: int = 0
    is_deadly: bool = False
    only: str = ""
    count: int = 0
    fired: str = ""
    passed: list[str] = field(default_factory=list)

    def arm(self, at: int, *, is_deadly: bool = False, only: str = "") -> None:
        self.at, self.is_deadly, self.only, self.count, self.fired = at, is_deadly, only, 0, ""
        self.passed.clear()

    def disarm(self) -> None:
        self.at = 0

    def step(self, name: str, error: Exception) -> None:
        if not self.at or self.only not in name:
            return
        self.count += 1
        self.passed.append(name)
        if self.count != self.at:
            return
        self.fired = name
        if self.is_deadly:
            os._exit(DEAD)
        raise error


@dataclass(kw_only=True)
class WatchedIssuing(IssuingServices):
    """Services whose keys are steps."""

    points: Points

    def journal_key(self, tx: Tx, register: str, key: str) -> JournalKey:
        found = super().journal_key(tx, register, key)
        return msgspec.structs.replace(found, signer=_signer(self.points, found.signer, "journal"))

    def seal_key(self, tx: Tx, regime: Regime, taxpayer: str) -> Signer:
        return _signer(self.points, super().seal_key(tx, regime, taxpayer), "seal")


@dataclass(kw_only=True)
class WatchedDevices(DevicePool):
    """Devices that may fall silent before a call, which then does not reach them, and after it:
    then its work is done and the answer is lost."""

    points: Points

    def start(self, *asked: Any) -> StartedTransaction:
        return self._watched("device.start", super().start, asked)

    def finish(self, *asked: Any) -> FinishedTransaction:
        return self._watched("device.finish", super().finish, asked)

    def find(self, *asked: Any) -> TransactionOutcome:
        return self._watched("device.find", super().find, asked)

    def open_numbers(self, *asked: Any) -> tuple[int, ...]:
        return self._watched("device.open_numbers", super().open_numbers, asked)

    def _watched(self, name: str, call: Callable[..., T], asked: tuple[Any, ...]) -> T:
        self.points.step(f"before {name}", SignerDown("the fault point says no"))
        answer = call(*asked)
        self.points.step(f"after {name}", SignerDown("the fault point lost the answer"))
        return answer


def watched(services: Services, points: Points) -> Services:
    """The services with every step of issuing in this process as a fault point. What the service
    looks up by the clock (is a key still good, are there several units) is looked up once: a step
    that comes now and then would move those behind it, and some would never be reached."""
    services.limits.is_shared = True
    _watch_engine(services.engine, points)
    devices = WatchedDevices(**vars(services.issuing.devices), points=points)
    issuing = WatchedIssuing(**{**vars(services.issuing), "devices": devices}, points=points)
    opened = services.channels
    return replace(
        services,
        subjects=KeyCache(services.engine, services.threads, ticks=lambda: 0),
        issuing=issuing,
        writer=OrderWriter(issuing),
        channels=lambda code: _channel(points, opened(code)),
    )


def _watch_engine(engine: Engine, points: Points) -> None:
    """Before each statement, before each commit, and between a commit and its answer."""
    dialect = engine.dialect
    failure: type[Exception] = dialect.loaded_dbapi.OperationalError
    commit: Callable[[Any], None] = dialect.do_commit

    def execute(cursor: Any, statement: str, parameters: Any, context: Any) -> None:
        points.step(" ".join(statement.split()[:3]), failure("the fault point says no"))

    def do_commit(connection: Any) -> None:
        points.step("before COMMIT", failure("the fault point says no"))
        commit(connection)
        points.step("after COMMIT", failure("the fault point lost the answer"))

    event.listen(engine, "do_execute", execute)
    event.listen(engine, "do_executemany", execute)
    dialect.do_commit = do_commit  # type: ignore[method-assign, assignment]


def _signer(points: Points, signer: Signer, name: str) -> Signer:
    def sign(request: SignRequest) -> str:
        points.step(f"{name} signature", SignerDown("the fault point says no"))
        return signer.sign(request)

    return Signer(sign=sign, public_pem=signer.public_pem)


def _channel(points: Points, connection: ChannelConnection) -> ChannelConnection:
    def around(
        name: str, do: Callable[[Message, Mapping[str, str]], T]
    ) -> Callable[[Message, Mapping[str, str]], T | Later]:
        def call(message: Message, credentials: Mapping[str, str]) -> T | Later:
            try:
                points.step(f"before {name}", NoAnswer())
                answer = do(message, credentials)
                points.step(f"after {name}", NoAnswer())
            except NoAnswer:
                return Later(reason="the fault point lost it")
            return answer

        return call

    return ChannelConnection(
        send=around("channel.send", connection.send), ask=around("channel.ask", connection.ask)
    )
