"""Orders at a register with a device: what one request bills, no other one bills meanwhile."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from fiscus.issuing.tests.counter import failure
from fiscus.issuing.tests.kiosk import Kiosk, a_drawer_event, a_line, a_sale, until_device
from fiscus.journal import encode
from fiscus.model.closings import NO_ORDERS, ClosingGroup
from fiscus.model.documents import ClosingType, Direction, DocumentKind, Draft, LinePurpose
from fiscus.model.orders import SessionMove
from fiscus.model.records import EntryBody

D = Decimal


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    found = Kiosk(engine, tmp_path)
    found.opens_session()
    return found


def an_order(gross: str = "5.00", *, tab: str = "", direction: Direction = Direction.SALE) -> Draft:
    line = a_line(gross, direction=direction)
    return Draft(kind=DocumentKind.ORDER, lines=(line,), tab=tab, groups=("Tisch 5",))


def orders(kiosk: Kiosk, gross: str = "5.00", **more: Any) -> EntryBody:
    return kiosk.enters(an_order(gross, **more), SessionMove.WITHIN)


def test_orders_and_bills_of_a_tab_refer_to_its_first_order(kiosk: Kiosk) -> None:
    first = orders(kiosk)
    more = orders(kiosk, tab=first.id)
    bill = kiosk.sells(a_sale("5.00", tab=first.id))

    assert (first.refers, more.refers, bill.refers) == ("", first.id, first.id)
    assert more.relies["refers"] == bill.relies["refers"]
    assert bill.draft is not None
    assert bill.draft.groups == ("Tisch 5",)
    kiosk.assert_proved()


def test_an_order_needs_a_session_that_is_open_and_not_counted(kiosk: Kiosk) -> None:
    kiosk.enters(a_drawer_event(DocumentKind.COUNT, "0"), SessionMove.COUNT)

    assert failure(kiosk.out(kiosk.enter(an_order(), SessionMove.WITHIN))) == "ISSUE-SESSION-03"


def test_a_tab_that_nobody_began_is_unknown(kiosk: Kiosk) -> None:
    wanted = kiosk.enter(an_order(tab="nothing"), SessionMove.WITHIN)

    assert failure(kiosk.out(wanted)) == "ISSUE-TAB-01"


def test_orders_do_not_wait_for_each_other_nor_for_the_drawer(kiosk: Kiosk) -> None:
    """Several waiters order at one register at once, while money is put into the drawer."""
    tab = orders(kiosk).id
    until_device(kiosk, kiosk.enter(an_order(tab=tab), SessionMove.WITHIN))

    orders(kiosk, tab=tab)
    event = a_drawer_event(DocumentKind.MOVEMENT, "1.00", LinePurpose.PAY_IN)
    assert kiosk.enters(event, SessionMove.ADJUST).seal


def test_of_two_bills_for_one_dish_the_second_waits_and_is_refused(kiosk: Kiosk) -> None:
    """Nobody may bill what another request is billing: the device is asked for it just now."""
    tab = orders(kiosk).id
    one, two = (kiosk.issue(a_sale("5.00", tab=tab), kiosk.begins()) for _ in "12")
    until_device(kiosk, one)

    back = an_order(tab=tab, direction=Direction.RETURN)
    for late in (two, kiosk.enter(back, SessionMove.WITHIN)):
        assert failure(kiosk.out(late)) == "ISSUE-DEVICE-02"
    assert orders(kiosk, tab=tab).seal
    other = orders(kiosk).id
    assert kiosk.sells(a_sale("5.00", tab=other)).seal


def test_of_two_bills_in_one_transaction_only_one_is_made(kiosk: Kiosk) -> None:
    tab = orders(kiosk).id
    every = [kiosk.issue(a_sale("5.00", tab=tab), kiosk.begins()) for _ in "12"]

    answers = kiosk.together(*every)

    assert sorted(type(one).__name__ for one in answers) == ["DeviceNeeded", "OrderFailed"]


def test_an_order_of_which_the_device_is_out_is_recorded_unsigned(kiosk: Kiosk) -> None:
    first = orders(kiosk)
    folder = kiosk.devices_folder
    folder.rename(folder.with_name("away"))
    kiosk.services = kiosk.other_services()

    more = orders(kiosk, tab=first.id)

    assert more.seal is not None
    assert (more.seal.signing, bool(more.seal.outage)) == (None, True)
    assert more.seal.document_type == "AVBestellung"


def test_a_closing_counts_orders_apart_and_lists_the_tabs_it_leaves_open(kiosk: Kiosk) -> None:
    first, second = orders(kiosk), orders(kiosk, "7.00")
    kiosk.sells(a_sale("7.00", tab=second.id))
    night = kiosk.closes().closing
    kiosk.opens_session()
    third = orders(kiosk, "3.00")
    day = kiosk.closes().closing
    kiosk.opens_session()
    kiosk.sells(a_sale("5.00", tab=first.id))
    orders(kiosk, "3.00", tab=third.id, direction=Direction.RETURN)
    last = kiosk.closes().closing

    assert night is not None
    assert day is not None
    assert last is not None
    assert night.orders == ClosingGroup(count=2, gross=D("12.00"), vat=D("1.92"))
    assert (night.sales.count, night.sales.gross, night.expected) == (1, D("7.00"), D("57.00"))
    assert night.documents == 4
    assert night.open_tabs == (first.id,)
    assert day.open_tabs == (first.id, third.id)
    assert (day.sales.count, day.cases[0].case) == (0, "Anfangsbestand")
    assert last.open_tabs == ()
    assert (last.orders.count, last.orders.gross) == (1, D("-3.00"))
    month = kiosk.closes(ClosingType.MONTHLY).closing
    assert month is not None
    assert (month.orders.count, month.orders.gross, month.open_tabs) == (4, D("12.00"), ())
    kiosk.assert_proved()


def test_a_closing_without_orders_is_stored_as_ever(kiosk: Kiosk) -> None:
    kiosk.sells(a_sale("5.00"))

    body = kiosk.closes()

    assert body.closing is not None
    assert body.closing.orders is NO_ORDERS
    stored = encode.encode(body)
    assert b"open_tabs" not in stored
    assert b'"orders"' not in stored
