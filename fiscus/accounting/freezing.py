"""Freezes the entries of an export job as its items. What cannot be booked or written fails here by
itself, before anything is on its way."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection

from fiscus.accounting import bookkeeping, entries, items, targets
from fiscus.accounting.entry_rows import AccountingEntry
from fiscus.accounting.frozen import Freezer, freezer
from fiscus.accounting.items import ExportJobItem
from fiscus.accounting.job_rows import ExportJob
from fiscus.accounting.mapping import BooksContent
from fiscus.accounting.states import ItemFailure, ItemStatus
from fiscus.formats import EntryJudge
from fiscus.model.faults import Code, Refused
from fiscus.registry import taxpayers
from fiscus.store.accounting_schema import EXPORT_JOB_REGISTER
from fiscus.store.insert import insert_many

MISSING_CONTRA = Code(
    "BOOKS-JOB-10",
    "the account against which the entries stand is not mapped: add a rule for this key to the "
    "mapping of the company",
)
_PIECE = 500
"""How many entries are read, frozen and written at a time."""

_FAULTS_MAX = 3
"""How many of an item's faults its message tells."""


def freeze(
    tx: Connection,
    job: ExportJob,
    ids: Sequence[str],
    content: BooksContent,
    *,
    must_have_contra: bool,
) -> str:
    """Write the items in this order, piece by piece; gives the SHA-256 over all of them. Raises
    `Refused` with the keys of contra accounts that are missing, if they must be there."""
    unmapped = bookkeeping.unmapped(taxpayers.by_id(tx, job.company).taxpayer.regime)
    frozen_as, judge = freezer(content, unmapped), targets.judge(content, job.target)
    digest, registers = hashlib.sha256(), set[str]()
    without: dict[str, None] = {}
    for start in range(0, len(ids), _PIECE):
        piece = ids[start : start + _PIECE]
        read = entries.by_ids(tx, job.company, piece)
        registers.update(entry.register for entry in read.values() if entry.register)
        frozen = [_frozen(job, read[id_], frozen_as, judge) for id_ in piece]
        without.update(
            (read[item.entry].content.contra_key, None)
            for item in frozen
            if must_have_contra and not item.frozen.has_contra
        )
        digest.update(items.insert(tx, start, frozen).encode())
    if without:
        raise Refused(MISSING_CONTRA, *without)
    insert_many(tx, EXPORT_JOB_REGISTER, [(job.id, register) for register in sorted(registers)])
    return digest.hexdigest()


def _frozen(
    job: ExportJob, entry: AccountingEntry, frozen_as: Freezer, judge: EntryJudge
) -> ExportJobItem:
    """The entry as an item: failed if it has no account, or the format cannot hold it."""
    item, doubts = frozen_as(entry)
    found = judge(item.booked)
    said = [fault.text for fault in item.faults[:_FAULTS_MAX]]
    said += [fault.sentence() for fault in found.faults[:_FAULTS_MAX]]
    type_ = item.faults[0].type if item.faults else ItemFailure.VALIDATION_FAILURE
    return ExportJobItem(
        job=job.id,
        entry=entry.id,
        status=ItemStatus.FAILED if said else ItemStatus.PENDING,
        failure_reason="; ".join(said)[: items.TEXT_MAX],
        failure_type=type_ if said else None,
        frozen=item,
        warnings=tuple(dict.fromkeys((*doubts, *found.warnings))),
    )
