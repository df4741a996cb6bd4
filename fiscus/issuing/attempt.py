"""One visit of an order to a transaction: how far the order has come, and what the law looks at.

An order may visit several times, because authorities and devices are asked between two commits.
Each visit makes its own value: time, place in the series and original may have moved since.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from fiscus.issuing import cases, numbering, recording, signing
from fiscus.issuing.answered import record
from fiscus.issuing.answers import Answer, DeviceAnswer, OrderDone, OrderFailed, QueuedOrder
from fiscus.issuing.group import OrderGroup, prepared
from fiscus.issuing.signing import DeviceRequest
from fiscus.issuing.sites import Intent, LockedRegister
from fiscus.model.documents import Draft
from fiscus.model.faults import Code, Conflict, Refused, Unavailable
from fiscus.model.kinds import EntryKind
from fiscus.model.orders import Enter, Issue, Open
from fiscus.model.records import Case, SeriesWanted

UNKNOWN_INTENT = Code("ISSUE-INTENT-01", "no intention with this id is visible to you")
NOT_AN_INTENT = Code("ISSUE-INTENT-02", "only an intention can be concluded")
INTENT_USED = Code("ISSUE-INTENT-03", "this intention has been concluded already")


@dataclass(frozen=True, kw_only=True)
class OrderVisit:
    """What every order has: its register under lock, the row that says what its device was asked
    (None: nothing), and the `id` of the record that it becomes."""

    group: OrderGroup
    waiting: QueuedOrder
    id: str
    site: LockedRegister
    pending: DeviceRequest | None = None

    @property
    def device(self) -> DeviceAnswer:
        assert self.waiting.device is not None, "only for an order that comes back from its device"
        return self.waiting.device

    @cached_property
    def at(self) -> datetime:
        return recording.entry_time(self.group, self.site)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What brings a document or an act: besides its visit, the intention that it concludes (empty:
    it opens one itself), and everything the law may look at, worked out when it is asked for.
    `is_read`: its draft is already as the law read it, when a device was asked to finish."""

    visit: OrderVisit
    order: Issue | Enter
    intent: str = ""
    is_training: bool = False
    is_read: bool = False

    @cached_property
    def _prepared(self) -> tuple[Draft, SeriesWanted | None]:
        visit = self.visit
        return prepared(visit.group, self.order, visit.site, is_training=self.is_training)

    @property
    def draft(self) -> Draft:
        """As it was said, with its time; `case.draft` is how the law reads it."""
        return self._prepared[0]

    @property
    def wanted(self) -> SeriesWanted | None:
        return self._prepared[1]

    @property
    def head(self) -> numbering.SeriesHead | None:
        """Where the series ends; None: the law numbers nothing here, or not yet."""
        return self.visit.group.head(self.visit.site, self.wanted)

    @property
    def is_sealed(self) -> bool:
        """What is not numbered is not sealed: no key and no device hears of it, and its record is
        proved by the journal alone."""
        return self.head is not None

    @cached_property
    def case(self) -> Case:
        visit = self.visit
        return cases.case(
            visit.group,
            visit.site,
            self.draft,
            self.head,
            visit.at,
            claims_number=isinstance(self.order, Issue) and self.order.claims_number,
            is_read=self.is_read,
        )


def opening(group: OrderGroup, order: Open, waiting: QueuedOrder, id_: str) -> OrderVisit:
    """A sale is about to begin. Raises what stands against it at this place."""
    site = recording.operative(group, order, order.register)
    if not order.is_online:
        recording.expect_register(site)
    recording.expect_device(group, site)
    return OrderVisit(group=group, waiting=waiting, id=id_, site=site)


def concluding(group: OrderGroup, order: Issue, waiting: QueuedOrder, id_: str) -> Attempt:
    """A document for an intention. Raises what stands against it at this place."""
    intent = _intent(group, order)
    site = recording.operative(group, order, intent.register)
    recording.expect_known(group, site, order.draft)
    pending = _open_row(group, intent) if site.device else None
    visit = OrderVisit(group=group, waiting=waiting, id=id_, site=site, pending=pending)
    return Attempt(visit=visit, order=order, intent=intent.id, is_training=intent.is_training)


def entering(group: OrderGroup, order: Enter, waiting: QueuedOrder, id_: str) -> Attempt:
    """What opens and concludes at once. Raises what stands against it at this place."""
    site = recording.operative(group, order, order.register)
    recording.expect_register(site)
    recording.expect_known(group, site, order.draft)
    recording.expect_device(group, site)
    return Attempt(visit=OrderVisit(group=group, waiting=waiting, id=id_, site=site), order=order)


def answered(group: OrderGroup, waiting: QueuedOrder, id_: str) -> OrderVisit | Answer:
    """An order that comes back from its device. What was asked is taken before anything else is
    checked: an answer that comes twice counts once, and the second gets the record as made."""
    pending = group.asked.pop(id_, None)
    if pending is None:
        return waiting.made or made(group, id_, waiting.order.claim.metadata)
    return OrderVisit(
        group=group, waiting=waiting, id=id_, site=group.sites[pending.register], pending=pending
    )


def going_on(visit: OrderVisit, order: Issue | Enter) -> Attempt:
    """The document or act for which the device was asked. It was lawful then."""
    assert visit.pending is not None
    known = visit.group.intents.get(visit.pending.intent)
    is_training = known is not None and known.is_training
    return Attempt(
        visit=visit,
        order=order,
        intent=visit.pending.intent,
        is_training=is_training,
        is_read=visit.pending.state is signing.DeviceRequestState.FINISHING,
    )


def made(group: OrderGroup, id_: str, label: str) -> Answer:
    """The record, if another request has made it already. Raises `Unavailable` while it is being
    made."""
    found = record(group.tx, id_)
    if found is None:
        return OrderFailed(trouble=Unavailable(signing.IN_FLIGHT))
    return OrderDone(record=found[0], previous_id=found[1], metadata=label)


def _intent(group: OrderGroup, order: Issue) -> Intent:
    intent = group.intents.get(order.intent)
    is_theirs = intent is not None and intent.organization == order.organization
    if intent is None or not is_theirs or (order.within and intent.register not in order.within):
        raise Refused(UNKNOWN_INTENT, "intent")
    if intent.kind != EntryKind.INTENT:
        raise Conflict(NOT_AN_INTENT)
    if intent.id in group.used:
        raise Conflict(INTENT_USED)
    return intent


def _open_row(group: OrderGroup, intent: Intent) -> DeviceRequest:
    """What the device knows of the intention. Raises `Unavailable` while it is being asked."""
    pending = group.pending.get(intent.id)
    if pending is None or pending.state is not signing.DeviceRequestState.OPEN:
        raise Unavailable(signing.IN_FLIGHT)
    return pending
