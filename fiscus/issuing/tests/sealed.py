"""Sealed entries as a law of business cases leaves them: builders, and as many as one likes."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import strategies as st

from fiscus.issuing.counting import PeriodCount
from fiscus.journal.tests.bodies import a_body
from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.kinds import EntryKind
from fiscus.model.records import AssessedLine, AssessedPayment, EntryBody, Seal

D = Decimal
REGISTER = a_body().register
OPENED = datetime(2026, 5, 4, 6, 0, 0, tzinfo=UTC)
RATES = {"1": D(19), "2": D(7), "5": D(0)}

Entry = tuple[EntryKind, EntryBody]


def a_line(gross: str, code: str = "1", **more: Any) -> AssessedLine:
    """Of the signed gross amount, at the rate of its key; key 5 is no turnover."""
    amount, rate = abs(D(gross)), RATES[code]
    net = (amount / (1 + rate / 100)).quantize(D("0.00001"))
    said: dict[str, Any] = {
        "number": 1,
        "product": "",
        "text": "Kaffee",
        "quantity": D(1),
        "measure": "",
        "unit_price": net,
        "net": net,
        "vat": amount - net,
        "region": "",
        "tax_code": code,
        "tax_type": "" if code == "5" else "VAT",
        "percentage": rate,
        "case": "Umsatz",
        "is_debit": D(gross) < 0,
    }
    return AssessedLine(**(said | more))


def cash(amount: str, **more: Any) -> AssessedPayment:
    return AssessedPayment(type="Bar", amount=D(amount), currency="EUR", is_cash=True, **more)


def card(amount: str) -> AssessedPayment:
    return AssessedPayment(type="ECKarte", amount=D(amount), currency="EUR")


def a_seal(*lines: AssessedLine, paid: Sequence[AssessedPayment] = (), **more: Any) -> Seal:
    sign = [-1 if line.is_debit else 1 for line in lines]
    net = sum((s * line.net for s, line in zip(sign, lines, strict=True)), D(0))
    vat = sum((s * line.vat for s, line in zip(sign, lines, strict=True)), D(0))
    said: dict[str, Any] = {
        "number": "1",
        "document_type": "Beleg",
        "day": OPENED.date(),
        "entered": OPENED,
        "net": net,
        "vat": vat,
        "gross": net + vat,
    }
    return Seal(lines=lines, payments=tuple(paid), **(said | more))


def a_document(
    sequence: int,
    *lines: AssessedLine,
    paid: Sequence[AssessedPayment] = (),
    kind: DocumentKind = DocumentKind.RECEIPT,
    is_training: bool = False,
    outage: str = "",
    **more: Any,
) -> Entry:
    """One entry a minute; its intention is named after its sequence."""
    body = a_body(
        EntryKind.DOCUMENT,
        sequence,
        at=OPENED + timedelta(minutes=sequence),
        intent=f"i-{sequence}",
        draft=Draft(kind=kind, is_training=is_training),
        seal=a_seal(*lines, paid=paid, outage=outage),
    )
    return EntryKind.DOCUMENT, msgspec.structs.replace(body, **more)


def a_sale(sequence: int, gross: str = "11.90", **more: Any) -> Entry:
    return a_document(sequence, a_line(gross), paid=[cash(gross)], **more)


def an_abort(sequence: int, **more: Any) -> Entry:
    body = a_document(sequence, kind=DocumentKind.ABORT, **more)[1]
    return EntryKind.ABORT, msgspec.structs.replace(body, kind=EntryKind.ABORT.value)


def a_void(sequence: int, of: str) -> Entry:
    body = a_document(sequence, kind=DocumentKind.CANCELLATION, seal=None, refers=of)[1]
    return EntryKind.VOID, msgspec.structs.replace(body, kind=EntryKind.VOID.value)


def moved(sequence: int, kind: DocumentKind, amount: str, case: str) -> Entry:
    """Something that happens to the drawer alone."""
    if not D(amount):
        return a_document(sequence, kind=kind)
    return a_document(sequence, a_line(amount, "5", case=case), paid=[cash(amount)], kind=kind)


def counted(*entries: Entry, first: int = 1, whole: int = 0) -> PeriodCount:
    """A count of these entries; `first` begins the part, `whole` the period."""
    count = PeriodCount(register=REGISTER, first_sequence=whole or first, counted_to=first - 1)
    by_id = {body.id: body for _, body in entries}
    for kind, body in entries:
        count.add(kind, body, by_id.get(body.refers))
    return count


LINES = st.builds(
    lambda cents, code: a_line(f"{D(cents).scaleb(-2):.2f}", code),
    st.integers(-10_000, 10_000).filter(bool),
    st.sampled_from(sorted(RATES)),
)
DRAFTS = st.tuples(
    st.sampled_from(DocumentKind),
    st.lists(LINES, max_size=3),
    st.sampled_from((cash, card)),
    st.sampled_from((False, False, False, True)),
    st.sampled_from(("", "", "out")),
)


def an_entry(
    sequence: int,
    kind: DocumentKind,
    lines: Sequence[AssessedLine],
    pays: Callable[[str], AssessedPayment],
    is_training: bool,
    outage: str,
) -> Entry:
    """Paid in one way; what is no document is given up."""
    if kind in (DocumentKind.ABORT, DocumentKind.CANCELLATION, DocumentKind.CLOSING):
        return an_abort(sequence, is_training=is_training)
    total = a_seal(*lines).gross
    return a_document(
        sequence,
        *lines,
        paid=[pays(f"{total:.2f}")] if total else [],
        kind=kind,
        is_training=is_training,
        outage=outage,
    )


def days() -> st.SearchStrategy[list[Entry]]:
    """What a till may seal in a day: sales, returns, tips, drawer events, aborts, training."""
    drafts = st.lists(DRAFTS, min_size=1, max_size=10)
    return drafts.map(lambda day: [an_entry(place, *one) for place, one in enumerate(day, 1)])
