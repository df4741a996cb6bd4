"""Keys that can be limited and stopped: roles, systems, states, replays, secrets."""

from base64 import b64decode
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from fiscus.api.families.reporting.tests.caller import Caller, a_location, platform
from fiscus.registry.tests.builders import a_nif
from fiscus.store.connect import reading, writing
from fiscus.store.schema import CLAIM
from tests.support import words
from tests.support.keyring import (
    a_key,
    a_session,
    holder,
    hyphenated,
    in_one_word,
    login,
    session_open,
    soon,
    tab,
)
from tests.support.premises import Premises
from tests.support.till import Json, Till, content, envelope, refusal


@pytest.fixture
def owner(premises: Premises, till: Till) -> Till:
    """The group's owner, acting in the scope of the shop's unit."""
    group = premises.group()
    group.scope = till.organization
    return group


def test_a_role_is_answered_to_who_sent_it_and_to_nobody_else(owner: Till) -> None:
    made = a_key(owner, "till-1", role="till")

    assert made["role"] == "till"
    assert "role" not in owner.get(f"/subjects/{made['id']}")
    assert not any("role" in one or "systems" in one for one in owner.listed("/subjects"))
    assert "role" not in owner.changed(f"/subjects/{made['id']}", {"name": "till-2"})


def test_a_key_without_a_role_is_a_managers_and_its_metadata_grant_nothing(
    premises: Premises, owner: Till
) -> None:
    body = envelope({"type": "API_KEY", "name": "pos"}, {"role": "owner", "systems": "all"})
    made = content(owner.send("POST", "/subjects", body))
    manager = holder(premises, made)

    assert "role" not in made
    message = refusal(
        manager.send("POST", "/subjects", envelope({**made_of("new"), "role": "owner"})), 405
    )
    assert "'manager'" in message
    assert "'owner'" in message


def made_of(name: str) -> Json:
    return {"type": "API_KEY", "name": name}


def test_a_manager_makes_tills_and_auditors_but_nothing_that_may_more(
    premises: Premises, owner: Till
) -> None:
    manager = holder(premises, a_key(owner, "boss"))
    for role in ("till", "auditor", "manager"):
        a_key(manager, f"a-{role}", role=role)
    for role in ("owner", "connector"):
        response = manager.send("POST", "/subjects", envelope({**made_of("more"), "role": role}))
        assert "ROLE-SCOPE-02" in refusal(response, 405)
        assert response.json()["content"]["code"] == "E_METHOD_NOT_ALLOWED"

    names = [one["name"] for one in owner.listed("/subjects")]
    assert "more" not in names


def test_a_manager_changes_no_owners_key(premises: Premises, owner: Till) -> None:
    above = a_key(owner, "above", role="owner")
    manager = holder(premises, a_key(owner, "boss"))

    for change in ({"state": "DISABLED"}, {"name": "mine"}):
        response = manager.send("PATCH", f"/subjects/{above['id']}", envelope(change))
        assert "ROLE-SCOPE-02" in refusal(response, 405)

    assert owner.get(f"/subjects/{above['id']}")["state"] == "ENABLED"


@pytest.mark.parametrize("role", ["till", "auditor", "connector"])
def test_other_roles_see_themselves_and_no_other_key(
    premises: Premises, owner: Till, role: str
) -> None:
    made, other = a_key(owner, "self", role=role), a_key(owner, "other")
    caller = holder(premises, made)

    assert caller.get(f"/subjects/{made['id']}")["id"] == made["id"]
    message = refusal(caller.send("GET", f"/subjects/{other['id']}"), 405)
    assert f"'{role}'" in message


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"role": "emperor"}, 400),
        ({"role": "OWNER"}, 400),
        ({"role": ""}, 400),
        ({"role": None}, 400),
        ({"role": ["till"]}, 400),
        ({"role": "till", "systems": []}, 400),
        ({"role": "till", "systems": ["x"]}, 400),
        ({"role": "till", "systems": ["01a1e395-ae80-7000-8000-000000000001"]}, 422),
        ({"role": "till", "systems": ["own", "own"]}, 400),
        ({"role": "till", "systems": ["own", "01a1e395-ae80-7000-8000-000000000001"]}, 422),
        ({"role": "till", "systems": ["foreign"]}, 422),
        ({"role": "manager", "systems": ["own"]}, 422),
        ({"systems": ["own"]}, 422),
        ({"scopes": ["keys"]}, 400),
        ({"state": "DISABLED"}, 400),
    ],
)
def test_a_key_that_says_what_cannot_be_is_refused(
    premises: Premises, till: Till, owner: Till, more: Json, status: int
) -> None:
    known = {"own": till.system, "foreign": premises.unit("B").opens_shop().system}
    if isinstance(more.get("systems"), list):
        more = {**more, "systems": [known.get(one, one) for one in more["systems"]]}
    before = owner.page("/subjects")

    refusal(owner.send("POST", "/subjects", envelope({**made_of("new"), **more})), status)

    assert owner.page("/subjects") == before


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"role": "owner"}, 422),
        ({"systems": []}, 400),
        ({"state": "GONE"}, 400),
        ({"state": None}, 400),
    ],
)
def test_what_a_key_may_cannot_be_changed_later(owner: Till, change: Json, status: int) -> None:
    made = a_key(owner, "till-1", role="till")

    refusal(owner.send("PATCH", f"/subjects/{made['id']}", envelope(change)), status)


def second_system(till: Till) -> str:
    system: str = till.made("/systems", words.device(till.location))["id"]
    till.changed(f"/systems/{system}", {"state": "COMMISSIONED"})
    return system


def test_a_till_that_is_limited_knows_no_other_system(
    premises: Premises, till: Till, owner: Till
) -> None:
    other = second_system(till)
    foreign = till.sells(words.receipt(), till.intends(other))
    waiting = till.intends(other)
    hyphenless = till.system.replace("-", "")
    made = a_key(owner, "till-1", role="till", systems=[hyphenless])
    limited = holder(premises, made)
    limited.system = till.system
    own = limited.sells(words.receipt())

    assert made["systems"] == [hyphenless]
    assert [one["id"] for one in limited.listed("/systems")] == [till.system]
    assert {one["id"] for one in limited.listed("/records")} >= {own["id"]}
    assert foreign["id"] not in {one["id"] for one in limited.listed("/records")}
    assert limited.listed(f"/records?system_id={other}") == []
    refusal(limited.send("GET", f"/systems/{other}"), 404)
    for method in ("GET", "PATCH"):
        body: Json | None = {} if method == "PATCH" else None
        refusal(limited.send(method, f"/records/{foreign['id']}", body), 404)
    intention = {"type": "INTENTION", "system": {"id": other}, "operation": {"type": "TRANSACTION"}}
    refusal(limited.send("POST", "/records", envelope(intention)), 422)
    refusal(limited.concludes(words.receipt(), waiting), 422)
    refusal(limited.concludes(words.cancellation(foreign["id"])), 422)
    refusal(limited.concludes(words.correction(foreign["id"])), 422)
    assert limited.records(words.cancellation(own["id"]))["state"] == "COMPLETED"


def test_a_till_that_is_limited_knows_no_other_register_of_a_merchant(premises: Premises) -> None:
    """The same in the other family, with cash sessions and closings."""
    owner = platform(premises).opens_merchant()
    registers = [owner.opens_register(name=name)["id"] for name in ("one", "two")]
    for register in registers:
        owner.fiscalizes({"id": register})
    premises.work()
    opened = [session_open(owner, register) for register in registers]
    tabs = [tab(owner, register) for register in registers]
    closed = owner.made(f"/registers/{registers[1]}/closings", {"type": "daily"})
    group = premises.group()
    group.scope = hyphenated(owner.organization.removeprefix("org_"))
    systems = [hyphenated(registers[0].removeprefix("reg_"))]
    made = a_key(group, "till-1", role="till", systems=systems)
    till = Caller(http=premises.http, key=in_one_word(made, "of_test_deu_"))

    assert [one["id"] for one in till.get("/registers")["data"]] == registers[:1]
    mine = [opened[0]["id"], tabs[0].replace("tab_", "op_")]
    assert [one["id"] for one in till.get("/operations")["data"]] == mine
    assert [one["id"] for one in till.get("/tabs")["data"]] == tabs[:1]
    assert [one["register_id"] for one in till.get("/sessions")["data"]] == registers[:1]
    assert till.get(f"/registers/{registers[0]}/closings")["data"] == []
    session = owner.get(f"/sessions?register_id={registers[1]}")["data"][0]["id"]
    for path in (
        f"/registers/{registers[1]}",
        f"/registers/{registers[1]}/tse",
        f"/registers/{registers[1]}/closings",
        f"/operations/{opened[1]['id']}",
        f"/sessions/{session}",
        f"/tabs/{tabs[1]}",
        f"/closings/{closed['id']}",
    ):
        assert till.send("GET", path).status_code == 404, path
    assert till.get(f"/operations?register_id={registers[1]}")["data"] == []
    assert till.get(f"/sessions?register_id={registers[1]}")["data"] == []
    entries = premises.entries()
    for refused in (
        till.send("POST", f"/registers/{registers[1]}/closings", {"type": "daily"}),
        till.send("POST", "/operations", a_session(registers[1]), Idempotency_Key="a"),
        till.send(
            "POST",
            "/operations",
            {"type": "session_close", "register_id": registers[1], "currency": "EUR"},
            Idempotency_Key="b",
        ),
    ):
        assert refused.status_code == 404, refused.text
    assert premises.entries() == entries
    till.made(f"/registers/{registers[0]}/closings", {"type": "daily"})


def test_a_key_that_is_stopped_opens_nothing_a_second_later(
    premises: Premises, till: Till, owner: Till
) -> None:
    made = a_key(owner, "till-1", role="till")
    seller = holder(premises, made)
    seller.system = till.system
    key, sale = str(uuid4()), envelope(intention_of(till))
    content(seller.send("POST", "/records", sale, key=key))
    reporting = Caller(http=premises.http, key=in_one_word(made))
    reporting.get("/operations")
    entries = premises.entries()

    stopped = owner.changed(f"/subjects/{made['id']}", {"state": "DISABLED"})

    assert stopped["state"] == "DISABLED"
    assert soon(lambda: seller.send("GET", "/systems").status_code == 401)
    refusal(seller.send("POST", "/records", sale, key=key), 401)
    refusal(seller.send("POST", "/records", sale), 401)
    assert reporting.send("GET", "/operations").status_code == 401
    refusal(login(premises, made), 401)
    assert premises.entries() == entries

    owner.changed(f"/subjects/{made['id']}", {"state": "ENABLED"})
    assert soon(lambda: seller.send("GET", "/systems").status_code == 200)
    assert login(premises, made).status_code == 200


def intention_of(till: Till) -> Json:
    operation = {"type": "TRANSACTION"}
    return {"type": "INTENTION", "system": {"id": till.system}, "operation": operation}


def test_the_last_owner_of_an_organization_is_not_stopped_by_the_api(
    premises: Premises, owner: Till
) -> None:
    first = f"/subjects/{premises.first.subject_id}"
    group = premises.group()

    message = refusal(group.send("PATCH", first, envelope({"state": "DISABLED"})), 405)
    assert "REGISTRY-KEY-04" in message
    assert group.get(first)["state"] == "ENABLED"

    one, two = (a_key(owner, name, role="owner") for name in ("one", "two"))
    holder(premises, one).changed(f"/subjects/{one['id']}", {"state": "DISABLED"})
    last = holder(premises, two)
    refusal(last.send("PATCH", f"/subjects/{two['id']}", envelope({"state": "DISABLED"})), 405)


def test_the_secret_is_shown_once_and_the_replay_says_so(owner: Till) -> None:
    key, body = str(uuid4()), envelope({**made_of("till-1"), "role": "till"})
    first = owner.send("POST", "/subjects", body, key=key)
    again = owner.send("POST", "/subjects", body, key=key)

    shown = content(first)
    secret = shown["credentials"].pop("secret")
    assert content(again) == shown
    assert again.headers["X-Idempotency-Replayed"] == "true"
    assert "shown once" in again.headers["Warning"]
    assert "Warning" not in first.headers
    assert secret not in again.text + str(again.headers)


@pytest.mark.parametrize("version", ["2026-02-03", "2026-06-01"])
def test_no_version_shows_it_twice(owner: Till, version: str) -> None:
    key, speaking = str(uuid4()), owner.speaking(version)
    body = envelope(made_of("till-1"))
    secret = content(speaking.send("POST", "/subjects", body, key=key))["credentials"]["secret"]

    assert secret not in speaking.send("POST", "/subjects", body, key=key).text


def test_another_key_of_the_organization_is_given_nobody_elses_answer(
    premises: Premises, owner: Till
) -> None:
    one, two = (holder(premises, a_key(owner, name)) for name in ("one", "two"))
    key, body = str(uuid4()), envelope(made_of("new"))
    made = content(one.send("POST", "/subjects", body, key=key))

    response = two.send("POST", "/subjects", body, key=key)

    refusal(response, 409)  # it is a request of its own, and the name is taken
    assert response.headers["X-Idempotency-Replayed"] == "false"
    assert made["credentials"]["secret"] not in response.text


def test_another_key_of_the_organization_makes_records_of_its_own(
    premises: Premises, till: Till, owner: Till
) -> None:
    one, two = (holder(premises, a_key(owner, name)) for name in ("one", "two"))
    key, body = str(uuid4()), envelope(intention_of(till))

    made = [content(each.send("POST", "/records", body, key=key))["id"] for each in (one, two, one)]

    assert made[0] == made[2] != made[1]


def test_no_answer_that_is_kept_holds_a_secret(premises: Premises, unit: Till) -> None:
    """Each row is decrypted and looked through."""
    unit.opens_shop()
    group = premises.group()
    group.scope = unit.organization
    secrets = [a_key(group, f"key-{n}", role="till")["credentials"]["secret"] for n in range(3)]
    secrets += [premises.first.secret, words.fiscalization()["credentials"]["password"]]
    platform(premises).made(
        "/merchants",
        {
            "legal_name": "K",
            "country_code": "DEU",
            "fiscal_identities": [],
            "address": {**a_location()["address"]},
        },
        Idempotency_Key="k",
    )

    kept = answers(premises)

    assert len(kept) > 8
    assert any('"key-2"' in one for one in kept)
    for one in kept:
        assert not any(secret in one for secret in secrets)
        assert "signature=" not in one


def answers(premises: Premises) -> list[str]:
    services = premises.services
    with reading(services.engine) as tx:
        rows = tx.execute(select(CLAIM).where(CLAIM.c.status != 0, CLAIM.c.answer.is_not(None)))
        return [
            services.vault.open(tx, row.scope, f"claim:{row.key}", b64decode(row.answer)).decode()
            for row in rows
        ]


def test_no_digest_can_be_guessed_from_what_was_sent(premises: Premises, unit: Till) -> None:
    """It was a plain SHA-256 over a body with a password in it."""
    assert len(premises.services.macs.digests) == 32
    unit.made("/taxpayers", words.taxpayer())
    with reading(premises.services.engine) as tx:
        digests = set(tx.scalars(select(CLAIM.c.digest)))
    other = premises.unit("B")
    other.made("/taxpayers", words.taxpayer(fiscalization=words.fiscalization(a_nif(1))))
    with reading(premises.services.engine) as tx:
        after = set(tx.scalars(select(CLAIM.c.digest)))

    assert after > digests
    assert all(len(one) == 64 for one in after)


@pytest.mark.parametrize(
    "change", ["role = 'owner'", "organization = :group", "systems = '[\"x\"]'", "generation = 3"]
)
def test_a_token_of_a_row_that_was_altered_by_hand_opens_nothing(
    premises: Premises, owner: Till, change: str
) -> None:
    made = a_key(owner, "till-1", role="till")
    caller = holder(premises, made)
    reporting = Caller(http=premises.http, key=in_one_word(made))
    caller.listed("/systems")
    reporting.get("/registers")

    said = {"group": premises.first.organization_id} if ":group" in change else {}
    with writing(premises.services.engine) as tx:
        tx.execute(text(f"UPDATE subject SET {change} WHERE id = :id"), {"id": made["id"], **said})

    assert soon(lambda: caller.send("GET", "/systems").status_code == 401)
    assert reporting.send("GET", "/registers").status_code == 401
    refusal(login(premises, made), 401)
