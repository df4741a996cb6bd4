"""How a German record came to be what it is: its sums, what the TSE was told, its QR code."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from fiscus.model.amounts import plain
from fiscus.model.explained import (
    ExplainedPart,
    ExplainedTotal,
    ExplainedValue,
    TotalRounding,
    summed,
)
from fiscus.model.records import AssessedLine, EntryBody, Seal
from fiscus.regimes.de import explained_words as words
from fiscus.regimes.de import process_data, taxes
from fiscus.regimes.de.assess import signed

SUMS_LAW = "KassenSichV § 6 no. 5; UStG § 14 (4) no. 8"
PROCESS_LAW = "KassenSichV § 2 no. 3 to 5; DSFinV-K, annex I"
QR_LAW = "DSFinV-K, annex I"
OUTAGE_LAW = "AEAO, no. 7 on § 146a"

_QR_BEFORE, _QR_AFTER = 3, 8
"""Fields around the process data, which may hold semicolons itself."""


def explained(body: EntryBody) -> tuple[ExplainedPart, ...]:
    """Of what was signed, or would have been if the TSE had answered."""
    seal = body.seal
    if seal is None:
        return ()
    return (*_outage(seal), *_sums(seal), *_told(seal), *_qr(seal))


def _outage(seal: Seal) -> Iterator[ExplainedPart]:
    if seal.outage:
        yield ExplainedPart(
            title=words.OUTAGE,
            text=words.OUTAGE_TEXT,
            law=OUTAGE_LAW,
            values=(ExplainedValue(name="", value=seal.outage, meaning=words.REASON),),
        )


def _sums(seal: Seal) -> Iterator[ExplainedPart]:
    if not seal.lines:
        return
    yield ExplainedPart(
        title=words.TOTALS,
        text=words.TOTALS_TEXT,
        law=SUMS_LAW,
        totals=tuple(_totals(seal)),
    )


def _totals(seal: Seal) -> Iterator[ExplainedTotal]:
    rates: dict[tuple[str, Decimal], list[AssessedLine]] = {}
    for line in seal.lines:
        rates.setdefault((line.tax_code, line.percentage), []).append(line)
    yield ExplainedTotal(
        name=words.GROSS,
        terms=summed(map(signed, seal.lines)),
        rounding=TotalRounding.HALF_UP,
        sealed=seal.gross,
    )
    by_rate = [
        ExplainedTotal(
            name=words.of_rate(words.VAT, f"{code} · {plain(percentage)} %"),
            terms=summed(-line.vat if line.is_debit else line.vat for line in lines),
            rounding=TotalRounding.HALF_UP,
        )
        for (code, percentage), lines in rates.items()
    ]
    yield from by_rate
    yield ExplainedTotal(
        name=words.VAT, terms=summed(rate.result for rate in by_rate), sealed=seal.vat
    )
    yield ExplainedTotal(name=words.NET, terms=summed((seal.gross, -seal.vat)), sealed=seal.net)


def _told(seal: Seal) -> Iterator[ExplainedPart]:
    signing = seal.signing
    if signing is None:
        return
    text = signing.process_data
    is_receipt = signing.process_type == process_data.RECEIPT and text.count("^") == 2
    yield ExplainedPart(
        title=words.PROCESS,
        text=words.PROCESS_TEXT,
        law=PROCESS_LAW,
        values=(
            ExplainedValue(
                name="processType", value=signing.process_type, meaning=words.PROCESS_TYPE
            ),
            *(_receipt(text) if is_receipt else _whole(text)),
        ),
        totals=tuple(_slots(text, seal.lines)) if is_receipt else (),
    )


def _receipt(text: str) -> Iterator[ExplainedValue]:
    kind, _, payments = text.split("^")
    yield ExplainedValue(name="Vorgangstyp", value=kind, meaning=words.KIND)
    for payment in filter(None, payments.split("_")):
        amount, _, means = payment.partition(":")
        yield ExplainedValue(name=means, value=amount, meaning=words.PAYMENT)


def _whole(text: str) -> Iterator[ExplainedValue]:
    """An order has a line for each item; anything else is called by its name."""
    for line in text.split("\r"):
        yield ExplainedValue(name="processData", value=line, meaning=words.WHOLE)


def _slots(text: str, lines: Iterable[AssessedLine]) -> Iterator[ExplainedTotal]:
    amounts = text.split("^")[1].split("_")
    kept = list(lines)
    for slot, told in zip(taxes.SLOTS, amounts, strict=False):
        mine = [line for line in kept if taxes.slot(int(line.tax_code)) == slot]
        yield ExplainedTotal(
            name=words.slot(slot),
            terms=summed(map(signed, mine)),
            rounding=TotalRounding.CUT,
            sealed=Decimal(told),
        )


def _qr(seal: Seal) -> Iterator[ExplainedPart]:
    fields = seal.qr.split(";")
    if len(fields) < _QR_BEFORE + 1 + _QR_AFTER:
        return
    middle = ";".join(fields[_QR_BEFORE:-_QR_AFTER])
    values = (*fields[:_QR_BEFORE], middle, *fields[-_QR_AFTER:])
    yield ExplainedPart(
        title=words.QR,
        text=words.QR_TEXT,
        law=QR_LAW,
        values=tuple(
            ExplainedValue(name=name, value=value, meaning=meaning)
            for (name, meaning), value in zip(words.QR_FIELDS, values, strict=True)
        ),
    )
