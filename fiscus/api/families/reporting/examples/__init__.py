"""Bodies as callers send and get them: for the OpenAPI document, and checked by its tests."""

from typing import Any

from fiscus.api.families.reporting.examples import registry, sales

REQUESTS: dict[str, dict[str, Any]] = {**registry.REQUESTS, **sales.REQUESTS}
ANSWERS: dict[str, dict[str, Any]] = {**registry.ANSWERS, **sales.ANSWERS}
