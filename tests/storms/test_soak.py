"""B-23: a journal in which everything happens that may happen, and no finding in it.

Two processes of one installation, whose clocks are ten seconds apart, sell at the same registers of
many organizations, while master data change, keys are exchanged and checkpoints are signed. The
service's own verification follows; in the end both it and the one of the whole find nothing.
"""

import json
import os
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, func, select

from bench.fill import claim, done
from bench.installation import POSTGRES, SQLITE, new_database
from fiscus.app import build
from fiscus.issuing.tests.counter import SAID, a_correction, a_receipt
from fiscus.journal.audit import verify_database
from fiscus.journal.verify import sentences
from fiscus.model.faults import Conflict, Unavailable
from fiscus.model.orders import Issue, Open
from fiscus.registry import locations, signers, stating, taxpayers
from fiscus.registry.chains import UNUSED_KEY
from fiscus.registry.selfcheck import SelfCheck
from fiscus.registry.tests.builders import (
    IN_SERVICE,
    MASTER,
    Shop,
    a_shop,
    another_register,
    move_location,
    move_taxpayer,
)
from fiscus.registry.versions import CHANGED
from fiscus.registry.views import LifecycleState, OperatingMode
from fiscus.services import Services
from fiscus.settings import Settings
from fiscus.store.connect import reading, writing
from fiscus.store.schema import CHAIN, ENTRY
from tests.storms.driver import need

pytestmark = pytest.mark.long  # five thousand entries, and each of them verified twice

ENTRIES = int(os.environ.get("FISCUS_TEST_SOAK_ENTRIES", "5000"))
SKEW = timedelta(seconds=5)
GROUP = 20
REGISTERS = 3
BY = "soak"
SUSPENDED = (LifecycleState.COMMISSIONED, OperatingMode.SUSPENDED)


class SkewedClock:
    """The machine's clock, and so much ahead."""

    def __init__(self, ahead: timedelta) -> None:
        self.ahead = ahead

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Process:
    """One process of the installation: its own connections, caches and clock."""

    def __init__(self, folder: Path, url: str, ahead: timedelta, seed: int) -> None:
        self.clock = SkewedClock(ahead)
        self.random = Random(seed)
        key = b64encode(MASTER).decode()
        chosen = Settings(
            data_dir=folder / "data",
            state_dir=folder / "state",
            database_url=url,
            master_key=key,
            log_level="error",
        )
        self.services: Services = build(chosen, self.clock)

    def write(self, do: Callable[[Connection], object]) -> None:
        """A change of the registry; a database that is busy is tried again."""
        for _ in range(100):
            try:
                with writing(self.services.engine) as tx:
                    do(tx)
                return
            except Unavailable:
                time.sleep(0.05)
            except Conflict as trouble:
                if trouble.code not in (UNUSED_KEY, CHANGED):
                    raise
                return
        raise AssertionError("the database is busy for good")

    def sell(self, shop: Shop, register: str) -> None:
        """A group of receipts at one register, and a correction of one of them."""
        intents = self._done(
            [
                Open(
                    organization=shop.organization,
                    register=register,
                    said=SAID,
                    claim=claim(shop.organization),
                )
                for _ in range(GROUP + 1)
            ]
        )
        issued = self._done([self._issue(shop, one, a_receipt()) for one in intents[:-1]])
        original = self.random.choice(issued)
        self._done([self._issue(shop, intents[-1], a_correction(original, series="NC"))])

    def _issue(self, shop: Shop, intent: str, draft: Any) -> Issue:
        return Issue(
            organization=shop.organization,
            intent=intent,
            draft=draft,
            said=SAID,
            claim=claim(shop.organization),
        )

    def _done(self, orders: Any) -> list[str]:
        for _ in range(100):
            try:
                return done(self.services, orders)
            except Unavailable:
                time.sleep(0.05)
        raise AssertionError("the database is busy for good")

    def change(self, shop: Shop, register: str) -> None:
        """Something that is not a sale."""
        vault, at = self.services.vault, self.clock()
        name = f"Padaria {self.random.randrange(10**6)}, Lda."

        def renamed(tx: Connection) -> None:
            now = taxpayers.by_id(tx, shop.taxpayer)
            now = move_taxpayer(tx, now, SUSPENDED, at=at)
            content = msgspec.structs.replace(now.taxpayer, trade_name=name)
            now = move_taxpayer(tx, now, content=content, at=at)
            move_taxpayer(tx, now, IN_SERVICE, at=at)

        def moved(tx: Connection) -> None:
            now = locations.read(tx, shop.organization, shop.location)
            now = move_location(tx, shop.organization, now, SUSPENDED)
            content = msgspec.structs.replace(now.location, name=name)
            now = move_location(tx, shop.organization, now, content=content)
            move_location(tx, shop.organization, now, IN_SERVICE)

        def register_key(tx: Connection) -> None:
            signers.rotate_register_key(tx, vault, register, by=BY, at=at)

        def organization_key(tx: Connection) -> None:
            stating.stating(tx).rotate(tx, shop.organization, by=BY, is_lost=False)

        def root_key(tx: Connection) -> None:
            stating.stating(tx).rotate(tx, "", by=BY, is_lost=False)

        def package_key(tx: Connection) -> None:
            signers.rotate_package_key(tx, vault, by=BY, at=at)

        changes = (renamed, moved, register_key, organization_key, root_key, package_key)
        self.write(self.random.choices(changes, (5, 5, 5, 3, 1, 1))[0])


@contextmanager
def processes(engine: str, folder: Path) -> Iterator[list[Process]]:
    with new_database(engine) as url:
        made = [Process(folder, url, ahead, seed) for seed, ahead in enumerate((SKEW, -SKEW))]
        try:
            yield made
        finally:
            for one in made:
                one.services.threads.shutdown()
                one.services.parsers.shutdown()
                one.services.outside.shutdown()
                one.services.engine.dispose()


def entries(services: Services) -> int:
    with reading(services.engine) as tx:
        return int(tx.scalar(select(func.count()).select_from(ENTRY)) or 0)


def reached(check: SelfCheck) -> int:
    """How many entries the service itself has verified so far."""
    cursor = json.loads(bytes(check.state.cursor)) or {"chains": {}}
    return sum(place[1] for place in cursor["chains"].values())


@pytest.mark.parametrize("engine", [SQLITE, POSTGRES])
def test_nothing_is_found_in_a_journal_in_which_everything_happens(
    engine: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    need(engine)
    with processes(engine, tmp_path) as both:
        first = both[0]
        tills: list[tuple[Shop, str]] = []
        for _ in range(max(4, min(200, ENTRIES // 500))):
            with writing(first.services.engine) as tx:
                shop = a_shop(tx, "pt", at=first.clock())
                own = [shop.register, *(another_register(tx, shop) for _ in range(REGISTERS - 1))]
            tills += [(shop, register) for register in own]
        begun = time.monotonic()
        failures = sold(both, tills)
        written = time.monotonic() - begun
        if failures:
            raise failures[0]

        check = SelfCheck(first.services.engine, first.clock, tmp_path / "data", 24)
        begun = time.monotonic()
        total = entries(first.services)
        while reached(check) < total and not check.state.findings:
            check.look()
        recent = time.monotonic() - begun
        begun = time.monotonic()
        report = verify_database(first.services.engine)
        whole = time.monotonic() - begun
        with reading(first.services.engine) as tx:
            chains = tx.scalar(select(func.count()).select_from(CHAIN))
            keys = tx.scalar(select(func.count()).select_from(ENTRY).where(ENTRY.c.kind == "key@1"))
        state = check.state
        check.close()

    record_property(
        "figures",
        f"{engine}: {total:,} entries in {chains} chains with {keys} keys, two clocks 10 s apart, "
        f"written in {written:.0f} s; the newest verified in {recent:.1f} s "
        f"({total / recent:,.0f}/s), the whole in {whole:.1f} s; findings: "
        f"{len(state.findings)} and {len(report.findings)}",
    )
    assert total >= ENTRIES
    assert state.findings == ()
    assert report.is_good, "\n".join(sentences(report))
    assert report.entries == total


def sold(both: list[Process], tills: list[tuple[Shop, str]]) -> list[BaseException]:
    """Until there are enough entries: each process sells and changes things at any register."""
    failures: list[BaseException] = []
    is_enough = threading.Event()

    def work(process: Process) -> None:
        try:
            while not is_enough.is_set():
                process.sell(*process.random.choice(tills))
                if process.random.random() < 0.7:
                    process.change(*process.random.choice(tills))
                process.services.log.sign()
                if entries(process.services) >= ENTRIES:
                    is_enough.set()
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)
            is_enough.set()

    threads = [threading.Thread(target=work, args=(one,)) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures
