"""Operations: sales, returns, exchanges and what happens to the drawer, on the one road in."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from fiscus import regimes
from fiscus.api import bodies
from fiscus.api.http import House
from fiscus.api.reporting import ids
from fiscus.api.reporting.door import Answer, Call, Handler, Key, Operation, reads
from fiscus.api.reporting.errors import STALE
from fiscus.api.reporting.paging import after, page
from fiscus.api.reporting.translate import drawer, goods, payments, places
from fiscus.api.reporting.translate import operations as translate
from fiscus.api.reporting.translate.operations import Begun, Known
from fiscus.api.reporting.wire import operations as wire
from fiscus.issuing import claims, closing, issue, recording, signing
from fiscus.issuing.answers import Done, Failed
from fiscus.journal import intents
from fiscus.journal.intents import Acted, Where
from fiscus.model.documents import ClosingType, Draft, Kind
from fiscus.model.faults import Code, Conflict, Missing, Refused, Trouble, Unavailable
from fiscus.model.orders import Enter, Issue, Open, Order, SessionMove
from fiscus.model.times import instant
from fiscus.registry import registers, sessions, taxpayers
from fiscus.signers import find as signer_kind
from fiscus.store.connect import BUSY, reading, writing

UNKNOWN = Code("REPORTING-OPERATION-01", "there is no operation with this id")
BORN_COMPLETED = Code(
    "REPORTING-OPERATION-02", "what happens to a session is completed at once, and stays so"
)
NOT_COMPLETED = Code(
    "REPORTING-OPERATION-03", "the related operation is not completed, or not one of goods"
)

_SECOND = timedelta(seconds=1)

_BROKEN = (422, "unprocessable_entity")
_SESSION = (409, "session_invalid_state")
_STATE = (409, "operation_invalid_state")

WORDS: Mapping[str, tuple[int, str]] = {
    UNKNOWN.id: (404, "not_found"),
    BORN_COMPLETED.id: _STATE,
    NOT_COMPLETED.id: _BROKEN,
    payments.NO_GIFT_CARD.id: (422, "gift_card_id_required"),
    "ISSUE-SESSION-01": (409, "no_open_session"),
    "ISSUE-SESSION-02": _SESSION,
    "ISSUE-SESSION-03": _SESSION,
    "ISSUE-INTENT-03": _STATE,
    "ISSUE-CLOSING-01": _SESSION,
    "ISSUE-CLOSING-02": _STATE,
    "ISSUE-PLACE-02": (404, "not_found"),
    "ISSUE-PLACE-01": (409, "fiscalization_conflict"),
}


async def create(house: House, call: Call) -> Answer:
    """Goods are begun and concluded later; what happens to a session is completed at once."""
    body: wire.Operation = call.body
    match body:
        case wire.Sale() | wire.Return() | wire.Exchange():
            order: Order = await _begun(house, call, body)
        case wire.SessionOpen():
            order = _entered(call, body, drawer.opening(body), SessionMove.OPEN)
        case wire.SessionCashAdjustment():
            order = _entered(call, body, drawer.adjustment(body), SessionMove.ADJUST)
        case wire.SessionCashCount():
            order = _entered(call, body, drawer.count(body), SessionMove.COUNT)
        case wire.SessionClose():
            await _moved_last(house, call, body)
            shift = drawer.closing(ClosingType.SHIFT, body.currency)
            order = _entered(call, body, shift, SessionMove.CLOSE)
    record = (await issued(house, call, order)).record
    acted = await house.in_thread(_created, house, call, record.body.intent or record.body.id)
    return _answer(call, 201, *acted)


async def _begun(house: House, call: Call, body: wire.GoodsMovement) -> Open:
    assert call.merchant is not None
    zero_names = regimes.find(call.merchant.taxpayer.regime).zero_names
    draft, is_online = goods.goods(body, zero_names=zero_names), body.register_id is None
    if body.register_id is not None:
        register = ids.read("reg", body.register_id)
    else:
        register = await house.in_thread(_online, house, call)
    if body.related_operation_id is not None:
        document = await house.in_thread(_related, house, call, body.related_operation_id)
        draft = msgspec.structs.replace(draft, refers_to=document)
    return Open(
        organization=call.organization,
        register=register,
        said=call.said(bodies.canonical(call.raw)),
        claim=call.claim(),
        draft=draft,
        needs_session=not is_online,
        is_online=is_online,
    )


def _online(house: House, call: Call) -> str:
    """The merchant's journal of online sales; its first one begins it."""
    assert call.merchant is not None
    id_ = call.merchant.taxpayer.id
    with reading(house.engine) as tx:
        if registers.has_online(tx, id_):
            return id_
    try:
        with writing(house.engine) as tx:
            registers.open_online(
                tx, house.vault, signer_kind("softkey"),
                owner=taxpayers.read(tx, call.organization, id_),
                subject=call.caller.subject, at=call.at,
            )  # fmt: skip
    except IntegrityError as error:
        raise Unavailable(BUSY) from error  # somebody else began it at the same moment
    return id_


def _related(house: House, call: Call, operation: str) -> str:
    """The document that concluded the operation. Raises `Missing`, also for an operation of
    another merchant, or `Refused`."""
    try:
        with reading(house.engine) as tx:
            acted = _one(tx, call, ids.read("op", operation))
    except Missing:
        raise Missing(UNKNOWN, "related_operation_id") from None
    is_goods = translate.type_of(acted) not in translate.EVENTS
    if acted.conclusion is None or translate.status(acted) != "completed" or not is_goods:
        raise Refused(NOT_COMPLETED, "related_operation_id")
    return acted.conclusion.id


def _entered(
    call: Call, body: wire.SessionEvent, draft: Draft, session: SessionMove | None
) -> Enter:
    return Enter(
        organization=call.organization,
        register=ids.read("reg", body.register_id),
        draft=draft,
        said=call.said(bodies.canonical(call.raw)),
        claim=call.claim(),
        session=session,
    )


async def _moved_last(house: House, call: Call, body: wire.SessionClose) -> None:
    """Money that leaves or enters the drawer as the session ends is an event of its own, and is
    seen as one. Its key is the session's: however often closing is tried, it moves once."""
    draft = drawer.last_movement(body)
    if draft is None:
        return
    register = ids.read("reg", body.register_id)
    session = await house.in_thread(_closable, house, call, register)
    if not session:
        return
    claim = msgspec.structs.replace(call.claim(), key=f"reporting:session_close:{session}")
    order = Enter(
        organization=call.organization, register=register, draft=draft,
        said=call.said(drawer.as_adjustment(body, draft)), claim=claim,
    )  # fmt: skip
    await issued(house, call, order)


def _closable(house: House, call: Call, register: str) -> str:
    """The session in progress; empty if there is none, or if this request was answered before.
    Raises `Conflict` while operations are open: then nothing is moved either."""
    with reading(house.engine) as tx:
        session = sessions.current(tx, register)
        if session is None or session.organization != call.organization:
            return ""
        if claims.is_taken(tx, call.claim()):
            return ""
        if open_ := signing.open_intents(tx, register):
            raise _still_open(call, open_)
    return session.id


async def complete(house: House, call: Call) -> Answer:
    body: wire.Complete = call.body
    acted = await house.in_thread(_movement, house, call)
    said, draft = translate.said(acted), acted.intent.draft
    assert draft is not None
    paid = payments.settlement(body, total=Decimal(said["total_amount"]), currency=said["currency"])
    return await _concluded(house, call, acted, payments.settled(draft, paid))


async def void(house: House, call: Call) -> Answer:
    body: wire.Void = call.body
    acted = await house.in_thread(_movement, house, call)
    return await _concluded(house, call, acted, Draft(kind=Kind.ABORT, reason=body.reason))


def _movement(house: House, call: Call) -> Acted:
    """The operation of the path, if it is one of goods."""
    with reading(house.engine) as tx:
        acted = _one(tx, call, ids.read("op", call.path["operation_id"]))
    if translate.type_of(acted) in translate.EVENTS:
        raise Conflict(BORN_COMPLETED)
    return acted


async def _concluded(house: House, call: Call, acted: Acted, draft: Draft) -> Answer:
    """A repeated request is answered as before, whatever version it names: it named the right one
    then. So a concluded operation is asked for first, and only what is new is told the version."""
    if acted.conclusion is None and call.match != translate.FIRST:
        raise _stale(call, translate.FIRST)
    order = Issue(
        organization=call.organization,
        intent=acted.intent.id,
        draft=draft,
        said=call.said(bodies.canonical(call.raw)),
        claim=call.claim(),
        keeps_refusals=False,
    )
    record = (await issued(house, call, order)).record
    made = Acted(intent=acted.intent, kind=record.kind, conclusion=record.body)
    return _answer(call, 200, made, _known(call))


async def issued(house: House, call: Call, order: Order) -> Done:
    """What the order became. Raises what stood against it, in this family's words."""
    answer = await house.issue(order)
    if isinstance(answer, Failed):
        call.is_replay = answer.is_replay
        raise _in_words(call, order, answer.trouble)
    assert isinstance(answer, Done)
    call.is_replay = answer.is_replay
    return answer


def _in_words(call: Call, order: Order, trouble: Trouble) -> Trouble:
    """Three troubles say more here: what is open still, that a version is an old one, and where
    in the body the law is broken."""
    if trouble.code.id == closing.STILL_OPEN.id:
        return _still_open(call, trouble.paths)
    if trouble.code.id == issue.INTENT_USED.id and call.match != translate.SECOND:
        return _stale(call, translate.SECOND)
    draft = order.draft if isinstance(order, Open | Issue) else None
    if trouble.code.id == recording.NOT_LAWFUL.id and draft is not None:
        return Refused(trouble.code, faults=places.in_words(trouble.faults, draft))
    return trouble


def _still_open(call: Call, intents_: Sequence[str]) -> Conflict:
    still_open = [ids.shown("op", intent) for intent in intents_]
    call.details = {"open_operation_ids": still_open}
    return Conflict(closing.STILL_OPEN, *still_open)


def _stale(call: Call, current: int) -> Conflict:
    call.details = {
        "expected_resource_version": call.match,
        "current_resource_version": current,
    }
    return Conflict(STALE, "If-Match")


def _created(house: House, call: Call, intent: str) -> tuple[Acted, Known]:
    """The operation as it stood when it was created, however it went on since."""
    with reading(house.engine) as tx:
        acted = _one(tx, call, intent)
        known = _knowing(tx, call, [acted])[intent]
    seal = acted.conclusion.seal if acted.conclusion else None
    if known.begun is None and seal is not None and seal.signing is not None:
        begun = Begun(
            number=seal.signing.number, serial=seal.signing.serial, at=seal.signing.started_at
        )
        known = msgspec.structs.replace(known, begun=begun)
    return translate.as_begun(acted), known


def _one(tx: Connection, call: Call, intent: str) -> Acted:
    """Raises `Missing`, also for intentions that another family began."""
    acted = intents.one(tx, call.organization, intent)
    if not translate.type_of(acted):
        raise Missing(UNKNOWN)
    return acted


def _known(call: Call) -> Known:
    assert call.merchant is not None
    return Known(regime=call.merchant.taxpayer.regime)


def _knowing(tx: Connection, call: Call, found: Iterable[Acted]) -> dict[str, Known]:
    """What else there is to say of operations, by intention: how the open ones began."""
    known = {acted.intent.id: _known(call) for acted in found}
    for intent, held in signing.of_intents(tx, set(known)).items():
        begun = held.started and Begun(
            number=held.started.number, serial=held.started.serial, at=held.started.time
        )
        known[intent] = msgspec.structs.replace(known[intent], begun=begun, outage=held.outage)
    return known


def _answer(call: Call, status: int, acted: Acted, known: Known) -> Answer:
    call.headers["ETag"] = f'"{translate.version(acted)}"'
    return Answer(status, translate.operation(acted, known))


def retrieve(house: House, tx: Connection, call: Call) -> Answer:
    acted = _one(tx, call, ids.read("op", call.path["operation_id"]))
    return _answer(call, 200, acted, _knowing(tx, call, [acted])[acted.intent.id])


def list_(house: House, tx: Connection, call: Call) -> Answer:
    query: wire.OperationsQuery = call.query
    found = intents.page(
        tx, _where(tx, call, query), after=after(call), limit=query.limit + 1,
        keep=lambda acted: _is_wanted(acted, query),
    )  # fmt: skip
    known = _knowing(tx, call, found.found)
    rows = [
        (acted.intent.id, translate.operation(acted, known[acted.intent.id]))
        for acted in found.found
    ]
    return Answer(200, page(call, rows, found.stopped_at))


def _where(tx: Connection, call: Call, query: wire.OperationsQuery) -> Where:
    """What the database can tell by itself. A session lies between two moments of one register."""
    where = Where(
        organization=call.organization,
        location=ids.read("loc", query.location_id) if query.location_id else "",
        register=ids.read("reg", query.register_id) if query.register_id else "",
        since=instant(query.since) if query.since else None,
        until=instant(query.until) if query.until else None,
        kinds=translate.CONCLUDED_BY[query.status] if query.status else None,
    )
    if query.session_id is None:
        return where
    session = sessions.read(tx, call.organization, ids.read("ses", query.session_id))
    if where.register and where.register != session.register:
        raise Missing(sessions.UNKNOWN_SESSION)
    # A clock that is held may date an event a little after the session's own times.
    end = session.closed_at and session.closed_at + recording.CLOCK_BACK_MAX + _SECOND
    return msgspec.structs.replace(
        where,
        register=session.register,
        since=max(where.since or session.opened_at, session.opened_at),
        until=min((at for at in (where.until, end) if at), default=None),
    )


def _is_wanted(acted: Acted, query: wire.OperationsQuery) -> bool:
    type_, said = translate.type_of(acted), translate.said(acted)
    return (
        bool(type_)
        and query.type in (None, type_)
        and query.external_id in (None, said.get("external_id"))
        and query.session_id in (None, translate.session_id(acted))
    )


ENDPOINTS: tuple[tuple[Operation, Handler], ...] = (
    (
        Operation(
            id="createOperation", method="POST", path="/v1/operations",
            summary="Create an operation", statuses=(201, 404, 409, 422), request=wire.CREATE,
            answer=wire.ShownOperation, key=Key.REQUIRED,
        ),
        create,
    ),
    (
        Operation(
            id="listOperations", method="GET", path="/v1/operations", summary="List operations",
            statuses=(200, 404), query=wire.OperationsQuery, answer=wire.Operations,
        ),
        reads(list_),
    ),
    (
        Operation(
            id="retrieveOperation", method="GET", path="/v1/operations/{operation_id}",
            summary="Retrieve an operation", statuses=(200, 404), answer=wire.ShownOperation,
        ),
        reads(retrieve),
    ),
    (
        Operation(
            id="completeOperation", method="POST", path="/v1/operations/{operation_id}/complete",
            summary="Complete an operation", statuses=(200, 404, 409, 412, 422, 428),
            request=wire.Complete, answer=wire.ShownOperation, key=Key.REQUIRED, needs_match=True,
        ),
        complete,
    ),
    (
        Operation(
            id="voidOperation", method="POST", path="/v1/operations/{operation_id}/void",
            summary="Void an operation", statuses=(200, 404, 409, 412, 422, 428),
            request=wire.Void, answer=wire.ShownOperation, key=Key.REQUIRED, needs_match=True,
        ),
        void,
    ),
)  # fmt: skip
