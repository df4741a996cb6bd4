"""The operations of a register that are begun and not concluded: its closing must wait for them."""

from datetime import datetime

from sqlalchemy import Connection

from fiscus.issuing import signing
from fiscus.journal import intents


def operations(
    tx: Connection,
    register: str,
    *,
    has_device: bool,
    session: str,
    before: datetime | None = None,
) -> list[str]:
    """The intentions (begun before that instant) that are to be concluded before a closing, oldest
    first: those that the register's device knows of; without a device those of the cash session in
    progress (empty: none), whose money would come into a drawer that is counted already."""
    if has_device:
        return signing.open_intents(tx, register, before)
    return intents.open_in_session(tx, register, session, before) if session else []
