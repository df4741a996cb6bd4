"""The whole list of things one can ask of the issuing desk."""

from datetime import datetime
from enum import StrEnum

import msgspec

from fiscus.model.documents import Draft
from fiscus.model.records import Said


class SessionMove(StrEnum):
    """What an order does to the register's cash session; None: nothing."""

    OPEN = "open"
    ADJUST = "adjust"
    COUNT = "count"
    CLOSE = "close"


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One key, one request, one answer. `scope` is the organization, `digest` the SHA-256 (hex)
    of everything that makes two requests the same."""

    scope: str
    key: str
    digest: str
    metadata: str = ""


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """Tell the register that a sale begins: leaves an intention in the journal.

    `draft` is what is known of the sale already. `needs_session`: only while a cash session is
    open, as its API family promises. `is_online`: it belongs to no register, and `register` is the
    taxpayer's own journal for such sales.
    """

    organization: str
    register: str
    said: Said
    claim: Claim
    is_training: bool = False
    draft: Draft | None = None
    needs_session: bool = False
    is_online: bool = False


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """Conclude an intention with a document or an act.

    What the law refuses is journaled as a refusal if `keeps_refusals`, else raised as `Refused`.
    """

    organization: str
    intent: str
    draft: Draft
    said: Said
    claim: Claim
    keeps_refusals: bool = True


class Enter(msgspec.Struct, frozen=True, kw_only=True):
    """Open and conclude at once: what happens to the drawer, and closings.

    `begun_before`: only operations that had begun by then (UTC) hold a closing up; None: all that
    are open.
    """

    organization: str
    register: str
    draft: Draft
    said: Said
    claim: Claim
    session: SessionMove | None = None
    begun_before: datetime | None = None


Order = Open | Issue | Enter
