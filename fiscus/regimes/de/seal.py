"""What the TSE is told of an operation, and the seal around what it signed."""

from collections.abc import Iterable
from decimal import Decimal

from fiscus.model.amounts import ZERO
from fiscus.model.documents import Draft
from fiscus.model.records import AssessedLine, AssessedPayment, Case, DeviceSigning, Seal
from fiscus.model.times import local
from fiscus.regimes import DeviceFlow
from fiscus.regimes.de import process_data, qr, taxes, wording
from fiscus.regimes.de.assess import Assessment, assess, signed, totals
from fiscus.regimes.de.documents import NOTHING_PAID, ORDER, kind_of, name_of
from fiscus.regimes.de.printing import prints
from fiscus.regimes.de.rates import timezone, today
from fiscus.regimes.de.stated import as_printed
from fiscus.signers import DeviceTransaction, SignerDown

OUTAGE = "TSE nicht erreichbar"

LEFT_OVER = DeviceTransaction(process_data.OTHER, "Nach Ausfall beendet, ohne Beleg")


def seal(case: Case) -> DeviceFlow:
    """Sign through the TSE. During an outage the receipt goes out and says so.

    Reports only add up closings that were signed: nothing is asked. Nor
    is it for what is sold online: no electronic recording system of AO § 146a (1) did it.
    """
    assessed = as_printed(case.draft, assess(case))
    if case.draft.is_report or case.place.is_online:
        return _sealed(case, assessed)
    try:
        signing = yield told(case.draft, assessed)
    except SignerDown as outage:
        return _sealed(case, assessed, outage=wording.outage(str(outage)) or OUTAGE)
    return _sealed(case, assessed, signing=signing)


def told(draft: Draft, assessed: Assessment) -> DeviceTransaction:
    """Orders are told by their lines; receipts, aborted ones and training by their amounts, all
    else by its name."""
    name = name_of(draft)
    if name:
        return DeviceTransaction(process_data.OTHER, name)
    if kind_of(draft) == ORDER:
        # A line under several rates is one line of the order.
        lines = {line.number: _ordered(line) for line in assessed.lines}
        return DeviceTransaction(process_data.ORDER, process_data.order(lines.values()))
    text = process_data.receipt(
        kind_of(draft), gross_by_slot(assessed.lines), map(_handed_over, _real(assessed.payments))
    )
    return DeviceTransaction(process_data.RECEIPT, text)


def _ordered(line: AssessedLine) -> process_data.OrderedLine:
    quantity = -line.quantity if line.is_debit else line.quantity
    return process_data.OrderedLine(quantity, line.text, line.unit_gross)


def gross_by_slot(lines: Iterable[AssessedLine]) -> dict[int, Decimal]:
    sums: dict[int, Decimal] = {}
    for line in lines:
        slot = taxes.slot(int(line.tax_code))
        assert slot is not None
        sums[slot] = sums.get(slot, ZERO) + signed(line)
    return sums


def _real(payments: Iterable[AssessedPayment]) -> Iterable[AssessedPayment]:
    return (each for each in payments if each.type != NOTHING_PAID)


def _handed_over(payment: AssessedPayment) -> process_data.ForeignPayment:
    foreign = payment.foreign_amount
    amount = payment.amount if foreign is None else foreign
    return process_data.ForeignPayment(payment.is_cash, payment.currency, amount)


def _sealed(
    case: Case, assessed: Assessment, *, signing: DeviceSigning | None = None, outage: str = ""
) -> Seal:
    slot, sums, name = case.slot, totals(assessed.lines), name_of(case.draft)
    assert slot is not None
    entered = local(case.at, timezone(case.place)).replace(microsecond=0)
    number = f"{slot.series.name}/{slot.number}"
    return Seal(
        number=number,
        document_type=kind_of(case.draft),
        day=today(case),
        entered=entered,
        net=sums.exclusive,
        vat=sums.amount,
        gross=sums.inclusive,
        lines=assessed.lines,
        payments=assessed.payments,
        signing=signing,
        outage=outage,
        qr=qr.text(signing) if signing else "",
        prints=prints(case, assessed.lines, signing=signing, entered=entered),
        facts={"name": name} if name else {},
    )
