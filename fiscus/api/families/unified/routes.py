"""The operations of this family: all endpoints of the Unified API, by method and path."""

from collections.abc import Mapping

from fiscus.api import pipeline
from fiscus.api.families import MountedFamily
from fiscus.api.families.unified import (
    access,
    entities,
    files,
    months,
    operations,
    records,
    reports,
    series,
)
from fiscus.api.families.unified.calls import UnifiedCall
from fiscus.api.families.unified.conventions import conventions
from fiscus.api.pipeline import Act, Do, Handler, ReadOperation, WriteOperation
from fiscus.services import Services

READS: Mapping[str, Do[UnifiedCall]] = {
    **access.READS,
    **entities.READS,
    **records.READS,
    **files.READS,
    **months.READS,
    **reports.READS,
    **series.READS,
}
WRITES: Mapping[str, Do[UnifiedCall]] = {
    **access.WRITES,
    **entities.WRITES,
    **records.WRITES,
    **files.WRITES,
    **months.WRITES,
    **reports.WRITES,
    **series.WRITES,
}
OTHERS: Mapping[str, Handler[UnifiedCall]] = {
    "createRecord": records.create,
    "streamFile": files.stream,
}


def mounted(services: Services) -> MountedFamily:
    """An endpoint per operation of the table; a missing handler is found here, at the start."""
    spoken = conventions(services)
    table = [(operation, _act(operation.id)) for operation in operations.OPERATIONS]
    return MountedFamily(
        endpoints=pipeline.endpoints(services, spoken, table),
        nothing=pipeline.nothing(services, spoken, operations.UNKNOWN),
    )


def _act(operation_id: str) -> Act[UnifiedCall]:
    if operation_id in OTHERS:
        return OTHERS[operation_id]
    if operation_id in READS:
        return ReadOperation(READS[operation_id])
    return WriteOperation(WRITES[operation_id])
