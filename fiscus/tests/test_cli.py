"""The command line as an operator meets it: what it prints, and the exit code it ends with."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from fiscus.cli import cli
from fiscus.store.connect import writing
from tests.journeys import words
from tests.journeys.house import MONDAY, Premises, drop, opened, set_up

MAIN = (sys.executable, "-c", "from fiscus.cli import main; main()")
DAY = MONDAY.date().isoformat()
PERIOD = ("--from", DAY, "--to", DAY)
COMMANDS = (
    (), ("serve",), ("work",), ("init",), ("migrate",), ("verify",), ("demo",), ("check",),
    ("export",), ("export", "saft"), ("export", "dsfinvk"), ("export", "tse"),
    ("export", "journal"),
    ("keys",), ("keys", "public"), ("keys", "import"), ("notification",),
)  # fmt: skip


class Told(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    error: str


def fiscus(*arguments: str, **settings: str) -> Told:
    return ended(started(*arguments, **settings))


def started(*arguments: str, **settings: str) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FISCUS_")}
    said = {f"FISCUS_{name.upper()}": value for name, value in settings.items()}
    return subprocess.Popen(
        [*MAIN, *arguments], env=clean | said, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> Told:
    out, error = process.communicate(timeout=60)
    return Told(process.wait(), out, error)


def place_of(premises: Premises) -> dict[str, str]:
    """Where the command line finds the same house."""
    url = premises.house.engine.url.render_as_string(hide_password=False)
    return {"data_dir": str(premises.house.settings.data_dir), "database_url": url}


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Premises]:
    """A house with a day's sales in it. Nobody changes it."""
    folder = tmp_path_factory.mktemp("cli")
    model = set_up(folder / "model", os.environ.get("FISCUS_TEST_DATABASE_URL", ""))
    with opened(model, folder / "data") as premises:
        till = premises.unit().opens_shop()
        till.sells(words.receipt())
        till.sells(words.receipt(number="2"))
        premises.clock.move(seconds=61)
        premises.work()
        yield premises
    if model.database_url:
        drop(model.database_url)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command) or "fiscus")
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    told = CliRunner().invoke(cli, [*command, "--help"])

    assert told.exit_code == 0
    assert "Usage:" in told.output


def test_every_command_is_among_those_that_explain_themselves() -> None:
    def names(group: Any) -> set[str]:
        return {command.name or command.callback.__name__ for command in group.registered_commands}

    groups = {str(group.name): group.typer_instance for group in cli.registered_groups}
    found: set[tuple[str, ...]] = {(name,) for name in names(cli)} | {(name,) for name in groups}
    found |= {(name, command) for name, group in groups.items() for command in names(group)}
    assert found == set(COMMANDS) - {()}


def test_init_prints_the_first_key_as_json_and_verify_finds_an_empty_journal_good(
    tmp_path: Path,
) -> None:
    made = fiscus("init", "--json", "--account", "A", "--group", "G", data_dir=str(tmp_path))
    first = json.loads(made.out)

    assert made.code == 0
    assert set(first) == {"organization_id", "subject_id", "key", "secret", "api_key"}
    assert first["api_key"] == f"ofk_platform_{first['key'].removeprefix('test_')}{first['secret']}"
    assert first["key"].startswith("test_")
    assert first["secret"] not in made.error
    verified = fiscus("verify", "--json", data_dir=str(tmp_path))
    report = json.loads(verified.out)
    assert (verified.code, report["is_good"], report["entries"]) == (0, True, 0)


def test_migrating_twice_says_the_same(databases: Any, tmp_path: Path) -> None:
    with databases.empty() as engine:
        url = engine.url.render_as_string(hide_password=False)
        first, second = (
            fiscus("migrate", "--data", str(tmp_path), database_url=url) for _ in range(2)
        )

    assert first.code == second.code == 0
    assert "is at revision" in first.error
    assert first.error == second.error


def test_verify_proves_a_good_journal_for_a_person(day: Premises) -> None:
    told = fiscus("verify", **place_of(day))

    assert told.code == 0, told.error
    assert told.out.startswith("Good: 4 entries, 1 registers, 1 checkpoints.")


def test_a_checkpoint_kept_elsewhere_is_a_witness(day: Premises, tmp_path: Path) -> None:
    kept = day.http.get("/checkpoint").text
    files = {"right.json": kept, "wrong.json": kept.replace('"number":1', '"number":9')}
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    both = [
        started("verify", "--checkpoint", str(tmp_path / name), **place_of(day)) for name in files
    ]

    assert [ended(process).code for process in both] == [0, 1]


def test_verify_names_the_first_bad_record_of_a_tampered_journal(tmp_path: Path) -> None:
    model = set_up(tmp_path / "model", os.environ.get("FISCUS_TEST_DATABASE_URL", ""))
    with opened(model, tmp_path / "data") as premises:
        till = premises.unit().opens_shop()
        record = till.sells(words.receipt())
        with writing(premises.house.engine) as tx:
            is_sqlite = premises.house.engine.dialect.name == "sqlite"
            tx.execute(
                text(
                    "DROP TRIGGER entry_no_update"
                    if is_sqlite
                    else "ALTER TABLE entry DISABLE TRIGGER ALL"
                )
            )
            tx.execute(text("UPDATE entry SET link = :link WHERE sequence = 2"), {"link": "0" * 64})
        both = [started("verify", *how, **place_of(premises)) for how in ((), ("--json",))]
        told, asked = (ended(process) for process in both)
    if model.database_url:
        drop(model.database_url)

    assert told.code == asked.code == 1
    assert told.out.startswith("NOT GOOD")
    assert record["id"] in told.out
    assert json.loads(asked.out)["findings"][0]["record"] == record["id"]


def test_the_audit_file_is_written_and_checked(day: Premises, tmp_path: Path) -> None:
    out, key = tmp_path / "saft.xml", tmp_path / "key.pem"
    told = fiscus("export", "saft", "-o", str(out), *PERIOD, **place_of(day))
    assert told.code == 0, told.error
    assert "2 documents" in " ".join(told.error.split())
    assert "The checker found nothing wrong." in told.error

    key.write_text(fiscus("keys", "public", "pt", **place_of(day)).out)
    out.write_text(re.sub(r"<Hash>.", "<Hash>!", out.read_text(), count=1))
    bad = fiscus("check", "saft-pt", str(out), "--public-key", str(key))
    assert bad.code == 1
    assert "faults." in bad.error


def test_the_journal_package_is_proved_anywhere_by_the_same_command(
    day: Premises, tmp_path: Path
) -> None:
    out = tmp_path / "journal.zip"
    written = fiscus("export", "journal", "-o", str(out), *PERIOD, **place_of(day))
    assert written.code == 0, written.error
    assert fiscus("verify", str(out)).out.startswith("Good: 4 entries")

    with ZipFile(out, "a") as archive:
        archive.writestr("added.txt", "by somebody else")
    assert fiscus("verify", str(out)).code == 1


TROUBLES: tuple[tuple[tuple[str, ...], dict[str, str], str], ...] = (
    (("verify", "nothing.zip"), {}, "Unreadable"),
    (("verify",), {}, "Unreadable"),
    (("verify", "--checkpoint", "nothing.json"), {}, "FileNotFoundError"),
    (("init",), {"data_dir": __file__}, "FileExistsError"),
    (("init",), {"port": "x"}, "SETTING-VALUE-01"),
    (("init",), {"master_key": "short"}, "VAULT-MASTER-01"),
    (("migrate",), {"database_url": "postgresql+psycopg://n@127.0.0.1:1/n"}, "STORE-DOWN-01"),
    (("export", "saft", "-o", "x.xml", *PERIOD), {}, "EXPORT-TAXPAYER-02"),
    (("keys", "public", "xx"), {}, "SIGNER-KEY-01"),
)


def test_trouble_is_a_clear_sentence_and_exit_code_1(tmp_path: Path) -> None:
    processes = [
        started(*arguments, **{"data_dir": str(tmp_path / str(number)), **settings})
        for number, (arguments, settings, _) in enumerate(TROUBLES)
    ]
    for process, (_, _, code) in zip(processes, TROUBLES, strict=True):
        told = ended(process)
        assert told.code == 1
        assert told.error.strip().startswith(code)
        assert len(told.error.strip().splitlines()) == 1


def test_a_date_that_is_none_is_told_with_the_usage(tmp_path: Path) -> None:
    period = ("--from", "today", "--to", DAY)
    told = fiscus("export", "saft", "-o", "x.xml", *period, data_dir=str(tmp_path))

    assert told.code == 2
    assert "Invalid value" in told.error
