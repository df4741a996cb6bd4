"""Puts a register under its country's law, with a device if that wants one, and takes it out."""

from collections.abc import Mapping

from sqlalchemy import Connection

from fiscus import regimes
from fiscus.api.http import House
from fiscus.api.reporting import fiscal, translate_registry
from fiscus.api.reporting.door import Answer, Call, Handler, Key, Operation, writes
from fiscus.api.reporting.locations import moved as move_location
from fiscus.api.reporting.locations import owner
from fiscus.api.reporting.merchants import is_lawful
from fiscus.api.reporting.merchants import moved as move_merchant
from fiscus.api.reporting.registers import GONE, moved, named
from fiscus.api.reporting.wire.registers import Register
from fiscus.issuing import fitting
from fiscus.model.faults import Code, Conflict
from fiscus.registry import locations, taxpayers
from fiscus.registry.registers import Wish
from fiscus.registry.things import Mode, RegisterView, State

NO_IDENTITY = Code(
    "REPORTING-FISCAL-01", "the merchant lacks a fiscal identity that satisfies the country's law"
)
ABOVE_GONE = Code("REPORTING-FISCAL-02", "the merchant or the location is out of service")
NEVER_FISCALIZED = Code("REPORTING-FISCAL-04", "this register was never fiscalized")

WORDS: Mapping[str, tuple[int, str]] = {
    NO_IDENTITY.id: (409, "fiscalization_conflict"),
    ABOVE_GONE.id: (409, "fiscalization_conflict"),
    NEVER_FISCALIZED.id: (409, "operation_invalid_state"),
    fitting.NO_KIND.id: (503, "service_unavailable"),
    fitting.SESSION_OPEN.id: (409, "session_invalid_state"),
    fitting.STILL_OPEN.id: (409, "operation_invalid_state"),
    fitting.NOT_CLOSED.id: (409, "session_invalid_state"),
    "ISSUE-DEVICE-01": (409, "operation_invalid_state"),
}


def fiscalize(house: House, tx: Connection, call: Call) -> Answer:
    """In service from now on; where the law wants a device, the worker fits one.

    May be repeated: a register that is under its law stays so, and after a failure the device is
    asked for anew.
    """
    now = named(tx, call)
    if now.state is State.DECOMMISSIONED:
        raise Conflict(GONE)
    _commission_above(house, tx, call, now)
    if now.state is State.ACQUIRED:
        now = moved(tx, call, now, Wish(state=State.COMMISSIONED))
    family = regimes.find(now.regime).device
    if family:
        fitting.ask(
            tx, house.workshop, register=now.register.id, organization=call.organization,
            family=family, at=call.at,
        )  # fmt: skip
    return Answer(202, translate_registry.register(now, fiscal.of_register(tx, now)))


def _commission_above(house: House, tx: Connection, call: Call, register: RegisterView) -> None:
    """Merchant and location, if they waited for what the law wants to know."""
    merchant = owner(tx, call)
    if not is_lawful(house, merchant.taxpayer):
        regime = regimes.find(merchant.taxpayer.regime)
        faults = tuple(regime.identity(merchant.taxpayer.facts, house.settings.is_live))
        raise Conflict(NO_IDENTITY, faults=faults)
    if merchant.state is State.ACQUIRED:
        wish = taxpayers.Wish(state=State.COMMISSIONED)
        merchant = move_merchant(house, tx, call, merchant, wish)
    place = locations.read(tx, call.organization, register.location)
    if place.state is State.ACQUIRED:
        place = move_location(tx, call, place, locations.Wish(state=State.COMMISSIONED))
    if (merchant.mode, place.mode) != (Mode.OPERATIVE, Mode.OPERATIVE):
        raise Conflict(ABOVE_GONE)


def decommission(house: House, tx: Connection, call: Call) -> Answer:
    """Out of service for good. Its device is told by the worker, and may be dead: who asks again
    has it told again."""
    now = named(tx, call)
    if now.state is State.ACQUIRED:
        raise Conflict(NEVER_FISCALIZED)
    fitting.retire(tx, house.workshop, now.register.id, call.at)
    if now.state is State.COMMISSIONED:
        now = moved(tx, call, now, Wish(state=State.DECOMMISSIONED))
    return Answer(200, translate_registry.register(now, fiscal.of_register(tx, now)))


ENDPOINTS: tuple[tuple[Operation, Handler], ...] = (
    (
        Operation(
            id="fiscalizeRegister", method="POST", path="/v1/registers/{register_id}/fiscalize",
            summary="Put a register under its country's law", statuses=(202, 404, 409),
            answer=Register, key=Key.OPTIONAL,
        ),
        writes(fiscalize, WORDS),
    ),
    (
        Operation(
            id="decommissionRegister", method="POST",
            path="/v1/registers/{register_id}/decommission",
            summary="Take a register out of service for good", statuses=(200, 404, 409),
            answer=Register, key=Key.OPTIONAL,
        ),
        writes(decommission, WORDS),
    ),
)  # fmt: skip
