"""Who sells, where and on what, for as long as a cash period lasts.

A closing shows one place for all that it covers. Where the law has closings show it, what is
changed while a period runs holds from the next one: all receipts of a period then name the same
seller, and its closing and its files name no other.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from fiscus import regimes
from fiscus.journal import encode
from fiscus.model.kinds import SEALED, EntryKind
from fiscus.model.records import PlaceRef
from fiscus.store.schema import CHAIN, ENTRY, REGISTER, TAXPAYER

_BEGINS = sorted({*SEALED, EntryKind.INTENT})
_MASTERS = ("taxpayer", "location", "register")


class PeriodPlace(msgspec.Struct, frozen=True, kw_only=True):
    """The place of a period that runs, as its first entry names it; `relies` are the links of the
    entries that state it. `epoch` and `closed` of its chain say which period it is."""

    epoch: int
    closed: int
    reference: PlaceRef
    relies: Mapping[str, str]


def begun(tx: Connection, chain: Any, known: PeriodPlace | None) -> PeriodPlace | None:
    """The place of the period that runs on a chain (`id`, `epoch`, `closed`). `known` is what was
    found before, and is given back while it is the same period; None: nothing has begun yet."""
    if known is not None and (known.epoch, known.closed) == (chain.epoch, chain.closed):
        return known
    first = tx.execute(
        select(ENTRY.c.kind, ENTRY.c.body)
        .where(
            ENTRY.c.chain == chain.id,
            ENTRY.c.epoch == chain.epoch,
            ENTRY.c.sequence > chain.closed,
            ENTRY.c.kind.in_(_BEGINS),
        )
        .order_by(ENTRY.c.sequence)
        .limit(1)
    ).one_or_none()
    if first is None:
        return None
    body = encode.decode(first.kind, first.body)
    return PeriodPlace(
        epoch=chain.epoch,
        closed=chain.closed,
        reference=body.place,
        relies={name: body.relies[name] for name in _MASTERS},
    )


def running(
    tx: Connection, *, taxpayer: str = "", location: str = "", register: str = ""
) -> list[str]:
    """The registers, of a taxpayer, of a location or the one, with a period that keeps its place:
    what is changed now holds for them from their next closing."""
    laws = [one.code for one in regimes.installed().values() if one.has_period_places]
    entry = select(ENTRY.c.id).where(
        ENTRY.c.chain == CHAIN.c.id,
        ENTRY.c.epoch == CHAIN.c.epoch,
        ENTRY.c.sequence > CHAIN.c.closed,
        ENTRY.c.kind.in_(_BEGINS),
    )
    found = (
        select(CHAIN.c.id)
        .join(REGISTER, REGISTER.c.id == CHAIN.c.id)
        .join(TAXPAYER, TAXPAYER.c.id == REGISTER.c.taxpayer)
        .where(
            _named(taxpayer, location, register),
            TAXPAYER.c.regime.in_(laws),
            REGISTER.c.id != REGISTER.c.taxpayer,  # what is sold online is never closed
            entry.exists(),
        )
        .order_by(CHAIN.c.id)
    )
    return list(tx.scalars(found))


def _named(taxpayer: str, location: str, register: str) -> ColumnElement[bool]:
    if taxpayer:
        return REGISTER.c.taxpayer == taxpayer
    return REGISTER.c.location == location if location else REGISTER.c.id == register
