"""The states of subscriptions and of deliveries."""

from enum import StrEnum


class SubscriptionStatus(StrEnum):
    """Whether a subscription is told of anything at present."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class DeliveryState(StrEnum):
    """Of one event on its way to one endpoint: still tried, taken by it, given up after the last
    attempt, or dropped because its subscription is inactive or gone."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    DROPPED = "DROPPED"


MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.PENDING: frozenset(
        {DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.DROPPED}
    ),
    DeliveryState.DELIVERED: frozenset({DeliveryState.PENDING}),
    DeliveryState.FAILED: frozenset({DeliveryState.PENDING}),
    DeliveryState.DROPPED: frozenset({DeliveryState.PENDING}),
}
"""From an end it goes back to PENDING when a caller asks for it once more."""
