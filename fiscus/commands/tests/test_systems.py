"""`fiscus systems`: which there are, and whether their own numbers count."""

import json

from fiscus.commands.tests.test_reporting import premises, run
from tests.support import words
from tests.support.premises import Premises

__all__ = ["premises"]


def test_systems_are_listed_and_said_to_be_ignored(premises: Premises) -> None:
    till = premises.unit().opens_shop()
    [one] = json.loads(run(premises, "systems", "list", "--json").out)
    assert (one["id"], one["state"], one["numbers"]) == (till.system, "COMMISSIONED", "compare")
    assert till.records(words.receipt(number="7"))["state"] == "REJECTED"

    told = run(premises, "systems", "set", "--numbers", "ignore")

    assert f"system {till.system} states are ignored" in told.error
    assert "numbers ignore" in run(premises, "systems", "list").out
    assert till.sells(words.receipt(number="7"))
    run(premises, "systems", "set", "--numbers", "compare", "--system", till.system)
    assert till.records(words.receipt(number="7"))["state"] == "REJECTED"
    premises.assert_proved()


def test_a_change_through_the_api_leaves_it_as_it_is(premises: Premises) -> None:
    till = premises.unit().opens_shop()
    run(premises, "systems", "set", "--numbers", "ignore")
    path = f"/systems/{till.system}"

    till.changed(path, {"mode": "SUSPENDED"})
    till.changed(path, {"software": {"name": "example-pos", "version": "5"}})
    till.changed(path, {"mode": "OPERATIVE"})

    assert till.sells(words.receipt(number="7"))


def test_which_of_several_is_to_be_said(premises: Premises) -> None:
    till = premises.unit().opens_shop()
    other = till.made("/systems", words.device(till.location))["id"]

    both = run(premises, "systems", "set", "--numbers", "ignore", code=1)
    none = run(premises, "systems", "set", "--numbers", "ignore", "--system", "x", code=1)

    assert "CLI-SYSTEM-01" in both.error
    assert "--system" in both.error
    assert "CLI-SYSTEM-02" in none.error
    first = json.loads(run(premises, "systems", "list", "--limit", "1", "--json").out)
    after = run(premises, "systems", "list", "--after", first[0]["id"], "--json")
    assert [one["id"] for one in [*first, *json.loads(after.out)]] == sorted([till.system, other])
