"""Every change of the registry is stated in a chain of the journal, in the same transaction.

What states is attached to the engine, so that whoever writes a row of the registry can state it,
and nobody can be handed a transaction that cannot.
"""

from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Table

from fiscus.journal import stated
from fiscus.journal.statement import StatedKey
from fiscus.model.faults import Code, Corrupt
from fiscus.model.kinds import StatementKind
from fiscus.model.orders import SERVICE as SERVICE
from fiscus.model.records import StatedRow

NOT_ATTACHED = Code(
    "REGISTRY-STATING-01", "this database was opened without the keys of its journal"
)

_OPTION = "fiscus_stating"


class RowStatements(Protocol):
    """Writes entries into the chains of organizations and of the installation."""

    def state(
        self,
        tx: Connection,
        kind: StatementKind,
        *,
        organization: str,
        by: str,
        rows: tuple[StatedRow, ...] = (),
        key: StatedKey | None = None,
        **members: Any,
    ) -> str: ...

    def found(self, tx: Connection) -> str: ...

    def rotate(self, tx: Connection, organization: str, *, by: str, is_lost: bool) -> str: ...

    def open_organization(self, tx: Connection, organization: str, by: str) -> None: ...


def attached(engine: Engine, statements: RowStatements) -> Engine:
    """The same engine, whose transactions can state what became of rows."""
    return engine.execution_options(**{_OPTION: statements})


def stating(tx: Connection) -> RowStatements:
    """What states in this transaction. Raises `Corrupt` if the engine was not opened for it."""
    found: RowStatements | None = tx.get_execution_options().get(_OPTION)
    if found is None:
        raise Corrupt(NOT_ATTACHED)
    return found


def state(
    tx: Connection,
    kind: StatementKind,
    table: Table,
    id_: str,
    *,
    organization: str | None = None,
    by: str = SERVICE,
    **members: Any,
) -> str:
    """State the row of the table with that id as it stands now, in the chain of the organization
    (empty: of the installation; None: the one that the row names); gives the link of the entry,
    which the row keeps if it has a column for it."""
    row = stated.read(tx, table, id_)
    if organization is None:
        assert row.row is not None, "a row that is gone names no organization"
        organization = str(row.row["organization"])
    link = stating(tx).state(tx, kind, organization=organization, by=by, rows=(row,), **members)
    if "link" in table.c:
        tx.execute(table.update().where(stated.key_of(table) == id_).values(link=link))
    return link
