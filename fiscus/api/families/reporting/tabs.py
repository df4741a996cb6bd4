"""Tabs, to look at: what is ordered and billed on them comes in as operations."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from fiscus.api.families.reporting import finding, ids
from fiscus.api.families.reporting.calls import (
    Endpoints,
    ReportingAnswer,
    ReportingCall,
    ReportingOperation,
)
from fiscus.api.families.reporting.paging import after, page
from fiscus.api.families.reporting.translate import operations as operation_words
from fiscus.api.families.reporting.translate import tabs as translate
from fiscus.api.families.reporting.wire import tabs as wire
from fiscus.api.pipeline import ReadOperation
from fiscus.journal import intents, read
from fiscus.journal.intents import IntentionView
from fiscus.model.faults import Missing
from fiscus.model.kinds import EntryKind
from fiscus.registry.roles import Scope
from fiscus.services import Services

WORDS: Mapping[str, tuple[int, str]] = {finding.UNKNOWN_TAB.id: (404, "not_found")}


def list_(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    """By their first orders, oldest first. How a tab stands is known only from all that was
    recorded for it, so a page may be shorter than asked for."""
    query: wire.TabsQuery = call.query
    where = finding.asked(call, query, frozenset({EntryKind.DOCUMENT}))
    found = intents.page(
        tx, where, after=after(call), limit=query.limit + 1, keep=operation_words.begins_tab
    )
    seen, stopped_at = found.found[: query.limit], found.stopped_at
    if len(found.found) > query.limit:
        stopped_at = seen[-1].intent.id
    rows = [(acted.intent.id, _shown(tx, acted)) for acted in seen]
    wanted = [row for row in rows if _is_wanted(row[1], query)]
    return ReportingAnswer(200, page(call, wanted, stopped_at))


def _is_wanted(tab: dict[str, Any], query: wire.TabsQuery) -> bool:
    is_there = query.table is None or query.table.strip() in tab["tables"]
    return query.status in (None, tab["status"]) and is_there


def retrieve(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    try:
        acted = finding.first_order(tx, call, ids.read("tab", call.path["tab_id"]))
    except Missing:
        raise Missing(finding.UNKNOWN_TAB) from None
    return ReportingAnswer(200, _shown(tx, acted))


def _shown(tx: Connection, acted: IntentionView) -> dict[str, Any]:
    assert acted.conclusion is not None
    return translate.tab(read.tab(tx, acted.conclusion.id))


ENDPOINTS: Endpoints = (
    (
        ReportingOperation(
            id="listTabs",
            method="GET",
            path="/v1/tabs",
            summary="List tabs",
            statuses=(200, 404),
            query=wire.TabsQuery,
            answer=wire.Tabs,
            scope=Scope.DOCUMENTS,
            is_extension=True,
        ),
        ReadOperation(list_),
    ),
    (
        ReportingOperation(
            id="retrieveTab",
            method="GET",
            path="/v1/tabs/{tab_id}",
            summary="Retrieve a tab",
            statuses=(200, 404),
            answer=wire.Tab,
            scope=Scope.DOCUMENTS,
            is_extension=True,
        ),
        ReadOperation(retrieve),
    ),
)
