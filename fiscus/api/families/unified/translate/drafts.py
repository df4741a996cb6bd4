"""A transaction as the caller said it, as a neutral draft and as canonical text."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from fiscus.api.families.unified.translate.contents import address, identifier
from fiscus.api.families.unified.translate.lines import lines, region_of
from fiscus.api.families.unified.wire import entries, parties, transactions, v2026_06_01
from fiscus.api.families.unified.wire.scalars import Wire
from fiscus.model.documents import (
    DeliveryPlace,
    DocumentKind,
    Draft,
    Party,
    Payment,
    PaymentMeans,
    StatedShare,
    StatedTotals,
)
from fiscus.model.faults import Code, Refused
from fiscus.model.times import instant

NOT_IMPLEMENTED = Code("UNIFIED-KIND-01", "this kind of transaction is not implemented yet")

ONE_BUYER = Code(
    "UNIFIED-RECIPIENT-01",
    "an invoice has one buyer: send another invoice to each further recipient",
)

OPERATION = "content.operation"
TWO_DETAILS = Code(
    "UNIFIED-DETAILS-01",
    "a correction says its details twice, and not the same: say them once",
)

CARDS = {
    "CREDIT": PaymentMeans.CARD_CREDIT,
    "DEBIT": PaymentMeans.CARD_DEBIT,
    "PREPAID": PaymentMeans.CARD_PREPAID,
    "GIFT": PaymentMeans.CARD_GIFT,
    "TICKET": PaymentMeans.CARD_TICKET,
}
VOUCHERS = {"SINGLE": PaymentMeans.VOUCHER_SINGLE, "MULTIPLE": PaymentMeans.VOUCHER_MULTIPLE}

Acted = transactions.Correction | transactions.Cancellation
Documented = transactions.Receipt | transactions.Invoice
Said = Documented | v2026_06_01.Receipt | v2026_06_01.Invoice
"""A document in the words of any version: some say more than ours does."""


def draft(
    operation: transactions.TransactionOperation, *, training: bool, said: Any = None
) -> Draft:
    """What is wanted, in neutral words. `training`: the intention was already a practice; `said`:
    the same operation as it was said, where that was in another version."""
    said = operation if said is None else said
    is_training = training or bool(operation.details and operation.details.training)
    match operation:
        case transactions.Receipt():
            return _document(DocumentKind.RECEIPT, operation, said, OPERATION, is_training)
        case transactions.Invoice():
            _expect_one_buyer(operation, OPERATION)
            return _document(DocumentKind.INVOICE, operation, said, OPERATION, is_training)
        case transactions.Correction():
            return _correction(operation, said.data, is_training)
        case transactions.Cancellation():
            return Draft(
                kind=DocumentKind.CANCELLATION,
                refers_to=identifier(operation.record.id),
                reason=operation.reason or "",
                operator=_operator(operation.details),
                is_training=is_training,
            )
        case transactions.Abort():
            operator = _operator(operation.details)
            return Draft(kind=DocumentKind.ABORT, operator=operator, is_training=is_training)
    raise Refused(NOT_IMPLEMENTED, f"{OPERATION}.type")


def echo(operation: Wire) -> str:
    """The operation as it is repeated to the caller: compact, sorted, defaults filled in."""
    said = operation.model_dump(exclude_none=True)
    return msgspec.json.encode(said, order="sorted").decode()


def _correction(operation: transactions.Correction, said: Said, is_training: bool) -> Draft:
    where, inner = f"{OPERATION}.data", operation.data
    if isinstance(inner, transactions.Invoice):
        _expect_one_buyer(inner, where)
    if operation.details and inner.details and operation.details != inner.details:
        raise Refused(TWO_DETAILS, f"{OPERATION}.details", f"{where}.details")
    if operation.details:
        inner = inner.model_copy(update={"details": operation.details})
    is_training = is_training or bool(inner.details and inner.details.training)
    whole = _document(DocumentKind.CORRECTION, inner, said, where, is_training)
    preceding = operation.preceding_document
    return msgspec.structs.replace(
        whole,
        refers_to=identifier(operation.record.id) if operation.record else "",
        external_reference=preceding.number if preceding else "",
        external_on=_day(preceding.issued_at) if preceding else None,
        reason=operation.reason or "",
    )


def _document(
    kind: DocumentKind, operation: Documented, said: Said, where: str, is_training: bool
) -> Draft:
    """`said` is the same document in the caller's own version, and `where` its place."""
    document, details = operation.document, operation.details
    return Draft(
        kind=kind,
        series=document.series or "",
        reference=document.number,
        issued_at=_second(document.issued_at),
        supplied_on=_day(document.operation_date),
        is_simplified=_is_simplified(document),
        is_training=is_training,
        lines=lines(said.entries, f"{where}.entries"),
        payments=tuple([_payment(payment) for payment in operation.payments]),
        buyer=_buyer(operation),
        totals=_totals(document.total_vat),
        operator=_operator(details),
        text=document.text or "",
        activity=document.activity_code or "",
        properties=(details.properties if details else None) or {},
        breakdown=_breakdown(said),
        order_references=_order_references(said.document),
        payment_terms=_payment_terms(said.document),
        delivery=_delivery(said),
    )


def _breakdown(said: Said) -> tuple[StatedShare, ...]:
    if isinstance(said, transactions.Receipt):
        return ()
    return tuple([_share(item) for item in said.breakdown])


def _share(item: entries.BreakdownItem | v2026_06_01.BreakdownItem) -> StatedShare:
    if isinstance(item, entries.BreakdownItem):
        return StatedShare(percentage=Decimal(item.percentage), amount=Decimal(item.amount))
    if isinstance(item, v2026_06_01.ExemptBreakdown):
        return StatedShare(
            code=item.code,
            is_exempt=True,
            reason=item.reason or "",
            exclusive=Decimal(item.exclusive),
        )
    place = item.fiscal_location
    return StatedShare(
        percentage=Decimal(item.percentage),
        code=item.code,
        region=region_of(place) if place else "",
        amount=Decimal(item.amount),
        exclusive=Decimal(item.exclusive),
        inclusive=Decimal(item.inclusive),
    )


def _order_references(document: transactions.DocumentHead) -> tuple[str, ...]:
    """What was ordered, and what came with the goods."""
    if not isinstance(document, v2026_06_01.Document) or document.references is None:
        return ()
    found = document.references.purchase_order, document.references.despatch_advice
    return tuple(each for each in found if each)


def _payment_terms(document: transactions.DocumentHead) -> str:
    if not isinstance(document, v2026_06_01.Document):
        return ""
    return document.payment_terms or ""


def _delivery(said: Said) -> DeliveryPlace | None:
    if not isinstance(said, transactions.Invoice | v2026_06_01.Invoice):
        return None
    shipping = said.recipients[0].shipping
    if shipping is None:
        return None
    name = shipping.name if isinstance(shipping, v2026_06_01.Shipping) else None
    return DeliveryPlace(address=address(shipping.address), name=name or "", on=_day(shipping.date))


def _is_simplified(document: transactions.Document) -> bool:
    return isinstance(document, transactions.ReceiptDocument) and bool(document.simplified_invoice)


def _totals(total: transactions.TotalVat) -> StatedTotals:
    return StatedTotals(
        exclusive=Decimal(total.exclusive),
        amount=Decimal(total.amount),
        inclusive=Decimal(total.inclusive),
    )


def _payment(payment: entries.Payment) -> Payment:
    details = payment.details
    means, name = _means(payment)
    return Payment(
        means=means,
        amount=Decimal(details.amount),
        name=name,
        on=_day(details.date),
        discount=None if details.discount is None else Decimal(details.discount),
    )


def _means(payment: entries.Payment) -> tuple[PaymentMeans, str]:
    match payment:
        case entries.CashPayment():
            return PaymentMeans.CASH, ""
        case entries.CardPayment():
            return CARDS[payment.kind], ""
        case entries.OnlinePayment():
            return PaymentMeans.ONLINE, payment.name
        case entries.VoucherPayment():
            return VOUCHERS[payment.kind], ""
        case entries.OutstandingPayment():
            return PaymentMeans.OUTSTANDING, ""
        case entries.OtherPayment():
            return PaymentMeans.OTHER, payment.name or ""


def _buyer(operation: Documented) -> Party | None:
    """What a customer's code means is for the law to tell: in some countries it is a tax number."""
    if isinstance(operation, transactions.Invoice):
        return _recipient(operation.recipients[0])
    if operation.customer is None or operation.customer.code is None:
        return None
    return Party(code=operation.customer.code, is_staff=operation.customer.type == "INTERNAL")


def _expect_one_buyer(operation: transactions.Invoice, path: str) -> None:
    further = [f"{path}.recipients[{i}]" for i in range(1, len(operation.recipients))]
    if further:
        raise Refused(ONE_BUYER, *further)


def _recipient(buyer: parties.Recipient) -> Party:
    named = buyer.identification
    number = named.number if named else ""
    is_tax_number = named is not None and named.type in ("VAT", "TAX")
    is_business = isinstance(buyer, parties.BusinessRecipient)
    return Party(
        name=buyer.name if isinstance(buyer, parties.BusinessRecipient) else _person(buyer.name),
        tax_number=number if is_tax_number else "",
        code="" if is_tax_number else number,
        is_business=is_business,
        is_foreign=None if buyer.origin is None else buyer.origin == "INTERNATIONAL",
        address=address(buyer.address),
    )


def _person(name: parties.PersonName) -> str:
    parts = (name.prefix, name.forename, name.infix, name.surname, name.suffix)
    return " ".join(part for part in parts if part)


def _operator(details: transactions.Details | None) -> str:
    return details.creators[0].label if details else ""


def _second(text: str | None) -> datetime | None:
    """Documents are dated to the second; fractions are cut off, never rounded into another day."""
    return instant(text).replace(microsecond=0) if text else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
