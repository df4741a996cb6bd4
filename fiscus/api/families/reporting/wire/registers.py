"""Registers: what issues, and the device that signs for it."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from fiscus.api.families.reporting.wire.envelope import List
from fiscus.api.families.reporting.wire.lists import ListQuery, digits
from fiscus.api.families.reporting.wire.scalars import (
    EXTENSION,
    EffectiveLater,
    LocationId,
    MerchantId,
    Moment,
    Query,
    QueryMoment,
    RegisterId,
    Text50,
    Text64,
    Text255,
    Wire,
)

FiscalizationStatus = Literal["not_fiscalized", "pending", "failed", "fiscalized", "decommissioned"]


class RegisterSoftware(Wire):
    """The program that runs on the register."""

    name: Annotated[Text50, Field(examples=["Kiosk Pro"])]
    version: Annotated[Text50, Field(examples=["4.2.1"])]


Brand = Annotated[Text50 | None, EXTENSION, Field(description="Who made it.", examples=["Vectron"])]
Model = Annotated[Text50 | None, EXTENSION, Field(examples=["POS Touch 15"])]
Program = Annotated[RegisterSoftware | None, EXTENSION]


class RegisterCreate(Wire):
    """`brand`, `model` and `software` are extensions: an auditor's file shows them."""

    location_id: LocationId
    name: Annotated[Text64, Field(examples=["Till 1"])]
    external_id: Annotated[Text255 | None, Field(examples=["pos-0001"])] = None
    brand: Brand = None
    model: Model = None
    software: Program = None


class RegisterUpdate(Wire):
    """What is not sent stays; null as `external_id` takes it away. What an auditor's file shows of
    a register is what the next closing finds."""

    name: Text64 | None = None
    external_id: Text255 | None = None
    brand: Brand = None
    model: Model = None
    software: Program = None


class Fiscalization(Wire):
    """Present once the register was asked to be fiscalized."""

    regime: Annotated[str, Field(examples=["KassenSichV"])]
    fiscalized_at: Moment | None
    decommissioned_at: Moment | None
    tse_serial: str | None
    client_id: str | None
    error: str | None


class Register(Wire):
    id: RegisterId
    merchant_id: MerchantId
    location_id: LocationId
    name: str
    external_id: str | None
    status: Literal["active", "inactive"]
    fiscalization_status: FiscalizationStatus
    fiscalization: Fiscalization | None
    created_at: Moment
    updated_at: Moment
    brand: Brand = None
    model: Model = None
    software: Program = None
    effective_at_closing_of: EffectiveLater = None


class RegisterQuery(ListQuery):
    location_id: LocationId | None = None


class Registers(List):
    data: Annotated[list[Register], Field(max_length=200)]


class TseReplace(Wire):
    """`reason` stands in the journal, beside the serials of both devices."""

    reason: Annotated[Text255 | None, Field(examples=["does not answer since Monday"])] = None


class TseReplacement(Wire):
    """The device that is to take the place of the present one. `error`: why it could not be set
    up; ask again to go on from there."""

    state: Literal["pending", "failed"]
    reason: str | None
    requested_at: Moment
    error: str | None


class FormerTse(Wire):
    """A device that signed for the register before. `error`: why it could not be told that it does
    so no more; null `deregistered_at` without an error: it is being told."""

    serial: str
    fitted_at: Moment | None
    released_at: Moment | None
    deregistered_at: Moment | None
    error: str | None


class Tse(Wire):
    """The device that signs for a register, or the one whose serial is asked for. `serial` is hex;
    `certificates` are DER in base64, the device's own first; `reason` is why it took the place of
    the one before. `former` are the others that signed, the oldest first; their logs can be
    exported by `serial`."""

    register_id: RegisterId
    state: Literal["pending", "fitted", "failed", "released"]
    is_test: bool | None
    serial: str | None
    client_id: str
    algorithm: str | None
    time_format: str | None
    public_key: str | None
    certificates: list[str]
    description: str | None
    usable_until: Moment | None
    reason: str | None
    outage_since: Moment | None
    fitted_at: Moment | None
    released_at: Moment | None
    deregistered_at: Moment | None
    error: str | None
    replacement: TseReplacement | None
    former: list[FormerTse]


Serial = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class TseQuery(Query):
    """`serial`: that device of the register, in service or not; not given: the present one."""

    serial: Serial | None = None


Counter = Annotated[int, Field(ge=0, le=2**53), BeforeValidator(digits)]


class TseExportQuery(Query):
    """Which transactions; nothing given: everything, system logs included. Bounds are included.
    `serial`: of which device of the register, in service or not; not given: of the present one."""

    serial: Serial | None = None
    client_id: Annotated[str | None, Field(min_length=1, max_length=36)] = None
    transaction_number: Counter | None = None
    first_transaction_number: Counter | None = None
    last_transaction_number: Counter | None = None
    since: Annotated[QueryMoment | None, Field(alias="from")] = None
    until: Annotated[QueryMoment | None, Field(alias="to")] = None
