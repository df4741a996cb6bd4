"""Calendar months that a law wants reported, and what a person has done about each: an extension of
the contract."""

from typing import Any

from sqlalchemy import Connection

from fiscus.api.families.unified import translate
from fiscus.api.families.unified.calls import UnifiedCall
from fiscus.api.families.unified.paging import page
from fiscus.registry import taxpayers
from fiscus.reporting import declaring, month_listing, months
from fiscus.reporting.month_listing import MonthFilter
from fiscus.reporting.months import DeclarationType, MonthState
from fiscus.services import Services


def list_(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    owner = taxpayers.read(tx, call.caller.organization, call.path["taxpayer_id"])
    state = call.query.get("state")
    which = MonthFilter(
        taxpayer=owner.taxpayer.id,
        states=(MonthState[state],) if state else (),
        year=int(call.query.get("year", "0")),
        is_overdue=call.query.get("overdue", False),
    )
    return page(
        call,
        lambda after, limit: month_listing.listed(tx, which, call.at, after=after, limit=limit),
        month_listing.cursor,
        translate.month,
    )


def declare(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    owner = taxpayers.read(tx, call.caller.organization, call.path["taxpayer_id"])
    said = call.content
    view = declaring.declare(
        tx,
        services.uuid7,
        owner.taxpayer.id,
        months.named(call.path["month"]),
        DeclarationType[said.type],
        reference=said.reference or "",
        by=call.caller.subject,
        at=call.at,
        organization=call.caller.organization,
    )
    return translate.month(view)


READS = {"listMonths": list_}
WRITES = {"createMonthDeclaration": declare}
