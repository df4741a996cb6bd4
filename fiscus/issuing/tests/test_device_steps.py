"""The steps of an order where the law wants a device: three, each of which may be the last."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.issuing import device_calls, driver, signing
from fiscus.issuing.answers import DeviceStep, OrderDone, QueuedOrder
from fiscus.issuing.tests.counter import done, failure
from fiscus.issuing.tests.kiosk import Kiosk, a_sale, kinds, needed, numbers_signed, until_device
from fiscus.model.documents import ClosingType, DocumentKind, Draft
from fiscus.model.records import DeviceSigning, EntryBody
from fiscus.provisioning import provision
from fiscus.registry.tests.builders import another_register
from fiscus.store.connect import writing


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    return Kiosk(engine, tmp_path)


def test_a_sale_is_signed_by_the_device_from_its_start_to_its_end(kiosk: Kiosk) -> None:
    body = kiosk.sells(a_sale("11.90"))

    assert body.seal is not None
    assert body.seal.signing is not None
    assert body.seal.signing.process_data == "Beleg^11.90_0.00_0.00_0.00_0.00^11.90:Bar"
    assert body.seal.signing.client == kiosk.shop.register
    assert kinds(kiosk) == ["intent@1", "document@1"]
    assert kiosk.pending() == []
    kiosk.assert_proved()


def test_the_device_hears_of_a_sale_when_it_begins(kiosk: Kiosk) -> None:
    kiosk.begins()

    assert kiosk.pending() == [signing.DeviceRequestState.OPEN]
    assert len(kiosk.services.devices.open_numbers(kiosk.shop.register)) == 1


def test_the_journal_knows_before_the_device_does(kiosk: Kiosk) -> None:
    asked = until_device(kiosk, kiosk.open())

    assert asked.step is DeviceStep.START
    assert kinds(kiosk) == ["intent@1"]
    assert kiosk.services.devices.open_numbers(kiosk.shop.register) == ()


def test_a_draft_the_law_refuses_leaves_the_sale_open(kiosk: Kiosk) -> None:
    intent = kiosk.begins()

    assert failure(kiosk.out(kiosk.issue(a_sale("11.90", paid="11.00"), intent))) == "ISSUE-LAW-01"
    assert kinds(kiosk) == ["intent@1"]
    assert kiosk.sells(a_sale("11.90"), intent=intent).seal is not None


def test_an_aborted_sale_is_signed_as_well(kiosk: Kiosk) -> None:
    body = kiosk.sells(Draft(kind=DocumentKind.ABORT, reason="customer left"))

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

    assert needed(first).step is DeviceStep.FINISH
    assert failure(second) == "ISSUE-DEVICE-02"
    assert done(
        driver.carried_out(kiosk.services, kiosk.channel, orders[0], needed(first))
    ).body.seal
    assert failure(kiosk.out(orders[1])) == "ISSUE-INTENT-03"
    assert numbers_signed(kiosk, tmp_path) == 2


def test_the_answer_to_a_start_is_the_intention_as_it_was_written(kiosk: Kiosk) -> None:
    order = kiosk.open()

    begun, again = kiosk.out(order), kiosk.out(order)

    assert done(begun) == done(again)
    assert isinstance(begun, OrderDone)
    assert isinstance(again, OrderDone)
    assert begun.previous_id == again.previous_id
    assert (begun.is_replay, again.is_replay) == (False, True)


def test_the_same_key_gets_the_same_document(kiosk: Kiosk) -> None:
    order = kiosk.issue(a_sale(), kiosk.begins())
    first, again = done(kiosk.out(order)), done(kiosk.out(order))

    assert first.body == again.body
    assert kinds(kiosk).count("document@1") == 1


def test_without_its_device_the_shop_goes_on_and_the_protocol_tells(kiosk: Kiosk) -> None:
    signed = kiosk.sells()
    folder = kiosk.devices_folder
    folder.rename(folder.with_name("away"))
    kiosk.services = kiosk.other_services()
    unsigned = kiosk.sells()
    kiosk.sells()
    folder.with_name("away").rename(folder)
    kiosk.services = kiosk.other_services()
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


def test_a_clock_that_is_held_is_held_in_utc_for_all_of_a_group(kiosk: Kiosk) -> None:
    """Also in the entry of a register that is held at the document of another in its group:
    documents tell their time of entry in Berlin's."""
    with writing(kiosk.engine) as tx:
        other = another_register(tx, kiosk.shop)
        provision.ask(
            tx,
            kiosk.provisioning,
            register=other,
            organization=kiosk.shop.organization,
            family="tse",
            at=kiosk.clock(),
        )
    kiosk.works()
    intents = [kiosk.begins(), kiosk.begins(register=other)]
    kiosk.clock.move(minutes=5)
    kiosk.sells()
    kiosk.clock.move(minutes=-4)
    asked = []
    for intent in intents:
        order = kiosk.issue(a_sale(), intent)
        wanted = until_device(kiosk, order)
        asked.append(
            driver.prepared(kiosk.services, kiosk.channel, QueuedOrder(order=order), wanted)
        )
    pending = [done(answer).body for answer in kiosk.together(*asked)]

    assert [body.at.utcoffset() for body in pending] == [timedelta()] * 2
    kiosk.assert_proved()


def signing_of(body: EntryBody) -> DeviceSigning:
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
        device_calls.ask(kiosk.services, asked)
    kiosk.exchanges()
    kiosk.clock.move(seconds=60)

    assert driver.recover(kiosk.services, kiosk.channel) == 1
    assert kinds(kiosk) == ["intent@1", "exchanged@1", "document@1"]
    assert kiosk.pending() == []
    assert signing_of(kiosk.sells()).number == 1
    assert "outage@1" not in kinds(kiosk)
    kiosk.assert_proved()


def test_a_start_that_was_cut_short_by_an_exchange_begins_on_the_new_device(kiosk: Kiosk) -> None:
    asked = until_device(kiosk, kiosk.open())
    device_calls.ask(kiosk.services, asked)
    kiosk.exchanges()
    kiosk.clock.move(seconds=60)

    assert driver.recover(kiosk.services, kiosk.channel) == 1
    sold = kiosk.sells(a_sale(), intent=asked.intent)
    present = kiosk.services.devices.of(kiosk.shop.register)
    assert present is not None
    assert signing_of(sold).serial == present.info.serial


def test_a_start_that_was_lost_on_the_new_device_is_not_taken_for_one_of_the_old(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    """Both devices have a transaction 1; the old one's belongs to a sale that is still open."""
    still_open = kiosk.begins()
    kiosk.exchanges()
    asked = until_device(kiosk, kiosk.open())
    device_calls.ask(kiosk.services, asked)
    kiosk.clock.move(seconds=60)

    assert driver.recover(kiosk.services, kiosk.channel) == 1
    assert signing_of(kiosk.sells(a_sale(), intent=asked.intent)).number == 1
    kiosk.sells(a_sale(), intent=still_open)
    assert numbers_signed(kiosk, tmp_path) == 1
    assert kiosk.services.devices.open_numbers(kiosk.shop.register) == ()


def test_a_closing_during_which_the_device_is_exchanged_names_both(kiosk: Kiosk) -> None:
    first = signing_of(kiosk.sells()).serial
    order = kiosk.enter(Draft(kind=DocumentKind.CLOSING, closing=ClosingType.DAILY))
    started = until_device(kiosk, order)
    answer = device_calls.ask(kiosk.services, started)
    waiting = QueuedOrder(order=order, entry=started.entry, device=answer)
    finish = needed(kiosk.together(waiting)[0])
    signed = device_calls.ask(kiosk.services, finish)
    assert signed.signing is not None
    kiosk.clock.move(seconds=5)
    kiosk.exchanges()

    done_ = done(kiosk.together(QueuedOrder(order=order, entry=finish.entry, device=signed))[0])

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
    other = kiosk.other_services()
    assert other.devices.of(kiosk.shop.register)
    kiosk.clock.move(seconds=5)
    kiosk.asks_for_another()
    kiosk.works_once()
    kiosk.clock.move(seconds=5)
    ours, kiosk.services = kiosk.services, other
    assert signing_of(kiosk.sells()).serial == first
    kiosk.services = ours

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
    kiosk.services = kiosk.other_services()
    kiosk.sells()
    kiosk.asks_for_another()

    closing = kiosk.closes().closing

    assert closing is not None
    present = kiosk.services.devices.of(kiosk.shop.register)
    assert present is not None
    assert [device.serial for device in closing.devices] == [present.info.serial]
    monthly = kiosk.closes(ClosingType.MONTHLY).closing
    assert monthly is not None
    assert monthly.devices == closing.devices
