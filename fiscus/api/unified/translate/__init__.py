"""The family's words into orders, and things and records into the family's words: all pure."""

from fiscus.api.unified.translate.answers import (
    file,
    location,
    organization,
    page,
    subject,
    system,
    taxpayer,
    token,
)
from fiscus.api.unified.translate.contents import (
    LocationOrder,
    SystemOrder,
    TaxpayerOrder,
    as_json,
    identifier,
    location_order,
    masked,
    merged,
    system_order,
    taxpayer_order,
)
from fiscus.api.unified.translate.drafts import NOT_IMPLEMENTED, draft, echo
from fiscus.api.unified.translate.shown import record, type_of

__all__ = [
    "NOT_IMPLEMENTED",
    "LocationOrder",
    "SystemOrder",
    "TaxpayerOrder",
    "as_json",
    "draft",
    "echo",
    "file",
    "identifier",
    "location",
    "location_order",
    "masked",
    "merged",
    "organization",
    "page",
    "record",
    "subject",
    "system",
    "system_order",
    "taxpayer",
    "taxpayer_order",
    "token",
    "type_of",
]
