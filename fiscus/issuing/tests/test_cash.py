"""How much cash a drawer holds: what came in, what went out, and what is on its way out."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.issuing import driver
from fiscus.issuing.answers import Answer, OrderFailed
from fiscus.issuing.tests.counter import done
from fiscus.issuing.tests.kiosk import Kiosk, a_drawer_event, a_line, a_sale, needed, until_device
from fiscus.model.documents import Direction, DocumentKind, Draft, LinePurpose
from fiscus.model.orders import Enter, SessionMove

BELOW = ["DE-DRAWER-05"]


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    found = Kiosk(engine, tmp_path)
    found.opens_session("50.00")
    return found


def taken_out(kiosk: Kiosk, amount: str) -> Enter:
    event = a_drawer_event(DocumentKind.MOVEMENT, f"-{amount}", LinePurpose.TRANSIT)
    return kiosk.enter(event, SessionMove.ADJUST)


def given_back(amount: str, **more: object) -> Draft:
    outside = {"external_reference": "A1", "external_text": "alte Kasse"}
    return a_sale(
        amount,
        paid=f"-{amount}",
        lines=(a_line(amount, direction=Direction.RETURN),),
        kind=DocumentKind.CORRECTION,
        **(outside | more),
    )


def broken(answer: Answer) -> list[str]:
    if not isinstance(answer, OrderFailed):
        return []
    return [fault.code for fault in answer.trouble.faults]


def test_all_that_is_in_the_drawer_may_be_taken_out(kiosk: Kiosk) -> None:
    kiosk.sells(a_sale("11.90"))

    assert broken(kiosk.out(taken_out(kiosk, "61.91"))) == BELOW
    assert broken(kiosk.out(taken_out(kiosk, "60.00"))) == []
    assert broken(kiosk.out(taken_out(kiosk, "1.91"))) == BELOW
    assert broken(kiosk.out(taken_out(kiosk, "1.90"))) == []
    kiosk.assert_proved()


def test_another_process_counts_the_same(kiosk: Kiosk) -> None:
    kiosk.out(taken_out(kiosk, "40.00"))
    kiosk.services = kiosk.other_services()

    assert broken(kiosk.out(taken_out(kiosk, "10.01"))) == BELOW
    kiosk.sells(a_sale("11.90"))
    assert broken(kiosk.out(taken_out(kiosk, "21.90"))) == []


def test_money_given_back_comes_out_of_the_drawer_too(kiosk: Kiosk) -> None:
    intent = kiosk.begins()

    assert broken(kiosk.out(kiosk.issue(given_back("50.01"), intent))) == BELOW
    assert kiosk.sells(given_back("50.00"), intent=intent).seal is not None


def test_nothing_less_than_nothing_is_counted(kiosk: Kiosk) -> None:
    def count(amount: str) -> Enter:
        event = a_drawer_event(DocumentKind.COUNT, amount, LinePurpose.DIFFERENCE)
        return kiosk.enter(event, SessionMove.COUNT)

    assert broken(kiosk.out(count("-50.01"))) == BELOW
    assert broken(kiosk.out(count("-50.00"))) == []


def test_what_is_on_its_way_out_is_gone(kiosk: Kiosk) -> None:
    """Two returns at once, in one group and in two: the second does not find the cash again."""
    kiosk.sells()
    kiosk.out(taken_out(kiosk, "41.90"))
    first, second, third = (kiosk.issue(given_back("15.00"), kiosk.begins()) for _ in range(3))

    asked, refused = kiosk.together(first, second)
    late = kiosk.together(third)[0]

    assert broken(refused) == broken(late) == BELOW
    done(driver.carried_out(kiosk.services, kiosk.channel, first, needed(asked)))
    assert broken(kiosk.out(taken_out(kiosk, "5.01"))) == BELOW
    assert broken(kiosk.out(taken_out(kiosk, "5.00"))) == []


def test_what_moves_in_the_drawer_is_on_its_way_as_well(kiosk: Kiosk) -> None:
    order = taken_out(kiosk, "50.00")
    asked = until_device(kiosk, order)

    assert broken(kiosk.out(kiosk.issue(given_back("1.00"), kiosk.begins()))) == BELOW
    done(driver.carried_out(kiosk.services, kiosk.channel, order, asked))


def test_what_was_closed_is_counted_no_more(kiosk: Kiosk) -> None:
    kiosk.closes()
    kiosk.opens_session("10.00")

    assert broken(kiosk.out(taken_out(kiosk, "10.01"))) == BELOW
    assert broken(kiosk.out(taken_out(kiosk, "10.00"))) == []


def test_training_takes_nothing_out_and_without_a_session_nobody_knows(kiosk: Kiosk) -> None:
    trained = given_back("99.00", is_training=True)
    assert kiosk.sells(trained).seal is not None

    kiosk.closes()
    assert kiosk.sells(given_back("99.00")).seal is not None


def test_corrections_that_a_device_is_signing_are_known(kiosk: Kiosk) -> None:
    """Two returns of one sale at once give back what was sold once."""
    sale = kiosk.sells(a_sale("11.90"))
    back = given_back("11.90", refers_to=sale.id, external_reference="", external_text="")
    first, second, third = (kiosk.issue(back, kiosk.begins()) for _ in range(3))

    asked, refused = kiosk.together(first, second)
    late = kiosk.together(third)[0]

    assert broken(refused) == broken(late) == ["DE-REFERENCE-07"]
    body = done(driver.carried_out(kiosk.services, kiosk.channel, first, needed(asked))).body
    assert body.seal is not None
    assert body.seal.gross == Decimal("-11.90")
    assert broken(kiosk.out(second)) == ["DE-REFERENCE-07"]
