"""`fiscus verify`: a good journal, a bad one, a witness, and no database yet."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import text

from fiscus.commands.tests.command_line import ended, fiscus, started
from fiscus.commands.tests.places import place_of
from fiscus.store.connect import writing
from tests.support import words
from tests.support.premises import Model, Premises, opened


def test_verify_proves_a_good_journal_for_a_person(day: Premises) -> None:
    told = fiscus("verify", **place_of(day))

    assert told.code == 0, told.error
    assert told.out.startswith("Good: ")
    assert "fingerprint" in told.out  # nobody has said whose journal it is


def test_a_checkpoint_kept_elsewhere_is_a_witness(day: Premises, tmp_path: Path) -> None:
    kept = day.http.get("/checkpoint").text
    origin, size, rest = kept.split("\n", 2)
    files = {"right.txt": kept, "wrong.txt": f"{origin}\n{int(size) - 1}\n{rest}"}
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    both = [started("verify", "--against", str(tmp_path / name), **place_of(day)) for name in files]

    assert [ended(process).code for process in both] == [0, 1]


def test_verify_names_the_first_bad_record_of_a_tampered_journal(
    model: Model, tmp_path: Path
) -> None:
    with opened(model, tmp_path / "data") as premises:
        till = premises.unit().opens_shop()
        record = till.sells(words.receipt())
        with writing(premises.services.engine) as tx:
            is_sqlite = premises.services.engine.dialect.name == "sqlite"
            tx.execute(
                text(
                    "DROP TRIGGER entry_no_update"
                    if is_sqlite
                    else "ALTER TABLE entry DISABLE TRIGGER ALL"
                )
            )
            forged = text("UPDATE entry SET link = :link WHERE id = :id")
            tx.execute(forged, {"link": "0" * 64, "id": record["id"]})
        both = [started("verify", *how, **place_of(premises)) for how in ((), ("--json",))]
        told, asked = (ended(process) for process in both)

    assert told.code == asked.code == 1
    assert told.out.startswith("NOT GOOD")
    assert record["id"] in told.out
    assert json.loads(asked.out)["findings"][0]["entry"]["id"] == record["id"]


def test_verify_before_migrate_says_which_command_comes_first(
    databases: Any, tmp_path: Path
) -> None:
    with databases.empty() as engine:
        with engine.connect() as connection, connection.begin():
            connection.execute(text("CREATE TABLE somebody_elses (a INTEGER)"))
        url = engine.url.render_as_string(hide_password=False)
        told = fiscus("verify", data_dir=str(tmp_path), database_url=url)

    assert told.code == 1
    assert told.error.strip().startswith(
        "STORE-SCHEMA-02" if databases.is_postgres else "Unreadable"
    )
    assert "`fiscus migrate`" in told.error or "run `fiscus migrate` first" in told.error
    assert len(told.error.strip().splitlines()) == 1
