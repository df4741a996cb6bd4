"""A journal entry, as this family shows it: a record."""

import hashlib
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from fiscus.api import problem
from fiscus.api.families.unified.translate.answers import enveloped, error
from fiscus.api.families.unified.translate.contents import Json
from fiscus.api.families.unified.translate.fault_places import in_record
from fiscus.issuing import series, taken
from fiscus.model.documents import CASH_KINDS, ClosingType, DocumentKind, Draft
from fiscus.model.faults import Fault
from fiscus.model.kinds import EntryKind
from fiscus.model.records import DeviceSigning, EntryBody, Record, Seal, TakenNumber
from fiscus.model.times import seconds_z

MESSAGE_MAX = 256
NOTHING_SENT = {"type": "application/json", "data": "e30A"}
FINISHED = {"state": "COMPLETED", "mode": "FINISHED"}
TRANSMISSION_FAILED = {
    series.UNAUTHORIZED.id: "Authentication error",
    taken.REFUSED.id: "Submission error",
}
"""What an authority said against a record, and how its log begins; all else is the law's word."""

PORTAL = "portal"
"""The fact of a seal that says where an authority shows its documents."""

UNSIGNED = "Submission error: the document goes without the signature of the signing device"
DEVICE = "DEVICE"
"""The sequence of a document that a device has signed is that device's own."""

ANSWERS_WITH_TRANSMISSION = (EntryKind.DOCUMENT, EntryKind.VOID)


def record(
    known: Record,
    *,
    created: bool,
    wants: frozenset[str],
    previous_id: str,
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
        "file": _file(known, wants),
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
        content["logs"] = _logs(_in_words(body))
    elif body.seal and body.seal.outage:
        content["logs"] = [error(f"{UNSIGNED}: {body.seal.outage}")]
    return enveloped(content, metadata)


CLOSINGS = {
    ClosingType.SHIFT: "CLOSING::DAILY",
    ClosingType.DAILY: "CLOSING::DAILY",
    ClosingType.MONTHLY: "CLOSING::MONTHLY",
    ClosingType.ANNUAL: "CLOSING::YEARLY",
}


_SHOWN_AS = {
    **dict.fromkeys(CASH_KINDS, DocumentKind.RECEIPT.value),
    DocumentKind.ORDER: "draft_receipt",
}


def type_of(known: Record) -> str:
    """The record's type in this family's words: events of the drawer are receipts, as the law
    that records them says, orders are drafts of one; what only the protocol of devices knows has
    no type."""
    match EntryKind(known.kind):
        case EntryKind.INTENT:
            return f"INTENTION::{_intended(known.body.draft)}"
        case EntryKind.VOID:
            return f"TRANSACTION::{DocumentKind.CANCELLATION.upper()}"
        case EntryKind.ABORT:
            return f"TRANSACTION::{DocumentKind.ABORT.upper()}"
        case EntryKind.DOCUMENT | EntryKind.REFUSAL:
            kind = _kind(known.body)
            return f"TRANSACTION::{_SHOWN_AS.get(kind, kind).upper()}"
        case EntryKind.CLOSING:
            assert known.body.closing is not None
            return CLOSINGS[known.body.closing.type]
        case EntryKind.OUTAGE | EntryKind.RESTORED | EntryKind.EXCHANGED:
            return ""


def _intended(draft: Draft | None) -> str:
    if draft is None or draft.kind not in {DocumentKind.CLOSING, *CASH_KINDS}:
        return "TRANSACTION"
    return "CLOSING" if draft.kind is DocumentKind.CLOSING else "EVENT"


def _kind(body: EntryBody) -> DocumentKind:
    """Some laws record a cancellation as a correction that takes everything back."""
    assert body.draft is not None
    return DocumentKind.CANCELLATION if body.draft.is_full_reversal else body.draft.kind


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


def _file(known: Record, wants: frozenset[str]) -> Json:
    shown: Json = {"location": "SERVICE"}
    if "file-artifact" in wants:
        shown["artifact"] = _content(known.stored)
    if "file-integrity" in wants:
        header = f'{{"alg":"ES256","kid":"{known.key}","typ":"fiscus-entry+json"}}'
        jws = f"{_base64url(header.encode())}..{known.signature}"
        shown["integrity"] = {
            "type": "application/jose",
            "data": b64encode(jws.encode()).decode(),
        }
    return shown


def _compliance(seal: Seal, numbered: TakenNumber | None, wants: frozenset[str]) -> Json:
    """A law without a document code is answered with the document number."""
    compliance: Json = {"data": seal.code or seal.number}
    if url := seal.facts.get(PORTAL):
        compliance["url"] = url
    if seal.qr:
        compliance["qr_code"] = seal.qr
    if seal.excerpt:
        compliance["signature_hash"] = seal.excerpt
    if seal.certificate:
        compliance["software_certificate"] = seal.certificate
    if numbered and seal.signature:
        compliance["sequence"] = _sequence(seal, numbered)
    elif seal.signing:
        compliance["sequence"] = _of_device(seal.signing)
    if "compliance-artifact" in wants:
        compliance["artifact"] = _content(msgspec.json.encode(seal))
    return compliance


def _sequence(seal: Seal, numbered: TakenNumber) -> Json:
    sequence: Json = {
        "number": str(numbered.number),
        "type": seal.document_type,
        "signature": _short(seal.signature),
    }
    if numbered.previous:
        sequence["record"] = {"id": numbered.previous}
    return sequence


def _of_device(signing: DeviceSigning) -> Json:
    """The number of its transaction, which stands on paper; the QR code holds all it signed."""
    return {
        "number": str(signing.number),
        "type": DEVICE,
        "signature": _short(signing.signature),
    }


def _content(data: bytes) -> Json:
    return {"type": "application/json", "data": b64encode(data).decode()}


def _in_words(body: EntryBody) -> tuple[Fault, ...]:
    """The faults at the places of what was said, in the version in which it was said."""
    if body.said is None:
        return body.faults
    content = {"record": {"id": body.intent}, "operation": msgspec.json.decode(body.said.text)}
    return in_record(body.faults, content)


def _logs(faults: Sequence[Fault]) -> list[Json]:
    """Each fault with its places, a hundred in all, then its law and what to do: a message is
    short, so one fault may take several."""
    kept, more = problem.limited(faults)
    messages = [message for fault in kept for message in _messages(fault)]
    if more:
        messages.append(f"Validation error: and {more} places more")
    return [{"severity": "ERROR", "message": message} for message in messages]


def _messages(fault: Fault) -> Iterator[str]:
    begin = TRANSMISSION_FAILED.get(fault.code, "Validation error")
    told, left = _with_places(f"{begin}: {fault.code} {fault.text}", fault.paths)
    yield told
    while left:
        told, rest = _with_places(f"{begin}: {fault.code} also", left)
        yield told if rest != left else _cut(f"{told} ({left[0]})")
        left = rest if rest != left else left[1:]
    if advice := problem.advice(fault):
        yield _cut(f"{begin}: {fault.code} {advice}")


def _with_places(text: str, paths: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """As many whole places as there is room for, and the others."""
    text = _cut(text)
    for count in range(len(paths), 0, -1):
        where = f" ({', '.join(paths[:count])})"
        if len(text) + len(where) <= MESSAGE_MAX:
            return text + where, paths[count:]
    return text, paths


def _cut(text: str) -> str:
    return text if len(text) <= MESSAGE_MAX else text[: MESSAGE_MAX - 1] + "…"


def _short(signature: str) -> str:
    """A signature of any length as 64 characters: its SHA-384."""
    alphabet = signature.replace("-", "+").replace("_", "/")
    raw = b64decode(alphabet + "=" * (-len(alphabet) % 4))
    return _base64url(hashlib.sha384(raw).digest())


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
