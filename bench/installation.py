"""Real `fiscus serve` processes over a database of their own, started, killed and started again."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import islice
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import msgspec
import psycopg

from bench import kiosk, merchant
from bench.kiosk import Kiosk
from bench.machine import processor_seconds
from bench.merchant import Caller, First, Merchant
from bench.source import CODE, HERE, Source

START_SECONDS = 30
SERVER_PORTS = range(12_000, 32_000)
LOCAL_SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"
SQLITE, POSTGRES = "sqlite", "postgres"


@dataclass(kw_only=True)
class Installation:
    """A folder, a database, and the processes that serve it. `url` is empty for SQLite; `source`
    is whose code they run."""

    folder: Path
    source: Source = HERE
    url: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    ports: list[int] = field(default_factory=list)
    processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    spawned: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def database(self) -> str:
        return self.url or f"sqlite:///{self.folder / 'data' / 'fiscus.db'}"

    @property
    def engine(self) -> str:
        return POSTGRES if self.url else SQLITE

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if name[:7] != "FISCUS_"}
        return clean | {
            "FISCUS_DATA_DIR": str(self.folder / "data"),
            "FISCUS_DATABASE_URL": self.url,
            "FISCUS_LOG_LEVEL": "error",
            "TMPDIR": str(self.folder),
            **self.settings,
        }

    def run(self, *arguments: str) -> str:
        """A `fiscus` command to its end; gives what it printed."""
        done = subprocess.run(
            [*self.source.command, *arguments],
            env=self.environment(),
            cwd=self.source.folder,
            stdout=subprocess.PIPE,
            check=True,
            stderr=subprocess.DEVNULL,
        )
        return done.stdout.decode()

    def spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A `fiscus` command in a process group of its own. What a killed one leaves in the
        folder for temporary files goes with the installation."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [*self.source.command, *arguments],
                env=self.environment(),
                stdout=log,
                stderr=log,
                cwd=self.source.folder,
                start_new_session=True,
            )
        self.spawned.append(process)
        return process

    def serve(self, processes: int, *options: str) -> None:
        """Start so many servers, one after the other, and wait until they are ready."""
        for _ in range(processes):
            port = free_port()
            self.ports.append(port)
            self.start(port, *options)
            self.wait(port)

    def start(self, port: int, *options: str) -> None:
        self.processes[port] = self.spawn("serve", "--port", str(port), *options)

    def wait(self, port: int) -> None:
        """Until the server at this port is ready."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.health(port).get("ready"):
                return
            if self.processes[port].poll() is not None:
                raise RuntimeError(f"the server ended:\n{self.log_end()}")
            time.sleep(0.05)
        raise RuntimeError(f"the server is not ready: {self.health(port)}\n{self.log_end()}")

    def health(self, port: int) -> dict[str, object]:
        """What `/health` says; empty if nobody answers."""
        connection = HTTPConnection("127.0.0.1", port, timeout=15)
        try:
            connection.request("GET", "/health")
            answer: dict[str, object] = json.loads(connection.getresponse().read())
        except (OSError, HTTPException):
            return {}
        finally:
            connection.close()
        return answer

    def log_end(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]

    def code(self) -> set[str]:
        """The packages that the servers say they run; only those of a checked out source do."""
        lines = self.log.read_text(errors="replace").splitlines()
        return {line.removeprefix(CODE) for line in lines if line.startswith(CODE)}

    def processor_seconds(self) -> float:
        """What the servers that run now have used so far."""
        return processor_seconds({process.pid for process in self.processes.values()})

    def kill(self, port: int) -> None:
        """SIGKILL, and wait until the process is gone."""
        os.killpg(self.processes[port].pid, signal.SIGKILL)
        self.processes[port].wait()

    def stop(self) -> None:
        """End all that was started, in good order."""
        for process in self.spawned:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.spawned:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes.clear()
        self.spawned.clear()
        self.ports.clear()

    def found(self, systems: int) -> Merchant:
        """The first key, and a Portuguese merchant with so many systems."""
        return merchant.found(self.caller(), self.first(), systems)

    def found_kiosk(self, registers: int) -> Kiosk:
        """The first key, and a German merchant with so many registers, a session open at each."""
        return kiosk.found(self.ports[0], self.first(), registers)

    def first(self) -> First:
        return msgspec.json.decode(self.run("init", "--json"), type=First)

    def caller(self, bearer: str = "", *, port: int = 0) -> Caller:
        return Caller(merchant.over_http(port or self.ports[0]), bearer)


@contextmanager
def fresh(engine: str, folder: Path | None = None, **settings: str) -> Iterator[Installation]:
    """A new installation on this engine; its processes and its database are gone afterwards."""
    with TemporaryDirectory(prefix="fiscus-") as own, new_database(engine) as url:
        place = folder or Path(own)
        place.mkdir(parents=True, exist_ok=True)
        installation = Installation(folder=place, url=url, settings=settings)
        try:
            yield installation
        finally:
            installation.stop()


@contextmanager
def new_database(engine: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, dropped afterwards; empty for SQLite."""
    if engine == SQLITE:
        yield ""
        return
    name = f"fiscus_storm_{os.getpid()}_{uuid4().hex[:8]}"
    with psycopg.connect(postgres_server(), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        parts = urlsplit(postgres_server())
        yield urlunsplit(parts._replace(scheme="postgresql+psycopg", path=f"/{name}"))
    finally:
        with psycopg.connect(postgres_server(), autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def postgres_server() -> str:
    """A database on the server where databases may be made."""
    url = os.environ.get("FISCUS_TEST_POSTGRES_URL") or os.environ.get("FISCUS_TEST_DATABASE_URL")
    return url.replace("postgresql+psycopg:", "postgresql:") if url else LOCAL_SERVER


def has_postgres() -> bool:
    try:
        with psycopg.connect(postgres_server(), connect_timeout=3):
            return True
    except psycopg.OperationalError:
        return False


def free_port() -> int:
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Different ports for servers that are started in a moment. None of those that the system gives
    to connections going out: it could give one away again before the server has it."""
    drawn = SystemRandom().sample(SERVER_PORTS, len(SERVER_PORTS))
    return list(islice(filter(_is_free, drawn), count))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
