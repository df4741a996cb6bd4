"""Registers with what is looked for at them, and the rows that are about a register."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, select

from fiscus.model.places import Register
from fiscus.problems.rows import ProblemKind, ProblemRow, ProblemScope, ProblemWeight
from fiscus.store.schema import REGISTER


def registers_with(scope: ProblemScope, *columns: ColumnElement[Any]) -> Select[Any]:
    """The registers that are looked at, with more columns, to be joined and narrowed."""
    return (
        select(REGISTER.c.id, REGISTER.c.organization, REGISTER.c.content, *columns)
        .select_from(REGISTER)
        .where(scope.has(REGISTER.c.organization), *scope.reaches(REGISTER.c.id))
    )


def at_register(
    row: Any,
    kind: ProblemKind,
    weight: ProblemWeight,
    *,
    id_: str = "",
    since: datetime | None = None,
    due: datetime | None = None,
    words: str = "",
) -> ProblemRow:
    """What is wrong at the register of a row of `registers_with`."""
    return ProblemRow(
        kind=kind,
        weight=weight,
        subject=msgspec.json.decode(row.content, type=Register).name,
        id=id_,
        organization=row.organization,
        register=row.id,
        since=since,
        due=due,
        words=words,
    )


def is_register() -> ColumnElement[bool]:
    """What has its taxpayer's id is the journal of online sales, and no register."""
    return REGISTER.c.id != REGISTER.c.taxpayer
