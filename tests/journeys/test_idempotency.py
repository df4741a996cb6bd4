"""One key, one request, one answer: however often, however late, however many at once."""

from concurrent.futures import ThreadPoolExecutor
from uuid import NAMESPACE_URL, uuid3, uuid4

import pytest

from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Json, Till, content, envelope, refusal

UNIT = {"type": "UNIT", "name": "Padaria"}


def intention(till: Till) -> Json:
    operation = {"type": "TRANSACTION"}
    return envelope({"type": "INTENTION", "system": {"id": till.system}, "operation": operation})


def sale(till: Till) -> Json:
    record = {"id": till.intends()}
    return envelope({"type": "TRANSACTION", "record": record, "operation": words.receipt()})


def logged_in_again(premises: Premises, till: Till) -> Till:
    """The same key with a fresh token: tokens do not live as long as answers do."""
    fresh = premises.anonymous().with_token(*till.credentials)
    fresh.system = till.system
    return fresh


def test_a_record_is_made_once_and_answered_as_often_as_asked(
    premises: Premises, till: Till
) -> None:
    key, body = str(uuid4()), sale(till)

    first = till.send("POST", "/records", body, key=key)
    entries = premises.entries()
    second = till.send("POST", "/records", body, key=key)

    assert first.headers["X-Idempotency-Replayed"] == "false"
    assert second.headers["X-Idempotency-Replayed"] == "true"
    assert second.content == first.content
    assert premises.entries() == entries


def test_a_change_is_made_once(till: Till) -> None:
    path, key, body = f"/systems/{till.system}", str(uuid4()), envelope({"mode": "SUSPENDED"})
    first = till.send("PATCH", path, body, key=key)
    till.changed(path, {"mode": "OPERATIVE"})

    second = till.send("PATCH", path, body, key=key)

    assert second.headers["X-Idempotency-Replayed"] == "true"
    assert second.content == first.content
    assert till.get(path)["mode"] == "OPERATIVE"


@pytest.mark.parametrize("path", ["/organizations", "/records"])
def test_a_key_belongs_to_one_request(premises: Premises, till: Till, path: str) -> None:
    is_record = path == "/records"
    caller = till if is_record else premises.group()
    body = intention(till) if is_record else envelope(UNIT)
    key = str(uuid4())
    content(caller.send("POST", path, body, key=key))
    entries = premises.entries()

    refusal(caller.send("POST", path, {**body, "metadata": {"a": "b"}}, key=key), 422)
    refusal(caller.speaking("2026-06-01").send("POST", path, body, key=key), 422)

    assert premises.entries() == entries


def test_the_same_key_on_another_operation_is_another_request(till: Till) -> None:
    key = str(uuid4())
    content(till.send("POST", "/records", intention(till), key=key))

    refusal(till.send("PATCH", f"/systems/{till.system}", envelope({}), key=key), 422)


def test_another_scope_is_another_request(premises: Premises) -> None:
    group, key = premises.group(), str(uuid4())
    units = [group.made("/organizations", {**UNIT, "name": name})["id"] for name in ("A", "B")]
    body = envelope({"type": "API_KEY", "name": "pos-9"})

    content(
        group.send("POST", "/subjects", body, key=key, headers={"X-Scope-Identifier": units[0]})
    )

    other = group.send("POST", "/subjects", body, key=key, headers={"X-Scope-Identifier": units[1]})
    refusal(other, 422)


def test_keys_of_two_tenants_do_not_meet(premises: Premises) -> None:
    key, body = str(uuid4()), envelope(words.taxpayer())

    one, two = premises.unit("A"), premises.unit("B")
    other = envelope(words.taxpayer(fiscalization=words.fiscalization(two.nif)))
    made = [
        till.send("POST", "/taxpayers", said, key=key) for till, said in ((one, body), (two, other))
    ]

    assert len({content(one)["id"] for one in made}) == 2


def test_the_order_of_members_does_not_make_another_request(premises: Premises) -> None:
    group, key = premises.group(), str(uuid4())
    first = group.send("POST", "/organizations", envelope(UNIT), key=key)

    turned = {"content": dict(reversed(UNIT.items()))}

    assert group.send("POST", "/organizations", turned, key=key).content == first.content


def test_keys_made_from_a_hash_are_keys(premises: Premises) -> None:
    group, key = premises.group(), str(uuid3(NAMESPACE_URL, "order/17"))

    answers = [group.send("POST", "/organizations", envelope(UNIT), key=key) for _ in range(2)]

    assert content(answers[0])["id"] == content(answers[1])["id"]


def test_an_error_is_an_answer_too(till: Till) -> None:
    path, key = f"/systems/{till.system}", str(uuid4())
    till.changed(path, {"mode": "SUSPENDED"})
    refused = till.send("POST", "/records", intention(till), key=key)
    till.changed(path, {"mode": "OPERATIVE"})

    again = till.send("POST", "/records", intention(till), key=key)

    refusal(refused, 405)
    assert refused.headers["X-Idempotency-Replayed"] == "false"
    assert again.status_code == 405
    assert again.json() == refused.json()
    assert again.headers["X-Idempotency-Replayed"] == "true"
    content(till.send("POST", "/records", intention(till)))


def test_an_error_of_a_place_is_an_answer_too(unit: Till) -> None:
    unit.acquires()
    path, key = f"/locations/{unit.location}", str(uuid4())
    body = envelope({"state": "COMMISSIONED"})
    refused = unit.send("PATCH", path, body, key=key)
    unit.changed(f"/taxpayers/{unit.taxpayer}", {"state": "COMMISSIONED"})

    again = unit.send("PATCH", path, body, key=key)

    refusal(refused, 405)
    assert again.json() == refused.json()
    assert again.headers["X-Idempotency-Replayed"] == "true"


def test_a_request_that_breaks_its_schema_takes_no_key(premises: Premises) -> None:
    group, key = premises.group(), str(uuid4())

    refusal(group.send("POST", "/organizations", envelope({"type": "UNIT"}), key=key), 400)
    refusal(premises.anonymous().send("POST", "/organizations", envelope(UNIT), key=key), 401)

    made = group.send("POST", "/organizations", envelope(UNIT), key=key)
    assert made.headers["X-Idempotency-Replayed"] == "false"


def test_a_record_is_answered_after_ten_days_too(premises: Premises, till: Till) -> None:
    key, body = str(uuid4()), sale(till)
    first = content(till.send("POST", "/records", body, key=key))
    premises.clock.move(days=10)
    premises.work()

    late = logged_in_again(premises, till).send("POST", "/records", body, key=key)

    assert late.headers["X-Idempotency-Replayed"] == "true"
    assert content(late) == first


def test_all_other_answers_are_kept_for_a_day(premises: Premises) -> None:
    group, key, body = premises.group(), str(uuid4()), envelope(UNIT)
    first = content(group.send("POST", "/organizations", body, key=key))
    premises.clock.move(hours=23)
    kept = group.send("POST", "/organizations", body, key=key)
    premises.clock.move(hours=2)
    refusal(group.send("GET", "/organizations"), 401)

    late = premises.group().send("POST", "/organizations", body, key=key)

    assert content(kept)["id"] == first["id"]
    assert late.headers["X-Idempotency-Replayed"] == "false"
    assert content(late)["id"] != first["id"]


def test_an_error_of_a_record_is_kept_for_a_day(premises: Premises, till: Till) -> None:
    path, key = f"/systems/{till.system}", str(uuid4())
    till.changed(path, {"mode": "SUSPENDED"})
    refusal(till.send("POST", "/records", intention(till), key=key), 405)
    till.changed(path, {"mode": "OPERATIVE"})
    premises.clock.move(hours=25)

    late = logged_in_again(premises, till).send("POST", "/records", intention(till), key=key)

    assert content(late)["state"] == "ACCEPTED"
    assert late.headers["X-Idempotency-Replayed"] == "false"


@pytest.mark.parametrize("path", ["/organizations", "/records"])
def test_the_same_request_eight_times_at_once_is_done_once(
    premises: Premises, till: Till, path: str
) -> None:
    caller = till if path == "/records" else premises.group()
    body = sale(till) if path == "/records" else envelope(UNIT)
    key, entries = str(uuid4()), premises.entries()

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(caller.send, "POST", path, body, key=key) for _ in range(8)]
    answers = [one.result() for one in asked]

    replayed = sorted(one.headers["X-Idempotency-Replayed"] for one in answers)
    assert len({content(one)["id"] for one in answers}) == 1
    assert replayed == ["false"] + ["true"] * 7
    assert premises.entries() - entries == (1 if path == "/records" else 0)


def test_many_tills_at_once_leave_no_gap(premises: Premises, till: Till) -> None:
    intentions = [till.intends() for _ in range(24)]

    with ThreadPoolExecutor(8) as pool:
        records = list(pool.map(lambda one: till.sells(words.receipt(), one), intentions))

    numbers = sorted(int(record["compliance"]["sequence"]["number"]) for record in records)
    assert numbers == list(range(1, 25))
    premises.assert_proved()
