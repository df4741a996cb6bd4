"""Closings that the house makes by itself, once a location's cut-off has passed."""

import hashlib

import structlog

from fiscus.issuing import cutoffs
from fiscus.issuing.answers import Failed
from fiscus.issuing.cutoffs import Due
from fiscus.issuing.desk import Desk
from fiscus.issuing.errands import Channels, carried_out
from fiscus.model.documents import ClosingType, Draft, Kind
from fiscus.model.orders import Claim, Enter, Issue, Order
from fiscus.model.records import Said
from fiscus.store.connect import reading

FAMILY = "automatic"
ABANDONED = "left open at the cut-off"

_log = structlog.get_logger("fiscus.cutoff")


def close_due(desk: Desk, channels: Channels) -> int:
    """Close every register that nobody closed; gives how many were closed.

    What was left open before the cut-off is cancelled first: one forgotten sale never keeps a
    day from being closed. A sale that began later is a customer at the till: it goes on, and
    belongs to the next closing. A register that cannot be closed now is tried again next time.
    """
    with reading(desk.engine) as tx:
        due = cutoffs.due(tx, desk.clock())
    return sum(_closed(desk, channels, one) for one in due)


def _closed(desk: Desk, channels: Channels, due: Due) -> bool:
    for intent in due.open_intents:
        cancelling = Issue(
            organization=due.organization, intent=intent, said=_said(ABANDONED),
            draft=Draft(kind=Kind.ABORT, reason=ABANDONED), keeps_refusals=False,
            claim=_claim(desk, due),
        )  # fmt: skip
        _done(desk, channels, due, cancelling)
    order = Enter(
        organization=due.organization, register=due.register, said=_said("cut-off"),
        draft=Draft(kind=Kind.CLOSING, closing=ClosingType.DAILY),
        claim=_claim(desk, due), begun_before=due.cut_off,
    )  # fmt: skip
    return _done(desk, channels, due, order)


def _done(desk: Desk, channels: Channels, due: Due, order: Order) -> bool:
    answer = carried_out(desk, channels, order)
    if isinstance(answer, Failed):
        _log.warning("not closed", register=due.register, trouble=str(answer.trouble))
        return False
    _log.info("closed", register=due.register, record=answer.record.body.id)
    return True


def _said(text: str) -> Said:
    return Said(family=FAMILY, version="1", text=f'{{"reason":"{text}"}}')


def _claim(desk: Desk, due: Due) -> Claim:
    """A key of its own for each attempt: a refusal of a minute ago must not answer this one. That
    nothing is closed twice is told by what a closing covers."""
    key = f"{FAMILY}:{desk.ids()}"
    digest = hashlib.sha256(key.encode()).hexdigest()
    return Claim(scope=due.organization, key=key, digest=digest)
