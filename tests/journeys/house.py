"""A house of its own for one story: a fresh database, real keys, a clock that the story moves."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import URL, make_url

from fiscus.api.http import House
from fiscus.app import application, build, worker
from fiscus.journal.audit import verify_database
from fiscus.journal.verify import sentences
from fiscus.outbox.worker import Worker
from fiscus.registry import bootstrap
from fiscus.settings import Settings
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY
from tests.journeys.inside import running
from tests.journeys.till import Till

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@dataclass
class MovingClock:
    """Stands still until the story moves it."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: int) -> None:
        self.now += timedelta(**by)


@dataclass(kw_only=True)
class Premises:
    """The running service and what a test may look at behind the door."""

    house: House
    clock: MovingClock
    http: httpx.Client
    helper: Worker
    first: bootstrap.First
    tills: list[Till] = field(default_factory=list)

    def anonymous(self, version: str = "2026-05-04") -> Till:
        return Till(http=self.http, version=version)

    def group(self, version: str = "2026-05-04") -> Till:
        """Whoever holds the operator's first key."""
        return self.anonymous(version).with_token(self.first.key, self.first.secret)

    def unit(self, name: str = "Padaria do Cais", version: str = "2026-05-04") -> Till:
        """A new tenant: a unit below the group, and a token of its own key."""
        group = self.group(version)
        unit = group.made("/organizations", {"type": "UNIT", "name": name})
        group.scope = unit["id"]
        subject = group.made("/subjects", {"type": "API_KEY", "name": "pos-1"})
        credentials = subject["credentials"]
        return self.anonymous(version).with_token(credentials["key"], credentials["secret"])

    def work(self) -> None:
        """Everything that waits in the outbox, and the chores that are due, now."""
        while self.helper.step():
            continue

    def entries(self) -> int:
        """How many entries the whole journal has."""
        with reading(self.house.engine) as tx:
            return int(tx.execute(select(func.count()).select_from(ENTRY)).scalar_one())

    def assert_proved(self) -> None:
        """The whole journal, read again by the verifier."""
        report = verify_database(self.house.engine)
        assert report.is_good, "\n".join(sentences(report))


@dataclass(frozen=True, kw_only=True)
class Model:
    """A house that was set up once: every story gets a copy, which is quicker than building."""

    data: Path
    database_url: str
    first: bootstrap.First


def set_up(data: Path, server_url: str) -> Model:
    """Migrated, keys made, first account and key; `server_url` is empty for SQLite."""
    url = _own_database(server_url) if server_url else ""
    house = build(Settings(data_dir=data, database_url=url), MovingClock())
    with writing(house.engine) as tx:
        first = bootstrap.found(
            tx, account="Account", group="Group", environment="test",
            ids=house.uuid4, entropy=house.entropy, at=house.clock(),
        )  # fmt: skip
    house.engine.dispose()
    return Model(data=data, database_url=url, first=first)


@contextmanager
def opened(model: Model, data: Path, **settings: Any) -> Iterator[Premises]:
    """A copy of the model, its doors open."""
    with (
        copied(model, data, **settings) as chosen,
        served(chosen, model.first, MovingClock()) as premises,
    ):
        yield premises


@contextmanager
def copied(model: Model, data: Path, **settings: Any) -> Iterator[Settings]:
    """A copy of the model, which may be served more than once: each time is a restart."""
    shutil.copytree(model.data, data)
    url = _own_database(model.database_url, model.database_url) if model.database_url else ""
    try:
        yield Settings(data_dir=data, database_url=url, **settings)
    finally:
        if url:
            drop(url)


@contextmanager
def served(settings: Settings, first: bootstrap.First, clock: MovingClock) -> Iterator[Premises]:
    """A house with its doors open, until they are closed again."""
    house = build(settings, clock)
    with running(application(house, with_worker=False)) as http:
        yield Premises(house=house, clock=clock, http=http, helper=worker(house), first=first)


def drop(url: str) -> None:
    _on_server(url, f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")


def _own_database(server_url: str, template: str = "") -> str:
    """A new database beside the one named, as a copy of a template if there is one."""
    name = f"fiscus_journey_{secrets.token_hex(6)}"
    of = make_url(template).database if template else "template0"
    _on_server(server_url, f"CREATE DATABASE {name} TEMPLATE {of}")
    url: URL = make_url(server_url).set(database=name)
    return url.render_as_string(hide_password=False)


def _on_server(url: str, statement: str) -> None:
    server = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(statement))
    server.dispose()
