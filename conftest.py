"""Fixtures that every room's tests share: a fresh database, and the official files."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from fiscus.model.amounts import trap_floats
from fiscus.store.connect import connect
from fiscus.store.migrate import migrate

ROOT = Path(__file__).parent

trap_floats()
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(),
    ]
)


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
        name = f"fiscus_room_{secrets.token_hex(6)}"
        if self.is_postgres:
            yield _created(self.server, name, template or "template0")
            _on_server(self.server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            return
        folder = self.folder / name
        folder.mkdir()
        if template:
            shutil.copy(template, folder / "fiscus.db")
        yield f"sqlite:///{folder / 'fiscus.db'}"
        shutil.rmtree(folder)


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = connect(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _created(server: str, name: str, template: str) -> str:
    _on_server(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _on_server(url: str, statement: str) -> None:
    server = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(statement))
    server.dispose()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Set `FISCUS_TEST_DATABASE_URL` (`postgresql+psycopg://…`, a user who may create databases)
    to test on PostgreSQL: every test then gets a database of its own beside that one."""
    folder = tmp_path_factory.mktemp("databases")
    server = os.environ.get("FISCUS_TEST_DATABASE_URL", "")
    name = f"fiscus_model_{secrets.token_hex(6)}"
    file = folder / "model.db"
    with _opened(_created(server, name, "template0") if server else f"sqlite:///{file}") as engine:
        migrate(engine)
    yield Databases(folder=folder, server=server, template=name if server else str(file))
    if server:
        _on_server(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def engine(databases: Databases) -> Iterator[Engine]:
    """A fresh database with all tables, on the engine under test."""
    with databases.migrated() as found:
        yield found


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of official files and vectors; tests that need it are skipped without it."""
    folder = Path(os.environ.get("FISCUS_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the official files are not at {folder} (set FISCUS_SHARED_DATA)")
    return folder
