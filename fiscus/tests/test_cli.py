"""The command line as an operator meets it: what it prints, and the exit code it ends with."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fiscus import __version__
from fiscus.cli import LISTED, LazyCommand, cli
from fiscus.commands.tests.command_line import anew, ended, started
from fiscus.commands.tests.places import PERIOD

COMMANDS = (
    (),
    ("serve",),
    ("work",),
    ("init",),
    ("migrate",),
    ("verify",),
    ("demo",),
    ("check",),
    ("export",),
    ("export", "saft"),
    ("export", "dsfinvk"),
    ("export", "tse"),
    ("export", "journal"),
    ("keys",),
    ("keys", "public"),
    ("keys", "import"),
    ("keys", "list"),
    ("keys", "create"),
    ("keys", "disable"),
    ("keys", "enable"),
    ("keys", "rotate"),
    ("notification",),
    ("journal",),
    ("journal", "fingerprint"),
    ("journal", "checkpoint"),
    ("journal", "proof"),
    ("journal", "keys"),
    ("journal", "witnesses"),
    ("journal", "rotate"),
    ("series",),
    ("series", "list"),
    ("series", "show"),
    ("series", "register"),
    ("series", "finish"),
    ("series", "cancel"),
    ("series", "compare"),
    ("series", "adopt"),
    ("simulate",),
    ("witness",),
    ("witness", "init"),
    ("witness", "trust"),
    ("witness", "serve"),
    ("witness", "show"),
    ("console",),
    ("console", "link"),
    ("console", "list"),
    ("console", "end"),
    ("console", "ticket"),
    ("receipts",),
    ("receipts", "on"),
    ("receipts", "off"),
    ("receipts", "show"),
    ("receipts", "list"),
    ("books",),
    ("books", "charts"),
    ("books", "begin"),
    ("books", "show"),
    ("books", "load"),
    ("books", "set"),
    ("books", "entries"),
    ("books", "report"),
    ("books", "export"),
    ("books", "jobs"),
    ("books", "totals"),
    ("books", "cancel"),
    ("books", "retry"),
    ("books", "render"),
    ("reporting",),
    ("reporting", "list"),
    ("reporting", "show"),
    ("reporting", "retry"),
    ("reporting", "delete"),
    ("reporting", "months"),
    ("reporting", "declare"),
    ("systems",),
    ("systems", "list"),
    ("systems", "set"),
    ("taxpayers",),
    ("taxpayers", "list"),
    ("taxpayers", "show"),
    ("taxpayers", "set"),
    ("tasks",),
    ("tasks", "list"),
    ("tasks", "show"),
    ("tasks", "revive"),
    ("tasks", "forget"),
    ("webhooks",),
    ("webhooks", "list"),
    ("webhooks", "add"),
    ("webhooks", "show"),
    ("webhooks", "secret"),
    ("webhooks", "rotate"),
    ("webhooks", "pause"),
    ("webhooks", "resume"),
    ("webhooks", "delete"),
    ("webhooks", "deliveries"),
    ("webhooks", "redeliver"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command) or "fiscus")
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    told = CliRunner().invoke(cli(command), [*command, "--help"])

    assert told.exit_code == 0
    assert "Usage:" in told.output


def test_every_command_is_among_those_that_explain_themselves() -> None:
    def names(group: Any) -> set[str]:
        return {command.name or command.callback.__name__ for command in group.registered_commands}

    groups = {one.name: import_module(one.module).cli for one in LISTED if one.is_group}
    found: set[tuple[str, ...]] = {(one.name,) for one in LISTED}
    found |= {(name, command) for name, group in groups.items() for command in names(group)}
    assert found == set(COMMANDS) - {()}


@pytest.mark.parametrize("listed", LISTED, ids=lambda listed: listed.name)
def test_a_command_says_of_itself_what_the_list_says_of_it(listed: LazyCommand) -> None:
    told = CliRunner().invoke(cli([listed.name]), [listed.name, "--help"])

    assert " ".join(listed.sentence.split()) in " ".join(told.output.split())


def test_the_list_is_there_without_what_commands_need() -> None:
    said = anew("--help", data_dir="/nowhere")
    code = (
        "import sys; from fiscus.cli import cli; cli(['--help'])(['--help'], standalone_mode=False)"
    )
    heavy = "; print(sorted(set(sys.modules) & {'sqlalchemy', 'lxml', 'pydantic', 'starlette'}))"
    listed = subprocess.run(
        [sys.executable, "-c", code + heavy], capture_output=True, text=True, check=True
    )

    assert said.code == 0
    assert listed.stdout.endswith("[]\n")


def test_the_version_is_told() -> None:
    said = anew("--version")

    assert (said.code, said.out) == (0, f"fiscus {__version__}\n")


def test_a_shell_completes_the_options_of_a_command() -> None:
    code = "import sys; sys.argv[0] = 'fiscus'; from fiscus.cli import main; main()"
    typed = {"COMP_WORDS": "fiscus export saft --ta", "COMP_CWORD": "3"}
    said = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **typed, "_FISCUS_COMPLETE": "complete_bash"},
    )

    assert said.stdout.split() == ["--taxpayer"]


TROUBLES: tuple[tuple[tuple[str, ...], dict[str, str], str], ...] = (
    (("verify", "nothing.zip"), {}, "Unreadable"),
    (("verify",), {}, "Unreadable"),
    (("verify", "--against", "nothing.txt"), {}, "Unreadable"),
    (("verify", "--root", "nothing"), {}, "Unreadable"),
    (("verify", "--policy", "nothing"), {}, "Unreadable"),
    (("init",), {"data_dir": __file__}, "SETTING-FOLDER-01"),
    (("migrate",), {"data_dir": f"{__file__}/below"}, "SETTING-FOLDER-01"),
    (("init",), {"databse_url": "sqlite:///x"}, "SETTING-NAME-01"),
    (("init",), {"device": "abacus"}, "SETTING-VALUE-01"),
    (("serve", "--host", "nowhere.invalid"), {}, "CLI-SERVE-01"),
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
