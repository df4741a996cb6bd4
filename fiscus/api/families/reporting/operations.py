"""Operations: sales, returns, exchanges and what happens to the drawer: each becomes an order."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from fiscus import regimes
from fiscus.api import bodies
from fiscus.api.families.reporting import finding, ids
from fiscus.api.families.reporting.calls import (
    Endpoints,
    KeyRequirement,
    ReportingAnswer,
    ReportingCall,
    ReportingOperation,
)
from fiscus.api.families.reporting.errors import STALE
from fiscus.api.families.reporting.paging import after, page
from fiscus.api.families.reporting.receipts import with_receipt
from fiscus.api.families.reporting.translate import (
    drawer,
    fault_paths,
    goods,
    payments,
    people,
)
from fiscus.api.families.reporting.translate import operations as translate
from fiscus.api.families.reporting.translate.operations import DeviceStart, OperationContext
from fiscus.api.families.reporting.wire import operations as wire
from fiscus.api.pipeline import ReadOperation
from fiscus.issuing import attempt, closing, idempotency, signing, unfinished
from fiscus.issuing.answers import OrderDone, OrderFailed
from fiscus.issuing.sites import UNKNOWN_REGISTER
from fiscus.journal import intents
from fiscus.journal.intents import IntentionFilter, IntentionView
from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.faults import Code, Conflict, Missing, Refused, Trouble, Unavailable
from fiscus.model.orders import Enter, IdempotencyKey, Issue, Open, Order, SessionMove
from fiscus.registry import registers, sessions, taxpayers
from fiscus.registry.roles import Scope
from fiscus.services import Services
from fiscus.signers import JOURNAL_ALGORITHM, maker
from fiscus.store.connect import BUSY, reading, writing

BORN_COMPLETED = Code(
    "REPORTING-OPERATION-02",
    "orders, and what happens to a session, are completed at once, and stay so",
)
_SECOND = timedelta(seconds=1)

_BROKEN = (422, "unprocessable_entity")
_SESSION = (409, "session_invalid_state")
_STATE = (409, "operation_invalid_state")

WORDS: Mapping[str, tuple[int, str]] = {
    finding.UNKNOWN.id: (404, "not_found"),
    BORN_COMPLETED.id: _STATE,
    finding.UNKNOWN_TAB.id: (404, "not_found"),
    finding.NOT_COMPLETED.id: _BROKEN,
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


async def create(services: Services, call: ReportingCall) -> ReportingAnswer:
    """Goods are begun and concluded later; orders, and what happens to a session, are completed at
    once."""
    body: wire.Operation = call.body
    match body:
        case wire.Sale() | wire.Return() | wire.Exchange():
            order: Order = await _begun(services, call, body)
        case wire.Order():
            order = await _ordered(services, call, body)
        case wire.SessionOpen():
            order = _entered(call, body, drawer.opening(body), SessionMove.OPEN)
        case wire.SessionCashAdjustment():
            order = _entered(call, body, drawer.adjustment(body), SessionMove.ADJUST)
        case wire.SessionCashCount():
            order = _entered(call, body, drawer.count(body), SessionMove.COUNT)
        case wire.SessionClose():
            await _moved_last(services, call, body)
            order = _entered(call, body, drawer.end(body), SessionMove.CLOSE)
    record = (await issued(services, call, order)).record
    acted = await services.in_thread(_created, services, call, record.body.intent or record.body.id)
    return _answer(call, 201, *acted)


async def _begun(services: Services, call: ReportingCall, body: wire.GoodsMovement) -> Open:
    assert call.merchant is not None
    law = regimes.find(call.merchant.taxpayer.regime)
    tab = await finding.tab(services, call, body.tab_id) if isinstance(body, wire.Sale) else ""
    draft = goods.goods(
        body, tab=tab, zero_names=law.zero_names, zero_categories=law.zero_categories
    )
    is_online = body.register_id is None
    if body.register_id is not None:
        register = ids.read("reg", body.register_id)
    elif call.caller.systems:
        raise Refused(UNKNOWN_REGISTER, "register_id")  # a till that is limited sells at a till
    else:
        register = await services.in_thread(_online, services, call)
    if body.related_operation_id is not None:
        document = await services.in_thread(
            finding.related, services, call, body.related_operation_id
        )
        draft = msgspec.structs.replace(draft, refers_to=document)
    return Open(
        organization=call.organization,
        register=register,
        said=call.said(bodies.canonical(call.raw)),
        claim=call.claim(),
        draft=draft,
        is_training=draft.is_training,
        needs_session=not is_online,
        is_online=is_online,
        within=call.caller.systems,
        by=call.caller.subject,
    )


async def _ordered(services: Services, call: ReportingCall, body: wire.Order) -> Enter:
    assert call.merchant is not None
    law = regimes.find(call.merchant.taxpayer.regime)
    tab = await finding.tab(services, call, body.tab_id)
    draft = goods.order(
        body, tab=tab, zero_names=law.zero_names, zero_categories=law.zero_categories
    )
    return _entered(call, body, draft, SessionMove.WITHIN)


def _online(services: Services, call: ReportingCall) -> str:
    """The merchant's journal of online sales; its first one begins it."""
    assert call.merchant is not None
    id_ = call.merchant.taxpayer.id
    with reading(services.engine) as tx:
        if registers.has_online(tx, id_):
            return id_
    try:
        with writing(services.engine) as tx:
            registers.open_online(
                tx,
                services.vault,
                maker(JOURNAL_ALGORITHM),
                owner=taxpayers.read(tx, call.organization, id_),
                subject=call.caller.subject,
                at=call.at,
            )
    except IntegrityError as error:
        raise Unavailable(BUSY) from error  # somebody else began it at the same moment
    return id_


def _entered(
    call: ReportingCall,
    body: wire.SessionEvent | wire.Order,
    draft: Draft,
    session: SessionMove | None,
) -> Enter:
    return Enter(
        organization=call.organization,
        register=ids.read("reg", body.register_id),
        draft=draft,
        said=call.said(bodies.canonical(call.raw)),
        claim=call.claim(),
        session=session,
        within=call.caller.systems,
        by=call.caller.subject,
    )


async def _moved_last(services: Services, call: ReportingCall, body: wire.SessionClose) -> None:
    """Money that leaves or enters the drawer as the session ends is an event of its own, and is
    seen as one. Its key is the session's: however often closing is tried, it moves once; but what
    was refused moved nothing, and may be said better."""
    draft = drawer.last_movement(body)
    if draft is None:
        return
    register = ids.read("reg", body.register_id)
    claim = await services.in_thread(_closable, services, call, register)
    if claim is None:
        return
    order = Enter(
        organization=call.organization,
        register=register,
        draft=draft,
        said=call.said(drawer.as_adjustment(body, draft)),
        claim=claim,
        within=call.caller.systems,
        by=call.caller.subject,
    )
    await issued(services, call, order)


def _closable(services: Services, call: ReportingCall, register: str) -> IdempotencyKey | None:
    """The claim on the session in progress; None if there is none, or this request was answered.
    Raises `Conflict` while operations are open: then nothing is moved either."""
    with reading(services.engine) as tx:
        session = sessions.current(tx, register)
        if session is None or session.organization != call.organization:
            return None
        if not call.caller.reaches(register):
            return None  # the order itself is refused
        if idempotency.is_taken(tx, call.claim()):
            return None
        assert call.merchant is not None
        has_device = bool(regimes.find(call.merchant.taxpayer.regime).device)
        if open_ := unfinished.operations(tx, register, has_device=has_device, session=session.id):
            raise _still_open(call, open_)
        key = f"reporting:session_close:{session.id}"
        return idempotency.untried(tx, msgspec.structs.replace(call.claim(), key=key))


async def complete(services: Services, call: ReportingCall) -> ReportingAnswer:
    body: wire.Complete = call.body
    acted = await services.in_thread(_movement, services, call)
    said, draft = translate.said(acted), acted.intent.draft
    assert draft is not None
    paid = payments.settlement(
        body, total=Decimal(said["total_amount"]), currency=said["currency"], at=call.at
    )
    settled = people.served(payments.settled(draft, paid), body.operator)
    return await _concluded(services, call, acted, settled)


async def void(services: Services, call: ReportingCall) -> ReportingAnswer:
    body: wire.Void = call.body
    acted = await services.in_thread(_movement, services, call)
    begun = acted.intent.draft
    assert begun is not None
    draft = Draft(
        kind=DocumentKind.ABORT,
        reason=body.reason,
        operator=begun.operator,
        operator_name=begun.operator_name,
    )
    return await _concluded(services, call, acted, people.served(draft, body.operator))


def _movement(services: Services, call: ReportingCall) -> IntentionView:
    """The operation of the path, if it is one of goods."""
    with reading(services.engine) as tx:
        acted = finding.one(tx, call, ids.read("op", call.path["operation_id"]))
    if translate.type_of(acted) in translate.BORN_COMPLETED:
        raise Conflict(BORN_COMPLETED)
    return acted


async def _concluded(
    services: Services, call: ReportingCall, acted: IntentionView, draft: Draft
) -> ReportingAnswer:
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
        within=call.caller.systems,
        by=call.caller.subject,
    )
    record = (await issued(services, call, order)).record
    made = IntentionView(intent=acted.intent, kind=record.kind, conclusion=record.body)
    known = _known(call)
    if services.receipts.are_offered:
        known = await services.in_thread(with_receipt, services, known, made)
    return _answer(call, 200, made, known)


async def issued(services: Services, call: ReportingCall, order: Order) -> OrderDone:
    """What the order became. Raises what stood against it, in this family's words."""
    answer = await services.issue(order)
    if isinstance(answer, OrderFailed):
        call.is_replay = answer.is_replay
        raise _in_words(call, order, answer.trouble)
    assert isinstance(answer, OrderDone)
    call.is_replay = answer.is_replay
    return answer


def _in_words(call: ReportingCall, order: Order, trouble: Trouble) -> Trouble:
    """Some troubles say more here: what is open still, that a version is an old one, and where
    in the body the trouble lies."""
    if trouble.code.id == closing.STILL_OPEN.id:
        return _still_open(call, trouble.paths)
    if trouble.code.id == attempt.INTENT_USED.id and call.match != translate.SECOND:
        return _stale(call, translate.SECOND)
    if order.draft is None or not call.raw:
        return trouble
    return fault_paths.in_order(trouble, order.draft, msgspec.json.decode(call.raw))


def _still_open(call: ReportingCall, intents_: Sequence[str]) -> Conflict:
    still_open = [ids.shown("op", intent) for intent in intents_]
    call.details = {"open_operation_ids": still_open}
    return Conflict(closing.STILL_OPEN, *still_open)


def _stale(call: ReportingCall, current: int) -> Conflict:
    call.details = {
        "expected_resource_version": call.match,
        "current_resource_version": current,
    }
    return Conflict(STALE, "If-Match")


def _created(
    services: Services, call: ReportingCall, intent: str
) -> tuple[IntentionView, OperationContext]:
    """The operation as it stood when it was created, however it went on since."""
    with reading(services.engine) as tx:
        acted = finding.one(tx, call, intent)
        known = _knowing(services, tx, call, [acted])[intent]
    seal = acted.conclusion.seal if acted.conclusion else None
    if known.begun is None and seal is not None and seal.signing is not None:
        begun = DeviceStart(
            number=seal.signing.number, serial=seal.signing.serial, at=seal.signing.started_at
        )
        known = msgspec.structs.replace(known, begun=begun)
    return translate.as_begun(acted), known


def _known(call: ReportingCall) -> OperationContext:
    assert call.merchant is not None
    return OperationContext(regime=call.merchant.taxpayer.regime)


def _knowing(
    services: Services, tx: Connection, call: ReportingCall, found: Iterable[IntentionView]
) -> dict[str, OperationContext]:
    """What else there is to say of operations, by intention: how the open ones began, and where
    customers look at the others."""
    known = {one.intent.id: with_receipt(services, _known(call), one, tx) for one in found}
    for intent, held in signing.of_intents(tx, set(known)).items():
        begun = held.started and DeviceStart(
            number=held.started.number, serial=held.started.serial, at=held.started.time
        )
        known[intent] = msgspec.structs.replace(known[intent], begun=begun, outage=held.outage)
    return known


def _answer(
    call: ReportingCall, status: int, acted: IntentionView, known: OperationContext
) -> ReportingAnswer:
    call.headers["ETag"] = f'"{translate.version(acted)}"'
    return ReportingAnswer(status, translate.operation(acted, known))


def shown(services: Services, tx: Connection, organization: str, intent: str) -> dict[str, Any]:
    """An operation as its GET shows it, without a call."""
    acted = intents.one(tx, organization, intent)
    [owner] = taxpayers.of(tx, organization, after="", limit=1)
    known = OperationContext(regime=owner.taxpayer.regime)
    return translate.operation(acted, with_receipt(services, known, acted, tx))


def retrieve(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    acted = finding.one(tx, call, ids.read("op", call.path["operation_id"]))
    known = _knowing(services, tx, call, [acted])
    return _answer(call, 200, acted, known[acted.intent.id])


def list_(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    query: wire.OperationsQuery = call.query
    found = intents.page(
        tx,
        _where(tx, call, query),
        after=after(call),
        limit=query.limit + 1,
        keep=lambda acted: _is_wanted(acted, query),
    )
    known = _knowing(services, tx, call, found.found)
    rows = [
        (acted.intent.id, translate.operation(acted, known[acted.intent.id]))
        for acted in found.found
    ]
    return ReportingAnswer(200, page(call, rows, found.stopped_at))


def _where(tx: Connection, call: ReportingCall, query: wire.OperationsQuery) -> IntentionFilter:
    """What the database can tell by itself. A session lies between two moments of one register."""
    kinds = translate.CONCLUDED_BY[query.status] if query.status else None
    where = finding.asked(call, query, kinds)
    if query.session_id is None:
        return where
    session = sessions.read(tx, call.organization, ids.read("ses", query.session_id))
    if where.register and where.register != session.register:
        raise Missing(sessions.UNKNOWN_SESSION)
    # A clock that is held may date an event a little after the session's own times.
    assert call.merchant is not None
    slip = regimes.find(call.merchant.taxpayer.regime).clock_back_max
    end = session.closed_at and session.closed_at + slip + _SECOND
    return msgspec.structs.replace(
        where,
        register=session.register,
        since=max(where.since or session.opened_at, session.opened_at),
        until=min((at for at in (where.until, end) if at), default=None),
    )


def _is_wanted(acted: IntentionView, query: wire.OperationsQuery) -> bool:
    type_, said = translate.type_of(acted), translate.said(acted)
    return (
        bool(type_)
        and query.type in (None, type_)
        and query.external_id in (None, said.get("external_id"))
        and query.session_id in (None, translate.session_id(acted))
    )


ENDPOINTS: Endpoints = (
    (
        ReportingOperation(
            id="createOperation",
            method="POST",
            path="/v1/operations",
            summary="Create an operation",
            statuses=(201, 404, 409, 422),
            request=wire.CREATE,
            answer=wire.ShownOperation,
            key=KeyRequirement.REQUIRED,
            scope=Scope.SELL,
        ),
        create,
    ),
    (
        ReportingOperation(
            id="listOperations",
            method="GET",
            path="/v1/operations",
            summary="List operations",
            statuses=(200, 404),
            query=wire.OperationsQuery,
            answer=wire.Operations,
            scope=Scope.DOCUMENTS,
        ),
        ReadOperation(list_),
    ),
    (
        ReportingOperation(
            id="retrieveOperation",
            method="GET",
            path="/v1/operations/{operation_id}",
            summary="Retrieve an operation",
            statuses=(200, 404),
            answer=wire.ShownOperation,
            scope=Scope.DOCUMENTS,
        ),
        ReadOperation(retrieve),
    ),
    (
        ReportingOperation(
            id="completeOperation",
            method="POST",
            path="/v1/operations/{operation_id}/complete",
            summary="Complete an operation",
            statuses=(200, 404, 409, 412, 422, 428),
            request=wire.Complete,
            answer=wire.ShownOperation,
            key=KeyRequirement.REQUIRED,
            needs_match=True,
            scope=Scope.SELL,
        ),
        complete,
    ),
    (
        ReportingOperation(
            id="voidOperation",
            method="POST",
            path="/v1/operations/{operation_id}/void",
            summary="Void an operation",
            statuses=(200, 404, 409, 412, 422, 428),
            request=wire.Void,
            answer=wire.ShownOperation,
            key=KeyRequirement.REQUIRED,
            needs_match=True,
            scope=Scope.SELL,
        ),
        void,
    ),
)
