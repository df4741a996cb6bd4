"""A transaction as the caller said it, as a neutral draft and as canonical text."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec

from fiscus.api.unified.translate.contents import address, identifier
from fiscus.api.unified.wire import entries, parties, transactions
from fiscus.api.unified.wire.scalars import Wire
from fiscus.model.documents import (
    Direction,
    Draft,
    Kind,
    Line,
    Means,
    Party,
    Payment,
    Totals,
    Vat,
)
from fiscus.model.faults import Code, Refused
from fiscus.model.times import instant

NOT_IMPLEMENTED = Code("UNIFIED-KIND-01", "this kind of transaction is not implemented yet")

TAX_NUMBER = re.compile(parties.CODE_WITH_TAX_NUMBER)
CARDS = {
    "CREDIT": Means.CARD_CREDIT,
    "DEBIT": Means.CARD_DEBIT,
    "PREPAID": Means.CARD_PREPAID,
    "GIFT": Means.CARD_GIFT,
    "TICKET": Means.CARD_TICKET,
}
VOUCHERS = {"SINGLE": Means.VOUCHER_SINGLE, "MULTIPLE": Means.VOUCHER_MULTIPLE}

Acted = transactions.Correction | transactions.Cancellation
Documented = transactions.Receipt | transactions.Invoice


def draft(operation: transactions.TransactionOperation, *, training: bool) -> Draft:
    """What is wanted, in neutral words. `training`: the intention was already a practice."""
    is_training = training or bool(operation.details and operation.details.training)
    match operation:
        case transactions.Receipt():
            return _document(Kind.RECEIPT, operation, operation.details, is_training)
        case transactions.Invoice():
            return _document(Kind.INVOICE, operation, operation.details, is_training)
        case transactions.Correction():
            return _correction(operation, is_training)
        case transactions.Cancellation():
            return Draft(
                kind=Kind.CANCELLATION,
                refers_to=identifier(operation.record.id),
                reason=operation.reason or "",
                operator=_operator(operation.details),
                is_training=is_training,
            )
        case transactions.Abort():
            operator = _operator(operation.details)
            return Draft(kind=Kind.ABORT, operator=operator, is_training=is_training)
    raise Refused(NOT_IMPLEMENTED, "content.operation.type")


def echo(operation: Wire) -> str:
    """The operation as it is repeated to the caller: compact, sorted, defaults filled in."""
    said = operation.model_dump(exclude_none=True)
    return msgspec.json.encode(said, order="sorted").decode()


def _correction(operation: transactions.Correction, is_training: bool) -> Draft:
    details = operation.details or operation.data.details
    whole = _document(Kind.CORRECTION, operation.data, details, is_training)
    return msgspec.structs.replace(
        whole, refers_to=identifier(operation.record.id), reason=operation.reason or ""
    )


def _document(
    kind: Kind,
    operation: Documented,
    details: transactions.Details | None,
    is_training: bool,
) -> Draft:
    document = operation.document
    return Draft(
        kind=kind,
        series=document.series or "",
        reference=document.number,
        issued_at=instant(document.issued_at) if document.issued_at else None,
        supplied_on=_day(document.operation_date),
        is_simplified=_is_simplified(document),
        is_training=is_training,
        lines=tuple([_line(entry) for entry in operation.entries]),
        payments=tuple([_payment(payment) for payment in operation.payments]),
        buyer=_buyer(operation),
        totals=_totals(document.total_vat),
        operator=_operator(details),
        text=document.text or "",
        activity=document.activity_code or "",
        properties=(details.properties if details else None) or {},
    )


def _is_simplified(document: transactions.Document) -> bool:
    return isinstance(document, transactions.ReceiptDocument) and bool(document.simplified_invoice)


def _totals(total: transactions.TotalVat) -> Totals:
    return Totals(
        exclusive=Decimal(total.exclusive),
        amount=Decimal(total.amount),
        inclusive=Decimal(total.inclusive),
    )


def _line(entry: entries.Entry) -> Line:
    data, details = entry.data, entry.details
    value, unit = data.value, data.unit
    return Line(
        direction=Direction.RETURN if entry.type == "RETURN" else Direction.SALE,
        text=data.text,
        quantity=Decimal(unit.quantity),
        unit_price=Decimal(unit.price),
        vat=_vat(data.vat, value),
        number=details.number or "",
        measure=unit.measure or "",
        discount=Decimal(value.discount or 0),
        surcharge=Decimal(value.surcharge or 0),
        is_service=details.concept == "SERVICE",
        is_voucher=entry.type == "VOUCHER",
        is_gift=details.purpose == "GIFT",
        product=data.product.number if isinstance(data, entries.Item) and data.product else "",
    )


def _vat(vat: entries.RatedVat | entries.ExemptVat, value: entries.EntryValue) -> Vat:
    """An exempt line states no amounts: its worth is the base, less discount, plus surcharge."""
    if isinstance(vat, entries.RatedVat):
        place = vat.fiscal_location
        return Vat(
            code=vat.code,
            percentage=Decimal(vat.percentage),
            amount=Decimal(vat.amount),
            exclusive=Decimal(vat.exclusive),
            inclusive=Decimal(vat.inclusive),
            region=(place.region or place.country) if place else "",
        )
    worth = Decimal(value.base) - Decimal(value.discount or 0) + Decimal(value.surcharge or 0)
    return Vat(
        code=vat.code, is_exempt=True, exclusive=worth, inclusive=worth, reason=vat.reason or ""
    )


def _payment(payment: entries.Payment) -> Payment:
    details = payment.details
    means, name = _means(payment)
    return Payment(means=means, amount=Decimal(details.amount), name=name, on=_day(details.date))


def _means(payment: entries.Payment) -> tuple[Means, str]:
    match payment:
        case entries.CashPayment():
            return Means.CASH, ""
        case entries.CardPayment():
            return CARDS[payment.kind], ""
        case entries.OnlinePayment():
            return Means.ONLINE, payment.name
        case entries.VoucherPayment():
            return VOUCHERS[payment.kind], ""
        case entries.OutstandingPayment():
            return Means.OUTSTANDING, ""
        case entries.OtherPayment():
            return Means.OTHER, payment.name or ""


def _buyer(operation: Documented) -> Party | None:
    if isinstance(operation, transactions.Invoice):
        return _recipient(operation.recipients)
    if operation.customer is None or operation.customer.code is None:
        return None
    code = operation.customer.code
    if operation.customer.type == "EXTERNAL" and (found := TAX_NUMBER.fullmatch(code)):
        return Party(tax_number=found[1])
    return Party(code=code)


def _recipient(recipients: Sequence[parties.Recipient]) -> Party:
    """The first recipient buys; the tax number goes without the prefix of its own country."""
    buyer = recipients[0]
    named = buyer.identification
    number = named.number if named else ""
    is_tax_number = named is not None and named.type in ("VAT", "TAX")
    is_business = isinstance(buyer, parties.BusinessRecipient)
    return Party(
        name=buyer.name if isinstance(buyer, parties.BusinessRecipient) else _person(buyer.name),
        tax_number=number.removeprefix(buyer.address.country) if is_tax_number else "",
        code="" if is_tax_number else number,
        is_business=is_business,
        address=address(buyer.address),
    )


def _person(name: parties.PersonName) -> str:
    parts = (name.prefix, name.forename, name.infix, name.surname, name.suffix)
    return " ".join(part for part in parts if part)


def _operator(details: transactions.Details | None) -> str:
    return details.creators[0].label if details else ""


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
