"""What the first page shows of a business day: what was sold at each location, by tax, by means of
payment and by hour, and whether each document has its signature. Only sums are read; what is not
in them yet is counted from the journal if there is little of it."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec
from sqlalchemy import Connection, func, select

from fiscus.console import document_search, document_totals
from fiscus.console.document_totals import SalesZone
from fiscus.console.documents_facts import DocumentSight, named
from fiscus.issuing.cutoffs import business_day
from fiscus.model.amounts import CENT
from fiscus.model.documents import PaymentMeans
from fiscus.model.places import Location
from fiscus.regimes import Regime
from fiscus.regimes import find as regime_of
from fiscus.store.schema import LOCATION, REGISTER, SALES_TOTAL, TAXPAYER

LOCATIONS_MAX = 200
"""So many locations are shown one by one; the sum is that of all."""

HOURS = 24
_HALF_HOUR = 30
_VOUCHERS = (
    PaymentMeans.CARD_GIFT,
    PaymentMeans.VOUCHER_SINGLE,
    PaymentMeans.VOUCHER_MULTIPLE,
)

Sums = dict[tuple[str, str], tuple[int, int, int]]
"""By what is added up and which of it: count, net and VAT in cents."""


class SoldGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A number of documents and what they come to."""

    count: int = 0
    gross: Decimal = Decimal(0)


class SoldTax(msgspec.Struct, frozen=True, kw_only=True):
    """Turnover under one rate. `code` is the law's, `category` what it stands for in plain words
    (`standard`, `reduced` …)."""

    code: str
    category: str
    percentage: Decimal
    net: Decimal
    vat: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


class SoldTender(msgspec.Struct, frozen=True, kw_only=True):
    """What customers paid by one means, in the callers' words; what is outstanding is none."""

    means: str
    amount: Decimal


class SoldDay(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold on a business day in one currency. `returns` holds what was taken back, also
    by cancellations, negative; `total` is sales, returns and exchanges together. `hours`: what each
    hour of the clock comes to. `signed`, `unsigned`, `unasked`: how many documents have the law's
    signature, lack it, or are under a law that asks for none."""

    currency: str
    sales: SoldGroup = SoldGroup()
    returns: SoldGroup = SoldGroup()
    exchanges: SoldGroup = SoldGroup()
    orders: SoldGroup = SoldGroup()
    voids: int = 0
    training: int = 0
    refused: int = 0
    taxes: tuple[SoldTax, ...] = ()
    tenders: tuple[SoldTender, ...] = ()
    hours: tuple[Decimal, ...] = ()
    signed: int = 0
    unsigned: int = 0
    unasked: int = 0

    @property
    def total(self) -> Decimal:
        return self.sales.gross + self.returns.gross + self.exchanges.gross

    @property
    def unpaid(self) -> Decimal:
        """What of the total no means of payment paid when it was sold: invoices, mostly. Negative:
        what was taken back and not given back yet, or paid above the total."""
        paid = sum((tender.amount for tender in self.tenders), Decimal(0))
        return self.total - paid

    @property
    def is_paid_by_voucher(self) -> bool:
        return any(tender.means in _VOUCHERS for tender in self.tenders)

    @property
    def vat(self) -> Decimal:
        return sum((tax.vat for tax in self.taxes), Decimal(0))

    @property
    def untaxed(self) -> Decimal:
        """What of the total is under no rate, such as vouchers and tips."""
        return self.total - sum((tax.gross for tax in self.taxes), Decimal(0))


class PlaceDay(msgspec.Struct, frozen=True, kw_only=True):
    """A location and its business day. `cut_off` is when the day begins (`HH:MM`, empty: at
    midnight), `hour` the first of the clock that mostly belongs to it."""

    location: str
    name: str
    timezone: str
    cut_off: str
    hour: int
    day: date
    sold: tuple[SoldDay, ...]


class TodayFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A business day of an organization. `behind`: so many entries of the journal are in no sum
    yet; `omitted`: so many locations have no part of their own."""

    is_today: bool
    day: date
    places: tuple[PlaceDay, ...]
    total: tuple[SoldDay, ...]
    behind: int
    omitted: int

    @property
    def yesterday(self) -> date:
        return self.day - timedelta(days=1)

    @property
    def tomorrow(self) -> date:
        return self.day + timedelta(days=1)


class _SellingPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A location as it is set now, and its law."""

    id: str
    name: str
    zone: SalesZone
    day: date
    law: Regime
    has_registers: bool


def facts(tx: Connection, sight: DocumentSight, at: datetime, on: date | None) -> TodayFacts:
    """The business day that goes on at `at`, at each location by its own clock, or the day `on`.
    Of days that the visitor may not see, the nearest that may be seen is shown."""
    shops = _shops(tx, sight.organization, at)
    # The head office, where nothing is sold, has no cut-off.
    selling = [shop for shop in shops if shop.has_registers] or shops
    today = min((shop.day for shop in selling), default=at.date())
    wanted = _within(on or today, sight)
    is_today = wanted == today
    days = {shop.id: shop.day if is_today else wanted for shop in shops}
    fresh = document_search.fresh(tx, sight.organization, sight.registers)
    found = _gathered(_stored(tx, sight, set(days.values())), days)
    for portion in fresh.portions:
        _add(found, portion.count.rows(), days, sight.registers)
    laws = {shop.id: shop.law for shop in shops}
    parts = [
        PlaceDay(
            location=shop.id,
            name=shop.name,
            timezone=shop.zone.timezone,
            cut_off=shop.zone.cut_off,
            hour=_first_hour(shop.zone.cut_off),
            day=days[shop.id],
            sold=_sold(found, laws, {shop.id}),
        )
        for shop in shops
    ]
    busy = [part for part in parts if part.sold]
    return TodayFacts(
        is_today=is_today,
        day=wanted,
        places=tuple(busy[:LOCATIONS_MAX]),
        total=_sold(found, laws, set(laws)),
        behind=0 if fresh.is_whole else fresh.entries,
        omitted=len(busy[LOCATIONS_MAX:]),
    )


def _first_hour(cut_off: str) -> int:
    """Of a day that begins at 23:59, midnight: the minute before is not worth a bar."""
    if not cut_off:
        return 0
    hour, _, minute = cut_off.partition(":")
    return (int(hour) + (int(minute) >= _HALF_HOUR)) % HOURS


def _within(day: date, sight: DocumentSight) -> date:
    if sight.first is not None and day < sight.first:
        return sight.first
    return sight.last if sight.last is not None and day > sight.last else day


def _shops(tx: Connection, organization: str, at: datetime) -> list[_SellingPlace]:
    """The organization's locations, by name."""
    its = select(REGISTER.c.id).where(REGISTER.c.location == LOCATION.c.id)
    query = (
        select(
            LOCATION.c.id,
            LOCATION.c.content,
            TAXPAYER.c.regime,
            its.exists().label("has_registers"),
        )
        .join(TAXPAYER, TAXPAYER.c.id == LOCATION.c.taxpayer)
        .where(LOCATION.c.organization == organization)
    )
    found = []
    for row in tx.execute(query):
        place, law = msgspec.json.decode(row.content, type=Location), regime_of(row.regime)
        zone = SalesZone.of(place, law)
        day = business_day(at, zone.timezone, zone.cut_off)
        name = named(row.content, row.id)
        has_registers = bool(row.has_registers)
        found.append(
            _SellingPlace(
                id=row.id, name=name, zone=zone, day=day, law=law, has_registers=has_registers
            )
        )
    return sorted(found, key=lambda shop: (shop.name.casefold(), shop.id))


_Found = defaultdict[tuple[str, str, int], Sums]
"""By location, currency and hour."""


def _stored(
    tx: Connection, sight: DocumentSight, days: Collection[date]
) -> Iterator[Mapping[str, object]]:
    row = SALES_TOTAL.c
    keys = (row.location, row.day, row.hour, row.about, row.key, row.currency)
    sums = [func.sum(row[name]).label(name) for name in ("count", "net", "vat")]
    query = select(*keys, *sums).where(
        row.organization == sight.organization,
        row.day.in_([day.isoformat() for day in days]),
    )
    if sight.registers:
        query = query.where(row.register.in_(list(sight.registers)))
    for found in tx.execute(query.group_by(*keys)):
        yield found._asdict()


def _gathered(rows: Iterator[Mapping[str, object]], days: Mapping[str, date]) -> _Found:
    found: _Found = defaultdict(dict)
    _add(found, rows, days, ())
    return found


def _add(
    found: _Found,
    rows: Iterator[Mapping[str, object]],
    days: Mapping[str, date],
    registers: Collection[str],
) -> None:
    for row in rows:
        location = str(row["location"])
        day = days.get(location)
        if day is None or row["day"] != day.isoformat():
            continue
        if registers and row["register"] not in registers:
            continue
        sums = found[location, str(row["currency"]), int(str(row["hour"]))]
        key = str(row["about"]), str(row["key"])
        before = sums.get(key, (0, 0, 0))
        more = (int(str(row[name])) for name in ("count", "net", "vat"))
        count, net, vat = (old + new for old, new in zip(before, more, strict=True))
        sums[key] = count, net, vat


def _sold(
    found: _Found, laws: Mapping[str, Regime], locations: Collection[str]
) -> tuple[SoldDay, ...]:
    """What these locations sold, by currency; the law of taxes is that of any of them: an
    organization is under one."""
    currencies = sorted({currency for place, currency, _ in found if place in locations})
    law = next((laws[place] for place, _, _ in found if place in locations), None)
    return tuple(_day(found, law, locations, currency) for currency in currencies)


def _day(found: _Found, law: Regime | None, locations: Collection[str], currency: str) -> SoldDay:
    whole: Sums = {}
    hours = [0] * HOURS
    for (place, other, hour), sums in found.items():
        if place not in locations or other != currency:
            continue
        for key, values in sums.items():
            before = whole.get(key, (0, 0, 0))
            count, net, vat = (old + new for old, new in zip(before, values, strict=True))
            whole[key] = count, net, vat
            if key[0] == document_totals.DOCUMENTS and key[1] in _TURNOVER:
                hours[hour] += values[1] + values[2]
    seals = document_totals.SEAL
    return SoldDay(
        currency=currency,
        sales=_group(whole, document_totals.SALES),
        returns=_group(whole, document_totals.RETURNS),
        exchanges=_group(whole, document_totals.EXCHANGES),
        orders=_group(whole, document_totals.ORDERS),
        voids=_group(whole, document_totals.VOIDS).count,
        training=_group(whole, document_totals.TRAINING).count,
        refused=_group(whole, document_totals.REFUSED).count,
        taxes=tuple(_taxes(whole, law)),
        tenders=tuple(_tenders(whole)),
        hours=tuple(cents * CENT for cents in hours),
        signed=whole.get((seals, document_totals.SIGNED), (0,))[0],
        unsigned=whole.get((seals, document_totals.UNSIGNED), (0,))[0],
        unasked=whole.get((seals, document_totals.NOT_ASKED), (0,))[0],
    )


_TURNOVER = (document_totals.SALES, document_totals.RETURNS, document_totals.EXCHANGES)


def _group(sums: Sums, which: str) -> SoldGroup:
    count, net, vat = sums.get((document_totals.DOCUMENTS, which), (0, 0, 0))
    return SoldGroup(count=count, gross=(net + vat) * CENT)


def _taxes(sums: Sums, law: Regime | None) -> Iterator[SoldTax]:
    found = []
    for (about, key), (_, net, vat) in sums.items():
        if about == document_totals.TAX:
            code, _, percentage = key.rpartition(" ")
            category = law.tax_category(code) if law else "other"
            found.append(
                SoldTax(
                    code=code,
                    category=category,
                    percentage=Decimal(percentage),
                    net=net * CENT,
                    vat=vat * CENT,
                )
            )
    yield from sorted(found, key=lambda tax: (-tax.percentage, tax.code))


def _tenders(sums: Sums) -> Iterator[SoldTender]:
    found = [
        SoldTender(means=key, amount=amount * CENT)
        for (about, key), (_, amount, _) in sums.items()
        if about == document_totals.TENDER and key != PaymentMeans.OUTSTANDING
    ]
    yield from sorted(found, key=lambda tender: (-tender.amount, tender.means))
