"""How one record came to be what it is: its bytes, its link, its signatures, its sums, its place in
the log; each with all that is needed to recompute it, and with what this service found."""

from base64 import b64decode
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from sqlalchemy import Connection, select

from fiscus import regimes, signers
from fiscus.console import document_facts, explain_checks
from fiscus.console.document_facts import ChainNeighbour, RecordViewer
from fiscus.console.explain_checks import StepState
from fiscus.issuing import law_keys
from fiscus.journal import chain, checkpoint, encode
from fiscus.journal.proving import EntryProof
from fiscus.journal.read import FoundRecord
from fiscus.journal.sign import header
from fiscus.journal.statement import StatedKey
from fiscus.model.amounts import plain
from fiscus.model.explained import ExplainedPart, ExplainedTotal
from fiscus.model.faults import Refused
from fiscus.model.kinds import StatementKind
from fiscus.model.places import Place
from fiscus.model.records import EntryBody
from fiscus.model.times import instant
from fiscus.regimes import Regime
from fiscus.registry import chains
from fiscus.registry import signers as registry_signers
from fiscus.store.schema import ENTRY, REGISTER_KEY
from fiscus.transparency import checkpoints, cosignatures, merkle, proofs
from fiscus.transparency.base64s import encoded
from fiscus.transparency.notes import VerifierKey

KEY_VERSION = "key_version"
"""What a law calls the number of its key among its settings, where it counts them."""


class KeyStep(msgspec.Struct, frozen=True, kw_only=True):
    """A key, and the entry of the journal from which on it counts. That entry is signed by another
    key, the next of the steps; the root key's by itself. `spki` is the key itself in DER, `body`
    the bytes of the entry, `signed_by` the id of the key that signed it and `signer` its bytes."""

    purpose: str
    of: str
    epoch: int
    first: int
    id: str
    sha256: str
    spki: bytes
    reason: str
    entry: str
    at: datetime
    body: bytes
    link: str
    signed_by: str
    signature: str
    signer: bytes
    names_itself: StepState
    is_stated: StepState


class KeyCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """The X.509 certificate of a key, for programs that want one."""

    pem: str
    subject: str
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime


class LinkMember(msgspec.Struct, frozen=True, kw_only=True):
    """One of the things that a link is the hash of, in its order: its name, how it is written in
    the entry, and its bytes."""

    name: str
    value: str
    octets: bytes


class CosignatureStep(msgspec.Struct, frozen=True, kw_only=True):
    """What a witness has signed of the checkpoint. `at` is its own time, in seconds since 1970."""

    name: str
    at: int
    state: StepState


class LogStep(msgspec.Struct, frozen=True, kw_only=True):
    """The record's place in the log: the proof, its parts, and who signed the checkpoint."""

    proof: EntryProof
    leaf: bytes
    path: tuple[bytes, ...]
    root: str
    note: str
    key: VerifierKey
    inclusion: StepState
    is_signed: StepState
    cosignatures: tuple[CosignatureStep, ...]


class LawPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of what the law or its device explains. `key` is the key of its signature (empty: none
    or not at hand), `state` what this service found of that signature."""

    part: ExplainedPart
    key: bytes
    key_name: str
    state: StepState


class ExplainFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page of one record explains. `computed` is the link as it is recomputed."""

    found: FoundRecord
    what: str
    place: Place
    timezone: str
    header: str
    digest: str
    members: tuple[LinkMember, ...]
    computed: str
    next: ChainNeighbour | None
    keys: tuple[KeyStep, ...]
    fingerprint: str
    certificate: KeyCertificate | None
    signature: StepState
    parts: tuple[LawPart, ...]
    log: LogStep | None

    @property
    def body(self) -> EntryBody:
        return self.found.record.body

    @property
    def link(self) -> StepState:
        return _same(self.computed, self.found.record.link)

    @property
    def follows(self) -> StepState:
        """Whether the next entry names this one's link."""
        if self.next is None:
            return StepState.NOT_JUDGED
        return _same(self.next.previous, self.found.record.link)

    @property
    def states(self) -> Iterator[StepState]:
        """What this service found of every step."""
        yield from (self.signature, self.link, self.follows)
        yield from (state for key in self.keys for state in (key.names_itself, key.is_stated))
        yield from (one.state for one in self.parts if one.part.signature)
        for one in self.parts:
            for total in one.part.totals:
                yield StepState.GOOD if total.is_right else StepState.BAD
        if self.log:
            yield from (self.log.inclusion, self.log.is_signed)
            yield from (one.state for one in self.log.cosignatures)

    @property
    def bad(self) -> int:
        return sum(state is StepState.BAD for state in self.states)


def _same(one: str, other: str) -> StepState:
    return StepState.GOOD if one == other else StepState.BAD


def facts(
    tx: Connection,
    viewer: RecordViewer,
    id_: str,
    *,
    witnesses: Collection[VerifierKey] = (),
    settings: Mapping[str, Mapping[str, str]] | None = None,
) -> ExplainFacts:
    """All that the page explains. `witnesses` are those whose cosignatures count here, `settings`
    the laws' own. Raises `Missing`."""
    found, place, timezone = document_facts.find(tx, viewer, id_)
    record, body = found.record, found.record.body
    keys = _keys(tx, found)
    regime = regimes.find(place.taxpayer.regime)
    digest = sha256(record.stored).hexdigest()
    return ExplainFacts(
        found=found,
        what=document_facts.what_of(record.kind, body),
        place=place,
        timezone=timezone,
        header=header(record.key),
        digest=digest,
        members=tuple(_members(body, digest)),
        computed=chain.link(body.previous, body.chain, body.epoch, body.sequence, record.stored),
        next=document_facts.neighbour(tx, viewer, body, 1, timezone),
        keys=tuple(keys),
        fingerprint=chains.fingerprint(tx),
        certificate=_certificate(tx, body.chain, record.key),
        signature=(
            explain_checks.entry_signature(
                record.stored, record.key, record.signature, keys[0].spki
            )
            if keys
            else StepState.NOT_JUDGED
        ),
        parts=tuple(_parts(tx, regime, body, (settings or {}).get(regime.code, {}))),
        log=_log(tx, found, witnesses),
    )


def _members(body: EntryBody, digest: str) -> Iterator[LinkMember]:
    """docs/journal-format.md, section 3."""
    purpose = b"fiscus/link/2\n"
    yield LinkMember(name="purpose", value="fiscus/link/2\\n", octets=purpose)
    yield LinkMember(name="previous", value=body.previous, octets=bytes.fromhex(body.previous))
    yield LinkMember(name="chain", value=body.chain, octets=UUID(body.chain).bytes)
    yield LinkMember(name="epoch", value=str(body.epoch), octets=body.epoch.to_bytes(4, "big"))
    yield LinkMember(
        name="sequence", value=str(body.sequence), octets=body.sequence.to_bytes(8, "big")
    )
    yield LinkMember(name="digest", value=digest, octets=bytes.fromhex(digest))


def _keys(tx: Connection, found: FoundRecord) -> list[KeyStep]:
    """The register's key, the organization's that states it, the root key that states that one."""
    body, wanted = found.record.body, found.record.key
    organization = body.place.organization
    stated: list[_StatedKeyRow] = []
    for thing, where in (
        (body.chain, organization),
        (chains.key_name(organization), ""),
        (chains.ROOT, ""),
    ):
        one = _stated(tx, thing, where, wanted)
        if one is None:
            break
        stated.append(one)
        wanted = one.signed_by
    signers_of = [*(one.spki for one in stated[1:]), stated[-1].spki if stated else b""]
    return [_step(one, spki) for one, spki in zip(stated, signers_of, strict=False)]


class _StatedKeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that names a key."""

    key: StatedKey
    spki: bytes
    entry: str
    at: datetime
    body: bytes
    link: str
    signed_by: str
    signature: str


def _stated(tx: Connection, thing: str, organization: str, id_: str) -> _StatedKeyRow | None:
    """The entry that names the key with this id."""
    rows = tx.execute(
        select(ENTRY).where(
            ENTRY.c.thing == thing,
            ENTRY.c.kind == StatementKind.KEY.value,
            ENTRY.c.organization == organization,
        )
    )
    for row in rows:
        key = encode.statement(row.kind, row.body).key
        if key is not None and key.sha256[: explain_checks.KEY_ID_DIGITS] == id_:
            return _StatedKeyRow(
                key=key,
                spki=b64decode(key.public_key),
                entry=row.id,
                at=instant(row.at),
                body=row.body,
                link=row.link,
                signed_by=row.key,
                signature=row.signature,
            )
    return None


def _step(row: _StatedKeyRow, signer: bytes) -> KeyStep:
    id_ = row.key.sha256[: explain_checks.KEY_ID_DIGITS]
    return KeyStep(
        purpose=row.key.purpose,
        of=row.key.of,
        epoch=row.key.epoch,
        first=row.key.first,
        id=id_,
        sha256=row.key.sha256,
        spki=row.spki,
        reason=row.key.reason,
        entry=row.entry,
        at=row.at,
        body=row.body,
        link=row.link,
        signed_by=row.signed_by,
        signature=row.signature,
        signer=signer,
        names_itself=explain_checks.key_names_itself(row.spki, row.key.sha256, id_),
        is_stated=explain_checks.entry_signature(row.body, row.signed_by, row.signature, signer),
    )


def _certificate(tx: Connection, register: str, key: str) -> KeyCertificate | None:
    """That of the register's present key, if that one has signed."""
    pem = tx.scalar(
        select(REGISTER_KEY.c.certificate_pem).where(
            REGISTER_KEY.c.register == register, REGISTER_KEY.c.serial == key
        )
    )
    if not pem:
        return None
    read = x509.load_pem_x509_certificate(pem.encode("ascii"))
    return KeyCertificate(
        pem=pem,
        subject=read.subject.rfc4514_string(),
        issuer=read.issuer.rfc4514_string(),
        serial=f"{read.serial_number:032x}",
        not_before=read.not_valid_before_utc,
        not_after=read.not_valid_after_utc,
    )


def _parts(
    tx: Connection, regime: Regime, body: EntryBody, settings: Mapping[str, str]
) -> Iterator[LawPart]:
    """What the law tells, and what its signing device does."""
    signing = body.seal.signing if body.seal else None
    device = signers.explained(regime.device, signing) if signing else ()
    for part in (*regime.explained(body), *device):
        signature = part.signature
        if signature is None:
            yield LawPart(part=part, key=b"", key_name="", state=StepState.NOT_JUDGED)
            continue
        key = signature.key or _law_key(tx, regime, body, settings)
        yield LawPart(
            part=part,
            key=key,
            key_name=explain_checks.key_name(key),
            state=explain_checks.law_signature(signature, key),
        )


def _law_key(tx: Connection, regime: Regime, body: EntryBody, settings: Mapping[str, str]) -> bytes:
    """The law's own key in DER; empty if the record was signed with another version of it."""
    version = body.seal.key_version if body.seal else ""
    if version and settings.get(KEY_VERSION, version) != version:
        return b""
    owner = law_keys.owner_of(regime, body.place.taxpayer)
    try:
        pem = registry_signers.public_pem(tx, law_keys.seal_key_name(regime.code, owner))
    except Refused:
        return b""
    key = load_pem_public_key(pem.encode("ascii"))
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _log(tx: Connection, found: FoundRecord, witnesses: Collection[VerifierKey]) -> LogStep | None:
    """None before a checkpoint covers the record."""
    known = document_facts.proof(tx, found.record.body.id)
    if known is None:
        return None
    proof = proofs.parse(known.text.encode())
    pem = registry_signers.public_pem(tx, registry_signers.LOG)
    key = checkpoint.verifier_key(known.origin, pem)
    return LogStep(
        proof=known,
        leaf=merkle.leaf_hash(bytes.fromhex(known.link)),
        path=proof.path,
        root=encoded(checkpoints.parse(proof.note.text).root),
        note=proof.note.whole(),
        key=key,
        inclusion=explain_checks.inclusion(proof, found.record.link),
        is_signed=explain_checks.log_signature(proof.note, key),
        cosignatures=tuple(
            CosignatureStep(
                name=line.name,
                at=cosignatures.time_of(line),
                state=explain_checks.cosignature(proof.note, line, witnesses),
            )
            for line in proof.note.lines
            if line.name != known.origin
        ),
    )


def formula(total: ExplainedTotal) -> str:
    """The sum of a total as it is written: `2.46 × 100 ÷ 123 − 1.00`."""
    found = ""
    for term in total.terms:
        sign = "−" if term.amount < 0 else "+"
        lead = f" {sign} " if found else (sign if term.amount < 0 else "")
        found += f"{lead}{written(abs(term.amount))}"
        found += f" × {plain(term.times)}" if term.times != 1 else ""
        found += f" ÷ {plain(term.by)}" if term.by != 1 else ""
    return found or "0"


def written(value: Decimal) -> str:
    """Unrounded, with two decimals at least."""
    text = plain(value)
    decimals = len(text.partition(".")[2])
    return text if decimals >= 2 else f"{value:.2f}"
