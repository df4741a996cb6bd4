"""What schemathesis says for us: a fresh key for each write, and ids of things that exist.

Loaded by `bench/fuzz.py` into schemathesis; what exists is told in the environment.
"""

import json
import os
import random
from typing import Any
from uuid import uuid4

import schemathesis

from bench import merchant, sales
from bench.merchant import Caller

KNOWN = json.loads(os.environ.get("FISCUS_FUZZ_KNOWN", "{}"))
"""`bearer`, `port`, `shop` (to sell at), `victim` (to be changed and closed)."""

REAL = 0.7
"""How often an id that the generator made up is replaced by one that exists."""

CHANGES = ("updateTaxpayer", "updateLocation", "updateSystem")

_chance = random.Random(int(os.environ.get("FISCUS_FUZZ_SEED", "1")))


def _is_made_to_work(case: Any) -> bool:
    """Whether the generator wanted a good request, not one that breaks the schema."""
    return case.meta is None or case.meta.generation.mode.is_positive


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    if not KNOWN or not _is_made_to_work(case):
        return
    if "X-Idempotency-Key" in (case.headers or {}):
        case.headers["X-Idempotency-Key"] = str(uuid4())
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
