"""Merchants, locations and registers: the family's words into the registry's, and back.

The registry keeps one shape of content for all families; it is written and read here.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from fiscus import regimes
from fiscus.api.families.reporting.ids import shown
from fiscus.api.families.reporting.wire.countries import country_of, law_of, vat_prefix
from fiscus.api.families.reporting.wire.merchants import Address as WireAddress
from fiscus.api.families.reporting.wire.merchants import FiscalIdentity
from fiscus.model.countries import ALPHA2, ALPHA3
from fiscus.model.devices import DeviceInfo
from fiscus.model.documents import Address
from fiscus.model.places import Location, Register
from fiscus.model.times import seconds_z
from fiscus.registry.views import (
    LifecycleState,
    LocationView,
    OperatingMode,
    RegisterView,
    TaxpayerView,
)

Json = dict[str, Any]

EXTERNAL_ID = "external_id"
VAT_ID = "vat_id_number"
"""The registry's word for the VAT id of the own country, which it keeps without that prefix."""
NAME_MAX = 32
"""The content's longest name of a location; the location itself bears the whole name."""

_OF_THING = ("brand", "model")
"""What registers may say of the thing itself, under one name here and in their content."""

_STREET_AND_NUMBER = re.compile(r"(.*\S) ([0-9]+ ?[A-Za-z]?(?:[-/][0-9]+ ?[A-Za-z]?)?)")


class FiscalStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far a register is in its law: a device's view, or what the registry itself knows."""

    status: str
    fiscalized_at: datetime | None = None
    decommissioned_at: datetime | None = None
    serial: str = ""
    client: str = ""
    error: str = ""


def moment(at: datetime | None) -> str | None:
    """`2026-05-04T08:15:01Z`: UTC, whole seconds."""
    return seconds_z(at).replace("+00:00", "Z") if at else None


def address(place: WireAddress) -> Address:
    """The second line follows the house number, so that one line tells all."""
    street, number = _split(place.line1)
    return Address(
        street=street,
        number=" ".join(part for part in (number, place.line2) if part),
        code=place.postal_code,
        city=place.city,
        country=ALPHA2[place.country_code],
    )


def _split(line: str) -> tuple[str, str]:
    found = _STREET_AND_NUMBER.fullmatch(line)
    return (found[1], found[2]) if found else (line, "")


def kept_address(place: WireAddress) -> Json:
    """The address in the registry's shape, which wants a number: a dash where there is none."""
    street, number = _split(place.line1)
    line = {"type": "STREET_NUMBER", "street": street, "number": number or "-"}
    if place.line2:
        line["suffix"] = place.line2
    return {
        "line": line,
        "code": place.postal_code,
        "city": place.city,
        "country": ALPHA2[place.country_code],
    }


def _shown_address(place: Address, details: Mapping[str, Any]) -> Json:
    """As it was sent; what another family has registered, from its neutral parts."""
    line = details.get("address", {}).get("line", {})
    line1, line2 = place.line(), None
    if suffix := line.get("suffix"):
        line1, line2 = line1.removesuffix(f" {suffix}"), suffix
    return {
        "line1": line1.removesuffix(" -"),
        "line2": line2,
        "city": place.city,
        "postal_code": place.code,
        "country_code": ALPHA3[place.country],
    }


def facts(identities: list[FiscalIdentity], regime: str) -> dict[str, str]:
    """The numbers of the merchant's own country under the words of its law, those of others with
    the country before them."""
    found: dict[str, str] = {}
    for identity in identities:
        if identity.country_code == country_of(regime):
            number, prefix = regimes.find(regime).tax_number, vat_prefix(regime)
            named = {number: identity.tax_number}
            named[VAT_ID] = identity.vat_id and identity.vat_id.removeprefix(prefix)
        else:
            before = identity.country_code
            named = {
                f"{before}.tax_number": identity.tax_number,
                f"{before}.vat_id": identity.vat_id,
            }
        found |= {name: value for name, value in named.items() if value}
    return found


def is_ours(fact: str, regime: str) -> bool:
    """Whether a fact says what fiscal identities say."""
    return "." in fact or fact in (regimes.find(regime).tax_number, VAT_ID)


def _identities(view: TaxpayerView) -> list[Json]:
    known, regime = view.taxpayer.facts, view.taxpayer.regime
    own = {
        "country_code": country_of(regime),
        "tax_number": known.get(regimes.find(regime).tax_number),
        "vat_id": _with_prefix(known.get(VAT_ID, ""), regime),
    }
    others = sorted({name.partition(".")[0] for name in known if "." in name})
    found = [own] if own["tax_number"] or own["vat_id"] else []
    return found + [
        {
            "country_code": country,
            "tax_number": known.get(f"{country}.tax_number"),
            "vat_id": known.get(f"{country}.vat_id"),
        }
        for country in others
    ]


def _with_prefix(number: str, regime: str) -> str | None:
    """As it was sent, also if its letters are those of another country."""
    if not number or number[:2].isalpha():
        return number or None
    return f"{vat_prefix(regime)}{number}"


def merchant_details(now: Mapping[str, Any], name: str | None, place: WireAddress | None) -> Json:
    """The content of a company, as the registry keeps it."""
    details = {"type": "COMPANY", **now}
    if name is not None and "person" in details.get("name", {}):
        details["name"] = {**details["name"], "legal": name}
    elif name is not None:
        details["name"] = {"legal": name, "trade": name}
    if place is not None:
        details["address"] = kept_address(place)
    return details


def merchant(view: TaxpayerView) -> Json:
    owner = view.taxpayer
    is_idle = view.state is LifecycleState.DECOMMISSIONED or view.mode is OperatingMode.SUSPENDED
    return {
        "id": shown("merchant", owner.id),
        "organization_id": shown("org", owner.organization),
        "legal_name": owner.legal_name,
        "country_code": country_of(owner.regime),
        "address": _shown_address(owner.address, view.details),
        "fiscal_identities": _identities(view),
        "status": "inactive" if is_idle else "active",
        "created_at": moment(view.created_at),
        "updated_at": moment(view.updated_at),
    }


def effective(registers: list[str]) -> Json:
    """When a change holds for registers whose period runs; nothing where it holds at once."""
    found = [shown("reg", one) for one in registers]
    return {"effective_at_closing_of": found} if found else {}


def location_details(location: Location, taxpayer: str, place: Json) -> Json:
    return {
        "type": "BRANCH",
        "taxpayer": {"id": taxpayer},
        "name": location.name[:NAME_MAX],
        "address": place,
    }


def location(view: LocationView, timezone: str) -> Json:
    """`timezone` is that of the law, for a location that has none of its own."""
    place = view.location
    return {
        "id": shown("loc", place.id),
        "merchant_id": shown("merchant", view.taxpayer),
        "name": place.name,
        "address": _shown_address(place.address, view.details),
        "timezone": place.timezone or timezone,
        "cut_off_time": place.cut_off or None,
        "created_at": moment(view.created_at),
        "updated_at": moment(view.updated_at),
    }


def register_details(now: Mapping[str, Any], register: Register, location: str) -> Json:
    """The content of a device whose maker nobody has told us."""
    producer = now.get("producer", {"type": "MPN", "number": "-"})
    named = {**producer.get("details", {}), "name": register.name}
    named |= {name: value for name in _OF_THING if (value := getattr(register, name))}
    details = {
        "type": "FISCAL_DEVICE",
        "kind": "INTERNAL",
        "software": {"name": "-", "version": "-"},
        **now,
        "location": {"id": location},
        "producer": {**producer, "details": named},
    }
    if register.software_version:
        details["software"] = {"name": register.software, "version": register.software_version}
    return details


def register(view: RegisterView, fiscal: FiscalStatus) -> Json:
    is_idle = view.state is LifecycleState.DECOMMISSIONED or view.mode is OperatingMode.SUSPENDED
    return {
        "id": shown("reg", view.register.id),
        "merchant_id": shown("merchant", view.taxpayer),
        "location_id": shown("loc", view.location),
        "name": view.register.name,
        "external_id": view.metadata.get(EXTERNAL_ID),
        "status": "inactive" if is_idle else "active",
        "fiscalization_status": fiscal.status,
        "fiscalization": None if fiscal.status == "not_fiscalized" else _fiscal(view, fiscal),
        "created_at": moment(view.created_at),
        "updated_at": moment(view.updated_at),
        **_thing(view.register),
    }


def _thing(register: Register) -> Json:
    """Shown where it was said: the family's own pages do not have it."""
    shown: Json = {name: value for name in _OF_THING if (value := getattr(register, name))}
    if register.software_version:
        shown["software"] = {"name": register.software, "version": register.software_version}
    return shown


def _fiscal(view: RegisterView, fiscal: FiscalStatus) -> Json:
    return {
        "regime": law_of(view.regime),
        "fiscalized_at": moment(fiscal.fiscalized_at),
        "decommissioned_at": moment(fiscal.decommissioned_at),
        "tse_serial": fiscal.serial or None,
        "client_id": fiscal.client or None,
        "error": fiscal.error or None,
    }


def device(info: DeviceInfo | None) -> Json:
    """What a device says of itself; nothing is known of one that is not set up yet."""
    if info is None:
        names = ("serial", "algorithm", "time_format", "public_key", "description")
        unknown = dict.fromkeys((*names, "is_test", "usable_until"))
        return {**unknown, "certificates": []}
    return {
        "serial": info.serial,
        "algorithm": info.algorithm,
        "time_format": info.time_format,
        "public_key": info.public_key,
        "certificates": [b64encode(one).decode("ascii") for one in info.certificates],
        "description": info.description or None,
        "is_test": info.is_test,
        "usable_until": moment(info.usable_until),
    }
