"""Ends what a register that goes out of service has begun: nobody can conclude it any more."""

from datetime import datetime

from sqlalchemy import Connection

from fiscus.issuing import recording
from fiscus.issuing.group import OrderGroup, lock_sites
from fiscus.issuing.services import IssuingServices
from fiscus.issuing.sites import LockedRegister
from fiscus.journal import intents
from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.faults import Code, Conflict
from fiscus.model.kinds import EntryKind
from fiscus.model.records import CallerWords

STILL_OPEN = Code(
    "FITTING-OPEN-02", "operations are still open: complete or cancel them, then decommission"
)
FAMILY = "decommissioning"
REASON = "left open when the system was decommissioned"


def end(tx: Connection, issuing: IssuingServices, register: str, at: datetime, by: str) -> None:
    """Each intention that is open is aborted in the journal. Raises `Conflict` where the law wants
    aborts numbered, and so sealed: the caller has to do it while the register is in service."""
    left = intents.still_open(tx, register)
    if not left:
        return
    group = OrderGroup(tx=tx, services=issuing, at=at)
    lock_sites(group, {register})
    site = group.sites[register]
    for intent, is_training in left:
        draft = Draft(kind=DocumentKind.ABORT, reason=REASON, issued_at=at, is_training=is_training)
        if site.regime.series(draft, site.place) is not None:
            raise Conflict(STILL_OPEN, *(id_ for id_, _ in left))
        _abort(group, site, intent, draft, by)
    recording.write(group)


def _abort(group: OrderGroup, site: LockedRegister, intent: str, draft: Draft, by: str) -> None:
    body = recording.body(
        site,
        group.services.ids(),
        EntryKind.ABORT,
        recording.entry_time(group, site),
        said=CallerWords(family=FAMILY, version="1", text=f'{{"reason":"{REASON}"}}'),
        intent=intent,
        draft=draft,
        by=by,
    )
    recording.enter(group, site, body)
