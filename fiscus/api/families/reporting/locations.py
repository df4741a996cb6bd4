"""Locations: the branches of a merchant, with their time zone and the time they close at."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from fiscus import regimes
from fiscus.api.families.reporting import ids, translate_registry
from fiscus.api.families.reporting.calls import (
    Endpoints,
    KeyRequirement,
    ReportingAnswer,
    ReportingCall,
    ReportingOperation,
)
from fiscus.api.families.reporting.paging import after, page
from fiscus.api.families.reporting.wire.countries import regime_of
from fiscus.api.families.reporting.wire.lists import ListQuery
from fiscus.api.families.reporting.wire.locations import (
    Location,
    LocationCreate,
    Locations,
    LocationUpdate,
)
from fiscus.api.families.reporting.wire.merchants import Address
from fiscus.api.pipeline import ReadOperation, WriteOperation
from fiscus.issuing import periods
from fiscus.model.documents import DocumentKind
from fiscus.model.faults import Code, Conflict, Refused
from fiscus.model.places import Location as Place
from fiscus.model.places import Taxpayer
from fiscus.registry import locations, taxpayers
from fiscus.registry.locations import LocationChange
from fiscus.registry.roles import Scope
from fiscus.registry.views import LifecycleState, LocationView, OperatingMode, TaxpayerView
from fiscus.services import Services

ABROAD = Code("REPORTING-LOCATION-01", "a location is in its merchant's country")
CLOSED = Code("REPORTING-LOCATION-02", "this location is out of service for good")
NO_CUT_OFF = Code(
    "REPORTING-LOCATION-03",
    "closings are not offered for this country yet, so nothing can close by itself: leave out the "
    "cut-off",
)

WORDS: Mapping[str, tuple[int, str]] = {
    ABROAD.id: (422, "validation_error"),
    NO_CUT_OFF.id: (422, "validation_error"),
    CLOSED.id: (409, "operation_invalid_state"),
}


def owner(tx: Connection, call: ReportingCall) -> TaxpayerView:
    """The merchant of the call, as it is now."""
    assert call.merchant is not None
    return taxpayers.read(tx, call.organization, call.merchant.taxpayer.id)


def create(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    """In service at once, if its merchant is."""
    wanted: LocationCreate = call.body
    above = owner(tx, call)
    if above.state is LifecycleState.DECOMMISSIONED:
        raise Conflict(locations.PARENT_IDLE)
    _check_country(above.taxpayer, wanted.address)
    _check_cut_off(above.taxpayer, wanted)
    place = Place(
        id=services.uuid7(),
        version=1,
        name=wanted.name,
        address=translate_registry.address(wanted.address),
        timezone=wanted.timezone,
        cut_off=wanted.cut_off_time or "",
    )
    kept = translate_registry.kept_address(wanted.address)
    made = locations.create(
        tx,
        location=place,
        taxpayer=above.taxpayer,
        is_head_office=False,
        details=translate_registry.location_details(place, above.taxpayer.id, kept),
        metadata={},
        subject=call.caller.subject,
        at=call.at,
    )
    if above.state is LifecycleState.COMMISSIONED:
        made = moved(tx, call, made, LocationChange(state=LifecycleState.COMMISSIONED))
    return ReportingAnswer(201, _shown(made))


def _check_country(taxpayer: Taxpayer, address: Address) -> None:
    if regime_of(address.country_code) != taxpayer.regime:
        raise Refused(ABROAD, "address.country_code")


def _check_cut_off(taxpayer: Taxpayer, wanted: LocationCreate | LocationUpdate) -> None:
    if wanted.cut_off_time and DocumentKind.CLOSING not in regimes.find(taxpayer.regime).issues:
        raise Refused(NO_CUT_OFF, "cut_off_time")


def moved(
    tx: Connection, call: ReportingCall, now: LocationView, change: LocationChange
) -> LocationView:
    return locations.update(
        tx, call.organization, now, change, subject=call.caller.subject, at=call.at
    )


def _shown(view: LocationView) -> dict[str, Any]:
    return translate_registry.location(view, regimes.find(view.regime).timezone)


def list_(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    """The branches; a head office, which comes with its merchant, is read by its id alone."""
    limit, place = call.query.limit + 1, after(call)
    found = locations.of(tx, call.organization, taxpayer=None, after=place, limit=limit + 1)
    branches = [one for one in found if not one.is_head_office][:limit]
    return ReportingAnswer(200, page(call, [(one.location.id, _shown(one)) for one in branches]))


def read(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    return ReportingAnswer(200, _shown(_location(tx, call)))


def _location(tx: Connection, call: ReportingCall) -> LocationView:
    return locations.read(tx, call.organization, ids.read("loc", call.path["location_id"]))


def update(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    """The last writer wins: what is in service rests for the moment of the change."""
    now, wanted = _location(tx, call), call.body
    if now.is_head_office:
        raise Conflict(locations.FOLLOWS)
    if now.state is LifecycleState.DECOMMISSIONED:
        raise Conflict(CLOSED)
    above = owner(tx, call).taxpayer
    if wanted.address is not None:
        _check_country(above, wanted.address)
    _check_cut_off(above, wanted)
    content, details = _changed(now, wanted)
    was = now.mode
    if was is OperatingMode.OPERATIVE:
        now = moved(tx, call, now, LocationChange(mode=OperatingMode.SUSPENDED))
    back = OperatingMode.OPERATIVE if was is OperatingMode.OPERATIVE else None
    before = msgspec.structs.replace(now.location, cut_off=content.cut_off)
    later = periods.running(tx, location=content.id) if content != before else []
    now = moved(tx, call, now, LocationChange(content=content, details=details, mode=back))
    return ReportingAnswer(200, _shown(now) | translate_registry.effective(later))


def _changed(now: LocationView, wanted: LocationUpdate) -> tuple[Place, dict[str, Any]]:
    place = now.location
    cut_off = wanted.cut_off_time or ""
    content = msgspec.structs.replace(
        place,
        name=wanted.name or place.name,
        address=translate_registry.address(wanted.address) if wanted.address else place.address,
        timezone=wanted.timezone or place.timezone,
        cut_off=cut_off if "cut_off_time" in wanted.model_fields_set else place.cut_off,
    )
    details = dict(now.details)
    if wanted.name is not None:
        details["name"] = wanted.name[: translate_registry.NAME_MAX]
    if wanted.address is not None:
        details["address"] = translate_registry.kept_address(wanted.address)
    return content, details


ENDPOINTS: Endpoints = (
    (
        ReportingOperation(
            id="createLocation",
            method="POST",
            path="/v1/locations",
            summary="Create a location",
            statuses=(201, 409, 422),
            request=LocationCreate,
            answer=Location,
            key=KeyRequirement.OPTIONAL,
            scope=Scope.REGISTRY,
        ),
        WriteOperation(create),
    ),
    (
        ReportingOperation(
            id="listLocations",
            method="GET",
            path="/v1/locations",
            summary="List locations",
            statuses=(200,),
            query=ListQuery,
            answer=Locations,
            scope=Scope.PLACES,
        ),
        ReadOperation(list_),
    ),
    (
        ReportingOperation(
            id="retrieveLocation",
            method="GET",
            path="/v1/locations/{location_id}",
            summary="Retrieve a location",
            statuses=(200, 404),
            answer=Location,
            scope=Scope.PLACES,
        ),
        ReadOperation(read),
    ),
    (
        ReportingOperation(
            id="updateLocation",
            method="PATCH",
            path="/v1/locations/{location_id}",
            summary="Update a location",
            statuses=(200, 404, 409, 422),
            request=LocationUpdate,
            answer=Location,
            key=KeyRequirement.OPTIONAL,
            scope=Scope.REGISTRY,
        ),
        WriteOperation(update),
    ),
)
