"""People, companies and where they live."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from fiscus.api.families.unified.wire.countries import Country
from fiscus.api.families.unified.wire.scalars import (
    Day,
    Email,
    Given,
    Text64,
    Text128,
    VatNumber,
    Wire,
    extension,
)


class AddressLine(Wire):
    type: Literal["STREET_NUMBER"]
    prefix: Given[Text128] = None
    street: Text128
    infix: Given[Text128] = None
    number: Text128
    suffix: Given[Text128] = None


class Address(Wire):
    line: AddressLine
    code: Text128
    city: Text128
    country: Country
    region: Given[Text64] = extension()


class CompanyName(Wire):
    legal: Text128
    trade: Text128


class PersonName(Wire):
    gender: Literal["DIVERSE", "FEMALE", "MALE"]
    prefix: Given[Text128] = None
    forename: Text128
    infix: Given[Text128] = None
    surname: Text128
    suffix: Given[Text128] = None


class IndividualName(Wire):
    legal: Text128
    person: PersonName


class VatIdentification(Wire):
    type: Literal["VAT"]
    number: VatNumber


class OtherIdentification(Wire):
    """An extension: the ways to name a buyer who has no VAT number."""

    type: Literal["TAX", "PASSPORT", "DOCUMENT", "OTHER"]
    number: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,28}$")]


Identification = Annotated[VatIdentification | OtherIdentification, Field(discriminator="type")]


class Shipping(Wire):
    address: Address
    date: Given[Day] = None


class PeppolInvoicing(Wire):
    type: Literal["PEPPOL"]
    identifier: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}:[a-zA-Z0-9._/, -]{1,59}$")]


class EmailInvoicing(Wire):
    type: Literal["EMAIL"]
    email: Email


Invoicing = Annotated[PeppolInvoicing | EmailInvoicing, Field(discriminator="type")]
Origin = Literal["NATIONAL", "INTERNATIONAL"]


class ConsumerRecipient(Wire):
    type: Literal["CONSUMER"]
    name: PersonName
    address: Address
    shipping: Given[Shipping] = None
    identification: Given[Identification] = None
    origin: Given[Origin] = None


class BusinessRecipient(Wire):
    type: Literal["BUSINESS"]
    name: Text128
    address: Address
    shipping: Given[Shipping] = None
    identification: Identification
    origin: Given[Origin] = None
    invoicing: Given[Invoicing] = None


Recipient = Annotated[ConsumerRecipient | BusinessRecipient, Field(discriminator="type")]
Recipients = Annotated[list[Recipient], Field(min_length=1, max_length=100)]


class Customer(Wire):
    """INTERNAL is a purchase by the staff. In Portugal the code of an EXTERNAL one may be a tax
    number: digits alone, or a number with the prefix of its country."""

    type: Literal["EXTERNAL", "INTERNAL"]
    code: Given[Text128] = None
