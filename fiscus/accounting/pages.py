"""Pages of the lists of the books: in any order of the allowed keys, forward and backward, each row
once, also while rows are added.

A cursor holds what a row is sorted by, and its unique key, in Base32. A page behind a cursor is
found by comparing with it, so the last page of a long list costs what the first one does.
"""

import hashlib
from base64 import b32decode, b32encode
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    false,
    func,
    or_,
    tuple_,
)

from fiscus.model.faults import Code, Refused

BAD_CURSOR = Code(
    "BOOKS-PAGE-01",
    "this is no cursor of this list in this order: take one from an answer to the same request",
)
BAD_SORT = Code(
    "BOOKS-PAGE-02", "the list cannot be sorted by this, or is twice: name each key once"
)
BAD_PAGE = Code("BOOKS-PAGE-03", "a page begins at one place: after, before, or an offset")
BAD_BOUND = Code("BOOKS-PAGE-04", "this must be a whole number that is 0 or more")

_INTEGER_MAX = 2**31 - 1
"""What a column of whole numbers holds on PostgreSQL."""

T = TypeVar("T")


class SortOrder(StrEnum):
    """Of one key. Where nothing is said of missing values they count as greater than all others:
    last when ascending, first when descending, on every database."""

    ASC = "ASC"
    ASC_NULLS_FIRST = "ASC_NULLS_FIRST"
    ASC_NULLS_LAST = "ASC_NULLS_LAST"
    DESC = "DESC"
    DESC_NULLS_FIRST = "DESC_NULLS_FIRST"
    DESC_NULLS_LAST = "DESC_NULLS_LAST"

    @property
    def is_ascending(self) -> bool:
        return self.value.startswith("ASC")

    @property
    def is_nulls_first(self) -> bool:
        return self.value.endswith("NULLS_FIRST") or self == SortOrder.DESC


Sort = tuple[tuple[str, SortOrder], ...]


class PageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of a list is wanted: up to `limit` rows after or before a cursor, or from
    `offset` on. Without `sort` the list has an order of its own."""

    after: str = ""
    before: str = ""
    offset: int = 0
    limit: int = 20
    sort: Sort = ()


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A part of a list that has `total` rows, in the wanted order also when read backward. Cursors
    are empty where there is no row. With `limit` 0 only the total is told."""

    rows: list[T]
    total: int
    has_next: bool = False
    has_previous: bool = False
    start_cursor: str = ""
    end_cursor: str = ""


class _Key(msgspec.Struct, frozen=True, kw_only=True):
    """One column of an order; `is_nullable` only if rows may lack it."""

    name: str
    column: Any
    is_ascending: bool
    is_nulls_first: bool
    is_nullable: bool

    def turned(self) -> "_Key":
        return msgspec.structs.replace(
            self, is_ascending=not self.is_ascending, is_nulls_first=not self.is_nulls_first
        )

    def ordered(self) -> ColumnElement[Any]:
        by: ColumnElement[Any] = self.column.asc() if self.is_ascending else self.column.desc()
        if not self.is_nullable:
            return by
        return by.nulls_first() if self.is_nulls_first else by.nulls_last()

    def same(self, value: object) -> ColumnElement[bool]:
        found: ColumnElement[bool] = self.column == value  # `IS NULL` for None.
        return found

    def beyond(self, value: object) -> ColumnElement[bool]:
        if value is None:
            return self.column.is_not(None) if self.is_nulls_first else false()
        found: ColumnElement[bool] = (
            self.column > value if self.is_ascending else self.column < value
        )
        if self.is_nullable and not self.is_nulls_first:
            return or_(found, self.column.is_(None))
        return found


def page(
    tx: Connection,
    query: Select[Any],
    request: PageRequest,
    *,
    allowed: Mapping[str, ColumnElement[Any]],
    unique: Sequence[str],
    decode: Callable[[Any], T],
    default: Sort = (),
    total: int | None = None,
) -> Page[T]:
    """A page of what the query finds; it has neither order nor bounds.

    `allowed` are the columns by their keys; those of `unique` together name one row and end every
    order, in the direction of its last key. `default` is the order if none is wanted, `total` how
    many rows there are, if the caller knows. Raises `Refused` on a wrong key, bound or cursor, with
    the paths `sort[i]`, `offset`, `limit`, `after` and `before`.
    """
    _judge(request)
    keys = _keys(request.sort, default, allowed, unique)
    if total is None:
        counted = query.with_only_columns(func.count(), maintain_column_froms=True)
        total = tx.execute(counted).scalar_one()
    at = _cursor(request, keys)
    if request.limit == 0:
        return Page(rows=[], total=total)
    way = [key.turned() for key in keys] if request.before else keys
    found = _found(tx, query, request, way, at)
    rows = found[: request.limit]
    more = len(found) > len(rows)
    behind = bool(request.offset and total) if at is None else _exists(tx, query, way, at)
    if request.before:
        rows.reverse()
    return Page(
        rows=[decode(row) for row in rows],
        total=total,
        has_next=behind if request.before else more,
        has_previous=more if request.before else behind,
        start_cursor=_written(keys, rows[0]) if rows else "",
        end_cursor=_written(keys, rows[-1]) if rows else "",
    )


def _judge(request: PageRequest) -> None:
    for name in ("offset", "limit"):
        if not 0 <= getattr(request, name) <= _INTEGER_MAX:
            raise Refused(BAD_BOUND, name)
    begun = [name for name in ("after", "before", "offset") if getattr(request, name)]
    if len(begun) > 1:
        raise Refused(BAD_PAGE, *begun)


def _keys(
    wanted: Sort, default: Sort, allowed: Mapping[str, ColumnElement[Any]], unique: Sequence[str]
) -> list[_Key]:
    names = [name for name, _ in wanted]
    wrong = [
        f"sort[{index}]"
        for index, name in enumerate(names)
        if name not in allowed or name in names[:index]
    ]
    if wrong:
        raise Refused(BAD_SORT, *wrong)
    sort = list(wanted or default)
    last = SortOrder.ASC if not sort or sort[-1][1].is_ascending else SortOrder.DESC
    there = {name for name, _ in sort}
    sort += [(name, last) for name in unique if name not in there]
    return [_key(name, order, allowed[name]) for name, order in sort]


def _key(name: str, order: SortOrder, column: ColumnElement[Any]) -> _Key:
    return _Key(
        name=name,
        column=column,
        is_ascending=order.is_ascending,
        is_nulls_first=order.is_nulls_first,
        is_nullable=not isinstance(column, Column) or bool(column.nullable),
    )


def _found(
    tx: Connection,
    query: Select[Any],
    request: PageRequest,
    way: Sequence[_Key],
    at: Sequence[object] | None,
) -> list[Any]:
    """One row more than wanted, if there is one, in the order of the way that is gone."""
    labelled = [key.column.label(f"sorted_by_{index}") for index, key in enumerate(way)]
    query = query.add_columns(*labelled).order_by(*(key.ordered() for key in way))
    if at is not None:
        query = query.where(_beyond(way, at))
    return list(tx.execute(query.limit(request.limit + 1).offset(request.offset or None)))


def _exists(tx: Connection, query: Select[Any], way: Sequence[_Key], at: Sequence[object]) -> bool:
    """Whether there is a row at the cursor, or on its other side."""
    back = [key.turned() for key in way]
    here = and_(*(key.same(value) for key, value in zip(way, at, strict=True)))
    for where in (here, _beyond(back, at)):
        if tx.execute(query.where(where).limit(1)).first() is not None:
            return True
    return False


def _beyond(way: Sequence[_Key], at: Sequence[object]) -> ColumnElement[bool]:
    plain = not any(key.is_nullable for key in way)
    if plain and len({key.is_ascending for key in way}) == 1:
        # A comparison of rows: both databases find its beginning in an index.
        columns, values = tuple_(*(key.column for key in way)), tuple_(*at)
        return columns > values if way[0].is_ascending else columns < values
    same: list[ColumnElement[bool]] = []
    steps = []
    for key, value in zip(way, at, strict=True):
        steps.append(and_(*same, key.beyond(value)))
        same.append(key.same(value))
    return or_(*steps)


def _name(keys: Sequence[_Key]) -> str:
    """What a cursor says of the order in which it counts."""
    words = ",".join(f"{key.name} {key.is_ascending} {key.is_nulls_first}" for key in keys)
    return hashlib.sha256(words.encode()).hexdigest()[:8]


def _written(keys: Sequence[_Key], row: Any) -> str:
    values = [row._mapping[f"sorted_by_{index}"] for index in range(len(keys))]
    return b32encode(msgspec.json.encode([_name(keys), *values])).decode("ascii")


def _cursor(request: PageRequest, keys: Sequence[_Key]) -> Sequence[object] | None:
    text = request.after or request.before
    if not text:
        return None
    place = "after" if request.after else "before"
    try:
        name, *values = msgspec.json.decode(b32decode(text), type=list[str | int | None])
    except ValueError:
        raise Refused(BAD_CURSOR, place) from None
    if name != _name(keys) or len(values) != len(keys):
        raise Refused(BAD_CURSOR, place)
    if not all(map(_fits, keys, values)):
        raise Refused(BAD_CURSOR, place)
    return values


def _fits(key: _Key, value: object) -> bool:
    """Whether the column can be compared with it, whoever wrote the cursor."""
    if value is None:
        return key.is_nullable
    if isinstance(key.column.type, Integer):
        return isinstance(value, int) and abs(value) <= _INTEGER_MAX
    return isinstance(value, str) and "\0" not in value
