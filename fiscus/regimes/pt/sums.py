"""What a document comes to, from the exact net values of its lines, rounded once.

The law wants more than two decimals in the computation (Despacho 8632/2014, 3.2.3), and whoever
reads the file adds up again: the net total is the sum of the lines, the VAT the sum of line times
rate, gross both together. Gross is what the buyer pays and never moves.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from fiscus.model.amounts import ZERO, cents_half_up, cents_that_add_up
from fiscus.model.documents import Draft, DraftLine, StatedTotals
from fiscus.model.faults import Code, Notice
from fiscus.model.records import AssessedLine, TaxShare
from fiscus.model.roundings import TaxedLine, exact_net, exact_vat, net_in, vat_in

CENT = Decimal("0.01")
HALF_CENT = Decimal("0.005")

LAW = "Despacho n.º 8632/2014, 3.2.3; CIVA, art. 36 (5) d"
OTHER_TOTALS = Code("PT-TOTAL-05", "the stated net and VAT are not those that were sealed")
PRINT_OURS = "Print the net value and the VAT of this document: the QR code and the SAF-T say them."


def taxed(lines: Iterable[DraftLine]) -> Iterator[TaxedLine]:
    """The lines as their rates see them. Rates are told apart by code, region and percentage."""
    for line in lines:
        vat = line.vat
        rate = ZERO if vat.is_exempt else vat.percentage
        yield TaxedLine((vat.code, vat.region, rate), rate, vat.inclusive, vat.amount)


def totals(draft: Draft) -> StatedTotals:
    """Net, VAT and gross in cents, as they are sealed: gross as the caller states it, VAT the
    exact one rounded once, net the rest. Half a cent goes where the caller put it."""
    gross, said = gross_total(draft), draft.totals
    exact = exact_vat(_fitted(list(taxed(draft.lines)), gross))
    vat = cents_half_up(exact)
    if said and said.amount == cents_half_up(said.amount) and abs(said.amount - exact) == HALF_CENT:
        vat = cents_half_up(said.amount)
    return StatedTotals(exclusive=gross - vat, amount=vat, inclusive=gross)


def gross_total(draft: Draft) -> Decimal:
    said = draft.totals
    return cents_half_up(
        said.inclusive if said else sum((x.vat.inclusive for x in draft.lines), ZERO)
    )


def gross_values(draft: Draft) -> tuple[Decimal, ...]:
    """What each line is worth with VAT, so that the exact values make up the rounded totals."""
    return tuple([x.gross for x in _fitted(list(taxed(draft.lines)), gross_total(draft))])


def rounded_gross(lines: Sequence[TaxedLine]) -> tuple[Decimal, ...]:
    """Which totals the gross values of the lines may make. In cents they add up; values with parts
    of a cent are rounded once, or where prices are net, net and VAT are."""
    whole = sum((line.gross for line in lines), ZERO)
    if whole == cents_half_up(whole):
        return (whole,)
    return whole, cents_half_up(whole), _from_net(lines)


def _fitted(lines: list[TaxedLine], gross: Decimal) -> list[TaxedLine]:
    """The lines, with what rounding took from their sum taken from the largest of them too: less
    than a cent, and nothing at all where the lines are in cents."""
    rest = gross - sum((line.gross for line in lines), ZERO)
    if not rest or abs(rest) >= CENT or _from_net(lines) == gross:
        return lines
    while rest:
        place = max(range(len(lines)), key=lambda i: lines[i].gross)
        if rest < 0 and lines[place].gross <= 0:
            break
        part = max(rest, -lines[place].gross)
        lines[place] = lines[place]._replace(gross=lines[place].gross + part)
        rest -= part
    return lines


def _from_net(lines: Sequence[TaxedLine]) -> Decimal:
    return cents_half_up(exact_net(lines)) + cents_half_up(exact_vat(lines))


def notices(said: StatedTotals | None, sums: StatedTotals) -> Iterator[Notice]:
    """A till that rounds line by line or rate by rate may state other cents than are sealed."""
    if said and any(
        abs(stated - sealed) > HALF_CENT
        for stated, sealed in ((said.amount, sums.amount), (said.exclusive, sums.exclusive))
    ):
        yield Notice(code=OTHER_TOTALS.id, text=OTHER_TOTALS.text, remedy=PRINT_OURS, law=LAW)


def tax_shares(lines: Sequence[AssessedLine], sums: StatedTotals) -> tuple[TaxShare, ...]:
    """Net and VAT of each tax in cents, at most a cent from the exact values, so that they add up
    to the totals; and for lines in cents, to the gross value of each tax."""
    gross: dict[tuple[str, str, str, Decimal], Decimal] = {}
    for line in lines:
        key = (line.region, line.tax_type, line.tax_code, line.percentage)
        gross[key] = gross.get(key, ZERO) + line.net + line.vat
    nets = [net_in(value, key[-1]) for key, value in gross.items()]
    vats = [vat_in(value, key[-1]) for key, value in gross.items()]
    return tuple(
        TaxShare(
            region=region, tax_type=type_, tax_code=code, percentage=percentage, net=net, vat=vat
        )
        for (region, type_, code, percentage), net, vat in zip(
            gross,
            cents_that_add_up(nets, sums.exclusive),
            cents_that_add_up(vats, sums.amount, is_last_first=True),
            strict=True,
        )
    )
