"""`fiscus books` as a shop's accountant meets it, for a kiosk in Berlin and a shop in Lisbon."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fiscus.api.families.reporting.tests.berlin import a_kiosk, a_leg
from fiscus.api.families.reporting.tests.caller import platform
from fiscus.commands.tests.command_line import Told, fiscus
from fiscus.commands.tests.places import DAY, PERIOD
from fiscus.settings import Settings
from tests.support import words
from tests.support.premises import Model, Premises, continued, copied

BERLIN = ("--taxpayer", "21/815/08150")
NUMBERS = ("consultant_number=1001", "client_number=7")
UNKNOWN = "00000000-0000-4000-8000-000000000000"
BEFORE = ("--from", "2026-01-01", "--to", "2026-01-31")


@dataclass(frozen=True, kw_only=True)
class Shell:
    """Where commands are typed: the place of an installation, a folder for files, and the options
    that name the company in Lisbon."""

    place: Mapping[str, str]
    folder: Path
    lisbon: tuple[str, str]

    def told(self, *arguments: str) -> Told:
        return fiscus("books", *arguments, **self.place)

    def run(self, *arguments: str) -> Told:
        told = self.told(*arguments)
        assert told.code == 0, told.error
        return told

    def asked(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json").out)

    def error(self, *arguments: str, code: int = 1) -> str:
        """What is said of a command that cannot be carried out, in one line."""
        told = self.told(*arguments)
        assert told.code == code, told.out + told.error
        return " ".join(re.sub("[│╭╮╰╯─]", " ", told.error).split())

    def file(self, name: str) -> str:
        return str(self.folder / name)

    def exports(self, name: str = "month", target: str = "datev-extf") -> str:
        """The day in Berlin as a file; gives the id of the job."""
        told = self.run("export", target, "-o", self.file(name), *PERIOD, *BERLIN)
        return job_in(told.error)


class Street(NamedTuple):
    """An installation to be copied, and the tax number of the shop in Lisbon."""

    model: Model
    nif: str


def job_in(said: str) -> str:
    found = re.search("Job ([0-9a-f-]{36})", said)
    assert found is not None, said
    return found[1]


def with_street(premises: Premises) -> str:
    till = premises.unit().opens_shop()
    till.sells(words.receipt())
    kiosk = a_kiosk(premises, platform(premises).opens_merchant())
    kiosk.opens()
    kiosk.sells()
    kiosk.sells(a_leg("11.90", "card"))
    kiosk.counts("-0.50")
    kiosk.closes()
    return till.nif


def desk_at(settings: Settings, folder: Path, nif: str) -> Shell:
    place = {
        "data_dir": str(settings.data_dir),
        "state_dir": str(settings.state_dir),
        "database_url": settings.url(),
    }
    folder.mkdir(exist_ok=True)
    return Shell(place=place, folder=folder, lisbon=("--taxpayer", nif))


@pytest.fixture(scope="module")
def street(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """A kiosk in Berlin and a shop in Lisbon have sold; nobody keeps books."""
    folder = tmp_path_factory.mktemp("street")
    with continued(model, folder / "street", with_street) as (sold, nif):
        yield Street(sold, nif)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, street: Street) -> Iterator[Street]:
    """Both keep books now, and DATEV's numbers are set."""
    data = tmp_path_factory.mktemp("office") / "data"
    with copied(street.model, data) as settings:
        shell = desk_at(settings, data.with_name("files"), street.nif)
        shell.run("begin", "SKR03", *BERLIN)
        shell.run("begin", *shell.lisbon)
        shell.run("set", "datev-extf", *NUMBERS, *BERLIN)
        shell.run("entries", *BERLIN)
        yield Street(
            replace(street.model, data=data, database_url=settings.database_url), street.nif
        )


@pytest.fixture
def before(street: Street, tmp_path: Path) -> Iterator[Shell]:
    """A copy in which nobody keeps books."""
    with copied(street.model, tmp_path / "data") as settings:
        yield desk_at(settings, tmp_path / "files", street.nif)


@pytest.fixture
def shell(office: Street, tmp_path: Path) -> Iterator[Shell]:
    """A copy in which books are kept, which a test may change."""
    with copied(office.model, tmp_path / "data") as settings:
        yield desk_at(settings, tmp_path / "files", office.nif)


@pytest.fixture(scope="module")
def read_only(
    office: Street, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Shell, str]]:
    """A copy in which the day in Berlin was exported, and the id of that job. Nobody changes it."""
    folder = tmp_path_factory.mktemp("read-only")
    with copied(office.model, folder / "data") as settings:
        shell = desk_at(settings, folder / "files", office.nif)
        yield shell, shell.exports()


def test_the_charts_of_each_law_are_listed(before: Shell) -> None:
    everywhere = before.asked("charts")

    assert {"SKR03", "SKR04", "SNC"} <= {one["chart"] for one in everywhere}
    assert [one["chart"] for one in before.asked("charts", "pt")] == ["SNC"]
    assert before.run("charts", "pt").out.startswith("pt  SNC  ")
    said = before.error("charts", "xx")
    assert "BOOKS-KEEP-03" in said
    assert re.search(r"REGIME xx \(known: de, .*pt\)", said)


def test_books_are_begun_once_and_doubts_are_named(before: Shell) -> None:
    said = before.error("begin", "SKR99", *BERLIN)
    assert "BOOKS-KEEP-04" in said
    assert "CHART SKR99 (known: SKR03, SKR04)" in said
    assert "2026-02-30 is no day" in before.error(
        "begin", "SKR03", "--from", "2026-02-30", *BERLIN, code=2
    )

    told = before.run("begin", "skr04", "--from", "2026-11-01", *BERLIN)

    assert "begun with SKR04" in told.error
    assert "To be settled with the accountant" in told.error
    assert "clearing -> " in told.out
    assert before.asked("show", *BERLIN)["since"] == "2026-11-01"
    assert "BOOKS-KEEP-02" in before.error("begin", "SKR03", *BERLIN)


@pytest.mark.parametrize(
    "arguments",
    [
        ("show",),
        ("set", "datev-extf", *NUMBERS),
        ("entries",),
        ("report", *PERIOD),
        ("export", "datev-extf", "-o", "month", *PERIOD),
    ],
)
def test_who_keeps_no_books_is_told_to_begin_them(
    before: Shell, arguments: tuple[str, ...]
) -> None:
    said = before.error(*arguments, *BERLIN)

    assert "BOOKS-KEEP-01" in said
    assert "begin them first" in said


def test_of_several_companies_one_must_be_named(before: Shell) -> None:
    assert "EXPORT-TAXPAYER-01" in before.error("show")
    said = before.error("show", "--taxpayer", "nobody")
    assert "EXPORT-TAXPAYER-02" in said
    assert said.endswith("--taxpayer")


def test_the_chart_is_changed_as_a_table_and_as_json(shell: Shell) -> None:
    table = Path(shell.file("rules.csv"))
    table.write_text(
        shell.run("show", "--table", *BERLIN).out.replace(
            "clearing;1371;Verrechnung Kasse", "clearing;1372;Verrechnung Laden"
        ),
        "utf-8",
    )

    assert "version 3" in shell.run("load", str(table), *BERLIN).error
    shown = shell.run("show", *BERLIN).out
    assert shown.startswith("SKR03, version 3, per_closing\n")
    assert "clearing  ->  1372 Verrechnung Laden" in shown

    content = shell.asked("show", *BERLIN)
    whole = Path(shell.file("books.json"))
    whole.write_text(json.dumps({**content, "chart": "Our own"}), "utf-8")
    assert "version 4" in shell.run("load", str(whole), *BERLIN).error
    assert shell.asked("show", *BERLIN)["chart"] == "Our own"


def test_books_are_begun_with_a_file_of_ones_own_but_not_with_a_table(
    read_only: tuple[Shell, str], before: Shell
) -> None:
    shell, _ = read_only
    whole, table = Path(before.file("books.json")), Path(before.file("rules.csv"))
    whole.write_text(shell.run("show", "--json", *BERLIN).out, "utf-8")
    table.write_text(shell.run("show", "--table", *BERLIN).out, "utf-8")

    assert "BOOKS-FILE-06" in before.error("load", str(table), *BERLIN)
    assert "version 1" in before.run("load", str(whole), *BERLIN).error


def test_every_line_of_a_table_that_is_wrong_is_named(shell: Shell) -> None:
    file = Path(shell.file("rules.csv"))
    file.write_text("key;account;name;tax\nclearing;1371;;\ncase/a\n;8400\n", "utf-8")
    said = shell.error("load", str(file), *BERLIN)
    assert "BOOKS-FILE-03" in said
    assert "line 3 line 4" in said

    # What can be read and is not in order: also at its lines, an empty one counted.
    file.write_text(
        "key;account;name;tax\n"
        "clearing;1371;;\n"
        "\n"
        "case/Umsatz/19;9999;;\n"
        "case/Umsatz/7;8300;;USt99\n"
        "nothing/known;8400;;\n"
        "payment/Bar;10 00;Kasse;\n"
        "clearing;1371;;\n",
        "utf-8",
    )
    told = shell.told("load", str(file), *BERLIN)

    found = {line.split()[0]: line for line in told.error.splitlines()}
    assert told.code == 1
    assert found["BOOKS-MAP-01"].endswith("line 7 10 00")
    assert found["BOOKS-MAP-03"].endswith("line 8 clearing")
    assert found["BOOKS-MAP-05"].endswith("line 6 key nothing/known")
    assert found["BOOKS-MAP-06"].endswith("line 4 account 9999")
    assert found["BOOKS-MAP-07"].endswith("line 5 tax USt99")
    assert shell.run("show", *BERLIN).out.startswith("SKR03, version 2,")


def test_settings_of_a_format_are_shown_and_asked_for_all_at_once(before: Shell) -> None:
    before.run("begin", "SKR03", *BERLIN)

    assert "consultant_number = (must be given)" in before.run("set", "datev-extf", *BERLIN).out
    said = before.error("export", "datev-extf", "-o", before.file("month"), *PERIOD, *BERLIN)
    assert "BOOKS-WRITE-02" in said
    for name in ("client_number", "consultant_number"):
        assert f"{name}=… (fiscus books set datev-extf)" in said
    said = before.error("set", "datev-extf", "client_number=0", "colour=red", *BERLIN)
    assert "consultant_number=…" in said.partition("BOOKS-WRITE-03")[0]
    for name in ("client_number", "colour"):
        assert f"{name}=…" in said.partition("BOOKS-WRITE-03")[2]
    assert "client_number is not NAME=VALUE" in before.error(
        "set", "datev-extf", "client_number", *BERLIN, code=2
    )
    told = before.run("set", "datev-extf", *NUMBERS, *BERLIN)
    assert "consultant_number = 1001" in told.out


def test_an_unknown_format_is_refused_and_those_that_there_are_are_named(
    read_only: tuple[Shell, str],
) -> None:
    shell, _ = read_only

    said = shell.error("set", "sap", "a=b", *BERLIN)
    assert "FORMAT-FIND-03" in said
    assert re.search(r"TARGET sap \(known: .*datev-extf", said)
    said = shell.error("export", "sap", "-o", shell.file("sap"), *PERIOD, *BERLIN)
    assert "BOOKS-WRITE-01" in said
    assert re.search(r"TARGET sap \(known: .*datev-extf.*dsfinvk\)", said)
    # The audit file of another country is none of this company's.
    assert "BOOKS-WRITE-01" in shell.error(
        "export", "saft_pt", "-o", shell.file("saft"), *PERIOD, *BERLIN
    )


def test_entries_are_listed_page_by_page_each_once(read_only: tuple[Shell, str]) -> None:
    shell, _ = read_only
    found: list[dict[str, Any]] = []
    after: tuple[str, ...] = ()
    while True:
        page = shell.asked("entries", "--limit", "3", *after, *BERLIN)
        found += page["entries"]
        if not page["after"]:
            break
        after = ("--after", page["after"])

    assert (len(found), page["total"]) == (4, 4)
    assert len({one["id"] for one in found}) == 4
    assert {one["amount"] for one in found} == {"-23.80", "11.90", "11.40", "0.50"}
    assert sum(Decimal(one["amount"]) for one in found) == 0
    told = shell.run("entries", "--limit", "3", *BERLIN)
    assert re.match(rf"{DAY}  \w+ +-?[0-9.]+ EUR  EXPORTED      Z1  [0-9a-f-]{{36}}\n", told.out)
    assert "3 of 4 entries; go on with --after " in told.error
    assert shell.asked("entries", "--status", "NOT_EXPORTED", *BERLIN)["entries"] == []
    assert shell.asked("entries", *BEFORE, *BERLIN)["total"] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("entries", "--after", "zz"), 1, "BOOKS-PAGE-01"),
        (("jobs", "--after", "zz"), 1, "BOOKS-PAGE-01"),
        (("entries", "--from", "2026-11-30", "--to", "2026-11-01"), 1, "--from --to"),
        (("entries", "--from", "yesterday"), 2, "yesterday is no day"),
        (("entries", "--status", "LOST"), 2, "NOT_EXPORTED"),
        (("report", "--from", "2026-11-30", "--to", "2026-11-01"), 1, "--to 2026-11-01"),
        (("report", "--from", "2026-11-31", "--to", "2026-11-01"), 2, "2026-11-31 is no day"),
        (
            ("export", "ledger", "-o", "x", "--from", "2026-11-30", "--to", "2026-11-01"),
            1,
            "BOOKS-SEARCH-01",
        ),
        (("export", "ledger", "-o", "no/folder/x", *PERIOD), 2, "--out: there is no folder"),
    ],
)
def test_what_is_typed_wrong_is_said_in_the_words_that_were_typed(
    read_only: tuple[Shell, str], arguments: tuple[str, ...], code: int, said: str
) -> None:
    shell, _ = read_only

    assert said in shell.error(*arguments, *BERLIN, code=code)


def test_the_report_proves_the_books_of_a_period(read_only: tuple[Shell, str]) -> None:
    shell, _ = read_only
    found = shell.asked("report", *PERIOD, *BERLIN)

    assert (found["documents"], found["covered"]) == (3, 3)
    [rate] = found["rates"]
    assert (rate["journal_net"], rate["journal_vat"]) == ("20.00", "3.80")
    assert (rate["books_net"], rate["books_vat"]) == ("20.00", "3.80")
    said = shell.run("report", *PERIOD, *BERLIN).out
    assert "1 19 %: 20.00 net + 3.80 VAT, the same in the books" in said
    assert said.endswith("Complete: the books hold what the journal holds.\n")
    assert "0 documents that bear money" in shell.run("report", *BEFORE, *BERLIN).out


def test_a_month_in_berlin_is_handed_over_once_and_written_again_at_any_time(shell: Shell) -> None:
    job = shell.exports()

    month = Path(shell.file("month")).read_bytes()
    assert month.startswith(b'"EXTF";700;21;')
    assert fiscus("check", "datev-extf", shell.file("month")).code == 0
    said = shell.error("export", "datev-extf", "-o", shell.file("again"), *PERIOD, *BERLIN)
    assert "BOOKS-EXPORT-01" in said
    assert f"--from {DAY} --to {DAY} (4 entries EXPORTED)" in said
    assert not Path(shell.file("again")).exists()

    rendered = shell.run("render", job.upper(), "-o", shell.file("rendered"))
    assert "the same bytes" in rendered.error
    assert Path(shell.file("rendered")).read_bytes() == month


def test_an_empty_period_is_said_to_be_empty(read_only: tuple[Shell, str]) -> None:
    shell, _ = read_only
    said = shell.error("export", "datev-extf", "-o", shell.file("empty"), *BEFORE, *BERLIN)

    assert "BOOKS-EXPORT-01 nothing of this period is left to export" in said
    assert said.endswith("--from 2026-01-01 --to 2026-01-31")
    assert not Path(shell.file("empty")).exists()


def test_a_month_in_lisbon_is_handed_over_for_beancount(shell: Shell) -> None:
    out = Path(shell.file("month.beancount"))

    assert "Complete" in shell.run("report", *PERIOD, *shell.lisbon).out
    shell.run("export", "beancount", "-o", str(out), *PERIOD, *shell.lisbon)

    assert "FR" in out.read_text("utf-8")
    assert fiscus("check", "beancount", str(out)).code == 0


def test_jobs_are_listed_page_by_page_the_newest_first(shell: Shell) -> None:
    assert shell.asked("jobs", *BERLIN) == {"jobs": [], "total": 0, "after": ""}
    first = shell.exports()
    shell.run("export", "ledger", "-o", shell.file("lisbon"), *PERIOD, *shell.lisbon)

    [job] = shell.asked("jobs", *BERLIN)["jobs"]
    assert (job["id"], job["status"], job["items"]) == (first, "completed", 4)
    told = shell.run("jobs", *BERLIN)
    assert told.out.startswith(first)
    assert "1 of 1 jobs." in told.error


def test_what_failed_is_retried_with_the_accounts_as_they_are_now(shell: Shell) -> None:
    rules = shell.run("show", "--table", *BERLIN).out.splitlines(keepends=True)
    whole, cut = Path(shell.file("rules.csv")), Path(shell.file("cut.csv"))
    whole.write_text("".join(rules), "utf-8")
    cut.write_text("".join(row for row in rules if not row.startswith("difference/")), "utf-8")
    shell.run("load", str(cut), *BERLIN)

    told = shell.told("export", "datev-extf", "-o", shell.file("month"), *PERIOD, *BERLIN)
    assert told.code == 1
    assert "failed: Z1 " in told.out
    assert "difference/short" in told.out
    assert "completed_with_errors" in told.error
    job = job_in(told.error)
    assert "--out: the job writes a file" in shell.error("retry", job, code=2)

    shell.run("load", str(whole), *BERLIN)
    again = shell.run("retry", job, "-o", shell.file("rest"))
    assert "1 entries" in again.error
    assert Path(shell.file("rest")).read_bytes().startswith(b'"EXTF";700;21;')
    found = shell.asked("jobs", "--limit", "1", *BERLIN)
    assert (found["jobs"][0]["retry_of"], found["total"]) == (job, 2)
    [older] = shell.asked("jobs", "--limit", "1", "--after", found["after"], *BERLIN)["jobs"]
    assert older["id"] == job
    assert "BOOKS-JOB-12" in shell.error("retry", job, "-o", shell.file("rest"))


def test_a_job_of_which_nothing_can_be_written_has_no_file(shell: Shell) -> None:
    file = Path(shell.file("rules.csv"))
    file.write_text("key;account\nclearing;1371\n", "utf-8")
    shell.run("load", str(file), *BERLIN)

    told = shell.told("export", "datev-extf", "-o", shell.file("month"), *PERIOD, *BERLIN)

    assert told.code == 1
    assert "BOOKS-WRITE-04" in told.error
    assert not Path(shell.file("month")).exists()
    said = shell.error("render", job_in(told.error), "-o", shell.file("month"))
    assert "BOOKS-WRITE-06" in said


def test_the_control_totals_of_a_job_are_exact(read_only: tuple[Shell, str]) -> None:
    shell, job = read_only
    found = json.loads(shell.run("totals", job).out)

    assert (found["items"], found["by_status"]["successful"]) == (4, 4)
    [euro] = found["currencies"]
    assert (euro["debit"], euro["credit"], euro["gap"]) == ("47.60", "47.60", "0.00")
    balances = {one["account"]: one["balance"] for one in euro["accounts"]}
    assert (balances["1371"], balances["8400"]) == ("0.00", "-23.80")


def test_a_finished_job_is_neither_canceled_nor_retried(read_only: tuple[Shell, str]) -> None:
    shell, job = read_only

    assert "BOOKS-JOB-03" in shell.error("cancel", job)
    assert "BOOKS-JOB-12" in shell.error("retry", job, "-o", shell.file("again"))


@pytest.mark.parametrize(
    "arguments", [("totals",), ("cancel",), ("retry", "-o", "x"), ("render", "-o", "x")]
)
def test_an_unknown_job_is_not_found(
    read_only: tuple[Shell, str], arguments: tuple[str, ...]
) -> None:
    shell, _ = read_only
    name, *options = arguments

    assert "BOOKS-JOB-02" in shell.error(name, UNKNOWN, *options)
