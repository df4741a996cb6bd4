"""Witnesses that run in this process, behind the server that the command starts."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from fiscus.api.protocol import BoundedProtocol
from fiscus.model.times import at_seconds
from fiscus.witness import folder
from fiscus.witness.memory import WitnessMemory
from fiscus.witness.places import RemoteWitness
from fiscus.witness.server import application
from tests.support.logs import PlainLog

PREFIX = "/w"
START = int(datetime(2026, 5, 4, 8, tzinfo=UTC).timestamp())


@dataclass
class SecondHand:
    """A clock that stands still until somebody moves it."""

    seconds: int = START

    def __call__(self) -> datetime:
        return at_seconds(self.seconds)


@dataclass(kw_only=True)
class WitnessPremises:
    """A witness's folder with a clock of its own, and its memory."""

    place: Path
    clock: SecondHand = field(default_factory=SecondHand)
    name: str = "witness.example/w1"

    def __post_init__(self) -> None:
        folder.make(self.place, self.name)

    def trusts(self, *logs: PlainLog) -> WitnessMemory:
        for log in logs:
            folder.trust(self.place, log.key.text())
        return WitnessMemory(self.place, self.clock)

    @contextmanager
    def served(self, *logs: PlainLog, body_seconds: float = 10) -> Iterator[RemoteWitness]:
        """The witness at an address of this machine, until the end."""
        memory = self.trusts(*logs)
        keys = folder.read_keys(self.place).public()
        with listening(application(memory, PREFIX, body_seconds)) as address:
            yield RemoteWitness(url=address + PREFIX, keys=keys)


@contextmanager
def listening(app: object) -> Iterator[str]:
    """An application behind a real socket; gives what its addresses begin with."""
    line = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        server_header=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [line]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{line.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        line.close()
