"""The road of a law that wants a device: three steps, each of which may be the last."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, select

from fiscus.issuing import errands, fitting, foreign, signing
from fiscus.issuing.answers import Answer, DeviceNeeded, Done, Step, Waiting
from fiscus.issuing.tests.counter import done, failure
from fiscus.issuing.tests.kiosk import Kiosk, a_drawer_event, a_line, a_sale
from fiscus.model.devices import Filter
from fiscus.model.documents import ClosingType, Direction, Draft, Kind, Purpose
from fiscus.model.orders import Order, SessionMove
from fiscus.model.records import Body, Signing
from fiscus.registry import sessions
from fiscus.registry.tests.builders import another_register
from fiscus.signers.tse.verify import examine
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    return Kiosk(engine, tmp_path)


def needed(answer: Answer) -> DeviceNeeded:
    assert isinstance(answer, DeviceNeeded), answer
    return answer


def until_device(kiosk: Kiosk, order: Order) -> DeviceNeeded:
    """Carry an order out up to where its device is to be asked."""
    waiting = Waiting(order=order)
    while True:
        answer = kiosk.together(waiting)[0]
        if isinstance(answer, DeviceNeeded):
            return answer
        waiting = errands.prepared(kiosk.desk, kiosk.channel, waiting, answer)  # type: ignore[arg-type]


def numbers_signed(kiosk: Kiosk, tmp_path: Path) -> int:
    """How many transactions the device has finished, by its own verified export."""
    device = kiosk.desk.devices.of(kiosk.shop.register)
    assert device is not None
    file = tmp_path / "export.tar"

    file.write_bytes(b"".join(kiosk.desk.devices.export(device.device, Filter())))
    report = examine(file)
    assert report.faults == ()
    return report.finished


def kinds(kiosk: Kiosk) -> list[str]:
    with reading(kiosk.engine) as tx:
        return list(tx.scalars(select(ENTRY.c.kind).order_by(ENTRY.c.sequence)))


def test_a_sale_is_signed_by_the_device_from_its_start_to_its_end(kiosk: Kiosk) -> None:
    body = kiosk.sells(a_sale("11.90"))

    assert body.seal is not None
    assert body.seal.signing is not None
    assert body.seal.signing.process_data == "Beleg^11.90_0.00_0.00_0.00_0.00^11.90:Bar"
    assert body.seal.signing.client == kiosk.shop.register
    assert kinds(kiosk) == ["intent@1", "document@1"]
    assert kiosk.held() == []
    kiosk.assert_proved()


def test_the_device_hears_of_a_sale_when_it_begins(kiosk: Kiosk) -> None:
    kiosk.begins()

    assert kiosk.held() == [signing.State.OPEN]
    assert len(kiosk.desk.devices.open_numbers(kiosk.shop.register)) == 1


def test_the_journal_knows_before_the_device_does(kiosk: Kiosk) -> None:
    asked = until_device(kiosk, kiosk.open())

    assert asked.step is Step.START
    assert kinds(kiosk) == ["intent@1"]
    assert kiosk.desk.devices.open_numbers(kiosk.shop.register) == ()


def test_a_draft_the_law_refuses_leaves_the_sale_open(kiosk: Kiosk) -> None:
    intent = kiosk.begins()

    assert failure(kiosk.out(kiosk.issue(a_sale("11.90", paid="11.00"), intent))) == "ISSUE-LAW-01"
    assert kinds(kiosk) == ["intent@1"]
    assert kiosk.sells(a_sale("11.90"), intent=intent).seal is not None


def test_an_aborted_sale_is_signed_as_well(kiosk: Kiosk) -> None:
    body = kiosk.sells(Draft(kind=Kind.ABORT, reason="customer left"))

    assert body.seal is not None
    assert body.seal.document_type == "AVBelegabbruch"
    assert kinds(kiosk) == ["intent@1", "abort@1"]


def test_of_two_drafts_for_one_sale_in_one_group_the_device_hears_of_the_first(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    kiosk.sells()  # from now on the register has its series
    intent = kiosk.begins()
    orders = [kiosk.issue(a_sale(), intent), kiosk.issue(a_sale("5.00"), intent)]

    first, second = kiosk.together(*orders)

    assert needed(first).step is Step.FINISH
    assert failure(second) == "ISSUE-DEVICE-02"
    assert done(errands.carried_out(kiosk.desk, kiosk.channel, orders[0], needed(first))).body.seal
    assert failure(kiosk.out(orders[1])) == "ISSUE-INTENT-03"
    assert numbers_signed(kiosk, tmp_path) == 2


def test_an_answer_that_comes_twice_in_one_group_counts_once(kiosk: Kiosk) -> None:
    asked = until_device(kiosk, kiosk.open())
    answered = errands.prepared(kiosk.desk, kiosk.channel, Waiting(order=asked.order), asked)

    first, second = kiosk.together(answered, answered)

    assert done(first) == done(second)
    assert kiosk.held() == [signing.State.OPEN]
    assert kinds(kiosk) == ["intent@1"]


def test_the_answer_to_a_start_is_the_intention_as_it_was_written(kiosk: Kiosk) -> None:
    order = kiosk.open()

    begun, again = kiosk.out(order), kiosk.out(order)

    assert done(begun) == done(again)
    assert isinstance(begun, Done)
    assert isinstance(again, Done)
    assert (begun.previous_id, begun.serial) == (again.previous_id, again.serial)
    assert (begun.is_replay, again.is_replay) == (False, True)


def test_the_same_key_gets_the_same_document(kiosk: Kiosk) -> None:
    order = kiosk.issue(a_sale(), kiosk.begins())
    first, again = done(kiosk.out(order)), done(kiosk.out(order))

    assert first.body == again.body
    assert kinds(kiosk).count("document@1") == 1


def test_while_the_device_is_asked_the_same_request_waits(kiosk: Kiosk) -> None:
    order = kiosk.issue(a_sale(), kiosk.begins())
    until_device(kiosk, order)

    assert failure(kiosk.together(order)[0]) == signing.IN_FLIGHT.id


def test_another_end_of_the_same_sale_waits_too(kiosk: Kiosk) -> None:
    intent = kiosk.begins()
    until_device(kiosk, kiosk.issue(a_sale(), intent))
    abort = kiosk.issue(Draft(kind=Kind.ABORT), intent)

    assert failure(kiosk.out(abort)) == signing.IN_FLIGHT.id
    kiosk.clock.move(seconds=60)
    assert errands.recover(kiosk.desk, kiosk.channel) == 1
    assert failure(kiosk.out(abort)) == "ISSUE-INTENT-03"


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_start_that_was_cut_short_is_found_again(
    kiosk: Kiosk, tmp_path: Path, is_lost: bool
) -> None:
    asked = until_device(kiosk, kiosk.open())
    if is_lost:
        foreign.ask(kiosk.desk, asked)
    kiosk.clock.move(seconds=60)

    assert errands.recover(kiosk.desk, kiosk.channel) == 1
    assert len(kiosk.desk.devices.open_numbers(kiosk.shop.register)) == 1
    kiosk.sells(a_sale(), intent=asked.intent)
    assert numbers_signed(kiosk, tmp_path) == 1


@pytest.mark.parametrize("is_lost", [False, True])
def test_an_end_that_was_cut_short_is_found_again(
    kiosk: Kiosk, tmp_path: Path, is_lost: bool
) -> None:
    asked = until_device(kiosk, kiosk.issue(a_sale(), kiosk.begins()))
    if is_lost:
        foreign.ask(kiosk.desk, asked)
    kiosk.clock.move(seconds=60)

    assert errands.recover(kiosk.desk, kiosk.channel) == 1
    assert kinds(kiosk) == ["intent@1", "document@1"]
    assert numbers_signed(kiosk, tmp_path) == 1
    kiosk.assert_proved()


def test_a_client_that_comes_again_after_a_crash_goes_on_itself(kiosk: Kiosk) -> None:
    order = kiosk.issue(a_sale(), kiosk.begins())
    foreign.ask(kiosk.desk, until_device(kiosk, order))
    kiosk.clock.move(seconds=60)

    body = done(kiosk.out(order)).body

    assert body.seal is not None
    assert body.seal.signing is not None
    assert kiosk.held() == []


def test_without_its_device_the_shop_goes_on_and_the_protocol_tells(kiosk: Kiosk) -> None:
    signed = kiosk.sells()
    folder = kiosk.devices_folder
    folder.rename(folder.with_name("away"))
    kiosk.desk = kiosk.another_desk()
    unsigned = kiosk.sells()
    kiosk.sells()
    folder.with_name("away").rename(folder)
    kiosk.desk = kiosk.another_desk()
    again = kiosk.sells()

    assert signed.seal is not None
    assert unsigned.seal is not None
    assert again.seal is not None
    assert unsigned.seal.signing is None
    assert unsigned.seal.outage
    assert again.seal.signing is not None
    assert [kind for kind in kinds(kiosk) if kind in ("outage@1", "restored@1")] == [
        "outage@1",
        "restored@1",
    ]
    kiosk.assert_proved()


def test_a_session_is_opened_sold_in_counted_and_closed(kiosk: Kiosk) -> None:
    session = kiosk.opens_session("50.00").intent
    sale = kiosk.begins(needs_session=True)
    kiosk.sells(a_sale("11.90"), intent=sale)
    kiosk.enters(a_drawer_event(Kind.MOVEMENT, "-20.00", Purpose.TRANSIT), SessionMove.ADJUST)
    kiosk.enters(a_drawer_event(Kind.COUNT, "-0.10", Purpose.DIFFERENCE), SessionMove.COUNT)
    closing = kiosk.enters(
        Draft(kind=Kind.CLOSING, closing=ClosingType.SHIFT), SessionMove.CLOSE
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
    again = kiosk.enter(a_drawer_event(Kind.OPENING, "10.00"), SessionMove.OPEN)
    assert failure(kiosk.out(again)) == "ISSUE-SESSION-02"
    kiosk.enters(a_drawer_event(Kind.COUNT, "0"), SessionMove.COUNT)
    assert failure(kiosk.out(kiosk.open(needs_session=True))) == "ISSUE-SESSION-03"


def test_a_closing_waits_for_what_is_open_and_counts_everything_once(kiosk: Kiosk) -> None:
    kiosk.sells(a_sale("11.90"))
    intent = kiosk.begins()
    order = kiosk.enter(Draft(kind=Kind.CLOSING, closing=ClosingType.DAILY))
    assert failure(kiosk.out(order)) == "ISSUE-CLOSING-02"
    kiosk.sells(a_sale("5.00"), intent=intent)
    first = kiosk.closes().closing
    back = a_line("5.00", direction=Direction.RETURN)
    kiosk.sells(
        a_sale("5.00", paid="-5.00", lines=(back,), kind=Kind.CORRECTION, external_reference="A1",
               external_text="Bon der alten Kasse")
    )  # fmt: skip
    second = kiosk.closes().closing

    assert first is not None
    assert second is not None
    assert (first.number, first.documents, first.sales.gross) == (1, 2, Decimal("16.90"))
    assert (second.number, second.documents, second.returns.gross) == (2, 1, Decimal("-5.00"))
    nothing = kiosk.enter(Draft(kind=Kind.CLOSING, closing=ClosingType.SHIFT))
    monthly = kiosk.closes(ClosingType.MONTHLY).closing
    assert monthly is not None
    assert (monthly.first_z, monthly.last_z, monthly.is_sealed) == (1, 2, False)
    assert done(kiosk.out(nothing)).body.closing is not None
    kiosk.assert_proved()


def test_two_closings_at_once_are_one_after_the_other(kiosk: Kiosk) -> None:
    kiosk.sells()
    until_device(kiosk, kiosk.enter(Draft(kind=Kind.CLOSING, closing=ClosingType.DAILY)))
    second = kiosk.enter(Draft(kind=Kind.CLOSING, closing=ClosingType.DAILY))

    assert failure(kiosk.out(second)) == signing.IN_FLIGHT.id


def test_a_closing_that_was_cut_short_is_recovered_with_all_sales_until_then(kiosk: Kiosk) -> None:
    kiosk.sells(a_sale("11.90"))
    order = kiosk.enter(Draft(kind=Kind.CLOSING, closing=ClosingType.DAILY))
    until_device(kiosk, order)
    kiosk.sells(a_sale("5.00"))
    kiosk.clock.move(seconds=60)

    assert errands.recover(kiosk.desk, kiosk.channel) == 1
    closing = done(kiosk.out(order)).body.closing
    assert closing is not None
    assert closing.sales.gross == Decimal("16.90")
    assert msgspec.json.encode(closing)
    kiosk.assert_proved()


def test_a_clock_that_is_held_is_held_in_utc_for_all_of_a_group(kiosk: Kiosk) -> None:
    """Also in the entry of a register that is held at the document of another in its group:
    documents tell their time of entry in Berlin's."""
    with writing(kiosk.engine) as tx:
        other = another_register(tx, kiosk.shop)
        fitting.ask(
            tx, kiosk.workshop, register=other, organization=kiosk.shop.organization,
            family="tse", at=kiosk.clock(),
        )  # fmt: skip
    kiosk.works()
    intents = [kiosk.begins(), kiosk.begins(register=other)]
    kiosk.clock.move(minutes=5)
    kiosk.sells()
    kiosk.clock.move(minutes=-4)
    asked = []
    for intent in intents:
        order = kiosk.issue(a_sale(), intent)
        wanted = until_device(kiosk, order)
        asked.append(errands.prepared(kiosk.desk, kiosk.channel, Waiting(order=order), wanted))
    held = [done(answer).body for answer in kiosk.together(*asked)]

    assert [body.at.utcoffset() for body in held] == [timedelta()] * 2
    kiosk.assert_proved()


def signing_of(body: Body) -> Signing:
    assert body.seal is not None
    assert body.seal.signing is not None
    return body.seal.signing


@pytest.mark.parametrize("is_lost", [False, True])
def test_an_end_that_was_cut_short_by_an_exchange_goes_out_unsigned(
    kiosk: Kiosk, is_lost: bool
) -> None:
    """Also if the old device had signed it and the answer was lost: nobody knows that any more."""
    asked = until_device(kiosk, kiosk.issue(a_sale(), kiosk.begins()))
    if is_lost:
        foreign.ask(kiosk.desk, asked)
    kiosk.exchanges()
    kiosk.clock.move(seconds=60)

    assert errands.recover(kiosk.desk, kiosk.channel) == 1
    assert kinds(kiosk) == ["intent@1", "exchanged@1", "document@1"]
    assert kiosk.held() == []
    assert signing_of(kiosk.sells()).number == 1
    assert "outage@1" not in kinds(kiosk)
    kiosk.assert_proved()


def test_a_start_that_was_cut_short_by_an_exchange_begins_on_the_new_device(kiosk: Kiosk) -> None:
    asked = until_device(kiosk, kiosk.open())
    foreign.ask(kiosk.desk, asked)
    kiosk.exchanges()
    kiosk.clock.move(seconds=60)

    assert errands.recover(kiosk.desk, kiosk.channel) == 1
    sold = kiosk.sells(a_sale(), intent=asked.intent)
    present = kiosk.desk.devices.of(kiosk.shop.register)
    assert present is not None
    assert signing_of(sold).serial == present.info.serial


def test_a_start_that_was_lost_on_the_new_device_is_not_taken_for_one_of_the_old(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    """Both devices have a transaction 1; the old one's belongs to a sale that is still open."""
    still_open = kiosk.begins()
    kiosk.exchanges()
    asked = until_device(kiosk, kiosk.open())
    foreign.ask(kiosk.desk, asked)
    kiosk.clock.move(seconds=60)

    assert errands.recover(kiosk.desk, kiosk.channel) == 1
    assert signing_of(kiosk.sells(a_sale(), intent=asked.intent)).number == 1
    kiosk.sells(a_sale(), intent=still_open)
    assert numbers_signed(kiosk, tmp_path) == 1
    assert kiosk.desk.devices.open_numbers(kiosk.shop.register) == ()


def test_a_closing_during_which_the_device_is_exchanged_names_both(kiosk: Kiosk) -> None:
    first = signing_of(kiosk.sells()).serial
    order = kiosk.enter(Draft(kind=Kind.CLOSING, closing=ClosingType.DAILY))
    started = until_device(kiosk, order)
    answer = foreign.ask(kiosk.desk, started)
    waiting = Waiting(order=order, entry=started.entry, device=answer)
    finish = needed(kiosk.together(waiting)[0])
    signed = foreign.ask(kiosk.desk, finish)
    assert signed.signing is not None
    kiosk.clock.move(seconds=5)
    kiosk.exchanges()

    done_ = done(kiosk.together(Waiting(order=order, entry=finish.entry, device=signed))[0])

    closing = done_.body.closing
    assert closing is not None
    assert signing_of(done_.body).serial == first
    serials = [device.serial for device in closing.devices]
    assert (len(serials), serials[0]) == (2, first)
    kiosk.assert_proved()


def test_what_another_process_signs_with_the_old_device_is_named_in_its_closing(
    kiosk: Kiosk,
) -> None:
    """It knows the old device for some seconds more, which nobody has told of its release yet."""
    first = signing_of(kiosk.sells()).serial
    kiosk.closes()
    other = kiosk.another_desk()
    assert other.devices.of(kiosk.shop.register)
    kiosk.clock.move(seconds=5)
    kiosk.asks_for_another()
    kiosk.works_once()
    kiosk.clock.move(seconds=5)
    ours, kiosk.desk = kiosk.desk, other
    assert signing_of(kiosk.sells()).serial == first
    kiosk.desk = ours

    closing = kiosk.closes().closing
    kiosk.sells()
    after = kiosk.closes().closing

    assert closing is not None
    assert after is not None
    assert closing.devices[0].serial == first
    assert len(closing.devices) == 2
    assert first not in {device.serial for device in after.devices}


def test_a_device_that_signs_nothing_is_named_and_one_that_was_never_fitted_is_not(
    kiosk: Kiosk,
) -> None:
    folder = kiosk.devices_folder
    folder.rename(folder.with_name("away"))
    kiosk.desk = kiosk.another_desk()
    kiosk.sells()
    kiosk.asks_for_another()

    closing = kiosk.closes().closing

    assert closing is not None
    present = kiosk.desk.devices.of(kiosk.shop.register)
    assert present is not None
    assert [device.serial for device in closing.devices] == [present.info.serial]
    monthly = kiosk.closes(ClosingType.MONTHLY).closing
    assert monthly is not None
    assert monthly.devices == closing.devices
