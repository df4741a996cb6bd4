"""An intention and what concluded it, as an operation of the family. Pure."""

from datetime import datetime
from typing import Any

import msgspec

from fiscus import regimes
from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.translate_registry import moment
from fiscus.api.families.reporting.wire.countries import law_of
from fiscus.journal.intents import IntentionView
from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.kinds import EntryKind
from fiscus.model.records import DeviceSigning, EntryBody, Seal
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
ORDER = "order"
BORN_COMPLETED = EVENTS | {ORDER}
"""What nobody completes or voids later."""

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
_TOTALS = ("pretax_amount", "tax_amount", "total_amount")
_SENT = ("customer", "is_training", "is_full_reversal")
_OF_EVENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "session_open": (("opening_balance_amount", ""),),
    "session_cash_adjustment": (("amount", "adjustment_amount"), ("reason", "")),
    "session_cash_count": (("variance", "variance_amount"),),
    "session_close": (("cash_out_amount", ""), ("cash_in_amount", "")),
}


class DeviceStart(msgspec.Struct, frozen=True, kw_only=True):
    """What a device said at the start: transaction number, its serial (hex), its time."""

    number: int
    serial: str
    at: datetime


class OperationContext(msgspec.Struct, frozen=True, kw_only=True):
    """What else is known of an operation: its law's code, and how its device began; `outage` is
    why it did not; `receipt` the address of its page for the customer."""

    regime: str
    begun: DeviceStart | None = None
    outage: str = ""
    receipt: str = ""


def type_of(acted: IntentionView) -> str:
    """The family's type; empty for what is no operation: another family began it, or nobody, or
    it is a closing, which has types of its own."""
    type_ = str(_said(acted.intent).get("type", ""))
    return type_ if type_ in GOODS | BORN_COMPLETED else ""


def begins_tab(acted: IntentionView) -> bool:
    """Whether it is the first order of a tab, and recorded."""
    is_first = type_of(acted) == ORDER and not _said(acted.intent).get("tab_id")
    return is_first and acted.conclusion is not None


def said(acted: IntentionView) -> Json:
    """The operation in the caller's own words; empty if it was not told through this family."""
    return _said(acted.intent)


def version(acted: IntentionView) -> int:
    is_concluded = acted.conclusion is not None
    return SECOND if is_concluded and type_of(acted) not in BORN_COMPLETED else FIRST


def status(acted: IntentionView) -> str:
    return STATUS[acted.kind]


def session_id(acted: IntentionView) -> str | None:
    """The session that it fell into; one that opens a session is in it already."""
    return ids.shown("ses", acted.intent.session) if acted.intent.session else None


def is_online(acted: IntentionView) -> bool:
    """Whether it belongs to no register, but to the merchant's journal of online sales."""
    return acted.intent.register == acted.intent.place.taxpayer


def as_begun(acted: IntentionView) -> IntentionView:
    """The operation as it stood when it was created."""
    return acted if type_of(acted) in BORN_COMPLETED else IntentionView(intent=acted.intent)


def operation(acted: IntentionView, known: OperationContext) -> Json:
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
        **_own(type_, acted, words),
        **_extensions(acted, words),
        "fiscal_information": _fiscal(acted, known),
    }


def _extensions(acted: IntentionView, words: Json) -> Json:
    """What the family's pages do not have is shown to who sent it."""
    concluded = _said(acted.conclusion) if acted.conclusion is not None else {}
    shown = {name: words[name] for name in _SENT if name in words}
    if operator := concluded.get("operator", words.get("operator")):
        shown["operator"] = operator
    return shown


def _said(body: EntryBody) -> Json:
    if body.said is None or body.said.family != "reporting" or not body.said.text:
        return {}
    words: Json = msgspec.json.decode(body.said.text)
    return words


def _currency(body: EntryBody) -> str:
    return (body.draft or Draft(kind=DocumentKind.RECEIPT)).currency


def _own(type_: str, acted: IntentionView, words: Json) -> Json:
    if type_ in EVENTS:
        return _event(type_, words)
    return _order(acted, words) if type_ == ORDER else _goods(acted, words)


def _event(type_: str, words: Json) -> Json:
    return {name: words.get(name, words.get(alias)) for name, alias in _OF_EVENTS[type_]}


def _order(acted: IntentionView, words: Json) -> Json:
    """With the tab that it began or was added to, and the tables that it is recorded for."""
    draft = acted.conclusion.draft if acted.conclusion else acted.intent.draft
    return {
        **{name: words[name] for name in _TOTALS if name in words},
        "line_items": _lines(acted.intent.id, words["line_items"]),
        "tables": list(draft.groups) if draft else [],
        "tab_id": words.get("tab_id") or ids.shown("tab", acted.intent.id),
    }


def _goods(acted: IntentionView, words: Json) -> Json:
    shown = {name: words.get(name) for name in _GOODS}
    shown["tip_amount"] = words.get("tip_amount", "0.00")
    shown["line_items"] = _lines(acted.intent.id, words["line_items"])
    if words["type"] == "sale" or "cart_level_discounts" in words:
        shown["cart_level_discounts"] = words.get("cart_level_discounts", [])
    shown |= {name: words[name] for name in ("tables", "tab_id") if name in words}
    end = acted.conclusion
    concluded = _said(end) if end is not None else {}
    shown["payments"] = _payments(acted.intent.id, concluded.get("payments", []))
    if end is not None and acted.kind == EntryKind.ABORT and end.said is not None:
        # At the cut-off the service itself says why.
        shown["void_reason"] = msgspec.json.decode(end.said.text).get("reason")
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


def _fiscal(acted: IntentionView, known: OperationContext) -> Json | None:
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
        **({"receipt_url": known.receipt} if seal and known.receipt else {}),
    }
    if seal is None:
        return shown | _begun(known)
    if seal.signing is not None:
        return shown | _signed(seal.signing)
    return shown | _unsigned(seal)


def _begun(known: OperationContext) -> Json:
    if known.begun is None:
        return {"outage": {"reason": known.outage}}
    return {
        "document_number": str(known.begun.number),
        "tss_serial_number": known.begun.serial,
        "start_event": {"signed_at": logged(known.begun.at)},
    }


def _signed(signing: DeviceSigning) -> Json:
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
