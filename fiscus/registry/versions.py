"""Every change of a thing is a new version; old versions stay for ever."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from fiscus.model.times import instant
from fiscus.store.schema import VERSION


def remember(tx: Connection, thing: str, row: dict[str, Any], subject: str) -> None:
    """Keep a version of a taxpayer, location or register: its content, its standing, who did it."""
    tx.execute(
        VERSION.insert().values(
            thing=thing,
            id=row["id"],
            version=row["version"],
            content=row["content"],
            state=row["state"],
            mode=row["mode"],
            at=row["updated_at"],
            subject=subject,
        )
    )


def content(tx: Connection, thing: str, id_: str, version: int) -> str:
    """The content of one version, as JSON text."""
    found: str = tx.execute(
        select(VERSION.c.content).where(
            VERSION.c.thing == thing, VERSION.c.id == id_, VERSION.c.version == version
        )
    ).scalar_one()
    return found


def as_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def since(tx: Connection, thing: str, id_: str, state: str) -> datetime | None:
    """When a thing came into a state first; None if it never was in it."""
    first = tx.scalar(
        select(func.min(VERSION.c.at)).where(
            VERSION.c.thing == thing, VERSION.c.id == id_, VERSION.c.state == state
        )
    )
    return instant(first) if first else None
