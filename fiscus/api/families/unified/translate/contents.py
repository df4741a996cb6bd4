"""Contents of taxpayers, locations and systems, as the registry wants to know them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from fiscus.api.families.unified.wire.parties import Address as WireAddress
from fiscus.api.families.unified.wire.scalars import Wire
from fiscus.model.documents import Address

Json = dict[str, Any]

MASK = "********"
SECRETS = ("password", "pin")
FACTS = ("tax_id_number", "vat_id_number", "email", "fiscal_year_date")
OFFICE_NUMBERS = ("tax_number",)
REGISTRATION = ("capital", "office", "other")
ACTS = ("state", "mode")


class TaxpayerOrder(NamedTuple):
    """`regime` is the code of the law: that of the fiscalization, else of the address."""

    regime: str
    legal_name: str
    trade_name: str
    address: Address
    facts: dict[str, str]


class LocationOrder(NamedTuple):
    """A location as a body asks for it, in the core's words."""

    taxpayer: str
    name: str
    address: Address


class SystemOrder(NamedTuple):
    """A system as a body asks for it, in the core's words."""

    location: str
    name: str
    software: str
    serial: str
    brand: str = ""
    model: str = ""


def as_json(model: Wire) -> Json:
    """A model as the JSON it was: absent members stay absent, defaults are filled in."""
    return model.model_dump(by_alias=True, exclude_none=True)


def identifier(text: str) -> str:
    """The one spelling of an id: the contract lets every hyphen be left out."""
    digits = text.replace("-", "")
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def taxpayer_order(content: Mapping[str, Any]) -> TaxpayerOrder:
    fiscalization = content.get("fiscalization", {})
    place = content["address"]
    return TaxpayerOrder(
        regime=fiscalization.get("type", place["country"]).lower(),
        legal_name=content["name"]["legal"],
        trade_name=content["name"].get("trade", ""),
        address=address_of(place),
        facts=_facts(fiscalization),
    )


def location_order(content: Mapping[str, Any]) -> LocationOrder:
    return LocationOrder(
        taxpayer=identifier(content["taxpayer"]["id"]),
        name=content["name"],
        address=address_of(content["address"]),
    )


def system_order(content: Mapping[str, Any]) -> SystemOrder:
    """A service has no producer: it is called as its software."""
    software = content["software"]
    product = content.get("producer", {}).get("details", {})
    return SystemOrder(
        location=identifier(content["location"]["id"]),
        name=product.get("name", software["name"]),
        software=f"{software['name']} {software['version']}",
        serial=product.get("serial", ""),
        brand=product.get("brand", ""),
        model=product.get("model", ""),
    )


def masked(content: Mapping[str, Any]) -> tuple[Json, dict[str, str]]:
    """The content fit to be kept and shown, and the credentials apart.

    A mask that comes back from a caller is not a secret: it leaves the one we have as it is.
    """
    credentials = content.get("fiscalization", {}).get("credentials", {})
    words = {
        name: value
        for name, value in credentials.items()
        if name != "type" and isinstance(value, str) and value != MASK
    }
    if not credentials:
        return dict(content), words
    shown = {name: MASK if name in SECRETS else value for name, value in credentials.items()}
    fiscalization = {**content["fiscalization"], "credentials": shown}
    return {**content, "fiscalization": fiscalization}, words


def merged(details: Mapping[str, Any], update: Mapping[str, Any]) -> Json:
    """The content after an update: a member that is sent replaces the old one as a whole."""
    changes = {name: value for name, value in update.items() if name not in ACTS}
    return {**details, **changes}


def address(place: WireAddress) -> Address:
    return address_of(as_json(place))


def address_of(place: Mapping[str, Any]) -> Address:
    line = place["line"]
    return Address(
        street=_joined(line, "prefix", "street", "infix"),
        number=_joined(line, "number", "suffix"),
        code=place["code"],
        city=place["city"],
        country=place["country"],
        region=place.get("region", ""),
    )


def _joined(line: Mapping[str, str], *names: str) -> str:
    return " ".join(line[name] for name in names if name in line)


def _facts(fiscalization: Mapping[str, Any]) -> dict[str, str]:
    facts = {name: fiscalization[name] for name in FACTS if name in fiscalization}
    registration = fiscalization.get("registration", {})
    facts |= {
        f"registration_{name}": registration[name] for name in REGISTRATION if name in registration
    }
    if "credentials" in fiscalization:
        facts["has_credentials"] = "1"
        # Of the two German numbers this is the one of the tax office, which stands in exports.
        facts |= {
            name: fiscalization["credentials"][name]
            for name in OFFICE_NUMBERS
            if name in fiscalization["credentials"]
        }
    return facts
