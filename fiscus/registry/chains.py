"""The chains of the installation and of organizations: their keys, and what they state."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.hazmat.primitives import serialization
from sqlalchemy import Connection, select, text

from fiscus.journal import append, encode, sign, stated
from fiscus.journal.append import ChainHead, JournalKey
from fiscus.journal.chain import FIRST_EPOCH
from fiscus.journal.statement import StatedKey, Statement
from fiscus.model.faults import Code, Conflict, Corrupt
from fiscus.model.ids import Ids
from fiscus.model.kinds import StatementKind
from fiscus.model.records import GENESIS, StatedRow
from fiscus.model.times import Clock, instant, micros_z
from fiscus.registry.stating import SERVICE
from fiscus.registry.vault import INSTALLATION, Vault
from fiscus.signers import JOURNAL_ALGORITHM, EcdsaSha256, Signer, find, maker
from fiscus.store.connect import is_postgres
from fiscus.store.schema import CHAIN, DATA_KEY, ENTRY, SETTING_KEY

NO_CHAIN = Code("JOURNAL-CHAIN-01", "this organization has no chain in the journal")
UNUSED_KEY = Code(
    "JOURNAL-KEY-01",
    "the present key of this chain has signed nothing yet, and no two keys may begin at one place: "
    "change it after the next entry of the chain",
)

ROOT = "root"
"""The name of the root key among the installation's keys."""

_PG_LOCK = 0x46534843  # "FSHC": an installation is founded once


def key_name(organization: str) -> str:
    """What the registry calls the key of an organization's chain; the root key for none."""
    return f"organization:{organization}" if organization else ROOT


def key_facts(public_pem: str) -> tuple[str, str]:
    """SHA-256 (hex) of a public key's SubjectPublicKeyInfo, and that in base64."""
    der = serialization.load_pem_public_key(public_pem.encode("ascii")).public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(der).hexdigest(), b64encode(der).decode("ascii")


def key_id(public_pem: str) -> str:
    """The id of a key: the first 32 hex digits of its SHA-256."""
    return key_facts(public_pem)[0][:32]


def stated_key(
    public_pem: str, *, purpose: str, of: str, first: int, epoch: int = FIRST_EPOCH
) -> StatedKey:
    """The first key of a chain, or of what else keys are for."""
    sha256, public_key = key_facts(public_pem)
    return StatedKey(
        purpose=purpose,
        of=of,
        epoch=epoch,
        first=first,
        sha256=sha256,
        public_key=public_key,
        reason="first",
    )


def signed_by_former(key: StatedKey, former: Signer, former_pem: str) -> StatedKey:
    """The same key, vouched for by the one that it replaces."""
    parts = (key.purpose, key.of, key.epoch, key.first, key.sha256)
    signed = "fiscus/key/2\n" + "".join(f"{part}\n" for part in parts)
    return msgspec.structs.replace(
        key,
        reason="rotated",
        replaces=key_facts(former_pem)[0],
        signature=former.sign(EcdsaSha256(signed.encode("ascii"))),
    )


def lost_key(key: StatedKey, former_pem: str) -> StatedKey:
    """The same key, in the place of one that cannot sign any more."""
    return msgspec.structs.replace(key, reason="lost", replaces=key_facts(former_pem)[0])


def installation(tx: Connection) -> str:
    """The id of the installation, empty before it was founded."""
    found = tx.scalar(select(CHAIN.c.id).where(CHAIN.c["class"] == INSTALLATION))
    return found or ""


def fingerprint(tx: Connection) -> str:
    """`sha256:` and the hex SHA-256 of the root key: whoever has noted it can prove authorship.
    Empty before the installation was founded."""
    pem = tx.scalar(select(SETTING_KEY.c.public_pem).where(SETTING_KEY.c.name == ROOT))
    return f"sha256:{key_facts(pem)[0]}" if pem else ""


def settings_of(tx: Connection) -> Mapping[str, Any] | None:
    """What the installation's chain says last of its settings; None: nothing yet."""
    row = tx.execute(
        select(ENTRY.c.kind, ENTRY.c.body)
        .where(ENTRY.c.chain == installation(tx), ENTRY.c.kind == StatementKind.SETTINGS)
        .order_by(ENTRY.c.epoch.desc(), ENTRY.c.sequence.desc())
        .limit(1)
    ).one_or_none()
    return encode.statement(row.kind, row.body).settings if row else None


def expect_used(tx: Connection, head: ChainHead, key: str) -> None:
    """Raises `Conflict` if this key, the present one of the chain, has not signed its last entry:
    another one would begin where it does."""
    last = select(ENTRY.c.key).where(
        ENTRY.c.chain == head.chain,
        ENTRY.c.epoch == head.epoch,
        ENTRY.c.sequence == head.sequence,
    )
    if tx.scalar(last) != key:
        raise Conflict(UNUSED_KEY, head.chain)


def open_chain(tx: Connection, id_: str, class_: str, organization: str) -> None:
    """An empty chain."""
    tx.execute(
        CHAIN.insert().values(
            {
                "id": id_,
                "class": class_,
                "organization": organization,
                "epoch": FIRST_EPOCH,
                "sequence": 0,
                "link": GENESIS,
                "entry": "",
                "covered": 0,
            }
        )
    )


class ChainStatements:
    """Writes the chains that are no register's. Opened keys are remembered by what never changes:
    their own id."""

    def __init__(self, vault: Vault, clock: Clock, ids: Ids, new_id: Ids) -> None:
        self._vault = vault
        self._clock = clock
        self._ids = ids
        self._new_id = new_id
        self._keys: dict[str, JournalKey] = {}

    def found(self, tx: Connection) -> str:
        """The id of the installation; at the first time its chain, its data key and its root key
        are made."""
        if known := installation(tx):
            return known
        if is_postgres(tx):
            tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PG_LOCK})
            if known := installation(tx):
                return known
        chosen = self._new_id()
        open_chain(tx, chosen, INSTALLATION, "")
        pem = self._make_key(tx, ROOT)
        self._state_key(tx, ROOT, stated_key(pem, purpose="root", of=chosen, first=1), SERVICE)
        row = stated.read(tx, DATA_KEY, INSTALLATION)
        self.state(tx, StatementKind.SECRET, organization="", by=SERVICE, rows=(row,))
        return chosen

    def open_organization(self, tx: Connection, organization: str, by: str) -> None:
        """The chain of a new organization, and its key."""
        self.found(tx)
        pem = self._make_key(tx, key_name(organization))
        open_chain(tx, organization, "organization", organization)
        key = stated_key(pem, purpose="organization", of=organization, first=1)
        self._state_key(tx, key_name(organization), key, by)

    def rotate(self, tx: Connection, organization: str, *, by: str, is_lost: bool) -> str:
        """A new key for the chain of an organization (empty: of the installation), which signs from
        its next entry on; gives its id. The key before vouches for it, unless it `is_lost`. Raises
        `Conflict` if that key has signed nothing yet."""
        name = key_name(organization)
        head = lock(tx, organization or self.found(tx))
        now = _key_row(tx, organization)
        expect_used(tx, head, key_id(now.public_pem))
        kind = maker(JOURNAL_ALGORITHM)
        secret = kind.create(JOURNAL_ALGORITHM)
        pem = kind.open(secret).public_pem
        key = stated_key(
            pem,
            purpose="organization" if organization else "root",
            of=head.chain,
            epoch=head.epoch,
            first=head.sequence + 1,
        )
        if is_lost:
            key = lost_key(key, now.public_pem)
        else:
            key = signed_by_former(key, self._key(tx, organization).signer, now.public_pem)
        generation = now.generation + 1
        tx.execute(
            SETTING_KEY.update()
            .where(SETTING_KEY.c.name == name)
            .values(
                kind=kind.code,
                generation=generation,
                secret=self._vault.close(tx, INSTALLATION, name, secret, generation),
                public_pem=pem,
            )
        )
        self._state_key(tx, name, key, by)
        return key_id(pem)

    def _make_key(self, tx: Connection, name: str) -> str:
        """A new key of the installation, P-256; gives its public half."""
        kind = maker(JOURNAL_ALGORITHM)
        secret = kind.create(JOURNAL_ALGORITHM)
        pem = kind.open(secret).public_pem
        tx.execute(
            SETTING_KEY.insert().values(
                name=name,
                kind=kind.code,
                generation=1,
                secret=self._vault.close(tx, INSTALLATION, name, secret),
                public_pem=pem,
                certificate_pem="",
                created_at=micros_z(self._clock()),
            )
        )
        return pem

    def _state_key(self, tx: Connection, name: str, key: StatedKey, by: str) -> None:
        row = stated.read(tx, SETTING_KEY, name)
        self.state(tx, StatementKind.KEY, organization="", by=by, rows=(row,), key=key)

    def state(
        self,
        tx: Connection,
        kind: StatementKind,
        *,
        organization: str,
        by: str,
        rows: tuple[StatedRow, ...] = (),
        key: StatedKey | None = None,
        **members: Any,
    ) -> str:
        """The next entry of the organization's chain (empty: of the installation's); gives its
        link. The chain is locked until the transaction ends."""
        chain = organization or self.found(tx)
        head = lock(tx, chain)
        at = self._clock()
        body = Statement(
            id=self._ids(),
            kind=kind.value,
            chain=chain,
            epoch=head.epoch,
            sequence=head.sequence + 1,
            previous=head.link,
            at=max(at, head.at) if head.at else at,
            by=by,
            rows=rows,
            key=key,
            **_members(members),
        )
        return append.state(tx, head, self._key(tx, organization), body, organization)

    def _key(self, tx: Connection, organization: str) -> JournalKey:
        row = _key_row(tx, organization)
        id_ = key_id(row.public_pem)
        if id_ not in self._keys:
            secret = self._vault.open(tx, INSTALLATION, row.name, row.secret, row.generation)
            signer = find(row.kind).open(secret)
            self._keys[id_] = JournalKey(signer=signer, id=id_, header=sign.header(id_))
        return self._keys[id_]


def _key_row(tx: Connection, organization: str) -> Any:
    """The present key of a chain. Raises `Corrupt` if there is none."""
    name = key_name(organization)
    row = tx.execute(select(SETTING_KEY).where(SETTING_KEY.c.name == name)).one_or_none()
    if row is None:
        raise Corrupt(NO_CHAIN, organization)
    return row


def _members(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def lock(tx: Connection, chain: str) -> ChainHead:
    """The end of a chain, locked. Raises `Corrupt` if there is no such chain."""
    row = tx.execute(select(CHAIN).where(CHAIN.c.id == chain).with_for_update()).one_or_none()
    if row is None:
        raise Corrupt(NO_CHAIN, chain)
    return ChainHead(
        chain=row.id,
        epoch=row.epoch,
        sequence=row.sequence,
        link=row.link,
        entry=row.entry,
        at=instant(row.at) if row.at else None,
    )
