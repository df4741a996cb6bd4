import threading
from datetime import UTC, date, datetime

import msgspec
import pytest
from sqlalchemy import Connection, Engine

from fiscus.issuing import numbering
from fiscus.journal.tests.bodies import SEAL, a_body
from fiscus.model.records import Numbered, SeriesWanted
from fiscus.model.tests.clock import MORNING
from fiscus.registry import series
from fiscus.registry.tests.builders import a_taxpayer, an_id
from fiscus.store.connect import writing

replace = msgspec.structs.replace
ENTERED = datetime(2026, 5, 4, 8, 15, 1, tzinfo=UTC)


def a_series(tx: Connection, taxpayer: str, name: str = "A") -> str:
    id_ = an_id()
    series.want(tx, id_, taxpayer, SeriesWanted(document_type="FR", name=name), MORNING)
    series.activate(tx, id_, "CODE")
    return id_


def advanced(head: numbering.Head, record: str) -> None:
    slot = head.slot()
    numbered = Numbered(
        series=slot.series.id, name="A", number=slot.number, previous=slot.last_record
    )
    head.advance(
        replace(a_body(), id=record, numbered=numbered),
        replace(SEAL, carry=f"carry of {record}", entered=ENTERED),
    )


def test_a_new_series_starts_at_one_with_nothing_before(engine: Engine) -> None:
    with writing(engine) as tx:
        id_ = a_series(tx, a_taxpayer(tx).taxpayer.id)
        heads, latest = numbering.lock(tx, [id_])
    slot = heads[id_].slot()

    assert (slot.number, slot.carried, slot.last_record) == (1, "", "")
    assert (slot.last_day, slot.last_at, latest) == (None, None, {})
    assert slot.series.validation_code == "CODE"


def test_looking_at_a_slot_takes_nothing(engine: Engine) -> None:
    with writing(engine) as tx:
        id_ = a_series(tx, a_taxpayer(tx).taxpayer.id)
        head = numbering.lock(tx, [id_])[0][id_]

    assert head.slot() == head.slot()


def test_what_was_taken_is_there_for_the_next_transaction(engine: Engine) -> None:
    with writing(engine) as tx:
        taxpayer = a_taxpayer(tx).taxpayer.id
        one, two = a_series(tx, taxpayer), a_series(tx, taxpayer, "B")
        heads, _ = numbering.lock(tx, [one])
        advanced(heads[one], "r-1")
        advanced(heads[one], "r-2")
        numbering.write(tx, heads.values())
    with writing(engine) as tx:
        heads, latest = numbering.lock(tx, [one, two])
    slot = heads[one].slot()

    assert (slot.number, slot.carried, slot.last_record) == (3, "carry of r-2", "r-2")
    assert (slot.last_day, slot.last_at) == (date(2026, 5, 4), ENTERED)
    assert heads[two].slot().number == 1
    assert latest == {taxpayer: ENTERED}


@pytest.mark.parametrize("wrong", [{"number": 2}, {"number": 1, "previous": "r-0"}], ids=str)
def test_a_place_is_taken_by_the_document_that_was_made_for_it(
    engine: Engine, wrong: dict[str, object]
) -> None:
    with writing(engine) as tx:
        id_ = a_series(tx, a_taxpayer(tx).taxpayer.id)
        head = numbering.lock(tx, [id_])[0][id_]
        numbered = replace(Numbered(series=id_, name="A", number=1), **wrong)
        with pytest.raises(AssertionError):
            head.advance(replace(a_body(), numbered=numbered), SEAL)


def test_a_head_is_held_until_its_transaction_ends(engine: Engine) -> None:
    with writing(engine) as tx:
        id_ = a_series(tx, a_taxpayer(tx).taxpayer.id)

    def count() -> None:
        for _ in range(10):
            with writing(engine) as tx:
                heads, _ = numbering.lock(tx, [id_])
                advanced(heads[id_], an_id())
                numbering.write(tx, heads.values())

    threads = [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with writing(engine) as tx:
        assert numbering.lock(tx, [id_])[0][id_].number == 30


def test_nothing_to_lock_and_nothing_to_write_ask_nobody(engine: Engine) -> None:
    with writing(engine) as tx:
        assert numbering.lock(tx, []) == ({}, {})
        numbering.write(tx, [])
