"""The smallest scenario that tells a true server of this API from a false one, step by step."""

import re
from datetime import datetime, timedelta
from uuid import uuid4

import jwt
import pytest

from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Json, Till, content, envelope, logs, refusal

UUID4 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
UUID7 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def key_of(premises: Premises) -> Json:
    return {"type": "API_KEY", "key": premises.first.key, "secret": premises.first.secret}


def test_step_1_a_token_is_asked_for_properly_or_refused(premises: Premises) -> None:
    caller, body = premises.anonymous(), envelope(key_of(premises))

    message = refusal(caller.send("POST", "/tokens", body, key=""), 400)
    assert "Header parameter X-Idempotency-Key is required, but not found" in message
    refusal(caller.send("POST", "/tokens", body, key=str(uuid4()).upper()), 400)
    flat = {"api_key": premises.first.key, "api_secret": premises.first.secret}
    assert '"api_key" is unsupported' in refusal(caller.send("POST", "/tokens", flat), 400)
    wrong = envelope({**key_of(premises), "secret": "wrong"})
    assert refusal(caller.send("POST", "/tokens", wrong), 401) == (
        "Not authorized to perform this operation."
    )


def test_step_1_a_token_lives_for_a_day_and_is_new_each_time(premises: Premises) -> None:
    caller, body, key = premises.anonymous(), envelope(key_of(premises)), str(uuid4())

    first, second = (caller.send("POST", "/tokens", body, key=key) for _ in range(2))

    token = content(first)
    authentication = token["authentication"]
    issued, expires = (
        datetime.fromisoformat(authentication[name]) for name in ("issued_at", "expires_at")
    )
    assert UUID4.fullmatch(token["id"])
    assert authentication["type"] == "JWT"
    assert jwt.get_unverified_header(authentication["bearer"])["alg"] == "RS256"
    assert expires - issued == timedelta(hours=24)
    assert token["organization"] == {"id": premises.first.organization_id}
    assert token["subject"] == {"id": premises.first.subject_id}
    assert "X-Idempotency-Replayed" not in first.headers
    assert content(second)["authentication"]["bearer"] != authentication["bearer"]
    assert content(second)["id"] != token["id"]


def test_step_2_nobody_lists_without_token_or_version(premises: Premises) -> None:
    refusal(premises.anonymous().send("GET", "/organizations"), 401)
    message = refusal(
        premises.group().send("GET", "/organizations", headers={"X-Api-Version": ""}), 400
    )
    assert "X-Api-Version" in message


def test_step_3_a_unit_is_made_once_under_its_key(premises: Premises) -> None:
    group, key = premises.group(), str(uuid4())
    body = envelope({"type": "UNIT", "name": "Padaria"})

    made = group.send("POST", "/organizations", body, key=key)
    again = group.send("POST", "/organizations", body, key=key)
    other = group.send(
        "POST", "/organizations", envelope({"type": "UNIT", "name": "Other"}), key=key
    )

    assert content(made)["state"] == "ENABLED"
    assert content(made)["organization"] == {"id": group.organization}
    assert made.headers["X-Idempotency-Replayed"] == "false"
    assert made.headers["X-Scope-Identifier"] == group.organization
    assert again.headers["X-Idempotency-Replayed"] == "true"
    assert again.content == made.content
    refusal(other, 422)
    assert [one["name"] for one in group.listed("/organizations")] == ["Padaria"]


def test_step_4_a_group_has_no_taxpayer(premises: Premises) -> None:
    group = premises.group()

    response = group.send("POST", "/taxpayers", envelope(words.taxpayer()))

    assert response.json()["content"]["code"] == "E_METHOD_NOT_ALLOWED"
    assert response.json()["content"]["error"] == "Method not allowed"
    assert refusal(response, 405).startswith("taxpayer operation invalid: ")
    assert (
        f"cannot create new legal taxpayer for non-unit organization '{group.organization}'"
        in response.json()["content"]["message"]
    )
    assert response.headers["X-Idempotency-Replayed"] == "false"


def test_step_5_a_subject_shows_its_secret_once(premises: Premises) -> None:
    group = premises.group()
    group.scope = group.made("/organizations", {"type": "UNIT", "name": "Padaria"})["id"]

    subject = group.made("/subjects", {"type": "API_KEY", "name": "pos-1"})
    read = group.get(f"/subjects/{subject['id']}")

    unit = premises.anonymous().with_token(
        **{name: subject["credentials"][name] for name in ("key", "secret")}
    )
    assert unit.organization == group.scope
    assert read["credentials"] == {"key": subject["credentials"]["key"]}
    assert len(subject["credentials"]["secret"]) == 43


def test_step_5_a_subject_needs_the_scope_of_a_unit(premises: Premises) -> None:
    body = envelope({"type": "API_KEY", "name": "pos-1"})

    message = refusal(premises.group().send("POST", "/subjects", body), 501)

    assert "The request functionality is not implemented yet." in message


def test_step_6_places_are_made_before_they_are_in_service(unit: Till) -> None:
    unit.acquires()

    for path in unit.places():
        place = unit.get(path)
        assert UUID7.fullmatch(place["id"])
        assert (place["state"], place["mode"]) == ("ACQUIRED", "INACTIVE")
    offices = [one for one in unit.listed("/locations") if one["type"] == "HEAD_OFFICE"]
    assert [office["id"] for office in offices] == [unit.taxpayer]
    assert offices[0]["name"] == {"legal": "Padaria do Cais, Lda.", "trade": "Padaria do Cais"}
    taxpayer = unit.get(f"/taxpayers/{unit.taxpayer}")
    assert taxpayer["vat_number"] == "PT509876544"
    assert taxpayer["country"] == "Portugal"
    assert taxpayer["fiscalization"]["credentials"]["password"] == "********"


def test_steps_7_and_8_nothing_is_sold_before_all_three_are_commissioned(unit: Till) -> None:
    unit.acquires()
    intention = {
        "type": "INTENTION",
        "system": {"id": unit.system},
        "operation": {"type": "TRANSACTION"},
    }

    for path in unit.places():
        assert refusal(unit.send("POST", "/records", envelope(intention)), 405).startswith(
            "record operation invalid: "
        )
        place = unit.changed(path, {"state": "COMMISSIONED"})
        assert (place["state"], place["mode"]) == ("COMMISSIONED", "OPERATIVE")

    assert unit.made("/records", intention)["state"] == "ACCEPTED"


def test_step_9_a_receipt_is_sealed_at_once(till: Till) -> None:
    intention = till.made(
        "/records",
        {"type": "INTENTION", "system": {"id": till.system}, "operation": {"type": "TRANSACTION"}},
    )
    assert intention["type"] == "INTENTION::TRANSACTION"
    assert (intention["state"], intention["mode"]) == ("ACCEPTED", "PROCESSING")
    assert "record" not in intention
    assert "compliance" not in intention
    assert "record" not in intention["journal"]

    record = till.records(
        words.receipt(
            words.line(),
            words.line("Pão de centeio", "1.06", code="REDUCED_2", quantity="1", number="2"),
            customer={"type": "EXTERNAL", "code": "214567893"},
        ),
        intention["id"],
    )

    assert record["type"] == "TRANSACTION::RECEIPT"
    assert (record["state"], record["mode"]) == ("COMPLETED", "FINISHED")
    assert record["record"] == {"id": intention["id"]}
    assert record["journal"]["record"] == {"id": intention["id"]}
    assert len(record["journal"]["signature"]) == 64
    assert record["transmission"]["response"]["data"] == "e30A"
    said, qr = record["compliance"], words.qr(record)
    assert said["data"].endswith("-1")
    assert qr["H"] == said["data"]
    assert qr["Q"] == said["signature_hash"]
    assert len(said["signature_hash"]) == 4
    assert qr["R"] == said["software_certificate"]
    assert (qr["A"], qr["B"], qr["D"], qr["E"]) == ("509876544", "214567893", "FR", "N")
    assert (qr["I7"], qr["I8"], qr["I3"], qr["I4"]) == ("2.00", "0.46", "1.00", "0.06")
    assert (qr["N"], qr["O"]) == ("0.52", "3.52")
    assert said["sequence"]["number"] == "1"
    assert said["sequence"]["type"] == "FR"
    assert len(said["sequence"]["signature"]) == 64
    assert "record" not in said["sequence"]
    used = till.get(f"/records/{intention['id']}")
    assert (used["state"], used["mode"]) == ("COMPLETED", "FINISHED")
    assert used["used_in"] == {"id": record["id"]}


def test_step_10_the_operation_is_shown_when_asked_for(till: Till) -> None:
    record = till.sells(words.receipt())
    path = f"/records/{record['id']}"

    assert "operation" not in till.get(path)
    assert "transmission" not in till.get(path)
    assert till.get(f"{path}?operation")["operation"] == record["operation"]
    assert till.get(f"{path}?operation=")["operation"] == record["operation"]
    assert isinstance(record["operation"], str)
    assert '"purpose":"STANDARD"' in record["operation"]
    refusal(till.send("GET", f"{path}?operation=yes"), 400)
    shown = till.get(f"{path}?file-artifact&file-integrity&compliance-artifact")
    assert shown["file"]["artifact"]["type"] == "application/json"
    assert shown["file"]["integrity"]["type"] == "application/jose"
    assert shown["compliance"]["artifact"]["type"] == "application/json"


def test_step_11_corrections_and_cancellations_give_a_reason(till: Till) -> None:
    kept, wrong = till.sells(words.receipt()), till.sells(words.receipt())

    silent = till.concludes(words.correction(kept["id"], reason=""))
    assert "reason" in refusal(silent, 422)
    refusal(till.concludes(words.cancellation(wrong["id"], reason="")), 422)

    note = till.sells(words.correction(kept["id"]))
    assert note["type"] == "TRANSACTION::CORRECTION"
    assert note["compliance"]["sequence"]["type"] == "NC"
    assert note["compliance"]["sequence"]["number"] == "1"
    assert words.qr(note)["G"] == "NC NC-2026/1"

    void = till.sells(words.cancellation(wrong["id"]))
    assert void["type"] == "TRANSACTION::CANCELLATION"
    assert "compliance" not in void
    assert till.get(f"/records/{wrong['id']}")["used_in"] == {"id": void["id"]}
    second = till.records(words.cancellation(wrong["id"]))
    assert (second["state"], second["mode"]) == ("REJECTED", "FINISHED")
    assert logs(second).startswith("Validation error: PT-VOID-02")


def test_step_12_a_suspended_system_sells_nothing(till: Till) -> None:
    path = f"/systems/{till.system}"
    intention = {
        "type": "INTENTION",
        "system": {"id": till.system},
        "operation": {"type": "TRANSACTION"},
    }

    assert till.changed(path, {"mode": "SUSPENDED"})["mode"] == "SUSPENDED"
    refusal(till.send("POST", "/records", envelope(intention)), 405)
    assert till.changed(path, {"mode": "OPERATIVE"})["mode"] == "OPERATIVE"
    till.made("/records", intention)
    gone = till.changed(path, {"state": "DECOMMISSIONED"})
    assert (gone["state"], gone["mode"]) == ("DECOMMISSIONED", "INACTIVE")
    refusal(till.send("PATCH", path, envelope({"state": "COMMISSIONED"})), 422)
    refusal(till.send("POST", "/records", envelope(intention)), 405)


def test_step_13_lists_end(till: Till) -> None:
    till.sells(words.receipt())

    pages = list(till.pages("/records?limit=1"))

    assert [len(page["results"]) for page in pages] == [1, 1]
    assert pages[0]["pagination"]["limit"] == 1
    assert set(pages[0]["pagination"]) == {"next", "token", "limit"}
    assert "pagination" not in pages[1]


def test_step_14_records_are_filtered_by_type(till: Till) -> None:
    receipt = till.sells(words.receipt())
    till.sells(words.invoice())
    void = till.sells(words.cancellation(receipt["id"]))

    found = till.listed("/records?type=TRANSACTION::RECEIPT,TRANSACTION::CANCELLATION")

    assert [one["id"] for one in found] == [receipt["id"], void["id"]]
    refusal(till.send("GET", "/records?type=TRANSACTION::NOTHING"), 400)


STEP_15 = [
    ("/tokens", {"type": "API_KEY", "key": "k", "secret": "s", "more": 1}),
    ("/organizations", {"type": "UNIT", "name": "Padaria", "more": 1}),
    ("/subjects", {"type": "API_KEY", "name": "pos-1", "more": 1}),
    ("/taxpayers", words.taxpayer(more=1)),
]


@pytest.mark.parametrize(("path", "what"), STEP_15)
def test_step_15_unknown_members_are_refused(premises: Premises, path: str, what: Json) -> None:
    message = refusal(premises.group().send("POST", path, envelope(what)), 400)

    assert 'property "more" is unsupported' in message


def test_step_15_replay_headers_are_ignored_if_they_are_well_formed(till: Till) -> None:
    operation = words.receipt()

    for name, value in (("X-Replay-Remaining", "abc"), ("X-Replay-Hash", "x" * 65)):
        response = till.concludes(operation, headers={name: value})
        assert name in refusal(response, 400)

    good = {"X-Replay-Remaining": "12", "X-Replay-Hash": "abc"}
    assert content(till.concludes(operation, headers=good))["state"] == "COMPLETED"
