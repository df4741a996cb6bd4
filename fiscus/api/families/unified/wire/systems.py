"""Systems: what issues. A register, a payment terminal or an e-invoice service."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter
from pydantic_core import PydanticCustomError

from fiscus.api.families.unified.wire.entries import ExemptionCode, ProductDetails, RateCode
from fiscus.api.families.unified.wire.envelope import Metadata, Page, Reference7
from fiscus.api.families.unified.wire.scalars import (
    AlphaNumerical32,
    Given,
    Mode,
    Moment,
    Percentage,
    RecordType,
    State,
    Text16,
    Text128,
    Text256,
    Uuid7,
    Wire,
    extension,
)


class Producer(Wire):
    type: Literal["MPN"]
    number: Text128
    details: ProductDetails


class Software(Wire):
    name: Text128
    version: Text128


class Acquirer(Wire):
    tax_id_number: Text16
    legal_name: Text128


def _distinct(ids: list[str]) -> list[str]:
    if len(set(ids)) < len(ids):
        raise PydanticCustomError("distinct", "should have no item twice")
    return ids


ConnectedTo = Annotated[
    list[Uuid7],
    Field(max_length=100, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_distinct),
]


class FiscalDeviceCreateContent(Wire):
    type: Literal["FISCAL_DEVICE"]
    kind: Literal["INTERNAL", "EXTERNAL"] = "INTERNAL"
    location: Reference7
    producer: Producer
    software: Software


class PaymentDeviceCreateContent(Wire):
    type: Literal["PAYMENT_DEVICE"]
    kind: Literal["PHYSICAL", "VIRTUAL"] = "PHYSICAL"
    location: Reference7
    producer: Producer
    software: Software
    acquirer: Given[Acquirer] = None
    label: Given[Text16] = None
    connected_to: Given[ConnectedTo] = None


class ServiceRegistration(Wire):
    type: Literal["PEPPOL", "SDI"]


class EInvoiceServiceCreateContent(Wire):
    type: Literal["E_INVOICE_SERVICE"]
    location: Reference7
    software: Software
    registrations: Given[list[ServiceRegistration]] = extension()


SystemCreateContent = Annotated[
    FiscalDeviceCreateContent | PaymentDeviceCreateContent | EInvoiceServiceCreateContent,
    Field(discriminator="type"),
]


class SystemCreate(Wire):
    content: SystemCreateContent
    metadata: Given[Metadata] = None


class SystemUpdateContent(Wire):
    state: Given[State] = None
    mode: Given[Mode] = None
    location: Given[Reference7] = None
    software: Given[Software] = None
    producer: Given[Producer] = None
    acquirer: Given[Acquirer] = None
    label: Given[Text16] = None
    connected_to: Given[ConnectedTo] = None


class SystemUpdate(Wire):
    content: Given[SystemUpdateContent] = None
    metadata: Given[Metadata] = None


class Certificate(Wire):
    serial_number: AlphaNumerical32
    expires_at: Moment
    x509_pem: Annotated[str, StringConstraints(max_length=16384)]


class EcdsaSignature(Wire):
    type: Literal["ECDSA"]
    hash: Literal["SHA-256", "SHA-384"]


class RsaSignature(Wire):
    type: Literal["RSA"]
    hash: Literal["SHA-256"]


class Cryptography(Wire):
    certificate: Certificate
    signature: Annotated[EcdsaSignature | RsaSignature, Field(discriminator="type")]


class Journal(Wire):
    """The key every record of this system is signed with."""

    cryptography: Cryptography


class SystemCompliance(Wire):
    cryptography: Given[Cryptography] = None
    software: Software
    state: Given[Literal["TRANSMISSION_ONLY", "TRANSMISSION_RECEPTION"]] = None


class RecordKind(Wire):
    """A type of record this system can make."""

    type: RecordType
    description: Text256


class VatRateContent(Wire):
    code: RateCode
    percentage: Percentage
    description: Text256
    historic: Given[bool] = None


class VatExemptionContent(Wire):
    code: ExemptionCode
    description: Text256


class Log(Wire):
    severity: Literal["ERROR"]
    message: Text256


Logs = Annotated[list[Log], Field(min_length=1, max_length=1000)]


class Annotations(Wire):
    peppol_id: Given[Text128] = None


class _SystemAnswer(Wire):
    """What the server adds to every system."""

    id: Uuid7
    state: State
    mode: Mode
    journal: Journal
    compliance: SystemCompliance
    records: list[RecordKind]
    vat_rates: list[VatRateContent]
    vat_exemptions: list[VatExemptionContent]
    logs: Given[Logs] = None
    annotations: Given[Annotations] = None
    created_at: Moment
    updated_at: Moment


class FiscalDeviceContent(FiscalDeviceCreateContent, _SystemAnswer):
    pass


class PaymentDeviceContent(PaymentDeviceCreateContent, _SystemAnswer):
    pass


class EInvoiceServiceContent(EInvoiceServiceCreateContent, _SystemAnswer):
    pass


SystemContent = Annotated[
    FiscalDeviceContent | PaymentDeviceContent | EInvoiceServiceContent,
    Field(discriminator="type"),
]


class System(Wire):
    content: SystemContent
    metadata: Given[Metadata] = None


class Systems(Page):
    results: Annotated[list[System], Field(max_length=100)]


CREATE_SYSTEM = TypeAdapter(SystemCreate)
UPDATE_SYSTEM = TypeAdapter(SystemUpdate)
