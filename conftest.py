"""Fixtures that the tests of all packages share: a fresh database, and the official files."""

import atexit
import gc
import os
import secrets
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine

from fiscus.model.amounts import trap_floats
from fiscus.model.ids import pooled, uuid4s, uuid7s
from fiscus.registry.chains import ChainStatements
from fiscus.registry.stating import attached
from fiscus.registry.vault import Vault
from fiscus.store.connect import connect
from fiscus.store.migrate import migrate
from tests.support import servers
from tests.support.dialect import share_compiled_statements

if TYPE_CHECKING:
    from tests.support.premises import Model

ROOT = Path(__file__).parent

# Installations under test note what they issued last there, and not in somebody's home.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="fiscus-state-")
atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)

# How long an example takes depends on what else the machine does; it says nothing of the product.
settings.register_profile("fiscus", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fiscus")
trap_floats()
share_compiled_statements()
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(),
    ]
)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Why tests were skipped: a line for each reason, with the number of tests. And what storms
    have measured."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, [])]
    figures = [line for one in reports for name, line in one.user_properties if name == "figures"]
    if figures:
        terminalreporter.section("figures")
    for line in figures:
        terminalreporter.write_line(line)
    skipped = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
    )
    if skipped:
        terminalreporter.section("skipped, and why")
    for reason, tests in skipped.most_common():
        terminalreporter.write_line(f"{tests:5} {reason}")


def pytest_collection_finish() -> None:
    """What was collected stays until the end: the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()


@dataclass(frozen=True, kw_only=True)
class Databases:
    """Makes databases: copies of one that was migrated once, which is quicker than migrating.

    `server` is a PostgreSQL URL whose user may create databases, empty for SQLite in `folder`.
    """

    folder: Path
    server: str
    template: str

    @property
    def is_postgres(self) -> bool:
        return bool(self.server)

    @contextmanager
    def migrated(self) -> Iterator[Engine]:
        """An engine on a fresh database with all tables; gone afterwards."""
        with self._copied(self.template) as url, _opened(url) as engine:
            yield engine

    @contextmanager
    def empty(self) -> Iterator[Engine]:
        """An engine on a database without any table; gone afterwards."""
        with self._copied("") as url, _opened(url) as engine:
            yield engine

    @contextmanager
    def _copied(self, template: str) -> Iterator[str]:
        name = f"fiscus_test_{secrets.token_hex(6)}"
        if self.is_postgres:
            url = servers.make_copy(self.server, name, template or "template0")
            yield url
            servers.drop(url)
            return
        folder = self.folder / name
        folder.mkdir()
        if template:
            shutil.copy(template, folder / "fiscus.db")
        yield f"sqlite:///{folder / 'fiscus.db'}"
        shutil.rmtree(folder)


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    """With what states changes in the journal, as the application opens it; the master key is the
    one of all tests of packages."""
    engine = connect(url)
    vault = Vault(bytes(range(32)), os.urandom)
    ids = uuid7s(_now, pooled(os.urandom))
    try:
        yield attached(engine, ChainStatements(vault, _now, ids, uuid4s(os.urandom)))
    finally:
        engine.dispose()


def _now() -> datetime:
    """When all that is stated in tests of packages happens: as their other clocks begin."""
    return datetime(2026, 5, 4, 8, 15, 1, tzinfo=UTC)


SERVER = os.environ.get("FISCUS_TEST_DATABASE_URL", "")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what asks for the server: all else has run on SQLite, and would do the
    very same again. A test that does not ask cannot reach it: the URL stands here alone. Storms
    choose their engines themselves."""
    if not SERVER:
        return
    asking = [
        item
        for item in items
        if "server" in getattr(item, "fixturenames", ()) or item.get_closest_marker("storm")
    ]
    chosen = set(asking)
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = asking


@pytest.fixture(scope="session")
def server() -> str:
    """The PostgreSQL server under test, empty for SQLite. Set `FISCUS_TEST_DATABASE_URL`
    (`postgresql+psycopg://…`, a user who may create databases): every test that asks for it, also
    by way of another fixture, gets a database of its own beside that one."""
    return SERVER


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory, server: str) -> Iterator[Databases]:
    """Fresh databases on the engine under test."""
    folder = tmp_path_factory.mktemp("databases")
    name = f"fiscus_model_{secrets.token_hex(6)}"
    file = folder / "model.db"
    url = servers.make_copy(server, name) if server else f"sqlite:///{file}"
    with _opened(url) as engine:
        migrate(engine)
    yield Databases(folder=folder, server=server, template=name if server else str(file))
    if server:
        servers.drop(url)


@pytest.fixture
def engine(databases: Databases) -> Iterator[Engine]:
    """A fresh database with all tables, on the engine under test."""
    with databases.migrated() as found:
        yield found


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory, server: str) -> Iterator["Model"]:
    """An installation without a shop, to be copied; see `tests.support.premises`."""
    # The whole application: most tests of packages do not need it.
    from tests.support.premises import set_up

    made = set_up(tmp_path_factory.mktemp("model") / "data", server)
    yield made
    if made.database_url:
        servers.drop(made.database_url)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of official files and vectors; tests that need it are skipped without it."""
    folder = Path(os.environ.get("FISCUS_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the official files are not at {folder} (set FISCUS_SHARED_DATA)")
    return folder
