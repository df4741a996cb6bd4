"""The books under `kill -9`: the worker that makes entries and files, and the connector that pulls
entries, die at random moments while tills sell and close their days. Every document is booked once,
and every entry is handed over once."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import httpx
import msgspec
import pytest

from bench import merchant
from bench.installation import Installation, fresh
from bench.judge import Row, rows
from bench.merchant import First
from fiscus.api.families.reporting.tests.caller import Caller
from fiscus.model.times import micros_z
from tests.storms import connector
from tests.storms.books_judge import judge
from tests.storms.connector import Ledger, Service
from tests.storms.driver import Shop, engines, need, seed, size, told
from tests.storms.test_exports_apart import let_go
from tests.storms.test_exports_of_closings import a_day

pytestmark = pytest.mark.storm

PATIENCE_SECONDS = 240
DATEV = ("consultant_number=1001", "client_number=1")
PLAIN_TEXT = ("beancount", "ledger")
REGISTERS = 2
FILE_ENTRIES_MAX = 100
WAITING = (
    "SELECT id FROM accounting_entry WHERE status <> 'EXPORTED' LIMIT 1",
    "SELECT id FROM export_job WHERE status IN ('pending', 'in_progress') LIMIT 1",
    "SELECT chain.id FROM chain JOIN register ON register.id = chain.id LEFT JOIN followed "
    "ON followed.chain = chain.id AND followed.epoch = chain.epoch "
    "WHERE chain.sequence > coalesce(followed.sequence, 0) LIMIT 1",
)
CONNECTORS_SHARE = 0.5
"""Of the kills: theirs take a moment, and the worker's a new start."""
WORKER, CONNECTOR = "worker", "connector"


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """Who keeps books here: a taxpayer, the key of its connector, the connector's own ledger, and
    the formats that its files have."""

    id: str
    organization: str
    key: str
    ledger: Path
    targets: tuple[str, ...]


@engines
def test_kill_9_books_every_document_once_and_hands_every_entry_over_once(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    need(engine)
    kills, chance = size("BOOKS_KILLS", 10, 200), seed()
    with (
        fresh(engine, tmp_path, FISCUS_RATE_LIMIT_PER_SECOND="0") as installation,
        ThreadPoolExecutor() as threads,
    ):
        installation.serve(1, "--no-worker")
        with httpx.Client(base_url=f"http://127.0.0.1:{installation.ports[0]}") as http:
            storm = a_storm(installation, http, Random(chance))
            begun = time.monotonic()
            storm.begin(threads)
            try:
                storm.kills(kills)
            finally:
                storm.is_over.set()
            for each in storm.load:
                each.result()
            storm.settled()
            seconds = time.monotonic() - begun
            german, portuguese = (each.id for each in storm.companies)
            documents = {german: sum(storm.sold), portuguese: len(storm.shop.sold)}
        ledgers = {each.id: posted(each) for each in storm.companies}
        verdict = judge(installation, documents, ledgers)
        installation.run("verify")
    told(
        capsys,
        f"books {engine}",
        f"{storm.killed[WORKER]} workers ({storm.at_work} of them while they made a file) and "
        f"{storm.killed[CONNECTOR]} connectors killed in {seconds:.0f} s, seed {chance}; "
        f"{verdict.sentence()}; {storm.late} jobs asked for too late",
    )
    assert storm.shop.wrong == []
    assert verdict.wrong == ()
    assert verdict.files > 0
    assert verdict.pulled > 0
    assert sum(storm.killed.values()) == kills


@dataclass(kw_only=True)
class Storm:
    """`sold`: documents of each day of a German register; `killed` by what was killed; `at_work`:
    workers that were killed while they held the task of a file; `late`: jobs that were not made,
    because the connector was faster with one of their entries."""

    installation: Installation
    random: Random
    german: Company
    portuguese: Company
    registers: list[str]
    caller: Caller
    shop: Shop
    worker: "subprocess.Popen[bytes]"
    sold: list[int] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)
    connectors: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    killed: dict[str, int] = field(default_factory=lambda: {WORKER: 0, CONNECTOR: 0})
    load: list["Future[None]"] = field(default_factory=list)
    at_work: int = 0
    late: int = 0

    @property
    def companies(self) -> tuple[Company, Company]:
        return self.german, self.portuguese

    def begin(self, threads: ThreadPoolExecutor) -> None:
        """The load, which goes on until it is over."""
        seeds = iter([self.random.getrandbits(64) for _ in range(99)])
        self.load = [
            threads.submit(self.days, register, Random(next(seeds))) for register in self.registers
        ]
        self.load += [
            threads.submit(self.files, each, Random(next(seeds))) for each in self.companies
        ]
        sales = self.shop.sell(self.turns(Random(next(seeds))), 1)
        self.load.append(threads.submit(asyncio.run, sales))

    def days(self, register: str, random: Random) -> None:
        """One short day of a German register after the other; the last one is closed as well."""
        while not self.is_over.wait(random.uniform(0.0, 1.0)):
            sales = random.randint(1, 8)
            a_day(self.caller, register, sales)
            self.sold.append(sales)

    def turns(self, random: Random) -> Iterator[int]:
        """Customers in Lisbon, one by one."""
        turn = 0
        while not self.is_over.wait(random.uniform(0.05, 0.3)):
            yield turn
            turn += 1

    def files(self, company: Company, random: Random) -> None:
        """Somebody who wants files of what is free, beside the connector."""
        address = f"127.0.0.1:{self.installation.ports[0]}"
        service = Service(address, company.key, company.id)
        while not self.is_over.wait(random.uniform(0.02, 0.3)):
            entries = service.free_entries(FILE_ENTRIES_MAX)
            some = random.sample(entries, random.randint(0, len(entries)))
            if some and not list(service.unfinished_jobs(*company.targets)):
                is_made = service.create(some, target=random.choice(company.targets))
                self.late += not is_made
        service.close()

    def kills(self, count: int) -> None:
        for company in self.companies:
            self.connect(company)
        while sum(self.killed.values()) < count:
            if self.random.random() < CONNECTORS_SHARE:
                self.kill_connector(self.random.choice(self.companies))
            else:
                self.kill_worker()

    def connect(self, company: Company) -> None:
        address = f"127.0.0.1:{self.installation.ports[0]}"
        said = (address, company.key, company.id, company.ledger, self.random.getrandbits(32))
        with self.installation.log.open("ab") as log:
            self.connectors[company.id] = subprocess.Popen(
                [sys.executable, connector.__file__, *map(str, said)],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.installation.spawned.append(self.connectors[company.id])

    def kill_connector(self, company: Company) -> None:
        time.sleep(self.random.uniform(0.0, 0.5))
        self.ended(self.connectors[company.id])
        self.killed[CONNECTOR] += 1
        self.connect(company)

    def kill_worker(self) -> None:
        """Soon after it read on in a chain, or soon after it took the task of a file; nobody waits
        for its lease to end."""
        if self.random.random() < 0.5:
            before = self.read()
            self.awaited(lambda: self.read() != before)
        else:
            self.awaited(self.is_file_wanted)
        # Mostly in the middle of the first thing it does, sometimes of a later one.
        time.sleep(self.random.uniform(0.0, self.random.choice((0.1, 0.3, 3.0))))
        self.ended(self.worker)
        self.killed[WORKER] += 1
        self.at_work += self.making()
        let_go(self.installation)
        self.worker = self.installation.spawn("work")

    def ended(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.poll() is None, self.installation.log_end()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def read(self) -> list[Row]:
        """How far each chain is read."""
        return rows(self.installation.database, "SELECT * FROM followed ORDER BY chain")

    def is_file_wanted(self) -> bool:
        return bool(rows(self.installation.database, "SELECT id FROM task WHERE kind = 'books'"))

    def making(self) -> bool:
        """Whether a worker holds the task of a file."""
        now = micros_z(datetime.now(UTC))
        query = f"SELECT id FROM task WHERE kind = 'books' AND due_at > '{now}'"
        return bool(rows(self.installation.database, query))

    def settled(self) -> None:
        """Until all is booked and handed over; then everybody goes home."""
        self.awaited(lambda: not any(rows(self.installation.database, one) for one in WAITING))
        for process in self.connectors.values():
            self.ended(process)
        self.worker.terminate()
        assert self.worker.wait(PATIENCE_SECONDS) == 0

    def awaited(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            for each in self.load:
                assert not each.done() or each.result() is None
            assert time.monotonic() < deadline, self.installation.log_end()
            time.sleep(0.01)


def a_storm(installation: Installation, http: httpx.Client, random: Random) -> Storm:
    """A German company with registers and a Portuguese one with tills; both keep books."""
    first = installation.first()
    caller = Caller(http=http, key=first.api_key).opens_merchant()
    registers = [caller.opens_register() for _ in range(REGISTERS)]
    for register in registers:
        caller.fiscalizes(register)
    worker = installation.spawn("work")
    lisbon = merchant.found(installation.caller(), first, REGISTERS)
    storm = Storm(
        installation=installation,
        random=random,
        german=a_company(installation, first, "de", ("datev-extf",)),
        portuguese=a_company(installation, first, "pt", PLAIN_TEXT),
        registers=[register["id"] for register in registers],
        caller=caller,
        shop=Shop(
            installation=installation, merchant=lisbon, series=["FR-A", "FR-B"], random=random
        ),
        worker=worker,
    )
    paths = [f"/registers/{register}" for register in storm.registers]
    is_fitted = "fiscalized"
    storm.awaited(
        lambda: all(caller.get(path)["fiscalization_status"] == is_fitted for path in paths)
    )
    return storm


def a_company(
    installation: Installation, first: First, regime: str, targets: tuple[str, ...]
) -> Company:
    """The one taxpayer under this law; its books are begun as the law suggests."""
    query = f"SELECT id, organization FROM taxpayer WHERE regime = '{regime}'"
    [(id_, organization)] = rows(installation.database, query)
    installation.run("books", "begin", "--taxpayer", id_)
    if regime == "de":
        installation.run("books", "set", "datev-extf", *DATEV, "--taxpayer", id_)
    owner = installation.caller()
    owner.log_in(first.key, first.secret)
    said = {"type": "API_KEY", "name": "ledger", "role": "connector"}
    key = owner.say("POST", "/subjects", said, scope=organization)["credentials"]
    return Company(
        id=id_,
        organization=organization,
        key=f"fk_{key['key'].removeprefix('test_')}{key['secret']}",
        ledger=installation.folder / f"ledger-{regime}.db",
        targets=targets,
    )


def posted(company: Company) -> list[tuple[str, str]]:
    ledger = Ledger(company.ledger)
    try:
        return ledger.posted()
    finally:
        ledger.close()
