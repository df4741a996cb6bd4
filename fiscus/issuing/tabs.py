"""What is under way for a tab: what one request bills, another one must not bill meanwhile."""

from fiscus.issuing import signing
from fiscus.issuing.group import OrderGroup
from fiscus.issuing.signing import DeviceRequest
from fiscus.issuing.sites import LockedRegister
from fiscus.model import tabs
from fiscus.model.documents import Draft
from fiscus.model.faults import Unavailable
from fiscus.model.orders import Enter, Issue


def expect_alone(group: OrderGroup, site: LockedRegister, draft: Draft) -> None:
    """Raises `Unavailable` if the draft takes from what is left of its tab while the device is
    asked for another one that does: both would be judged against the same rest. What only adds to
    a tab waits for nobody. Without a device each is over within its transaction."""
    if not (draft.tab and site.device and tabs.lowers(draft)):
        return
    known = signing.in_flight(group.tx, site.place.register.id)
    fresh = (*group.begun, *(after for _, after in group.moves))
    if any(
        _is_for(pending, draft.tab) and pending.intent not in group.ended
        for pending in (*known, *fresh)
    ):
        raise Unavailable(signing.IN_FLIGHT)


def _is_for(pending: DeviceRequest, tab: str) -> bool:
    order = pending.order
    if not isinstance(order, Issue | Enter):
        return False
    return order.draft.tab == tab and tabs.lowers(order.draft)
