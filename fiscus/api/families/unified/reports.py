"""What authorities are told of a taxpayer's documents: an extension of the contract."""

from calendar import monthrange
from datetime import date
from typing import Any

from sqlalchemy import Connection

from fiscus.api.families.unified import translate
from fiscus.api.families.unified.calls import UnifiedCall
from fiscus.api.families.unified.paging import page
from fiscus.model.faults import Missing, Refused
from fiscus.registry import taxpayers
from fiscus.reporting import acts, listing
from fiscus.reporting.listing import UNKNOWN_REPORT, ReportFilter, ReportView
from fiscus.reporting.states import ReportState
from fiscus.services import Services


def list_(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    owner = taxpayers.read(tx, call.caller.organization, call.path["taxpayer_id"])
    state, period = call.query.get("state"), call.query.get("period")
    first, last = _month(period) if period else (None, None)
    which = ReportFilter(
        organization=call.caller.organization,
        taxpayer=owner.taxpayer.id,
        states=(ReportState[state],) if state else (),
        series=call.query.get("series", ""),
        first=first,
        last=last,
    )
    return page(
        call,
        lambda after, limit: listing.listed(tx, which, after=after, limit=limit),
        lambda view: view.id,
        translate.report,
    )


def _month(text: str) -> tuple[date, date]:
    first = date.fromisoformat(f"{text}-01")
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def retrieve(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    return translate.report(_own(tx, call))


def retry(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    """Sending again what waits already does no harm, so the same request may come twice."""
    acts.retry(tx, _own(tx, call).id, by=call.caller.subject, at=call.at)
    return translate.report(_own(tx, call))


def delete(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    """The report that orders the deletion."""
    id_ = _own(tx, call).id
    by, reason = call.caller.subject, call.content.reason
    try:
        made = acts.delete(tx, services.uuid7, id_, reason, by=by, at=call.at)
    except Refused as trouble:
        raise Refused(trouble.code, "content.reason") from None
    return translate.report(listing.read(tx, made))


def _own(tx: Connection, call: UnifiedCall) -> ReportView:
    """The report of the path, if it is one of that taxpayer. Raises `Missing`."""
    owner = taxpayers.read(tx, call.caller.organization, call.path["taxpayer_id"])
    view = listing.read(tx, call.path["report_id"], call.caller.organization)
    if view.taxpayer != owner.taxpayer.id:
        raise Missing(UNKNOWN_REPORT, "report_id")
    return view


READS = {"listReports": list_, "retrieveReport": retrieve}
WRITES = {"retryReport": retry, "createReportDeletion": delete}
