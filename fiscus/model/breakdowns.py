"""Whether what a caller says of each tax is what its lines come to."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from fiscus.model.amounts import CENT, ZERO
from fiscus.model.documents import Draft, DraftLine, StatedShare
from fiscus.model.roundings import TaxedLine, is_lawful
from fiscus.model.xml_text import one_line

Region = Callable[[str], str | None]
"""A region as the law calls it, however the caller does; what nobody names is the home region."""

Key = tuple[bool, Decimal, str, str | None]
"""Exempt or not, percentage, code, region; an empty code or region stands for any."""


def broken_at(draft: Draft, region_of: Region) -> Iterator[str]:
    """The places where a breakdown contradicts the lines: shares that are not the sum of theirs,
    and the breakdown as a whole if it leaves out a tax. Of exemptions, which bear none, either all
    are said or none.

    Whoever states the code or the region of a share means the lines of that code or region; the
    reason of an exemption is that of its lines.
    """
    shares = draft.breakdown
    if not shares:
        return
    keys = [_key(share, region_of) for share in shares]
    says_exemptions = any(share.is_exempt for share in shares)
    lines: dict[Key, list[DraftLine]] = {key: [] for key in keys}
    for line in draft.lines:
        found = next((key for key in _meant(line, region_of) if key in lines), None)
        if found:
            lines[found].append(line)
        elif line.vat.percentage > 0 or (line.vat.is_exempt and says_exemptions):
            yield "breakdown"
    for i, key in enumerate(keys):
        together = [share for share, other in zip(shares, keys, strict=True) if other == key]
        yield from (f"breakdown[{i}].{member}" for member in _wrong(together, lines[key]))
        reason = one_line(shares[i].reason)
        if reason and any(one_line(line.vat.reason) != reason for line in lines[key]):
            yield f"breakdown[{i}].reason"


def _key(share: StatedShare, region_of: Region) -> Key:
    region = region_of(share.region) if share.region else ""
    return share.is_exempt, share.percentage, share.code, region


def _meant(line: DraftLine, region_of: Region) -> Iterator[Key]:
    """The shares a line may belong to, the one that says most first."""
    vat = line.vat
    percentage = ZERO if vat.is_exempt else vat.percentage
    for code in (vat.code, ""):
        for region in (region_of(vat.region), ""):
            yield vat.is_exempt, percentage, code, region
    if vat.is_exempt:
        yield False, ZERO, "", ""


def _wrong(shares: Sequence[StatedShare], lines: Sequence[DraftLine]) -> Iterator[str]:
    """Which of the three amounts is not the sum of the lines, net and VAT as rounded as theirs."""
    taxed = [TaxedLine("", _rate(x), x.vat.inclusive, x.vat.amount) for x in lines]
    gross = sum((line.gross for line in taxed), ZERO)
    vat = _sum([share.amount for share in shares])
    if vat is not None and not is_lawful(taxed, vat):
        yield "amount"
    inclusive = _sum([share.inclusive for share in shares])
    if inclusive is not None and abs(inclusive - gross) >= CENT:
        yield "inclusive"
    net = _sum([share.exclusive for share in shares])
    if net is not None:
        stated = sum((line.vat.exclusive for line in lines), ZERO)
        rest = gross if vat is None else gross - vat
        if min(abs(net - stated), abs(net - rest)) >= CENT:
            yield "exclusive"


def _rate(line: DraftLine) -> Decimal:
    return ZERO if line.vat.is_exempt else line.vat.percentage


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    said = [each for each in amounts if each is not None]
    return sum(said, ZERO) if said else None
