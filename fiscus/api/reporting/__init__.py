"""The Reporting API: merchants, registers, operations, cash sessions, closings, exports."""

from functools import cache

import msgspec

from fiscus.api.reporting.openapi import document as _document
from fiscus.api.reporting.routes import routes

__all__ = ["document", "routes"]


@cache
def document() -> bytes:
    """The exact OpenAPI document, as JSON."""
    return msgspec.json.encode(_document("/"))
