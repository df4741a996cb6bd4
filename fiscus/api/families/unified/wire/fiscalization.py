"""What each country wants to know of a taxpayer, and the credentials for its authority."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from fiscus.api.families.unified.wire.envelope import Properties32
from fiscus.api.families.unified.wire.scalars import (
    AlphaNumerical20,
    Email,
    Given,
    Text32,
    Text64,
    Wire,
    extension,
)

Digits9 = Annotated[str, StringConstraints(pattern=r"^[0-9]{9}$")]
Digits10 = Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")]
Digits11 = Annotated[str, StringConstraints(pattern=r"^[0-9]{11}$")]
ItalianTaxId = Annotated[str, StringConstraints(pattern=r"^([0-9]{11}|[0-9A-Za-z]{16})$")]
ItalianPersonId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{16}$")]
BelgianTaxId = Annotated[str, StringConstraints(pattern=r"^[01]?[0-9]{9}$")]
ElsterNumber = Annotated[str, StringConstraints(pattern=r"^([0-9]{4}0[0-9]{8})$")]
InfocertCode = Annotated[str, StringConstraints(pattern=r"^[AB][0-9]{1,4}$")]
MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
Capital = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}(\.[0-9]{1,2})?$")]


COUNTRIES_SINCE_2026_05_04 = frozenset({"PT"})


class AtCredentials(Wire):
    """A sub-user of the Portal das Finanças; `username` is `<NIF>/<n>`."""

    type: Literal["AT"]
    username: Text64
    password: Text64


class Registration(Wire):
    """The company register's entry."""

    capital: Capital
    office: Text64
    other: Text32


class PtFiscalization(Wire):
    type: Literal["PT"]
    tax_id_number: Digits9
    credentials: AtCredentials
    email: Given[Email] = extension()
    registration: Given[Registration] = extension()


class FisconlineCredentials(Wire):
    type: Literal["FISCONLINE"]
    pin: Annotated[str, StringConstraints(min_length=1, max_length=10)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=50)]
    tax_id_number: ItalianPersonId


class ItFiscalization(Wire):
    type: Literal["IT"]
    tax_id_number: ItalianTaxId
    vat_id_number: Digits11
    credentials: FisconlineCredentials


class LneCredentials(Wire):
    type: Literal["LNE"]
    certificate_code: Given[AlphaNumerical20] = None
    properties: Properties32


class InfocertCredentials(Wire):
    type: Literal["INFOCERT"]
    certificate_code: Given[InfocertCode] = None
    properties: Properties32


class FrFiscalization(Wire):
    type: Literal["FR"]
    tax_id_number: Digits9
    fiscal_year_date: Given[MonthDay] = None
    credentials: Annotated[LneCredentials | InfocertCredentials, Field(discriminator="type")]


class MyminfinCredentials(Wire):
    type: Literal["MYMINFIN"]


class BeFiscalization(Wire):
    type: Literal["BE"]
    tax_id_number: BelgianTaxId
    vat_id_number: Digits10
    credentials: MyminfinCredentials


class ElsterCredentials(Wire):
    type: Literal["ELSTER"]
    tax_number: ElsterNumber


class DeCompanyFiscalization(Wire):
    type: Literal["DE"]
    tax_id_number: Given[Digits11] = None
    vat_id_number: Given[Digits9] = None
    credentials: ElsterCredentials


class DeIndividualFiscalization(Wire):
    type: Literal["DE"]
    tax_id_number: Digits11
    vat_id_number: Given[Digits9] = None
    credentials: Given[ElsterCredentials] = None


class DeFiscalization(Wire):
    """In an update it is not said whether a company or a person changes."""

    type: Literal["DE"]
    tax_id_number: Given[Digits11] = None
    vat_id_number: Given[Digits9] = None
    credentials: Given[ElsterCredentials] = None


CompanyFiscalization = Annotated[
    PtFiscalization | ItFiscalization | FrFiscalization | BeFiscalization | DeCompanyFiscalization,
    Field(discriminator="type"),
]
IndividualFiscalization = Annotated[
    PtFiscalization
    | ItFiscalization
    | FrFiscalization
    | BeFiscalization
    | DeIndividualFiscalization,
    Field(discriminator="type"),
]
AnyFiscalization = Annotated[
    PtFiscalization | ItFiscalization | FrFiscalization | BeFiscalization | DeFiscalization,
    Field(discriminator="type"),
]
