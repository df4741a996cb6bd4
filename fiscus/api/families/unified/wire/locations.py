"""Locations: where a taxpayer sells. Only branches are made; the head office comes by itself."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from fiscus.api.families.unified.wire.envelope import Metadata, Page, Reference7
from fiscus.api.families.unified.wire.parties import Address, CompanyName, IndividualName
from fiscus.api.families.unified.wire.scalars import (
    Given,
    Mode,
    Moment,
    State,
    Text32,
    Text256,
    Uuid7,
    Wire,
)

Siret = Annotated[str, StringConstraints(pattern=r"^[0-9]{14}$")]


class Coordinates(Wire):
    latitude: Annotated[str, StringConstraints(pattern=r"^(-)?[0-9]{1,2}(\.[0-9]{1,6})?$")]
    longitude: Annotated[str, StringConstraints(pattern=r"^(-)?[0-9]{1,3}(\.[0-9]{1,6})?$")]


class LocationCreateContent(Wire):
    type: Literal["BRANCH"]
    taxpayer: Reference7
    name: Text32
    address: Address
    coordinates: Given[Coordinates] = None
    label: Given[Siret] = None


class LocationCreate(Wire):
    content: LocationCreateContent
    metadata: Given[Metadata] = None


class LocationUpdateContent(Wire):
    state: Given[State] = None
    mode: Given[Mode] = None
    taxpayer: Given[Reference7] = None
    name: Given[Text32] = None
    address: Given[Address] = None
    coordinates: Given[Coordinates] = None
    label: Given[Siret] = None


class LocationUpdate(Wire):
    content: Given[LocationUpdateContent] = None
    metadata: Given[Metadata] = None


class SystemKind(Wire):
    """A kind of system a location may have."""

    type: Literal["FISCAL_DEVICE", "PAYMENT_DEVICE", "E_INVOICE_SERVICE"]
    description: Text256


class BranchContent(LocationCreateContent):
    id: Uuid7
    state: State
    mode: Mode
    systems: list[SystemKind]
    created_at: Moment
    updated_at: Moment


class HeadOfficeContent(Wire):
    """Made with its taxpayer: it has the taxpayer's id and bears the taxpayer's name."""

    type: Literal["HEAD_OFFICE"]
    taxpayer: Reference7
    name: CompanyName | IndividualName
    address: Address
    coordinates: Given[Coordinates] = None
    label: Given[Siret] = None
    id: Uuid7
    state: State
    mode: Mode
    systems: list[SystemKind]
    created_at: Moment
    updated_at: Moment


LocationContent = Annotated[BranchContent | HeadOfficeContent, Field(discriminator="type")]


class Location(Wire):
    content: LocationContent
    metadata: Given[Metadata] = None


class Locations(Page):
    results: Annotated[list[Location], Field(max_length=100)]


CREATE_LOCATION = TypeAdapter(LocationCreate)
UPDATE_LOCATION = TypeAdapter(LocationUpdate)
