"""The lines of an operation: one for each number, with a row for each VAT key under it."""

from decimal import Decimal

from fiscus.formats.dsfinvk.write import rows
from fiscus.model.amounts import five_decimals_half_up
from fiscus.model.extracts import LineExtract
from fiscus.model.records import AssessedPart

COUNTED_CASES = frozenset(
    {"Umsatz", "Pfand", "PfandRueckzahlung", "EinzweckgutscheinKauf", "MehrzweckgutscheinKauf"}
)
"""Cases that count goods. Taken back, their quantity is negative; elsewhere the price is."""

VOUCHER_CASES = frozenset(
    {
        "EinzweckgutscheinEinloesung",
        "EinzweckgutscheinKauf",
        "MehrzweckgutscheinEinloesung",
        "MehrzweckgutscheinKauf",
    }
)
"""Cases of a voucher: what tells one from the other is its number, it is no article."""

_ZERO = Decimal(0)


def lines(assessed: tuple[LineExtract, ...], terminal: str) -> tuple[rows.LineRow, ...]:
    """What was assessed under one number is one line with a row for each VAT key."""
    if len({part.number for part in assessed}) == len(assessed):
        return tuple([_line((part,), terminal) for part in assessed])
    parts: dict[int, list[LineExtract]] = {}
    for part in assessed:
        parts.setdefault(part.number, []).append(part)
    return tuple(_line(tuple(one), terminal) for one in parts.values())


def _line(parts: tuple[LineExtract, ...], terminal: str) -> rows.LineRow:
    first = parts[0]
    amounts = vat_amounts(parts)
    quantity, unit_gross = first.quantity, first.unit_gross
    is_voucher = first.case in VOUCHER_CASES
    if first.case in COUNTED_CASES:
        quantity = -quantity if first.is_debit else quantity
    elif quantity:
        unit_gross = sum((amount.gross for amount in amounts), _ZERO) / quantity
    return rows.LineRow(
        number=str(first.number),
        text=first.text,
        type=first.case,
        terminal=terminal,
        is_eaten_in=first.is_eaten_in,
        voucher=first.voucher or (first.product if is_voucher else ""),
        product="" if is_voucher else first.product,
        gtin=first.gtin,
        group_id=first.product_group,
        group=first.product_group_name,
        quantity=quantity,
        unit=first.measure,
        unit_gross=unit_gross,
        amounts=amounts,
        price_parts=_price_parts(parts),
        sub_items=tuple(_sub_item(part, one) for part in parts for one in part.parts),
    )


def _sub_item(line: LineExtract, part: AssessedPart) -> rows.SubItem:
    """With the sign of its line: what is taken back is negative."""
    sign = -1 if line.is_debit else 1
    return rows.SubItem(
        product=part.product,
        name=part.text,
        gtin=part.gtin,
        group_id=part.product_group,
        group=part.product_group_name,
        quantity=sign * part.quantity,
        vat_key=int(line.tax_code),
        gross=sign * (part.net + part.vat),
        net=sign * part.net,
        vat=sign * part.vat,
    )


def vat_amounts(parts: tuple[LineExtract, ...]) -> tuple[rows.VatAmount, ...]:
    """Summed by VAT key, debit lines subtracted. Lines are sealed with at most five decimals, so
    nothing is rounded here and the totals of the closing add up."""
    if len(parts) == 1:
        return (_vat_amount(parts[0]),)
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for part in parts:
        net, vat = sums.get(part.tax_code, (_ZERO, _ZERO))
        if part.is_debit:
            sums[part.tax_code] = net - part.net, vat - part.vat
        else:
            sums[part.tax_code] = net + part.net, vat + part.vat
    return tuple(
        rows.VatAmount(key=int(key), gross=net + vat, net=net, vat=vat)
        for key, (net, vat) in sums.items()
    )


def _vat_amount(part: LineExtract) -> rows.VatAmount:
    net, vat = (-part.net, -part.vat) if part.is_debit else (part.net, part.vat)
    return rows.VatAmount(key=int(part.tax_code), gross=net + vat, net=net, vat=vat)


def _price_parts(parts: tuple[LineExtract, ...]) -> tuple[rows.PricePart, ...]:
    """The price before the line's own discount, and the discount; a negative one is a surcharge.

    `discount` is gross. Of its VAT each part takes what the base leaves over, so that both
    together are the line to the last digit.
    """
    found = []
    for part in parts:
        if not part.discount:
            continue
        amount = _vat_amount(part)
        off = part.discount if part.is_debit else -part.discount
        off_net = five_decimals_half_up(off * 100 / (100 + part.percentage))
        word = "discount" if part.discount > 0 else "extra_amount"
        found.append(_part("base_amount", amount.key, amount.gross - off, amount.net - off_net))
        found.append(_part(word, amount.key, off, off_net))
    return tuple(found)


def _part(word: str, key: int, gross: Decimal, net: Decimal) -> rows.PricePart:
    return rows.PricePart(type=word, vat_key=key, gross=gross, net=net, vat=gross - net)
