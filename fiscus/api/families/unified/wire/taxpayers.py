"""Taxpayers: who owes the tax."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from fiscus.api.families.unified.wire.envelope import Metadata, Page
from fiscus.api.families.unified.wire.fiscalization import (
    AnyFiscalization,
    CompanyFiscalization,
    IndividualFiscalization,
)
from fiscus.api.families.unified.wire.parties import Address, CompanyName, IndividualName
from fiscus.api.families.unified.wire.scalars import (
    Given,
    Mode,
    Moment,
    State,
    Text128,
    Text256,
    Uuid7,
    VatNumber,
    Wire,
)


class CompanyCreateContent(Wire):
    type: Literal["COMPANY"]
    name: CompanyName
    address: Address
    fiscalization: Given[CompanyFiscalization] = None


class IndividualCreateContent(Wire):
    type: Literal["INDIVIDUAL"]
    name: IndividualName
    address: Address
    fiscalization: Given[IndividualFiscalization] = None


TaxpayerCreateContent = Annotated[
    CompanyCreateContent | IndividualCreateContent, Field(discriminator="type")
]


class TaxpayerCreate(Wire):
    content: TaxpayerCreateContent
    metadata: Given[Metadata] = None


class TaxpayerUpdateContent(Wire):
    type: Given[Literal["COMPANY", "INDIVIDUAL"]] = None
    state: Given[State] = None
    mode: Given[Mode] = None
    fiscalization: Given[AnyFiscalization] = None
    name: Given[CompanyName | IndividualName] = None
    address: Given[Address] = None


class TaxpayerUpdate(Wire):
    content: Given[TaxpayerUpdateContent] = None
    metadata: Given[Metadata] = None


class LocationKind(Wire):
    """A kind of location a taxpayer may have."""

    type: Literal["HEAD_OFFICE", "BRANCH"]
    description: Text256


class CompanyContent(CompanyCreateContent):
    id: Uuid7
    state: State
    mode: Mode
    country: Text128
    locations: list[LocationKind]
    vat_number: Given[VatNumber] = None
    created_at: Moment
    updated_at: Moment


class IndividualContent(IndividualCreateContent):
    id: Uuid7
    state: State
    mode: Mode
    country: Text128
    locations: list[LocationKind]
    vat_number: Given[VatNumber] = None
    created_at: Moment
    updated_at: Moment


TaxpayerContent = Annotated[CompanyContent | IndividualContent, Field(discriminator="type")]


class Taxpayer(Wire):
    content: TaxpayerContent
    metadata: Given[Metadata] = None


class Taxpayers(Page):
    results: Annotated[list[Taxpayer], Field(max_length=100)]


CREATE_TAXPAYER = TypeAdapter(TaxpayerCreate)
UPDATE_TAXPAYER = TypeAdapter(TaxpayerUpdate)
