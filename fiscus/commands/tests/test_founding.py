"""`fiscus init` and `fiscus migrate`: the first key, and databases that they leave alone."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import text

from fiscus.commands.tests.command_line import MAIN, Installation, anew, fiscus, mode


def test_init_prints_the_first_key_as_json_and_its_fingerprint_proves_the_journal(
    tmp_path: Path,
) -> None:
    made = anew("init", "--json", "--account", "A", "--group", "G", data_dir=str(tmp_path))
    first = json.loads(made.out)

    assert made.code == 0
    assert set(first) == {
        "organization_id",
        "subject_id",
        "key",
        "secret",
        "api_key",
        "fingerprint",
    }
    assert first["api_key"] == f"ofk_platform_{first['key'].removeprefix('test_')}{first['secret']}"
    assert first["key"].startswith("test_")
    assert first["secret"] not in made.error
    verified = fiscus("verify", "--json", data_dir=str(tmp_path))
    report = json.loads(verified.out)
    assert (verified.code, report["is_good"]) == (0, True)
    assert report["fingerprint"] == first["fingerprint"]
    proved = fiscus("verify", "--root", first["fingerprint"], data_dir=str(tmp_path))
    another = fiscus("verify", "--root", f"sha256:{'0' * 64}", data_dir=str(tmp_path))
    assert (proved.code, another.code) == (0, 1)


def test_migrating_twice_says_the_same(databases: Any, tmp_path: Path) -> None:
    with databases.empty() as engine:
        url = engine.url.render_as_string(hide_password=False)
        first, second = (
            fiscus("migrate", "--data", str(tmp_path), database_url=url) for _ in range(2)
        )

    assert first.code == second.code == 0
    assert "is at revision" in first.error
    assert first.error == second.error


def test_init_writes_a_file_for_its_owner_alone_and_all_else_is_so_too(
    installation: Installation,
) -> None:
    printed = installation.run("init", "--out", "first.json")
    first = json.loads((installation.folder / "first.json").read_text())

    assert printed == ""
    assert set(first) == {
        "organization_id",
        "subject_id",
        "key",
        "secret",
        "api_key",
        "fingerprint",
    }
    assert mode(installation.folder / "first.json") == 0o600
    assert mode(installation.data) == 0o700
    found = list(installation.data.rglob("*"))
    assert {"fiscus.db", "master.key"} <= {path.name for path in found}
    for path in found:
        assert mode(path) == (0o700 if path.is_dir() else 0o600), path


def test_a_second_init_must_say_so(installation: Installation) -> None:
    first = installation.first()
    told = installation.run("init", "--out", "second.json", code=1)

    assert "CLI-INIT-01" in told
    assert "--another" in told
    assert not (installation.folder / "second.json").exists()
    assert installation.asked("init", "--another")["organization_id"] != first["organization_id"]


@pytest.mark.parametrize("command", ["init", "migrate", "verify"])
def test_a_database_of_a_newer_version_is_left_alone(
    databases: Any, tmp_path: Path, command: str
) -> None:
    if command == "verify" and not databases.is_postgres:
        pytest.skip("a SQLite file is verified as it is, whatever wrote it")
    with databases.migrated() as engine:
        with engine.connect() as connection, connection.begin():
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        url = engine.url.render_as_string(hide_password=False)
        told = fiscus(command, data_dir=str(tmp_path), database_url=url)
        with engine.connect() as connection:
            after = connection.scalar(text("SELECT version_num FROM alembic_version"))

    assert (told.code, after) == (1, "9999")
    assert told.error.strip().startswith("STORE-SCHEMA-01")
    assert "install that version" in told.error
    assert told.error.strip().endswith("9999")
    assert len(told.error.strip().splitlines()) == 1


@pytest.mark.parametrize("is_founded", [False, True], ids=["empty", "founded"])
def test_a_folder_that_may_only_be_read_is_told_as_such(is_founded: bool) -> None:
    if os.getuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("root may write everywhere, and there is no setpriv to take that away")
    bound = ("setpriv", "--bounding-set=-dac_override") if os.getuid() == 0 else ()
    with TemporaryDirectory() as name:
        folder = Path(name)
        if is_founded:
            assert fiscus("init", data_dir=name).code == 0
        for path in folder.rglob("*"):
            path.chmod(0o444 if path.is_file() else 0o555)
        folder.chmod(0o555)
        done = subprocess.run(
            [*bound, *MAIN, "init", "--another"],
            capture_output=True,
            text=True,
            check=False,
            env={"FISCUS_DATA_DIR": name, "PATH": os.environ["PATH"]},
        )
        folder.chmod(0o755)

    assert done.returncode == 1, done.stdout
    assert done.stderr.startswith("STORE-WRITE-01"), done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
