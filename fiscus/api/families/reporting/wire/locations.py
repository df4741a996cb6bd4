"""Locations: where a merchant sells."""

from typing import Annotated

from pydantic import Field

from fiscus.api.families.reporting.wire.envelope import List
from fiscus.api.families.reporting.wire.merchants import Address
from fiscus.api.families.reporting.wire.scalars import (
    EffectiveLater,
    LocationId,
    MerchantId,
    Moment,
    Text64,
    TimeOfDay,
    Timezone,
    Wire,
)

CutOff = Annotated[
    TimeOfDay | None,
    Field(
        description="When the location's registers are closed by themselves, in its time zone. "
        "Absent or null: never.",
        json_schema_extra={"x-fiscus-extension": True},
    ),
]


class LocationCreate(Wire):
    name: Annotated[Text64, Field(examples=["Kottbusser Tor"])]
    address: Address
    timezone: Timezone
    cut_off_time: CutOff = None


class LocationUpdate(Wire):
    """What is not sent stays; null as `cut_off_time` ends the automatic closing."""

    name: Text64 | None = None
    address: Address | None = None
    timezone: Timezone | None = None
    cut_off_time: CutOff = None


class Location(Wire):
    id: LocationId
    merchant_id: MerchantId
    name: str
    address: Address
    timezone: Timezone
    cut_off_time: CutOff
    created_at: Moment
    updated_at: Moment
    effective_at_closing_of: EffectiveLater = None


class Locations(List):
    data: Annotated[list[Location], Field(max_length=200)]
