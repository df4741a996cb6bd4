"""Merchants: who owes the tax."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from fiscus.api.families.reporting.wire.countries import Country
from fiscus.api.families.reporting.wire.envelope import List
from fiscus.api.families.reporting.wire.scalars import (
    EffectiveLater,
    MerchantId,
    Moment,
    OrganizationId,
    Text64,
    Text128,
    Wire,
)

TaxNumber = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-Z][0-9A-Za-z/ .-]{0,19}$"),
    Field(description="As the tax office writes it.", examples=["21/815/08150"]),
]
VatId = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{2}[0-9A-Z+*]{2,13}$"),
    Field(description="With the letters of the country.", examples=["DE123456789"]),
]


class Address(Wire):
    line1: Annotated[Text128, Field(examples=["Oranienstraße 12"])]
    line2: Text64 | None = None
    city: Annotated[Text128, Field(examples=["Berlin"])]
    postal_code: Annotated[str, StringConstraints(min_length=1, max_length=10)]
    country_code: Country


class FiscalIdentity(Wire):
    """The numbers by which one country's tax office knows the merchant."""

    country_code: Country
    tax_number: TaxNumber | None = None
    vat_id: VatId | None = None


def _one_per_country(found: list[FiscalIdentity] | None) -> None:
    countries = [identity.country_code for identity in found or ()]
    if len(set(countries)) < len(countries):
        raise PydanticCustomError("distinct", "should have no item twice")


class MerchantCreate(Wire):
    legal_name: Annotated[Text128, Field(examples=["Kiosk am Kotti GmbH"])]
    country_code: Country
    address: Address
    fiscal_identities: Annotated[list[FiscalIdentity], Field(max_length=10)] = Field(
        default_factory=list
    )

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        _one_per_country(self.fiscal_identities)
        return self


class MerchantUpdate(Wire):
    """What is not sent stays; fiscal identities are replaced as a whole."""

    legal_name: Text128 | None = None
    country_code: Country | None = None
    address: Address | None = None
    fiscal_identities: Annotated[list[FiscalIdentity], Field(max_length=10)] | None = None

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        _one_per_country(self.fiscal_identities)
        return self


class Merchant(Wire):
    id: MerchantId
    organization_id: Annotated[
        OrganizationId,
        Field(description="The merchant as the other header style names it."),
    ]
    legal_name: Text128
    country_code: Country
    address: Address
    fiscal_identities: list[FiscalIdentity]
    status: Literal["active", "inactive"]
    created_at: Moment
    updated_at: Moment
    effective_at_closing_of: EffectiveLater = None


class Merchants(List):
    data: Annotated[list[Merchant], Field(max_length=200)]
