"""Things of the registry, as this family shows them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from fiscus.api.families.unified.translate.contents import Json
from fiscus.model.documents import Address, DocumentKind
from fiscus.model.times import Period, seconds_z
from fiscus.regimes import Exemption, Regime, VatRate
from fiscus.registry import views
from fiscus.registry.persons import Person

TEXT_MAX = 256
FISCAL_DEVICE = "FISCAL_DEVICE"
LOCATION_KINDS = (
    {"type": "HEAD_OFFICE", "description": "Head office location."},
    {"type": "BRANCH", "description": "Branch location."},
)
SYSTEM_KINDS = ({"type": FISCAL_DEVICE, "description": "Fiscal device."},)
INTENTION_KIND = {
    "type": "INTENTION::TRANSACTION",
    "description": "The announcement of a transaction.",
}
CLOSING_KINDS = (
    {"type": "INTENTION::CLOSING", "description": "The request for a closing."},
    {"type": "CLOSING::DAILY", "description": "The end of a day: what its audit file is made of."},
    {"type": "CLOSING::MONTHLY", "description": "A report over the closings of a month."},
    {"type": "CLOSING::YEARLY", "description": "A report over the closings of a year."},
)
"""Told where a device signs: what no closing covers stands in no audit file there."""

DESCRIPTIONS = {
    DocumentKind.RECEIPT: "A receipt for a sale.",
    DocumentKind.INVOICE: "An invoice to a named recipient.",
    DocumentKind.CORRECTION: "A correction of an earlier document.",
    DocumentKind.CANCELLATION: "The cancellation of an earlier document.",
    DocumentKind.ABORT: "A transaction that was not concluded.",
}


def enveloped(content: Json, metadata: Mapping[str, str]) -> Json:
    """Metadata that nobody gave are left out."""
    return {"content": content, "metadata": dict(metadata)} if metadata else {"content": content}


def page(results: Iterable[Json], *, next: str = "", token: str = "", limit: int = 0) -> Json:
    """`next` and `token` say where to go on; the last page has neither."""
    listed = {"results": list(results)}
    if not token:
        return listed
    return {**listed, "pagination": {"next": next, "token": token, "limit": limit}}


def token(
    *,
    id: str,
    bearer: str,
    issued_at: datetime,
    expires_at: datetime,
    organization: str,
    subject: str,
    metadata: Mapping[str, str],
) -> Json:
    content = {
        "id": id,
        "authentication": {
            "type": "JWT",
            "bearer": bearer,
            "expires_at": seconds_z(expires_at),
            "issued_at": seconds_z(issued_at),
        },
        "organization": {"id": organization},
        "subject": {"id": subject},
    }
    return enveloped(content, metadata)


def organization(known: views.Organization) -> Json:
    content: Json = {
        "type": known.type,
        "name": known.name,
        "id": known.id,
        "state": "ENABLED",
    }
    if known.parent:
        content["organization"] = {"id": known.parent}
    return enveloped(content, known.metadata)


def subject(
    known: views.Subject, secret: str | None = None, said: Mapping[str, Any] | None = None
) -> Json:
    """`secret` is there once: when the key is made. `said`: what only its sender is answered."""
    credentials = {"key": known.key} | ({"secret": secret} if secret else {})
    content = {
        "type": "API_KEY",
        "name": known.name,
        "id": known.id,
        "state": known.state.value,
        "credentials": credentials,
        **(said or {}),
    }
    return enveloped(content, known.metadata)


def user(known: Person) -> Json:
    content = {
        "type": "USER",
        "name": known.name,
        "id": known.id,
        "state": known.state.value,
        "code": known.code,
        "role": known.role.value,
    }
    if known.language:
        content["language"] = known.language
    return enveloped(content, known.metadata)


def taxpayer(view: views.TaxpayerView, regime: Regime) -> Json:
    owner = view.taxpayer
    said = dict(view.details) or {
        "type": "COMPANY",
        "name": {"legal": owner.legal_name, "trade": owner.trade_name or owner.legal_name},
        "address": _address(owner.address),
    }
    content = {
        **said,
        "id": owner.id,
        **_standing(view),
        "country": regime.name,
        "locations": list(LOCATION_KINDS),
        **_times(view),
    }
    if vat_number := regime.vat_number(owner.facts):
        content["vat_number"] = vat_number
    return enveloped(content, view.metadata)


def location(view: views.LocationView) -> Json:
    """The head office bears the name of its taxpayer, a branch its own."""
    place = view.location
    both_names = {"legal": place.name, "trade": place.name}
    said = {
        "name": both_names if view.is_head_office else place.name,
        "address": _address(place.address),
        **view.details,
        "type": "HEAD_OFFICE" if view.is_head_office else "BRANCH",
        "taxpayer": {"id": view.taxpayer},
    }
    if view.is_head_office:
        said.pop("fiscalization", None)
        if isinstance(said["name"], str):
            said["name"] = both_names
    content = {
        **said,
        "id": place.id,
        **_standing(view),
        "systems": list(SYSTEM_KINDS),
        **_times(view),
    }
    return enveloped(content, view.metadata)


def system(
    view: views.RegisterView,
    regime: Regime,
    *,
    rates: Iterable[VatRate],
    exemptions: Iterable[Exemption],
    software: tuple[str, str],
    trouble: str = "",
) -> Json:
    """`software` is our own name and version: what makes the record comply. `trouble`: why it has
    no signing device."""
    content = {
        **(dict(view.details) or _device(view)),
        "id": view.register.id,
        **_standing(view),
        "journal": {"cryptography": _cryptography(view.certificate)},
        "compliance": {"software": {"name": software[0], "version": software[1]}},
        "records": _record_kinds(regime),
        "vat_rates": [_rate(rate) for rate in rates],
        "vat_exemptions": [
            {"code": one.code, "description": one.description[:TEXT_MAX]} for one in exemptions
        ],
        **_times(view),
    }
    if trouble:
        content["logs"] = [error(f"no signing device could be fitted: {trouble}")]
    return enveloped(content, view.metadata)


def error(message: str) -> Json:
    """One log, cut to the length that the contract gives it."""
    shown = message if len(message) <= TEXT_MAX else message[: TEXT_MAX - 1] + "…"
    return {"severity": "ERROR", "message": shown}


def file(
    *,
    id: str,
    created_at: datetime,
    type: str,
    state: str,
    mode: str,
    period: Period,
    taxpayer: str = "",
    system: str = "",
) -> Json:
    """Type, state and mode are what callers poll for; the paths hold once it is COMPLETED."""
    content: Json = {
        "id": id,
        "created_at": seconds_z(created_at),
        "location": "SERVICE",
        "artifact": {"type": "application/zip", "path": f"/files/{id}.zip"},
        "integrity": {"type": "application/jose", "path": f"/files/{id}.zip.jws"},
        "type": type,
        "state": state,
        "mode": mode,
        "range": {"from": period.first.isoformat(), "to": period.last.isoformat()},
    }
    if system:
        content["system"] = {"id": system}
    if taxpayer:
        content["taxpayer"] = {"id": taxpayer}
    return {"content": content}


View = views.TaxpayerView | views.LocationView | views.RegisterView


def _standing(view: View) -> Json:
    return {"state": view.state.value, "mode": view.mode.value}


def _times(view: View) -> Json:
    return {
        "created_at": seconds_z(view.created_at),
        "updated_at": seconds_z(view.updated_at),
    }


def _address(place: Address) -> Json:
    """The contract wants a house number; a place without one gets a dash."""
    return {
        "line": {
            "type": "STREET_NUMBER",
            "street": place.street,
            "number": place.number or "-",
        },
        "code": place.code,
        "city": place.city,
        "country": place.country,
    }


def _device(view: views.RegisterView) -> Json:
    """A register that another API family opened, as far as its neutral fields tell."""
    register = view.register
    name, _, version = register.software.rpartition(" ")
    details: dict[str, Any] = {"name": register.name or register.id}
    if register.serial:
        details["serial"] = register.serial
    return {
        "type": FISCAL_DEVICE,
        "kind": "INTERNAL",
        "location": {"id": view.location},
        "producer": {"type": "MPN", "number": register.serial or "-", "details": details},
        "software": {"name": name or version or "-", "version": version if name else "-"},
    }


def _cryptography(certificate: views.RegisterCertificate) -> Json:
    return {
        "certificate": {
            "serial_number": certificate.serial,
            "expires_at": seconds_z(certificate.expires_at),
            "x509_pem": certificate.pem,
        },
        "signature": {"type": "ECDSA", "hash": "SHA-256"},
    }


def _record_kinds(regime: Regime) -> list[Json]:
    issued = [
        {"type": f"TRANSACTION::{kind.upper()}", "description": text}
        for kind, text in DESCRIPTIONS.items()
        if kind in regime.issues
    ]
    return [INTENTION_KIND, *issued, *(CLOSING_KINDS if regime.device else ())]


def _rate(rate: VatRate) -> Json:
    return {
        "code": rate.code,
        "percentage": rate.percentage,
        "description": rate.description[:TEXT_MAX],
        "historic": rate.is_historic,
    }
