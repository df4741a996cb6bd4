import threading
from collections.abc import Callable
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, select, text

from fiscus.model.faults import Refused
from fiscus.store.connect import reading, writing
from fiscus.store.migrate import (
    NEWER,
    NOT_MIGRATED,
    OLD_JOURNAL,
    current,
    expect_migrated,
    migrate,
    newest,
)
from fiscus.store.schema import METADATA, TASK


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


@pytest.mark.parametrize("step", [migrate, expect_migrated], ids=lambda step: str(step.__name__))
@pytest.mark.parametrize("revision", ["0001", "0006"])
def test_a_database_of_before_the_first_release_is_refused_as_it_is(
    databases: Any, revision: str, step: Callable[[Engine], object]
) -> None:
    with databases.empty() as engine:
        at_revision(engine, revision)
        before = described(engine)

        with pytest.raises(Refused) as refused:
            step(engine)

        assert refused.value.code == OLD_JOURNAL
        assert described(engine) == before


def test_a_database_of_a_version_to_come_is_refused_and_named(databases: Any) -> None:
    with databases.empty() as engine:
        at_revision(engine, "9001")

        with pytest.raises(Refused) as refused:
            migrate(engine)

        assert (refused.value.code, refused.value.paths) == (NEWER, ("9001",))


def at_revision(engine: Engine, revision: str) -> None:
    """A database that says so of itself."""
    with writing(engine) as tx:
        tx.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        tx.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})


def test_a_database_without_tables_is_not_taken_for_a_migrated_one(databases: Any) -> None:
    with databases.empty() as engine:
        with pytest.raises(Refused) as refused:
            expect_migrated(engine)
        assert refused.value.code == NOT_MIGRATED
        migrate(engine)
        expect_migrated(engine)


def test_tasks_of_before_get_the_lane_and_the_organization_of_their_kind(databases: Any) -> None:
    with databases.empty() as engine:
        migrate(engine, "1003")
        with writing(engine) as tx:
            tx.execute(
                text(
                    "INSERT INTO organization (id, parent, type, name, metadata, created_at, "
                    "updated_at) VALUES ('unit', '', 'UNIT', '', '{}', '', '')"
                )
            )
            tx.execute(
                text(
                    "INSERT INTO taxpayer (id, version, organization, regime, state, mode, "
                    "content, details, metadata, created_at, updated_at) "
                    "VALUES ('shop', 1, 'unit', 'pt', '', '', '{}', '{}', '{}', '', '')"
                )
            )
            tx.execute(
                text(
                    "INSERT INTO file (id, organization, taxpayer, type, state, first, last, "
                    "created_at) VALUES ('f-1', 'unit', 'shop', 'AUDIT', 'ACCEPTED', '', '', '')"
                )
            )
            for id_, kind, payload in (
                ("a", "export", "f-1"),
                ("b", "export", "a file that is gone"),
                ("c", "checkpoint", "e-1"),
                ("d", "fit", "a register that is gone"),
            ):
                tx.execute(
                    text(
                        "INSERT INTO task (id, kind, payload, due_at, attempts) "
                        "VALUES (:id, :kind, :payload, '2026-05-04', 3)"
                    ),
                    {"id": id_, "kind": kind, "payload": payload},
                )

        migrate(engine)

        with reading(engine) as tx:
            rows = tx.execute(select(TASK).order_by(TASK.c.id)).all()
        assert [(row.lane, row.organization) for row in rows] == [
            ("heavy", "unit"),
            ("heavy", ""),
            ("steady", ""),
            ("devices", ""),
        ]
        assert {(row.state, row.created_at, row.due_at, row.attempts) for row in rows} == {
            ("waiting", "2026-05-04", "2026-05-04", 3)
        }
