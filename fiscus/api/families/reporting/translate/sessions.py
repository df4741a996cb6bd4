"""A cash session as the family shows it. Pure."""

from typing import Any

from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.translate_registry import moment
from fiscus.model.amounts import money
from fiscus.model.records import EntryBody
from fiscus.registry.sessions import Session


def session(found: Session, closing: EntryBody | None, operations: int) -> dict[str, Any]:
    """`closing` is what sealed it (None while it is in progress), `operations` how many were
    concluded in it."""
    counted = closing.closing if closing else None
    return {
        "id": ids.shown("ses", found.id),
        "object": "session",
        "register_id": ids.shown("reg", found.register),
        "status": found.state.value,
        "currency": found.currency,
        "opening_balance_amount": money(found.opening),
        "variance": None if found.variance is None else money(found.variance),
        "opened_at": moment(found.opened_at),
        "counted_at": moment(found.counted_at),
        "closed_at": moment(found.closed_at),
        "closing_id": ids.shown("cls", closing.id) if closing else None,
        "z_number": counted.number if counted else None,
        "operation_count": counted.documents if counted else operations,
        "total_gross": money(counted.gross) if counted else None,
    }
