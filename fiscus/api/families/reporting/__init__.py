"""The Reporting API: merchants, registers, operations, cash sessions, closings, exports."""

from fiscus.api.families import ApiFamily
from fiscus.api.families.reporting import openapi, routes
from fiscus.api.families.reporting.calls import FAMILY
from fiscus.api.families.reporting.told import told

FAMILIES = (
    ApiFamily(
        code=FAMILY,
        owns=(
            "/v1/merchants",
            "/v1/locations",
            "/v1/registers",
            "/v1/operations",
            "/v1/sessions",
            "/v1/tabs",
            "/v1/closings",
            "/v1/exports",
        ),
        answers_below="/v1",
        mounted=routes.mounted,
        versions=(openapi.VERSION,),
        current=openapi.VERSION,
        document=openapi.document,
        told=told,
    ),
)
