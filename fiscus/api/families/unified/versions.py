"""The dated versions of this API: what differs is turned into 2026-05-04, and back."""

from collections.abc import Callable
from typing import Any

import msgspec
from pydantic import TypeAdapter

from fiscus.api import bounds
from fiscus.api.families.unified.operations import UnifiedOperation
from fiscus.api.families.unified.wire import v2026_06_01
from fiscus.api.families.unified.wire.fiscalization import COUNTRIES_SINCE_2026_05_04
from fiscus.model.faults import Code, Refused

EARLIER, CURRENT, LATER = "2026-02-03", "2026-05-04", "2026-06-01"
VERSIONS = (EARLIER, CURRENT, LATER)

NOT_IN_VERSION = Code("UNIFIED-VERSION-01", "this API version does not know this member")
NOT_IMPLEMENTED = Code("UNIFIED-VERSION-02", "this kind of operation is not implemented yet")

Json = dict[str, Any]

REQUESTS: dict[tuple[str, str], TypeAdapter[Any]] = {
    (LATER, "createRecord"): v2026_06_01.CREATE_RECORD,
}
COMPLIANCE_SINCE_CURRENT = ("qr_code", "signature_hash", "software_certificate", "sequence")
RECORD_ANSWERS = ("createRecord", "updateRecord", "retrieveRecord", "listRecords")
KINDS_SINCE_LATER = ("OPENING",)
FILE_ANSWERS = ("createFile", "listFiles")
FILE_SINCE_LATER = ("type", "state", "mode", "taxpayer", "range")


def request(version: str, operation: UnifiedOperation) -> TypeAdapter[Any] | None:
    """What a body of this operation must look like in this version."""
    return REQUESTS.get((version, operation.id), operation.request)


def prepare(operation: UnifiedOperation) -> None:
    """Make what bodies are validated with: it takes a while, so not within the first request."""
    for version in VERSIONS:
        if spoken := request(version, operation):
            bounds.shape(spoken)


def read(version: str, operation: UnifiedOperation, raw: bytes) -> tuple[Any, Any]:
    """The body twice: as it was said, and as 2026-05-04. Both are one object where nothing
    differs. Raises pydantic's `ValidationError`, or `Refused` for what a version lacks.
    """
    assert operation.request is not None
    spoken = REQUESTS.get((version, operation.id), operation.request)
    said = bounds.shape(spoken).validated(raw)
    if version == CURRENT:
        return said, said
    body = upgrade(version, operation.id, msgspec.json.decode(raw))
    if spoken is operation.request:
        return said, said
    return said, operation.request.validate_python(body)


def upgrade(version: str, operation_id: str, body: Json) -> Json:
    """A valid request of any version as one of 2026-05-04."""
    if version == EARLIER:
        return _from_earlier(operation_id, body)
    if version == LATER and operation_id == "createRecord":
        return {**body, "content": _record_from_later(body["content"])}
    return body


def is_same(version: str, operation_id: str) -> bool:
    """Whether an answer of this version is shown as it was made."""
    return version == LATER or (version == CURRENT and operation_id not in FILE_ANSWERS)


def downgrade(version: str, operation_id: str, body: Json) -> Json:
    """An answer as one of any version. 2026-06-01 added optional members only; those of files are
    answered to who speaks it."""
    if is_same(version, operation_id):
        return body
    if operation_id in FILE_ANSWERS:
        return _each(_file_to_earlier, body)
    return _each(_record_to_earlier, body) if operation_id in RECORD_ANSWERS else body


def _each(change: Callable[[Json], Json], body: Json) -> Json:
    """Of a list each result, else the one."""
    if "results" in body:
        return {**body, "results": [change(one) for one in body["results"]]}
    return change(body)


def _file_to_earlier(answer: Json) -> Json:
    return {**answer, "content": _without(answer["content"], *FILE_SINCE_LATER)}


def _from_earlier(operation_id: str, body: Json) -> Json:
    """2026-02-03 knew no reasons, no corrections of invoices and no Portuguese taxpayers."""
    content = body.get("content", {})
    if operation_id in ("createTaxpayer", "updateTaxpayer"):
        if content.get("fiscalization", {}).get("type") in COUNTRIES_SINCE_2026_05_04:
            raise Refused(NOT_IN_VERSION, "content.fiscalization.type")
    elif operation_id == "createRecord" and content["type"] == "TRANSACTION":
        operation = content["operation"]
        if "reason" in operation:
            raise Refused(NOT_IN_VERSION, "content.operation.reason")
        if operation.get("data", {}).get("type") == "INVOICE":
            raise Refused(NOT_IN_VERSION, "content.operation.data.type")
    return body


def _record_to_earlier(answer: Json) -> Json:
    content = answer["content"]
    if "compliance" not in content:
        return answer
    compliance = {
        name: value
        for name, value in content["compliance"].items()
        if name not in COMPLIANCE_SINCE_CURRENT
    }
    return {**answer, "content": {**content, "compliance": compliance}}


def _record_from_later(content: Json) -> Json:
    operation = content["operation"]
    if content["type"] == "TRANSACTION":
        return {**content, "operation": _operation(operation)}
    if operation["type"] in KINDS_SINCE_LATER:
        raise Refused(NOT_IMPLEMENTED, "content.operation.type")
    if operation["type"] == "REPLAY":
        replayed = _record_from_later(operation["content"])
        return {**content, "operation": {**operation, "content": replayed}}
    return content


def _operation(operation: Json) -> Json:
    """What has no place in 2026-05-04 is left out here; the caller's words keep it."""
    kind = operation["type"]
    changed = _without(operation, "totals", "breakdown", "seller", "tax_representative")
    if "document" in operation:
        document = _without(operation["document"], "payment_terms", "references")
        changed["document"] = {**document, "total_vat": operation["totals"]["vat"]}
    if "entries" in operation:
        changed["entries"] = [
            {**entry, "data": _entry_data(entry["data"])} for entry in operation["entries"]
        ]
    if "recipients" in operation:
        changed["recipients"] = [_recipient(one) for one in operation["recipients"]]
    if "payments" in operation:
        changed["payments"] = [_payment(one) for one in operation["payments"]]
    if kind in ("INVOICE", "PRO_FORMA_INVOICE", "ENRICHMENT"):
        changed["breakdown"] = _breakdown(operation["breakdown"])
    if kind == "CORRECTION":
        changed["data"] = _operation(operation["data"])
        references = operation["data"]["document"].get("references", {})
        if "preceding_document" in references:
            changed.setdefault("preceding_document", references["preceding_document"])
    return changed


def _entry_data(data: Json) -> Json:
    changed = {**data, "unit": {**data["unit"], "price": data["unit"]["price"]["inclusive"]}}
    if "items" in data:
        changed["items"] = [_entry_data(item) for item in data["items"]]
    return changed


def _breakdown(items: list[Json]) -> list[Json]:
    rated = [
        {"percentage": item["percentage"], "amount": item["amount"]}
        for item in items
        if item["type"] == "VAT_RATE"
    ]
    return rated or [{"percentage": "0", "amount": "0.00"}]


def _recipient(recipient: Json) -> Json:
    changed = _without(recipient, "invoicing", "buyer_id", "company_id")
    if "shipping" in recipient:
        changed["shipping"] = _without(recipient["shipping"], "name")
    return changed


def _payment(payment: Json) -> Json:
    """An outstanding invoice is either for goods or for services: 2026-06-01 need not say."""
    changed = _without(payment, "instruction")
    if payment.get("concept") == "INVOICE":
        changed["concept"] = "GOOD"
    return changed


def _without(members: Json, *names: str) -> Json:
    return {name: value for name, value in members.items() if name not in names}
