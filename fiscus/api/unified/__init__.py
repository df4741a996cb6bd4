"""The unified API: organizations, taxpayers, locations, systems, records, files."""

from functools import cache

import msgspec

from fiscus.api.unified.door import not_found
from fiscus.api.unified.openapi import document as _document
from fiscus.api.unified.routes import direct, routes
from fiscus.api.unified.versions import CURRENT

__all__ = ["direct", "document", "not_found", "routes"]


@cache
def document() -> bytes:
    """The exact OpenAPI document of the version that we speak natively, as JSON."""
    return msgspec.json.encode(_document(CURRENT, "/"))
