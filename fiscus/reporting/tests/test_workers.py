"""Several workers at once, while the shop sells on: each report goes out once, in its order."""

import threading
from pathlib import Path

from sqlalchemy import Engine

from fiscus.channels import Answer, ObligationReport
from fiscus.model.faults import Unavailable
from fiscus.reporting import sending
from fiscus.reporting.tests.authority import YES, ReportingShop

WORKERS, SALES = 3, 24


def test_workers_share_the_lines_and_nothing_is_sent_twice(engine: Engine, tmp_path: Path) -> None:
    shop = ReportingShop(engine, tmp_path)
    is_over = threading.Event()
    under_way: set[str] = set()
    faults: list[str] = []

    def told(report: ObligationReport) -> Answer:
        if report.id in under_way:
            faults.append(f"{report.id} is sent by two at once")
        under_way.add(report.id)
        if report.was_sent:
            faults.append(f"{report.id} was sent before")
        return YES

    def works() -> None:
        while not is_over.is_set():
            try:
                task = shop.leased()
                if task is not None:
                    sending.do(shop.services, task)
            except Unavailable:  # the database was busy: as the worker does it
                continue
            except Exception as error:  # noqa: BLE001 - a thread would fall silent
                faults.append(repr(error))

    shop.authority.says = told
    workers = [threading.Thread(target=works) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    sold = [shop.sells("ABC"[place % 3]) for place in range(SALES)]
    for _ in range(600):
        if shop.tasks() == 0:
            break
        is_over.wait(0.05)
    is_over.set()
    for worker in workers:
        worker.join()

    assert faults == []
    assert shop.states() == ["accepted"] * SALES
    assert sorted(one.record for one in shop.authority.heard) == sorted(one.id for one in sold)
    place = {body.id: body.numbered for body in sold}
    for series in "ABC":
        heard = [one for it in shop.authority.heard if (one := place[it.record])]
        numbers = [one.number for one in heard if one.name == series]
        assert numbers == sorted(numbers)
    shop.counter.assert_proved()
