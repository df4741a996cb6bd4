"""The end of an export job: its row says so, and the journal what was made from it."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from fiscus.exports import jobs
from fiscus.exports.states import ExportState
from fiscus.journal.statement import StatedExport, StatedHead
from fiscus.model.kinds import StatementKind
from fiscus.model.times import Period, micros_z
from fiscus.registry import stating
from fiscus.store.artifacts import Artifact
from fiscus.store.schema import CHAIN
from fiscus.webhooks import events
from fiscus.webhooks.event_types import EventType


class ExportedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was made from the journal: the id of its job, or its name if a command made it;
    and where the chains of registers ended that it was read from."""

    organization: str
    file: str
    type: str
    period: Period
    heads: tuple[StatedHead, ...]


def heads(tx: Connection, organization: str) -> tuple[StatedHead, ...]:
    """Where the chains of all the organization's registers end, for the transaction that reads
    them."""
    query = select(CHAIN).where(
        CHAIN.c.organization == organization, CHAIN.c["class"] == "register"
    )
    return tuple(
        StatedHead(chain=row.id, epoch=row.epoch, sequence=row.sequence, link=row.link)
        for row in tx.execute(query.order_by(CHAIN.c.id))
    )


def complete(
    tx: Connection,
    job: jobs.ExportFile,
    kept: Artifact,
    read: tuple[StatedHead, ...],
    at: datetime,
    **values: object,
) -> None:
    """The job has its file; `read` is where the chains ended when it was made, `values` what else
    its row says. Raises `Conflict` if another process was faster."""
    jobs.move(
        tx,
        job.id,
        ExportState.COMPLETED,
        artifact=kept.digest,
        bytes=kept.size,
        completed_at=micros_z(at),
        **values,
    )
    made = ExportedFile(
        organization=job.organization,
        file=job.id,
        type=job.format or job.type.value,
        period=Period(first=job.first, last=job.last),
        heads=read,
    )
    state(tx, made, kept, stating.SERVICE)
    events.tell(tx, job.organization, EventType.EXPORT_COMPLETED, job.id, at, company=job.taxpayer)


def state(tx: Connection, made: ExportedFile, kept: Artifact, by: str) -> None:
    """The organization's chain says that the file was made, from what, and which bytes it has."""
    stating.stating(tx).state(
        tx,
        StatementKind.EXPORT,
        organization=made.organization,
        by=by,
        export=StatedExport(
            file=made.file,
            type=made.type,
            first=made.period.first,
            last=made.period.last,
            heads=made.heads,
            sha256=kept.digest,
            bytes=kept.size,
        ),
    )
