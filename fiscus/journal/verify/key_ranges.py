"""What `key@1` entries say, and whether they may: who gives which key which places."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from fiscus.journal.verify.decoding import part
from fiscus.journal.verify.keys import (
    FIRST,
    LOG,
    LOST,
    ORGANIZATION,
    PACKAGES,
    PURPOSES,
    RECOVERED,
    REGISTER,
    ROOT,
    ROTATED,
    NamedKey,
    base64_bytes,
    is_signed,
    read_log_key,
    read_signing_key,
)
from fiscus.journal.verify.report import EntryPlace, Finding, count_of, found

REASONS = (FIRST, ROTATED, LOST, RECOVERED)
REQUIRED = frozenset(("purpose", "of", "epoch", "first", "sha256", "public_key", "reason"))
TEXTS = ("purpose", "of", "sha256", "public_key", "reason")


def read_named_key(body: Mapping[str, object]) -> NamedKey | None:
    """The key of a `key@1` body, as far as it is one; its range is judged with all others."""
    said = part(body, "key")
    texts = {name: said.get(name, "") for name in (*TEXTS, "replaces", "signature")}
    epoch, first = count_of(said.get("epoch")), count_of(said.get("first"))
    public = base64_bytes(said.get("public_key"))
    is_whole = said.keys() >= REQUIRED and epoch and first and public
    if not is_whole or not all(isinstance(text, str) for text in texts.values()):
        return None
    if texts["purpose"] not in PURPOSES or texts["reason"] not in REASONS:
        return None
    return NamedKey(
        purpose=str(texts["purpose"]),
        of=str(texts["of"]),
        epoch=epoch,
        first=first,
        sha256=str(texts["sha256"]),
        public=public or b"",
        reason=str(texts["reason"]),
        replaces=str(texts["replaces"]),
        signature=str(texts["signature"]),
        in_chain=str(body.get("chain")),
        in_epoch=count_of(body.get("epoch")),
        in_sequence=count_of(body.get("sequence")),
        in_id=str(body.get("id")),
    )


def is_fit(key: NamedKey) -> bool:
    """Whether the key is the one that its hash names, and of the sort that its purpose needs."""
    if hashlib.sha256(key.public).hexdigest() != key.sha256:
        return False
    if key.purpose == LOG:
        return read_log_key(key.public) is not None
    return read_signing_key(key.public, "") is not None


def place_of(key: NamedKey) -> EntryPlace:
    return EntryPlace(
        chain=key.in_chain,
        epoch=key.in_epoch,
        sequence=key.in_sequence,
        id=key.in_id,
        kind="key@1",
    )


class KeyRanges:
    """All named keys, and the installation whose root gives them their power.

    `fingerprint` decides between several roots, if it was given.
    """

    def __init__(self, keys: Iterable[NamedKey], fingerprint: str | None = None) -> None:
        self.all = tuple(keys)
        self.fit = tuple(key for key in self.all if is_fit(key))
        self.roots = roots_of(self.fit)
        self.installation = installation_of(self.roots, fingerprint)
        self.organizations = {
            key.of for key in self.fit if key.purpose == ORGANIZATION and key.in_chain != key.of
        }

    def of(self, purpose: str, of: str) -> tuple[NamedKey, ...]:
        """The keys for this purpose of this chain or installation, by the places they sign."""
        keys = (key for key in self.fit if key.purpose == purpose and key.of == of)
        return tuple(sorted(keys, key=lambda key: key.from_place))

    @property
    def root(self) -> tuple[NamedKey, ...]:
        return self.of(ROOT, self.installation)

    @property
    def log_keys(self) -> dict[int, NamedKey]:
        """By the epoch of the log."""
        return {key.epoch: key for key in self.of(LOG, self.installation)}

    def findings(self) -> Iterator[Finding]:
        for key in self.all:
            if not is_fit(key):
                yield blame("VERIFY-KEY-05", key, "public key and hash")
        if len({key.of for key in self.roots}) > 1:
            for key in self.roots:
                if key.of != self.installation:
                    yield blame("VERIFY-KEY-06", key)
        by_place: dict[tuple[str, str], list[NamedKey]] = {}
        for key in self.fit:
            by_place.setdefault((key.purpose, key.of), []).append(key)
            if detail := self.misplaced(key):
                yield blame("VERIFY-KEY-03", key, detail)
        yield from self.claimed_twice()
        for keys in by_place.values():
            yield from range_findings(sorted(keys, key=lambda key: key.from_place))

    def misplaced(self, key: NamedKey) -> str:
        """Why an entry at this place cannot give this key, or nothing."""
        if key.purpose == REGISTER:
            is_home = key.in_chain in self.organizations
            return "" if is_home else "a register's key stands in its organization's chain"
        if key.in_chain != self.installation:
            return f"a key for {key.purpose} stands in the installation's chain"
        if key.purpose in (ROOT, LOG, PACKAGES) and key.of != self.installation:
            return "it is for another installation"
        is_own_place = (key.in_epoch, key.in_sequence) == key.from_place
        if key.purpose == ROOT and not is_own_place:
            return "a root key signs from its own entry on"
        if key.purpose == PACKAGES and key.first not in (1, key.in_sequence):
            return "it counts from its own entry on"
        if key.purpose == LOG and key.first != 1:
            return "a log has one key in an epoch"
        return ""

    def claimed_twice(self) -> Iterator[Finding]:
        """One chain, two purposes: a tenant's key must not sign another's chain."""
        purposes: dict[str, str] = {}
        for key in self.fit:
            is_of_chain = key.purpose not in (LOG, PACKAGES)
            if is_of_chain and purposes.setdefault(key.of, key.purpose) != key.purpose:
                yield blame("VERIFY-KEY-02", key, "the chain has keys for two purposes")

    def told(self) -> Iterator[str]:
        """Changes of keys that nobody but the operator can vouch for."""
        for key in self.fit:
            if key.reason in (LOST, RECOVERED):
                yield (
                    f"the {key.purpose} key of {key.of} from epoch {key.epoch}, sequence "
                    f"{key.first} on is a new one ({key.reason}): no older key vouches for it"
                )


def roots_of(keys: Iterable[NamedKey]) -> tuple[NamedKey, ...]:
    """The root keys that begin a chain of their own."""
    return tuple(
        key
        for key in keys
        if key.purpose == ROOT and key.in_chain == key.of and key.from_place == (1, 1)
    )


def installation_of(roots: tuple[NamedKey, ...], fingerprint: str | None) -> str:
    for key in roots:
        if key.sha256 == fingerprint:
            return key.of
    return roots[0].of if roots else ""


def range_findings(keys: list[NamedKey]) -> Iterator[Finding]:
    """Each key begins where one ends that vouches for it, and no two begin at one place."""
    if keys[0].reason != FIRST:
        yield blame("VERIFY-KEY-05", keys[0], "it replaces a key that is not there")
    elif keys[0].replaces or keys[0].signature:
        yield blame("VERIFY-KEY-05", keys[0], "a first key replaces none")
    for before, key in pairwise(keys):
        if key.from_place == before.from_place:
            detail = f"the other stands at sequence {before.in_sequence}"
            yield blame("VERIFY-KEY-02", key, detail)
        elif key.reason == FIRST:
            yield blame("VERIFY-KEY-02", key, "a first key after another one")
        elif key.purpose not in (LOG, PACKAGES) and is_odd_epoch(key, before):
            yield blame("VERIFY-KEY-05", key, "recovered keys begin an epoch, others do not")
        elif key.replaces != before.sha256 and (key.replaces or key.reason != RECOVERED):
            yield blame("VERIFY-KEY-05", key, "it does not replace the key before")
        elif not is_vouched(key, before):
            yield blame("VERIFY-KEY-04", key)


def is_odd_epoch(key: NamedKey, before: NamedKey) -> bool:
    """Chains begin an epoch with a recovered key, and only so; a log may with any other one."""
    return (key.reason == RECOVERED) != (key.epoch > before.epoch)


def is_vouched(key: NamedKey, before: NamedKey) -> bool:
    """The signature of the replaced key: needed to rotate, impossible if that key was lost."""
    if key.reason == LOST:
        return not key.signature
    if key.reason == RECOVERED and not key.signature:
        return True
    signer = read_signing_key(before.public, "")
    return signer is not None and is_signed(signer, key.rotation_text(), key.signature)


def blame(code: str, key: NamedKey, detail: str = "") -> Finding:
    return found(code, detail, entry=place_of(key))
