"""What the page of requests shows: what a till sent, what it was answered, and why it was refused.

All of it comes from what is kept anyway: journal entries, which stay, and the answers under
idempotency keys, which stay for a day where they left no record. What is refused before it is
known who asks, or without a key, is only in the service's log.
"""

import re
from base64 import b64decode
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Row, Select, func, select

from fiscus import regimes
from fiscus.api import stored_answers
from fiscus.console.exports_facts import first_id, name_of
from fiscus.issuing import idempotency
from fiscus.journal import encode, read
from fiscus.model.faults import Fault
from fiscus.model.kinds import EntryKind
from fiscus.model.orders import IdempotencyKey
from fiscus.model.records import EntryBody
from fiscus.model.times import instant, micros_z
from fiscus.registry.vault import Vault
from fiscus.store.schema import CLAIM, ENTRY

PAGE = 25
WINDOW = 5_000
"""How many of the newest entries one page looks at: there may be no refusal for months."""

_CLAIMS_MAX = 2_000
_PREFIXES_MAX = 500
_SHOWN_MAX = 50
_NEAR = timedelta(seconds=5)
_BEFORE = timedelta(seconds=1)
_TEXT_MAX = 128

_ID = re.compile(r"(?:[a-z]{1,8}_)?([0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})", re.ASCII)
_PREFIX = re.compile(
    r"(?:(?P<family>[a-z_]+):(?P<operation>\w+):)?(?P<subject>[0-9a-f-]{36}):", re.ASCII
)


class ExplainedFault(msgspec.Struct, frozen=True, kw_only=True):
    """A fault with what to do about it; the remedy is empty where its sentence says so itself."""

    code: str
    text: str
    law: str
    paths: tuple[str, ...]
    remedy: str


class SentRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as its idempotency key remembers it. `key` is the caller's own part of it, `by` the
    name or id of the API key; `family` and `operation` are empty where the key does not say them.
    `entry` is the record that it left, else there is an answer: `status` is 0 for an order that was
    refused, `trouble` the class of the error, `answer` the body of an error that was answered
    otherwise. `is_hidden`: a good answer is kept, and not shown: it may tell what is shown once."""

    key: str
    by: str
    family: str = ""
    operation: str = ""
    at: datetime
    taker: str = ""
    entry: str = ""
    until: datetime | None = None
    status: int = 0
    trouble: str = ""
    faults: tuple[ExplainedFault, ...] = ()
    answer: str = ""
    is_hidden: bool = False


class SentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record and what was said to make it: the caller's words as they came, who sent them, what
    was answered, and the record that ended it or that it ends."""

    id: str
    kind: str
    at: datetime
    register: str
    by: str
    family: str = ""
    version: str = ""
    words: str = ""
    number: str = ""
    intent: str = ""
    used_in: str = ""
    faults: tuple[ExplainedFault, ...] = ()
    request: SentRequest | None = None

    @property
    def is_refused(self) -> bool:
        return self.kind == EntryKind.REFUSAL


class FoundRequests(msgspec.Struct, frozen=True, kw_only=True):
    """What there is about what was searched for: a record with that id, requests with that key or
    trace, and, where the id tells a time, what was recorded or answered about then (`near`)."""

    asked: str
    at: datetime | None = None
    record: SentRecord | None = None
    requests: tuple[SentRequest, ...] = ()
    near: tuple[SentRecord, ...] = ()
    near_requests: tuple[SentRequest, ...] = ()

    @property
    def is_nothing(self) -> bool:
        return not (self.record or self.requests or self.near or self.near_requests)


class RecordWindow(msgspec.Struct, frozen=True, kw_only=True):
    """Records of one kind among the newest entries, newest first; `before` is where to look on."""

    found: tuple[SentRecord, ...]
    before: str


def search(
    tx: Connection, vault: Vault, organization: str, asked: str, registers: Collection[str]
) -> FoundRequests:
    """All that is known of an id or an idempotency key, of this organization alone."""
    asked = asked.strip()[:_TEXT_MAX]
    id_ = id_of(asked)
    at = time_of(id_)
    record = _record(tx, vault, organization, id_, registers) if id_ else None
    claims = _by_key(tx, organization, asked)
    near: tuple[SentRecord, ...] = ()
    near_requests: list[Row[Any]] = []
    if at is not None and record is None:
        near = tuple(_near(tx, organization, at, registers))
        near_requests = _answered_near(tx, organization, at)
        claims += [row for row in near_requests if row.taker == id_]
    known = {(row.scope, row.key) for row in claims}
    others = [row for row in near_requests if (row.scope, row.key) not in known]
    return FoundRequests(
        asked=asked,
        at=at,
        record=record,
        requests=tuple(_request(tx, vault, row) for row in claims),
        near=near,
        near_requests=tuple(_request(tx, vault, row) for row in others),
    )


def id_of(asked: str) -> str:
    """The id that somebody pasted, with or without hyphens and the word before it; empty if it is
    none."""
    found = _ID.fullmatch(asked.lower())
    return str(UUID(found[1])) if found else ""


def time_of(id_: str) -> datetime | None:
    """When an id was given, if it begins with its time (UUIDv7, RFC 9562)."""
    if not id_ or id_[14] != "7":
        return None
    millis = int(id_.replace("-", "")[:12], 16)
    try:
        return datetime.fromtimestamp(millis / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def refused(
    tx: Connection, organization: str, registers: Collection[str], *, before: str
) -> RecordWindow:
    """The refusals that the journal keeps, among the newest entries before an id."""
    return _window(tx, organization, registers, EntryKind.REFUSAL, before)


def unended(
    tx: Connection, organization: str, registers: Collection[str], *, before: str
) -> RecordWindow:
    """Intentions that nobody concluded, among the newest entries before an id."""
    return _window(tx, organization, registers, EntryKind.INTENT, before)


def _window(
    tx: Connection, organization: str, registers: Collection[str], kind: EntryKind, before: str
) -> RecordWindow:
    looked_at = select(ENTRY.c.id).where(ENTRY.c.organization == organization)
    if before:
        looked_at = looked_at.where(ENTRY.c.id < before)
    window = looked_at.order_by(ENTRY.c.id.desc()).limit(WINDOW).subquery()
    query = _of_registers(
        select(ENTRY.c.kind, ENTRY.c.body)
        .join(window, window.c.id == ENTRY.c.id)
        .where(ENTRY.c.kind == kind)
        .order_by(ENTRY.c.id.desc())
        .limit(PAGE + 1),
        registers,
    )
    if kind is EntryKind.INTENT:
        end = ENTRY.alias("conclusion")
        query = query.join(end, end.c.intent == ENTRY.c.id, isouter=True)
        query = query.where(end.c.id.is_(None))
    found = [_sent(tx, row.kind, encode.decode(row.kind, row.body)) for row in tx.execute(query)]
    if len(found) > PAGE:
        return RecordWindow(found=tuple(found[:PAGE]), before=found[PAGE - 1].id)
    count, least = tx.execute(select(func.count(), func.min(window.c.id))).one()
    return RecordWindow(found=tuple(found), before=least if count == WINDOW else "")


def _of_registers(query: Select[Any], registers: Collection[str]) -> Select[Any]:
    return query.where(ENTRY.c.chain.in_(list(registers))) if registers else query


def recent(
    tx: Connection, vault: Vault, organization: str, at: datetime
) -> tuple[SentRequest, ...]:
    """The requests of the last day that left no record and were answered with an error, newest
    first, among the newest answers that are kept."""
    newest = (
        select(CLAIM)
        .where(CLAIM.c.expires_at > micros_z(at))
        .order_by(CLAIM.c.expires_at.desc())
        .limit(_CLAIMS_MAX)
        .subquery()
    )
    query = (
        select(newest)
        .where(
            newest.c.scope == organization,
            newest.c.entry.is_(None),
            (newest.c.status == 0) | (newest.c.status >= 400),
        )
        .order_by(newest.c.expires_at.desc())
        .limit(_SHOWN_MAX)
    )
    return tuple(_request(tx, vault, row) for row in tx.execute(query))


def _record(
    tx: Connection, vault: Vault, organization: str, id_: str, registers: Collection[str]
) -> SentRecord | None:
    row = tx.execute(
        _of_registers(
            select(ENTRY.c.kind).where(ENTRY.c.id == id_, ENTRY.c.organization == organization),
            registers,
        )
    ).one_or_none()
    if row is None or row.kind not in set(EntryKind):
        return None
    found = read.one(tx, organization, id_)
    claim = tx.execute(
        select(CLAIM).where(CLAIM.c.entry == id_, CLAIM.c.scope == organization).limit(1)
    ).first()
    shown = _sent(tx, found.record.kind, found.record.body)
    return msgspec.structs.replace(
        shown,
        used_in=found.record.used_in,
        request=_request(tx, vault, claim) if claim is not None else None,
    )


def _sent(tx: Connection, kind: str, body: EntryBody) -> SentRecord:
    said = body.said
    return SentRecord(
        id=body.id,
        kind=kind,
        at=body.at,
        register=body.register,
        by=name_of(tx, body.place.organization, body.by) or body.by,
        family=said.family if said else "",
        version=said.version if said else "",
        words=_pretty(said.text) if said else "",
        number=body.seal.number if body.seal else "",
        intent=body.intent,
        faults=explained(body.faults),
    )


def _near(
    tx: Connection, organization: str, at: datetime, registers: Collection[str]
) -> Iterator[SentRecord]:
    query = (
        select(ENTRY.c.kind, ENTRY.c.body)
        .where(
            ENTRY.c.organization == organization,
            ENTRY.c.id >= first_id(at),
            ENTRY.c.id < first_id(at + _NEAR),
            ENTRY.c.kind.in_(sorted(EntryKind)),
        )
        .order_by(ENTRY.c.id)
        .limit(_SHOWN_MAX)
    )
    for row in tx.execute(_of_registers(query, registers)):
        yield _sent(tx, row.kind, encode.decode(row.kind, row.body))


def _answered_near(tx: Connection, organization: str, at: datetime) -> list[Row[Any]]:
    """Answers without a record are forgotten a day after they were given: their end tells when."""
    since, until = at + idempotency.LIFE - _BEFORE, at + idempotency.LIFE + _NEAR
    query = (
        select(CLAIM)
        .where(
            CLAIM.c.expires_at.between(micros_z(since), micros_z(until)),
            # No term of its own, or SQLite would read all claims of the organization instead.
            func.coalesce(CLAIM.c.scope, "") == organization,
        )
        .order_by(CLAIM.c.expires_at)
        .limit(_SHOWN_MAX)
    )
    return list(tx.execute(query))


def _by_key(tx: Connection, organization: str, asked: str) -> list[Row[Any]]:
    """The claims of a key of the caller's. Before it stands whose it is, and in which family: the
    beginnings that there are are found one behind the other, along the primary key."""
    if not asked:
        return []
    keys = [f"{beginning}{asked}" for beginning in _beginnings(tx, organization)]
    query = select(CLAIM).where(CLAIM.c.scope == organization, CLAIM.c.key.in_(keys))
    return list(tx.execute(query.order_by(CLAIM.c.created_at.desc()).limit(_SHOWN_MAX)))


def _beginnings(tx: Connection, organization: str) -> Iterator[str]:
    at = ""
    for _ in range(_PREFIXES_MAX):
        key = tx.scalar(
            select(func.min(CLAIM.c.key)).where(CLAIM.c.scope == organization, CLAIM.c.key > at)
        )
        if key is None:
            return
        found = _PREFIX.match(key)
        if found is None:
            family = key.partition(":")[0]
            at = f"{family};"  # behind the colon
            continue
        yield found[0]
        at = f"{found[0][:-1]};"


def _request(tx: Connection, vault: Vault, row: Row[Any]) -> SentRequest:
    found = _PREFIX.match(row.key)
    subject = found["subject"] if found else ""
    request = SentRequest(
        key=row.key[found.end() :] if found else row.key,
        by=(name_of(tx, row.scope, subject) or subject) if subject else "",
        family=(found["family"] or "") if found else "",
        operation=(found["operation"] or "") if found else "",
        at=instant(row.created_at),
        taker=row.taker,
        entry=row.entry or "",
        until=instant(row.expires_at) if row.expires_at else None,
        status=row.status or 0,
    )
    return _answered(tx, vault, row, request) if row.answer else request


def _answered(tx: Connection, vault: Vault, row: Row[Any], request: SentRequest) -> SentRequest:
    if row.status == 0:
        trouble = idempotency.read_back(row.answer)
        return msgspec.structs.replace(
            request, trouble=type(trouble).__name__, faults=explained(trouble.faults)
        )
    if row.status < 400:
        return msgspec.structs.replace(request, is_hidden=True)
    claim = IdempotencyKey(scope=row.scope, key=row.key, digest=row.digest)
    answer = stored_answers.opened(vault, tx, claim, row.status, b64decode(row.answer))
    return msgspec.structs.replace(request, answer=_pretty(answer.body.decode()))


def explained(faults: Sequence[Fault]) -> tuple[ExplainedFault, ...]:
    """Faults with the remedies of the laws that they come from."""
    return tuple(
        ExplainedFault(
            code=fault.code,
            text=fault.text,
            law=fault.law,
            paths=fault.paths,
            remedy=regimes.remedy(fault.code),
        )
        for fault in faults
    )


def _pretty(text: str) -> str:
    """JSON with a member on each line; whatever else it is, as it is."""
    try:
        return msgspec.json.format(text.encode(), indent=2).decode()
    except msgspec.DecodeError:
        return text
