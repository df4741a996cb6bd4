"""Sign-ins to the console, and one-time links for auditors: each is stated in the journal.

What a browser holds is the id of its session and a secret, of which an HMAC is kept that covers
all that the session may: a row that was altered opens nothing.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, Update, select

from fiscus.model.faults import Code, Conflict, Missing, Refused
from fiscus.model.ids import Entropy
from fiscus.model.kinds import StatementKind
from fiscus.model.times import instant, micros_z
from fiscus.registry import macs, stating
from fiscus.registry.organizations import among
from fiscus.registry.roles import Role
from fiscus.registry.views import Subject
from fiscus.store.schema import CONSOLE_SESSION

UNKNOWN = Code("REGISTRY-CONSOLE-01", "no session with this id is visible to you")
NOT_SIGNED_IN = Code("REGISTRY-CONSOLE-02", "nobody is signed in with this: sign in again")
LINK_FORGED = Code(
    "REGISTRY-CONSOLE-03", "this link was not handed out like this: open it as it was sent to you"
)
LINK_USED = Code(
    "REGISTRY-CONSOLE-04",
    "this link was opened already, and each opens once: ask who sent it for another one",
)
LINK_EXPIRED = Code("REGISTRY-CONSOLE-05", "this link has expired: ask who sent it for another one")
LINK_STOPPED = Code(
    "REGISTRY-CONSOLE-06", "this link was taken back: ask who sent it for another one"
)
BAD_DAYS = Code("REGISTRY-CONSOLE-07", "the last day of a link is before its first")
HAS_ENDED = Code("REGISTRY-CONSOLE-08", "this session has ended already")

SESSION_LIFE = timedelta(hours=12)
LINK_DAYS = 7
"""So long a link waits to be opened."""

_SECRET_BYTES = 32
_PURPOSE = "fiscus/console/1"


class SessionKind(StrEnum):
    """How somebody came in: with an API key, or by a link that was made for an auditor."""

    KEY = "key"
    LINK = "link"


class SignInState(StrEnum):
    """A link waits until it is opened; whoever is in is so until the end, or the expiry."""

    WAITING = "waiting"
    OPEN = "open"
    EXPIRED = "expired"
    ENDED = "ended"


class ConsoleSession(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in. `subject` and `generation` are those of the API key, empty for a link; `first_day`
    and `last_day` the days that a link shows, both included. A link that was not opened has no
    `opened_at`."""

    id: str
    version: int
    organization: str
    kind: SessionKind
    role: Role
    created_at: datetime
    expires_at: datetime
    subject: str = ""
    generation: int = 0
    first_day: date | None = None
    last_day: date | None = None
    opened_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_read_only(self) -> bool:
        return self.kind is SessionKind.LINK

    @property
    def by(self) -> str:
        """Who did what was done, as the journal names it."""
        return self.subject or f"console link {self.id}"

    def state(self, at: datetime) -> SignInState:
        if self.ended_at is not None:
            return SignInState.ENDED
        if at >= self.expires_at:
            return SignInState.EXPIRED
        return SignInState.OPEN if self.opened_at is not None else SignInState.WAITING


class LinkWanted(msgspec.Struct, frozen=True, kw_only=True):
    """A link to be made: it shows the organization's documents of these days, both included."""

    organization: str
    first_day: date
    last_day: date


def sign_in(
    tx: Connection,
    mac: bytes,
    subject: Subject,
    generation: int,
    *,
    id_: str,
    entropy: Entropy,
    at: datetime,
) -> tuple[ConsoleSession, str]:
    """A session of who proved an API key, and the token that the browser keeps. `mac` is the
    vault's key for credentials."""
    session = ConsoleSession(
        id=id_,
        version=1,
        organization=subject.organization,
        kind=SessionKind.KEY,
        role=subject.role,
        subject=subject.id,
        generation=generation,
        created_at=at,
        opened_at=at,
        expires_at=at + SESSION_LIFE,
    )
    return session, _added(tx, mac, session, entropy, by=session.by)


def make_link(
    tx: Connection,
    mac: bytes,
    wanted: LinkWanted,
    *,
    id_: str,
    entropy: Entropy,
    by: str,
    at: datetime,
) -> tuple[ConsoleSession, str]:
    """A link for an auditor, which opens once within a week, and the token that it ends with.
    Raises `Refused` for days in the wrong order."""
    if wanted.last_day < wanted.first_day:
        raise Refused(BAD_DAYS, "last_day")
    session = ConsoleSession(
        id=id_,
        version=1,
        organization=wanted.organization,
        kind=SessionKind.LINK,
        role=Role.AUDITOR,
        first_day=wanted.first_day,
        last_day=wanted.last_day,
        created_at=at,
        expires_at=at + timedelta(days=LINK_DAYS),
    )
    return session, _added(tx, mac, session, entropy, by=by)


def open_link(
    tx: Connection, mac: bytes, token: str, *, entropy: Entropy, at: datetime
) -> tuple[ConsoleSession, str]:
    """Whoever opens a link first is in, with another token. Raises `Missing` for a link that is
    forged, `Conflict` for one that was opened, taken back or has expired."""
    id_, _, secret = token.partition(".")
    link = _waiting(tx.execute(_row(id_).with_for_update()).one_or_none(), mac, secret, at)
    opened = msgspec.structs.replace(
        link, version=link.version + 1, opened_at=at, expires_at=at + SESSION_LIFE
    )
    fresh = _random(entropy)
    tx.execute(
        _change(opened).values(
            opened_at=micros_z(at),
            expires_at=micros_z(opened.expires_at),
            secret_hash=_hashed(mac, opened, fresh),
        )
    )
    _state(tx, opened, by=opened.by)
    return opened, f"{opened.id}.{fresh}"


def waiting(tx: Connection, mac: bytes, token: str, at: datetime) -> ConsoleSession:
    """A link that can be opened still: it is looked at, and stays as it is. Raises as `open_link`
    does."""
    id_, _, secret = token.partition(".")
    return _waiting(tx.execute(_row(id_)).one_or_none(), mac, secret, at)


def _waiting(row: Row[Any] | None, mac: bytes, secret: str, at: datetime) -> ConsoleSession:
    if row is None or row.kind != SessionKind.LINK:
        raise Missing(LINK_FORGED)
    link = _session(row)
    if link.ended_at is not None:
        raise Conflict(LINK_STOPPED)
    if link.opened_at is not None:
        raise Conflict(LINK_USED)
    if not _is_same(row.secret_hash, _hashed(mac, link, secret)):
        raise Missing(LINK_FORGED)
    if at >= link.expires_at:
        raise Conflict(LINK_EXPIRED)
    return link


def proven(tx: Connection, mac: bytes, token: str, at: datetime) -> ConsoleSession:
    """Whose session this token is. Raises `Missing` for one that is forged, ended, expired, or a
    link's that was not opened."""
    id_, _, secret = token.partition(".")
    row = tx.execute(_row(id_)).one_or_none()
    if row is None:
        raise Missing(NOT_SIGNED_IN)
    session = _session(row)
    is_proved = _is_same(row.secret_hash, _hashed(mac, session, secret))
    if not is_proved or session.state(at) is not SignInState.OPEN:
        raise Missing(NOT_SIGNED_IN)
    return session


def read(tx: Connection, organizations: Collection[str], id_: str) -> ConsoleSession:
    """Raises `Missing` for a session of another organization than these."""
    row = tx.execute(_row(id_)).one_or_none()
    if row is None or row.organization not in organizations:
        raise Missing(UNKNOWN, "session")
    return _session(row)


def of(
    tx: Connection, organizations: Collection[str] | None, *, before: str, limit: int
) -> list[ConsoleSession]:
    """Sign-ins and links of these organizations (None: of all), the newest first; `before` is a
    cursor, empty at the start."""
    order = CONSOLE_SESSION.c.created_at + " " + CONSOLE_SESSION.c.id
    query = select(CONSOLE_SESSION)
    if organizations is not None:
        query = query.where(among(CONSOLE_SESSION.c.organization, organizations))
    if before:
        query = query.where(order < before)
    latest = query.order_by(CONSOLE_SESSION.c.created_at.desc(), CONSOLE_SESSION.c.id.desc())
    return [_session(row) for row in tx.execute(latest.limit(limit))]


def cursor(session: ConsoleSession) -> str:
    return f"{micros_z(session.created_at)} {session.id}"


def end(tx: Connection, id_: str, *, by: str, at: datetime) -> ConsoleSession:
    """Signed out, or a link taken back. Raises `Missing`, `Conflict` if it had ended before."""
    row = tx.execute(_row(id_).with_for_update()).one_or_none()
    if row is None:
        raise Missing(UNKNOWN, "session")
    session = _session(row)
    if session.ended_at is not None:
        raise Conflict(HAS_ENDED, "session")
    ended = msgspec.structs.replace(session, version=session.version + 1, ended_at=at)
    tx.execute(_change(ended).values(ended_at=micros_z(at), secret_hash=None))
    _state(tx, ended, by=by)
    return ended


def end_everywhere(
    tx: Connection, organization: str, subject: str, *, by: str, at: datetime
) -> int:
    """Every session of an API key that is open still; how many there were."""
    query = select(CONSOLE_SESSION.c.id).where(
        CONSOLE_SESSION.c.organization == organization,
        CONSOLE_SESSION.c.subject == subject,
        CONSOLE_SESSION.c.ended_at.is_(None),
        CONSOLE_SESSION.c.expires_at > micros_z(at),
    )
    found = list(tx.scalars(query))
    for id_ in found:
        end(tx, id_, by=by, at=at)
    return len(found)


def _added(
    tx: Connection, mac: bytes, session: ConsoleSession, entropy: Entropy, *, by: str
) -> str:
    secret = _random(entropy)
    row = {
        "id": session.id,
        "version": session.version,
        "organization": session.organization,
        "kind": session.kind,
        "subject": session.subject or None,
        "generation": session.generation or None,
        "role": session.role,
        "first_day": _text(session.first_day),
        "last_day": _text(session.last_day),
        "secret_hash": _hashed(mac, session, secret),
        "created_at": micros_z(session.created_at),
        "opened_at": micros_z(session.opened_at) if session.opened_at else None,
        "expires_at": micros_z(session.expires_at),
    }
    tx.execute(CONSOLE_SESSION.insert().values(row))
    _state(tx, session, by=by)
    return f"{session.id}.{secret}"


def _state(tx: Connection, session: ConsoleSession, *, by: str) -> None:
    stating.state(
        tx,
        StatementKind.SIGN_IN,
        CONSOLE_SESSION,
        session.id,
        organization=session.organization,
        by=by,
    )


def _row(id_: str) -> Select[Any]:
    return select(CONSOLE_SESSION).where(CONSOLE_SESSION.c.id == id_)


def _change(session: ConsoleSession) -> Update:
    return (
        CONSOLE_SESSION.update()
        .where(CONSOLE_SESSION.c.id == session.id)
        .values(version=session.version)
    )


def _hashed(mac: bytes, session: ConsoleSession, secret: str) -> str:
    facts = (session.id, session.organization, session.kind, session.subject, session.generation)
    days = (_text(session.first_day), _text(session.last_day))
    until = micros_z(session.expires_at)
    return macs.of(mac, _PURPOSE, *facts, session.role, *days, until, secret)


def _is_same(kept: str | None, made: str) -> bool:
    return hmac.compare_digest((kept or "").encode(), made.encode())


def _random(entropy: Entropy) -> str:
    return urlsafe_b64encode(entropy(_SECRET_BYTES)).rstrip(b"=").decode("ascii")


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _moment(text: str | None) -> datetime | None:
    return instant(text) if text else None


def _session(row: Row[Any]) -> ConsoleSession:
    return ConsoleSession(
        id=row.id,
        version=row.version,
        organization=row.organization,
        kind=SessionKind(row.kind),
        role=Role(row.role),
        subject=row.subject or "",
        generation=row.generation or 0,
        first_day=_day(row.first_day),
        last_day=_day(row.last_day),
        created_at=instant(row.created_at),
        opened_at=_moment(row.opened_at),
        expires_at=instant(row.expires_at),
        ended_at=_moment(row.ended_at),
    )
