"""What is remembered of sold vouchers, so that the tax of one for a single purpose counts once.

Such a voucher is taxed when it is sold (UStG § 3 (14)): what it is redeemed for is told with its
tax, and the redemption takes the same tax out again. Whoever redeems it need only name its number.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import msgspec

from fiscus.model.amounts import ZERO, cents_half_up, plain
from fiscus.model.documents import (
    RATE_ALONE,
    Draft,
    DraftLine,
    LinePurpose,
    StatedVat,
    VoucherKind,
)
from fiscus.model.records import AssessedLine, Case, Seal
from fiscus.model.roundings import vat_in
from fiscus.regimes import RegimeMemory
from fiscus.regimes.de import documents, rates
from fiscus.regimes.de.assess import signed


class SoldVoucher(NamedTuple):
    """What a voucher was sold as. One for a single purpose has the rate of what it is good for; if
    that is zero, `code` says why, an exemption's if it `is_exempt`."""

    kind: VoucherKind
    percentage: Decimal = Decimal(0)
    code: str = ""
    is_exempt: bool = False


_SINGLE = frozenset({documents.SOLD[True], documents.REDEEMED[True]})


def key(number: str) -> str:
    """However it was typed: with blanks around it, in capitals or not."""
    return f"voucher/{number.strip().casefold()}"


def _moved(number: str) -> str:
    """The beginning of the keys of all that one voucher was sold and redeemed for. Its length
    stands before the number: no number begins another one's keys."""
    plain_number = number.strip().casefold()
    return f"voucher-moved/{len(plain_number)}/{plain_number}/"


def left(case: Case, number: str) -> Decimal:
    """What is left of a voucher for one purpose that was sold here."""
    beginning = _moved(number)
    moved = (text for key, text in case.remembered.items() if key.startswith(beginning))
    return sum(map(Decimal, moved), ZERO)


def sold(case: Case, line: DraftLine) -> SoldVoucher | None:
    """What the voucher of a line was sold as by this taxpayer; None: it was not, as far as we
    know."""
    text = case.remembered.get(key(line.voucher)) if line.voucher else None
    if text is None:
        return None
    kind, percentage, code, is_exempt = (*text.split(" "), "", "", "")[:4]
    return SoldVoucher(VoucherKind(kind), Decimal(percentage or 0), code, bool(is_exempt))


def with_vouchers(case: Case) -> Draft:
    """A voucher that is redeemed without a word of its kind is what it was sold as."""
    lines = tuple(_completed(case, line) for line in case.draft.lines)
    if lines == case.draft.lines:
        return case.draft
    return msgspec.structs.replace(case.draft, lines=lines)


def _completed(case: Case, line: DraftLine) -> DraftLine:
    is_said = line.vat.code != rates.NOT_TAXABLE
    if line.purpose is not LinePurpose.VOUCHER_REDEEMED or is_said:
        return line
    known = sold(case, line)
    if known is None or known.kind is VoucherKind.MULTIPLE:
        return line
    if line.voucher_kind is VoucherKind.MULTIPLE:
        return line  # refused: it says something else
    vat = _vat(line.vat.inclusive, known)
    return msgspec.structs.replace(line, vat=vat, voucher_kind=VoucherKind.SINGLE)


def _vat(gross: Decimal, known: SoldVoucher) -> StatedVat:
    amount = cents_half_up(vat_in(gross, known.percentage))
    return StatedVat(
        code=known.code or RATE_ALONE,
        is_exempt=known.is_exempt,
        percentage=known.percentage,
        amount=amount,
        exclusive=gross - amount,
        inclusive=gross,
    )


def _asked(draft: Draft) -> Iterator[str]:
    return (key(line.voucher) for line in draft.lines if line.voucher)


def _kept(seal: Seal) -> Iterator[tuple[str, str]]:
    """What was only practised is not remembered."""
    if seal.document_type != documents.RECEIPT:
        return
    for line in seal.lines:
        if line.voucher and line.case in documents.SOLD:
            yield key(line.voucher), _text(line)
        if line.voucher and line.case in _SINGLE:
            yield f"{_moved(line.voucher)}{seal.number}/{line.number}", str(signed(line))


def _text(line: AssessedLine) -> str:
    if line.case != documents.SOLD[True]:
        return str(VoucherKind.MULTIPLE)
    parts = [str(VoucherKind.SINGLE), plain(line.percentage)]
    if line.exemption:
        parts += [line.exemption, "exempt"]
    elif int(line.tax_code) == rates.ZERO_RATED:
        parts.append(rates.ZERO_RATE)
    return " ".join(parts)


def _listed(draft: Draft) -> Iterator[str]:
    return (_moved(line.voucher) for line in draft.lines if line.voucher)


MEMORY = RegimeMemory(asked=_asked, kept=_kept, listed=_listed)
