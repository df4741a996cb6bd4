"""The first account, group and key: no API can make them, because a key is needed to call it."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from fiscus.model.ids import Entropy, Ids
from fiscus.registry import chains, keys, macs, organizations
from fiscus.registry.roles import Role
from fiscus.store.schema import ORGANIZATION, SETTING_KEY

PLATFORM = "ofk_platform_"
"""What an API key begins with that is for no country and no merchant in particular."""


class FoundedGroup(msgspec.Struct, frozen=True, kw_only=True):
    """The group and its key. The secret is shown once; `api_key` says both in one word, as the
    Reporting API wants it. `fingerprint` is the installation's: noted elsewhere, it proves who
    wrote the journal."""

    organization_id: str
    subject_id: str
    key: str
    secret: str
    api_key: str
    fingerprint: str


def is_founded(tx: Connection) -> bool:
    """Whether there is an account. Those who are about to make the first one wait in line."""
    tx.execute(
        select(SETTING_KEY.c.name).where(SETTING_KEY.c.name == macs.CREDENTIALS).with_for_update()
    )
    account = select(ORGANIZATION.c.id).where(ORGANIZATION.c.type == organizations.ACCOUNT)
    return tx.scalar(account.limit(1)) is not None


def found(
    tx: Connection,
    mac: bytes,
    *,
    account: str,
    group: str,
    environment: str,
    ids: Ids,
    entropy: Entropy,
    by: str,
    at: datetime,
) -> FoundedGroup:
    """A new account with one group and one owner's key for it."""
    top = organizations.create(
        tx,
        id_=ids(),
        parent="",
        type_=organizations.ACCOUNT,
        name=account,
        metadata={},
        at=at,
        by=by,
    )
    below = organizations.create(
        tx,
        id_=ids(),
        parent=top.id,
        type_=organizations.GROUP,
        name=group,
        metadata={},
        at=at,
        by=by,
    )
    wanted = keys.NewKey(organization=below.id, name="first-key", role=Role.OWNER)
    subject, secret = keys.create(
        tx, mac, wanted, id_=ids(), environment=environment, entropy=entropy, by=by, at=at
    )
    return FoundedGroup(
        organization_id=below.id,
        subject_id=subject.id,
        key=subject.key,
        secret=secret,
        api_key=keys.in_one_word(PLATFORM, subject.key, secret),
        fingerprint=chains.fingerprint(tx),
    )
