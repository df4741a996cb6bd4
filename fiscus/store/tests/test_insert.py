"""Inserts on the engine under test."""

import pytest
from sqlalchemy import Column, Engine, MetaData, Table, Text, select
from sqlalchemy.exc import IntegrityError

from fiscus.store.connect import writing
from fiscus.store.insert import insert_many, insert_once, replace_many

PAGE = Table("page", MetaData(), Column("name", Text, primary_key=True), Column("said", Text))
ROWS = [("e-1", "one"), ("e-2", "two")]


@pytest.fixture(autouse=True)
def page(engine: Engine) -> None:
    PAGE.create(engine)


def rows_of(engine: Engine) -> list[tuple[str, str]]:
    with writing(engine) as tx:
        return [tuple(row) for row in tx.execute(select(PAGE).order_by(PAGE.c.name))]


def test_rows_go_in_as_they_are_in_the_order_of_the_columns(engine: Engine) -> None:
    assert [column.name for column in PAGE.columns] == ["name", "said"]
    with writing(engine) as tx:
        assert insert_many(tx, PAGE, ROWS) == 2
        assert insert_many(tx, PAGE, []) == 0

    assert rows_of(engine) == ROWS


def test_rows_that_are_there_are_left_alone_only_if_that_is_wanted(engine: Engine) -> None:
    with writing(engine) as tx:
        insert_many(tx, PAGE, ROWS[:1])
    with writing(engine) as tx:
        assert insert_many(tx, PAGE, [("e-1", "another"), ROWS[1]], once=True) == 1
    with pytest.raises(IntegrityError), writing(engine) as tx:
        insert_many(tx, PAGE, ROWS)

    assert rows_of(engine) == ROWS


def test_one_of_two_that_race_wins_and_neither_fails(engine: Engine) -> None:
    with writing(engine) as tx:
        made = [
            tx.execute(insert_once(tx, PAGE).values(name="e-1", said=text)).rowcount
            for text in ("first", "second")
        ]

    assert made == [1, 0]
    assert rows_of(engine) == [("e-1", "first")]


def test_rows_that_are_there_get_the_new_values_if_that_is_wanted(engine: Engine) -> None:
    with writing(engine) as tx:
        insert_many(tx, PAGE, ROWS[:1])
        replace_many(tx, PAGE, [("e-1", "another"), ROWS[1]])
        replace_many(tx, PAGE, [])

    assert rows_of(engine) == [("e-1", "another"), ("e-2", "two")]
