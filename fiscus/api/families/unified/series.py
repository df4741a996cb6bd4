"""Series of documents: listed, registered ahead of their use, finished, cancelled."""

from datetime import date
from typing import Any

from sqlalchemy import Connection

from fiscus.api.families.unified import translate
from fiscus.api.families.unified.calls import UnifiedCall
from fiscus.api.families.unified.errors import BAD_REFERENCE
from fiscus.api.families.unified.paging import page
from fiscus.issuing import ahead, ending
from fiscus.issuing.ahead import AheadOrder
from fiscus.model.faults import Missing, Refused
from fiscus.model.records import SeriesPurpose
from fiscus.registry import series_lists, taxpayers
from fiscus.registry.series import SeriesState, SeriesView
from fiscus.services import Services


def list_series(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    state: str = call.query.get("state", "")

    def fetch(after: str, limit: int) -> list[SeriesView]:
        return series_lists.page(
            tx,
            call.caller.organization,
            taxpayer=_id(call, "taxpayer_id"),
            location=_id(call, "location_id"),
            state=SeriesState(state.lower()) if state else None,
            document_type=call.query.get("document_type"),
            after=after,
            limit=limit,
        )

    return page(call, fetch, lambda view: view.series.id, translate.series)


def _id(call: UnifiedCall, name: str) -> str | None:
    value = call.query.get(name)
    return translate.identifier(value) if value else None


def retrieve_series(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    view, _ = ending.owned(tx, call.caller.organization, call.path["series_id"])
    return translate.series(view)


def create_series(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    """The wish is noted; the worker asks the authority."""
    said = call.content
    try:
        owner = taxpayers.read(tx, call.caller.organization, translate.identifier(said.taxpayer.id))
    except Missing:
        raise Refused(BAD_REFERENCE, "content.taxpayer.id") from None
    order = AheadOrder(
        taxpayer=owner.taxpayer.id,
        location=translate.identifier(said.location.id) if said.location else "",
        document_type=said.document_type,
        name=said.name,
        purpose=SeriesPurpose(said.purpose.lower()),
        starts_on=date.fromisoformat(said.starts_on) if said.starts_on else None,
        by=call.caller.subject,
    )
    return translate.series(ahead.order(tx, services.issuing, order))


def update_series(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    """It takes no more documents from now on; the worker tells the authority."""
    view, _ = ending.owned(tx, call.caller.organization, call.path["series_id"])
    if call.content is None:
        return translate.series(view)
    to = SeriesState(call.content.state.lower())
    ended = ending.order(tx, services.issuing, view, to, by=call.caller.subject)
    return translate.series(ended)


READS = {"listSeries": list_series, "retrieveSeries": retrieve_series}
WRITES = {"createSeries": create_series, "updateSeries": update_series}
