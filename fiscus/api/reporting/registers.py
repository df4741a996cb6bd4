"""Registers: what issues. A register is put under its law by being fiscalized."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from fiscus.api.http import House
from fiscus.api.reporting import fiscal, ids, translate_registry
from fiscus.api.reporting.door import Answer, Call, Handler, Key, Operation, reads, writes
from fiscus.api.reporting.paging import after, page
from fiscus.api.reporting.translate_registry import EXTERNAL_ID
from fiscus.api.reporting.wire.registers import (
    Register,
    RegisterCreate,
    RegisterQuery,
    Registers,
    RegisterUpdate,
)
from fiscus.model.faults import Code, Conflict, Missing
from fiscus.model.places import Register as Content
from fiscus.registry import locations, registers
from fiscus.registry.registers import Wish
from fiscus.registry.things import Mode, RegisterView, State
from fiscus.signers import find as signer_kind

NO_PLACE = Code("REPORTING-REGISTER-01", "no location with this id is visible to you")
PLACE_CLOSED = Code("REPORTING-REGISTER-02", "this location is out of service for good")
GONE = Code("REPORTING-REGISTER-03", "this register is out of service for good")

WORDS: Mapping[str, tuple[int, str]] = {
    NO_PLACE.id: (404, "not_found"),
    PLACE_CLOSED.id: (409, "operation_invalid_state"),
    GONE.id: (409, "operation_invalid_state"),
}


def create(house: House, tx: Connection, call: Call) -> Answer:
    """A register with a journal and a key of its own; it issues once it is fiscalized."""
    wanted: RegisterCreate = call.body
    try:
        place = locations.read(tx, call.organization, ids.read("loc", wanted.location_id))
    except Missing:
        raise Missing(NO_PLACE, "location_id") from None
    if place.state is State.DECOMMISSIONED:
        raise Conflict(PLACE_CLOSED, "location_id")
    content = Content(id=house.uuid7(), version=1, name=wanted.name)
    made = registers.create(
        tx, house.vault, signer_kind("softkey"), register=content, location=place,
        organization=call.organization,
        details=translate_registry.register_details({}, content, place.location.id),
        metadata={EXTERNAL_ID: wanted.external_id} if wanted.external_id else {},
        subject=call.caller.subject, at=call.at,
    )  # fmt: skip
    return Answer(201, _shown(tx, made))


def _shown(tx: Connection, view: RegisterView) -> dict[str, Any]:
    return translate_registry.register(view, fiscal.of_register(tx, view))


def list_(house: House, tx: Connection, call: Call) -> Answer:
    wanted = call.query.location_id
    found = registers.of(
        tx, call.organization, taxpayer=None,
        location=ids.read("loc", wanted) if wanted else None,
        after=after(call), limit=call.query.limit + 1,
    )  # fmt: skip
    return Answer(200, page(call, [(one.register.id, _shown(tx, one)) for one in found]))


def read(house: House, tx: Connection, call: Call) -> Answer:
    return Answer(200, _shown(tx, named(tx, call)))


def named(tx: Connection, call: Call) -> RegisterView:
    """The register of the path. Raises `Missing`."""
    return registers.read(tx, call.organization, ids.read("reg", call.path["register_id"]))


def update(house: House, tx: Connection, call: Call) -> Answer:
    """The last writer wins: what is in service rests for the moment of the change."""
    now, wanted = named(tx, call), call.body
    if now.state is State.DECOMMISSIONED:
        raise Conflict(GONE)
    metadata = dict(now.metadata)
    if "external_id" in wanted.model_fields_set:
        metadata.pop(EXTERNAL_ID, None)
    if wanted.external_id:
        metadata[EXTERNAL_ID] = wanted.external_id
    was = now.mode
    if wanted.name is None:
        return Answer(200, _shown(tx, moved(tx, call, now, Wish(metadata=metadata))))
    if was is Mode.OPERATIVE:
        now = moved(tx, call, now, Wish(mode=Mode.SUSPENDED))
    content = msgspec.structs.replace(now.register, name=wanted.name)
    details = translate_registry.register_details(now.details, content, now.location)
    back = Mode.OPERATIVE if was is Mode.OPERATIVE else None
    wish = Wish(content=content, details=details, metadata=metadata, mode=back)
    return Answer(200, _shown(tx, moved(tx, call, now, wish)))


def moved(tx: Connection, call: Call, now: RegisterView, wish: Wish) -> RegisterView:
    return registers.update(
        tx, call.organization, now, wish, subject=call.caller.subject, at=call.at
    )


ENDPOINTS: tuple[tuple[Operation, Handler], ...] = (
    (
        Operation(
            id="createRegister", method="POST", path="/v1/registers", summary="Create a register",
            statuses=(201, 404, 409), request=RegisterCreate, answer=Register, key=Key.OPTIONAL,
        ),
        writes(create, WORDS),
    ),
    (
        Operation(
            id="listRegisters", method="GET", path="/v1/registers", summary="List registers",
            statuses=(200, 404), query=RegisterQuery, answer=Registers,
        ),
        reads(list_),
    ),
    (
        Operation(
            id="retrieveRegister", method="GET", path="/v1/registers/{register_id}",
            summary="Retrieve a register", statuses=(200, 404), answer=Register,
        ),
        reads(read),
    ),
    (
        Operation(
            id="updateRegister", method="PATCH", path="/v1/registers/{register_id}",
            summary="Update a register", statuses=(200, 404, 409), request=RegisterUpdate,
            answer=Register, key=Key.OPTIONAL,
        ),
        writes(update, WORDS),
    ),
)  # fmt: skip
