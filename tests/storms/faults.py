"""Fault points: every SQL statement, commit, signature, message and call to a device is a step that
can go wrong."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection as Tx
from sqlalchemy import Engine, event

from fiscus.api.http import House
from fiscus.channels import Answer, Connection, Later, Message
from fiscus.issuing.desk import Desk
from fiscus.issuing.devices import Devices
from fiscus.issuing.writer import Writer
from fiscus.journal.append import JournalKey
from fiscus.model.devices import Finished, Found, Started
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
class WatchedDesk(Desk):
    """A desk whose keys are steps."""

    points: Points

    def journal_key(self, tx: Tx, register: str) -> JournalKey:
        key = super().journal_key(tx, register)
        return msgspec.structs.replace(key, signer=_signer(self.points, key.signer, "journal"))

    def seal_key(self, tx: Tx, regime: str) -> Signer:
        return _signer(self.points, super().seal_key(tx, regime), "seal")


@dataclass(kw_only=True)
class WatchedDevices(Devices):
    """Devices that may fall silent before a call, which then does not reach them, and after it:
    then its work is done and the answer is lost."""

    points: Points

    def start(self, *asked: Any) -> Started:
        return self._watched("device.start", super().start, asked)

    def finish(self, *asked: Any) -> Finished:
        return self._watched("device.finish", super().finish, asked)

    def find(self, *asked: Any) -> Found:
        return self._watched("device.find", super().find, asked)

    def open_numbers(self, *asked: Any) -> tuple[int, ...]:
        return self._watched("device.open_numbers", super().open_numbers, asked)

    def _watched(self, name: str, call: Callable[..., T], asked: tuple[Any, ...]) -> T:
        self.points.step(f"before {name}", SignerDown("the fault point says no"))
        answer = call(*asked)
        self.points.step(f"after {name}", SignerDown("the fault point lost the answer"))
        return answer


def watch(house: House, points: Points) -> None:
    """Make every step of issuing in this house a fault point."""
    _watch_engine(house.engine, points)
    devices = WatchedDevices(**vars(house.desk.devices), points=points)
    house.desk = WatchedDesk(**{**vars(house.desk), "devices": devices}, points=points)
    house.writer = Writer(house.desk)
    opened = house.channels
    house.channels = lambda code: _channel(points, opened(code))


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


def _channel(points: Points, connection: Connection) -> Connection:
    def around(
        name: str, do: Callable[[Message, Mapping[str, str]], Answer]
    ) -> Callable[[Message, Mapping[str, str]], Answer]:
        def call(message: Message, credentials: Mapping[str, str]) -> Answer:
            try:
                points.step(f"before {name}", NoAnswer())
                answer = do(message, credentials)
                points.step(f"after {name}", NoAnswer())
            except NoAnswer:
                return Later(reason="the fault point lost it")
            return answer

        return call

    return Connection(
        send=around("channel.send", connection.send), ask=around("channel.ask", connection.ask)
    )
