"""The unified API: organizations, taxpayers, locations, systems, records, files."""

from fiscus.api.families import ApiFamily
from fiscus.api.families.unified import openapi, routes, versions
from fiscus.api.families.unified.calls import FAMILY
from fiscus.api.families.unified.told import told

FAMILIES = (
    ApiFamily(
        code=FAMILY,
        owns=(
            "/tokens",
            "/subjects",
            "/organizations",
            "/taxpayers",
            "/locations",
            "/systems",
            "/records",
            "/files",
            "/series",
        ),
        answers_below="/",
        mounted=routes.mounted,
        versions=versions.VERSIONS,
        current=versions.CURRENT,
        document=openapi.document,
        told=told,
    ),
)
