import os
import threading
from datetime import UTC, datetime
from uuid import RFC_4122, UUID

from fiscus.model.ids import uuid4s, uuid7s
from fiscus.model.tests.clock import MORNING, StandingClock

THREADS = 8
EACH = 2000


def test_an_id_is_a_uuid_of_version_7_that_begins_with_its_millisecond() -> None:
    found = UUID(uuid7s(StandingClock(), os.urandom)())

    assert (found.version, found.variant) == (7, RFC_4122)
    millis = found.int >> 80
    assert datetime.fromtimestamp(millis / 1000, UTC) == MORNING.replace(microsecond=250_000)


def test_the_random_part_is_the_entropy_that_was_given() -> None:
    found = UUID(uuid7s(StandingClock(), lambda size: b"\xff" * size)())

    assert found.int & (2**62 - 1) == 2**62 - 1
    assert found.variant == RFC_4122


def test_ids_rise_within_one_millisecond_and_far_beyond_its_counter() -> None:
    give = uuid7s(StandingClock(), os.urandom)

    ids = [give() for _ in range(3 * 4096)]

    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_ids_go_on_rising_when_the_clock_goes_back() -> None:
    clock = StandingClock()
    give = uuid7s(clock, os.urandom)
    before = give()
    clock.move(hours=-1)

    ids = [before, *(give() for _ in range(5000))]
    clock.move(hours=2)
    ids.append(give())

    assert ids == sorted(ids)


def test_many_threads_never_get_one_id_twice_and_each_sees_them_rise() -> None:
    give = uuid7s(lambda: datetime.now(UTC), os.urandom)
    rows: list[list[str]] = [[] for _ in range(THREADS)]
    threads = [
        threading.Thread(target=lambda row=row: row.extend(give() for _ in range(EACH)))
        for row in rows
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(row == sorted(row) for row in rows)
    assert len({id_ for row in rows for id_ in row}) == THREADS * EACH


def test_a_random_id_is_a_uuid_of_version_4() -> None:
    found = UUID(uuid4s(os.urandom)())

    assert (found.version, found.variant) == (4, RFC_4122)
