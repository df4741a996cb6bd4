import threading
from functools import partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, Integer, LargeBinary, MetaData, Table, inspect, select

import fiscus.store
from fiscus.store.connect import reading, writing
from fiscus.store.migrate import current, migrate, newest
from fiscus.store.schema import DEVICE, FITTING, METADATA

MORNING = "2026-05-04T08:15:01.000000Z"
EVENING = "2026-05-04T20:15:01.000000Z"


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


def filled(table: Table, **said: object) -> dict[str, object]:
    """A whole row: what is not said is empty."""
    empty = {
        column.name: b"" if isinstance(column.type, LargeBinary) else
        0 if isinstance(column.type, Integer) else ""
        for column in table.columns
        if not column.nullable
    }  # fmt: skip
    return empty | said


def test_devices_of_before_keep_their_registers_and_their_end_is_known(databases: Any) -> None:
    """0003: a register has devices one after the other."""
    fittings = [
        ("till-1", "tse-1", "fitted", None, MORNING, None),
        ("till-2", "tse-2", "released", None, MORNING, EVENING),
        ("till-3", "tse-3", "released", "it is dead", MORNING, EVENING),
        ("till-4", "tse-4", "failed", "no answer", None, None),
    ]
    info = '{"serial":"ab","usable_until":"2034-01-01T00:00:00Z"}'
    with databases.empty() as engine:
        upgrade(engine, "0002")
        before = MetaData()
        before.reflect(engine)
        row = {name: partial(filled, table) for name, table in before.tables.items()}
        with writing(engine) as tx:
            for name in ("organization", "taxpayer", "location"):
                said = {"id": "x", "organization": "x", "taxpayer": "x"}
                has = {key: said[key] for key in said if key in before.tables[name].columns}
                tx.execute(before.tables[name].insert().values(row[name](**has)))
            for register, device, state, error, fitted_at, released_at in fittings:
                tx.execute(
                    before.tables["register"].insert().values(
                        row["register"](
                            id=register, organization="x", taxpayer="x", location="x"
                        )
                    )
                )  # fmt: skip
                known = {"id": device, "organization": "x", "info": info if fitted_at else None}
                tx.execute(before.tables["device"].insert().values(row["device"](**known)))
                tx.execute(
                    before.tables["fitting"].insert().values(
                        register=register, organization="x", device=device, client=register,
                        state=state, error=error, fitted_at=fitted_at, released_at=released_at,
                    )
                )  # fmt: skip

        migrate(engine)

        with reading(engine) as tx:
            kept = tx.execute(select(FITTING).order_by(FITTING.c.device)).all()
            ends = tx.execute(select(DEVICE.c.usable_until).order_by(DEVICE.c.id)).scalars().all()
    assert [
        (one.register, one.device, one.state, one.error, one.fitted_at, one.released_at)
        for one in kept
    ] == fittings
    assert [one.told_at for one in kept] == [None, EVENING, None, None]
    assert ends == ["2034-01-01T00:00:00.000000Z"] * 3 + [None]


def upgrade(engine: Engine, revision: str) -> None:
    """To a revision of before, as an installation of that time has it."""
    config = Config()
    config.set_main_option(
        "script_location", str(Path(fiscus.store.__file__).parent / "migrations")
    )
    with engine.connect() as connection:
        tx = connection.execution_options(fiscus_mode="IMMEDIATE")
        with tx.begin():
            config.attributes["connection"] = tx
            command.upgrade(config, revision)
