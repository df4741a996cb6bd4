"""A journal entry, as this family shows it: a record."""

import hashlib
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Mapping

import msgspec

from fiscus.api.unified.translate.answers import enveloped
from fiscus.api.unified.translate.contents import Json
from fiscus.issuing import series
from fiscus.model.documents import CASH_KINDS, ClosingType, Draft, Kind
from fiscus.model.faults import Fault
from fiscus.model.kinds import EntryKind
from fiscus.model.records import Body, Numbered, Record, Seal
from fiscus.model.times import seconds_z

MESSAGE_MAX = 256
NOTHING_SENT = {"type": "application/json", "data": "e30A"}
FINISHED = {"state": "COMPLETED", "mode": "FINISHED"}
TRANSMISSION_FAILED = {
    series.UNAUTHORIZED.id: "Authentication error",
    series.REFUSED.id: "Submission error",
}
"""What an authority said against a record, and how its log begins; all else is the law's word."""

ANSWERS_WITH_TRANSMISSION = (EntryKind.DOCUMENT, EntryKind.VOID)


def record(
    known: Record,
    *,
    created: bool,
    wants: frozenset[str],
    previous_id: str,
    serial: str,
    metadata: Mapping[str, str],
) -> Json:
    """`created`: this answers the request that made it. `wants` are the flags of the query.

    `previous_id` is the register's record before (empty on the first), `serial` that of the
    register's certificate.
    """
    body = known.body
    content: Json = {
        "id": body.id,
        "type": type_of(known),
        **_standing(known),
        "system": {"id": body.register},
        "journal": _journal(known, previous_id),
        "file": _file(known, wants, serial),
    }
    if body.intent:
        content["record"] = {"id": body.intent}
    if known.used_in:
        content["used_in"] = {"id": known.used_in}
    if body.said and (created or "operation" in wants):
        content["operation"] = body.said.text
    if body.seal and known.kind == EntryKind.DOCUMENT:
        content["compliance"] = _compliance(body.seal, body.numbered, wants)
    if created and known.kind in ANSWERS_WITH_TRANSMISSION:
        content["transmission"] = {"request": NOTHING_SENT, "response": NOTHING_SENT}
    if body.faults:
        content["logs"] = [_log(fault) for fault in body.faults]
    return enveloped(content, metadata)


CLOSINGS = {
    ClosingType.SHIFT: "CLOSING::DAILY",
    ClosingType.DAILY: "CLOSING::DAILY",
    ClosingType.MONTHLY: "CLOSING::MONTHLY",
    ClosingType.ANNUAL: "CLOSING::YEARLY",
}


def type_of(known: Record) -> str:
    """The record's type in this family's words: events of the drawer are receipts, as the law
    that records them says; what only the protocol of devices knows has no type."""
    match EntryKind(known.kind):
        case EntryKind.INTENT:
            return f"INTENTION::{_intended(known.body.draft)}"
        case EntryKind.VOID:
            return f"TRANSACTION::{Kind.CANCELLATION.upper()}"
        case EntryKind.ABORT:
            return f"TRANSACTION::{Kind.ABORT.upper()}"
        case EntryKind.DOCUMENT | EntryKind.REFUSAL:
            kind = _kind(known.body)
            return f"TRANSACTION::{(Kind.RECEIPT if kind in CASH_KINDS else kind).upper()}"
        case EntryKind.CLOSING:
            assert known.body.closing is not None
            return CLOSINGS[known.body.closing.type]
        case EntryKind.OUTAGE | EntryKind.RESTORED | EntryKind.EXCHANGED:
            return ""


def _intended(draft: Draft | None) -> str:
    if draft is None or draft.kind not in {Kind.CLOSING, *CASH_KINDS}:
        return "TRANSACTION"
    return "CLOSING" if draft.kind is Kind.CLOSING else "EVENT"


def _kind(body: Body) -> Kind:
    assert body.draft is not None
    return body.draft.kind


def _standing(known: Record) -> Json:
    if known.kind == EntryKind.REFUSAL:
        is_failed = any(fault.code in TRANSMISSION_FAILED for fault in known.body.faults)
        return {"state": "FAILED" if is_failed else "REJECTED", "mode": "FINISHED"}
    if known.kind == EntryKind.INTENT and not known.used_in:
        return {"state": "ACCEPTED", "mode": "PROCESSING"}
    return FINISHED


def _journal(known: Record, previous_id: str) -> Json:
    journal: Json = {
        "signature": _short(known.signature),
        "signed_at": seconds_z(known.body.at),
    }
    if previous_id:
        journal["record"] = {"id": previous_id}
    return journal


def _file(known: Record, wants: frozenset[str], serial: str) -> Json:
    shown: Json = {"location": "SERVICE"}
    if "file-artifact" in wants:
        shown["artifact"] = _content(known.stored)
    if "file-integrity" in wants:
        header = f'{{"alg":"ES256","kid":"{serial}","typ":"fiscus-entry+json"}}'
        jws = f"{_base64url(header.encode())}..{known.signature}"
        shown["integrity"] = {
            "type": "application/jose",
            "data": b64encode(jws.encode()).decode(),
        }
    return shown


def _compliance(seal: Seal, numbered: Numbered | None, wants: frozenset[str]) -> Json:
    """A law without a document code is answered with the document number."""
    compliance: Json = {"data": seal.code or seal.number}
    if seal.qr:
        compliance["qr_code"] = seal.qr
    if seal.excerpt:
        compliance["signature_hash"] = seal.excerpt
    if seal.certificate:
        compliance["software_certificate"] = seal.certificate
    if numbered and seal.signature:
        compliance["sequence"] = _sequence(seal, numbered)
    if "compliance-artifact" in wants:
        compliance["artifact"] = _content(msgspec.json.encode(seal))
    return compliance


def _sequence(seal: Seal, numbered: Numbered) -> Json:
    sequence: Json = {
        "number": str(numbered.number),
        "type": seal.document_type,
        "signature": _short(seal.signature),
    }
    if numbered.previous:
        sequence["record"] = {"id": numbered.previous}
    return sequence


def _content(data: bytes) -> Json:
    return {"type": "application/json", "data": b64encode(data).decode()}


def _log(fault: Fault) -> Json:
    where = f" ({', '.join(fault.paths)})" if fault.paths else ""
    begin = TRANSMISSION_FAILED.get(fault.code, "Validation error")
    message = f"{begin}: {fault.code} {fault.text}{where}"
    if len(message) > MESSAGE_MAX:
        message = message[: MESSAGE_MAX - 1] + "…"
    return {"severity": "ERROR", "message": message}


def _short(signature: str) -> str:
    """A signature of any length as 64 characters: its SHA-384."""
    alphabet = signature.replace("-", "+").replace("_", "/")
    raw = b64decode(alphabet + "=" * (-len(alphabet) % 4))
    return _base64url(hashlib.sha384(raw).digest())


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
