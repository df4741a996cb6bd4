"""What is opened and concluded at once: events of the drawer, and closings.

With a device it takes three commits: the intention, the start, the record. Meanwhile nothing else
of this kind begins on the register, so that what was allowed at the first is so at the last.
"""

import msgspec

from fiscus.issuing import closing, context, device_seal, recording, signing
from fiscus.issuing.answers import Answer, CountNeeded, DeviceAnswer, Done, Failed, Waiting
from fiscus.issuing.context import Group, Site
from fiscus.issuing.signing import Held
from fiscus.model.amounts import ZERO
from fiscus.model.closings import Closing
from fiscus.model.documents import Kind
from fiscus.model.faults import Code, Conflict, Refused, Unavailable
from fiscus.model.kinds import EntryKind
from fiscus.model.orders import Enter, SessionMove
from fiscus.model.records import Seal
from fiscus.regimes import faults as broken
from fiscus.registry import sessions

IN_PROGRESS = Code("ISSUE-SESSION-02", "the register has a cash session in progress already")


def at_once(group: Group, order: Enter, one: Waiting, id_: str) -> Answer:
    if one.device is not None:
        return _gone_on(group, order, one, id_)
    site = recording.operative(group, order.organization, order.register)
    recording.expect_register(site)
    recording.expect_device(group, site)
    recording.expect_known(group, site, order.draft)
    _expect_alone(group, site)
    _expect_session(group, site, order.session)
    if order.draft.kind is Kind.CLOSING:
        plan = _plan(group, site, order, is_first=True)
        is_counted = one.ahead is not None or not plan.is_sealed
        if not is_counted or order.draft.is_report == plan.is_sealed:
            return CountNeeded(
                register=order.register, first_sequence=plan.first_sequence,
                is_report=not plan.is_sealed,
            )  # fmt: skip
    draft, wanted = context.prepared(group, order, site)
    head = group.head(site, wanted)
    at = recording.entry_time(group, site)
    case = context.case(group, site, draft, head, at)
    if faults := broken(case, site.regime.rules):
        recording.send_back_formal(faults, site.regime.rules)
        raise Refused(recording.NOT_LAWFUL, faults=faults)
    if wanted is not None and head is None:
        return recording.series_needed(site, wanted)
    intent = group.desk.ids()
    session = _session_of(site, order, intent)
    body = recording.body(site, intent, at, said=order.said, draft=draft, session=session)
    recording.enter(group, site, EntryKind.INTENT, body)
    order = msgspec.structs.replace(order, draft=draft)
    if site.device and device_seal.asked(site, case):
        held = signing.begun(
            intent=intent, register=order.register, entry=id_, order=order, at=group.at
        )
        group.begun.append(held)
        return held.needed(is_repeated=False)
    return _concluded(group, order, site, intent, one, id_)


def _session_of(site: Site, order: Enter, intent: str) -> str:
    """The cash session that this falls into; a session has the id of what opened it."""
    if order.session is SessionMove.OPEN:
        return intent
    return site.session.id if site.session else ""


def _expect_alone(group: Group, site: Site) -> None:
    """One event of the drawer at a time, or two closings could count the same documents."""
    register = site.place.register.id
    if not site.device:
        return
    known = signing.in_flight(group.tx, register)
    begun = [held for held in group.begun if held.register == register]
    if any(held.is_entering for held in (*known, *begun)):
        raise Unavailable(signing.IN_FLIGHT)


def _expect_session(group: Group, site: Site, move: SessionMove | None) -> None:
    """A count freezes the session, so nothing may be open that would still move cash."""
    match move:
        case SessionMove.OPEN:
            if site.session is not None:
                raise Conflict(IN_PROGRESS)
        case SessionMove.ADJUST:
            recording.open_session(site)
        case SessionMove.COUNT:
            recording.open_session(site)
            signing.move(group.tx, group.moves)
            if intents := signing.open_intents(group.tx, site.place.register.id):
                raise Conflict(closing.STILL_OPEN, *intents)
        case SessionMove.CLOSE:
            if site.session is None:
                raise Conflict(recording.NO_SESSION)
        case None:
            pass


def _plan(group: Group, site: Site, order: Enter, *, is_first: bool) -> closing.Plan:
    """Nothing may be open when a closing begins; what begins while its device is asked does no
    harm: it belongs to the next one."""
    assert order.draft.closing is not None, "a closing says which type it is"
    signing.move(group.tx, group.moves)  # what is open is looked up in the table
    return closing.plan(
        group.tx,
        register=site.place.register.id,
        type=order.draft.closing,
        z=site.z,
        closed=site.closed,
        sequence=site.head.sequence,
        session=site.session,
        has_device=bool(site.device) and is_first,
        begun_before=order.begun_before,
    )


def _gone_on(group: Group, order: Enter, one: Waiting, id_: str) -> Answer:
    """The device has started or finished, or is out."""
    held = group.asked.pop(id_, None)  # an answer that comes twice counts once
    device = one.device
    assert device is not None
    if held is None:
        found = context.record(group.tx, group.desk, id_)
        if found is None:
            return Failed(trouble=Unavailable(signing.IN_FLIGHT))
        return Done(record=found[0], previous_id=found[1], serial=found[2], metadata="")
    site = group.sites[order.register]
    if held.state is signing.State.STARTING and device.started is not None:
        if signing.is_taken(group.tx, group.moves, held, device):
            return held.needed(is_repeated=True)  # another one that lost its answer was faster
        return _wish(group, site, order, held, device)
    group.ended.append(held.intent)
    return _concluded(group, order, site, held.intent, one, id_)


def _wish(group: Group, site: Site, order: Enter, held: Held, device: DeviceAnswer) -> Answer:
    """The device has started: now it is asked to finish."""
    draft, wanted = context.prepared(group, order, site)
    head = group.head(site, wanted)
    case = context.case(group, site, draft, head, recording.entry_time(group, site))
    question = device_seal.asked(site, case)
    assert question is not None
    assert device.started is not None
    wished = signing.wish(
        held, entry=held.entry, order=order, started=device.started, at=group.at,
        process_type=question.process_type, process_data=question.process_data,
    )  # fmt: skip
    group.moves.append((held, wished))
    return wished.needed(is_repeated=False)


def _concluded(group: Group, order: Enter, site: Site, intent: str, one: Waiting, id_: str) -> Done:
    draft, wanted = context.prepared(group, order, site)
    head = group.head(site, wanted)
    at = recording.entry_time(group, site)
    case = context.case(group, site, draft, head, at)
    if one.device is not None:
        seal = device_seal.sealed(site, case, one.device)
        recording.protocol(group, site, one.device)
    else:
        seal = recording.sealed(group, site, case)
    counted = _counted(group, site, order, one, seal) if draft.kind is Kind.CLOSING else None
    body = recording.body(
        site, id_, at, said=order.said, intent=intent, draft=draft, closing=counted
    )
    done = recording.conclude(group, site, head, body, seal, order.claim.metadata)
    _move_session(group, site, order, intent)
    if counted is not None:
        group.closings.append(done.record.body)
        _mark(group, site, counted, intent)
    return done


def _counted(group: Group, site: Site, order: Enter, one: Waiting, seal: Seal) -> Closing:
    """The totals, under the register's lock: what was counted ahead, and what came since."""
    # What this group has made so far is not in the table yet.
    recording.flush(group)
    return closing.closing(
        group.tx,
        _plan(group, site, order, is_first=False),
        place=site.place,
        at=recording.entry_time(group, site),
        timezone=site.timezone,
        currency=order.draft.currency,
        last_sequence=site.head.sequence,
        devices=group.desk.devices.facts(group.tx, site.place.register.id),
        signer=seal.signing.serial if seal.signing else "",
        memory=one.ahead,
    )


def _mark(group: Group, site: Site, counted: Closing, intent: str) -> None:
    """A sealed closing takes its Z number, and ends the session that was in progress."""
    if not counted.is_sealed:
        return
    site.z, site.closed, site.is_marked = counted.number, counted.last_sequence, True
    if site.session is not None:
        sessions.close(group.tx, site.session.id, intent, group.at)
        site.session = None


def _move_session(group: Group, site: Site, order: Enter, intent: str) -> None:
    match order.session:
        case SessionMove.OPEN:
            paid = order.draft.payments
            site.session = sessions.open_(
                group.tx, id_=intent, register=order.register, organization=site.organization,
                currency=order.draft.currency,
                opening=paid[0].amount if paid else ZERO, intent=intent, at=group.at,
            )  # fmt: skip
        case SessionMove.COUNT:
            assert site.session is not None
            paid = order.draft.payments
            sessions.count(
                group.tx, site.session.id, paid[0].amount if paid else ZERO, intent, group.at
            )
        case SessionMove.ADJUST | SessionMove.CLOSE | None:
            pass
