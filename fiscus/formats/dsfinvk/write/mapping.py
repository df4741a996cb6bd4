"""Sealed closings of the journal as closings of DSFinV-K, each with its operations.

Totals and master data are those that the closing kept when it was made; nothing is added up anew
and nothing is looked up. The closing is an operation itself, the last one of its own.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import chain

from fiscus.formats import DocumentOrigin, Selection
from fiscus.formats.dsfinvk.write import keys, masterdata, rows
from fiscus.formats.dsfinvk.write.files import Closings
from fiscus.formats.dsfinvk.write.receipts import ClosingContext, transactions
from fiscus.model.closings import Closing
from fiscus.model.extracts import BodyExtract, extract
from fiscus.model.faults import Code, Corrupt
from fiscus.model.records import EntryBody
from fiscus.model.times import local

NO_CLOSING = Code("DSFINVK-BODY-05", "an entry was taken for a sealed closing that is none")

_ZERO = Decimal(0)


def closings(selection: Selection) -> Closings:
    """Each closing's operations must be read before the next closing."""
    for body, documents in selection.closings():
        yield _mapped(body, documents, selection.origin)


def _mapped(
    body: EntryBody,
    documents: Iterator[BodyExtract],
    origin: Callable[[str], DocumentOrigin | None],
) -> tuple[rows.CashPointClosing, Iterator[rows.OperationRow]]:
    closing = body.closing
    if closing is None or not closing.is_sealed:
        raise Corrupt(NO_CLOSING, body.id)
    everything = chain(documents, (extract(body),))
    first = next(everything)
    devices = masterdata.devices(closing)
    frame = ClosingContext(
        closing=closing,
        devices={device.serial: device.id for device in devices},
        origin=origin,
        unclosed=frozenset(closing.unclosed),
        keys_of=keys.day_of(closing) if keys.is_changed(closing) else None,
    )
    row = _cash_point_closing(body, closing, first.intent, devices)
    return row, transactions(frame, chain((first,), everything))


def _cash_point_closing(
    body: EntryBody, closing: Closing, first_receipt: str, devices: tuple[rows.TseRow, ...]
) -> rows.CashPointClosing:
    created_on = local(closing.until, closing.timezone).date()
    return rows.CashPointClosing(
        register=body.register,
        number=closing.number,
        created_at=closing.until,
        timezone=closing.timezone,
        booking_day=closing.day if closing.day != created_on else None,
        first_receipt=first_receipt,
        last_receipt=body.intent,
        taxpayer=masterdata.taxpayer(closing.place.taxpayer),
        location=masterdata.location(closing.place),
        hardware=masterdata.hardware(closing),
        paid=sum((total.amount for total in closing.payments), _ZERO),
        paid_cash=sum((total.amount for total in closing.payments if total.is_cash), _ZERO),
        devices=devices,
        vat_rates=masterdata.vat_rates(closing),
        business_cases=_business_cases(closing),
        payments=_payments(closing),
        cash=_cash(closing),
    )


def _business_cases(closing: Closing) -> tuple[rows.BusinessCase, ...]:
    """By case and VAT key."""
    sums: dict[tuple[str, int], tuple[Decimal, Decimal]] = {}
    on = keys.day_of(closing)
    for total in closing.cases:
        key = (total.case, keys.key_on(on, int(total.tax_code), total.percentage))
        net, vat = sums.get(key, (_ZERO, _ZERO))
        sums[key] = net + total.net, vat + total.vat
    return tuple(
        rows.BusinessCase(type=case, vat_key=key, gross=net + vat, net=net, vat=vat)
        for (case, key), (net, vat) in sorted(sums.items())
    )


def _payments(closing: Closing) -> tuple[rows.PaymentTotalRow, ...]:
    """By kind and name, whatever the currency."""
    sums: dict[tuple[str, str], Decimal] = {}
    for total in closing.payments:
        key = (total.type, total.name)
        sums[key] = sums.get(key, _ZERO) + total.amount
    return tuple(
        rows.PaymentTotalRow(type=type, name=name, amount=amount)
        for (type, name), amount in sorted(sums.items())
    )


def _cash(closing: Closing) -> tuple[rows.CashTotal, ...]:
    """The home currency always, first; each in its own money."""
    sums = {closing.currency: _ZERO}
    for total in closing.payments:
        if total.is_cash:
            currency = total.currency or closing.currency
            is_home = currency == closing.currency
            amount = total.amount if is_home else total.foreign_amount or _ZERO
            sums[currency] = sums.get(currency, _ZERO) + amount
    return tuple(rows.CashTotal(currency=name, amount=amount) for name, amount in sums.items())
