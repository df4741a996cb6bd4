"""Cash sessions and closings at a register: what may happen now, and what it changes."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from fiscus.issuing import closing, recording, signing, unfinished
from fiscus.issuing.answers import CountNeeded, QueuedOrder
from fiscus.issuing.counting import PeriodCount
from fiscus.issuing.group import OrderGroup
from fiscus.issuing.sites import LockedRegister
from fiscus.journal import checkpoint, closings, stated
from fiscus.model.amounts import ZERO
from fiscus.model.closings import Closing
from fiscus.model.documents import DocumentKind
from fiscus.model.faults import Code, Conflict, Unavailable
from fiscus.model.orders import Enter, SessionMove
from fiscus.model.records import EntryBody, Seal, StatedRow
from fiscus.registry import chains, sessions
from fiscus.store.schema import CLOSING, SESSION

_ROOT_SHOWN = 16
"""So many characters of a root stand on paper."""

IN_PROGRESS = Code("ISSUE-SESSION-02", "the register has a cash session in progress already")


def expect_alone(group: OrderGroup, site: LockedRegister) -> None:
    """Raises `Unavailable` while another event of the drawer is under way: two closings could count
    the same documents. Without a device each is over within its transaction. Orders do nothing to
    the drawer."""
    register = site.place.register.id
    if not site.device:
        return
    known = signing.in_flight(group.tx, register)
    begun = [pending for pending in group.begun if pending.register == register]
    if any(pending.is_entering for pending in (*known, *begun)):
        raise Unavailable(signing.IN_FLIGHT)


def expect_session(group: OrderGroup, site: LockedRegister, move: SessionMove | None) -> None:
    """A count freezes the session, so nothing may be open that would still move cash."""
    match move:
        case SessionMove.OPEN:
            if site.session is not None:
                raise Conflict(IN_PROGRESS)
        case SessionMove.ADJUST | SessionMove.WITHIN:
            recording.open_session(site)
        case SessionMove.COUNT:
            recording.open_session(site)
            if still_open := _open_operations(group, site):
                raise Conflict(closing.STILL_OPEN, *still_open)
        case SessionMove.CLOSE:
            if site.session is None:
                raise Conflict(recording.NO_SESSION)
        case None:
            pass


def session_of(site: LockedRegister, order: Enter, intent: str) -> str:
    """The cash session that this falls into; a session has the id of what opened it."""
    if order.session is SessionMove.OPEN:
        return intent
    return site.session.id if site.session else ""


def count_needed(
    group: OrderGroup, site: LockedRegister, order: Enter, waiting: QueuedOrder
) -> CountNeeded | None:
    """What must be counted before this order. A closing is counted ahead, before the register's
    lock; a report must know that it is one.
    None: nothing more need be known."""
    if order.draft.kind is not DocumentKind.CLOSING:
        return None
    plan = _plan(group, site, order, is_first=True)
    is_counted = waiting.ahead is not None or not plan.is_sealed
    if is_counted and order.draft.is_report != plan.is_sealed:
        return None
    return CountNeeded(
        register=order.register, first_sequence=plan.first_sequence, is_report=not plan.is_sealed
    )


def counted(
    group: OrderGroup,
    site: LockedRegister,
    order: Enter,
    ahead: PeriodCount | None,
    seal: Seal | None,
) -> Closing:
    """The totals, under the register's lock: what was counted ahead, and what came since."""
    # What this group has made so far is not in the table yet.
    recording.flush(group)
    signed = seal.signing if seal else None
    made = closing.closing(
        group.tx,
        _plan(group, site, order, is_first=False),
        place=site.place,
        at=recording.entry_time(group, site),
        timezone=site.timezone,
        currency=order.draft.currency,
        last_sequence=site.head.sequence,
        devices=group.services.devices.facts(group.tx, site.place.register.id),
        signer=signed.serial if signed else "",
        memory=ahead,
    )
    newest = checkpoint.newest(group.tx)
    return msgspec.structs.replace(
        made,
        checkpoint_size=newest.size if newest else 0,
        checkpoint_root=newest.root[:_ROOT_SHOWN] if newest else "",
        fingerprint=chains.fingerprint(group.tx),
    )


def _plan(
    group: OrderGroup, site: LockedRegister, order: Enter, *, is_first: bool
) -> closing.ClosingPlan:
    """Nothing may be open when a closing begins; what begins while its device is asked does no
    harm: it belongs to the next one."""
    assert order.draft.closing is not None, "a closing says which type it is"
    return closing.plan(
        group.tx,
        register=site.place.register.id,
        type=order.draft.closing,
        z=site.z,
        closed=site.closed,
        sequence=site.head.sequence,
        session=site.session,
        still_open=_open_operations(group, site, order.begun_before) if is_first else (),
    )


def _open_operations(
    group: OrderGroup, site: LockedRegister, before: datetime | None = None
) -> list[str]:
    # What is open is looked up in the tables: what this group has made so far goes there first.
    signing.move(group.tx, group.moves)
    recording.flush(group)
    return unfinished.operations(
        group.tx,
        site.place.register.id,
        has_device=bool(site.device),
        session=site.session.id if site.session else "",
        before=before,
    )


def moved(
    group: OrderGroup, site: LockedRegister, order: Enter, body: EntryBody
) -> tuple[StatedRow, ...]:
    """What the order makes of the register's session and closings, in the tables at once; gives the
    rows as the entry states them."""
    row = _moved_session(group, site, order, body.intent)
    session = () if row is None else (row,)
    if body.closing is None:
        return session
    return (*_closed(group, site, body, body.closing), *session)


def _moved_session(
    group: OrderGroup, site: LockedRegister, order: Enter, intent: str
) -> StatedRow | None:
    """Open or count the session as the order says; a closing ends it."""
    paid = order.draft.payments
    amount = paid[0].amount if paid else ZERO
    match order.session:
        case SessionMove.OPEN:
            site.session = sessions.open_(
                group.tx,
                id_=intent,
                register=order.register,
                organization=site.organization,
                currency=order.draft.currency,
                opening=amount,
                intent=intent,
                at=group.at,
            )
            return stated.read(group.tx, SESSION, site.session.id)
        case SessionMove.COUNT:
            assert site.session is not None
            sessions.count(group.tx, site.session.id, amount, intent, group.at)
            return stated.read(group.tx, SESSION, site.session.id)
        case SessionMove.ADJUST | SessionMove.WITHIN | SessionMove.CLOSE | None:
            return None


def _closed(
    group: OrderGroup, site: LockedRegister, body: EntryBody, made: Closing
) -> Iterator[StatedRow]:
    """A closing is noted to be found; a sealed one takes its Z number, and ends the session that
    was in progress."""
    row = closings.row(body)
    group.closings.append(row)
    yield stated.of(CLOSING, body.id, row)
    if not made.is_sealed:
        return
    site.z, site.closed, site.is_marked = made.number, made.last_sequence, True
    if site.session is not None:
        sessions.close(group.tx, site.session.id, body.intent, group.at)
        yield stated.read(group.tx, SESSION, site.session.id)
        site.session = None
