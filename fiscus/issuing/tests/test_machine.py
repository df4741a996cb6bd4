"""Receipts, corrections, cancellations in any order, against a model that a child could check."""

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from hypothesis.stateful import run_state_machine_as_test as run

from fiscus.issuing.answers import OrderDone
from fiscus.issuing.tests.counter import (
    Counter,
    a_cancellation,
    a_correction,
    a_line,
    a_receipt,
    done,
)
from fiscus.model.documents import Draft, DraftLine
from fiscus.model.orders import Issue

PRICE = Decimal("1.23")
LATEST = 3
AGES = st.integers(0, LATEST - 1)


@dataclass
class Sold:
    """What the model knows of a document: how many pieces, and what became of it."""

    pieces: int
    of: str = ""
    is_void: bool = False


@dataclass
class Model:
    """The law in a few lines: what may happen, and which number comes next."""

    documents: dict[str, Sold] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def notes(self, id_: str) -> list[Sold]:
        return [one for one in self.documents.values() if one.of == id_ and not one.is_void]

    def may_credit(self, id_: str, pieces: int) -> bool:
        original = self.documents[id_]
        credited = sum(note.pieces for note in self.notes(id_))
        return not original.of and not original.is_void and credited + pieces <= original.pieces

    def may_cancel(self, id_: str) -> bool:
        return not self.documents[id_].is_void and not self.notes(id_)

    def next_number(self, series: str) -> int:
        self.counts[series] = self.counts.get(series, 0) + 1
        return self.counts[series]


def pieces_of(count: int, **more: str) -> DraftLine:
    return a_line(str(PRICE * count), quantity=Decimal(count), unit_price=PRICE, **more)


class Till(RuleBasedStateMachine):
    databases: Any

    @initialize()
    def open_shop(self) -> None:
        self.stack = ExitStack()
        engine = self.stack.enter_context(self.databases.migrated())
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.counter = Counter(engine, "pt", Path(folder))
        self.intents: list[str] = []
        self.model = Model()
        self.last: Issue | None = None

    def document(self, age: int) -> str:
        """One of the latest documents: old ones are rarely spoken of again."""
        ids = [*self.model.documents]
        return ids[-1 - age % min(len(ids), LATEST)]

    def ordered(self, *drafts: Draft) -> list[OrderDone]:
        """These drafts as one group."""
        if len(self.intents) < len(drafts):
            self.intents = self.counter.intends(25)
        orders = [self.counter.issue(draft, self.intents.pop()) for draft in drafts]
        self.last = orders[-1]
        answers = self.counter.settled(*orders)
        return [answer for answer in answers if isinstance(answer, OrderDone)]

    def judge_document(self, answer: OrderDone, series: str, sold: Sold, is_allowed: bool) -> None:
        """The number the model expects, or a refusal where it expects one."""
        body = answer.record.body
        if not is_allowed:
            assert answer.record.kind == "refusal@1"
            return
        assert body.faults == ()
        assert body.numbered is not None
        assert body.numbered.number == self.model.next_number(series)
        self.model.documents[body.id] = sold

    @rule(pieces=st.integers(1, 2), series=st.sampled_from(["A", "B"]))
    def sell(self, pieces: int, series: str) -> None:
        answer = self.ordered(a_receipt(pieces_of(pieces), series=series))[0]
        self.judge_document(answer, f"FR {series}", Sold(pieces), True)

    @precondition(lambda self: self.model.documents)
    @rule(age=AGES, pieces=st.integers(1, 2), times=st.integers(1, 2))
    def credit(self, age: int, pieces: int, times: int) -> None:
        original = self.document(age)
        draft = a_correction(original, pieces_of(pieces, number="1"), series="A")
        answers = self.ordered(*[draft] * times)
        assert len(answers) == times
        for answer in answers:
            is_allowed = self.model.may_credit(original, pieces)
            self.judge_document(answer, "NC A", Sold(pieces, of=original), is_allowed)

    @precondition(lambda self: self.model.documents)
    @rule(age=AGES, times=st.integers(1, 2))
    def cancel(self, age: int, times: int) -> None:
        original = self.document(age)
        for answer in self.ordered(*[a_cancellation(original)] * times):
            is_allowed = self.model.may_cancel(original)
            assert answer.record.kind == ("void@1" if is_allowed else "refusal@1")
            self.model.documents[original].is_void |= is_allowed

    @precondition(lambda self: self.last)
    @rule(minutes=st.integers(0, 30), is_restarted=st.booleans())
    def time_goes_by_and_somebody_asks_again(self, minutes: int, is_restarted: bool) -> None:
        assert self.last is not None
        self.counter.clock.move(minutes=minutes)
        if is_restarted:
            self.counter.services = self.counter.other_services()
        first, second = (self.counter.together(self.last)[0] for _ in range(2))
        assert first == second
        assert done(first).body.intent == self.last.intent

    @invariant()
    def numbers_are_as_many_as_documents(self) -> None:
        if hasattr(self, "model"):
            assert len(self.counter.numbers()) == len(self.model.documents)

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.counter.assert_proved()
            self.stack.close()


@pytest.mark.parametrize("tills", [12, pytest.param(30, marks=pytest.mark.long)])
def test_a_till_does_what_the_model_says(databases: Any, tills: int) -> None:
    machine = type("TillHere", (Till,), {"databases": databases})
    run(
        machine,
        settings=settings(
            max_examples=tills,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
