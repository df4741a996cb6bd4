"""`fiscus series`: an operator takes over a series of the program of before, and sells on."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from fiscus.app import wall_clock
from fiscus.channels import Accepted, RegisterSeries
from fiscus.commands.tests.command_line import fiscus
from fiscus.commands.tests.places import PERIOD, place_of
from fiscus.registry import taxpayers
from fiscus.store.connect import writing
from tests.support import words
from tests.support.premises import MONDAY, Model, Premises, opened
from tests.support.till import Till, logs

HASH = "aB3+" * 42 + "xyz="
TODAY = MONDAY.date().isoformat()


@pytest.fixture
def premises(model: Model, tmp_path: Path) -> Iterator[Premises]:
    with opened(model, tmp_path / "installation") as found:
        yield found


@pytest.fixture
def till(premises: Premises) -> Till:
    return premises.unit().opens_shop()


def registered_before(premises: Premises, name: str) -> str:
    """By the program of before; gives the validation code."""
    message = RegisterSeries(
        taxpayer=words.NIF,
        document_type="FR",
        name=name,
        first_number=1,
        starts_on=date.fromisoformat(TODAY),
        facts={"class": "SI", "type": "FR", "certificate": "30", "processing": "PI"},
    )
    login = {"username": f"{words.NIF}/9", "password": "the program of before"}
    answer = premises.services.channels("at_portugal").send(message, login)
    assert isinstance(answer, Accepted)
    return answer.reference


def test_a_series_of_the_program_of_before_is_refused_adopted_and_goes_on(
    premises: Premises, till: Till, tmp_path: Path
) -> None:
    code = registered_before(premises, "VELHA")
    place = place_of(premises)
    refused = till.records(words.receipt(series="VELHA"))
    assert refused["state"] == "FAILED"
    assert logs(refused).startswith("Submission error: ISSUE-SERIES-01")
    assert "VELHA-2 is free" in logs(refused)
    assert "`fiscus series adopt` (content.operation.document.series)" in logs(refused)

    adopt = (
        "series",
        "adopt",
        "FR",
        "velha",
        "--taxpayer",
        words.NIF,
        "--location",
        till.location,
    )
    last = ("--last-number", "123", "--last-hash", HASH, "--last-date", TODAY)
    told = fiscus(*adopt, *last, "--last-entry-date", f"{TODAY}T08:59:59", **place)
    assert told.code == 0, told.error
    assert f"FR VELHA ({code}) goes on with number 124." in told.error
    again = fiscus(*adopt, *last, **place)
    assert (again.code, again.error.strip().split()[0]) == (1, "ISSUE-ADOPT-08")

    record = till.sells(words.receipt(series="VELHA"))
    assert record["compliance"]["data"] == f"{code}-124"
    assert words.qr(record)["G"] == "FR VELHA/124"
    till.sells(words.receipt(series="VELHA"))
    premises.assert_proved()

    out = tmp_path / "saft.xml"
    saft = fiscus("export", "saft", *PERIOD, "-o", str(out), **place)
    assert saft.code == 0, saft.error
    assert "SAFT-HASH-03" in saft.error
    assert "1 note." in saft.error
    verified = fiscus("verify", **place)
    assert verified.code == 0
    assert "Neither good nor wrong: series FR VELHA" in verified.out
    assert "after number 123" in verified.out


def test_the_series_are_listed_with_what_an_operator_asks_for(
    premises: Premises, till: Till
) -> None:
    code = till.sells(words.receipt(series="NOVA"))["compliance"]["data"].partition("-")[0]
    registered_before(premises, "VELHA")
    till.records(words.receipt(series="VELHA"))
    listed = fiscus("series", "list", "--json", **place_of(premises))

    rows = {row["name"]: row for row in json.loads(listed.out)}
    assert rows["NOVA"] == {
        "type": "FR",
        "name": "NOVA",
        "state": "active",
        "purpose": "normal",
        "last_number": 1,
        "code": code,
        "tax_number": words.NIF,
        "location": till.location,
        "adopted": "no",
        "taxpayer": till.taxpayer,
        "outstanding": "",
    }
    assert (rows["VELHA"]["state"], rows["VELHA"]["code"]) == ("wanted", "")
    assert "not from us" in rows["VELHA"]["outstanding"]
    table = fiscus("series", "list", "--taxpayer", words.NIF, **place_of(premises))
    assert table.code == 0
    assert till.taxpayer in table.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("FR", "NEVER", "--last-number", "1"), "ISSUE-ADOPT-05"),
        (("XX", "VELHA", "--last-number", "1"), "ISSUE-ADOPT-02"),
        (("FR", "VELHA", "--last-number", "1", "--last-hash", "short"), "ISSUE-ADOPT-11"),
        (("FR", "VELHA", "--last-number", "-1"), "last-number"),
        (("FR", "VELHA", "--last-number", "1", "--last-date", "29.11.2026"), "--last-date"),
        (("FR", "VELHA", "--last-number", "1", "--last-entry-date", "noon"), "--last-entry-date"),
        (("FR", "VELHA"), "last-number"),
    ],
)
def test_what_cannot_be_adopted_is_one_clear_word(
    premises: Premises, till: Till, arguments: tuple[str, ...], said: str
) -> None:
    registered_before(premises, "VELHA")
    told = fiscus("series", "adopt", *arguments, "--location", till.location, **place_of(premises))

    assert told.code in (1, 2)
    assert said in told.error
    assert "Traceback" not in told.error
    assert json.loads(fiscus("series", "list", "--json", **place_of(premises)).out) == []


def test_without_a_hash_the_operator_is_warned(premises: Premises, till: Till) -> None:
    registered_before(premises, "VELHA")
    told = fiscus(
        "series",
        "adopt",
        "FR",
        "VELHA",
        "--last-number",
        "7",
        "--location",
        till.location,
        **place_of(premises),
    )

    assert told.code == 0, told.error
    assert "No hash was given" in told.error
    till.sells(words.receipt(series="VELHA"))
    premises.assert_proved()


def shown(premises: Premises, name: str) -> dict[str, object]:
    told = fiscus("series", "show", "FR", name, **place_of(premises))
    assert told.code == 0, told.error
    found: dict[str, object] = json.loads(told.out)
    return found


def test_a_series_is_registered_ahead_and_shown_whole(premises: Premises, till: Till) -> None:
    first = (wall_clock() + timedelta(days=30)).date().isoformat()  # the command's own clock
    ahead = ("FR", "BLOCO", "--purpose", "recovery", "--starts-on", first)
    told = fiscus("series", "register", *ahead, "--location", till.location, **place_of(premises))
    assert told.code == 0, told.error
    assert "FR BLOCO" in told.error
    assert "is active" in told.error

    one = shown(premises, "bloco")
    assert (one["state"], one["purpose"]) == ("active", "recovery")
    assert one["starts_on"] == first
    assert one["registered_on"]
    refused = till.records(words.receipt(series="BLOCO"))
    assert "ISSUE-SERIES-10" in logs(refused)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("register", "XX", "NEW"), "ISSUE-ADOPT-02"),
        (("register", "FR", "NEW", "--starts-on", "2020-01-01"), "ISSUE-AHEAD-02"),
        (("register", "FR", "NEW", "--starts-on", "soon"), "is no day"),
        (("register", "FR", "NEW", "--purpose", "fun"), "--purpose"),
        (("register", "FR", "NEW", "--purpose", "training"), "ISSUE-AHEAD-01"),
        (("finish", "FR", "NEVER"), "ISSUE-END-01"),
        (("cancel", "FR", "NEVER"), "ISSUE-END-01"),
        (("show", "FR", "NEVER"), "ISSUE-END-01"),
    ],
)
def test_what_cannot_be_done_to_a_series_is_one_clear_word(
    premises: Premises, till: Till, arguments: tuple[str, ...], said: str
) -> None:
    more = ("--location", till.location) if arguments[0] == "register" else ()
    told = fiscus("series", *arguments, *more, **place_of(premises))
    assert told.code in (1, 2)
    assert said in told.error
    assert "Traceback" not in told.error


def test_an_end_that_the_authority_has_not_confirmed_is_told_as_such(
    premises: Premises, till: Till
) -> None:
    """Without credentials that are let in nothing is ended there; here it is."""
    till.sells(words.receipt(series="NOVA"))
    locked_out(premises, till)
    told = fiscus("series", "finish", "FR", "NOVA", **place_of(premises))
    assert told.code == 1
    assert "FR NOVA is finishing, its last number is 1" in told.error
    one = shown(premises, "NOVA")
    assert (one["state"], one["last_told"], one["attempts"]) == ("finishing", 1, 1)
    assert "AT-LOGIN-99" in str(one["said"])
    assert "ISSUE-SERIES-09" in logs(till.records(words.receipt(series="NOVA")))


def locked_out(premises: Premises, till: Till) -> None:
    with writing(premises.services.engine) as tx:
        view = taxpayers.by_id(tx, till.taxpayer)
        change = taxpayers.TaxpayerChange(
            secrets={"username": f"{words.NIF}/1", "password": "wrong"}
        )
        taxpayers.update(
            tx,
            premises.services.vault,
            view,
            change,
            frozen_facts=(),
            subject="ana",
            at=premises.services.clock(),
        )
