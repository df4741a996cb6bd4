"""What several commands share: settings, dates, and secrets that are handed over once."""

import json
import os
from datetime import date
from pathlib import Path

import pytest
import typer

from fiscus.commands.options import day_of, operator, shown_once
from fiscus.commands.tests.command_line import Installation, fiscus, mode
from fiscus.commands.tests.places import DAY

SECRET = {"key": "k", "secret": "s"}


def show_and_fail(out: Path | None) -> None:
    with shown_once(out, as_json=True) as show:
        show(SECRET)
        raise RuntimeError("the transaction fails")


def test_init_overwrites_nothing_and_makes_nothing_then(installation: Installation) -> None:
    (installation.folder / "first.json").write_text("precious")

    told = installation.run("init", "--out", "first.json", code=1)

    assert "CLI-OUT-01" in told
    assert (installation.folder / "first.json").read_text() == "precious"
    installation.run("init")


def test_a_variable_that_is_no_setting_is_named_and_the_command_goes_on(tmp_path: Path) -> None:
    told = fiscus("init", "--json", data_dir=str(tmp_path), image_of_ours="1")

    assert told.code == 0
    assert told.error.startswith("FISCUS_IMAGE_OF_OURS is no setting and is ignored")


def test_a_date_that_is_none_is_told_with_the_usage(tmp_path: Path) -> None:
    period = ("--from", "today", "--to", DAY)
    told = fiscus("export", "saft", "-o", "x.xml", *period, data_dir=str(tmp_path))

    assert told.code == 2
    assert "Invalid value" in told.error


def test_a_secret_is_on_the_disk_for_its_owner_alone_before_the_transaction_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "secret.json"
    with shown_once(out, as_json=False) as show:
        show(SECRET)
        assert json.loads(out.read_text()) == SECRET

    assert mode(out) == 0o600
    assert capsys.readouterr().out == ""


def test_a_secret_that_was_not_kept_after_all_leaves_no_file(tmp_path: Path) -> None:
    out = tmp_path / "secret.json"
    with pytest.raises(RuntimeError):
        show_and_fail(out)

    assert not out.exists()


@pytest.mark.parametrize("as_json", [False, True])
def test_without_a_file_a_secret_is_printed_once_after_the_transaction(
    capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    with shown_once(None, as_json=as_json) as show:
        show(SECRET)
        assert capsys.readouterr().out == ""

    printed = capsys.readouterr().out
    if as_json:
        assert json.loads(printed) == SECRET
    else:
        assert [line.split() for line in printed.splitlines()] == [["key", "k"], ["secret", "s"]]


def test_without_a_file_a_secret_that_was_not_kept_is_not_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(RuntimeError):
        show_and_fail(None)

    assert capsys.readouterr().out == ""


def test_the_history_names_the_user_and_one_without_a_name_by_its_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOGNAME", "ana")
    assert operator() == "operator:ana"

    nameless = 4_000_000_001
    monkeypatch.delenv("LOGNAME")
    monkeypatch.setattr(os, "getuid", lambda: nameless)
    assert operator() == f"operator:{nameless}"


def test_a_day_is_read_as_iso_spells_it() -> None:
    assert day_of("2026-02-28") == date(2026, 2, 28)
    with pytest.raises(typer.BadParameter):
        day_of("2026-02-29")
