"""What Portuguese callers say besides their lines, and a recount of where the file has it.

Breakdown, orders, delivery, terms, names of payments. Like `pt_recount` it imports neither the law
nor the formats.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import msgspec
from hypothesis import strategies as st

from fiscus.model.documents import (
    Address,
    DeliveryPlace,
    DocumentKind,
    Draft,
    DraftLine,
    Payment,
    PaymentMeans,
    StatedShare,
)

NAMESPACE = "{urn:OECD:StandardAuditFile-Tax:PT_1.04_01}"
JUDGED = frozenset({"PT-PRICE-01", "PT-BREAKDOWN-01"})
CENT = Fraction(1, 100)
FAR = Decimal(999)
DAY = date(2026, 5, 8)
"""Near the day of every document of the storm: delivery may be a year away."""

NAMED = {
    "MB WAY": "MB",
    "Multibanco": "MB",
    "TRANSFERENCIA": "TB",
    "Cheque": "CH",
    "PayPal": "OU",
    "": "OU",
}
QUAY = Address(street="Cais", number="1", code="8000-100", city="Faro", country="PT", region="Sul")


class Besides(NamedTuple):
    """`breakdown`: none, right, in cents, or one amount of it far off; `price` is added to that of
    the first line. `paid_as`: how a receipt is paid; `due` in how many days a bill is."""

    breakdown: str
    price: Decimal
    orders: tuple[str, ...]
    terms: str
    delivery: DeliveryPlace | None
    paid_as: str | None
    due: int | None
    discount: Decimal
    serial: str


besides = st.builds(
    Besides,
    breakdown=st.sampled_from([*["none", "sums", "cents"] * 3, "amount", "inclusive", "missing"]),
    price=st.sampled_from([Decimal(0)] * 12 + [Decimal("0.02"), Decimal(99)]),
    orders=st.sampled_from([(), (), ("PO77",), ("PO77", "GR <12>")]),
    terms=st.sampled_from(["", "", "30 dias", "A & B " * 16]),
    delivery=st.sampled_from(
        [
            None,
            None,
            DeliveryPlace(address=QUAY),
            DeliveryPlace(address=QUAY, name="Armazém", on=DAY),
        ]
    ),
    paid_as=st.none() | st.sampled_from(sorted(NAMED)),
    due=st.none() | st.sampled_from([0, 30, 400]),
    discount=st.sampled_from([Decimal(0), Decimal("0.01")]),
    serial=st.sampled_from(["", "", "IMEI-<35>"]),
)


def added(draft: Draft, more: Besides, on: date) -> Draft:
    """The draft with what is said besides; `on` is its day."""
    first = draft.lines[0]
    first = msgspec.structs.replace(
        first, unit_price=first.unit_price + more.price, serial=more.serial
    )
    lines = (first, *draft.lines[1:])
    return msgspec.structs.replace(
        draft,
        lines=lines,
        breakdown=tuple(_breakdown(lines, more.breakdown)),
        order_references=more.orders,
        payment_terms=more.terms,
        delivery=more.delivery,
        payments=_payments(draft, more, on),
    )


def _payments(draft: Draft, more: Besides, on: date) -> tuple[Payment, ...]:
    if draft.kind is DocumentKind.INVOICE and more.due is not None:
        gross = draft.totals.inclusive if draft.totals else Decimal(0)
        owed = Payment(
            means=PaymentMeans.OUTSTANDING,
            amount=max(Decimal(0), gross),
            on=on + timedelta(days=more.due),
            discount=more.discount if gross >= 1 else None,
        )
        return (owed,)
    if more.paid_as is None:
        return draft.payments
    return tuple(
        msgspec.structs.replace(x, means=PaymentMeans.OTHER, name=more.paid_as)
        for x in draft.payments
    )


def _breakdown(lines: Sequence[DraftLine], how: str) -> Iterator[StatedShare]:
    if how == "none":
        return
    taxes: dict[tuple[str, Decimal, bool], list[DraftLine]] = {}
    for line in lines:
        vat = line.vat
        taxes.setdefault((vat.code, vat.percentage, vat.is_exempt), []).append(line)
    for place, ((code, rate, is_exempt), mine) in enumerate(taxes.items()):
        net, tax, gross = (
            sum((getattr(x.vat, name) for x in mine), Decimal(0))
            for name in ("exclusive", "amount", "inclusive")
        )
        if how == "missing" and place == 0:
            continue
        if is_exempt:
            yield StatedShare(code=code, is_exempt=True, exclusive=net)
            continue
        yield StatedShare(
            percentage=rate,
            code=code,
            amount=round(tax, 2) if how == "cents" else tax + FAR * (how == "amount"),
            exclusive=None if how == "cents" else net,
            inclusive=gross + FAR * (how == "inclusive"),
        )


def faults(draft: Draft) -> set[str]:
    """Which of the judged codes must refuse the draft."""
    found = set()
    if not all(map(_is_priced, draft.lines)):
        found.add("PT-PRICE-01")
    if draft.breakdown and not _is_complete(draft):
        found.add("PT-BREAKDOWN-01")
    return found


def _is_priced(line: DraftLine) -> bool:
    whole = Fraction(line.quantity) * Fraction(line.unit_price)
    off = Fraction(line.discount) - Fraction(line.surcharge)
    rest = whole - Fraction(line.vat.inclusive)
    return (
        abs(rest - off) <= CENT
        or abs(rest - off * (100 + Fraction(line.vat.percentage)) / 100) <= CENT
    )


def _is_complete(draft: Draft) -> bool:
    """What was made far off on purpose is found; an exemption that is left out is none, unless
    another is said."""
    shares = {(x.code, x.percentage, x.is_exempt): x for x in draft.breakdown}
    if any((x.inclusive or 0) > FAR / 2 + _gross(draft) for x in draft.breakdown):
        return False
    says_exemptions = any(x.is_exempt for x in draft.breakdown)
    for line in draft.lines:
        vat = line.vat
        if (vat.code, vat.percentage, vat.is_exempt) not in shares and (
            says_exemptions or not vat.is_exempt
        ):
            return False
    for (code, rate, is_exempt), share in shares.items():
        mine = [x for x in draft.lines if (x.vat.code, x.vat.percentage) == (code, rate)]
        gross = sum((x.vat.inclusive for x in mine), Decimal(0))
        tax = sum((x.vat.amount for x in mine), Decimal(0))
        if not is_exempt and (abs((share.inclusive or gross) - gross) > 1):
            return False
        if abs((share.amount or tax) - tax) > 1:
            return False
    return True


def _gross(draft: Draft) -> Decimal:
    return sum((x.vat.inclusive for x in draft.lines), Decimal(0))


def differences(document: Any, draft: Draft) -> Iterator[str]:
    """Where an `Invoice` element of the audit file lacks what was said besides."""
    for line in document.iter(f"{NAMESPACE}Line"):
        orders = tuple(x.text for x in line.iter(f"{NAMESPACE}OriginatingON"))
        if orders != draft.order_references:
            yield f"the line follows from {orders}"
    serials = [x.text for x in document.iter(f"{NAMESPACE}SerialNumber")]
    if serials != [x.serial for x in draft.lines if x.serial]:
        yield f"serial numbers are {serials}"
    terms = [x.text for x in document.iter(f"{NAMESPACE}PaymentTerms")]
    if terms != [" ".join(draft.payment_terms.split())] * bool(draft.payment_terms):
        yield f"the terms of payment are {terms}"
    dues = [x.text for x in document.iter(f"{NAMESPACE}SettlementDate")]
    owed = [x for x in draft.payments if x.means is PaymentMeans.OUTSTANDING]
    if dues != [str(x.on) for x in owed if x.on]:
        yield f"something falls due on {dues}"
    yield from _delivery_differences(document.find(f"{NAMESPACE}ShipTo"), draft.delivery)
    names = {x.name for x in draft.payments if x.means is PaymentMeans.OTHER}
    shown = {x.text for x in document.iter(f"{NAMESPACE}PaymentMechanism")}
    if names and shown and shown != {NAMED[name] for name in names}:
        yield f"{names} are told as {shown}"


def _delivery_differences(shown: Any, said: DeliveryPlace | None) -> Iterator[str]:
    if said is None or shown is None:
        if said is not shown:
            yield "the place of delivery is missing, or one too many"
        return
    detail = ", ".join(filter(None, (said.name, "Cais 1")))
    if shown.findtext(f".//{NAMESPACE}AddressDetail") != detail:
        yield "another place of delivery"
    if shown.findtext(f"{NAMESPACE}DeliveryDate") != (str(said.on) if said.on else None):
        yield "another day of delivery"
