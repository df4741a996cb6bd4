"""What a person says of a month, on both databases."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from fiscus.issuing.tests.counter import Counter
from fiscus.model.faults import Conflict, Missing, Refused, Trouble
from fiscus.model.kinds import EntryKind, StatementKind
from fiscus.reporting import declaring
from fiscus.reporting.months import DeclarationType, MonthView
from fiscus.reporting.tests.test_month_listing import MonthlyShop
from fiscus.store.connect import reading, writing
from fiscus.store.schema import DECLARATION, ENTRY

FILE, NONE = DeclarationType.FILE, DeclarationType.NO_INVOICING
APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)
BY = "operator:ana"
WHY = "it was another taxpayer's"


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> MonthlyShop:
    return MonthlyShop(engine, tmp_path)


def declare(
    shop: MonthlyShop, type_: DeclarationType = FILE, month: date = MAY, **more: Any
) -> MonthView:
    with writing(shop.engine) as tx:
        return declaring.declare(
            tx, shop.ids, shop.taxpayer, month, type_, by=BY, at=shop.clock(), **more
        )


def undo(shop: MonthlyShop, reason: str = WHY, month: date = MAY, **more: Any) -> MonthView:
    with writing(shop.engine) as tx:
        return declaring.undo(tx, shop.taxpayer, month, reason, by=BY, at=shop.clock(), **more)


def codes(trouble: Trouble) -> list[str]:
    return [one.code for one in trouble.faults]


def test_a_month_is_done_when_a_person_says_so_and_the_journal_has_it(shop: MonthlyShop) -> None:
    shop.sells()
    shop.is_at(2026, 6, 4)

    view = declare(shop, reference="1234567")

    assert (view.state, view.is_overdue) == ("done", False)
    assert view.facts.declaration is not None
    told = view.facts.declaration
    assert (told.type, told.reference, told.by, told.at) == (FILE, "1234567", BY, shop.clock())
    shop.is_at(2026, 6, 9)
    assert shop.months() == [("2026-05", "done", False)]
    with reading(shop.engine) as tx:
        kinds = tx.scalars(select(ENTRY.c.kind).where(ENTRY.c.thing == told.id)).all()
    assert kinds == [StatementKind.DECLARATION]
    shop.counter.assert_proved()


def test_a_declaration_is_taken_back_with_a_reason_and_may_be_made_again(
    shop: MonthlyShop,
) -> None:
    shop.is_at(2026, 6, 4)
    declare(shop, NONE)

    view = undo(shop)

    assert view.state == "no-invoicing"
    with pytest.raises(Conflict) as trouble:
        undo(shop)
    assert codes(trouble.value) == ["REPORT-MONTH-07"]
    assert declare(shop, NONE).state == "done"
    with reading(shop.engine) as tx:
        rows = tx.execute(select(DECLARATION).order_by(DECLARATION.c.id)).all()
    assert [(row.ended_by, row.reason) for row in rows] == [(BY, WHY), (None, None)]
    shop.counter.assert_proved()


@pytest.mark.parametrize("reason", ["", "too short", " " * 20, "x" * 501])
def test_taking_back_needs_a_reason(shop: MonthlyShop, reason: str) -> None:
    shop.is_at(2026, 6, 4)
    declare(shop, NONE)

    with pytest.raises(Refused) as trouble:
        undo(shop, reason)

    assert codes(trouble.value) == ["REPORT-MONTH-08"]


def test_a_month_is_declared_once(shop: MonthlyShop) -> None:
    shop.is_at(2026, 6, 4)
    declare(shop, NONE)

    with pytest.raises(Conflict) as trouble:
        declare(shop, NONE)

    assert (codes(trouble.value), trouble.value.paths) == (["REPORT-MONTH-06"], ("month",))


def test_what_cannot_be_true_is_refused_all_at_once(engine: Engine, tmp_path: Path) -> None:
    shop = MonthlyShop(engine, tmp_path, is_realtime=True)
    shop.sells()

    with pytest.raises(Refused) as trouble:
        declare(shop, FILE, reference="x" * 201)
    assert codes(trouble.value) == ["REPORT-MONTH-02", "REPORT-MONTH-05", "REPORT-MONTH-09"]
    with pytest.raises(Refused) as trouble:
        declare(shop, NONE, reference="one\ntwo")
    assert codes(trouble.value) == ["REPORT-MONTH-02", "REPORT-MONTH-04", "REPORT-MONTH-09"]
    with pytest.raises(Refused) as trouble:
        declare(shop, NONE, APRIL)
    assert codes(trouble.value) == ["REPORT-MONTH-03"]


def test_a_month_after_the_taxpayer_is_gone_is_not_known_here(shop: MonthlyShop) -> None:
    shop.counter.closes_down()
    shop.is_at(2026, 7, 4)

    with pytest.raises(Refused) as trouble:
        declare(shop, NONE, JUNE)

    assert codes(trouble.value) == ["REPORT-MONTH-03"]
    assert declare(shop, NONE).state == "done"


def test_a_document_that_is_dated_back_opens_the_month_and_it_is_declared_anew(
    shop: MonthlyShop,
) -> None:
    shop.sells()
    shop.is_at(2026, 6, 2)
    shop.sells_on(2026, 5, 29)
    assert declare(shop).facts.latecomers == 1
    assert shop.months() == [("2026-05", "done", False)]

    shop.sells_on(2026, 5, 30)

    [view] = shop.views()
    assert (view.state, view.is_reopened, view.since) == ("file-due", True, 1)
    assert view.facts.declaration is not None, "who declared it is still told"
    assert declare(shop).state == "done"
    with reading(shop.engine) as tx:
        ended = tx.scalars(select(DECLARATION.c.reason).order_by(DECLARATION.c.id)).all()
    assert ended == [declaring.ANEW, None]
    shop.counter.assert_proved()


def test_a_late_cancellation_opens_the_month_of_the_document(shop: MonthlyShop) -> None:
    """Where the operator lets them pass."""
    settings: Any = shop.counter.services.settings["pt"]
    settings["late_cancellations"] = "allowed"
    sold = shop.sells()
    cancelled_in_time = shop.sells()
    shop.cancels(cancelled_in_time)
    shop.is_at(2026, 6, 2)
    assert declare(shop).facts.latecomers == 0

    shop.cancels(sold)

    [view] = shop.views()
    assert (view.state, view.is_reopened, view.since) == ("file-due", True, 1)


def test_an_invoice_in_a_month_without_any_opens_it_whatever_was_counted(
    shop: MonthlyShop,
) -> None:
    shop.sells()
    shop.is_at(2026, 7, 2)
    declare(shop, NONE, JUNE)

    shop.sells_on(2026, 6, 30)

    assert shop.months()[1:] == [("2026-06", "file-due", False)]
    with pytest.raises(Refused) as trouble:
        declare(shop, NONE, JUNE)
    assert codes(trouble.value) == ["REPORT-MONTH-04"]


def test_practice_that_is_dated_back_opens_nothing(shop: MonthlyShop) -> None:
    shop.sells(is_training=True)
    shop.is_at(2026, 6, 2)
    declare(shop, NONE)

    practised = shop.sells(issued_at=shop.clock().replace(month=5, day=30), is_training=True)

    assert practised.kind == EntryKind.DOCUMENT, practised.faults
    assert shop.months() == [("2026-05", "done", False)]


def test_a_month_without_documents_here_may_have_some_of_another_program(
    shop: MonthlyShop,
) -> None:
    shop.is_at(2026, 6, 2)

    assert declare(shop, FILE).state == "done"


def test_who_sells_in_real_time_declares_a_month_without_invoicing(
    engine: Engine, tmp_path: Path
) -> None:
    shop = MonthlyShop(engine, tmp_path, is_realtime=True)
    shop.is_at(2026, 6, 2)

    assert declare(shop, NONE).state == "done"


def test_a_taxpayer_of_somebody_else_is_not_there(shop: MonthlyShop) -> None:
    shop.is_at(2026, 6, 2)

    with pytest.raises(Missing):
        declare(shop, NONE, organization="another")
    with pytest.raises(Missing):
        undo(shop, organization="another")


def test_a_law_that_wants_no_months_has_nothing_to_declare(engine: Engine, tmp_path: Path) -> None:
    counter = Counter(engine, "it", tmp_path)

    with pytest.raises(Refused) as trouble, writing(counter.engine) as tx:
        declaring.declare(
            tx, counter.services.ids, counter.shop.taxpayer, MAY, NONE, by=BY, at=counter.clock()
        )

    assert codes(trouble.value) == ["REPORT-MONTH-01"]
