"""Locations: the branches of a merchant, with their time zone and the time they close at."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from fiscus import regimes
from fiscus.api.http import House
from fiscus.api.reporting import ids, translate_registry
from fiscus.api.reporting.door import Answer, Call, Handler, Key, Operation, reads, writes
from fiscus.api.reporting.paging import after, page
from fiscus.api.reporting.wire.countries import regime_of
from fiscus.api.reporting.wire.lists import ListQuery
from fiscus.api.reporting.wire.locations import (
    Location,
    LocationCreate,
    Locations,
    LocationUpdate,
)
from fiscus.api.reporting.wire.merchants import Address
from fiscus.model.faults import Code, Conflict, Refused
from fiscus.model.places import Location as Place
from fiscus.model.places import Taxpayer
from fiscus.registry import locations, taxpayers
from fiscus.registry.locations import Wish
from fiscus.registry.things import LocationView, Mode, State, TaxpayerView

ABROAD = Code("REPORTING-LOCATION-01", "a location is in its merchant's country")
CLOSED = Code("REPORTING-LOCATION-02", "this location is out of service for good")

WORDS: Mapping[str, tuple[int, str]] = {
    ABROAD.id: (422, "validation_error"),
    CLOSED.id: (409, "operation_invalid_state"),
}


def owner(tx: Connection, call: Call) -> TaxpayerView:
    """The merchant of the call, as it is now."""
    assert call.merchant is not None
    return taxpayers.read(tx, call.organization, call.merchant.taxpayer.id)


def create(house: House, tx: Connection, call: Call) -> Answer:
    """In service at once, if its merchant is."""
    wanted: LocationCreate = call.body
    above = owner(tx, call)
    if above.state is State.DECOMMISSIONED:
        raise Conflict(locations.PARENT_IDLE)
    _check_country(above.taxpayer, wanted.address)
    place = Place(
        id=house.uuid7(), version=1, name=wanted.name,
        address=translate_registry.address(wanted.address), timezone=wanted.timezone,
        cut_off=wanted.cut_off_time or "",
    )  # fmt: skip
    kept = translate_registry.kept_address(wanted.address)
    made = locations.create(
        tx, location=place, taxpayer=above.taxpayer, is_head_office=False,
        details=translate_registry.location_details(place, above.taxpayer.id, kept),
        metadata={}, subject=call.caller.subject, at=call.at,
    )  # fmt: skip
    if above.state is State.COMMISSIONED:
        made = moved(tx, call, made, Wish(state=State.COMMISSIONED))
    return Answer(201, _shown(made))


def _check_country(taxpayer: Taxpayer, address: Address) -> None:
    if regime_of(address.country_code) != taxpayer.regime:
        raise Refused(ABROAD, "address.country_code")


def moved(tx: Connection, call: Call, now: LocationView, wish: Wish) -> LocationView:
    return locations.update(
        tx, call.organization, now, wish, subject=call.caller.subject, at=call.at
    )


def _shown(view: LocationView) -> dict[str, Any]:
    return translate_registry.location(view, regimes.find(view.regime).timezone)


def list_(house: House, tx: Connection, call: Call) -> Answer:
    """The branches; a head office, which comes with its merchant, is read by its id alone."""
    limit, place = call.query.limit + 1, after(call)
    found = locations.of(tx, call.organization, taxpayer=None, after=place, limit=limit + 1)
    branches = [one for one in found if not one.is_head_office][:limit]
    return Answer(200, page(call, [(one.location.id, _shown(one)) for one in branches]))


def read(house: House, tx: Connection, call: Call) -> Answer:
    return Answer(200, _shown(_location(tx, call)))


def _location(tx: Connection, call: Call) -> LocationView:
    return locations.read(tx, call.organization, ids.read("loc", call.path["location_id"]))


def update(house: House, tx: Connection, call: Call) -> Answer:
    """The last writer wins: what is in service rests for the moment of the change."""
    now, wanted = _location(tx, call), call.body
    if now.is_head_office:
        raise Conflict(locations.FOLLOWS)
    if now.state is State.DECOMMISSIONED:
        raise Conflict(CLOSED)
    if wanted.address is not None:
        _check_country(owner(tx, call).taxpayer, wanted.address)
    content, details = _changed(now, wanted)
    was = now.mode
    if was is Mode.OPERATIVE:
        now = moved(tx, call, now, Wish(mode=Mode.SUSPENDED))
    back = Mode.OPERATIVE if was is Mode.OPERATIVE else None
    return Answer(
        200, _shown(moved(tx, call, now, Wish(content=content, details=details, mode=back)))
    )


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


ENDPOINTS: tuple[tuple[Operation, Handler], ...] = (
    (
        Operation(
            id="createLocation", method="POST", path="/v1/locations", summary="Create a location",
            statuses=(201, 409, 422), request=LocationCreate, answer=Location, key=Key.OPTIONAL,
        ),
        writes(create, WORDS),
    ),
    (
        Operation(
            id="listLocations", method="GET", path="/v1/locations", summary="List locations",
            statuses=(200,), query=ListQuery, answer=Locations,
        ),
        reads(list_),
    ),
    (
        Operation(
            id="retrieveLocation", method="GET", path="/v1/locations/{location_id}",
            summary="Retrieve a location", statuses=(200, 404), answer=Location,
        ),
        reads(read),
    ),
    (
        Operation(
            id="updateLocation", method="PATCH", path="/v1/locations/{location_id}",
            summary="Update a location", statuses=(200, 404, 409, 422), request=LocationUpdate,
            answer=Location, key=Key.OPTIONAL,
        ),
        writes(update, WORDS),
    ),
)  # fmt: skip
