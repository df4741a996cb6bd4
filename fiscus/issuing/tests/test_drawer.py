"""Cash sessions and closings at a register: what may happen now."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.issuing import signing
from fiscus.issuing.tests.counter import done, failure
from fiscus.issuing.tests.kiosk import Kiosk, a_drawer_event, a_line, a_sale, until_device
from fiscus.model.documents import ClosingType, Direction, DocumentKind, Draft, LinePurpose
from fiscus.model.orders import SessionMove
from fiscus.registry import sessions
from fiscus.store.connect import reading


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    return Kiosk(engine, tmp_path)


def test_a_session_is_opened_sold_in_counted_and_closed(kiosk: Kiosk) -> None:
    session = kiosk.opens_session("50.00").intent
    sale = kiosk.begins(needs_session=True)
    kiosk.sells(a_sale("11.90"), intent=sale)
    kiosk.enters(
        a_drawer_event(DocumentKind.MOVEMENT, "-20.00", LinePurpose.TRANSIT), SessionMove.ADJUST
    )
    kiosk.enters(
        a_drawer_event(DocumentKind.COUNT, "-0.10", LinePurpose.DIFFERENCE), SessionMove.COUNT
    )
    closing = kiosk.enters(
        Draft(kind=DocumentKind.CLOSING, closing=ClosingType.SHIFT), SessionMove.CLOSE
    ).closing

    assert closing is not None
    assert (closing.number, closing.is_sealed, closing.session) == (1, True, session)
    assert (closing.documents, closing.opening) == (4, Decimal("50.00"))
    assert closing.expected + (closing.difference or 0) == Decimal("41.80")
    with reading(kiosk.engine) as tx:
        assert sessions.current(tx, kiosk.shop.register) is None
    kiosk.assert_proved()


def test_sales_of_a_session_need_one_that_is_open(kiosk: Kiosk) -> None:
    assert failure(kiosk.out(kiosk.open(needs_session=True))) == "ISSUE-SESSION-01"
    kiosk.opens_session()
    again = kiosk.enter(a_drawer_event(DocumentKind.OPENING, "10.00"), SessionMove.OPEN)
    assert failure(kiosk.out(again)) == "ISSUE-SESSION-02"
    kiosk.enters(a_drawer_event(DocumentKind.COUNT, "0"), SessionMove.COUNT)
    assert failure(kiosk.out(kiosk.open(needs_session=True))) == "ISSUE-SESSION-03"


def test_a_closing_waits_for_what_is_open_and_counts_everything_once(kiosk: Kiosk) -> None:
    kiosk.sells(a_sale("11.90"))
    intent = kiosk.begins()
    order = kiosk.enter(Draft(kind=DocumentKind.CLOSING, closing=ClosingType.DAILY))
    assert failure(kiosk.out(order)) == "ISSUE-CLOSING-02"
    kiosk.sells(a_sale("5.00"), intent=intent)
    first = kiosk.closes().closing
    back = a_line("5.00", direction=Direction.RETURN)
    kiosk.sells(
        a_sale(
            "5.00",
            paid="-5.00",
            lines=(back,),
            kind=DocumentKind.CORRECTION,
            external_reference="A1",
            external_text="Bon der alten Kasse",
        )
    )
    second = kiosk.closes().closing

    assert first is not None
    assert second is not None
    assert (first.number, first.documents, first.sales.gross) == (1, 2, Decimal("16.90"))
    assert (second.number, second.documents, second.returns.gross) == (2, 1, Decimal("-5.00"))
    nothing = kiosk.enter(Draft(kind=DocumentKind.CLOSING, closing=ClosingType.SHIFT))
    monthly = kiosk.closes(ClosingType.MONTHLY).closing
    assert monthly is not None
    assert (monthly.first_z, monthly.last_z, monthly.is_sealed) == (1, 2, False)
    assert done(kiosk.out(nothing)).body.closing is not None
    kiosk.assert_proved()


def test_two_closings_at_once_are_one_after_the_other(kiosk: Kiosk) -> None:
    kiosk.sells()
    until_device(kiosk, kiosk.enter(Draft(kind=DocumentKind.CLOSING, closing=ClosingType.DAILY)))
    second = kiosk.enter(Draft(kind=DocumentKind.CLOSING, closing=ClosingType.DAILY))

    assert failure(kiosk.out(second)) == signing.IN_FLIGHT.id
