"""Countries in this family's words: three letters of ISO 3166-1, and the names of their laws."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from fiscus.model.countries import ALPHA2, ALPHA3

LAWS = {"de": "KassenSichV", "at": "RKSV", "it": "RT", "pt": "SAF-T-PT", "fr": "NF525"}
"""What this family calls a country's law, by the code of the regime."""

EUROPEAN_VAT = {"gr": "EL"}
"""Where the prefix of a VAT number is not the country's two letters."""


def _known(text: str) -> str:
    if text not in ALPHA2:
        raise PydanticCustomError("country", "should be a country code of ISO 3166-1 alpha-3")
    return text


Country = Annotated[
    str,
    AfterValidator(_known),
    Field(
        description="Three letters of ISO 3166-1.",
        examples=["DEU"],
        json_schema_extra={"pattern": "^[A-Z]{3}$"},
    ),
]


def regime_of(country: str) -> str:
    """The code that a regime of this country (three letters, any case) would have."""
    return ALPHA2.get(country.upper(), "").lower()


def country_of(regime: str) -> str:
    """The three letters of a regime's country."""
    return ALPHA3.get(regime.upper(), regime.upper())


def law_of(regime: str) -> str:
    """What this family calls the law of a regime: `KassenSichV`."""
    return LAWS.get(regime, country_of(regime))


def vat_prefix(regime: str) -> str:
    """The letters before a VAT number of a regime's country."""
    return EUROPEAN_VAT.get(regime, regime.upper())
