"""The address of a page for the customer, shown beside what the law made of an operation."""

import msgspec
from sqlalchemy import Connection

from fiscus.api.families.reporting.translate.operations import OperationContext
from fiscus.journal.intents import IntentionView
from fiscus.services import Services


def with_receipt(
    services: Services,
    known: OperationContext,
    acted: IntentionView,
    tx: Connection | None = None,
) -> OperationContext:
    """What is known of an operation, with that address, if it has one."""
    receipt = services.receipts.of(acted.kind, acted.conclusion, tx)
    return msgspec.structs.replace(known, receipt=receipt) if receipt else known
