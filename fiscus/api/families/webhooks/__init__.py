"""The webhooks API: subscriptions to events of all families, and how their deliveries went."""

from fiscus.api.families import ApiFamily
from fiscus.api.families.webhooks import openapi, routes
from fiscus.api.families.webhooks.calls import FAMILY

FAMILIES = (
    ApiFamily(
        code=FAMILY,
        owns=("/v1/subscriptions",),
        mounted=routes.mounted,
        versions=(openapi.VERSION,),
        current=openapi.VERSION,
        document=openapi.document,
    ),
)
