"""A format that lives in a folder of its own is asked for like those that ship."""

import csv
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.commands.tests.command_line import MAIN
from fiscus.commands.tests.places import PERIOD, place_of
from fiscus.exports import jobs, run
from fiscus.exports.states import ExportState
from fiscus.exports.tests.office import LONG_AFTER, LONG_AGO, Office, a_kiosk
from fiscus.issuing.tests.counter import Counter, a_receipt
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.registry.tests.builders import another_register
from fiscus.store.connect import writing
from tests.plugins.loaded import loaded
from tests.plugins.sales_csv import HEAD
from tests.support import words
from tests.support.premises import Model, opened

CODE = "sales-csv"


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    with loaded(tmp_path / "plugins", ("fiscus.formats", "tests.plugins.sales_csv")) as found:
        yield {name: value for name, value in found.items() if not name.startswith("FISCUS_")}


@pytest.fixture
def cafe(engine: Engine, tmp_path: Path, environ: dict[str, str]) -> Office:
    return Office(engine, tmp_path, "pt")


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path, environ: dict[str, str]) -> Kiosk:
    return a_kiosk(engine, tmp_path)


def rows(text: bytes) -> list[list[str]]:
    return list(csv.reader(text.decode().splitlines()))


def made(
    office: Office, since: datetime = LONG_AGO, until: datetime = LONG_AFTER
) -> jobs.ExportFile:
    job = office.asks_one(CODE, since, until)
    run.do(office.services, office.task())
    return office.file(job.id)


def table(office: Office, job: jobs.ExportFile) -> list[list[str]]:
    assert job.state is ExportState.COMPLETED, job.error
    head, *documents = rows(b"".join(office.artifacts.read(job.artifact)))
    assert tuple(head) == HEAD
    return documents


def test_the_export_engine_makes_it_for_a_law_with_keys(cafe: Office) -> None:
    sold = [cafe.counter.sells(a_receipt()).seal for _ in range(2)]

    job = made(cafe)

    assert job.documents == 2
    assert [row[1] for row in table(cafe, job)] == [seal.number for seal in sold if seal]
    assert {tuple(row[3:]) for row in table(cafe, job)} == {("2.00", "0.46", "2.46", "no")}


def test_the_export_engine_makes_it_for_a_law_with_devices(
    engine: Engine, tmp_path: Path, kiosk: Kiosk
) -> None:
    office = Office(engine, tmp_path, counter=kiosk)
    before = kiosk.clock()
    kiosk.clock.move(minutes=1)
    kiosk.sells()
    kiosk.clock.move(minutes=1)
    between = kiosk.clock()
    kiosk.clock.move(minutes=1)
    kiosk.sells()

    assert len(table(office, made(office))) == 2
    assert len(table(office, made(office, before, between))) == 1
    assert len(table(office, made(office, between))) == 1
    assert table(office, made(office, LONG_AGO, before)) == []


def test_a_file_of_one_register_has_nothing_of_another(cafe: Office, engine: Engine) -> None:
    counter: Counter = cafe.counter
    first = counter.sells(a_receipt())
    with writing(engine) as tx:
        other = another_register(tx, counter.shop)
    counter.sells(a_receipt(), intent=counter.intends(register=other)[0])

    assert first.seal is not None
    assert [row[1] for row in table(cafe, made(cafe))] == [first.seal.number]


def test_what_no_law_prescribes_is_no_part_of_the_audit_package(cafe: Office) -> None:
    assert [form.code for form, _ in jobs.formats_of("pt")] == ["saft-pt"]
    assert jobs.formats_of("it") == []


def test_the_command_line_writes_and_checks_it(
    environ: dict[str, str], model: Model, tmp_path: Path
) -> None:
    out = tmp_path / "sales.csv"
    with opened(model, tmp_path / "data") as premises:
        till = premises.unit().opens_shop()
        till.sells(words.receipt())
        till.sells(words.receipt(number="2"))
        place = {f"FISCUS_{name.upper()}": value for name, value in place_of(premises).items()}
        written = told(environ | place, "export", CODE, "-o", str(out), *PERIOD)

    assert "2 documents" in written
    assert "The checker found nothing wrong." in written
    assert len(rows(out.read_bytes())) == 3
    assert "The checker found nothing wrong." in told(environ, "check", CODE, str(out))
    assert "a table for a spreadsheet" in told(environ, "export", "--help")


def told(environ: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [*MAIN, *arguments],
        env=environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr
