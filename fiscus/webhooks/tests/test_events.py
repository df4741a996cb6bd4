"""Events: in the transaction of what happened, to those who asked for them, once."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, func, select

from fiscus.registry import organizations
from fiscus.store.connect import reading, writing
from fiscus.store.schema import TASK
from fiscus.store.webhook_schema import WEBHOOK_DELIVERY, WEBHOOK_EVENT
from fiscus.webhooks import events, subscriptions, targets
from fiscus.webhooks.event_types import EventType
from fiscus.webhooks.events import ToldEvent
from fiscus.webhooks.states import SubscriptionStatus
from fiscus.webhooks.tests.told import START, Town, ids

URL = "https://ledger.example/hook"
SEALED, FAILED = EventType.RECORD_SEALED, EventType.EXPORT_FAILED


@pytest.fixture
def town(engine: Engine) -> Town:
    return Town(engine, targets.allowed(""))


def counts(engine: Engine) -> tuple[int, int, int]:
    """Events, deliveries, tasks."""
    tables = (WEBHOOK_EVENT, WEBHOOK_DELIVERY, TASK)
    with reading(engine) as tx:
        return tuple(  # type: ignore[return-value]
            tx.execute(select(func.count()).select_from(table)).scalar_one() for table in tables
        )


def test_each_subscriber_gets_a_delivery_and_a_task_of_one_event(town: Town) -> None:
    for _ in range(2):
        town.subscribe(URL)

    town.happens()

    assert counts(town.engine) == (1, 2, 2)


def test_what_is_rolled_back_is_told_to_nobody(town: Town) -> None:
    town.subscribe(URL)

    def breaks_off() -> None:
        with writing(town.engine) as tx:
            events.tell(tx, town.unit, SEALED, ids(), START)
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        breaks_off()

    assert counts(town.engine) == (0, 0, 0)


def test_while_nobody_subscribes_an_event_leaves_nothing_and_costs_one_question(
    town: Town,
) -> None:
    asked: list[str] = []

    @event.listens_for(town.engine, "before_cursor_execute")
    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        asked.append(statement)

    with writing(town.engine) as tx:
        asked.clear()
        events.tell_all(
            tx,
            [
                ToldEvent(organization=town.unit, type=SEALED, subject=ids(), at=START)
                for _ in range(100)
            ],
        )
        count = len(asked)

    assert count == 1
    assert counts(town.engine) == (0, 0, 0)


def test_who_asked_for_another_type_or_is_inactive_or_deleted_is_not_told(town: Town) -> None:
    town.subscribe(URL, "export.failed")
    town.subscribe(URL, status=SubscriptionStatus.INACTIVE)
    gone = town.subscribe(URL)
    with writing(town.engine) as tx:
        subscriptions.delete(tx, gone, by="a test", at=town.now)

    town.happens(SEALED)
    assert counts(town.engine) == (0, 0, 0)
    town.happens(FAILED)
    assert counts(town.engine) == (1, 1, 1)


def test_who_stands_above_is_told_and_who_stands_beside_or_below_is_not(town: Town) -> None:
    above = town.subscribe(URL, organization=town.account)
    beside = ids()
    with writing(town.engine) as tx:
        town.open(tx, beside, town.account, organizations.UNIT)
    town.subscribe(URL, organization=beside)

    town.happens()
    with writing(town.engine) as tx:
        events.tell(tx, town.account, SEALED, ids(), START)

    assert counts(town.engine) == (2, 2, 2)
    assert len(town.deliveries(above)) == 2


def test_the_same_event_told_twice_is_one(town: Town) -> None:
    town.subscribe(URL)
    subject = ids()

    town.happens(subject=subject)
    town.happens(subject=subject)
    assert counts(town.engine) == (1, 1, 1)
    town.later(seconds=1)
    town.happens(subject=subject)
    assert counts(town.engine) == (2, 2, 2)


def test_who_subscribes_later_hears_of_later_events_alone(town: Town) -> None:
    first = town.subscribe(URL)
    town.happens()
    second = town.subscribe(URL)
    town.later(seconds=1)
    town.happens()

    assert (len(town.deliveries(first)), len(town.deliveries(second))) == (2, 1)


def test_ids_of_events_rise_with_the_time_and_are_versions_of_seven() -> None:
    found = [
        ToldEvent(
            organization="o", type=SEALED, subject="s", at=START + timedelta(milliseconds=step)
        ).id
        for step in range(50)
    ]

    assert found == sorted(set(found))
    assert all(one[14] == "7" and one[19] in "89ab" for one in found)


@pytest.mark.parametrize(
    "other",
    [
        {"organization": "p"},
        {"type": FAILED},
        {"subject": "t"},
        {"at": START + timedelta(microseconds=1)},
    ],
)
def test_another_event_has_another_id_and_the_same_one_the_same(other: dict[str, object]) -> None:
    said = {"organization": "o", "type": SEALED, "subject": "s", "at": START}
    first = ToldEvent(**said)  # type: ignore[arg-type]

    assert ToldEvent(**said).id == first.id  # type: ignore[arg-type]
    assert ToldEvent(**{**said, **other}).id != first.id  # type: ignore[arg-type]


def test_a_type_that_nobody_knows_cannot_be_told(town: Town) -> None:
    with pytest.raises(ValueError, match=r"record\.burnt"), writing(town.engine) as tx:
        events.tell(tx, town.unit, "record.burnt", ids(), START)  # type: ignore[arg-type]
