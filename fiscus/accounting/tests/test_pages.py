from base64 import b32decode, b32encode
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, Text, insert, select

from fiscus.accounting import pages
from fiscus.accounting.pages import Page, PageRequest, Sort, SortOrder
from fiscus.model.faults import Refused

THINGS = Table(
    "paged_things",
    MetaData(),
    Column("id", Text, primary_key=True),
    Column("day", Text, nullable=False),
    Column("size", Integer, nullable=True),
    Column("word", Text, nullable=True),
)
ALLOWED = {name: THINGS.c[name] for name in ("id", "day", "size", "word")}
SIZES = (None, 3, 1, None, 2, 3, 1)
WORDS = (None, "b", "a", "c", None)
ROWS: list[dict[str, Any]] = [
    {
        "id": f"{number:03}",
        "day": f"2026-05-0{1 + number % 3}",
        "size": SIZES[number % len(SIZES)],
        "word": WORDS[number % len(WORDS)],
    }
    for number in range(35)
]
ALL: tuple[SortOrder, ...] = tuple(SortOrder)


@contextmanager
def a_table(engine: Engine, rows: list[dict[str, Any]] = ROWS) -> Iterator[Connection]:
    with engine.connect() as tx, tx.begin() as transaction:
        THINGS.create(tx)
        if rows:
            tx.execute(insert(THINGS), rows)
        yield tx
        transaction.rollback()


def turned(tx: Connection, request: PageRequest, default: Sort = ()) -> Page[str]:
    return pages.page(
        tx,
        select(THINGS),
        request,
        allowed=ALLOWED,
        unique=("id",),
        decode=lambda row: str(row.id),
        default=default,
    )


def in_order(sort: Sort) -> list[str]:
    """What Python makes of it: sorted from the last key to the first, which keeps what is equal."""
    last = sort[-1][1].is_ascending if sort else True
    found = sorted(ROWS, key=lambda row: row["id"], reverse=not last)
    for name, order in reversed(sort):
        there = [row for row in found if row[name] is not None]
        without = [row for row in found if row[name] is None]
        there.sort(key=lambda row: row[name], reverse=not order.is_ascending)
        first = order in (SortOrder.ASC_NULLS_FIRST, SortOrder.DESC_NULLS_FIRST, SortOrder.DESC)
        found = without + there if first else there + without
    return [row["id"] for row in found]


def forward(tx: Connection, sort: Sort, limit: int) -> list[str]:
    seen: list[str] = []
    page = turned(tx, PageRequest(limit=limit, sort=sort))
    assert not page.has_previous
    while True:
        seen += page.rows
        assert page.total == len(ROWS)
        if not page.has_next:
            return seen
        page = turned(tx, PageRequest(limit=limit, sort=sort, after=page.end_cursor))
        assert page.has_previous


def backward(tx: Connection, sort: Sort, limit: int) -> list[str]:
    whole = turned(tx, PageRequest(limit=len(ROWS), sort=sort))
    seen, before = [whole.rows[-1]], whole.end_cursor
    while True:
        page = turned(tx, PageRequest(limit=limit, sort=sort, before=before))
        assert page.has_next
        seen = page.rows + seen
        if not page.has_previous:
            return seen
        before = page.start_cursor


SORTS: list[Sort] = [
    (),
    *(((name, order),) for name, order in product(("id", "day", "size", "word"), ALL)),
    *((("size", one), ("word", two)) for one, two in product(ALL, ALL)),
    (("day", SortOrder.DESC), ("size", SortOrder.ASC_NULLS_FIRST), ("id", SortOrder.ASC)),
]


def test_each_order_gives_each_row_once_forward_and_backward(engine: Engine, server: str) -> None:
    with a_table(engine) as tx:
        for sort in SORTS:
            expected = in_order(sort)
            assert forward(tx, sort, 4) == expected, sort
            assert backward(tx, sort, 4) == expected, sort


def test_the_plain_orders_put_missing_values_last_and_first_on_each_database(
    engine: Engine, server: str
) -> None:
    with a_table(engine) as tx:
        up = turned(tx, PageRequest(limit=100, sort=(("size", SortOrder.ASC),))).rows
        down = turned(tx, PageRequest(limit=100, sort=(("size", SortOrder.DESC),))).rows

    without = {row["id"] for row in ROWS if row["size"] is None}
    assert set(up[-len(without) :]) == without == set(down[: len(without)])


def test_a_row_that_comes_between_two_pages_moves_no_other_one(engine: Engine) -> None:
    with a_table(engine) as tx:
        first = turned(tx, PageRequest(limit=10))
        tx.execute(insert(THINGS), [{"id": "0005", "day": "2026-05-01"}])
        second = turned(tx, PageRequest(limit=10, after=first.end_cursor))

    assert first.rows + second.rows == [row["id"] for row in ROWS[:20]]


def test_a_list_has_an_order_of_its_own_until_another_is_wanted(engine: Engine) -> None:
    default = (("day", SortOrder.DESC),)
    with a_table(engine) as tx:
        page = turned(tx, PageRequest(limit=100), default)
        other = turned(tx, PageRequest(limit=100, sort=(("id", SortOrder.ASC),)), default)

    assert page.rows == in_order(default)
    assert other.rows == [row["id"] for row in ROWS]


def test_an_offset_begins_where_it_says(engine: Engine) -> None:
    with a_table(engine) as tx:
        page = turned(tx, PageRequest(limit=5, offset=30))
        beyond = turned(tx, PageRequest(limit=5, offset=35))

    assert (page.rows, page.has_next, page.has_previous) == (
        ["030", "031", "032", "033", "034"],
        False,
        True,
    )
    assert (beyond.rows, beyond.has_next, beyond.has_previous) == ([], False, True)
    assert (beyond.start_cursor, beyond.end_cursor) == ("", "")


def test_a_limit_of_nothing_tells_the_total_alone(engine: Engine) -> None:
    with a_table(engine) as tx:
        assert turned(tx, PageRequest(limit=0)) == Page(rows=[], total=len(ROWS))


def test_the_last_full_page_has_no_next_one(engine: Engine) -> None:
    with a_table(engine) as tx:
        assert not turned(tx, PageRequest(limit=35)).has_next
        assert turned(tx, PageRequest(limit=34)).has_next


def test_an_empty_list_has_one_empty_page(engine: Engine) -> None:
    with a_table(engine, []) as tx:
        assert turned(tx, PageRequest()) == Page(rows=[], total=0)


def test_a_cursor_whose_row_is_gone_still_counts(engine: Engine) -> None:
    with a_table(engine) as tx:
        first = turned(tx, PageRequest(limit=3))
        tx.execute(THINGS.delete().where(THINGS.c.id <= "002"))
        page = turned(tx, PageRequest(limit=2, after=first.end_cursor))

    assert (page.rows, page.has_previous) == (["003", "004"], False)


def test_cursors_are_made_of_the_documented_letters(engine: Engine) -> None:
    with a_table(engine) as tx:
        page = turned(tx, PageRequest(limit=1, sort=(("word", SortOrder.ASC),)))

    assert page.start_cursor == page.end_cursor
    assert set(page.start_cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=~")


def coded(*values: object) -> str:
    return b32encode(msgspec.json.encode(values)).decode()


@pytest.mark.parametrize("place", ["after", "before"])
def test_a_cursor_of_another_order_is_refused_in_its_place(engine: Engine, place: str) -> None:
    with a_table(engine) as tx:
        cursor = turned(tx, PageRequest(sort=(("day", SortOrder.ASC),))).end_cursor
        with pytest.raises(Refused) as caught:
            turned(
                tx,
                msgspec.structs.replace(
                    PageRequest(sort=(("day", SortOrder.DESC),)), **{place: cursor}
                ),
            )

    assert (caught.value.code, caught.value.paths) == (pages.BAD_CURSOR, (place,))


def test_what_was_never_a_cursor_is_refused(engine: Engine) -> None:
    with a_table(engine) as tx:
        sort = (("size", SortOrder.ASC),)
        genuine = turned(tx, PageRequest(limit=5, sort=sort)).end_cursor
        name = msgspec.json.decode(_bytes(genuine))[0]
        for forged in (
            "A",
            "~",
            "MZXW6===",
            genuine[:-8],
            coded(),
            coded(name),
            coded(name, 1),
            coded(name, 1, "000", "more"),
            coded(name, "one", "000"),
            coded(name, 2**31, "000"),
            coded(name, 1, None),
            coded(name, 1, 7),
            coded(name, 1, "nul\0"),
            coded(name, 1.5, "000"),
            coded(name, True, "000"),
            coded(name, [1], "000"),
            coded({"a": 1}),
        ):
            with pytest.raises(Refused) as caught:
                turned(tx, PageRequest(sort=sort, after=forged))
            assert caught.value.code == pages.BAD_CURSOR, forged
        assert turned(tx, PageRequest(sort=sort, after=coded(name, 2**31 - 1, "000"))).rows


@given(text=st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=~", min_size=1, max_size=80))
def test_whatever_stands_in_a_cursor_is_refused_and_breaks_nothing(text: str) -> None:
    keys = pages._keys((), (("day", SortOrder.ASC),), ALLOWED, ("id",))
    with pytest.raises(Refused):
        pages._cursor(PageRequest(after=text), keys)


def _bytes(cursor: str) -> bytes:
    return b32decode(cursor)


@pytest.mark.parametrize(
    ("request_", "code", "paths"),
    [
        (PageRequest(limit=-1), pages.BAD_BOUND, ("limit",)),
        (PageRequest(offset=-1), pages.BAD_BOUND, ("offset",)),
        (PageRequest(offset=2**31), pages.BAD_BOUND, ("offset",)),
        (PageRequest(after="A", before="A"), pages.BAD_PAGE, ("after", "before")),
        (PageRequest(after="A", offset=1), pages.BAD_PAGE, ("after", "offset")),
        (
            PageRequest(sort=(("id", SortOrder.ASC), ("no", SortOrder.ASC), ("id", SortOrder.ASC))),
            pages.BAD_SORT,
            ("sort[1]", "sort[2]"),
        ),
    ],
    ids=str,
)
def test_a_page_that_makes_no_sense_is_refused(
    engine: Engine, request_: PageRequest, code: object, paths: tuple[str, ...]
) -> None:
    with a_table(engine) as tx, pytest.raises(Refused) as caught:
        turned(tx, request_)

    assert (caught.value.code, caught.value.paths) == (code, paths)
