import os
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from fiscus.model.faults import Conflict, Missing
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.registry import keys
from fiscus.registry.tests.builders import an_id, an_organization
from fiscus.registry.things import Subject
from fiscus.store.connect import reading, writing
from fiscus.store.schema import SUBJECT


def a_key(tx: Connection, organization: str = "", **more: Any) -> tuple[Subject, str]:
    said: dict[str, Any] = {"name": "till-1", "environment": "test", "metadata": {}, "at": MORNING}
    return keys.create(
        tx,
        id_=an_id(),
        organization=organization or an_organization(tx),
        entropy=os.urandom,
        **(said | more),
    )


def test_key_and_secret_prove_who_asks(engine: Engine) -> None:
    with writing(engine) as tx:
        subject, secret = a_key(tx)

    with reading(engine) as tx:
        assert keys.proven(tx, subject.key, secret) == subject
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
            keys.proven(tx, key or subject.key, right if secret == "right" else secret)

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
            keys.update(tx, second.id, name="till-1", metadata={})
        kept = keys.update(tx, second.id, name="till-2", metadata={"a": "b"})

    assert caught.value.code == keys.NAME_TAKEN
    assert (kept.name, kept.metadata) == ("till-2", {"a": "b"})


def test_an_update_without_a_name_keeps_the_name(engine: Engine) -> None:
    with writing(engine) as tx:
        subject, _ = a_key(tx)

        assert keys.update(tx, subject.id, name=None, metadata={"x": "1"}).name == "till-1"


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
