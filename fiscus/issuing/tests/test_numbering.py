import threading
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Connection, Engine, select

from fiscus.issuing import numbering
from fiscus.journal.tests.bodies import SEAL, a_body
from fiscus.model.faults import Unavailable
from fiscus.model.records import SeriesWanted, TakenNumber
from fiscus.model.tests.clock import MORNING
from fiscus.registry import series
from fiscus.registry.tests.builders import a_taxpayer, an_id
from fiscus.store.connect import writing
from fiscus.store.schema import SERIES

replace = msgspec.structs.replace
ENTERED = datetime(2026, 5, 4, 8, 15, 1, tzinfo=UTC)


def a_wish(taxpayer: str, name: str = "A") -> series.SeriesWish:
    wanted = SeriesWanted(document_type="FR", name=name)
    return series.SeriesWish(owner=taxpayer, taxpayer=taxpayer, location=taxpayer, wanted=wanted)


def a_series(tx: Connection, taxpayer: str, name: str = "A") -> str:
    id_ = an_id()
    series.want(tx, id_, a_wish(taxpayer, name), MORNING)
    series.activate(tx, id_, "CODE")
    return id_


def advanced(head: numbering.SeriesHead, record: str) -> None:
    slot = head.slot()
    numbered = TakenNumber(
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
        numbered = replace(TakenNumber(series=id_, name="A", number=1), **wrong)
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


def test_the_last_document_of_a_taxpayer_is_no_other_taxpayers(engine: Engine) -> None:
    """Or a clock that is ahead in one shop would hold back all others."""
    with writing(engine) as tx:
        mine, other = a_taxpayer(tx).taxpayer.id, a_taxpayer(tx).taxpayer.id
        here, there = a_series(tx, mine), a_series(tx, other)
        heads, _ = numbering.lock(tx, [here, there])
        advanced(heads[here], "r-1")
        advanced(heads[there], "r-2")
        heads[there].last_at = ENTERED + timedelta(hours=1)
        numbering.write(tx, heads.values())

        _, latest = numbering.lock(tx, [here, there])

    assert latest == {mine: ENTERED, other: ENTERED + timedelta(hours=1)}


def test_only_the_series_that_are_asked_for_are_locked(engine: Engine) -> None:
    """Whoever locks all of them lets no other writer sell."""
    with writing(engine) as tx:
        taxpayer = a_taxpayer(tx).taxpayer.id
        one, two, _ = (a_series(tx, taxpayer, name) for name in "ABC")

        assert set(numbering.lock(tx, [one])[0]) == {one}
        assert set(numbering.lock(tx, [two, one])[0]) == {one, two}


@pytest.mark.parametrize(
    "forged",
    [
        {"validation_code": "FORGED12"},
        {"validation_code": "FORGED12", "link": "0" * 64},
        {"link": None},
        {"name": "C"},
        {"document_type": "FT"},
        {"is_training": 1},
    ],
)
def test_a_row_that_the_journal_does_not_state_numbers_nothing(
    engine: Engine, forged: dict[str, object]
) -> None:
    with writing(engine) as tx:
        id_ = a_series(tx, a_taxpayer(tx).taxpayer.id)
        numbering.lock(tx, [id_])[0][id_].expect_stated()
        tx.execute(SERIES.update().where(SERIES.c.id == id_).values(forged))
        head = numbering.lock(tx, [id_])[0][id_]

        with pytest.raises(Unavailable, match="ISSUE-SERIES-07"):
            head.expect_stated()


def test_a_row_that_was_put_back_to_what_was_stated_before_numbers_nothing(engine: Engine) -> None:
    with writing(engine) as tx:
        taxpayer = a_taxpayer(tx).taxpayer.id
        id_, wish = an_id(), a_wish(taxpayer)
        series.want(tx, id_, wish, MORNING)
        before = tx.execute(select(SERIES).where(SERIES.c.id == id_)).one()._asdict()
        series.activate(tx, id_, "CODE")
        tx.execute(SERIES.update().where(SERIES.c.id == id_).values(before))
        head = numbering.lock(tx, [id_])[0][id_]

        with pytest.raises(Unavailable, match="ISSUE-SERIES-07"):
            head.expect_stated()


def test_a_series_that_somebody_declared_active_numbers_nothing(engine: Engine) -> None:
    with writing(engine) as tx:
        taxpayer = a_taxpayer(tx).taxpayer.id
        id_ = an_id()
        series.want(tx, id_, a_wish(taxpayer), MORNING)
        tx.execute(SERIES.update().where(SERIES.c.id == id_).values(state="active"))
        head = numbering.lock(tx, [id_])[0][id_]

        with pytest.raises(Unavailable, match="ISSUE-SERIES-07"):
            head.expect_stated()


def test_a_series_without_any_statement_numbers_nothing(engine: Engine) -> None:
    with writing(engine) as tx:
        id_ = a_series(tx, a_taxpayer(tx).taxpayer.id)
        row = tx.execute(select(SERIES).where(SERIES.c.id == id_)).one()._asdict()
        other = an_id()
        tx.execute(SERIES.insert().values(row | {"id": other, "name": "B", "folded": "b"}))
        head = numbering.lock(tx, [other])[0][other]

        with pytest.raises(Unavailable, match="ISSUE-SERIES-07"):
            head.expect_stated()
