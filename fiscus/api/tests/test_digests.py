"""The digest of a request is asked for again as long as its record is kept: it never changes."""

import hmac
import json
from typing import Any

from fiscus.access.tokens import Caller
from fiscus.api.families.reporting import calls as reporting
from fiscus.api.families.reporting.routes import ENDPOINTS
from fiscus.api.families.unified import calls as unified
from fiscus.api.families.unified import operations
from fiscus.model.tests.clock import MORNING

KEY = bytes(range(32))
GOLDEN_UNIFIED = "12a0ca5f1f918961b158573aeaeed737ca0e0aad37728755673158f41336d45a"
GOLDEN_REPORTING = "49dfeac41a5ab62c6965384e8068b0e4e32dc58b6e5485faf6793648272a4027"
CALLER = Caller(organization="o-1", subject="s-1", role="till", generation=3)


def mac(*parts: str) -> str:
    said = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
    return hmac.digest(KEY, said.encode(), "sha256").hex()


def unified_call(**more: Any) -> unified.UnifiedCall:
    said: dict[str, Any] = {
        "operation": operations.find("updateRecord"),
        "version": "2026-05-04",
        "trace": "t",
        "at": MORNING,
        "path": {"record_id": "r-1"},
        "query": {},
        "said": None,
        "body": None,
        "raw": b"",
        "key": "k-1",
        "scope": "",
        "caller": CALLER,
        "digest_key": KEY,
    }
    return unified.UnifiedCall(**(said | more))


def reporting_call(**more: Any) -> reporting.ReportingCall:
    operation = next(one for one, _ in ENDPOINTS if one.id == "completeOperation")
    said: dict[str, Any] = {
        "operation": operation,
        "at": MORNING,
        "fresh": "f-1",
        "request_id": "req_1",
        "digest_key": KEY,
        "path": {"operation_id": "op_1"},
        "raw": b'{"b": 1, "a": "\xc3\xa4"}',
        "key": "k-1",
        "caller": CALLER,
    }
    return reporting.ReportingCall(**(said | more))


def test_the_digest_of_the_unified_api() -> None:
    claim = unified_call().claim('{"a":"ä"}', "{}")

    assert claim.digest == mac(
        "unified", "updateRecord", "r-1", "", "2026-05-04", '{"a":"ä"}', "{}"
    )
    assert claim.digest == GOLDEN_UNIFIED
    assert (claim.scope, claim.key, claim.metadata) == ("o-1", "s-1:k-1", "")


def test_the_digest_of_the_reporting_api() -> None:
    claim = reporting_call().claim()

    assert claim.digest == mac("reporting", "completeOperation", "op_1", '{"a":"ä","b":1}')
    assert claim.digest == GOLDEN_REPORTING
    assert (claim.scope, claim.key) == ("o-1", "reporting:completeOperation:s-1:k-1")


def test_everything_that_is_said_counts() -> None:
    calls = [
        unified_call(),
        unified_call(version="2026-06-01"),
        unified_call(scope="x"),
        unified_call(path={"record_id": "r-2"}),
        unified_call(digest_key=bytes(32)),
        unified_call(operation=operations.find("updateSystem")),
    ]
    digests = {one.claim("{}", "{}").digest for one in calls}
    digests |= {unified_call().claim(*said).digest for said in (("{}",), ("{}\n{}",), ("", "{}"))}

    assert len(digests) == len(calls) + 3


def test_the_role_and_the_secret_of_a_key_do_not_count() -> None:
    """After a rotation the same request is the same."""
    other = Caller(organization="o-1", subject="s-1", role="till", generation=4)

    assert unified_call(caller=other).claim("{}") == unified_call().claim("{}")


def test_a_claim_belongs_to_the_key_that_made_it() -> None:
    other = Caller(organization="o-1", subject="s-2", role="till", generation=3)

    assert unified_call(caller=other).claim("{}").key != unified_call().claim("{}").key
    assert reporting_call(caller=other).claim().key != reporting_call().claim().key
