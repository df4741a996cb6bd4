"""Lists of series, for those who look at them and for what is done by itself."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, select

from fiscus.model.times import micros_z
from fiscus.registry.organizations import among
from fiscus.registry.series import OPEN_QUESTIONS, SeriesState, SeriesView, view_of
from fiscus.store.schema import SERIES, TAXPAYER


def page(
    tx: Connection,
    organization: str,
    *,
    taxpayer: str | None = None,
    location: str | None = None,
    state: SeriesState | None = None,
    document_type: str | None = None,
    after: str = "",
    limit: int,
) -> list[SeriesView]:
    """Those of an organization's taxpayers, by id; None: whichever."""
    query = select(SERIES).join(TAXPAYER, TAXPAYER.c.id == SERIES.c.taxpayer)
    query = query.where(TAXPAYER.c.organization == organization, SERIES.c.id > after)
    wanted = {
        "taxpayer": taxpayer,
        "location": location,
        "state": state,
        "document_type": document_type,
    }
    for name, value in wanted.items():
        if value is not None:
            query = query.where(SERIES.c[name] == value)
    return [view_of(row) for row in tx.execute(query.order_by(SERIES.c.id).limit(limit))]


def unsettled(
    tx: Connection, before: datetime, limit: int, organizations: Collection[str] | None = None
) -> list[SeriesView]:
    """Those of which something was begun with the authority before that moment, and nobody knows
    that it is done; of taxpayers of these organizations, None: of all."""
    since = func.coalesce(SERIES.c.ordered_at, SERIES.c.asked_at)
    query = select(SERIES).where(SERIES.c.state.in_(OPEN_QUESTIONS), since < micros_z(before))
    if organizations is not None:
        query = query.join(TAXPAYER, TAXPAYER.c.id == SERIES.c.taxpayer)
        query = query.where(among(TAXPAYER.c.organization, organizations))
    return [view_of(row) for row in tx.execute(query.order_by(since, SERIES.c.id).limit(limit))]


def in_use(tx: Connection, regimes: Collection[str]) -> list[SeriesView]:
    """All active ones of taxpayers under these laws."""
    query = select(SERIES).join(TAXPAYER, TAXPAYER.c.id == SERIES.c.taxpayer)
    active = (SERIES.c.state == SeriesState.ACTIVE) & TAXPAYER.c.regime.in_(list(regimes))
    return [view_of(row) for row in tx.execute(query.where(active).order_by(SERIES.c.id))]
