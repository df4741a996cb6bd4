"""Brings a database to the present schema; running it again changes nothing."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from fiscus.model.faults import Code, Refused
from fiscus.store.connect import explained, is_postgres, reading

NEWER = Code(
    "STORE-SCHEMA-01",
    "this database was brought up by a newer Fiscus: install that version, or restore a backup",
)
OLD_JOURNAL = Code(
    "STORE-SCHEMA-03",
    "this database holds a journal of format 1, older than the first release: start with a new one",
)
NOT_MIGRATED = Code("STORE-SCHEMA-02", "this database has no tables yet: run `fiscus migrate`")

_FOLDER = Path(__file__).parent / "migrations"
_BEFORE_RELEASE = frozenset(f"{number:04}" for number in range(1, 7))
"""Revisions of a journal that no release ever wrote."""

_PG_LOCK = 0x46495343  # "FISC": one migration at a time, however many processes start


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


@cache
def _scripts() -> ScriptDirectory:
    """The revisions of this version, read once per process."""
    return ScriptDirectory.from_config(_config())


def migrate(engine: Engine, to: str = "head") -> str:
    """Upgrade to the newest revision (or as far as the one named) and give the newest one's name.
    Many processes may do it at once. Raises `Refused` if the database is at a revision that this
    version does not know."""
    config = _config()
    with explained(), engine.connect() as connection:
        tx = connection.execution_options(fiscus_mode="IMMEDIATE")
        with tx.begin():
            if is_postgres(tx):
                tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PG_LOCK})
            revision = current(tx)
            _expect_known(revision)
            if to != "head" or revision != newest():
                config.attributes["connection"] = tx
                command.upgrade(config, to)
    return newest()


def _expect_known(revision: str | None) -> None:
    known = {one.revision for one in _scripts().walk_revisions()}
    if revision in _BEFORE_RELEASE:
        raise Refused(OLD_JOURNAL)
    if revision is not None and revision not in known:
        raise Refused(NEWER, revision)


def expect_migrated(engine: Engine) -> None:
    """Raises `Refused` unless the database has the tables of a revision that we know."""
    with reading(engine) as tx:
        revision = current(tx)
    if revision is None:
        raise Refused(NOT_MIGRATED)
    _expect_known(revision)


def newest() -> str:
    head = _scripts().get_current_head()
    assert head is not None
    return head


def current(tx: Connection) -> str | None:
    """The revision the database is at; None for an empty database."""
    return MigrationContext.configure(tx).get_current_revision()
