"""What the pages of organizations and keys show, and what may be changed there: by the rules of the
API, which asks the same functions."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection

from fiscus.access.subjects import KeyCache
from fiscus.console.fields import FieldFault
from fiscus.console.visit import N_
from fiscus.model.faults import Code, Conflict, Missing
from fiscus.registry import console_sessions, keys, organizations, persons, registers, roles
from fiscus.registry.console_sessions import ConsoleSession, SignInState
from fiscus.registry.persons import Person
from fiscus.registry.roles import Role
from fiscus.registry.views import KeyState, Organization, RegisterView, Subject

MOVED_ON = Code(
    "CONSOLE-KEY-01",
    "this key was rotated meanwhile, maybe by this very form: open the page again and look",
)

NOT_A_UNIT = Code(
    "CONSOLE-KEY-02", "keys and links are made for units here: choose the unit that they are for"
)

PAGE = 50
REGISTERS_MAX = 500

GRACES: Mapping[str, tuple[str, timedelta]] = {
    "0": (N_("nothing: it ends at once"), timedelta(0)),
    "1h": (N_("one hour"), timedelta(hours=1)),
    "24h": (N_("one day"), timedelta(days=1)),
    "7d": (N_("seven days"), timedelta(days=7)),
}
"""How long the secret of before stays good, by the value that the form sends."""

_NAME = re.compile(r"[a-z0-9-]{3,30}", re.ASCII)
_DEEPEST = 20


class OrganizationLevel(msgspec.Struct, frozen=True, kw_only=True):
    """An organization in its tree: those above it up to the visitor's own, outermost first, and a
    page of those directly below it. `more` is the cursor of the next page."""

    one: Organization
    above: tuple[Organization, ...]
    below: tuple[Organization, ...]
    more: str

    @property
    def is_unit(self) -> bool:
        return self.one.type == organizations.UNIT


class ShownKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as a person looks at it. `registers` are the names of those that it is limited to;
    `last_used` is what this process has seen since its start; `until` the end of the grace of the
    secret before; `may_change`: the visitor's role is not below the key's."""

    subject: Subject
    registers: tuple[str, ...]
    last_used: datetime | None
    until: datetime | None
    may_change: bool

    @property
    def is_enabled(self) -> bool:
        return self.subject.state is KeyState.ENABLED


class ShownSession(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in or a link, with the name of the key that came in; `may_end`: it is open or waits,
    and the visitor's role is not below its own."""

    session: ConsoleSession
    state: SignInState
    name: str
    may_end: bool
    is_own: bool


class TypedKey(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the form for a new key, as it was typed."""

    name: str = ""
    role: str = Role.TILL.value
    registers: tuple[str, ...] = ()


def level(tx: Connection, root: str, id_: str, *, after: str) -> OrganizationLevel:
    """An organization that the visitor may see. Raises `Missing` for any other."""
    found = organizations.visible(tx, root, id_)
    above: list[Organization] = []
    inner = found
    while inner.id != root and len(above) < _DEEPEST:
        inner = organizations.read(tx, inner.parent)
        above.insert(0, inner)
    below = organizations.below(tx, found.id, after=after, limit=PAGE + 1)
    more = organizations.cursor(below[PAGE - 1]) if len(below) > PAGE else ""
    return OrganizationLevel(one=found, above=tuple(above), below=tuple(below[:PAGE]), more=more)


def keys_of(
    tx: Connection, cache: KeyCache, organization: str, role: Role, *, after: str, at: datetime
) -> tuple[list[ShownKey], str]:
    """A page of the keys of an organization, the oldest first, and the cursor of the next one."""
    found = keys.of(tx, organization, after=after, limit=PAGE + 1)
    kept = found[:PAGE]
    named = {one for subject in kept for one in subject.systems}
    names = _names(tx, organization, named)
    more = keys.cursor(kept[-1]) if len(found) > PAGE else ""
    return [_shown(subject, cache, names, role, at) for subject in kept], more


def _names(tx: Connection, organization: str, ids: Collection[str]) -> Mapping[str, str]:
    if not ids:
        return {}
    found = registers.of(
        tx, organization, taxpayer=None, location=None, after="", limit=len(ids), only=ids
    )
    return {one.register.id: one.register.name or one.register.id for one in found}


def _shown(
    subject: Subject, cache: KeyCache, names: Mapping[str, str], role: Role, at: datetime
) -> ShownKey:
    until = subject.previous_until
    return ShownKey(
        subject=subject,
        registers=tuple(names.get(one, one) for one in subject.systems),
        last_used=cache.last_used(subject.id),
        until=until if until is not None and until > at else None,
        may_change=is_no_more(role, subject.role),
    )


def one(tx: Connection, cache: KeyCache, root: str, id_: str, role: Role, at: datetime) -> ShownKey:
    """A key of the visitor's organization or one below. Raises `Missing`."""
    subject = keys.find(tx, id_)
    if subject is None:
        raise Missing(keys.UNKNOWN_SUBJECT)
    try:
        organizations.visible(tx, root, subject.organization)
    except Missing:
        raise Missing(keys.UNKNOWN_SUBJECT) from None
    names = _names(tx, subject.organization, subject.systems)
    return _shown(subject, cache, names, role, at)


def is_no_more(own: Role, other: Role) -> bool:
    """Whether a key of role `own` may make or change one of role `other`."""
    try:
        roles.expect_no_more(own, other)
    except Conflict:
        return False
    return True


def roles_for(own: Role) -> tuple[Role, ...]:
    """The roles that a visitor may give."""
    return tuple(role for role in Role if is_no_more(own, role))


def tills(tx: Connection, organization: str) -> list[RegisterView]:
    """The registers that a till's key can be limited to."""
    return registers.of(
        tx, organization, taxpayer=None, location=None, after="", limit=REGISTERS_MAX
    )


def typed(form: Mapping[str, str]) -> TypedKey:
    """The fields of the form; each register has a box of its own."""
    return TypedKey(
        name=form.get("name", "").strip(),
        role=form.get("role", ""),
        registers=tuple(
            sorted(name.partition(":")[2] for name in form if name.startswith("register:"))
        ),
    )


def faults_of(
    said: TypedKey, own: Role, offered: Collection[str], *, is_taken: bool
) -> tuple[FieldFault, ...]:
    """All that is wrong with a key that is to be made."""
    found = []
    if not _NAME.fullmatch(said.name):
        found.append(
            FieldFault(
                field="name",
                reason=N_("This is no name for a key."),
                remedy=N_("Write 3 to 30 small letters, digits and hyphens."),
            )
        )
    elif is_taken:
        found.append(
            FieldFault(
                field="name",
                reason=N_("Another key of this organization has this name."),
                remedy=N_("Choose another name."),
                code=keys.NAME_TAKEN.id,
            )
        )
    if said.role not in roles_for(own):
        found.append(
            FieldFault(
                field="role",
                reason=N_("This role may do more than your own, or there is none of that name."),
                remedy=N_("Choose a role of this list."),
                code=roles.MORE_THAN_OWN.id,
            )
        )
    if said.registers and said.role != Role.TILL:
        found.append(
            FieldFault(
                field="registers",
                reason=N_("Only the key of a till can be limited to registers."),
                remedy=N_("Choose the role of a till, or take the registers away."),
                code=keys.NOT_FOR_ROLE.id,
            )
        )
    elif set(said.registers) - set(offered):
        found.append(
            FieldFault(
                field="registers",
                reason=N_("One of the registers is not there."),
                remedy=N_("Choose registers of this list."),
                code=registers.UNKNOWN_REGISTER.id,
            )
        )
    return tuple(found)


def move(
    tx: Connection, subject: Subject, state: KeyState, *, own: Role, by: str, at: datetime
) -> Subject:
    """Stop a key, or let it open again. Raises `Conflict` for a key that may do more than the
    visitor, and for the last owner's."""
    roles.expect_no_more(own, subject.role)
    if state is KeyState.DISABLED is not subject.state:
        keys.expect_another_owner(tx, subject)
    return keys.update(tx, subject.id, state=state, by=by, at=at)


def expect_generation(made: Subject, said: str) -> None:
    """A form rotates once: when it is sent again, the key was rotated meanwhile. Raises `Conflict`,
    which undoes the rotation."""
    if str(made.generation - 1) != said:
        raise Conflict(MOVED_ON)


def persons_of(tx: Connection, organization: str, *, after: str) -> tuple[list[Person], str]:
    """A page of the persons at the tills, the oldest first, and the cursor of the next one."""
    found = persons.of(tx, organization, after=after, limit=PAGE + 1)
    more = persons.cursor(found[PAGE - 1]) if len(found) > PAGE else ""
    return found[:PAGE], more


def sessions_of(
    tx: Connection,
    organization: str,
    visitor: ConsoleSession,
    *,
    before: str,
    at: datetime,
) -> tuple[list[ShownSession], str]:
    """A page of sign-ins and links, the newest first, and the cursor of the next one."""
    found = console_sessions.of(tx, (organization,), before=before, limit=PAGE + 1)
    kept = found[:PAGE]
    names: dict[str, str] = {}
    for subject in {one.subject for one in kept if one.subject}:
        known = keys.find(tx, subject)
        names[subject] = known.name if known else subject
    more = console_sessions.cursor(kept[-1]) if len(found) > PAGE else ""
    return [_session(each, names, visitor, at) for each in kept], more


def _session(
    each: ConsoleSession, names: Mapping[str, str], visitor: ConsoleSession, at: datetime
) -> ShownSession:
    state = each.state(at)
    return ShownSession(
        session=each,
        state=state,
        name=names.get(each.subject, ""),
        may_end=state in (SignInState.OPEN, SignInState.WAITING)
        and is_no_more(visitor.role, each.role),
        is_own=each.id == visitor.id,
    )


def session_to_end(tx: Connection, root: str, id_: str, own: Role) -> ConsoleSession:
    """A session that the visitor may end. Raises `Missing`, or `Conflict` if it may do more."""
    found = console_sessions.read(tx, organizations.OrganizationsWithin(tx, root), id_)
    roles.expect_no_more(own, found.role)
    return found
