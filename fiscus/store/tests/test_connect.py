import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, func, select, text
from sqlalchemy.exc import IntegrityError

from fiscus.model.faults import Unavailable
from fiscus.store import connect as store
from fiscus.store.connect import connect, ping, reading, writing
from fiscus.store.schema import DATA_KEY


def rows(engine: Engine) -> int:
    with reading(engine) as tx:
        return tx.scalar(select(func.count()).select_from(DATA_KEY)) or 0


def insert(tx: Any, scope: str, size: int = 1) -> None:
    tx.execute(DATA_KEY.insert().values(scope=scope, wrapped=b"x" * size))


def insert_and(engine: Engine, scope: str, then: Callable[[Any], object]) -> None:
    """One transaction: a row, and something that goes wrong."""
    with writing(engine) as tx:
        insert(tx, scope)
        then(tx)


def test_writing_commits_at_the_end_of_the_block(engine: Engine) -> None:
    with writing(engine) as tx:
        insert(tx, "a")

    assert rows(engine) == 1


def test_writing_keeps_nothing_of_a_block_that_failed(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        insert_and(engine, "a", lambda _: 1 / 0)

    assert rows(engine) == 0


def test_what_is_not_the_databases_trouble_is_not_explained_away(engine: Engine) -> None:
    with pytest.raises(IntegrityError):
        insert_and(engine, "a", lambda tx: insert(tx, "a"))

    assert rows(engine) == 0


def test_reading_sees_one_state_while_others_write(engine: Engine) -> None:
    with reading(engine) as tx:
        before = tx.scalar(select(func.count()).select_from(DATA_KEY))
        with writing(engine) as other:
            insert(other, "a")
        after = tx.scalar(select(func.count()).select_from(DATA_KEY))

    assert (before, after) == (0, 0)
    assert rows(engine) == 1


def test_ping_says_nothing_while_the_database_answers(engine: Engine) -> None:
    ping(engine)


def test_errors_show_no_parameters(engine: Engine) -> None:
    """What people buy, and their tax numbers, do not belong into a log."""
    with pytest.raises(IntegrityError) as caught:
        insert_and(engine, "canary-123", lambda tx: insert(tx, "canary-123"))

    statement = str(caught.value).split("DETAIL")[0]
    assert "canary-123" not in statement


def test_a_full_disk_is_told_as_such(databases: Any) -> None:
    if databases.is_postgres:
        pytest.skip("the disk of a PostgreSQL server cannot be filled from here")
    with databases.migrated() as engine:

        @event.listens_for(engine, "connect")
        def bound(connection: sqlite3.Connection, _: Any) -> None:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count={pages + 2}")

        engine.dispose()
        with pytest.raises(Unavailable) as caught, writing(engine) as tx:
            insert(tx, "a", 1_000_000)

        assert caught.value.code == store.FULL
        assert rows(engine) == 0


def test_a_second_writer_that_waits_too_long_is_told_to_come_back(databases: Any) -> None:
    with databases.migrated() as engine:
        url = engine.url.render_as_string(hide_password=False)
        hasty = create_engine(url, connect_args=hurry(databases.is_postgres))
        with writing(engine) as tx:
            insert(tx, "a")
            with pytest.raises(Unavailable) as caught, writing(hasty) as second:
                insert(second, "a")
        hasty.dispose()

        assert caught.value.code == store.BUSY
        assert rows(engine) == 1


def hurry(is_postgres: bool) -> dict[str, Any]:
    return {"options": "-c lock_timeout=50"} if is_postgres else {"timeout": 0.05}


def test_two_writers_do_not_lose_each_others_work(engine: Engine) -> None:
    def write(name: str) -> None:
        for number in range(20):
            with writing(engine) as tx:
                insert(tx, f"{name}{number}")

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert rows(engine) == 80


def test_a_closed_backend_is_unavailable_and_the_next_transaction_works(databases: Any) -> None:
    if not databases.is_postgres:
        pytest.skip("a SQLite file has no backend that could be closed")
    with databases.migrated() as engine:

        def cut(tx: Any) -> None:
            backend = tx.scalar(text("SELECT pg_backend_pid()"))
            with writing(engine) as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
            insert(tx, "b")

        with pytest.raises(Unavailable) as caught:
            insert_and(engine, "a", cut)
        assert caught.value.code == store.DOWN
        assert rows(engine) == 0


def test_a_database_file_that_cannot_be_opened_says_what_it_needs(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'no folder' / 'fiscus.db'}")

    with pytest.raises(Unavailable) as caught:
        ping(engine)

    engine.dispose()
    assert caught.value.code == store.NOT_WRITABLE


def test_a_server_that_does_not_listen_is_unavailable() -> None:
    engine = connect("postgresql+psycopg://nobody@127.0.0.1:1/none")

    with pytest.raises(Unavailable) as caught:
        ping(engine)

    engine.dispose()
    assert caught.value.code == store.DOWN


def test_threads_of_one_process_take_turns_to_write(engine: Engine) -> None:
    """Who waits for another thread's transaction goes on as soon as it ends: SQLite itself looks
    again after up to a tenth of a second."""

    def write(number: int) -> None:
        with writing(engine) as tx:
            insert(tx, f"t{number}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert rows(engine) == len(threads)


def in_another_thread(engine: Engine) -> None:
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: writing(engine).__enter__()).result()


def test_who_does_not_get_its_turn_is_told_that_the_database_is_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_BUSY_SECONDS", 0.05)
    engine = connect(f"sqlite:///{tmp_path / 'turns.db'}")
    with writing(engine), pytest.raises(Unavailable, match="STORE-BUSY-01"):
        in_another_thread(engine)
    engine.dispose()
