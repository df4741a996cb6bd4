"""When a record is made: now, but never before what is there already."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus import regimes
from fiscus.issuing import recording
from fiscus.issuing.tests.counter import (
    Counter,
    a_cancellation,
    a_receipt,
    done,
    failure,
)
from fiscus.model.documents import DocumentKind
from fiscus.registry.tests.builders import (
    another_register,
)
from fiscus.signers import Signer, SignerDown, SignRequest
from fiscus.store.connect import writing


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


def test_a_clock_that_is_ten_minutes_behind_is_held_and_one_further_behind_is_not(
    counter: Counter,
) -> None:
    """The authority allows ten minutes, not less (Despacho 8632/2014, 3.4.3)."""
    before = counter.sells(a_receipt())
    first, second = (counter.issue(a_receipt(), intent) for intent in counter.intends(2))
    counter.clock.now -= timedelta(minutes=10)

    assert regimes.find("pt").clock_back_max == timedelta(minutes=10)
    assert done(counter.together(first)[0]).body.at == before.at
    counter.clock.now -= timedelta(microseconds=1)
    assert failure(counter.together(second)[0]) == recording.CLOCK_BACK.id


@pytest.fixture
def plain(engine: Engine) -> Counter:
    """In Italy, as far as we know its law: numbers only."""
    return Counter(engine, "it")


def test_a_clock_that_slipped_back_a_little_is_held(counter: Counter) -> None:
    before = counter.sells(a_receipt())
    counter.clock.move(minutes=-5)
    held = counter.sells(a_receipt())

    assert held.at == before.at
    assert held.seal is not None
    assert before.seal is not None
    assert held.seal.entered == before.seal.entered
    counter.assert_proved()


def test_a_clock_that_is_far_behind_stops_issuing_until_it_is_set_right(counter: Counter) -> None:
    counter.sells(a_receipt())
    intent = counter.intends()[0]
    order = counter.issue(a_receipt(), intent)
    counter.clock.move(minutes=-11)
    assert [failure(answer) for answer in counter.together(order, counter.open())] == [
        "ISSUE-CLOCK-01"
    ] * 2

    counter.clock.move(minutes=11)
    assert done(counter.together(order)[0]).body.intent == intent
    assert counter.numbers() == [1, 2]


def test_a_clock_that_leaps_forward_is_believed(counter: Counter) -> None:
    counter.sells(a_receipt())
    counter.clock.move(days=40)
    later = counter.sells(a_receipt())

    assert later.at == counter.clock()


def test_the_clock_is_held_for_all_registers_of_a_taxpayer(counter: Counter) -> None:
    with writing(counter.engine) as tx:
        other = another_register(tx, counter.shop)
    intent = counter.intends(register=other)[0]
    counter.clock.move(minutes=5)
    before = counter.sells(a_receipt())
    counter.clock.move(minutes=-4)
    held = counter.sells(a_receipt(), intent=intent)

    assert before.seal is not None
    assert held.at == before.seal.entered


def test_a_kind_that_the_law_does_not_know_is_refused(plain: Counter) -> None:
    invoice = plain.issue(a_receipt(kind=DocumentKind.INVOICE))

    assert failure(plain.together(invoice)[0]) == "ISSUE-KIND-01"


def test_what_the_request_itself_lacks_is_sent_back_even_where_refusals_are_kept(
    counter: Counter,
) -> None:
    receipt = counter.sells(a_receipt())
    wish = msgspec.structs.replace(a_cancellation(receipt.id), reason=" ")

    assert failure(counter.together(counter.issue(wish))[0]) == "PT-NOTE-01"


def test_an_outage_of_the_signer_refuses_the_sale_and_takes_no_number(counter: Counter) -> None:
    counter.sells(a_receipt())
    working = counter.services.seal_keys["pt"]

    def silent(request: SignRequest) -> str:
        raise SignerDown("no device")

    counter.services.seal_keys["pt"] = Signer(sign=silent, public_pem="")
    order = counter.issue(a_receipt())
    assert failure(counter.together(order)[0]) == "ISSUE-SIGNER-01"
    counter.services.seal_keys["pt"] = working

    assert done(counter.together(order)[0]).body.numbered is not None
    assert counter.numbers() == [1, 2]
