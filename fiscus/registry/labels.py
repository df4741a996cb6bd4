"""What callers attach to records: their own keys and values, beside the journal, never in it."""

from collections.abc import Mapping

from sqlalchemy import Connection

from fiscus.model.kinds import StatementKind
from fiscus.registry.stating import state
from fiscus.registry.versions import as_json
from fiscus.store.schema import LABEL


def put(
    tx: Connection, organization: str, entry: str, metadata: Mapping[str, str], by: str
) -> None:
    """Replace the label of a record of that organization; an empty one takes it away."""
    tx.execute(LABEL.delete().where(LABEL.c.entry == entry))
    if metadata:
        tx.execute(LABEL.insert().values(entry=entry, metadata=as_json(metadata)))
    state(tx, StatementKind.LABEL, LABEL, entry, organization=organization, by=by)
