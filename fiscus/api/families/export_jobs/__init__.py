"""The Export Jobs API: batches of accounting entries on their way into an accounting system."""

from fiscus.api.families import ApiFamily
from fiscus.api.families.export_jobs import openapi, routes
from fiscus.api.families.export_jobs.calls import FAMILY
from fiscus.api.families.export_jobs.told import told

FAMILIES = (
    ApiFamily(
        code=FAMILY,
        owns=(
            "/v0",
            "/v1/export-jobs",
            "/v1/export-items",
            "/v1/export-job-events",
            "/v1/accounting-entries",
            "/v1/accounting-entries:search",
            "/v2",
            "/v3",
        ),
        mounted=routes.mounted,
        versions=(openapi.VERSION,),
        current=openapi.VERSION,
        document=openapi.document,
        told=told,
    ),
)
