"""Days in a shop, at random: what is sold, given back, cancelled, moved and counted."""

from collections.abc import Callable
from decimal import Decimal

import msgspec
from hypothesis import strategies as st

from fiscus.issuing import driver
from fiscus.issuing.answers import OrderDone, OrderFailed
from fiscus.issuing.closing import NOTHING_NEW
from fiscus.issuing.tests import counter as lisbon
from fiscus.issuing.tests import kiosk as berlin
from fiscus.issuing.tests.counter import SAID, Counter
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.model.documents import (
    ClosingType,
    DocumentKind,
    Draft,
    DraftLine,
    LinePurpose,
    Party,
    Payment,
    PaymentMeans,
    StatedVat,
)
from fiscus.model.kinds import EntryKind
from fiscus.model.orders import Enter
from fiscus.model.records import EntryBody
from fiscus.regimes.de.tests.drafts import corrections

BUYERS = (None, None, Party(name="Maria Antónia", tax_number="214567893"))
MOVED = (LinePurpose.TRANSIT, LinePurpose.PAY_IN, LinePurpose.PAY_OUT)
CENTS = st.integers(1, 20_000).map(lambda cents: Decimal(cents) / 100)

Act = tuple[str, object]


def _lisbon_line(gross: Decimal, code: str, percentage: str) -> DraftLine:
    vat = (gross * Decimal(percentage) / (100 + Decimal(percentage))).quantize(Decimal("0.01"))
    stated = StatedVat(
        code=code,
        percentage=Decimal(percentage),
        amount=vat,
        exclusive=gross - vat,
        inclusive=gross,
    )
    return lisbon.a_line(str(gross), vat=stated)


_lines = st.builds(
    lambda gross, rate: _lisbon_line(gross, *rate),
    CENTS,
    st.sampled_from([("STANDARD", "23"), ("REDUCED_1", "13"), ("REDUCED_2", "6")]),
)
_sales = st.builds(
    lambda lines, buyer, is_training, owed: lisbon.a_receipt(
        *lines,
        buyer=buyer,
        is_training=is_training,
        **({"kind": DocumentKind.INVOICE, "payments": ()} if owed and buyer else {}),
    ),
    st.lists(_lines, min_size=1, max_size=5),
    st.sampled_from(BUYERS),
    st.sampled_from([False, False, False, True]),
    st.booleans(),
)
_moved = st.builds(
    lambda amount, purpose: berlin.a_drawer_event(
        DocumentKind.MOVEMENT,
        str(amount if purpose is LinePurpose.PAY_IN else -amount),
        purpose,
    ),
    CENTS,
    st.sampled_from(MOVED),
)
_closings = st.just(Draft(kind=DocumentKind.CLOSING, closing=ClosingType.DAILY))
_originals = st.integers(0, 20)

lisbon_days = st.lists(
    st.one_of(
        st.tuples(st.just("sale"), _sales),
        st.tuples(st.just("sale"), _sales),
        st.tuples(st.just("note"), _originals),
        st.tuples(st.just("cancel"), _originals),
        st.tuples(st.just("enter"), _moved),
        st.tuples(st.just("enter"), _closings),
        st.tuples(st.just("derive"), st.none()),
        st.tuples(st.just("change"), st.none()),
    ),
    min_size=1,
    max_size=9,
)

_berlin_sales = st.builds(
    lambda gross, buyer, means: (
        berlin.a_sale(str(gross), buyer=buyer)
        if means is PaymentMeans.CASH
        else _paid_by(berlin.a_sale(str(gross), buyer=buyer), means)
    ),
    CENTS,
    st.sampled_from(BUYERS),
    st.sampled_from([PaymentMeans.CASH, PaymentMeans.CARD_DEBIT, PaymentMeans.OUTSTANDING]),
)

berlin_days = st.lists(
    st.one_of(
        st.tuples(st.just("sale"), _berlin_sales),
        st.tuples(st.just("sale"), corrections()),
        st.tuples(st.just("enter"), _moved),
        st.tuples(st.just("enter"), _closings),
        st.tuples(st.just("derive"), st.none()),
        st.tuples(st.just("change"), st.none()),
    ),
    min_size=1,
    max_size=7,
)


def _paid_by(draft: Draft, means: PaymentMeans) -> Draft:
    [payment] = draft.payments
    paid = Payment(means=means, amount=payment.amount)
    return msgspec.structs.replace(draft, payments=(paid,))


class Day:
    """What was sold on it so far."""

    def __init__(
        self, counter: Counter, derives: Callable[[], None], changes: Callable[[], None]
    ) -> None:
        self.counter, self.derives, self.changes = counter, derives, changes
        self.sold: list[EntryBody] = []

    def lives(self, acts: list[Act]) -> None:
        """All acts one after the other, and the last closing. What a law refuses is no sale."""
        for act, said in acts:
            self.counter.clock.move(minutes=1)
            self._do(act, said)
        self.counter.clock.move(minutes=1)
        self._enter(Draft(kind=DocumentKind.CLOSING, closing=ClosingType.DAILY))

    def _do(self, act: str, said: object) -> None:
        if act == "derive":
            self.derives()
        elif act == "change":
            self.changes()
        elif act == "enter":
            assert isinstance(said, Draft)
            self._enter(said)
        elif act == "sale":
            assert isinstance(said, Draft)
            self._sell(said)
        elif self.sold:
            assert isinstance(said, int)
            original = self.sold.pop(said % len(self.sold))
            self._sell(_note(original) if act == "note" else lisbon.a_cancellation(original.id))

    def _sell(self, draft: Draft) -> None:
        counter = self.counter
        if isinstance(counter, Kiosk):
            counter.out(counter.issue(draft, counter.begins()))
            return
        [answer] = counter.settled(counter.issue(draft))
        if not isinstance(answer, OrderDone) or answer.record.kind != EntryKind.DOCUMENT:
            return
        if draft.kind in (DocumentKind.RECEIPT, DocumentKind.INVOICE) and not draft.is_training:
            self.sold.append(answer.record.body)

    def _enter(self, draft: Draft) -> None:
        counter = self.counter
        order = Enter(
            organization=counter.shop.organization,
            register=counter.shop.register,
            draft=draft,
            said=SAID,
            claim=counter.claim(),
        )
        answer = driver.carried_out(counter.services, counter.channel, order)
        if isinstance(answer, OrderFailed):
            assert answer.trouble.code == NOTHING_NEW, answer


def _note(original: EntryBody) -> Draft:
    assert original.draft is not None
    first = original.draft.lines[0]
    return lisbon.a_correction(
        original.id,
        msgspec.structs.replace(first, number="1"),
        is_training=original.draft.is_training,
    )
