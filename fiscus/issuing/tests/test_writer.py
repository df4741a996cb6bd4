import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from fiscus.issuing.answers import Answer, OrderDone, OrderFailed, QueuedOrder
from fiscus.issuing.tests.counter import Counter, a_line, a_receipt, done, failure
from fiscus.issuing.writer import OrderWriter
from fiscus.model.orders import Order
from fiscus.signers import RsaSha1, Signer, SignRequest
from fiscus.store.connect import writing

THREADS = 8
EACH = 6
GUILTY = "6.66"


class Tray:
    """Where a writer's replies arrive."""

    def __init__(self, count: int) -> None:
        self.answers: dict[int, Answer] = {}
        self._count = count
        self._is_full = threading.Event()

    def slot(self, place: int) -> Callable[[Answer], None]:
        def reply(answer: Answer) -> None:
            assert place not in self.answers, "a reply is given once"
            self.answers[place] = answer
            if len(self.answers) == self._count:
                self._is_full.set()

        return reply

    def all(self) -> list[Answer]:
        assert self._is_full.wait(30)
        return [self.answers[place] for place in range(self._count)]


def asked(writer: OrderWriter, orders: list[Order]) -> Tray:
    tray = Tray(len(orders))
    for place, order in enumerate(orders):
        writer.ask(QueuedOrder(order=order), tray.slot(place))
    return tray


@contextmanager
def running(writer: OrderWriter) -> Iterator[OrderWriter]:
    writer.start()
    yield writer
    writer.stop()


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    found = Counter(engine, "pt", tmp_path)
    found.sells(a_receipt())
    return found


def receipts(counter: Counter, count: int) -> list[Order]:
    return [counter.issue(a_receipt(), intent) for intent in counter.intends(count)]


def test_many_threads_get_each_its_own_answer_and_leave_no_gap(counter: Counter) -> None:
    orders = receipts(counter, THREADS * EACH)
    replies: dict[str, Answer] = {}

    def till(mine: list[Order]) -> None:
        for order in mine:
            tray = asked(writer, [order])
            replies[order.claim.key] = tray.all()[0]

    with running(OrderWriter(counter.services)) as writer:
        threads = [
            threading.Thread(target=till, args=(orders[number::THREADS],))
            for number in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    bodies = [done(replies[order.claim.key]).body for order in orders]
    assert [body.intent for body in bodies] == [order.intent for order in orders]  # type: ignore[union-attr]
    assert sorted(counter.numbers()) == [*range(1, THREADS * EACH + 2)]
    assert writer.orders == THREADS * EACH
    assert writer.groups <= writer.orders
    counter.assert_proved()


def test_all_that_wait_become_one_group(counter: Counter) -> None:
    writer = OrderWriter(counter.services)
    tray = asked(writer, receipts(counter, 10))
    assert writer.waiting == 10
    with running(writer):
        numbers = [done(answer).body.numbered for answer in tray.all()]

    assert [one.number for one in numbers if one] == [*range(2, 12)]
    assert (writer.groups, writer.orders) == (1, 10)


def test_a_group_is_never_larger_than_its_limit(counter: Counter) -> None:
    writer = OrderWriter(counter.services, group_max=4)
    tray = asked(writer, receipts(counter, 10))
    with running(writer):
        tray.all()

    assert (writer.groups, writer.orders) == (3, 10)


def a_failing_signer(working: Signer) -> Signer:
    """Has a bug: it breaks over one amount."""

    def sign(request: SignRequest) -> str:
        assert isinstance(request, RsaSha1)
        if f";{GUILTY};".encode() in request.message:
            raise RuntimeError("a bug in a signer")
        return working.sign(request)

    return Signer(sign=sign, public_pem=working.public_pem)


def test_an_unforeseen_error_hits_only_the_guilty_order(counter: Counter) -> None:
    counter.services.seal_keys["pt"] = a_failing_signer(counter.services.seal_keys["pt"])
    drafts = [a_receipt(), a_receipt(a_line(GUILTY)), a_receipt(), a_receipt()]
    intents = counter.intends(4)
    writer = OrderWriter(counter.services)
    tray = asked(
        writer,
        [counter.issue(draft, intent) for draft, intent in zip(drafts, intents, strict=True)],
    )
    with running(writer):
        answers = tray.all()

    assert [isinstance(answer, OrderDone) for answer in answers] == [True, False, True, True]
    assert failure(answers[1]) == "ISSUE-WRITER-02"
    assert counter.numbers() == [1, 2, 3, 4]
    counter.assert_proved()


def test_a_guilty_order_leaves_its_key_and_its_intention_free(counter: Counter) -> None:
    working = counter.services.seal_keys["pt"]
    counter.services.seal_keys["pt"] = a_failing_signer(working)
    order = counter.issue(a_receipt(a_line(GUILTY)))
    writer = OrderWriter(counter.services)
    with running(writer):
        assert failure(asked(writer, [order]).all()[0]) == "ISSUE-WRITER-02"
        counter.services.seal_keys["pt"] = working
        again = asked(writer, [order]).all()[0]

    assert isinstance(again, OrderDone)
    assert not again.is_replay


def test_stopping_finishes_the_group_at_hand_and_refuses_what_waits(counter: Counter) -> None:
    working = counter.services.seal_keys["pt"]
    is_signing, may_go_on = threading.Event(), threading.Event()

    def slow(request: SignRequest) -> str:
        is_signing.set()
        assert may_go_on.wait(20)
        return working.sign(request)

    counter.services.seal_keys["pt"] = Signer(sign=slow, public_pem="")
    writer = OrderWriter(counter.services, group_max=1)
    tray = asked(writer, receipts(counter, 3))
    writer.start()
    assert is_signing.wait(20)
    stopping = threading.Thread(target=writer.stop)
    stopping.start()
    while not writer._is_stopped.is_set():
        is_signing.wait(0)
    may_go_on.set()
    stopping.join()

    first, *rest = tray.all()
    assert isinstance(first, OrderDone)
    assert [failure(answer) for answer in rest] == ["ISSUE-WRITER-01"] * 2
    assert not writer.is_alive
    assert counter.numbers() == [1, 2]


def test_a_stopped_writer_refuses_at_once(counter: Counter) -> None:
    writer = OrderWriter(counter.services)
    writer.start()
    writer.stop()

    assert failure(asked(writer, receipts(counter, 1)).all()[0]) == "ISSUE-WRITER-01"


def test_an_order_that_comes_while_the_writer_stops_is_answered_all_the_same(
    counter: Counter, hasty_threads: None
) -> None:
    order = QueuedOrder(order=counter.open("nobody"))
    for _ in range(60):
        writer = OrderWriter(counter.services)
        replies: list[Answer] = []

        def ask(writer: OrderWriter = writer, replies: list[Answer] = replies) -> None:
            for _ in range(40):
                writer.ask(order, replies.append)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        writer.start()
        for thread in threads:
            thread.start()
        writer.stop()
        for thread in threads:
            thread.join()
        assert len(replies) == 3 * 40


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads take turns far more often than they do by themselves."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_a_caller_that_can_take_no_answer_does_not_end_the_writer(counter: Counter) -> None:
    def gone(_: Answer) -> None:
        raise RuntimeError("Event loop is closed")

    first, second = receipts(counter, 2)
    with running(OrderWriter(counter.services)) as writer:
        writer.ask(QueuedOrder(order=first), gone)
        assert isinstance(asked(writer, [second]).all()[0], OrderDone)
        assert writer.is_alive


def test_a_database_that_goes_away_fails_the_group_and_the_same_orders_work_later(
    databases: Any, tmp_path: Path
) -> None:
    if not databases.is_postgres:
        pytest.skip("a SQLite file does not go away")
    with databases.migrated() as engine:
        counter = Counter(engine, "pt", tmp_path)
        counter.sells(a_receipt())
        orders = receipts(counter, 3)
        working = counter.services.seal_keys["pt"]

        def cut(request: SignRequest) -> str:
            with writing(engine) as tx:
                tx.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                        "datname = current_database() AND pid <> pg_backend_pid()"
                    )
                )
            return working.sign(request)

        counter.services.seal_keys["pt"] = Signer(sign=cut, public_pem="")
        writer = OrderWriter(counter.services)
        with running(writer):
            lost = asked(writer, orders).all()
            counter.services.seal_keys["pt"] = working
            found = asked(writer, orders).all()

        assert [failure(answer) for answer in lost] == ["STORE-DOWN-01"] * 3
        assert all(isinstance(answer, OrderDone) and not answer.is_replay for answer in found)
        assert counter.numbers() == [1, 2, 3, 4]


def test_two_writers_on_one_database_share_series_and_keys(counter: Counter) -> None:
    orders = receipts(counter, 12)
    writers = [OrderWriter(counter.services), OrderWriter(counter.other_services())]
    trays = [asked(writer, orders) for writer in writers]
    for writer in writers:
        writer.start()
    answers = [tray.all() for tray in trays]
    for writer in writers:
        writer.stop()

    pairs = list(zip(*answers, strict=True))
    assert all(done(one).body == done(two).body for one, two in pairs)
    assert not any(isinstance(answer, OrderFailed) for pair in pairs for answer in pair)
    assert sorted(counter.numbers()) == [*range(1, 14)]  # each writer makes ids of its own
    counter.assert_proved()
