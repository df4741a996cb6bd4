"""What is due in a line, and the task that works it off."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.model.obligations import ReportKind
from fiscus.outbox import queue
from fiscus.outbox.kinds import Lane
from fiscus.reporting import lines
from fiscus.reporting.tests.authority import ReportingShop
from fiscus.store.connect import reading, writing
from fiscus.store.schema import OBLIGATION, TASK


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> ReportingShop:
    """Two documents of one line, the first cancelled."""
    shop = ReportingShop(engine, tmp_path)
    sold = shop.sells()
    shop.sells()
    shop.cancels(sold)
    return shop


def line(shop: ReportingShop) -> str:
    with reading(shop.engine) as tx:
        found: str = tx.execute(OBLIGATION.select().limit(1)).one().line
    return found


def due(shop: ReportingShop, limit: int = 10) -> list[tuple[int, str]]:
    name = line(shop)
    with reading(shop.engine) as tx:
        return [(row.number, row.kind) for row in lines.due(tx, name, limit)]


def test_documents_are_due_by_number_and_a_status_once_its_document_is_accepted(
    shop: ReportingShop,
) -> None:
    assert due(shop) == [(1, "document"), (2, "document")]
    assert due(shop, 1) == [(1, "document")]
    is_first = (OBLIGATION.c.number == 1) & (OBLIGATION.c.kind == ReportKind.DOCUMENT)
    with writing(shop.engine) as tx:
        tx.execute(OBLIGATION.update().where(is_first).values(state="accepted"))

    assert due(shop) == [(1, "status"), (2, "document")]


def test_one_task_is_there_however_often_it_is_wanted(shop: ReportingShop) -> None:
    with writing(shop.engine) as tx:
        for _ in range(3):
            lines.want(tx, line(shop), shop.counter.shop.organization, shop.clock())

    assert shop.tasks() == 1


def test_only_what_was_put_off_is_hastened(shop: ReportingShop) -> None:
    name, of = line(shop), shop.counter.shop.organization
    task = shop.leased()
    assert task is not None
    with writing(shop.engine) as tx:
        assert queue.take_up(tx, task, shop.clock())
        lines.hasten(tx, [name], of, shop.clock())
        assert queue.lease(tx, shop.clock(), Lane.REPORTS) is None
        assert queue.put_off(tx, task, shop.clock() + lines.LEASE, "later")
        assert queue.lease(tx, shop.clock(), Lane.REPORTS) is None
        lines.hasten(tx, [name], of, shop.clock())
        assert queue.lease(tx, shop.clock(), Lane.REPORTS) is not None


def test_a_task_ends_with_its_line_and_not_before(shop: ReportingShop) -> None:
    task = shop.leased()
    assert task is not None
    with writing(shop.engine) as tx:
        lines.go_on(tx, task, shop.clock())
    assert shop.tasks() == 1
    again = shop.leased()
    assert again is not None
    with writing(shop.engine) as tx:
        tx.execute(OBLIGATION.update().values(state="refused"))
        lines.go_on(tx, task, shop.clock())  # which another worker has by now
    assert shop.tasks() == 1
    with writing(shop.engine) as tx:
        lines.go_on(tx, again, shop.clock())
    assert shop.tasks() == 0


def test_lines_without_a_task_get_one(shop: ReportingShop) -> None:
    with writing(shop.engine) as tx:
        assert lines.sweep(tx, shop.clock()) == 0
        tx.execute(TASK.delete())
        assert lines.sweep(tx, shop.clock()) == 1
        assert lines.sweep(tx, shop.clock()) == 0
        tx.execute(TASK.delete())
        tx.execute(OBLIGATION.update().where(OBLIGATION.c.rank == 0).values(state="refused"))
        assert lines.sweep(tx, shop.clock()) == 0, "a status waits for its document"
