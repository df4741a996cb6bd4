"""What broken clients send: refused with a word about the place, and nothing is written."""

import copy
import io
import json
from collections.abc import Callable
from typing import Any
from zipfile import ZipFile

import pytest
from lxml import etree

from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Json, Till, envelope, refusal

NOWHERE7 = "01a1e395-ae80-7000-8000-000000000000"
NOWHERE4 = "00000000-0000-4000-8000-000000000000"

OPERATION = ("content", "operation")
ENTRY = (*OPERATION, "entries", 0)
DATA = (*ENTRY, "data")
VAT = (*DATA, "vat")

# Where, what is put there (`...` takes it away), and what the message must name.
CHANGES: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("content",), ..., "content: is required"),
    (("content",), [], "content"),
    (("content", "type"), "NOTHING", "content"),
    (("content", "type"), ..., "content"),
    (("content", "record"), ..., "content.record: is required"),
    (("content", "record", "id"), "1", "content.record.id"),
    (("content", "record", "id"), NOWHERE4, "content.record.id"),
    (("content", "more"), 1, 'property "more" is unsupported at content'),
    ((*OPERATION, "type"), "SALE", "content.operation"),
    ((*OPERATION, "entries"), [], "content.operation.entries"),
    ((*OPERATION, "entries"), {}, "content.operation.entries"),
    ((*OPERATION, "payments"), None, "content.operation.payments"),
    ((*OPERATION, "document", "number"), "with blank", "content.operation.document.number"),
    ((*OPERATION, "document", "number"), "lower", "content.operation.document.number"),
    ((*OPERATION, "document", "number"), "X" * 21, "content.operation.document.number"),
    ((*OPERATION, "document", "issued_at"), "today", "content.operation.document.issued_at"),
    (
        (*OPERATION, "document", "issued_at"),
        "2026-02-30T10:00:00+00:00",
        "content.operation.document.issued_at: should be a moment that exists",
    ),
    (
        (*OPERATION, "document", "operation_date"),
        "2026-13-01",
        "content.operation.document.operation_date",
    ),
    (
        (*OPERATION, "document", "total_vat", "amount"),
        0.46,
        "content.operation.document.total_vat.amount: should be a string",
    ),
    ((*OPERATION, "document", "total_vat", "amount"), "0,46", "total_vat.amount"),
    ((*OPERATION, "document", "total_vat", "amount"), "1e3", "total_vat.amount"),
    ((*OPERATION, "document", "total_vat", "amount"), "NaN", "total_vat.amount"),
    ((*OPERATION, "document", "total_vat", "amount"), "٣", "total_vat.amount"),
    ((*OPERATION, "document", "total_vat", "amount"), "1\n", "total_vat.amount"),
    ((*ENTRY, "type"), "GIFT", "content.operation.entries[0].type"),
    ((*DATA, "text"), "", "content.operation.entries[0].data.text"),
    ((*DATA, "text"), "x" * 257, "content.operation.entries[0].data.text"),
    ((*DATA, "text"), 17, "content.operation.entries[0].data.text: should be a string"),
    ((*DATA, "unit", "quantity"), "1.123456789", "entries[0].data.unit.quantity"),
    ((*DATA, "unit", "quantity"), "1" * 13, "entries[0].data.unit.quantity"),
    ((*VAT, "code"), "REDUCED_99", "entries[0].data.vat.code"),
    ((*VAT, "percentage"), "23.123", "entries[0].data.vat.percentage"),
    ((*VAT, "percentage"), "-23", "entries[0].data.vat.percentage"),
    ((*ENTRY, "details", "concept"), "IDEA", "entries[0].details.concept"),
    ((*OPERATION, "payments", 0, "type"), "SHELLS", "content.operation.payments[0]"),
    (
        (*OPERATION, "payments", 0, "details", "currency"),
        "USD",
        "content.operation.payments[0].details.currency",
    ),
    ((*OPERATION, "details", "creators"), [], "content.operation.details.creators"),
    ((*OPERATION, "details", "training"), "yes", "content.operation.details.training"),
    (("metadata",), {"k" * 41: "v"}, "metadata"),
    (("metadata",), {"k": "v" * 501}, "metadata.k"),
    (("metadata",), {"k": 1}, "metadata.k"),
    (("metadata",), {str(n): "v" for n in range(21)}, "metadata"),
]


def put(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    place = changed
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed


def a_sale(till: Till) -> Json:
    record = {"id": till.intends()}
    return envelope({"type": "TRANSACTION", "record": record, "operation": words.receipt()})


def raw_bodies(good: bytes) -> dict[str, tuple[bytes, str]]:
    """Bodies that are no JSON, or no JSON for us; with what the message must say."""
    deep = b"[" * 100_000 + b"]" * 100_000
    return {
        "empty": (b"", "JSON"),
        "cut off": (good[:-1], "JSON"),
        "not json": (b"content=1", "JSON"),
        "a comment": (b"/* sale */" + good, "JSON"),
        "a trailing comma": (good[:-1] + b",}", "JSON"),
        "NaN": (good.replace(b'"0.46"', b"NaN"), ""),
        "Infinity": (good.replace(b'"0.46"', b"Infinity"), ""),
        "an array": (b"[" + good + b"]", "body"),
        "a string": (b'"content"', "body"),
        "null": (b"null", "body"),
        "not UTF-8": (good.replace(b"caixa", b"\xff\xfe"), ""),
        "UTF-16": (good.decode().encode("utf-16"), ""),
        "a lone surrogate": (good.replace(b"caixa", b"\\ud800"), ""),
        "a lone surrogate in a name": (good.replace(b'"details"', b'"\\udfff"', 1), ""),
        "a nul in the open": (good.replace(b"caixa", b"\x00"), ""),
        "deep nesting": (deep, ""),
        "deep nesting inside": (good.replace(b'"0.46"', deep), ""),
        "five megabytes": (good.replace(b"caixa", b"c" * 5_000_000), "too large"),
        "a huge number": (good.replace(b'"0.46"', b"9" * 100_000), ""),
    }


def test_a_sale_that_breaks_the_schema_is_refused_with_the_place(
    premises: Premises, till: Till
) -> None:
    good = a_sale(till)
    entries = premises.entries()

    for path, value, place in CHANGES:
        response = till.send("POST", "/records", raw=json.dumps(put(good, path, value)).encode())
        assert place in refusal(response, 400), (path, value)
        assert response.json()["content"]["code"] == "E_BAD_REQUEST"
        assert "X-Idempotency-Replayed" not in response.headers

    assert premises.entries() == entries
    assert till.send("POST", "/records", good).status_code == 200


def test_a_body_that_is_no_json_is_refused(premises: Premises, till: Till) -> None:
    good = json.dumps(a_sale(till)).encode()
    entries = premises.entries()

    for name, (raw, words_of_it) in raw_bodies(good).items():
        response = till.send("POST", "/records", raw=raw)
        assert words_of_it in refusal(response, 400), name

    assert premises.entries() == entries


def test_no_message_repeats_a_secret(premises: Premises, unit: Till) -> None:
    secret = "do-not-repeat-me"
    wrong = words.taxpayer(fiscalization=words.fiscalization(password=secret * 9))
    key = {"type": "API_KEY", "key": "k", "secret": {"is": secret}}

    for path, what in (("/taxpayers", wrong), ("/tokens", key)):
        assert secret not in refusal(unit.send("POST", path, envelope(what)), 400)


ODD_TEXTS = ("Café ☕", "قهوة", "'\";--", "a\u2028b", "=1+1", " ", "a\tb\r\nc", "a\\u0000b")
NEVER = {
    "\x00": "U+0000",
    "a\x00b": "U+0000",
    "\x1b[31mred": "U+001B",
    "\x7f": "U+007F",
    "a\x85b": "U+0085",
    "50 \u202e00,1": "U+202E",
    "a\u2067b": "U+2067",
    "\ufffe": "U+FFFE",
}


def odd_attempts(text: str) -> list[tuple[str, Json]]:
    product = {"type": "MPN", "number": text, "details": {"name": text}}
    sale = words.receipt(
        words.line(text, product=product),
        customer={"type": "EXTERNAL", "code": text},
        details={"creators": [{"type": "PERSON", "label": text}], "properties": {text: text}},
    )
    return [("/records", sale), ("/organizations", {"type": "UNIT", "name": text})]


def test_odd_characters_are_kept_as_they_are_and_files_stay_readable(
    premises: Premises, till: Till
) -> None:
    """The law may refuse a line that names nothing; all else is sealed and exported."""
    for text in ODD_TEXTS:
        sale, unit = (what for _, what in odd_attempts(text))
        made = premises.group().send("POST", "/organizations", envelope(unit, {text: text}))
        assert made.json()["content"]["name"] == text
        assert made.json()["metadata"] == {text: text}
        intention = till.send("POST", "/records", envelope(an_intention(till), {"name": text}))
        assert intention.json()["metadata"] == {"name": text}
        record = till.records(sale, intention.json()["content"]["id"])
        assert record["state"] == ("COMPLETED" if text.strip() else "REJECTED"), text
        said = json.loads(record["operation"])
        assert said["entries"][0]["data"]["text"] == text

    period = {"from": "2026-11-16", "to": "2026-11-16"}
    file = till.made("/files", {"type": "AUDIT", "range": period})
    premises.work()
    archive = ZipFile(io.BytesIO(till.send("GET", file["artifact"]["path"]).content))
    numbers = etree.fromstring(archive.read(archive.namelist()[0])).iter("{*}InvoiceNo")
    assert len(list(numbers)) == len(ODD_TEXTS) - 1
    premises.assert_proved()


def test_control_characters_and_turned_writing_are_refused_wherever_they_stand(
    premises: Premises, till: Till
) -> None:
    """Paper, a terminal or the audit file would show something else than was sent; PostgreSQL keeps
    no U+0000, and XML knows few of them."""
    entries = premises.entries()
    good = a_sale(till)

    for text, name in NEVER.items():
        for path, what in odd_attempts(text):
            caller = till if path == "/records" else premises.group()
            body = put(good, OPERATION, what) if path == "/records" else envelope(what)
            assert name in refusal(caller.send("POST", path, body), 400)
        message = refusal(till.send("POST", "/records", put(good, (*DATA, "text"), text)), 400)
        assert f"content.operation.entries[0].data.text: must not contain {name}" in message
        named = {**good, "metadata": {text: "a"}}
        assert "metadata: must not contain" in refusal(till.send("POST", "/records", named), 400)

    assert premises.entries() == entries + 1


def an_intention(till: Till) -> Json:
    operation = {"type": "TRANSACTION"}
    return {"type": "INTENTION", "system": {"id": till.system}, "operation": operation}


IDS: list[tuple[str, str, int]] = [
    ("GET", "/records/1", 400),
    ("GET", f"/records/{NOWHERE7}", 404),
    ("PATCH", f"/records/{NOWHERE7}", 404),
    ("GET", f"/records/{NOWHERE7.upper()}", 400),
    ("GET", f"/taxpayers/{NOWHERE7}", 404),
    ("PATCH", f"/taxpayers/{NOWHERE7}", 404),
    ("GET", f"/locations/{NOWHERE7}", 404),
    ("PATCH", f"/locations/{NOWHERE7}", 404),
    ("GET", f"/systems/{NOWHERE7}", 404),
    ("PATCH", f"/systems/{NOWHERE7}", 404),
    ("GET", f"/subjects/{NOWHERE4}", 404),
    ("PATCH", f"/subjects/{NOWHERE4}", 404),
    ("GET", f"/organizations/{NOWHERE4}", 404),
    ("PATCH", f"/organizations/{NOWHERE4}", 404),
    ("GET", f"/files/{NOWHERE7}.zip", 404),
    ("GET", f"/files/{NOWHERE7}.zip.jws", 404),
    ("GET", f"/files/{NOWHERE7}", 400),
    ("GET", "/files/..%2F..%2Fmaster.key", 404),
    ("DELETE", f"/records/{NOWHERE7}", 404),
    ("PUT", "/taxpayers", 404),
    ("GET", "/nothing", 404),
]


def test_ids_that_lead_nowhere(unit: Till) -> None:
    for method, path, status in IDS:
        refusal(unit.send(method, path, {} if method == "PATCH" else None), status)


QUERIES = [
    "limit=0",
    "limit=101",
    "limit=ten",
    "limit=-1",
    "limit=1.5",
    "token=***",
    "token=e30=",
    "token=eyJhZnRlciI6MX0=",
    "token=W10=",
    "type=NOTHING",
    "type=TRANSACTION::RECEIPT,TRANSACTION::RECEIPT",
    "system_id=1",
    f"system_id={NOWHERE4}",
    "more=1",
]


def test_bad_queries_are_refused(unit: Till) -> None:
    for query in QUERIES:
        refusal(unit.send("GET", f"/records?{query}"), 400)


HEADERS = [
    ({"X-Api-Version": ""}, "X-Api-Version"),
    ({"X-Api-Version": "2026"}, "X-Api-Version"),
    ({"X-Api-Version": "2026-05-05"}, "unsupported 'X-Api-Version'"),
    ({"X-Idempotency-Key": ""}, "X-Idempotency-Key is required"),
    ({"X-Idempotency-Key": "1"}, "X-Idempotency-Key"),
    ({"X-Idempotency-Key": NOWHERE7}, "X-Idempotency-Key"),
    ({"X-Idempotency-Key": NOWHERE4.replace("0", "A").upper()}, "X-Idempotency-Key"),
]


def test_bad_headers_are_refused_before_all_else(premises: Premises) -> None:
    """Even before a missing token and a bad body."""
    for headers, place in HEADERS:
        response = premises.anonymous().send("POST", "/records", {"no": "body"}, headers=headers)
        assert place in refusal(response, 400)


References = Callable[[Till], tuple[str, Json]]
REFERENCES: dict[str, References] = {
    "taxpayer": lambda till: ("/locations", words.branch(NOWHERE7)),
    "location": lambda till: ("/systems", words.device(NOWHERE7)),
    "system": lambda till: (
        "/records",
        {
            "type": "INTENTION",
            "system": {"id": NOWHERE7},
            "operation": {"type": "TRANSACTION"},
        },
    ),
    "intention": lambda till: (
        "/records",
        {"type": "TRANSACTION", "record": {"id": NOWHERE7}, "operation": words.receipt()},
    ),
    "original": lambda till: (
        "/records",
        {
            "type": "TRANSACTION",
            "record": {"id": till.intends()},
            "operation": words.cancellation(NOWHERE7),
        },
    ),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_a_body_that_names_nothing_is_refused(premises: Premises, till: Till, name: str) -> None:
    path, what = REFERENCES[name](till)
    entries = premises.entries()

    refusal(till.send("POST", path, envelope(what)), 422)

    assert premises.entries() == entries


UNSUPPORTED: list[tuple[str, Callable[[Till], Json]]] = [
    ("/systems", lambda till: words.device(till.location, type="PAYMENT_DEVICE")),
    (
        "/systems",
        lambda till: {
            "type": "E_INVOICE_SERVICE",
            "location": {"id": till.location},
            "software": {"name": "a", "version": "1"},
        },
    ),
    (
        "/records",
        lambda till: {
            "type": "INTENTION",
            "system": {"id": till.system},
            "operation": {"type": "EVENT", "code": "A", "description": "b"},
        },
    ),
    (
        "/records",
        lambda till: {
            "type": "TRANSACTION",
            "record": {"id": till.intends()},
            "operation": {
                "type": "PROOF_OF_PAYMENT",
                "record": {"id": NOWHERE7},
                "payments": [{"type": "CASH", "details": {"amount": "1.00"}}],
            },
        },
    ),
]


def test_what_the_contract_knows_but_we_do_not_is_not_implemented(
    premises: Premises, till: Till
) -> None:
    prepared = [(path, what(till)) for path, what in UNSUPPORTED]
    for what in (one for _, one in prepared if one["type"] == "PAYMENT_DEVICE"):
        what["kind"] = "PHYSICAL"
    entries = premises.entries()

    for path, what in prepared:
        message = refusal(till.send("POST", path, envelope(what)), 501)
        assert "not implemented yet" in message

    assert premises.entries() == entries
