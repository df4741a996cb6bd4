"""What a customer is shown of a receipt: what stands on the paper, and whether it is genuine.

Nothing else of the shop: no ids of its registers or keys, no other document, nobody's name but the
buyer's own.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import msgspec
from sqlalchemy import Connection

from fiscus import regimes
from fiscus.console import document_sums
from fiscus.console.document_sums import DocumentSums
from fiscus.journal import read
from fiscus.journal.read import FoundRecord
from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.documents import (
    Address,
    Direction,
    DocumentKind,
    Draft,
    DraftLine,
    PaymentMeans,
)
from fiscus.model.kinds import EntryKind, StatementKind
from fiscus.model.places import Location, Taxpayer
from fiscus.model.records import AssessedLine, EntryBody, Seal
from fiscus.registry import versions


class ReceiptLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line as on paper. `total` is gross and signed, `unit_price` gross of all discounts; None
    where it is not known. `percentage` None: the line bears no tax, for the reason `exemption`."""

    text: str
    quantity: Decimal
    unit_price: Decimal | None
    percentage: Decimal | None
    total: Decimal
    discount: Decimal = ZERO
    exemption: str = ""
    serial: str = ""


class ReceiptTax(msgspec.Struct, frozen=True, kw_only=True):
    """What the receipt comes to under one rate: `name` is the law's for the tax, `region` where it
    is owed, as the law writes it."""

    name: str
    region: str
    percentage: Decimal
    net: Decimal
    vat: Decimal
    gross: Decimal


class ReceiptPayment(msgspec.Struct, frozen=True, kw_only=True):
    """How something was paid. `foreign_amount` is there for another currency."""

    means: PaymentMeans
    name: str
    amount: Decimal
    currency: str = ""
    foreign_amount: Decimal | None = None


class ReceiptBuyer(msgspec.Struct, frozen=True, kw_only=True):
    """Who bought, as far as the receipt names anybody."""

    name: str
    tax_number: str
    address: tuple[str, ...]


class ShownReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt as its customer sees it.

    `country` is that of the shop (ISO 3166-1 alpha-2), `shop` and `branch` are names, with the
    lines of their addresses; `branch` is empty where it adds nothing. `issued_on` is the document's
    date, `entered` the moment of entry, `timezone` the zone of the shop (IANA). `prints` are the
    sentences that the law wants on paper, also on a copy. `is_corrected`: a later document of the
    same shop corrects it or takes something of it back. `is_vat_number`: `tax_number` is the
    one for trade between member states. `sums`: what lies between what was bought and the total;
    None: nothing does.
    """

    country: str
    shop: str
    legal_name: str
    address: tuple[str, ...]
    tax_number: str
    is_vat_number: bool
    branch: str
    branch_address: tuple[str, ...]
    number: str
    type: str
    kind: DocumentKind
    code: str
    issued_on: date
    entered: datetime
    timezone: str
    currency: str
    net: Decimal
    vat: Decimal
    gross: Decimal
    lines: tuple[ReceiptLine, ...]
    taxes: tuple[ReceiptTax, ...]
    payments: tuple[ReceiptPayment, ...]
    sums: DocumentSums | None
    buyer: ReceiptBuyer | None
    qr: str
    prints: tuple[str, ...]
    is_training: bool
    is_cancelled: bool
    is_corrected: bool


def of(tx: Connection, found: FoundRecord) -> ShownReceipt:
    """The receipt of a record that has one (`fiscus.registry.receipts.has_page`)."""
    body = found.record.body
    draft, seal = body.draft, body.seal
    assert draft is not None, "a receipt was said"
    assert seal is not None, "a receipt was sealed"
    taxpayer, location = _place(tx, body)
    regime = regimes.find(taxpayer.regime)
    later = {kind for kind, _ in read.about(tx, body.id)}
    is_cancelled = EntryKind.VOID in later
    home, branch = _address(taxpayer.address), _address(location.address)
    is_elsewhere = branch != home
    return ShownReceipt(
        country=taxpayer.address.country,
        shop=taxpayer.trade_name or taxpayer.legal_name,
        legal_name=taxpayer.legal_name,
        address=home,
        is_vat_number=bool(regime.vat_number(taxpayer.facts)),
        tax_number=regime.vat_number(taxpayer.facts) or taxpayer.facts.get(regime.tax_number, ""),
        branch=location.name if is_elsewhere else "",
        branch_address=branch if is_elsewhere else (),
        number=seal.number,
        type=seal.document_type,
        kind=draft.kind,
        code=seal.code,
        issued_on=seal.day,
        entered=seal.entered,
        timezone=regime.timezone_of(location),
        currency=draft.currency,
        net=seal.net,
        vat=seal.vat,
        gross=seal.gross,
        lines=tuple(_lines(draft, seal)),
        taxes=tuple(_taxes(draft, seal)),
        payments=tuple(_payments(draft)),
        sums=document_sums.of(body),
        buyer=_buyer(draft),
        qr=seal.qr,
        prints=(*seal.prints, *_marks(regime.void_print, is_cancelled=is_cancelled)),
        is_training=draft.is_training,
        is_cancelled=is_cancelled,
        is_corrected=EntryKind.DOCUMENT in later,
    )


def _place(tx: Connection, body: EntryBody) -> tuple[Taxpayer, Location]:
    """As they were when it was sealed."""
    at = body.place
    taxpayer = versions.content(tx, StatementKind.TAXPAYER, at.taxpayer, at.taxpayer_version)
    location = versions.content(tx, StatementKind.LOCATION, at.location, at.location_version)
    return (
        msgspec.json.decode(taxpayer, type=Taxpayer),
        msgspec.json.decode(location, type=Location),
    )


def _marks(void_print: str, *, is_cancelled: bool) -> Iterator[str]:
    if is_cancelled and void_print:
        yield void_print


def _address(said: Address) -> tuple[str, ...]:
    return said.line(), f"{said.code} {said.city}".strip()


def _lines(draft: Draft, seal: Seal) -> Iterator[ReceiptLine]:
    """As the law has sealed them, without what was paid with a voucher: that is no article, and
    stands among the sums. A law that seals none shows those of the caller."""
    if not seal.lines:
        yield from (_as_said(line) for line in draft.lines)
        return
    side = document_sums.side(seal)
    for line in seal.lines:
        if not _is_payment(draft, line):
            yield _as_sealed(line, _said_of(draft, line), side)


def _is_payment(draft: Draft, line: AssessedLine) -> bool:
    is_said = 1 <= line.number <= len(draft.lines)
    return is_said and draft.lines[line.number - 1].paid_by is not None


def _said_of(draft: Draft, line: AssessedLine) -> DraftLine | None:
    """The caller's line of that number; a discount on the whole, as the law splits it, has none."""
    said = draft.lines[line.number - 1] if 1 <= line.number <= len(draft.lines) else None
    return said if said is not None and said.text.strip() == line.text else None


def _as_sealed(line: AssessedLine, said: DraftLine | None, side: int) -> ReceiptLine:
    total = document_sums.signed(line) * side
    # Of a line under several rates nobody said what one of its parts costs.
    is_whole = said is not None and not said.parts
    unit = said.unit_price if said is not None and is_whole else None
    return ReceiptLine(
        text=line.text,
        quantity=line.quantity.copy_sign(total) if total else line.quantity,
        unit_price=unit,
        percentage=None if line.exemption or not line.tax_type else line.percentage,
        total=total,
        discount=said.discount if said is not None and is_whole else ZERO,
        exemption=line.exemption_text,
        serial=line.serial,
    )


def _as_said(line: DraftLine) -> ReceiptLine:
    sign = -1 if line.direction is Direction.RETURN else 1
    return ReceiptLine(
        text=line.text,
        quantity=line.quantity * sign,
        unit_price=line.unit_price,
        percentage=None if line.vat.is_exempt else line.vat.percentage,
        total=cents_half_up(line.vat.inclusive) * sign,
        discount=line.discount,
        exemption=line.vat.reason,
        serial=line.serial,
    )


def _taxes(draft: Draft, seal: Seal) -> Iterator[ReceiptTax]:
    """As sealed; a law that seals none is shown with the sums of the lines."""
    sums: dict[tuple[str, str, Decimal], tuple[Decimal, Decimal]] = {}
    for key, net, vat in _shares(draft, seal):
        before = sums.get(key, (ZERO, ZERO))
        sums[key] = before[0] + net, before[1] + vat
    for (name, region, percentage), (net, vat) in sums.items():
        rounded = cents_half_up(net), cents_half_up(vat)
        yield ReceiptTax(
            name=name,
            region=region,
            percentage=percentage,
            net=rounded[0],
            vat=rounded[1],
            gross=cents_half_up(net + vat),
        )


def _shares(
    draft: Draft, seal: Seal
) -> Iterator[tuple[tuple[str, str, Decimal], Decimal, Decimal]]:
    if seal.taxes:
        for share in seal.taxes:
            yield (share.tax_type, share.region, share.percentage), share.net, share.vat
    elif seal.lines:
        side = document_sums.side(seal)
        for line in seal.lines:
            sign = -side if line.is_debit else side
            key = (line.tax_type, line.region, line.percentage)
            yield key, sign * line.net, sign * line.vat
    else:
        for said in draft.lines:
            sign = -1 if said.direction is Direction.RETURN else 1
            key = ("", said.vat.region, said.vat.percentage)
            yield key, sign * said.vat.exclusive, sign * said.vat.amount


def _payments(draft: Draft) -> Iterator[ReceiptPayment]:
    for payment in draft.payments:
        is_foreign = payment.foreign_amount is not None
        yield ReceiptPayment(
            means=payment.means,
            name=payment.name,
            amount=payment.amount,
            currency=payment.currency if is_foreign else "",
            foreign_amount=payment.foreign_amount,
        )


def _buyer(draft: Draft) -> ReceiptBuyer | None:
    """Only what was said to be printed: neither the shop's own number for a customer, nor whether
    it is one of its people."""
    buyer = draft.buyer
    if buyer is None or not (buyer.name or buyer.tax_number or buyer.vat_number):
        return None
    return ReceiptBuyer(
        name=buyer.name,
        tax_number=buyer.vat_number or buyer.tax_number,
        address=(*_address(buyer.address), buyer.address.country) if buyer.address else (),
    )
