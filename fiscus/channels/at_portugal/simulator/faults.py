"""Faults on demand: what goes wrong at the authority, when, how often.

An order is a row of the world, so that any process that knows the folder can give one: a test in
the process that serves, a storm beside it, a person through the control page.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from fiscus.channels.at_portugal.simulator.world import connected


class FaultKind(StrEnum):
    """What happens instead of a good answer."""

    TIMEOUT = "timeout"
    RESET = "reset"
    CLOCK = "clock"
    EXPIRED_CERTIFICATE = "expired-certificate"
    SOAP_FAULT = "soap-fault"
    HTML = "html"
    HALF = "half"
    DUPLICATE = "duplicate"
    OTHER_ANSWER = "other-answer"
    UNAVAILABLE = "unavailable"
    SLOW = "slow"
    REFUSAL = "refusal"


MEANINGS: Mapping[FaultKind, str] = {
    FaultKind.TIMEOUT: "no answer: silence for ARGUMENT seconds (0), then the connection closes",
    FaultKind.RESET: "the connection is reset",
    FaultKind.CLOCK: "the authority's clock is wrong by ARGUMENT seconds",
    FaultKind.EXPIRED_CERTIFICATE: "new connections are shown a certificate that has expired",
    FaultKind.SOAP_FAULT: "a SOAP fault without a number that means anything",
    FaultKind.HTML: "a page of HTML with status 200",
    FaultKind.HALF: "the answer breaks off in the middle",
    FaultKind.DUPLICATE: "the request is worked twice, the second answer is given",
    FaultKind.OTHER_ANSWER: "the answer of an earlier request is given",
    FaultKind.UNAVAILABLE: "status 503",
    FaultKind.SLOW: "the answer comes after ARGUMENT seconds (1)",
    FaultKind.REFUSAL: "the service refuses with the number ARGUMENT, and does nothing",
}

BESIDE = frozenset({FaultKind.DUPLICATE, FaultKind.SLOW, FaultKind.CLOCK})
"""Those that leave an answer, and go together with others."""

_ALWAYS_BEFORE = frozenset({FaultKind.REFUSAL, FaultKind.EXPIRED_CERTIFICATE})
_USUALLY_AFTER = frozenset({FaultKind.HALF, FaultKind.OTHER_ANSWER})
_NUMBERS = frozenset({FaultKind.TIMEOUT, FaultKind.CLOCK, FaultKind.SLOW})


class BadFault(ValueError):
    """The order of a fault makes no sense."""


@dataclass(frozen=True, kw_only=True)
class FaultOrder:
    """One order. `operation`: as the service names it (`registarSerie`, `RegisterInvoice`,
    `envioDocumentoTransporte` …), empty: all. `moment`: `before` or `after` the request takes
    effect, empty: what is usual for the kind. `times`: how often, None: until it is taken back.
    `probability` of each request that fits, drawn from `seed` the same way each time."""

    kind: FaultKind
    operation: str = ""
    moment: str = ""
    times: int | None = 1
    probability: Decimal | float = Decimal(1)
    seed: int = 0
    argument: str = ""


@dataclass(frozen=True, kw_only=True)
class DueFault:
    """A fault that strikes now."""

    kind: FaultKind
    is_after: bool
    argument: str

    def millis(self, default: int = 0) -> int:
        """The argument's seconds."""
        return int(Decimal(self.argument) * 1000) if self.argument else default


def order(folder: Path, wanted: FaultOrder) -> int:
    """Order a fault; its number, by which it can be taken back."""
    moment = _checked(wanted)
    with closing(connected(folder)) as db:
        done = db.execute(
            "INSERT INTO faults (kind, operation, moment, times, probability, seed, argument)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                wanted.kind.value,
                wanted.operation,
                moment,
                wanted.times,
                str(wanted.probability),
                wanted.seed,
                wanted.argument,
            ),
        )
        return done.lastrowid or 0


def take_back(folder: Path, number: int | None = None) -> None:
    """Take a fault back; without a number all of them."""
    with closing(connected(folder)) as db:
        db.execute("DELETE FROM faults WHERE ? IS NULL OR id = ?", (number, number))


def ordered(folder: Path) -> list[dict[str, Any]]:
    """All orders that stand, with how often each was drawn for and has struck."""
    with closing(connected(folder)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute("SELECT * FROM faults ORDER BY id")]


def due(db: sqlite3.Connection, operation: str) -> tuple[DueFault, ...]:
    """The faults that strike a request of this operation; each is counted. Of those that take the
    answer's place only the first that strikes, so that the others wait for their turn."""
    rows = db.execute(
        "SELECT id, kind, moment, probability, seed, draws, argument FROM faults"
        " WHERE operation IN ('', ?) AND (times IS NULL OR hits < times) AND kind <> ?"
        " ORDER BY id",
        (operation, FaultKind.EXPIRED_CERTIFICATE.value),
    ).fetchall()
    found: list[DueFault] = []
    for row in rows:
        is_taken = any(one.kind not in BESIDE for one in found)
        if (FaultKind(row[1]) in BESIDE or not is_taken) and _strikes(db, row):
            found.append(
                DueFault(kind=FaultKind(row[1]), is_after=row[2] == "after", argument=row[6])
            )
    return tuple(found)


def certificate_is_expired(folder: Path) -> bool:
    """Whether the next connection shall be shown an expired certificate; counted if so."""
    with closing(connected(folder)) as db:
        row = db.execute(
            "SELECT id, kind, moment, probability, seed, draws, argument FROM faults"
            " WHERE kind = ? AND (times IS NULL OR hits < times) ORDER BY id LIMIT 1",
            (FaultKind.EXPIRED_CERTIFICATE.value,),
        ).fetchone()
        return row is not None and _strikes(db, row)


def _strikes(db: sqlite3.Connection, row: tuple[Any, ...]) -> bool:
    id_, _, _, probability, seed, draws, _ = row
    hit = bool(_drawn(seed, draws) < probability)
    db.execute("UPDATE faults SET draws = draws + 1, hits = hits + ? WHERE id = ?", (int(hit), id_))
    return hit


def _drawn(seed: int, draws: int) -> float:
    """The same numbers from 0 to 1 for the same seed, in whichever process."""
    return int.from_bytes(sha256(f"{seed}:{draws}".encode()).digest()[:7]) / 2**56


def _checked(wanted: FaultOrder) -> str:
    if wanted.moment not in ("", "before", "after"):
        raise BadFault("the moment is `before` or `after`")
    if wanted.times is not None and wanted.times < 1:
        raise BadFault("`times` is 1 or more, or none for always")
    if not 0 <= wanted.probability <= 1:
        raise BadFault("a probability lies from 0 to 1")
    if wanted.kind in _NUMBERS and wanted.argument:
        try:
            int(Decimal(wanted.argument))
        except (ArithmeticError, ValueError):
            raise BadFault("the argument of this fault is a number of seconds") from None
    if wanted.kind is FaultKind.REFUSAL and not wanted.argument.lstrip("-").isdecimal():
        raise BadFault("the argument of a refusal is the number that the service gives")
    if wanted.kind in BESIDE:
        return "after"
    if wanted.kind in _ALWAYS_BEFORE:
        return "before"
    return wanted.moment or ("after" if wanted.kind in _USUALLY_AFTER else "before")
