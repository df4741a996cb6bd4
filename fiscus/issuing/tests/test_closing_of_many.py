"""A closing over many receipts: counted ahead of the lock."""

import json
from time import perf_counter
from typing import Any

from sqlalchemy import Engine

from fiscus.issuing.closing import ahead
from fiscus.issuing.tests.sealed import D, a_line, a_seal, card, cash
from fiscus.issuing.tests.test_closing import MIDDAY, Till, replace
from fiscus.journal.append import append
from fiscus.journal.tests.bodies import DRAFT
from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.kinds import EntryKind
from fiscus.model.records import CallerWords, DeviceSigning
from fiscus.store.connect import reading, writing

A_FULL_RECEIPT: dict[str, Any] = {
    "said": CallerWords(
        family="reporting", version="1", text=json.dumps({"line_items": ["x" * 40] * 20})
    ),
    "draft": Draft(
        kind=DocumentKind.RECEIPT,
        lines=tuple(replace(DRAFT.lines[0], number=str(number)) for number in range(1, 4)),
        payments=DRAFT.payments,
        totals=DRAFT.totals,
    ),
    "seal": a_seal(
        a_line("11.90"),
        a_line("5.35", "2", number=2),
        a_line("2.00", "5", number=3),
        paid=[cash("10.00"), card("9.25")],
        qr="V0;" + "q" * 500,
        signing=DeviceSigning(
            serial="ab" * 32,
            client="till-1",
            number=1,
            process_type="Kassenbeleg-V1",
            process_data="Beleg^11.90_5.35_0.00_0.00_2.00^10.00:Bar_9.25:Unbar",
            started_at=MIDDAY,
            finished_at=MIDDAY,
            counter=2,
            signature="s" * 128,
            algorithm="ecdsa-plain-SHA256",
            time_format="unixTime",
            public_key="k" * 130,
        ),
    ),
}


def test_ten_thousand_receipts_are_counted_quickly_and_ahead_of_the_lock(engine: Engine) -> None:
    with writing(engine) as tx:
        till = Till(tx)
        records = [
            till.pen.next_record(EntryKind.DOCUMENT, intent=f"i-{number}", **A_FULL_RECEIPT)
            for number in range(10_000)
        ]
        assert len(records[0].stored) > 4_000
        append(tx, records, [till.pen.head])
    start = perf_counter()
    with reading(engine) as tx:
        memory = ahead(tx, till.register, 1)
    took_ahead = perf_counter() - start
    with writing(engine) as tx:
        till.tx = tx
        till.sells()
        plan = till.plans()
        took = []
        for _ in range(3):  # what else the machine does in that moment says nothing of us
            start = perf_counter()
            made = till.counts(plan, memory)
            took.append(perf_counter() - start)
        took_locked = min(took)

    assert (made.documents, made.sales.count) == (10_001, 10_001)
    assert made.sales.gross == 10_000 * D("19.25") + D("11.90")
    assert took_locked < took_ahead / 5
