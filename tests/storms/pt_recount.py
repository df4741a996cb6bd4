"""Counts a Portuguese document again, from its draft alone, in fractions.

It shares nothing with what assessed, wrote or checked the document: it imports neither the law nor
the formats, nor our way of rounding. `tests/repository/test_recount.py` holds it to that.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

from fiscus.model.documents import Draft, DraftLine

NAMESPACE = "{urn:OECD:StandardAuditFile-Tax:PT_1.04_01}"
CENT, HALF = Fraction(1, 100), Fraction(1, 200)
DUST = Fraction(1, 100_000)
"""What a thousand lines of eight decimals leave."""

REGIONS = {
    "": "PT",
    "PT": "PT",
    "PT-AZORES": "PT-AC",
    "PT-AC": "PT-AC",
    "AZORES": "PT-AC",
    "PT-MADEIRA": "PT-MA",
    "PT-MA": "PT-MA",
    "MADEIRA": "PT-MA",
    "ES": "ES",
    "FR": "FR",
}
CODES = {"STANDARD": "NOR", "REDUCED_1": "INT", "REDUCED_2": "RED"}
BOXES = {"ISE": (2, 0), "RED": (3, 4), "INT": (5, 6), "NOR": (7, 8)}
JUDGED = frozenset({"PT-TOTAL-01", "PT-TOTAL-02", "PT-TOTAL-04", "PT-TAX-07", "PT-TAX-08"})


class Issued(NamedTuple):
    """What came out of a draft: its QR text, and whether its caller was told to print ours."""

    number: str
    draft: Draft
    qr: str
    is_warned: bool


def faults(draft: Draft) -> set[str]:
    """Which of the judged codes must refuse the draft."""
    found = set()
    for line in draft.lines:
        if not _is_exact(line):
            found.add("PT-TAX-07")
        if not _adds_up(line):
            found.add("PT-TAX-08")
    said = draft.totals
    if said is None:
        return found
    net, vat, gross = (Fraction(x) for x in (said.exclusive, said.amount, said.inclusive))
    if gross not in _gross_totals(draft.lines):
        found.add("PT-TOTAL-01")
    slack = sum(_digit(x) for x in (said.exclusive, said.amount, said.inclusive)) / 2
    is_whole = all(_is_cents(x) for x in (net, vat, gross))
    if net < 0 or vat < 0 or vat > gross or abs(net + vat - gross) > (0 if is_whole else slack):
        found.add("PT-TOTAL-02")
    if not _is_lawful(draft.lines, said.amount):
        found.add("PT-TOTAL-04")
    return found


def differences(document: Any, issued: Issued) -> Iterator[str]:
    """What an `Invoice` element of the audit file says otherwise than its draft."""
    lines, draft = document.findall(f"{NAMESPACE}Line"), issued.draft
    totals = document.find(f"{NAMESPACE}DocumentTotals")
    net, tax, gross = (_of(totals, x) for x in ("NetTotal", "TaxPayable", "GrossTotal"))
    if len(lines) != len(draft.lines):
        yield "the lines are not those of the draft"
        return
    shown = sum((_amount(line) for line in lines), Fraction(0))
    taxed = sum((_amount(x) * _rate_of(x) / 100 for x in lines), Fraction(0))
    yield from _rounded("NetTotal", net, shown)
    yield from _rounded("TaxPayable", tax, taxed)
    if net + tax != gross or gross != _gross(draft):
        yield f"GrossTotal {gross} is not net and tax, or not what was paid"
    for said, line in zip(draft.lines, lines, strict=True):
        yield from _line_differences(said, line, _is_cents(_sum(draft.lines)))
    yield from _rounded("VAT of the draft", tax, _exact_vat(draft.lines), CENT)
    paid = [_of(one, "PaymentAmount") for one in totals.findall(f"{NAMESPACE}Payment")]
    if paid and sum(paid) != gross:
        yield "the payments are not the total"
    yield from qr_differences(issued, net, tax, gross)


def qr_differences(issued: Issued, net: Fraction, tax: Fraction, gross: Fraction) -> Iterator[str]:
    """The two formulas of the QR code, each of its boxes, and the warning."""
    said = dict(part.split(":", 1) for part in issued.qr.split("*"))
    boxes = {name: Fraction(Decimal(text)) for name, text in said.items() if _is_box(name)}
    vats = sum((x for name, x in boxes.items() if name[1] in "468"), Fraction(0))
    bases = sum((x for name, x in boxes.items() if name[1] not in "468"), Fraction(0))
    bases += Fraction(Decimal(said.get("L", "0")))
    if vats != Fraction(Decimal(said["N"])) or vats != tax:
        yield "the VAT of the QR code is not its N"
    if bases + vats != Fraction(Decimal(said["O"])) or bases != net or bases + vats != gross:
        yield "the QR code does not add up to its O"
    letters = {said[f"{x}1"]: x for x in "IJK" if f"{x}1" in said}
    for (region, code), (base, vat) in _by_box(issued.draft.lines).items():
        base_box, vat_box = BOXES.get(code, (0, 0))
        if code == "NS":
            continue
        letter = letters.get(region, "?")
        for wanted, box in ((base, base_box), (vat, vat_box)):
            if box and abs(boxes.get(f"{letter}{box}", Fraction(-1)) - wanted) >= 2 * CENT:
                yield f"box {letter}{box} is not what was sold at that rate"
    yield from _warning(issued, net, tax)


def qr_only(issued: Issued) -> Iterator[str]:
    """For a training document, which stands in no audit file."""
    said = dict(part.split(":", 1) for part in issued.qr.split("*"))
    tax, gross = Fraction(Decimal(said["N"])), Fraction(Decimal(said["O"]))
    yield from _rounded("VAT of the draft", tax, _exact_vat(issued.draft.lines), CENT)
    if gross != _gross(issued.draft):
        yield "gross is not what was paid"
    yield from qr_differences(issued, gross - tax, tax, gross)


def _warning(issued: Issued, net: Fraction, tax: Fraction) -> Iterator[str]:
    said = issued.draft.totals
    is_other = said is not None and (
        abs(Fraction(said.amount) - tax) > HALF or abs(Fraction(said.exclusive) - net) > HALF
    )
    if is_other != issued.is_warned:
        yield "a warning is missing, or one too many"


def _line_differences(said: DraftLine, line: Any, is_cents: bool) -> Iterator[str]:
    amount, rate = _amount(line), _rate_of(line)
    exact = _net(Fraction(said.vat.inclusive), _percentage(said))
    quantity, price = _of(line, "Quantity"), _of(line, "UnitPrice")
    if rate != _percentage(said):
        yield "another rate"
    if abs(amount - exact) > (Fraction(5, 10**9) if is_cents else CENT):
        yield f"the line is {amount}, not the exact net {exact}"
    if quantity != Fraction(said.quantity) or abs(quantity * price - amount) > Fraction(1, 10**8):
        yield "quantity times price is not the line"
    is_debit = line.find(f"{NAMESPACE}DebitAmount") is not None
    if is_debit != (said.direction == "return"):
        yield "the wrong side"
    tax = line.find(f"{NAMESPACE}Tax")
    region, code = _text(tax, "TaxCountryRegion"), _text(tax, "TaxCode")
    if (region, code) != _box(said) or bool(_text(line, "TaxExemptionCode")) != said.vat.is_exempt:
        yield "another tax"


def _rounded(
    name: str, stated: Fraction, exact: Fraction, most: Fraction = HALF + DUST
) -> Iterator[str]:
    """Rounded half up, but half a cent may have gone either way."""
    is_tie = abs(abs(exact - floor(exact * 100) * CENT) - HALF) <= DUST
    if abs(stated - exact) > most or (
        most < CENT and not is_tie and stated != floor(exact * 100 + Fraction(1, 2)) * CENT
    ):
        yield f"{name} is {float(stated)}, but the lines come to {float(exact)}"


def _is_exact(line: DraftLine) -> bool:
    vat, rate = line.vat, _percentage(line)
    if vat.is_exempt:
        return True
    gross, net = Fraction(vat.inclusive), Fraction(vat.exclusive)
    follows = _is_near(vat.amount, gross - _net(gross, rate)) and _is_near(
        vat.exclusive, _net(gross, rate)
    )
    before = _is_near(vat.amount, net * rate / 100)
    return follows or (before and _is_near(vat.inclusive, net + Fraction(vat.amount)))


def _adds_up(line: DraftLine) -> bool:
    vat = line.vat
    three = (vat.exclusive, vat.amount, vat.inclusive)
    net, tax, gross = map(Fraction, three)
    slack = Fraction(0) if vat.is_exempt else sum(map(_digit, three)) / 2
    return abs(net + tax - gross) <= slack


def _is_near(stated: Decimal, exact: Fraction) -> bool:
    digit = _digit(stated)
    return abs(Fraction(stated) - exact) <= (HALF if digit == CENT else digit)


def _digit(stated: Decimal) -> Fraction:
    """The last digit that says something; never more than a cent."""
    digit = CENT
    while (Fraction(stated) / digit).denominator != 1:
        digit /= 10
    return digit


def _is_lawful(lines: Sequence[DraftLine], stated: Decimal) -> bool:
    exact, vat = _exact_vat(lines), Fraction(stated)
    if not _is_cents(vat):
        total = sum((Fraction(line.vat.amount) for line in lines), Fraction(0))
        return vat == total or _is_near(stated, exact)
    rates: dict[tuple[str, str, Fraction], list[DraftLine]] = {}
    for line in lines:
        rates.setdefault((line.vat.code, line.vat.region, _percentage(line)), []).append(line)
    sums = {Fraction(0)}
    for (_, _, rate), mine in rates.items():
        sums = {x + y for x in sums for y in _choices(mine, rate)}
    return vat in sums | _nearest(exact)


def _choices(lines: Sequence[DraftLine], rate: Fraction) -> set[Fraction]:
    each = [
        _nearest(Fraction(x.vat.inclusive) - _net(Fraction(x.vat.inclusive), rate)) for x in lines
    ]
    low, high = sum(map(min, each)), sum(map(max, each))
    found = {low + CENT * i for i in range(int((high - low) / CENT) + 1)}
    found |= _nearest(_exact_vat(lines))
    return found | _nearest(sum((Fraction(x.vat.amount) for x in lines), Fraction(0)))


def _gross_totals(lines: Sequence[DraftLine]) -> set[Fraction]:
    whole = _sum(lines)
    if _is_cents(whole):
        return {whole}
    vat = _exact_vat(lines)
    return {whole, _half_up(whole), _half_up(whole - vat) + _half_up(vat)}


def _gross(draft: Draft) -> Fraction:
    return _half_up(Fraction(draft.totals.inclusive) if draft.totals else _sum(draft.lines))


def _by_box(lines: Sequence[DraftLine]) -> dict[tuple[str, str], tuple[Fraction, Fraction]]:
    found: dict[tuple[str, str], tuple[Fraction, Fraction]] = {}
    for line in lines:
        gross = Fraction(line.vat.inclusive)
        net = _net(gross, _percentage(line))
        base, vat = found.get(_box(line), (Fraction(0), Fraction(0)))
        found[_box(line)] = base + net, vat + gross - net
    return found


def _box(line: DraftLine) -> tuple[str, str]:
    region = REGIONS[line.vat.region]
    if line.vat.is_exempt:
        return region, "NS" if line.vat.code.startswith("NOT_") else "ISE"
    return region, CODES[line.vat.code]


def _is_box(name: str) -> bool:
    return len(name) == 2 and name[0] in "IJK" and name[1] != "1"


def _exact_vat(lines: Sequence[DraftLine]) -> Fraction:
    return sum(
        (
            Fraction(x.vat.inclusive) - _net(Fraction(x.vat.inclusive), _percentage(x))
            for x in lines
        ),
        Fraction(0),
    )


def _sum(lines: Sequence[DraftLine]) -> Fraction:
    return sum((Fraction(line.vat.inclusive) for line in lines), Fraction(0))


def _percentage(line: DraftLine) -> Fraction:
    return Fraction(0) if line.vat.is_exempt else Fraction(line.vat.percentage)


def _net(gross: Fraction, percentage: Fraction) -> Fraction:
    return gross * 100 / (100 + percentage)


def _nearest(exact: Fraction) -> set[Fraction]:
    low = floor(exact * 100) * CENT
    if exact - low == HALF:
        return {low, low + CENT}
    return {low if exact - low < HALF else low + CENT}


def _half_up(exact: Fraction) -> Fraction:
    return max(_nearest(exact))


def _is_cents(amount: Fraction) -> bool:
    return (amount * 100).denominator == 1


def _amount(line: Any) -> Fraction:
    return _of(line, "CreditAmount") + _of(line, "DebitAmount")


def _rate_of(line: Any) -> Fraction:
    return _of(line.find(f"{NAMESPACE}Tax"), "TaxPercentage")


def _of(node: Any, name: str) -> Fraction:
    return Fraction(Decimal(_text(node, name) or "0"))


def _text(node: Any, name: str) -> str:
    return str(node.findtext(NAMESPACE + name) or "")
