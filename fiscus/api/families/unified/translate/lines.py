"""What was sold as lines of a draft, in the words of any version; a group of items under several
taxes is a line under each. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from fiscus.api.families.unified.wire import entries, v2026_06_01
from fiscus.model.amounts import ZERO
from fiscus.model.documents import Direction, DraftLine, StatedVat
from fiscus.model.faults import Code, Refused
from fiscus.model.prices import TOLERANCE, is_net_of_price, is_priced

GROUP_DIFFERS = Code(
    "UNIFIED-GROUP-01",
    "the items of a group do not come to what the group comes to, in gross, VAT, discount or"
    " surcharge; state each item with all of its quantity, so that they make up the group",
)
ITEM_PRICE = Code(
    "UNIFIED-GROUP-02",
    "an item or a group is not its quantity times its price, with VAT, less its discount",
)

TEXT_MAX = 200
"""Names of items are added to a group's text as far as there is room."""

Entry = entries.Entry | v2026_06_01.Entry
Item = entries.Item | v2026_06_01.Item
Group = entries.Group | v2026_06_01.Group
Tax = tuple[str, bool, Decimal, str, str]
"""Code, whether it is an exemption, percentage, region, reason of an exemption."""


def lines(said: Sequence[Entry], place: str) -> tuple[DraftLine, ...]:
    """The lines of a document whose entries stand at that place of the body. Raises `Refused` with
    every group whose items contradict it."""
    found: list[DraftLine] = []
    differing: list[str] = []
    mispriced: list[str] = []
    for i, entry in enumerate(said):
        if isinstance(entry.data, Item):
            found.append(_line(entry, entry.data))
            continue
        here = f"{place}[{i}].data"
        whole = _line(entry, entry.data)
        items = [_at_home(_line(entry, item), whole.vat.region) for item in entry.data.items]
        taxes = list(dict.fromkeys(map(_tax, items)))
        differing += [f"{here}.{member}" for member in _differences(whole, items)]
        mispriced += [f"{here}.items[{j}].unit" for j, x in enumerate(items) if not _is_priced(x)]
        if taxes == [_tax(whole)]:
            found.append(whole)
            continue
        if not (is_priced(whole) and _is_net_of_items(whole, items)):
            mispriced.append(f"{here}.unit")
        found += _split(whole, items, taxes)
    if differing:
        raise Refused(GROUP_DIFFERS, *differing)
    if mispriced:
        raise Refused(ITEM_PRICE, *mispriced)
    return tuple(found)


def entry_of(index: int, said: Sequence[Mapping[str, Any]]) -> int:
    """Which of the entries, as JSON, made the line of that index."""
    for place, entry in enumerate(said):
        count = _count(entry.get("data", {}))
        if index < count:
            return place
        index -= count
    return len(said)


def _count(data: Mapping[str, Any]) -> int:
    items = data.get("items")
    if not items:
        return 1
    home = _region_said(data.get("vat", {}))
    return len({_tax_said(item.get("vat", {}), home) for item in items})


def _tax_said(vat: Mapping[str, Any], home: str) -> Tax:
    is_exempt = vat.get("type") == "VAT_EXEMPTION"
    percentage = ZERO if is_exempt else Decimal(vat.get("percentage", 0))
    reason = vat.get("reason", "")
    return vat.get("code", ""), is_exempt, percentage, _region_said(vat) or home, reason


def _region_said(vat: Mapping[str, Any]) -> str:
    place = vat.get("fiscal_location")
    return region_of(entries.FiscalLocation(**place)) if place else ""


def _tax(line: DraftLine) -> Tax:
    vat = line.vat
    return vat.code, vat.is_exempt, vat.percentage, vat.region, vat.reason


def _at_home(item: DraftLine, region: str) -> DraftLine:
    """An item that names no region is of its group's."""
    vat = msgspec.structs.replace(item.vat, region=item.vat.region or region)
    return msgspec.structs.replace(item, vat=vat)


def _is_priced(line: DraftLine) -> bool:
    return is_priced(line) and is_net_of_price(line)


def _is_net_of_items(whole: DraftLine, items: Sequence[DraftLine]) -> bool:
    """Of a group under several taxes the price without VAT is that of its items."""
    if whole.unit_net is None:
        return True
    net = sum((x.quantity * (x.unit_net or ZERO) for x in items), ZERO)
    return abs(whole.quantity * whole.unit_net - net) <= TOLERANCE * len(items)


def _differences(whole: DraftLine, items: Sequence[DraftLine]) -> Iterator[str]:
    """A discount or surcharge of the whole is that of its items."""
    sums = {
        "vat": whole.vat.inclusive - sum((x.vat.inclusive for x in items), ZERO),
        "vat.amount": whole.vat.amount - sum((x.vat.amount for x in items), ZERO),
        "vat.exclusive": whole.vat.exclusive - sum((x.vat.exclusive for x in items), ZERO),
    }
    if any(abs(each) > TOLERANCE for each in sums.values()):
        yield "items"
    if len({_tax(x) for x in (whole, *items)}) > 1:
        own = (
            whole.discount - sum((x.discount for x in items), ZERO),
            whole.surcharge - sum((x.surcharge for x in items), ZERO),
        )
        if any(abs(each) > TOLERANCE for each in own):
            yield "value"


def _split(
    whole: DraftLine, items: Sequence[DraftLine], taxes: Sequence[Tax]
) -> Iterator[DraftLine]:
    """A line under each tax: its items together, in the quantity of the group."""
    for tax in taxes:
        mine = [item for item in items if _tax(item) == tax]
        vat = msgspec.structs.replace(
            mine[0].vat,
            amount=sum((x.vat.amount for x in mine), ZERO),
            exclusive=sum((x.vat.exclusive for x in mine), ZERO),
            inclusive=sum((x.vat.inclusive for x in mine), ZERO),
        )
        discount = sum((x.discount for x in mine), ZERO)
        surcharge = sum((x.surcharge for x in mine), ZERO)
        worth = sum((x.quantity * x.unit_price for x in mine), ZERO)
        yield msgspec.structs.replace(
            whole,
            text=_text(whole.text, mine),
            unit_price=worth / whole.quantity if whole.quantity else worth,
            unit_net=None,
            vat=vat,
            discount=discount,
            surcharge=surcharge,
        )


def _text(text: str, items: Sequence[DraftLine]) -> str:
    named = f"{text}: {', '.join(item.text for item in items)}"
    if len(named) <= TEXT_MAX:
        return named
    vat = items[0].vat
    return f"{text} ({vat.code if vat.is_exempt else f'{vat.percentage.normalize():f} %'})"


def _line(entry: Entry, data: Item | Group) -> DraftLine:
    details, value, unit = entry.details, data.value, data.unit
    gross, net = _price(unit)
    product = data.product if isinstance(data, Item) else None
    return DraftLine(
        direction=Direction.RETURN if entry.type == "RETURN" else Direction.SALE,
        text=data.text,
        quantity=Decimal(unit.quantity),
        unit_price=gross,
        unit_net=net,
        vat=_vat(data.vat, value),
        number=details.number or "",
        measure=unit.measure or "",
        discount=Decimal(value.discount or 0),
        surcharge=Decimal(value.surcharge or 0),
        is_service=details.concept == "SERVICE",
        is_voucher=entry.type == "VOUCHER",
        is_gift=details.purpose == "GIFT",
        product=product.number if product else "",
        serial=(product.details.serial if product else None) or "",
    )


def _price(unit: entries.Unit | v2026_06_01.Unit) -> tuple[Decimal, Decimal | None]:
    """The price of one with VAT, and without it if the version says so."""
    if isinstance(unit, entries.Unit):
        return Decimal(unit.price), None
    return Decimal(unit.price.inclusive), Decimal(unit.price.exclusive)


def _vat(vat: entries.RatedVat | entries.ExemptVat, value: entries.EntryValue) -> StatedVat:
    """An exempt line states no amounts: its worth is the base, less discount, plus surcharge."""
    if isinstance(vat, entries.RatedVat):
        place = vat.fiscal_location
        return StatedVat(
            code=vat.code,
            percentage=Decimal(vat.percentage),
            amount=Decimal(vat.amount),
            exclusive=Decimal(vat.exclusive),
            inclusive=Decimal(vat.inclusive),
            region=region_of(place) if place else "",
        )
    worth = Decimal(value.base) - Decimal(value.discount or 0) + Decimal(value.surcharge or 0)
    return StatedVat(
        code=vat.code, is_exempt=True, exclusive=worth, inclusive=worth, reason=vat.reason or ""
    )


def region_of(place: entries.FiscalLocation) -> str:
    """A part of a country stands behind the country, unless it says so itself (`XX-AB`)."""
    if place.region is None or place.region.upper().startswith(f"{place.country}-"):
        return place.region or place.country
    return f"{place.country}-{place.region}"
