"""Puts a register under its country's law, with a device if that wants one, and takes it out."""

from collections.abc import Mapping

from sqlalchemy import Connection

from fiscus import regimes
from fiscus.api.families.reporting import fiscal, ids, translate_registry
from fiscus.api.families.reporting.calls import (
    Endpoints,
    KeyRequirement,
    ReportingAnswer,
    ReportingCall,
    ReportingOperation,
)
from fiscus.api.families.reporting.locations import moved as move_location
from fiscus.api.families.reporting.locations import owner
from fiscus.api.families.reporting.merchants import is_lawful
from fiscus.api.families.reporting.merchants import moved as move_merchant
from fiscus.api.families.reporting.registers import GONE, moved, named
from fiscus.api.families.reporting.wire.registers import Register
from fiscus.api.pipeline import WriteOperation
from fiscus.model.faults import Code, Conflict, inside
from fiscus.provisioning import provision, unconcluded
from fiscus.registry import locations, taxpayers
from fiscus.registry.registers import RegisterChange
from fiscus.registry.roles import Scope
from fiscus.registry.views import LifecycleState, OperatingMode, RegisterView
from fiscus.services import Services

NO_IDENTITY = Code(
    "REPORTING-FISCAL-01", "the merchant lacks a fiscal identity that satisfies the country's law"
)
ABOVE_GONE = Code("REPORTING-FISCAL-02", "the merchant or the location is out of service")
NEVER_FISCALIZED = Code("REPORTING-FISCAL-04", "this register was never fiscalized")

WORDS: Mapping[str, tuple[int, str]] = {
    NO_IDENTITY.id: (409, "fiscalization_conflict"),
    ABOVE_GONE.id: (409, "fiscalization_conflict"),
    NEVER_FISCALIZED.id: (409, "operation_invalid_state"),
    provision.NO_KIND.id: (503, "service_unavailable"),
    provision.SESSION_OPEN.id: (409, "session_invalid_state"),
    unconcluded.STILL_OPEN.id: (409, "operation_invalid_state"),
    provision.NOT_CLOSED.id: (409, "session_invalid_state"),
    provision.TABS_OPEN.id: (409, "operation_invalid_state"),
    "ISSUE-DEVICE-01": (409, "operation_invalid_state"),
}


def fiscalize(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    """In service from now on; where the law wants a device, the worker fits one.

    May be repeated: a register that is under its law stays so, and after a failure the device is
    asked for anew.
    """
    now = named(tx, call)
    if now.state is LifecycleState.DECOMMISSIONED:
        raise Conflict(GONE)
    _commission_above(services, tx, call, now)
    if now.state is LifecycleState.ACQUIRED:
        now = moved(tx, call, now, RegisterChange(state=LifecycleState.COMMISSIONED))
    family = regimes.find(now.regime).device
    if family:
        provision.ask(
            tx,
            services.provisioning,
            register=now.register.id,
            organization=call.organization,
            family=family,
            by=call.caller.subject,
            at=call.at,
        )
    return ReportingAnswer(202, translate_registry.register(now, fiscal.of_register(tx, now)))


def _commission_above(
    services: Services, tx: Connection, call: ReportingCall, register: RegisterView
) -> None:
    """Merchant and location, if they waited for what the law wants to know."""
    merchant = owner(tx, call)
    if not is_lawful(services, merchant.taxpayer):
        regime = regimes.find(merchant.taxpayer.regime)
        faults = tuple(regime.identity(merchant.taxpayer.facts, services.settings.is_live))
        raise Conflict(NO_IDENTITY, faults=inside("facts", faults))
    if merchant.state is LifecycleState.ACQUIRED:
        change = taxpayers.TaxpayerChange(state=LifecycleState.COMMISSIONED)
        merchant = move_merchant(services, tx, call, merchant, change)
    place = locations.read(tx, call.organization, register.location)
    if place.state is LifecycleState.ACQUIRED:
        place = move_location(
            tx, call, place, locations.LocationChange(state=LifecycleState.COMMISSIONED)
        )
    if (merchant.mode, place.mode) != (OperatingMode.OPERATIVE, OperatingMode.OPERATIVE):
        raise Conflict(ABOVE_GONE)


def decommission(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    """Out of service for good. Its device is told by the worker, and may be dead: who asks again
    has it told again."""
    now = named(tx, call)
    if now.state is LifecycleState.ACQUIRED:
        raise Conflict(NEVER_FISCALIZED)
    try:
        provision.retire(tx, services.provisioning, now.register.id, call.at, call.caller.subject)
    except Conflict as still:
        raise _with_tabs(call, still) from None
    if now.state is LifecycleState.COMMISSIONED:
        now = moved(tx, call, now, RegisterChange(state=LifecycleState.DECOMMISSIONED))
    return ReportingAnswer(200, translate_registry.register(now, fiscal.of_register(tx, now)))


def _with_tabs(call: ReportingCall, still: Conflict) -> Conflict:
    """Tabs that are open are named as this family names them."""
    if still.code.id != provision.TABS_OPEN.id:
        return still
    open_tabs = [ids.shown("tab", tab) for tab in still.paths]
    call.details = {"open_tab_ids": open_tabs}
    return Conflict(still.code, *open_tabs)


ENDPOINTS: Endpoints = (
    (
        ReportingOperation(
            id="fiscalizeRegister",
            method="POST",
            path="/v1/registers/{register_id}/fiscalize",
            summary="Put a register under its country's law",
            statuses=(202, 404, 409),
            answer=Register,
            key=KeyRequirement.OPTIONAL,
            scope=Scope.REGISTRY,
        ),
        WriteOperation(fiscalize),
    ),
    (
        ReportingOperation(
            id="decommissionRegister",
            method="POST",
            path="/v1/registers/{register_id}/decommission",
            summary="Take a register out of service for good",
            statuses=(200, 404, 409),
            answer=Register,
            key=KeyRequirement.OPTIONAL,
            scope=Scope.REGISTRY,
        ),
        WriteOperation(decommission),
    ),
)
