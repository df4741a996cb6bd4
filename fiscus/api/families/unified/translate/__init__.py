"""The family's words into orders, and things and records into the family's words: all pure."""

from fiscus.api.families.unified.translate.answers import (
    file,
    location,
    organization,
    page,
    subject,
    system,
    taxpayer,
    token,
    user,
)
from fiscus.api.families.unified.translate.companion import document, headers, proof
from fiscus.api.families.unified.translate.contents import (
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
from fiscus.api.families.unified.translate.drafts import NOT_IMPLEMENTED, draft, echo
from fiscus.api.families.unified.translate.fault_places import in_words
from fiscus.api.families.unified.translate.months import month
from fiscus.api.families.unified.translate.reports import of_record as reports_of_record
from fiscus.api.families.unified.translate.reports import report
from fiscus.api.families.unified.translate.series import series
from fiscus.api.families.unified.translate.shown import record, type_of
from fiscus.api.families.unified.translate.unplaced import expect_places

__all__ = [
    "NOT_IMPLEMENTED",
    "LocationOrder",
    "SystemOrder",
    "TaxpayerOrder",
    "as_json",
    "document",
    "draft",
    "echo",
    "expect_places",
    "file",
    "headers",
    "identifier",
    "in_words",
    "location",
    "location_order",
    "masked",
    "merged",
    "month",
    "organization",
    "page",
    "proof",
    "record",
    "report",
    "reports_of_record",
    "series",
    "subject",
    "system",
    "system_order",
    "taxpayer",
    "taxpayer_order",
    "token",
    "type_of",
    "user",
]
