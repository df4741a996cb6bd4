"""How much cash the drawer of a register holds, for a law that lets nobody take more out of it."""

from collections.abc import Iterator
from decimal import Decimal

from fiscus.issuing import signing
from fiscus.issuing.counting import PeriodCount
from fiscus.issuing.group import OrderGroup
from fiscus.issuing.sites import LockedRegister
from fiscus.journal import closings
from fiscus.model.amounts import ZERO
from fiscus.model.documents import DocumentKind, Draft, PaymentMeans
from fiscus.model.kinds import SEALED
from fiscus.model.orders import Enter, Issue, Order
from fiscus.registry import sessions


def left(group: OrderGroup, site: LockedRegister, draft: Draft) -> Decimal | None:
    """What the drawer holds before the draft, if the draft takes cash out of it within a session;
    None else: it is counted for nobody who puts money in."""
    register = site.place.register.id
    if DocumentKind.OPENING not in site.regime.issues or draft.is_training or _cash(draft) >= 0:
        return None
    if site.session is None and sessions.current(group.tx, register) is None:
        return None
    before, since = _committed(group, site), _begun(site, site.start)
    # What this group has made is in the table only as far as a closing wanted it there.
    _count(group, since, site.head.sequence)
    for record in group.records:
        if record.body.chain == register and record.kind in SEALED:
            since.add(record.kind, record.body)
    known = sum((one.expected + (one.difference or ZERO) for one in (before, since)), ZERO)
    return known + sum(_promised(group, register), ZERO)


def _cash(draft: Draft) -> Decimal:
    return sum((x.amount for x in draft.payments if x.means is PaymentMeans.CASH), ZERO)


def _committed(group: OrderGroup, site: LockedRegister) -> PeriodCount:
    """The period as far as it stood when the register was locked. It is kept and goes on from
    there: a drawer that gives back often is not counted anew each time."""
    key = (site.place.register.id, site.head.epoch, site.closed)
    count = group.services.drawers.get(key)
    if count is None or count.counted_to > site.start:
        count = _begun(site, site.closed)
    _count(group, count, site.start)
    group.services.keep_drawer(key, count)
    return count


def _begun(site: LockedRegister, after: int) -> PeriodCount:
    return PeriodCount(
        register=site.place.register.id, first_sequence=site.closed + 1, counted_to=after
    )


def _count(group: OrderGroup, count: PeriodCount, end: int) -> None:
    first = count.counted_to + 1
    for kind, body, original in closings.counted(group.tx, count.register, first, end):
        count.add(kind, body, original)


def _promised(group: OrderGroup, register: str) -> Iterator[Decimal]:
    """What leaves the drawer by documents that its device is signing just now."""
    orders: dict[str, Order | None] = {
        one.intent: one.order for one in signing.in_flight(group.tx, register)
    }
    orders |= {one.intent: one.order for one in group.begun if one.register == register}
    orders |= {after.intent: after.order for _, after in group.moves if after.register == register}
    for intent, order in orders.items():
        if isinstance(order, Issue | Enter) and intent not in group.used:
            yield min(_cash(order.draft), ZERO)
