import hmac
import json
import os
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, text

from fiscus.journal import encode
from fiscus.model.faults import Conflict, Corrupt, Missing, Refused
from fiscus.model.kinds import StatementKind
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.registry import keys
from fiscus.registry.roles import Role
from fiscus.registry.tests.builders import MAC, a_shop, an_id, an_organization
from fiscus.registry.views import KeyState, Subject
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY, SUBJECT

BY: dict[str, Any] = {"by": "somebody", "at": MORNING}
DAY = timedelta(days=1)


def a_key(tx: Connection, organization: str = "", **more: Any) -> tuple[Subject, str]:
    said: dict[str, Any] = {"name": "till-1", "role": Role.MANAGER, **more}
    made = {
        "id_": an_id(),
        "environment": "test",
        "entropy": os.urandom,
        "by": "somebody",
        "at": said.pop("at", MORNING),
    }
    wanted = keys.NewKey(organization=organization or an_organization(tx), **said)
    return keys.create(tx, MAC, wanted, **made)


def proven(
    tx: Connection, subject: Subject, secret: str, at: datetime = MORNING
) -> keys.ProvenSubject:
    return keys.proven(tx, MAC, subject.key, secret, at)


def opens(tx: Connection, subject: Subject, secret: str, at: datetime = MORNING) -> bool:
    try:
        proven(tx, subject, secret, at)
    except Missing:
        return False
    return True


def test_key_and_secret_prove_who_asks(engine: Engine) -> None:
    with writing(engine) as tx:
        subject, secret = a_key(tx)

    with reading(engine) as tx:
        assert proven(tx, subject, secret) == keys.ProvenSubject(subject=subject, generation=1)
    assert subject.key.startswith("test_")
    assert len(secret) == 43


def test_the_secret_itself_is_not_kept(engine: Engine) -> None:
    with writing(engine) as tx:
        _, secret = a_key(tx)

    with reading(engine) as tx:
        row = tx.execute(select(SUBJECT)).one()
    assert secret not in str(row)


@pytest.mark.parametrize(("key", "secret"), [("", "wrong"), ("nobody", ""), ("nobody", "right")])
def test_a_wrong_key_and_a_wrong_secret_look_the_same(
    engine: Engine, key: str, secret: str
) -> None:
    with writing(engine) as tx:
        subject, right = a_key(tx)

        with pytest.raises(Missing) as caught:
            keys.proven(
                tx, MAC, key or subject.key, right if secret == "right" else secret, MORNING
            )

    assert caught.value.code == keys.WRONG_SECRET


def test_a_name_is_taken_once_in_an_organization(engine: Engine) -> None:
    with writing(engine) as tx:
        first, _ = a_key(tx)
        a_key(tx, an_organization(tx))
        with pytest.raises(Conflict) as caught:
            a_key(tx, first.organization)

    assert caught.value.code == keys.NAME_TAKEN


def test_a_key_cannot_be_renamed_to_a_taken_name_but_keeps_its_own(engine: Engine) -> None:
    with writing(engine) as tx:
        first, _ = a_key(tx)
        second, _ = a_key(tx, first.organization, name="till-2")
        with pytest.raises(Conflict) as caught:
            keys.update(tx, second.id, name="till-1", **BY)
        kept = keys.update(tx, second.id, name="till-2", metadata={"a": "b"}, **BY)

    assert caught.value.code == keys.NAME_TAKEN
    assert (kept.name, kept.metadata) == ("till-2", {"a": "b"})


def test_an_update_without_a_name_keeps_the_name(engine: Engine) -> None:
    with writing(engine) as tx:
        subject, _ = a_key(tx)

        assert keys.update(tx, subject.id, metadata={"x": "1"}, **BY).name == "till-1"


def test_keys_are_listed_in_the_order_of_their_creation_page_by_page(engine: Engine) -> None:
    clock = StandingClock()
    with writing(engine) as tx:
        organization = an_organization(tx)
        made = []
        for number in range(5):
            clock.move(seconds=number % 2)
            made.append(a_key(tx, organization, name=f"till-{number}", at=clock())[0])
        made.sort(key=keys.cursor)
        first = keys.of(tx, organization, after="", limit=3)
        rest = keys.of(tx, organization, after=keys.cursor(first[-1]), limit=3)

    assert [*first, *rest] == made


def test_an_unknown_subject_is_missing(engine: Engine) -> None:
    with reading(engine) as tx, pytest.raises(Missing):
        keys.read(tx, "nobody")


def test_the_hash_of_a_key_never_changes(engine: Engine) -> None:
    """Whoever changes it locks all keys out."""
    with writing(engine) as tx:
        organization = an_organization(tx)
        wanted = keys.NewKey(organization=organization, name="till-1", role=Role.TILL)
        keys.create(
            tx, MAC, wanted, id_="s-1", environment="test", entropy=bytes, by="b", at=MORNING
        )
        row = tx.execute(select(SUBJECT)).one()

    facts = ["fiscus/key/1", "s-1", organization, row.key, "till", [], 1, "A" * 43]
    expected = hmac.digest(MAC, json.dumps(facts, separators=(",", ":")).encode(), "sha256")
    assert row.secret_hash == expected.hex()


@pytest.mark.parametrize(
    "change",
    [
        "role = 'owner'",
        "organization = :other",
        "systems = '[]'",
        "id = 'another'",
        "generation = 2",
        "secret_hash = ''",
        "state = 'DISABLED'",
    ],
)
def test_a_row_that_was_altered_by_hand_opens_nothing(engine: Engine, change: str) -> None:
    with writing(engine) as tx:
        shop = a_shop(tx)
        other = an_organization(tx)
        subject, secret = a_key(tx, shop.organization, role=Role.TILL, systems=(shop.register,))
        assert opens(tx, subject, secret)
        said = {"other": other} if ":other" in change else {}
        tx.execute(text(f"UPDATE subject SET {change}"), said)

        assert not opens(tx, subject, secret)


def test_a_row_that_was_copied_by_hand_opens_nothing(engine: Engine) -> None:
    """The attacker knows the secret of a key of their own, and wants one of another
    organization."""
    with writing(engine) as tx:
        subject, secret = a_key(tx)
        other = an_organization(tx)
        row = dict(tx.execute(select(SUBJECT)).one()._mapping)
        row |= {"id": an_id(), "key": "test_copied", "organization": other, "role": "owner"}
        tx.execute(SUBJECT.insert().values(row))

        with pytest.raises(Missing):
            keys.proven(tx, MAC, "test_copied", secret, MORNING)
        assert opens(tx, subject, secret)


@pytest.mark.parametrize("change", ["role = 'emperor'", "state = 'MAYBE'", "systems = 'all'"])
def test_a_row_that_nobody_wrote_like_this_is_told_as_such(engine: Engine, change: str) -> None:
    with writing(engine) as tx:
        subject, _ = a_key(tx)
        tx.execute(text(f"UPDATE subject SET {change}"))
        with pytest.raises(Corrupt):
            keys.find(tx, subject.id)


def test_a_key_that_is_disabled_opens_nothing_until_it_is_enabled(engine: Engine) -> None:
    with writing(engine) as tx:
        subject, secret = a_key(tx)
        keys.update(tx, subject.id, state=KeyState.DISABLED, **BY)
        assert not opens(tx, subject, secret)
        keys.update(tx, subject.id, state=KeyState.ENABLED, **BY)
        assert opens(tx, subject, secret)


def rotated(tx: Connection, subject: Subject, grace: timedelta = DAY) -> str:
    return keys.rotate(
        tx, MAC, subject.id, until=MORNING + grace, entropy=os.urandom, by="somebody", at=MORNING
    )[1]


def test_after_a_rotation_both_secrets_open_until_the_grace_is_over(engine: Engine) -> None:
    with writing(engine) as tx:
        subject, old = a_key(tx)
        new = rotated(tx, subject)

        assert proven(tx, subject, new).generation == 2
        assert proven(tx, subject, old).generation == 1
        late = MORNING + DAY - timedelta(microseconds=1)
        assert [opens(tx, subject, one, late) for one in (old, new)] == [True, True]
        assert [opens(tx, subject, one, MORNING + DAY) for one in (old, new)] == [False, True]


def test_without_grace_the_old_secret_is_over_at_once(engine: Engine) -> None:
    with writing(engine) as tx:
        subject, old = a_key(tx)
        new = rotated(tx, subject, timedelta())

        assert [opens(tx, subject, one) for one in (old, new)] == [False, True]


def test_two_rotations_leave_the_last_two_secrets(engine: Engine) -> None:
    with writing(engine) as tx:
        subject, first = a_key(tx)
        second = rotated(tx, subject)
        third = rotated(tx, subject)

        found = [opens(tx, subject, one) for one in (first, second, third)]
        assert found == [False, True, True]


@pytest.mark.parametrize(
    "change", ["previous_until = '2099-01-01T00:00:00.000000Z'", "previous_hash = :first"]
)
def test_the_grace_cannot_be_made_longer_by_hand(engine: Engine, change: str) -> None:
    with writing(engine) as tx:
        subject, old = a_key(tx)
        first = tx.scalar(select(SUBJECT.c.secret_hash))
        rotated(tx, subject)
        said = {"first": first} if ":first" in change else {}
        tx.execute(text(f"UPDATE subject SET {change}"), said)

        assert not opens(tx, subject, old, MORNING + 2 * DAY)


def history(tx: Connection, subject: Subject) -> list[tuple[int, str, str, dict[str, Any]]]:
    """Version, state, who, and the whole row as the journal states it."""
    said = tx.execute(
        select(ENTRY.c.kind, ENTRY.c.body, ENTRY.c.chain)
        .where(ENTRY.c.thing == subject.id)
        .order_by(ENTRY.c.sequence)
    ).all()
    assert {(row.kind, row.chain) for row in said} == {
        (StatementKind.SUBJECT, subject.organization)
    }
    bodies = [encode.statement(row.kind, row.body) for row in said]
    rows = [(body.by, body.rows[0].row or {}) for body in bodies]
    return [(row["version"], row["state"], by, row) for by, row in rows]  # type: ignore[misc]


def test_every_change_of_a_key_is_stated_with_who_did_it_and_no_secret(engine: Engine) -> None:
    with writing(engine) as tx:
        subject, secret = a_key(tx)
        keys.update(tx, subject.id, name="till-9", by="ana", at=MORNING)
        keys.update(tx, subject.id, state=KeyState.DISABLED, by="rui", at=MORNING)
        keys.update(tx, subject.id, state=KeyState.DISABLED, metadata={"a": "b"}, **BY)
        new = rotated(tx, subject)
        found = history(tx, subject)
        row = tx.execute(select(SUBJECT)).one()

    assert [one[:3] for one in found] == [
        (1, "ENABLED", "somebody"),
        (2, "ENABLED", "ana"),
        (3, "DISABLED", "rui"),
        (3, "DISABLED", "somebody"),
        (4, "DISABLED", "somebody"),
    ]
    assert [one[3]["name"] for one in found] == ["till-1", *["till-9"] * 4]
    assert [one[3]["generation"] for one in found] == [1, 1, 1, 1, 2]
    assert [one[3]["metadata"] for one in found] == ["{}"] * 3 + ['{"a":"b"}'] * 2
    last = dict(row._mapping)
    hashes = (last.pop("secret_hash"), last.pop("previous_hash"))
    assert {name: found[-1][3][name] for name in last} == last
    assert not any(one in str(found) for one in (secret, new, *hashes))


def test_of_two_who_stop_the_last_two_owners_at_once_one_is_refused(engine: Engine) -> None:
    with writing(engine) as tx:
        organization = an_organization(tx)
        owners = [a_key(tx, organization, name=name, role=Role.OWNER)[0] for name in ("one", "two")]
        a_key(tx, organization, name="manager")
    outcomes: list[str] = []

    def stop(subject: Subject) -> None:
        try:
            with writing(engine) as tx:
                keys.expect_another_owner(tx, subject)
                keys.update(tx, subject.id, state=KeyState.DISABLED, **BY)
            outcomes.append("stopped")
        except Conflict as trouble:
            outcomes.append(trouble.code.id)

    threads = [threading.Thread(target=stop, args=(subject,)) for subject in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [keys.LAST_OWNER.id, "stopped"]
    with reading(engine) as tx:
        assert keys.has_owner(tx, organization)


def test_only_the_key_of_a_till_is_limited_and_only_to_systems_that_are_there(
    engine: Engine,
) -> None:
    with writing(engine) as tx:
        shop, other = a_shop(tx), a_shop(tx)
        own, foreign = shop.register, other.register

        assert keys.limits(tx, shop.organization, Role.TILL, [own, own]) == (own,)
        assert keys.limits(tx, shop.organization, Role.MANAGER, []) == ()
        with pytest.raises(Refused, match="REGISTRY-KEY-06"):
            keys.limits(tx, shop.organization, Role.AUDITOR, [own])
        named = [own, foreign, "nothing"]
        with pytest.raises(Refused) as caught:
            keys.limits(tx, shop.organization, Role.TILL, named)

    assert caught.value.paths == ("registers[1]", "registers[2]")
