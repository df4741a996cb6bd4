"""An installation of its own for one story: a fresh database, real keys, a clock that the story
moves."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from starlette.types import ASGIApp

from fiscus.app import application, build
from fiscus.background import worker
from fiscus.issuing.law_keys import seal_key_name
from fiscus.journal.audit import verify_database
from fiscus.journal.verify import sentences
from fiscus.model.ids import Entropy, uuid4s, uuid7s
from fiscus.outbox.worker import OutboxWorker
from fiscus.registry import bootstrap, signers, stating
from fiscus.registry.chains import ChainStatements
from fiscus.registry.tests.builders import a_nif
from fiscus.registry.vault import Vault, master_key
from fiscus.services import Services
from fiscus.settings import Settings
from fiscus.store.connect import connect, reading, writing
from fiscus.store.migrate import migrate
from fiscus.store.schema import ENTRY
from tests.support import keys, servers
from tests.support.inside import running
from tests.support.till import Till

Done = TypeVar("Done")

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@dataclass
class MovingClock:
    """Stands still until the story moves it."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: int) -> None:
        self.now += timedelta(**by)


@dataclass
class Rising:
    """Chance that counts: ids made of it are in the order in which they were made, also those of
    one instant. Lists that are sorted by time and id are the same each time."""

    count: int = 0

    def __call__(self, size: int) -> bytes:
        self.count += 1
        return self.count.to_bytes(6, "big")[:size] + os.urandom(max(0, size - 6))


LATER = 1 << 20
"""When an installation goes on that was set up as a model."""


@dataclass(kw_only=True)
class Premises:
    """The running service and what a test may look at behind the API."""

    services: Services
    clock: MovingClock
    http: httpx.Client
    helper: OutboxWorker
    first: bootstrap.FoundedGroup
    tills: list[Till] = field(default_factory=list)
    units: int = 0

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
        till = self.anonymous(version).with_token(credentials["key"], credentials["secret"])
        till.nif = a_nif(self.units)
        self.units += 1
        return till

    def work(self) -> None:
        """Everything that waits in the outbox, and the chores that are due, now."""
        while self.helper.step():
            continue

    def entries(self) -> int:
        """How many entries the chains of all registers have."""
        mine = select(func.count()).select_from(ENTRY).where(ENTRY.c.taxpayer != "")
        with reading(self.services.engine) as tx:
            return int(tx.execute(mine).scalar_one())

    def assert_proved(self) -> None:
        """The whole journal, read again by the verifier."""
        report = verify_database(self.services.engine)
        assert report.is_good, "\n".join(sentences(report))


@dataclass(frozen=True, kw_only=True)
class Model:
    """An installation that was set up once: every story gets a copy, which is quicker than
    building."""

    data: Path
    database_url: str
    first: bootstrap.FoundedGroup
    later: int = LATER
    """Where copies go on counting for their ids."""


def set_up(data: Path, server_url: str, entropy: Entropy | None = None) -> Model:
    """Migrated, keys made, first account and key; `server_url` is empty for SQLite."""
    entropy = entropy or Rising()
    url = _own_database(server_url) if server_url else ""
    settings = Settings(data_dir=data, database_url=url, state_dir=data.with_name("state"))
    _bring_seal_key(settings, entropy)
    services = build(settings, MovingClock(), entropy)
    with writing(services.engine) as tx:
        first = bootstrap.found(
            tx,
            services.macs.credentials,
            by="operator",
            account="Account",
            group="Group",
            environment="test",
            ids=services.uuid4,
            entropy=services.entropy,
            at=services.clock(),
        )
    services.engine.dispose()
    return Model(data=data, database_url=url, first=first)


def _bring_seal_key(settings: Settings, entropy: Entropy) -> None:
    """The key is there before the application is built, which makes one only where there is
    none."""
    settings.data_dir.mkdir(parents=True)
    opened_ = connect(settings.url())
    migrate(opened_)
    master = master_key(settings.master_key, settings.data_dir / "master.key", entropy)
    vault = Vault(master, entropy)
    uuid4, uuid7 = uuid4s(entropy), uuid7s(MovingClock(), entropy)
    engine = stating.attached(opened_, ChainStatements(vault, MovingClock(), uuid7, uuid4))
    with writing(engine) as tx:
        signers.ensure(tx, vault, seal_key_name("pt"), "rsa-1024", MONDAY, secret=keys.seal_key())
    engine.dispose()


@contextmanager
def opened(model: Model, data: Path, **settings: Any) -> Iterator[Premises]:
    """A copy of the model, serving requests."""
    with (
        copied(model, data, **settings) as chosen,
        served(chosen, model.first, MovingClock(), Rising(model.later)) as premises,
    ):
        yield premises


@contextmanager
def continued(
    model: Model, data: Path, act: Callable[[Premises], Done]
) -> Iterator[tuple[Model, Done]]:
    """A copy in which something was done, as a model of further copies; and what doing it gave.
    They begin at the same time as the first one."""
    rising = Rising(model.later)
    with copied(model, data) as chosen:
        with served(chosen, model.first, MovingClock(), rising) as premises:
            done = act(premises)
        url = chosen.database_url
        yield replace(model, data=data, database_url=url, later=rising.count), done


@contextmanager
def copied(model: Model, data: Path, **settings: Any) -> Iterator[Settings]:
    """A copy of the model, which may be served more than once: each time is a restart."""
    shutil.copytree(model.data, data)
    # All copies have the id of the model: each notes what it issued in a place of its own.
    settings.setdefault("state_dir", data.with_name(f"{data.name}-state"))
    url = _own_database(model.database_url, model.database_url) if model.database_url else ""
    try:
        # Copies have one installation's id: what one has issued another one has never seen.
        state = data.with_name(f"{data.name}-state")
        yield Settings(data_dir=data, database_url=url, **{"state_dir": state, **settings})
    finally:
        if url:
            servers.drop(url)


@contextmanager
def served(
    settings: Settings,
    first: bootstrap.FoundedGroup,
    clock: MovingClock,
    entropy: Entropy | None = None,
    serving: Callable[[ASGIApp], AbstractContextManager[httpx.Client]] = running,
    outside: ThreadPoolExecutor | None = None,
) -> Iterator[Premises]:
    """An installation that serves requests, until the block ends. `outside`: who asks devices and
    authorities in place of its own threads."""
    services = build(settings, clock, entropy or Rising(LATER))
    if outside is not None:
        services.outside.shutdown()
        services = replace(services, outside=outside)
    with serving(application(services, with_worker=False)) as http:
        yield Premises(
            services=services, clock=clock, http=http, helper=worker(services), first=first
        )


def _own_database(server_url: str, template: str = "") -> str:
    """A new database beside the one named, as a copy of a template if there is one."""
    of = make_url(template).database if template else None
    return servers.make_copy(
        server_url, f"fiscus_journey_{secrets.token_hex(6)}", of or "template0"
    )
