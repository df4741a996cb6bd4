"""One-time tickets: somebody without a key may have one file checked.

A ticket is a file of our data folder, named by the SHA-256 of what the stranger holds, and gone
when it was used. It belongs to nobody's data, so no journal tells of it.
"""

import contextlib
import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from fiscus.model.faults import Code, Missing, Refused
from fiscus.model.ids import Entropy

NO_TICKET = Code(
    "CHECK-TICKET-01",
    "this ticket was used, has expired, or was never handed out: ask for a new one",
)
TOO_MANY = Code(
    "CHECK-TICKET-02", "too many tickets are waiting to be used: wait until some have expired"
)

TICKETS_MAX = 1000
HOURS_MAX = 24 * 30
_TICKET_BYTES = 20
_LENGTH_MAX = 100


def make(folder: Path, *, hours: int, at: datetime, entropy: Entropy) -> str:
    """What the stranger is given. Raises `Refused` if too many are out."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    sweep(folder, at)
    if sum(1 for _ in folder.iterdir()) >= TICKETS_MAX:
        raise Refused(TOO_MANY)
    ticket = entropy(_TICKET_BYTES).hex()
    _file(folder, ticket).write_text((at + timedelta(hours=hours)).isoformat(), "ascii")
    return ticket


def is_good(folder: Path, ticket: str, at: datetime) -> bool:
    """Whether it can still be used."""
    return bool(ticket) and len(ticket) <= _LENGTH_MAX and _is_good(_file(folder, ticket), at)


@contextlib.contextmanager
def used(folder: Path, ticket: str, at: datetime) -> Iterator[None]:
    """The ticket is used up by what is done inside, and good again if that fails. Raises `Missing`
    for one that is not good, or that somebody else uses at this moment."""
    if not is_good(folder, ticket, at):
        raise Missing(NO_TICKET)
    file = _file(folder, ticket)
    taken = file.with_suffix(".taken")
    try:
        file.rename(taken)  # of two at once, one finds it
    except FileNotFoundError:
        raise Missing(NO_TICKET) from None
    try:
        yield
    except BaseException:
        taken.rename(file)
        raise
    taken.unlink(missing_ok=True)


def sweep(folder: Path, at: datetime) -> None:
    """Remove those that have expired."""
    for file in folder.iterdir() if folder.is_dir() else ():
        if not _is_good(file, at):
            file.unlink(missing_ok=True)


def _file(folder: Path, ticket: str) -> Path:
    return folder / hashlib.sha256(ticket.encode()).hexdigest()


def _is_good(file: Path, at: datetime) -> bool:
    try:
        return at < datetime.fromisoformat(file.read_text("ascii"))
    except (OSError, ValueError):
        return False
