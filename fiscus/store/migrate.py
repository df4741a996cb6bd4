"""Brings a database to the present schema; running it again changes nothing."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from fiscus.store.connect import explained, is_postgres

_FOLDER = Path(__file__).parent / "migrations"
_PG_LOCK = 0x46495343  # "FISC": one migration at a time, however many processes start


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


def migrate(engine: Engine) -> str:
    """Upgrade to the newest revision and give its name. Many processes may do it at once."""
    config = _config()
    with explained(), engine.connect() as connection:
        tx = connection.execution_options(fiscus_mode="IMMEDIATE")
        with tx.begin():
            if is_postgres(tx):
                tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PG_LOCK})
            config.attributes["connection"] = tx
            command.upgrade(config, "head")
    return newest()


def newest() -> str:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def current(tx: Connection) -> str | None:
    """The revision the database is at; None for an empty database."""
    return MigrationContext.configure(tx).get_current_revision()
