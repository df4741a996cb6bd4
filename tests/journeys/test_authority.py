"""When the simulated authority refuses, or does its work and its answer is lost."""

import sqlite3
from contextlib import closing

from sqlalchemy import select

from fiscus.store.connect import reading
from fiscus.store.schema import SERIES
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Json, Till, logs


def shop_with(premises: Premises, password: str, nif: str = words.NIF) -> Till:
    owner = words.taxpayer(fiscalization=words.fiscalization(nif, password))
    return premises.unit("A").opens_shop(owner)


def series(premises: Premises) -> list[tuple[str, str]]:
    """The names and states of all series in the installation."""
    with reading(premises.services.engine) as tx:
        rows = tx.execute(select(SERIES.c.name, SERIES.c.state).order_by(SERIES.c.name))
        return [(name, state) for name, state in rows]


def at_the_authority(premises: Premises) -> dict[str, str]:
    """Names and validation codes of the series the simulator has registered."""
    file = premises.services.settings.data_dir / "simulators" / "at_portugal.sqlite"
    with closing(sqlite3.connect(file)) as world:
        return dict(world.execute("SELECT name, code FROM series"))


def test_a_wrong_password_fails_the_record_and_says_so(premises: Premises) -> None:
    till = shop_with(premises, "wrong")

    record = till.records(words.receipt())

    assert (record["state"], record["mode"]) == ("FAILED", "FINISHED")
    assert logs(record).startswith("Authentication error: ISSUE-SERIES-02")
    assert "compliance" not in record
    assert series(premises) == [("FR-T01-2026", "wanted")]
    read = till.get(f"/records/{record['id']}")
    assert (read["state"], read["logs"]) == ("FAILED", record["logs"])
    listed = till.listed("/records?type=TRANSACTION::RECEIPT")
    assert [one["state"] for one in listed] == ["FAILED"]
    premises.assert_proved()


def test_a_failed_record_takes_its_intention_but_no_number(premises: Premises) -> None:
    till = shop_with(premises, "wrong")
    intention = till.intends()
    failed = till.records(words.receipt(), intention)
    assert till.get(f"/records/{intention}")["used_in"] == {"id": failed["id"]}
    assert till.concludes(words.receipt(), intention).status_code == 405

    path = f"/taxpayers/{till.taxpayer}"
    till.changed(path, {"mode": "SUSPENDED"})
    till.changed(path, {"fiscalization": words.fiscalization(password="right")})
    till.changed(path, {"mode": "OPERATIVE"})
    record = till.sells(words.receipt())

    assert words.qr(record)["G"] == "FR FR-T01-2026/1"
    assert series(premises) == [("FR-T01-2026", "active")]
    premises.assert_proved()


def test_a_lost_answer_is_asked_for(premises: Premises) -> None:
    till = shop_with(premises, "timeout")

    record = till.sells(words.receipt())

    code = at_the_authority(premises)["FR-T01-2026"]
    assert record["compliance"]["data"] == f"{code}-1"
    assert till.sells(words.receipt())["compliance"]["data"] == f"{code}-2"
    assert series(premises) == [("FR-T01-2026", "active")]


def test_what_the_authority_refuses_fails_as_a_submission(premises: Premises) -> None:
    """The authority's names know no case: another program has registered this one otherwise."""
    first = shop_with(premises, "example-only")
    first.sells(words.receipt(series="FR-A"))
    assert set(at_the_authority(premises)) == {"FR-A"}
    file = premises.services.settings.data_dir / "simulators" / "at_portugal.sqlite"
    with closing(sqlite3.connect(file)) as world:
        world.execute(
            "INSERT INTO series SELECT taxpayer, document_type, 'fr-b', 'fr-b', class,"
            " series_type, first_number, starts_on, certificate, 'OTHER123', registered_at,"
            " processing FROM series"
        )
        world.commit()

    record = first.records(words.receipt(series="FR-B"))

    assert (record["state"], record["mode"]) == ("FAILED", "FINISHED")
    assert logs(record).startswith("Submission error: ISSUE-SERIES-01")
    first.sells(words.receipt(series="FR-A"))


def test_an_unlawful_document_never_reaches_the_authority(premises: Premises) -> None:
    till = shop_with(premises, "wrong")

    record = till.records(words.receipt(words.line(percentage="22.5")))

    assert record["state"] == "REJECTED"
    assert logs(record).startswith("Validation error: ")
    assert series(premises) == []


def test_two_tenants_register_their_own_series(premises: Premises) -> None:
    codes = []
    for nif in (words.NIF, "502011378"):
        record: Json = shop_with(premises, "example-only", nif).sells(words.receipt())
        assert words.qr(record)["G"] == "FR FR-T01-2026/1"
        codes.append(record["compliance"]["data"])

    assert len(set(codes)) == 2
