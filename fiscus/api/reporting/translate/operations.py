"""An intention and what concluded it, as an operation of the family. Pure."""

from datetime import datetime
from typing import Any

import msgspec

from fiscus import regimes
from fiscus.api.reporting import ids
from fiscus.api.reporting.translate_registry import moment
from fiscus.api.reporting.wire.countries import law_of
from fiscus.journal.intents import Acted
from fiscus.model.documents import Draft, Kind
from fiscus.model.kinds import EntryKind
from fiscus.model.records import Body, Seal, Signing
from fiscus.model.times import micros_z

Json = dict[str, Any]

STATUS = {
    "": "open",
    EntryKind.DOCUMENT: "completed",
    EntryKind.VOID: "completed",
    EntryKind.CLOSING: "completed",
    EntryKind.ABORT: "voided",
}

CONCLUDED_BY = {
    "open": frozenset[EntryKind](),
    "completed": frozenset({EntryKind.DOCUMENT, EntryKind.VOID, EntryKind.CLOSING}),
    "voided": frozenset({EntryKind.ABORT}),
}
"""The inverse, for the filter of the list."""

GOODS = frozenset({"sale", "return", "exchange"})
EVENTS = frozenset(
    {"session_open", "session_cash_adjustment", "session_cash_count", "session_close"}
)
FIRST, SECOND = 1, 2
"""Versions: what is born completed stays as it was; the others are concluded once."""

_GOODS = (
    "pretax_amount",
    "tax_amount",
    "tip_amount",
    "total_amount",
    "related_operation_id",
    "external_related_operation",
)
_OF_EVENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "session_open": (("opening_balance_amount", ""),),
    "session_cash_adjustment": (("amount", "adjustment_amount"), ("reason", "")),
    "session_cash_count": (("variance", "variance_amount"),),
    "session_close": (("cash_out_amount", ""), ("cash_in_amount", "")),
}


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """What a device said at the start: transaction number, its serial (hex), its time."""

    number: int
    serial: str
    at: datetime


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What else is known of an operation: its law's code, and how its device began; `outage` is
    why it did not."""

    regime: str
    begun: Begun | None = None
    outage: str = ""


def type_of(acted: Acted) -> str:
    """The family's type; empty for what is no operation: another family began it, or nobody, or
    it is a closing, which has types of its own."""
    type_ = str(_said(acted.intent).get("type", ""))
    return type_ if type_ in GOODS | EVENTS else ""


def said(acted: Acted) -> Json:
    """The operation in the caller's own words; empty if it was not told through this family."""
    return _said(acted.intent)


def version(acted: Acted) -> int:
    is_concluded = acted.conclusion is not None
    return SECOND if is_concluded and type_of(acted) not in EVENTS else FIRST


def status(acted: Acted) -> str:
    return STATUS[acted.kind]


def session_id(acted: Acted) -> str | None:
    """The session that it fell into; one that opens a session is in it already."""
    return ids.shown("ses", acted.intent.session) if acted.intent.session else None


def is_online(acted: Acted) -> bool:
    """Whether it belongs to no register, but to the merchant's journal of online sales."""
    return acted.intent.register == acted.intent.place.taxpayer


def as_begun(acted: Acted) -> Acted:
    """The operation as it stood when it was created."""
    return acted if type_of(acted) in EVENTS else Acted(intent=acted.intent)


def operation(acted: Acted, known: Known) -> Json:
    intent, end, words = acted.intent, acted.conclusion, _said(acted.intent)
    type_, has_register = str(words["type"]), not is_online(acted)
    return {
        "id": ids.shown("op", intent.id),
        "merchant_id": ids.shown("merchant", intent.place.taxpayer),
        "location_id": ids.shown("loc", intent.place.location) if has_register else None,
        "register_id": ids.shown("reg", intent.register) if has_register else None,
        "session_id": session_id(acted),
        "type": type_,
        "source": words.get("source", "POS"),
        "status": status(acted),
        "resource_version": version(acted),
        "currency": words.get("currency") or _currency(end or intent),
        "created_at": moment(intent.at),
        "updated_at": moment(end.at if end else intent.at),
        "external_id": words.get("external_id"),
        "note": words.get("note"),
        **(_event(type_, words) if type_ in EVENTS else _goods(acted, words)),
        "fiscal_information": _fiscal(acted, known),
    }


def _said(body: Body) -> Json:
    if body.said is None or body.said.family != "reporting" or not body.said.text:
        return {}
    words: Json = msgspec.json.decode(body.said.text)
    return words


def _currency(body: Body) -> str:
    return (body.draft or Draft(kind=Kind.RECEIPT)).currency


def _event(type_: str, words: Json) -> Json:
    return {name: words.get(name, words.get(alias)) for name, alias in _OF_EVENTS[type_]}


def _goods(acted: Acted, words: Json) -> Json:
    shown = {name: words.get(name) for name in _GOODS}
    shown["tip_amount"] = words.get("tip_amount", "0.00")
    shown["line_items"] = _lines(acted.intent.id, words["line_items"])
    if words["type"] == "sale":
        shown["cart_level_discounts"] = words.get("cart_level_discounts", [])
    end = acted.conclusion
    concluded = _said(end) if end is not None else {}
    shown["payments"] = _payments(acted.intent.id, concluded.get("payments", []))
    if end is not None and acted.kind == EntryKind.ABORT:
        # At the cut-off nobody says anything: the reason stands in the draft.
        shown["void_reason"] = concluded.get("reason") or (end.draft and end.draft.reason)
    return shown


def _lines(intent: str, items: list[Json]) -> list[Json]:
    """Nobody names lines: they are numbered behind the operation's own id."""
    shown = []
    for number, item in enumerate(items, start=1):
        id_ = f"{ids.shown('li', intent)}_{number}"
        taxes = [
            {**tax, "id": f"{ids.shown('tax', intent)}_{number}_{place}"}
            for place, tax in enumerate(item["taxes"], start=1)
        ]
        shown.append({**item, "id": id_, "taxes": taxes})
    return shown


def _payments(intent: str, legs: list[Json]) -> list[Json]:
    members = ("payment_id", "processor", "processor_reference", "card_brand", "processed_at")
    return [
        {**dict.fromkeys(members), **leg, "id": f"{ids.shown('pay', intent)}_{number}"}
        for number, leg in enumerate(legs, start=1)
    ]


def _fiscal(acted: Acted, known: Known) -> Json | None:
    """What the law made of it. In an outage only why there is nothing. Where the law wants a
    device, online sales are none of its business."""
    if is_online(acted) and regimes.find(known.regime).device:
        return None
    seal = acted.conclusion.seal if acted.conclusion else None
    if seal is None and known.begun is None and not known.outage:
        return None
    shown: Json = {
        "regime": law_of(known.regime),
        "document_number": None,
        "document_type": seal.document_type if seal else None,
        "tss_serial_number": None,
        "pos_client_serial_number": None,
        "signature_algorithm": None,
        "time_format": None,
        "start_event": None,
        "end_event": None,
        "verification": {"qr_data": seal.qr} if seal and seal.qr else None,
        "prints": list(seal.prints) if seal else [],
    }
    if seal is None:
        return shown | _begun(known)
    if seal.signing is not None:
        return shown | _signed(seal.signing)
    return shown | _unsigned(seal)


def _begun(known: Known) -> Json:
    if known.begun is None:
        return {"outage": {"reason": known.outage}}
    return {
        "document_number": str(known.begun.number),
        "tss_serial_number": known.begun.serial,
        "start_event": {"signed_at": logged(known.begun.at)},
    }


def _signed(signing: Signing) -> Json:
    return {
        "document_number": str(signing.number),
        "tss_serial_number": signing.serial,
        "pos_client_serial_number": signing.client,
        "signature_algorithm": signing.algorithm,
        "time_format": signing.time_format,
        "start_event": {"signed_at": logged(signing.started_at)},
        "end_event": {
            "signed_at": logged(signing.finished_at),
            "transaction_counter": signing.counter,
            "signature": signing.signature,
        },
    }


def logged(at: datetime) -> str:
    """`2026-05-04T08:15:01.000Z`: as a device's times stand in QR codes."""
    return micros_z(at)[:-4] + "Z"


def _unsigned(seal: Seal) -> Json:
    """Without a device's number a document goes by its own."""
    return {"outage": {"reason": seal.outage}} if seal.outage else {"document_number": seal.number}
