"""`fiscus taxpayers`: who is here, and how their documents are reported."""

import json
from datetime import timedelta

from fiscus.commands.tests.test_reporting import LISBON, now, premises, run, till
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Till

__all__ = ["premises", "till"]


def test_taxpayers_are_listed_shown_and_choose_how_they_report(
    premises: Premises, till: Till
) -> None:
    [one] = json.loads(run(premises, "taxpayers", "list", "--json").out)
    assert (one["id"], one["tax_number"], one["reporting"]) == (till.taxpayer, till.nif, "realtime")
    assert till.nif in run(premises, "taxpayers", "list").out
    assert till.send("GET", f"/taxpayers/{till.taxpayer}").json()["metadata"] == {
        "reporting": "realtime"
    }
    till.sells(words.receipt())

    today = now(premises).astimezone(LISBON).date()
    following = (today.replace(day=28) + timedelta(days=4)).replace(day=1)

    told = run(premises, "taxpayers", "set", "--reporting", "saft")

    assert f"realtime, from {following} on saft" in told.error
    shown = json.loads(run(premises, "taxpayers", "show", till.nif).out)
    assert [term["mode"] for term in shown["reporting_terms"]] == ["realtime", "saft"]
    again = run(premises, "taxpayers", "set", "--reporting", "saft")
    assert f"from {following} on saft" in again.error
    premises.assert_proved()


def test_a_wrong_word_and_a_law_without_the_choice_are_refused(premises: Premises) -> None:
    premises.unit().opens_shop(words.italian())

    word = run(premises, "taxpayers", "set", "--reporting", "weekly", code=1)
    law = run(premises, "taxpayers", "set", "--reporting", "realtime", code=1)

    assert "REPORT-CHOICE-01" in word.error
    assert "--reporting" in word.error
    assert "REPORT-CHOICE-02" in law.error
