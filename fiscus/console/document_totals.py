"""What was sold, added up by hour of a business day while documents are indexed.

A document counts as it counts in a closing (`fiscus/issuing/counting.py`), with one difference: a
cancelled document stays counted in its hour, and its cancellation counts with opposite amounts in
its own. So no sum that is there ever has to be found and changed, and the sums are the same however
many entries are read at once.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from fiscus.console.document_rows import DocumentMark, cents, marks_of
from fiscus.issuing.counting import CountedTotals, PeriodCount
from fiscus.issuing.cutoffs import business_day, is_cut_off
from fiscus.model.amounts import ZERO, plain
from fiscus.model.closings import ClosingGroup
from fiscus.model.documents import NO_TURNOVER
from fiscus.model.kinds import SEALED, EntryKind
from fiscus.model.places import Location
from fiscus.model.records import EntryBody
from fiscus.model.times import local
from fiscus.regimes import Regime
from fiscus.store.schema import SALES_TOTAL

DOCUMENTS, TAX, TENDER, SEAL = "documents", "tax", "tender", "seal"
"""What is added up: documents by sort, turnover by tax, payments by means, signatures."""

SIGNED, UNSIGNED, NOT_ASKED = "signed", "unsigned", "none"
"""Of `SEAL`: whether the law's signature is there; `NOT_ASKED`: the law asks for none."""

SALES, RETURNS, EXCHANGES, ORDERS = "sales", "returns", "exchanges", "orders"
VOIDS, TRAINING, REFUSED = "voids", "training", "refused"
"""Of `DOCUMENTS`: the groups of a closing; and how many were cancelled or given up, were practice,
or were refused."""

_NEVER = 2**62
"""A period that begins after all entries: what a cancellation takes back is never of it."""


class HourKey(NamedTuple):
    """An hour of a business day at a register, in one currency."""

    register: str
    day: str
    hour: int
    currency: str
    organization: str
    location: str


class SalesZone(NamedTuple):
    """The clock of a location: time zone (IANA) and cut-off (`HH:MM`, empty: midnight)."""

    timezone: str
    cut_off: str

    @classmethod
    def of(cls, place: Location, law: Regime) -> "SalesZone":
        """As they are set now; a cut-off that is no time of day counts as none."""
        return cls(law.timezone_of(place), place.cut_off if is_cut_off(place.cut_off) else "")

    def day(self, body: EntryBody) -> date:
        return business_day(body.at, self.timezone, self.cut_off)


class SalesCount:
    """Sums of the documents of one portion of a chain, by hour."""

    def __init__(self) -> None:
        self._periods: dict[HourKey, PeriodCount] = {}
        self._counts: dict[tuple[HourKey, str, str], int] = {}

    def add(self, kind: str, body: EntryBody, original: EntryBody | None, at: SalesZone) -> None:
        """The next entry of the chain. For a cancellation, `original` is what it cancels."""
        if kind == EntryKind.CLOSING or body.draft is None:
            return
        key = HourKey(
            body.register,
            at.day(body).isoformat(),
            local(body.at, at.timezone).hour,
            body.draft.currency,
            body.place.organization,
            body.place.location,
        )
        if kind == EntryKind.REFUSAL:
            self._one(key, DOCUMENTS, REFUSED)
            return
        assert kind in SEALED
        if body.draft.kind not in NO_TURNOVER and body.seal is not None:
            self._one(key, SEAL, _signature(kind, body))
        if body.draft.is_training:
            self._one(key, DOCUMENTS, TRAINING)
            return
        period = self._periods.get(key)
        if period is None:
            period = PeriodCount(register=body.register, first_sequence=_NEVER, counted_to=0)
            self._periods[key] = period
        period.add(kind, body, original)

    def _one(self, key: HourKey, about: str, which: str) -> None:
        place = (key, about, which)
        self._counts[place] = self._counts.get(place, 0) + 1

    def write(self, tx: Connection) -> None:
        """Add the sums to those that are there."""
        rows = [*self.rows()]
        if rows:
            add = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
            query = add(SALES_TOTAL)
            now, more = SALES_TOTAL.c, query.excluded
            sums = {name: now[name] + more[name] for name in ("count", "net", "vat")}
            tx.execute(query.on_conflict_do_update(index_elements=_KEYS, set_=sums), rows)

    def rows(self) -> Iterator[dict[str, object]]:
        """The sums by column, as they are added to what is there."""
        for (key, about, which), count in self._counts.items():
            yield _row(key, about, which, count, 0, 0)
        for key, period in self._periods.items():
            for about, which, count, net, vat in _sums(period.totals()):
                if count or net or vat:
                    yield _row(key, about, which, count, net, vat)


_KEYS = [column.name for column in SALES_TOTAL.primary_key]


def _signature(kind: str, body: EntryBody) -> str:
    marks = marks_of(kind, body)
    if marks & DocumentMark.UNSIGNED:
        return UNSIGNED
    return SIGNED if marks & DocumentMark.SIGNED else NOT_ASKED


def _row(key: HourKey, about: str, which: str, count: int, net: int, vat: int) -> dict[str, object]:
    return {**key._asdict(), "about": about, "key": which, "count": count, "net": net, "vat": vat}


def _sums(totals: CountedTotals) -> Iterator[tuple[str, str, int, int, int]]:
    groups = (
        (SALES, totals.sales),
        (RETURNS, totals.returns),
        (EXCHANGES, totals.exchanges),
        (ORDERS, totals.orders),
    )
    for name, group in groups:
        yield (DOCUMENTS, name, group.count, *_split(group))
    yield DOCUMENTS, VOIDS, totals.voids, 0, 0
    for tax in totals.taxes:
        which = f"{tax.tax_code} {plain(tax.percentage)}"
        yield TAX, which, 0, cents(tax.net), cents(tax.vat)
    for tender in totals.tenders:
        yield TENDER, tender.means.value, 0, cents(tender.amount), 0


def _split(group: ClosingGroup) -> tuple[int, int]:
    """Net and VAT of a group; what it comes to is their sum."""
    vat = cents(group.vat or ZERO)
    return cents(group.gross) - vat, vat
