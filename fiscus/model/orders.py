"""The orders: everything that issuing can be asked to do."""

from datetime import datetime
from enum import StrEnum

import msgspec

from fiscus.model.documents import Draft
from fiscus.model.records import CallerWords


class SessionMove(StrEnum):
    """What an order does to the register's cash session; None: nothing. `WITHIN`: nothing, but it
    needs an open one."""

    OPEN = "open"
    ADJUST = "adjust"
    COUNT = "count"
    CLOSE = "close"
    WITHIN = "within"


SERVICE = "fiscus"
"""Who did it, where nobody in particular did."""


class IdempotencyKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key, one request, one answer. `scope` is the organization, `key` says whose idempotency
    key it is, `digest` is the HMAC (hex) of everything that makes two requests the same."""

    scope: str
    key: str
    digest: str
    metadata: str = ""


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """Tell the register that a sale begins: leaves an intention in the journal.

    `draft` is what is known of the sale already. `needs_session`: only while a cash session is
    open, as its API family promises. `is_online`: it belongs to no register, and `register` is the
    taxpayer's own journal for such sales. `within`: the registers that the caller's key is limited
    to, none: no limit. `by`: who orders it, the id of an API key.
    """

    organization: str
    register: str
    said: CallerWords
    claim: IdempotencyKey
    is_training: bool = False
    draft: Draft | None = None
    needs_session: bool = False
    is_online: bool = False
    within: tuple[str, ...] = ()
    by: str = SERVICE


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """Conclude an intention with a document or an act.

    What the law refuses is journaled as a refusal if `keeps_refusals`, else raised as `Refused`.
    `claims_number`: the draft's reference may be the number that the caller has printed.
    """

    organization: str
    intent: str
    draft: Draft
    said: CallerWords
    claim: IdempotencyKey
    keeps_refusals: bool = True
    claims_number: bool = False
    within: tuple[str, ...] = ()
    by: str = SERVICE


class Enter(msgspec.Struct, frozen=True, kw_only=True):
    """Open and conclude at once: what happens to the drawer, and closings.

    `begun_before`: only operations that had begun by then (UTC) hold a closing up; None: all that
    are open.
    """

    organization: str
    register: str
    draft: Draft
    said: CallerWords
    claim: IdempotencyKey
    session: SessionMove | None = None
    begun_before: datetime | None = None
    within: tuple[str, ...] = ()
    by: str = SERVICE


Order = Open | Issue | Enter
