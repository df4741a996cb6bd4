"""What schemathesis says for us: a fresh key for each write, and ids of things that exist.

Loaded by `bench/fuzz.py` into schemathesis; what exists is told in the environment.
"""

import json
import os
import random
from typing import Any
from uuid import uuid4

import schemathesis

from bench import fuzz_kiosk, merchant, sales
from bench.fuzz_kiosk import Kiosk
from bench.merchant import Caller

KNOWN = json.loads(os.environ.get("FISCUS_FUZZ_KNOWN", "{}"))
"""`bearer`, `port`, `shop` (to sell at), `victim` (to be changed and closed)."""

REAL = 0.7
"""How often an id that the generator made up is replaced by one that exists."""

GOOD = 0.5
"""How often a body whose sums could never agree by chance is replaced by a good one."""

REPORTING = "reporting_"
CHANGES = (
    "updateTaxpayer",
    "updateLocation",
    "updateSystem",
    "reporting_updateMerchant",
    "reporting_deleteMerchant",
    "reporting_updateLocation",
    "reporting_updateRegister",
    "reporting_fiscalizeRegister",
    "reporting_decommissionRegister",
)

_chance = random.Random(int(os.environ.get("FISCUS_FUZZ_SEED", "1")))


def _is_made_to_work(case: Any) -> bool:
    """Whether the generator wanted a good request, not one that breaks the schema."""
    return case.meta is None or case.meta.generation.mode.is_positive


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    if not KNOWN or not _is_made_to_work(case):
        return
    for name in ("X-Idempotency-Key", "Idempotency-Key"):
        if name in (case.headers or {}):
            case.headers[name] = str(uuid4())
    if _chance.random() < REAL:
        _use_real_ids(case)


def _use_real_ids(case: Any) -> None:
    operation = case.operation.definition.raw["operationId"]
    things = KNOWN["victim"] if operation in CHANGES else KNOWN["shop"]
    for name in case.path_parameters or {}:
        if name in things:
            case.path_parameters[name] = things[name]
    for name in case.query or {}:
        if name in things:
            case.query[name] = things[name]
    if operation.startswith(REPORTING):
        _report(case, operation.removeprefix(REPORTING), things)
        return
    if "X-Scope-Identifier" in (case.headers or {}):
        del case.headers["X-Scope-Identifier"]
    body = case.body if isinstance(case.body, dict) else {}
    if isinstance(content := body.get("content"), dict):
        _refer(content, things)


def _refer(content: dict[str, Any], things: dict[str, str]) -> None:
    """The references of a body: to the taxpayer, the location, the system, an open intention."""
    for name in ("taxpayer", "location", "system"):
        if isinstance(content.get(name), dict):
            content[name]["id"] = things[f"{name}_id"]
    if content.get("type") != "TRANSACTION":
        return
    content["record"]["id"] = _intention(things["system_id"])
    if "record" in content["operation"]:
        content["operation"]["record"]["id"] = things["record_id"]


def _intention(system: str) -> str:
    caller = Caller(merchant.over_http(KNOWN["port"]), KNOWN["bearer"])
    said = json.loads(sales.intention(system))
    return str(caller.say("POST", "/records", said["content"])["id"])


ADDRESSED = {"printClosing": "pdf", "downloadExport": "file"}


def _report(case: Any, operation: str, things: dict[str, Any]) -> None:
    """The merchant of the Reporting API is named by a header; what is asked of its till must be
    possible there, or nothing would ever come of it."""
    if case.headers is not None:
        case.headers.pop("OpenFiskal-Organization", None)
        case.headers["X-OpenFiskal-Merchant"] = things["merchant_id"]
    if isinstance(case.body, dict):
        names = {
            "register_id": "register_id",
            "location_id": "location_id",
            "related_operation_id": "operation_id",
        }
        case.body |= {name: things[of] for name, of in names.items() if case.body.get(name)}
    if operation in ("completeOperation", "voidOperation"):
        case.path_parameters["operation_id"] = _kiosk(things).begins()
        case.headers["If-Match"] = fuzz_kiosk.FIRST
    if operation in ADDRESSED:
        case.query = (case.query or {}) | things[ADDRESSED[operation]]
    if _chance.random() < GOOD:
        _make_good(case, operation, things)


def _make_good(case: Any, operation: str, things: dict[str, Any]) -> None:
    """Sums that agree, a period that has passed, a register that can be closed."""
    if operation == "completeOperation":
        case.body = fuzz_kiosk.PAID
    elif operation == "createOperation" and case.body["type"] == "sale":
        case.body = {**fuzz_kiosk.SALE, "register_id": things["register_id"]}
    elif operation == "createExport":
        case.body |= fuzz_kiosk.DECADE
    elif operation == "createClosing":
        _kiosk(things).has_something_to_close()


def _kiosk(things: dict[str, Any]) -> Kiosk:
    return Kiosk(
        port=KNOWN["port"],
        key=KNOWN["bearer"],
        merchant=things["merchant_id"],
        register=things["register_id"],
    )
