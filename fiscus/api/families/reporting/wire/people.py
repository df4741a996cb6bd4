"""Who served and who bought, as a till names them: extensions of the family's own pages."""

from typing import Annotated

from pydantic import Field

from fiscus.api.families.reporting.wire.countries import Country
from fiscus.api.families.reporting.wire.scalars import Text32, Text64, Text128, Wire


class Operator(Wire):
    """The person at the till. `id` is the till's own code, or the id or code of a subject of type
    USER, whose name is then taken unless another one is sent."""

    id: Annotated[Text64, Field(examples=["K7"])]
    name: Annotated[Text128 | None, Field(examples=["Änne Öztürk"])] = None


class CustomerAddress(Wire):
    line1: Annotated[Text128, Field(examples=["Oranienstraße 12"])]
    city: Annotated[Text128, Field(examples=["Berlin"])]
    postal_code: Text32
    country_code: Country


class KnownCustomer(Wire):
    """Who buys, as far as the till knows: nothing of it is needed. `number` is the merchant's
    number of the customer, `type` the merchant's word for what sort of customer it is."""

    name: Annotated[Text128 | None, Field(examples=["Jörg Weiß"])] = None
    number: Annotated[Text64 | None, Field(examples=["10042"])] = None
    type: Annotated[Text64 | None, Field(examples=["Mitarbeiter"])] = None
    vat_id: Annotated[
        Text32 | None,
        Field(description="With the letters of its member state.", examples=["ATU12345675"]),
    ] = None
    address: CustomerAddress | None = None
