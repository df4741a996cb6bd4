"""The first account, group and key: what no API can make, because nobody could ask for it."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection

from fiscus.model.ids import Entropy, Ids
from fiscus.registry import keys, organizations

PLATFORM = "ofk_platform_"
"""What an API key begins with that is for no country and no merchant in particular."""


class First(msgspec.Struct, frozen=True, kw_only=True):
    """The group and its key. The secret is shown once; `api_key` says both in one word, as the
    Reporting API wants it."""

    organization_id: str
    subject_id: str
    key: str
    secret: str
    api_key: str


def found(
    tx: Connection,
    *,
    account: str,
    group: str,
    environment: str,
    ids: Ids,
    entropy: Entropy,
    at: datetime,
) -> First:
    """A new account with one group and one key for it."""
    top = organizations.create(
        tx, id_=ids(), parent="", type_=organizations.ACCOUNT, name=account, metadata={}, at=at
    )
    below = organizations.create(
        tx, id_=ids(), parent=top.id, type_=organizations.GROUP, name=group, metadata={}, at=at
    )
    subject, secret = keys.create(
        tx, id_=ids(), organization=below.id, name="first-key", metadata={},
        environment=environment, entropy=entropy, at=at,
    )  # fmt: skip
    return First(
        organization_id=below.id, subject_id=subject.id, key=subject.key, secret=secret,
        api_key=keys.in_one_word(PLATFORM, subject.key, secret),
    )  # fmt: skip
