"""Registers whose program counts otherwise than the law: after three refusals in a row it is told.

One sale that was refused, and a till that counts by itself is one ahead for ever: its operator must
learn of it, because nothing that it sells is accepted any more.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from fiscus.journal import encode
from fiscus.model.faults import Fault
from fiscus.model.kinds import EntryKind
from fiscus.model.places import NumberCheck
from fiscus.registry import registers
from fiscus.registry.views import LifecycleState
from fiscus.store.schema import ENTRY

IN_A_ROW = 3
FIELD = "reference"
_CONCLUDED = (EntryKind.DOCUMENT.value, EntryKind.REFUSAL.value)


def is_refused(faults: Sequence[Fault]) -> bool:
    """Whether the number that the caller claims is among what was refused."""
    return any(path.partition(" ")[0] == FIELD for fault in faults for path in fault.paths)


def astray(tx: Connection, suspects: dict[str, None]) -> Iterator[str]:
    """The registers of which the last three documents were refused for their numbers. `suspects`
    are those that had one refused: whoever sells again, or is compared no more, is taken out."""
    for id_ in list(suspects):
        view = registers.by_id(tx, id_)
        is_compared = view.register.numbers is NumberCheck.COMPARE
        refused = _refused_in_a_row(tx, id_)
        if not refused or not is_compared or view.state is not LifecycleState.COMMISSIONED:
            suspects.pop(id_, None)
        elif refused >= IN_A_ROW:
            yield id_


def _refused_in_a_row(tx: Connection, register: str) -> int:
    """How many of the last three; 0 once a document has followed."""
    query = (
        select(ENTRY.c.kind, ENTRY.c.body)
        .where(ENTRY.c.chain == register, ENTRY.c.kind.in_(_CONCLUDED))
        .order_by(ENTRY.c.epoch.desc(), ENTRY.c.sequence.desc())
        .limit(IN_A_ROW)
    )
    count = 0
    for row in tx.execute(query):
        if not is_refused(encode.decode(row.kind, row.body).faults):
            break
        count += 1
    return count
