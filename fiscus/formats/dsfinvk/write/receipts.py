"""One sealed document of the journal as an operation with its lines, payments and signature.

The law let no text pass that is longer than its column, so nothing is cut here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import msgspec

from fiscus.formats import DocumentOrigin
from fiscus.formats.dsfinvk.tables import words
from fiscus.formats.dsfinvk.write import rows
from fiscus.formats.dsfinvk.write.keys import under_keys_of
from fiscus.formats.dsfinvk.write.lines import lines, vat_amounts
from fiscus.model.closings import Closing
from fiscus.model.countries import alpha3
from fiscus.model.documents import Party
from fiscus.model.extracts import BodyExtract, DraftExtract, SealExtract
from fiscus.model.faults import Code, Corrupt
from fiscus.model.records import AssessedPayment
from fiscus.regimes.de import buyers
from fiscus.regimes.de.wording import whole_words

UNSEALED = Code("DSFINVK-BODY-01", "a document of a closing has no seal or no number")
UNSIGNED = Code("DSFINVK-BODY-02", "a document has neither a signature nor a reason for lacking it")
STRANGE_DEVICE = Code("DSFINVK-BODY-03", "a device signed that its closing does not know")
NO_ORIGINAL = Code("DSFINVK-BODY-04", "a document refers to a record that does not exist")

OPERATOR_UNKNOWN = "ohne Angabe"
"""`BEDIENER_ID` must be filled, and not every caller tells who served."""

OTHER_NAME = "Sonstiger Vorgang"
"""An operation of no particular kind must have a name."""

EXTERNAL_NAME = "Vorgang eines anderen Systems"
UNCLOSED_NAME = "Vorgang ohne Kassenabschluss"
NOTE_MARK, NOTE_LENGTH_MAX = "; ", 255
BUSINESS_CUSTOMER = "Unternehmen"
STAFF_CUSTOMER = "Mitarbeiter"

_ZERO = Decimal(0)
_NO_DRAFT = DraftExtract()


@dataclass(frozen=True, kw_only=True)
class ClosingContext:
    """What the operations of one closing share. `devices` are its TSE numbers by serial;
    `unclosed` are
    the records that were in no closing when this one was made; `keys_of` is the day whose VAT keys
    they stand under, if rates changed meanwhile."""

    closing: Closing
    devices: Mapping[str, int]
    origin: Callable[[str], DocumentOrigin | None]
    unclosed: frozenset[str] = frozenset()
    keys_of: date | None = None


def transactions(
    frame: ClosingContext, documents: Iterable[BodyExtract]
) -> Iterator[rows.OperationRow]:
    """In the order of the journal. An unsigned operation is laid to the device before it."""
    device = min(frame.devices.values(), default=0)
    for document in documents:
        signing = _signing(frame, document, device)
        if signing:
            device = signing.device
        yield _transaction(frame, document, signing)


def _transaction(
    frame: ClosingContext, document: BodyExtract, signing: rows.TseTransactionRow | None
) -> rows.OperationRow:
    seal, draft = document.seal, document.draft or _NO_DRAFT
    if seal is None or document.numbered is None:
        raise Corrupt(UNSEALED, document.id)
    is_aborted = seal.document_type == words.ABORT
    assessed = () if is_aborted else seal.lines
    if frame.keys_of is not None:
        assessed = under_keys_of(frame.keys_of, assessed)
    signed = seal.signing
    started_at = signed.started_at if signed else draft.issued_at or document.at
    return rows.OperationRow(
        id=document.intent,
        number=document.numbered.number,
        type=seal.document_type,
        name=_name(seal),
        terminal=document.register,
        is_reversal=draft.is_full_reversal,
        started_at=min(started_at, document.at),
        finished_at=document.at,
        timezone=frame.closing.timezone,
        operator=draft.operator or OPERATOR_UNKNOWN,
        operator_name=draft.operator_name or draft.operator,
        gross=_ZERO if is_aborted else seal.gross,
        customer=_customer(draft.buyer) if draft.buyer else rows.NOBODY,
        note=_note(draft, "" if signing else seal.outage),
        lines=lines(assessed, document.register),
        payments=() if is_aborted else _payments(seal, frame.closing.currency),
        vat_totals=vat_amounts(assessed),
        signings=(signing,) if signing else (),
        groups=draft.groups,
        references=_references(frame, document.id, draft),
    )


def _name(seal: SealExtract) -> str:
    """As the law named it to the device, if it had to."""
    name = seal.facts.get("name", "")
    return name or (OTHER_NAME if seal.document_type == words.OTHER else "")


def _note(draft: DraftExtract, outage: str) -> str:
    """What was said, and behind it as much of why there is no signature as the column takes."""
    said = NOTE_MARK.join(filter(None, (draft.reason, draft.text)))
    left = NOTE_LENGTH_MAX - len(said) - len(NOTE_MARK)
    return NOTE_MARK.join(filter(None, (said, whole_words(outage, left))))


def _signing(
    frame: ClosingContext, document: BodyExtract, device_before: int
) -> rows.TseTransactionRow | None:
    """None in a closing without a device: the reason is then told in the note."""
    seal = document.seal
    if seal is None:
        raise Corrupt(UNSEALED, document.id)
    signed = seal.signing
    if signed is None:
        if not seal.outage:
            raise Corrupt(UNSIGNED, document.id)
        return (
            rows.TseTransactionRow(device=device_before, outage=seal.outage)
            if device_before
            else None
        )
    if signed.serial not in frame.devices:
        raise Corrupt(STRANGE_DEVICE, document.id)
    return rows.TseTransactionRow(
        device=frame.devices[signed.serial],
        number=signed.number,
        started_at=signed.started_at,
        finished_at=signed.finished_at,
        process_type=signed.process_type,
        counter=signed.counter,
        signature=signed.signature,
        process_data=signed.process_data,
    )


def _payments(seal: SealExtract, home: str) -> tuple[rows.PaymentRow, ...]:
    """Summed by kind, name and currency; a receipt that nobody had to pay says so."""
    if len(seal.payments) == 1:
        return (_payment(seal.payments[0], home),)
    sums: dict[tuple[str, str, str], rows.PaymentRow] = {}
    for paid in seal.payments:
        one = _payment(paid, home)
        key = (one.type, one.name, one.currency)
        sums[key] = _added(sums[key], one) if key in sums else one
    if not sums and seal.document_type == words.RECEIPT:
        return (rows.PaymentRow(type=words.NOTHING_PAID, amount=_ZERO, currency=home),)
    return tuple(sums.values())


def _payment(paid: AssessedPayment, home: str) -> rows.PaymentRow:
    currency = paid.currency or home
    return rows.PaymentRow(
        type=paid.type,
        name=paid.name,
        amount=paid.amount,
        currency=currency,
        foreign_amount=None if currency == home else paid.foreign_amount,
    )


def _added(one: rows.PaymentRow, other: rows.PaymentRow) -> rows.PaymentRow:
    foreign = None
    if one.foreign_amount is not None:
        foreign = one.foreign_amount + (other.foreign_amount or _ZERO)
    return msgspec.structs.replace(one, amount=one.amount + other.amount, foreign_amount=foreign)


def _customer(buyer: Party) -> rows.BuyerRow:
    """Only a VAT id stands in its column. Another tax number has none: it is the customer's number
    where there is no other."""
    vat_id = buyers.vat_id(buyer)
    known = rows.BuyerRow(
        name=buyer.name,
        id=buyer.code or ("" if vat_id else buyer.tax_number),
        type=buyer.sort or _sort(buyer),
        vat_id=vat_id,
    )
    address = buyer.address
    if address is None:
        return known
    return msgspec.structs.replace(
        known,
        street=address.line(),
        postal_code=address.code,
        city=address.city,
        country=alpha3(address.country),
    )


def _sort(buyer: Party) -> str:
    if buyer.is_business:
        return BUSINESS_CUSTOMER
    return STAFF_CUSTOMER if buyer.is_staff else ""


def _references(frame: ClosingContext, id: str, draft: DraftExtract) -> tuple[rows.Reference, ...]:
    if draft.refers_to:
        return (_reference(frame, id, draft.refers_to),)
    if draft.external_reference:
        return (_external(draft.external_reference, draft.external_text or EXTERNAL_NAME),)
    return ()


def _reference(frame: ClosingContext, id: str, record: str) -> rows.Reference:
    """To an operation by way of its closing. One of another register that was not closed when
    this was sealed is named as if it lay outside, also when it is closed by now."""
    found = frame.origin(record)
    if found is None:
        raise Corrupt(NO_ORIGINAL, id)
    target = found.closing.closing if found.closing else None
    if found.closing is None or target is None or record in frame.unclosed:
        return _external(found.intent, UNCLOSED_NAME)
    return rows.Reference(
        type=words.TRANSACTION,
        receipt=found.intent,
        register=found.closing.register,
        closing=target.number,
        closed_at=target.until,
        timezone=target.timezone,
    )


def _external(receipt: str, name: str) -> rows.Reference:
    return rows.Reference(type=words.EXTERNAL_OTHER, receipt=receipt, name=name)
