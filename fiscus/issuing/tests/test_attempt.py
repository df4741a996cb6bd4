"""An order on one visit: its intention, and what stands against it."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.issuing import attempt, driver, recording, signing
from fiscus.issuing.answers import OrderDone, QueuedOrder
from fiscus.issuing.group import OrderGroup
from fiscus.issuing.tests.counter import (
    SAID,
    Counter,
    a_correction,
    a_receipt,
    done,
    failure,
)
from fiscus.issuing.tests.kiosk import Kiosk, a_sale, kinds, until_device
from fiscus.model.documents import ClosingType, DocumentKind, Draft
from fiscus.model.orders import Enter
from fiscus.registry.tests.builders import (
    a_shop,
)
from fiscus.store.connect import writing


@pytest.fixture
def plain(engine: Engine) -> Counter:
    """In Italy, as far as we know its law: numbers only."""
    return Counter(engine, "it")


def test_an_intention_is_concluded_once_within_a_group_and_after_it(plain: Counter) -> None:
    plain.sells(a_receipt())
    intent = plain.intends()[0]
    answers = plain.together(*(plain.issue(a_receipt(), intent) for _ in range(2)))

    assert done(answers[0]).body.intent == intent
    assert failure(answers[1]) == "ISSUE-INTENT-03"
    assert failure(plain.together(plain.issue(a_receipt(), intent))[0]) == "ISSUE-INTENT-03"


def test_only_an_intention_can_be_concluded(plain: Counter) -> None:
    receipt = plain.sells(a_receipt())

    answer = plain.together(plain.issue(a_receipt(), receipt.id))[0]

    assert failure(answer) == "ISSUE-INTENT-02"


def test_another_organization_sees_neither_register_nor_intention_nor_document(
    plain: Counter,
) -> None:
    receipt = plain.sells(a_receipt())
    intent = plain.intends()[0]
    with writing(plain.engine) as tx:
        stranger = a_shop(tx)
    elsewhere = plain.together(plain.open(stranger.register, organization=stranger.organization))

    answers = plain.together(
        plain.open(organization=stranger.organization),
        plain.issue(a_receipt(), intent, organization=stranger.organization),
        plain.issue(
            a_correction(receipt.id),
            done(elsewhere[0]).body.id,
            organization=stranger.organization,
        ),
        plain.open("0196a1f2-0000-7c3d-9e4f-0123456789ab"),
    )

    assert [failure(answer) for answer in answers] == [
        "ISSUE-PLACE-02",
        "ISSUE-INTENT-01",
        "ISSUE-ORIGINAL-01",
        "ISSUE-PLACE-02",
    ]


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    return Kiosk(engine, tmp_path)


def test_an_answer_that_comes_twice_in_one_group_counts_once(kiosk: Kiosk) -> None:
    asked = until_device(kiosk, kiosk.open())
    answered = driver.prepared(kiosk.services, kiosk.channel, QueuedOrder(order=asked.order), asked)

    first, second = kiosk.together(answered, answered)

    assert done(first) == done(second)
    assert kiosk.pending() == [signing.DeviceRequestState.OPEN]
    assert kinds(kiosk) == ["intent@1"]


def test_another_end_of_the_same_sale_waits_too(kiosk: Kiosk) -> None:
    intent = kiosk.begins()
    until_device(kiosk, kiosk.issue(a_sale(), intent))
    abort = kiosk.issue(Draft(kind=DocumentKind.ABORT), intent)

    assert failure(kiosk.out(abort)) == signing.IN_FLIGHT.id
    kiosk.clock.move(seconds=60)
    assert driver.recover(kiosk.services, kiosk.channel) == 1
    assert failure(kiosk.out(abort)) == "ISSUE-INTENT-03"


def test_while_the_device_is_asked_the_same_request_waits(kiosk: Kiosk) -> None:
    order = kiosk.issue(a_sale(), kiosk.begins())
    until_device(kiosk, order)

    assert failure(kiosk.together(order)[0]) == signing.IN_FLIGHT.id


def test_where_the_law_asks_for_a_device_nothing_begins_without_one(
    engine: Engine, tmp_path: Path
) -> None:
    counter = Counter(engine, "de", tmp_path)
    closing = Enter(
        organization=counter.shop.organization,
        register=counter.shop.register,
        said=SAID,
        draft=Draft(kind=DocumentKind.CLOSING, closing=ClosingType.DAILY),
        claim=counter.claim(),
    )

    answers = counter.together(counter.open(), closing)

    assert [failure(answer) for answer in answers] == [recording.NO_DEVICE.id] * 2
    assert counter.entries() == []


def test_a_record_that_is_not_made_yet_is_being_made(plain: Counter) -> None:
    receipt = plain.sells(a_receipt())
    with writing(plain.engine) as tx:
        group = OrderGroup(tx=tx, services=plain.services, at=plain.clock())
        unknown = attempt.made(group, "0196a1f2-0000-7c3d-9e4f-0123456789ab", "label")
        found = attempt.made(group, receipt.id, "label")

    assert failure(unknown) == signing.IN_FLIGHT.id
    assert done(found).body.id == receipt.id
    assert isinstance(found, OrderDone)
    assert found.metadata == "label"
