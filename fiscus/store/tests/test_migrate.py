import threading
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect

from fiscus.store.connect import reading
from fiscus.store.migrate import current, migrate, newest
from fiscus.store.schema import METADATA


def test_migrations_lead_exactly_to_the_schema(engine: Engine) -> None:
    with reading(engine) as tx:
        differences = compare_metadata(MigrationContext.configure(tx), METADATA)

    assert differences == []


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    before = described(engine)

    assert migrate(engine) == newest()
    assert described(engine) == before


def test_an_empty_database_has_no_revision_until_it_is_migrated(databases: Any) -> None:
    with databases.empty() as engine:
        with reading(engine) as tx:
            assert current(tx) is None
        migrate(engine)
        with reading(engine) as tx:
            assert current(tx) == newest()


def test_many_processes_may_migrate_at_once(databases: Any) -> None:
    with databases.empty() as engine:
        outcomes: list[str] = []
        threads = [
            threading.Thread(target=lambda: outcomes.append(migrate(engine))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert outcomes == [newest()] * 4
        assert set(METADATA.tables) < set(inspect(engine).get_table_names())


def described(engine: Engine) -> dict[str, list[str]]:
    inspector = inspect(engine)
    return {
        name: [str(column["name"]) for column in inspector.get_columns(name)]
        for name in inspector.get_table_names()
    }
