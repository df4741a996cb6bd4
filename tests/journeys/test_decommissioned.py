"""A system that goes out of service leaves nothing open behind."""

from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Till, refusal


def test_an_open_intention_of_a_decommissioned_system_is_ended_and_shown_so(
    premises: Premises, till: Till
) -> None:
    """It stayed ACCEPTED for ever."""
    sold = till.sells(words.receipt())
    first = till.intends()
    second = till.intends(details={**words.BY, "training": True})
    path = f"/systems/{till.system}"
    till.changed(path, {"mode": "SUSPENDED"})

    till.changed(path, {"state": "DECOMMISSIONED"})

    for intention in (first, second):
        shown = till.get(f"/records/{intention}")
        assert (shown["state"], shown["mode"]) == ("COMPLETED", "FINISHED")
        abort = till.get(f"/records/{shown['used_in']['id']}")
        assert (abort["type"], abort["state"]) == ("TRANSACTION::ABORT", "COMPLETED")
        assert abort["record"] == {"id": intention}
    assert len(till.listed("/records?type=TRANSACTION::ABORT")) == 2
    refusal(till.concludes(words.receipt(), first), 405)
    assert till.get(f"/records/{sold['id']}")["state"] == "COMPLETED"
    premises.assert_proved()
