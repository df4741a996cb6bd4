"""The proof of what an operation left in the journal, to be checked without this service."""

from collections.abc import Mapping

from sqlalchemy import Connection

from fiscus.api.families.reporting import finding, ids
from fiscus.api.families.reporting.calls import (
    Endpoints,
    ReportingAnswer,
    ReportingCall,
    ReportingOperation,
)
from fiscus.api.families.reporting.translate_registry import moment
from fiscus.api.families.reporting.wire.proofs import OperationProof
from fiscus.api.pipeline import ReadOperation
from fiscus.journal import proving
from fiscus.model.faults import Conflict
from fiscus.registry.roles import Scope
from fiscus.services import Services

WORDS: Mapping[str, tuple[int, str]] = {proving.NOT_COVERED.id: (409, "proof_pending")}


def retrieve(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    """Of the record that concluded the operation, or of its beginning while it is open."""
    acted = finding.one(tx, call, ids.read("op", call.path["operation_id"]))
    entry = (acted.conclusion or acted.intent).id
    try:
        proof = proving.of(tx, entry)
    except Conflict:
        every = services.settings.checkpoint_seconds
        call.headers["Retry-After"] = str(proving.seconds_left(tx, entry, call.at, every))
        raise
    shown = {
        "operation_id": ids.shown("op", acted.intent.id),
        "record_id": entry,
        "link": proof.link,
        "origin": proof.origin,
        "index": proof.index,
        "size": proof.size,
        "witnesses": [
            {"name": one.name, "signed_at": moment(one.signed_at)} for one in proof.witnesses
        ],
        "proof": proof.text,
    }
    return ReportingAnswer(200, shown)


ENDPOINTS: Endpoints = (
    (
        ReportingOperation(
            id="retrieveOperationProof",
            method="GET",
            path="/v1/operations/{operation_id}/proof",
            summary="Retrieve the proof that an operation is in the log",
            statuses=(200, 404, 409),
            answer=OperationProof,
            scope=Scope.DOCUMENTS,
            is_extension=True,
        ),
        ReadOperation(retrieve),
    ),
)
