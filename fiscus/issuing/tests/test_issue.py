"""Groups of orders carried out with real services: what each leaves, and what it must not
disturb."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.issuing import driver
from fiscus.issuing.answers import OrderFailed, QueuedOrder, SeriesNeeded
from fiscus.issuing.tests.counter import (
    SAID,
    Counter,
    a_line,
    a_receipt,
    done,
    failure,
)
from fiscus.model.documents import ClosingType, DocumentKind, Draft
from fiscus.model.faults import Fault
from fiscus.model.orders import Enter
from fiscus.store.connect import writing
from fiscus.store.schema import CLAIM, SERIES

UNLAWFUL = a_receipt(series="no good name!")


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    """In Portugal, where documents are signed and series registered."""
    return Counter(engine, "pt", tmp_path)


@pytest.fixture
def plain(engine: Engine) -> Counter:
    """In Italy, as far as we know its law: numbers only."""
    return Counter(engine, "it")


@pytest.mark.parametrize("regime", ["pt", "it"])
def test_a_group_is_numbered_in_the_order_it_came(
    engine: Engine, tmp_path: Path, regime: str
) -> None:
    counter = Counter(engine, regime, tmp_path)
    orders = [counter.issue(a_receipt(), intent) for intent in counter.intends(6)]
    bodies = [done(answer).body for answer in counter.settled(*orders)]

    numbered = [body.numbered for body in bodies if body.numbered]
    assert [one.number for one in numbered] == [1, 2, 3, 4, 5, 6]
    assert [one.previous for one in numbered] == ["", *(body.id for body in bodies[:-1])]
    assert [body.sequence for body in bodies] == [*range(7, 13)]
    counter.assert_proved()


@pytest.mark.parametrize("keeps", [True, False])
def test_refused_neighbours_leave_no_gap(counter: Counter, keeps: bool) -> None:
    counter.sells(a_receipt())
    drafts = [a_receipt(), UNLAWFUL, a_receipt(), UNLAWFUL, UNLAWFUL, a_receipt()]
    intents = counter.intends(len(drafts))
    orders = [
        counter.issue(draft, intent, keeps_refusals=keeps)
        for draft, intent in zip(drafts, intents, strict=True)
    ]
    answers = counter.together(*orders)

    assert counter.numbers() == [1, 2, 3, 4]
    refused = [answer for answer, draft in zip(answers, drafts, strict=True) if draft is UNLAWFUL]
    if keeps:
        assert [done(answer).kind for answer in refused] == ["refusal@1"] * 3
        assert {done(answer).body.faults[0].code for answer in refused} == {"PT-SERIES-01"}
    else:
        assert [failure(answer) for answer in refused] == ["ISSUE-LAW-01"] * 3
    counter.assert_proved()


def test_a_refusal_concludes_its_intention_but_a_refused_request_does_not(
    counter: Counter,
) -> None:
    counter.sells(a_receipt())
    kept, given_back = counter.intends(2)
    counter.together(counter.issue(UNLAWFUL, kept))
    counter.together(counter.issue(UNLAWFUL, given_back, keeps_refusals=False))

    again = counter.together(
        counter.issue(a_receipt(), kept), counter.issue(a_receipt(), given_back)
    )

    assert failure(again[0]) == "ISSUE-INTENT-03"
    assert done(again[1]).body.intent == given_back


def test_a_trouble_is_replayed_too(plain: Counter) -> None:
    order = plain.issue(a_receipt(), intent="0196a1f2-0000-7c3d-9e4f-0123456789ab")
    first, again = plain.together(order)[0], plain.together(order)[0]

    assert failure(first) == failure(again) == "ISSUE-INTENT-01"
    assert isinstance(again, OrderFailed)
    assert again.is_replay


def test_the_same_key_with_another_request_is_a_conflict(plain: Counter) -> None:
    plain.sells(a_receipt())
    one, two = plain.intends(2)
    first = plain.issue(a_receipt(), one, claim=plain.claim("key", "digest"))
    other = plain.issue(a_receipt(), two, claim=plain.claim("key", "another"))

    answers = plain.together(first, other)
    later = plain.together(other)

    assert done(answers[0]).body.intent == one
    assert failure(answers[1]) == failure(later[0]) == "ISSUE-KEY-01"
    assert plain.numbers() == [1, 2]


def test_a_key_that_was_led_to_another_record_answers_nobody(plain: Counter) -> None:
    plain.sells(a_receipt())
    one, two = plain.intends(2)
    mine = plain.issue(a_receipt(), one, claim=plain.claim("mine", "digest"))
    other = plain.issue(a_receipt(), two, claim=plain.claim("other", "digest"))
    first, second = (done(answer) for answer in plain.together(mine, other))
    with writing(plain.engine) as tx:
        led = {"entry": second.body.id, "taker": second.body.id}
        tx.execute(CLAIM.update().where(CLAIM.c.entry == first.body.id).values(led))

    assert failure(plain.together(mine)[0]) == "ISSUE-KEY-03"
    assert done(plain.together(other)[0]) == second
    assert plain.numbers() == [1, 2, 3]


@pytest.mark.parametrize("forged", [{"number": 7}, {"carried": "forged"}, {"last_record": ""}])
def test_a_counter_that_no_entry_has_left_so_numbers_nothing(
    plain: Counter, forged: dict[str, object]
) -> None:
    plain.sells(a_receipt())
    with writing(plain.engine) as tx:
        tx.execute(SERIES.update().values(forged))
    [intent] = plain.intends(1)

    assert failure(plain.together(plain.issue(a_receipt(), intent))[0]) == "ISSUE-SERIES-07"
    assert plain.numbers() == [1]


def test_a_series_is_set_aside_then_registered_and_then_it_works(counter: Counter) -> None:
    order = counter.issue(a_receipt())
    needed = counter.together(order)[0]

    assert isinstance(needed, SeriesNeeded)
    assert (needed.wanted.document_type, needed.wanted.name) == ("FR", "LOJA")
    assert counter.numbers() == []
    counter.prepare(needed)
    receipt = done(counter.together(order)[0]).body
    assert receipt.seal is not None
    assert (receipt.seal.number, receipt.seal.code[8:]) == ("FR LOJA/1", "-1")


def test_no_series_is_registered_for_a_document_that_is_not_lawful(counter: Counter) -> None:
    answer = counter.together(counter.issue(UNLAWFUL))[0]

    assert done(answer).kind == "refusal@1"


def test_what_an_authority_has_against_a_series_becomes_a_refusal(counter: Counter) -> None:
    from_outside = (Fault(code="ISSUE-SERIES-01", text="the authority said no"),)
    waiting = QueuedOrder(order=counter.issue(a_receipt()), faults=from_outside)
    answer = counter.together(waiting)[0]

    assert done(answer).body.faults == from_outside
    assert counter.numbers() == []


def test_an_abort_takes_no_number(plain: Counter) -> None:
    answer = plain.together(plain.issue(Draft(kind=DocumentKind.ABORT)))[0]

    assert done(answer).kind == "abort@1"
    assert plain.numbers() == []
    plain.assert_proved()


def test_a_closing_counts_what_was_sold_without_any_device(plain: Counter) -> None:
    plain.sells(a_receipt(a_line("2.46")))
    order = Enter(
        organization=plain.shop.organization,
        register=plain.shop.register,
        said=SAID,
        draft=Draft(kind=DocumentKind.CLOSING, closing=ClosingType.DAILY),
        claim=plain.claim(),
    )
    record = driver.carried_out(plain.services, plain.channel, order)

    closing = done(record).body.closing
    assert closing is not None
    assert (closing.number, closing.documents, closing.sales.gross) == (1, 1, Decimal("2.46"))
    assert sorted(kind for kind, _ in plain.entries())[:1] == ["closing@1"]
    plain.assert_proved()


def test_what_may_be_sent_again_is_no_answer_to_replay(counter: Counter) -> None:
    """Twice in a group: the second learns the same, and neither is kept under the key."""
    counter.sells(a_receipt())
    order = counter.issue(a_receipt())
    counter.clock.move(minutes=-11)

    answers = counter.together(order, order)

    assert [failure(answer) for answer in answers] == ["ISSUE-CLOCK-01"] * 2
    assert [answer.is_replay for answer in answers if isinstance(answer, OrderFailed)] == [
        False,
        False,
    ]
    counter.clock.move(minutes=11)
    assert done(counter.together(order)[0]).body.intent == order.intent
