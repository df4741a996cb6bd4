"""Which currencies the entries of export jobs have: older versions of the export API show one."""

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from fiscus.store.accounting_schema import ACCOUNTING_ENTRY, EXPORT_JOB_ITEM


def are_mixed(tx: Connection, jobs: Collection[str]) -> bool:
    """Whether one of these jobs has entries of several currencies."""
    item, entry = EXPORT_JOB_ITEM, ACCOUNTING_ENTRY
    query = (
        select(item.c.job)
        .join(entry, entry.c.id == item.c.entry)
        .where(item.c.job.in_(list(jobs)))
        .group_by(item.c.job)
        .having(func.count(entry.c.currency.distinct()) > 1)
    )
    return tx.execute(query.limit(1)).first() is not None
