"""SQLite for tests: hundreds of databases in one process, whose statements are compiled once.

SQLAlchemy keeps compiled statements with their engine, and each test has an engine of its own. The
application has one engine for as long as it runs; what is compiled is the same for both.
"""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

_COMPILED: dict[Any, Any] = {}


class AlikeDialect(SQLiteDialect_pysqlite):
    """Dialects are part of the keys of compiled statements: those of all engines are equal."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=_COMPILED)


def share_compiled_statements() -> None:
    """Every SQLite engine that this process opens from now on shares them."""
    registry.register("sqlite", __name__, AlikeDialect.__name__)
