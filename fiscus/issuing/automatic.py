"""Closings that are made automatically, once a location's cut-off has passed."""

import structlog

from fiscus.issuing import cutoffs
from fiscus.issuing.answers import OrderFailed
from fiscus.issuing.cutoffs import DueClosing
from fiscus.issuing.driver import Channels, carried_out
from fiscus.issuing.services import IssuingServices
from fiscus.model.documents import ClosingType, DocumentKind, Draft
from fiscus.model.orders import Enter, IdempotencyKey, Issue, Order
from fiscus.model.records import CallerWords
from fiscus.registry import macs
from fiscus.store.connect import reading

FAMILY = "automatic"
CUT_OFF = "cut-off"
"""Who closes a day that is over: nobody, its hour has come."""

ABANDONED = "left open at the cut-off"

_log = structlog.get_logger("fiscus.cutoff")


def close_due(services: IssuingServices, channels: Channels) -> int:
    """Close every register that nobody closed; gives how many were closed.

    What was left open before the cut-off is cancelled first: one forgotten sale never keeps a
    day from being closed. A sale that began later is a customer at the till: it goes on, and
    belongs to the next closing. A register that cannot be closed now is tried again next time.
    """
    with reading(services.engine) as tx:
        due = cutoffs.due(tx, services.clock())
    return sum(_closed(services, channels, one) for one in due)


def _closed(services: IssuingServices, channels: Channels, due: DueClosing) -> bool:
    for intent in due.open_intents:
        cancelling = Issue(
            organization=due.organization,
            intent=intent,
            said=_said(ABANDONED),
            draft=Draft(kind=DocumentKind.ABORT, reason=ABANDONED),
            keeps_refusals=False,
            claim=_claim(services, due),
            by=CUT_OFF,
        )
        _done(services, channels, due, cancelling)
    order = Enter(
        organization=due.organization,
        register=due.register,
        said=_said(CUT_OFF),
        draft=Draft(kind=DocumentKind.CLOSING, closing=ClosingType.DAILY),
        claim=_claim(services, due),
        begun_before=due.cut_off,
        by=CUT_OFF,
    )
    return _done(services, channels, due, order)


def _done(services: IssuingServices, channels: Channels, due: DueClosing, order: Order) -> bool:
    answer = carried_out(services, channels, order)
    if isinstance(answer, OrderFailed):
        _log.warning("not closed", register=due.register, trouble=str(answer.trouble))
        return False
    _log.info("closed", register=due.register, record=answer.record.body.id)
    return True


def _said(text: str) -> CallerWords:
    return CallerWords(family=FAMILY, version="1", text=f'{{"reason":"{text}"}}')


def _claim(services: IssuingServices, due: DueClosing) -> IdempotencyKey:
    """A key of its own for each attempt: a refusal of a minute ago must not answer this one. That
    nothing is closed twice is told by what a closing covers."""
    key = f"{FAMILY}:{services.ids()}"
    digest = macs.of(services.digest_key, FAMILY, key)
    return IdempotencyKey(scope=due.organization, key=key, digest=digest)
