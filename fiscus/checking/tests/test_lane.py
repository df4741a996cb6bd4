"""A few checks at once; the others wait, and nothing of them stays when the service ends."""

import time
from pathlib import Path

import pytest

from fiscus.checking import kept, lane
from fiscus.checking.kept import CheckPhase, CheckState
from fiscus.checking.lane import CheckLane
from fiscus.checking.process import CheckLimits
from fiscus.checking.tests.slow import SLOW
from fiscus.model.faults import Unavailable
from tests.support.premises import MONDAY, MovingClock


def a_lane(folder: Path, *, seconds: float = 0.5, at_once: int = 1) -> CheckLane:
    return CheckLane(
        root=folder,
        clock=MovingClock(),
        limits=CheckLimits(seconds=seconds),
        at_once=at_once,
    )


def a_check(
    root: Path, number: int, *, content: bytes = SLOW, owner: str = "somebody"
) -> CheckState:
    state = CheckState(
        id=f"{number:032x}",
        name="a.xml",
        size=len(content),
        phase=CheckPhase.WAITING,
        at=MONDAY,
        owner=owner,
    )
    file = kept.file_of(root, state)
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    return state


def phases(one: CheckLane, *states: CheckState) -> list[CheckPhase | None]:
    found = [kept.find(one.root, state.id) for state in states]
    return [state.phase if state else None for state in found]


def wait_for(one: CheckLane, state: CheckState, phase: CheckPhase) -> CheckState:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = kept.find(one.root, state.id)
        if found is not None and found.phase is phase:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{state.id} is not {phase}")


def test_the_next_begins_when_one_ends(tmp_path: Path) -> None:
    one = a_lane(tmp_path)
    first, second, third = (a_check(tmp_path, number) for number in range(3))
    for state in (first, second, third):
        one.take(state)

    wait_for(one, first, CheckPhase.CHECKING)
    places = [kept.find(tmp_path, state.id) for state in (second, third)]
    assert [state.place for state in places if state] == [1, 2]

    for state in (first, second, third):
        done = wait_for(one, state, CheckPhase.DONE)
        assert done.result is not None
        assert done.result.findings[0].code == "CHECK-TIME-01"
        assert not kept.file_of(tmp_path, state).exists()


def test_so_many_wait_and_not_one_more(tmp_path: Path) -> None:
    one = a_lane(tmp_path, seconds=30)
    states = [a_check(tmp_path, number, owner="") for number in range(lane.WAITING_MAX + 1)]
    for state in states:
        one.take(state)

    with pytest.raises(Unavailable) as full:
        one.expect_place("somebody else")
    assert full.value.code is lane.FULL
    one.stop()


def test_one_person_has_few_places(tmp_path: Path) -> None:
    one = a_lane(tmp_path, seconds=30)
    for number in range(lane.OWN_MAX):
        one.take(a_check(tmp_path, number))

    with pytest.raises(Unavailable) as full:
        one.expect_place("somebody")
    assert full.value.code is lane.OWN_FULL
    one.expect_place("somebody else")
    one.stop()


def test_when_the_service_ends_nothing_stays(tmp_path: Path) -> None:
    one = a_lane(tmp_path, seconds=30)
    going, waiting = a_check(tmp_path, 1), a_check(tmp_path, 2)
    one.take(going)
    one.take(waiting)
    wait_for(one, going, CheckPhase.CHECKING)

    one.stop()

    end = time.monotonic() + 30
    while phases(one, going, waiting) != [None, None]:
        assert time.monotonic() < end
        time.sleep(0.02)
    with pytest.raises(Unavailable):
        one.expect_place("somebody")


def test_a_new_process_removes_what_an_earlier_one_kept(tmp_path: Path) -> None:
    state = a_check(tmp_path, 1)
    done = CheckState(
        id=state.id, name="a.xml", size=1, phase=CheckPhase.DONE, at=MONDAY, ended=MONDAY
    )
    kept.write(tmp_path, done)
    one = a_lane(tmp_path)

    one.start()
    assert phases(one, state) == [CheckPhase.DONE]
    one.clock.move(minutes=15)  # type: ignore[attr-defined]
    one.start()
    assert phases(one, state) == [None]
    one.stop()


def test_a_check_that_is_removed_meanwhile_harms_nobody(tmp_path: Path) -> None:
    one = a_lane(tmp_path, seconds=2)
    removed, other = a_check(tmp_path, 1), a_check(tmp_path, 2, content=b"Dear Sir")
    one.take(removed)
    one.take(other)
    wait_for(one, removed, CheckPhase.CHECKING)

    kept.remove(tmp_path, removed.id)

    assert wait_for(one, other, CheckPhase.DONE).result is not None
    assert phases(one, removed) == [None]
