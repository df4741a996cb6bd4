"""`fiscus reporting` as an operator meets it."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fiscus.app import wall_clock
from fiscus.channels import Answer, ObligationReport
from fiscus.commands.tests.command_line import Told, fiscus
from fiscus.commands.tests.places import place_of
from fiscus.reporting.tests.authority import YES, refused
from fiscus.store.connect import writing
from fiscus.store.schema import TAXPAYER
from tests.support import servers, telling, words
from tests.support.premises import Premises, opened, set_up
from tests.support.till import Till

LISBON = ZoneInfo("Europe/Lisbon")


@pytest.fixture
def premises(tmp_path: Path, server: str) -> Iterator[Premises]:
    model = set_up(tmp_path / "model", server)
    with opened(model, tmp_path / "installation") as found:
        yield found
    if model.database_url:
        servers.drop(model.database_url)


@pytest.fixture
def till(premises: Premises) -> Till:
    now(premises)
    till = premises.unit().opens_shop()
    run(premises, "taxpayers", "set", "--reporting", "realtime", "--taxpayer", till.nif)
    return till


def run(premises: Premises, *arguments: str, code: int = 0) -> Told:
    told = fiscus(*arguments, **place_of(premises))
    assert told.code == code, told.error
    return told


def reports(premises: Premises, *arguments: str) -> list[dict[str, Any]]:
    told = run(premises, "reporting", "list", *arguments, "--json")
    found: list[dict[str, Any]] = json.loads(told.out)
    return found


def now(premises: Premises) -> datetime:
    """Commands live by the wall clock: the service is there when they are."""
    premises.clock.now = max(premises.clock.now, wall_clock())
    return premises.clock.now


def tell(premises: Premises, says: Callable[[ObligationReport], Answer]) -> None:
    now(premises)
    telling.tell(premises, says)


def test_what_was_refused_is_listed_shown_and_told_again(premises: Premises, till: Till) -> None:
    for number in "123":
        till.sells(words.receipt(number=number))
    tell(premises, lambda report: refused("-8"))

    assert len(reports(premises, "--state", "refused", "--taxpayer", till.nif)) == 3
    assert reports(premises, "--state", "accepted", "--state", "pending") == []
    today = now(premises).astimezone(LISBON).date()
    name = f"FR-T01-{today.year}"
    period = ("--from", f"{today - timedelta(days=1)}", "--to", f"{today}")
    assert len(reports(premises, *period, "--series", name)) == 3
    assert reports(premises, "--to", "2026-01-01") == []
    assert reports(premises, "--series", "OTHER") == []
    told = run(premises, "reporting", "list", "--limit", "2")
    assert f"FR {name}/1" in told.out
    assert "-8 erro -8" in told.out
    [first, second, third] = [one["id"] for one in reports(premises)]
    assert f"There are more: --after {second}" in told.error
    assert [one["id"] for one in reports(premises, "--after", second)] == [third]
    shown = json.loads(run(premises, "reporting", "show", first).out)
    assert (shown["remedy"], shown["code"]) == ("data", "-8")
    assert "mend" in shown["help"]

    run(premises, "reporting", "retry", first)
    assert "2 reports" in run(premises, "reporting", "retry", "--refused").error
    tell(premises, lambda report: YES)

    assert len(reports(premises, "--state", "accepted")) == 3
    assert "REPORT-STATE-01" in run(premises, "reporting", "retry", first, code=1).error
    assert run(premises, "reporting", "retry", code=2).out == ""
    assert "REPORT-FIND-01" in run(premises, "reporting", "show", "nobody", code=1).error


def test_a_document_is_deleted_at_the_authority(premises: Premises, till: Till) -> None:
    till.sells(words.receipt())
    tell(premises, lambda report: YES)
    [report] = [one["id"] for one in reports(premises)]
    short = run(premises, "reporting", "delete", report, "--reason", "no", code=1)
    assert "REPORT-REASON-01" in short.error
    assert "--reason" in short.error

    run(premises, "reporting", "delete", report, "--reason", "to the wrong customer")
    tell(premises, lambda report: YES)

    assert [one["state"] for one in reports(premises)] == ["deleted", "accepted"]
    premises.assert_proved()


@pytest.fixture
def month(premises: Premises, till: Till) -> str:
    """One that is over whatever the wall clock says: the taxpayer is here for years."""
    with writing(premises.services.engine) as tx:
        tx.execute(TAXPAYER.update().values(created_at="2020-01-15T12:00:00.000000Z"))
    return "2020-02"


def months(premises: Premises, *arguments: str) -> list[dict[str, Any]]:
    told = run(premises, "reporting", "months", *arguments, "--json")
    found: list[dict[str, Any]] = json.loads(told.out)
    return found


def test_a_month_is_declared_and_taken_back(premises: Premises, till: Till, month: str) -> None:
    run(premises, "taxpayers", "set", "--reporting", "saft", "--taxpayer", till.nif)
    known = {
        one["month"]: one for one in months(premises, "--taxpayer", till.nif, "--year", "2020")
    }
    assert known[month]["state"] == "no-invoicing"
    assert f"declare {month} --taxpayer {till.nif} --as no-invoicing" in known[month]["help"]
    whose = ("--taxpayer", till.nif)

    told = run(premises, "reporting", "declare", month, *whose, "--as", "file", "--reference", "R1")

    assert "done" in told.out
    assert "R1" in run(premises, "reporting", "months").out
    assert month in [one["month"] for one in months(premises, "--state", "done")]
    again = run(premises, "reporting", "declare", month, *whose, "--as", "file", code=1)
    assert "REPORT-MONTH-06" in again.error
    assert "MONTH" in again.error
    short = run(premises, "reporting", "declare", month, *whose, "--undo", code=1)
    assert "REPORT-MONTH-08" in short.error
    why = ("--undo", "--reason", "it was another taxpayer's")
    assert "no-invoicing" in run(premises, "reporting", "declare", month, *whose, *why).out
    assert "There are more: --after" in run(premises, "reporting", "months", "--limit", "1").error


def test_what_cannot_be_declared_is_said_with_its_option(
    premises: Premises, till: Till, month: str
) -> None:
    future = run(premises, "reporting", "declare", "2999-01", "--as", "file", code=1)
    assert "REPORT-MONTH-02" in future.error
    assert "REPORT-MONTH-05" in future.error
    assert "--as" in future.error
    for wrong in (("2026-13", "--as", "file"), (month,), (month, "--as", "file", "--undo")):
        run(premises, "reporting", "declare", *wrong, code=2)
