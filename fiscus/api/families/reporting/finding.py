"""Finds operations that a request names: its own, the one it takes back, the tab it is for."""

from sqlalchemy import Connection

from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.calls import ReportingCall
from fiscus.api.families.reporting.translate import operations as translate
from fiscus.api.families.reporting.wire.operations import OperationsQuery
from fiscus.api.families.reporting.wire.tabs import TabsQuery
from fiscus.journal import intents
from fiscus.journal.intents import IntentionFilter, IntentionView
from fiscus.model.faults import Code, Missing, Refused
from fiscus.model.kinds import EntryKind
from fiscus.model.times import instant
from fiscus.services import Services
from fiscus.store.connect import reading

UNKNOWN = Code("REPORTING-OPERATION-01", "there is no operation with this id")
UNKNOWN_TAB = Code("REPORTING-TAB-01", "there is no tab with this id")
NOT_COMPLETED = Code(
    "REPORTING-OPERATION-03", "the related operation is not completed, or not one of goods"
)


def asked(
    call: ReportingCall, query: OperationsQuery | TabsQuery, kinds: frozenset[EntryKind] | None
) -> IntentionFilter:
    """What a list asks for by place and period, of the registers that the key is for."""
    return IntentionFilter(
        organization=call.organization,
        location=ids.read("loc", query.location_id) if query.location_id else "",
        register=ids.read("reg", query.register_id) if query.register_id else "",
        registers=call.caller.systems,
        since=instant(query.since) if query.since else None,
        until=instant(query.until) if query.until else None,
        kinds=kinds,
    )


def one(tx: Connection, call: ReportingCall, intent: str) -> IntentionView:
    """The operation with its conclusion. Raises `Missing`, also for intentions that another family
    began, and for those of a register that the key is not for."""
    acted = intents.one(tx, call.organization, intent)
    if not translate.type_of(acted) or not call.caller.reaches(acted.intent.register):
        raise Missing(UNKNOWN)
    return acted


def related(services: Services, call: ReportingCall, operation: str) -> str:
    """The document that concluded the operation. Raises `Missing`, also for an operation of
    another merchant, or `Refused`."""
    try:
        with reading(services.engine) as tx:
            acted = one(tx, call, ids.read("op", operation))
    except Missing:
        raise Missing(UNKNOWN, "related_operation_id") from None
    is_goods = translate.type_of(acted) in translate.GOODS
    if acted.conclusion is None or translate.status(acted) != "completed" or not is_goods:
        raise Refused(NOT_COMPLETED, "related_operation_id")
    return acted.conclusion.id


async def tab(services: Services, call: ReportingCall, named: str | None) -> str:
    """The document that began the tab; empty if none is named. Raises `Missing`."""
    if named is None:
        return ""
    begun = await services.in_thread(_first_order, services, call, named)
    assert begun.conclusion is not None
    return begun.conclusion.id


def _first_order(services: Services, call: ReportingCall, tab: str) -> IntentionView:
    try:
        with reading(services.engine) as tx:
            return first_order(tx, call, ids.read("tab", tab))
    except Missing:
        raise Missing(UNKNOWN_TAB, "tab_id") from None


def first_order(tx: Connection, call: ReportingCall, intent: str) -> IntentionView:
    """The order that began a tab, whose id it has. Raises `Missing`, also for one added later."""
    acted = one(tx, call, intent)
    if not translate.begins_tab(acted):
        raise Missing(UNKNOWN_TAB)
    return acted
