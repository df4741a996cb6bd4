"""The endpoints of this family, from the table of its module."""

from fiscus.api import pipeline
from fiscus.api.families import MountedFamily
from fiscus.api.families.webhooks.conventions import UNKNOWN, conventions
from fiscus.api.families.webhooks.subscriptions import ENDPOINTS
from fiscus.services import Services


def mounted(services: Services) -> MountedFamily:
    spoken = conventions(services)
    return MountedFamily(
        endpoints=pipeline.endpoints(services, spoken, ENDPOINTS),
        nothing=pipeline.nothing(services, spoken, UNKNOWN),
    )
