"""How a Portuguese document came to be what it is: what was signed, its sums, its QR code."""

from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import zip_longest

from fiscus.model.amounts import CENT, ZERO, plain
from fiscus.model.explained import (
    ExplainedPart,
    ExplainedSignature,
    ExplainedTerm,
    ExplainedTotal,
    ExplainedValue,
    TotalRounding,
    summed,
)
from fiscus.model.records import AssessedLine, EntryBody, Seal, TaxShare
from fiscus.regimes.pt import explained_words as words
from fiscus.regimes.pt.corrections import NET_DECIMALS

ALGORITHM = "rsa-pkcs1-sha1"
SIGNATURE_LAW = "Portaria n.º 363/2010; Despacho n.º 8632/2014, 2.1"
QR_LAW = "Portaria n.º 195/2020"
SUMS_LAW = "CIVA, art. 36 (5) d; Despacho n.º 8632/2014, 3.2.3"

_SIGNED = ("InvoiceDate", "SystemEntryDate", "InvoiceNo", "GrossTotal", "Hash (-1)")
"""What the five parts of the signed text are called in the SAF-T."""

_PRINTED = (1, 11, 21, 31)


def explained(body: EntryBody) -> tuple[ExplainedPart, ...]:
    """Nothing of what has no number: it is neither signed nor reported."""
    seal = body.seal
    if seal is None or not seal.signature:
        return ()
    return (*_signed(seal), _lines(body, seal), _taxes(seal), _totals(seal), _qr(seal))


def _signed(seal: Seal) -> Iterator[ExplainedPart]:
    yield ExplainedPart(
        title=words.SIGNED,
        text=words.SIGNED_TEXT,
        law=SIGNATURE_LAW,
        values=tuple(
            ExplainedValue(name=name, value=value, meaning=meaning)
            for name, value, meaning in zip(
                _SIGNED, seal.signed_text.split(";"), words.SIGNED_PARTS, strict=True
            )
        ),
        signature=ExplainedSignature(
            algorithm=ALGORITHM,
            message=seal.signed_text.encode("ascii"),
            signature=b64decode(seal.signature),
        ),
    )
    yield ExplainedPart(
        title=words.PRINTED,
        text=words.PRINTED_TEXT,
        law=SIGNATURE_LAW,
        values=(
            *(
                ExplainedValue(
                    name=str(place), value=seal.signature[place - 1], meaning=words.CHARACTER
                )
                for place in _PRINTED
            ),
            ExplainedValue(name="ATCUD", value=seal.code, meaning=words.ATCUD, law=QR_LAW),
        ),
    )


def _gross(line: AssessedLine) -> Decimal:
    return line.net + line.vat


def _lines(body: EntryBody, seal: Seal) -> ExplainedPart:
    stated = [line.vat.inclusive for line in body.draft.lines] if body.draft else []
    return ExplainedPart(
        title=words.LINES,
        text=words.LINES_TEXT,
        law=SUMS_LAW,
        totals=tuple(
            total
            for line, gross in zip_longest(seal.lines, stated[: len(seal.lines)])
            for total in _line(line, gross)
        ),
    )


def _line(line: AssessedLine, stated: Decimal | None) -> Iterator[ExplainedTotal]:
    """Of the gross value that the caller stated; the largest line may have taken up the part of a
    cent that rounding took from the total."""
    is_fitted = stated is None or 0 < abs(stated - _gross(line)) < CENT
    gross = _gross(line) if stated is None or is_fitted else stated
    net = ExplainedTotal(
        name=words.of_line(words.NET, line.number, line.text),
        terms=(_net_in(gross, line.percentage),),
        rounding=TotalRounding.HALF_UP,
        decimals=NET_DECIMALS,
        sealed=line.net,
    )
    yield net
    yield ExplainedTotal(
        name=words.of_line(words.VAT, line.number, line.text),
        terms=summed((gross, -net.result)),
        sealed=line.vat,
    )


def _net_in(gross: Decimal, percentage: Decimal) -> ExplainedTerm:
    return ExplainedTerm(gross, Decimal(100), 100 + percentage)


def _vat_in(gross: Decimal, percentage: Decimal) -> ExplainedTerm:
    return ExplainedTerm(gross, percentage, 100 + percentage)


_Rate = tuple[str, str, str, Decimal]


def _by_rate(lines: Iterable[AssessedLine]) -> Mapping[_Rate, list[AssessedLine]]:
    found: dict[_Rate, list[AssessedLine]] = {}
    for line in lines:
        rate = (line.region, line.tax_type, line.tax_code, line.percentage)
        found.setdefault(rate, []).append(line)
    return found


def _taxes(seal: Seal) -> ExplainedPart:
    lines = _by_rate(seal.lines)
    return ExplainedPart(
        title=words.TAXES,
        text=words.TAXES_TEXT,
        law=SUMS_LAW,
        totals=tuple(
            total
            for share in seal.taxes
            for total in _share(
                share,
                lines.get((share.region, share.tax_type, share.tax_code, share.percentage), []),
            )
        ),
    )


def _share(share: TaxShare, lines: list[AssessedLine]) -> Iterator[ExplainedTotal]:
    name = f"{share.region} {share.tax_type} {share.tax_code} {plain(share.percentage)} %"
    gross = sum(map(_gross, lines), ZERO)
    yield ExplainedTotal(name=words.of_tax(words.GROSS, name), terms=summed(map(_gross, lines)))
    yield ExplainedTotal(
        name=words.of_tax(words.NET, name),
        terms=(_net_in(gross, share.percentage),),
        rounding=TotalRounding.NEXT,
        sealed=share.net,
    )
    yield ExplainedTotal(
        name=words.of_tax(words.VAT, name),
        terms=(_vat_in(gross, share.percentage),),
        rounding=TotalRounding.NEXT,
        sealed=share.vat,
    )


def _totals(seal: Seal) -> ExplainedPart:
    rates = {rate: sum(map(_gross, some), ZERO) for rate, some in _by_rate(seal.lines).items()}
    gross = ExplainedTotal(name=words.GROSS, terms=summed(rates.values()), sealed=seal.gross)
    if not gross.is_right:
        # Prices without VAT may end in parts of a cent: then net and VAT are rounded, each once.
        gross = ExplainedTotal(
            name=words.GROSS, terms=summed((seal.net, seal.vat)), sealed=seal.gross
        )
    return ExplainedPart(
        title=words.TOTALS,
        text=words.TOTALS_TEXT,
        law=SUMS_LAW,
        totals=(
            gross,
            ExplainedTotal(
                name=words.VAT,
                terms=tuple(_vat_in(amount, rate[-1]) for rate, amount in rates.items()),
                rounding=TotalRounding.HALF_EITHER,
                sealed=seal.vat,
            ),
            ExplainedTotal(name=words.NET, terms=summed((seal.gross, -seal.vat)), sealed=seal.net),
            *_of_shares(seal),
        ),
    )


def _of_shares(seal: Seal) -> Iterator[ExplainedTotal]:
    nets, vats = [share.net for share in seal.taxes], [share.vat for share in seal.taxes]
    yield ExplainedTotal(name=words.NET_OF_TAXES, terms=summed(nets), sealed=seal.net)
    yield ExplainedTotal(name=words.VAT_OF_TAXES, terms=summed(vats), sealed=seal.vat)


def _qr(seal: Seal) -> ExplainedPart:
    fields = [part.partition(":") for part in seal.qr.split("*")]
    return ExplainedPart(
        title=words.QR,
        text=words.QR_TEXT,
        law=QR_LAW,
        values=tuple(
            ExplainedValue(name=name, value=value, meaning=words.qr_field(name))
            for name, _, value in fields
        ),
    )
