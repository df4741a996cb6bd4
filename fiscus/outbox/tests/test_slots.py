import threading
import time

from fiscus.outbox.slots import LaneSlots


def taken(slots: LaneSlots, *organizations: str) -> None:
    """One after the other, each as far as it may."""
    for organization in organizations:
        if not slots.is_full() and organization not in slots.excluded():
            slots.take(organization)


def held(slots: LaneSlots) -> dict[str, int]:
    return dict(slots.held)


def test_one_alone_takes_half_of_the_slots() -> None:
    slots = LaneSlots(16)

    taken(slots, *["a"] * 20)

    assert held(slots) == {"a": 8}


def test_whoever_comes_has_a_share_at_once_and_one_is_kept_for_the_next() -> None:
    slots = LaneSlots(16)
    taken(slots, *["a"] * 20, *["b"] * 20)
    assert held(slots) == {"a": 8, "b": 5}

    taken(slots, *["c"] * 20)
    assert held(slots) == {"a": 8, "b": 5, "c": 3}
    slots.free("a")
    taken(slots, "b", "a")
    assert held(slots) == {"a": 7, "b": 5, "c": 3}
    taken(slots, "d")
    assert held(slots) == {"a": 7, "b": 5, "c": 3, "d": 1}


def test_fifteen_whose_tasks_never_end_leave_a_slot_to_the_next() -> None:
    slots = LaneSlots(16)
    names = [f"{number:02}" for number in range(15)]
    for _ in range(20):
        taken(slots, *names)

    assert held(slots) == dict.fromkeys(names, 1)
    assert not slots.is_full()


def test_the_second_of_two_slots_is_another_s() -> None:
    slots = LaneSlots(2)
    taken(slots, "a", "a")
    assert (slots.is_full(), "a" in slots.excluded()) == (False, True)

    taken(slots, "b")
    assert slots.is_full()
    slots.free("a")
    assert ("a" in slots.excluded(), "b" in slots.excluded()) == (False, True)


def test_an_only_slot_is_whose_turn_it_is() -> None:
    slots = LaneSlots(1)
    assert "a" not in slots.excluded()
    taken(slots, "a")
    assert slots.is_full()
    slots.free("a")
    assert (slots.is_full(), list(slots.excluded())) == (False, [])


def test_a_wait_ends_when_a_slot_is_freed_also_just_before_it() -> None:
    slots = LaneSlots(1)
    taken(slots, "a")
    threading.Timer(0.05, slots.free, ["a"]).start()
    begun = time.monotonic()
    slots.wait(10)

    taken(slots, "a")
    slots.free("a")
    slots.wait(10)
    slots.wake()
    slots.wait(10)
    assert time.monotonic() - begun < 5
