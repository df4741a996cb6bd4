"""Who visits: the session that a cookie names, what it may see, which organization it looks at."""

from contextlib import suppress
from dataclasses import replace

import msgspec
from sqlalchemy import Connection, select

from fiscus import regimes
from fiscus.console import requests
from fiscus.console.visit import Visit
from fiscus.model.faults import Code, Missing, Refused
from fiscus.model.places import Location
from fiscus.registry import console_sessions, organizations, roles
from fiscus.registry.console_sessions import ConsoleSession, SessionKind
from fiscus.registry.roles import Role, Scope
from fiscus.registry.views import Organization
from fiscus.store.schema import LOCATION, TAXPAYER

NO_RIGHT = Code("CONSOLE-RIGHT-01", "your role does not allow this page")


async def visitor(visit: Visit) -> Visit:
    """The visit of whoever the cookie proves; a stranger's for one that proves nothing any more."""
    token = requests.cookie(visit.request, requests.SESSION)
    if not token:
        return visit
    session = await visit.services.in_thread(_proven, visit, token)
    if session is None:
        return visit
    registers: tuple[str, ...] = ()
    if session.kind is SessionKind.KEY:
        known = await visit.services.subjects.good(session.subject, session.generation, visit.at)
        if known is None or known.role is not session.role:
            return visit
        registers = known.systems
    chosen = requests.cookie(visit.request, requests.UNIT)
    seen, timezone = await visit.services.in_thread(_seen, visit, session, chosen)
    return replace(
        visit,
        session=session,
        registers=registers,
        organization=seen.id,
        organization_name=seen.name,
        timezone=timezone,
        csrf=requests.csrf_token(visit.services, session.id),
    )


def _proven(visit: Visit, token: str) -> ConsoleSession | None:
    try:
        with visit.reading() as tx:
            mac = visit.services.macs.credentials
            return console_sessions.proven(tx, mac, token, visit.at)
    except Missing:
        return None


def _seen(visit: Visit, session: ConsoleSession, chosen: str) -> tuple[Organization, str]:
    """The organization that is looked at, and its time zone."""
    with visit.reading() as tx:
        found = _chosen(tx, session, chosen)
        return found, _timezone(tx, found.id)


def _chosen(tx: Connection, session: ConsoleSession, chosen: str) -> Organization:
    """The organization that was chosen, if the session may see it, else its own, or the first unit
    below it: documents belong to units."""
    with suppress(Missing):  # another key was used here before: its choice is not ours
        if chosen:
            return organizations.visible(tx, session.organization, chosen)
    own = organizations.read(tx, session.organization)
    return own if own.type == organizations.UNIT else _first_unit(tx, own) or own


def _timezone(tx: Connection, organization: str) -> str:
    """That of the organization's first location; UTC before it has one."""
    query = (
        select(LOCATION.c.content, TAXPAYER.c.regime)
        .join(TAXPAYER, TAXPAYER.c.id == LOCATION.c.taxpayer)
        .where(LOCATION.c.organization == organization)
        .order_by(LOCATION.c.id)
        .limit(1)
    )
    row = tx.execute(query).one_or_none()
    if row is None:
        return "UTC"
    place = msgspec.json.decode(row.content, type=Location)
    return regimes.find(row.regime).timezone_of(place)


def _first_unit(tx: Connection, above: Organization) -> Organization | None:
    below = organizations.below(tx, above.id, after="", limit=50)
    units = [one for one in below if one.type == organizations.UNIT]
    if units:
        return units[0]
    found = (_first_unit(tx, one) for one in below)
    return next((one for one in found if one), None)


def expect_right(visit: Visit, scope: Scope) -> None:
    """Raises `Refused` for a role without the right."""
    assert visit.session is not None, "strangers were asked to sign in"
    if not visit.may(scope):
        raise Refused(NO_RIGHT)


def able(scope: Scope) -> tuple[Role, ...]:
    """The roles that have a right."""
    return tuple(role for role in Role if roles.may(role, scope))
