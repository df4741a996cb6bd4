"""What is found of requests, without pages."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import Connection, Engine

from fiscus import regimes
from fiscus.console import sent_facts
from fiscus.issuing import idempotency
from fiscus.model.faults import Fault
from fiscus.model.orders import IdempotencyKey
from fiscus.model.tests.clock import MORNING
from fiscus.registry.tests.builders import a_vault
from fiscus.store.connect import writing

UNIT, KEY = str(uuid4()), str(uuid4())


def test_a_rule_with_a_remedy_tells_it() -> None:
    law = regimes.find("pt")
    code, remedy = next(iter(law.remedies.items()))

    [found] = sent_facts.explained([Fault(code=code, text="text", law="CIVA", paths=("a",))])

    assert (found.remedy, found.law, found.paths) == (remedy, "CIVA", ("a",))


def test_ids_are_read_as_people_paste_them() -> None:
    id_ = "01a1e395-ae80-7002-a854-ac2c87c6584c"

    assert sent_facts.id_of(id_.upper()) == id_
    assert sent_facts.id_of(f"req_{id_.replace('-', '')}") == id_
    assert sent_facts.id_of("till-7") == ""
    at = sent_facts.time_of(id_)
    assert at is not None
    assert at.isoformat() == "2026-11-16T09:00:00+00:00"
    assert sent_facts.time_of(str(uuid4())) is None
    assert sent_facts.time_of("") is None


def claim(tx: Connection, key: str, taker: str = "t", scope: str = UNIT) -> None:
    said = IdempotencyKey(scope=scope, key=key, digest="d")
    idempotency.take(tx, [(said, taker)], MORNING, MORNING + timedelta(hours=24))


def found(tx: Connection, asked: str) -> list[tuple[str, str, str]]:
    result = sent_facts.search(tx, a_vault(), UNIT, asked, ())
    return sorted((one.key, one.family, one.operation) for one in result.requests)


def test_a_key_is_found_in_every_family_whoever_sent_it(engine: Engine) -> None:
    other = str(uuid4())
    with writing(engine) as tx:
        claim(tx, f"{KEY}:sale-1")
        claim(tx, f"{other}:sale-1")
        claim(tx, f"reporting:createOperation:{KEY}:sale-1")
        claim(tx, f"reporting:completeOperation:{KEY}:sale-1")
        claim(tx, f"reporting:completeOperation:{KEY}:a:sale-1")
        claim(tx, f"closing:{uuid4()}")
        claim(tx, f"webhooks:createWebhook:{other}:sale-1")
        claim(tx, f"{KEY}:sale-1", scope=str(uuid4()))

        assert found(tx, "sale-1") == [
            ("sale-1", "", ""),
            ("sale-1", "", ""),
            ("sale-1", "reporting", "completeOperation"),
            ("sale-1", "reporting", "createOperation"),
            ("sale-1", "webhooks", "createWebhook"),
        ]
        assert found(tx, "a:sale-1") == [("a:sale-1", "reporting", "completeOperation")]
        assert found(tx, "sale-2") == []
        assert found(tx, "") == []


def test_many_keys_of_one_kind_do_not_hide_another_kind(engine: Engine) -> None:
    with writing(engine) as tx:
        for number in range(700):
            claim(tx, f"closing:{number:04}")
            claim(tx, f"{KEY}:{number:04}")
        claim(tx, f"unified:other:{KEY}:last")

        assert found(tx, "last") == [("last", "unified", "other")]
