"""VAT keys (DSFinV-K, annex 2): which rate each stood for on which days, and where it is summed.

A key keeps its meaning and changes its rate; the rate it had before goes on under a key of its
own, so that a late correction can still name it.
"""

from datetime import date
from decimal import Decimal

import msgspec

OWN_KEYS_FROM = 1000
"""From here on keys belong to the taxpayer; below, all that are not listed are reserved."""

SLOTS = range(1, 6)
"""The places for amounts in the process data of a receipt."""

UNTAXED = 5
"""The key for what is not taxable, and the slot for all that bears no tax."""


class VatKey(msgspec.Struct, frozen=True, kw_only=True):
    """A VAT key of the DSFinV-K, its place in the process data, and its words."""

    key: int
    slot: int
    text: str


class KeyRate(msgspec.Struct, frozen=True, kw_only=True):
    """What a key stood for; both days are included, None is open."""

    key: int
    percentage: Decimal
    since: date | None = None
    until: date | None = None

    def holds(self, first: date, last: date) -> bool:
        """Whether the rate was in force on any day from `first` to `last`."""
        return (self.since is None or self.since <= last) and (
            self.until is None or first <= self.until
        )


KEYS = (
    VatKey(key=1, slot=1, text="Regelsteuersatz"),
    VatKey(key=2, slot=2, text="Ermäßigter Steuersatz"),
    VatKey(key=3, slot=3, text="Durchschnittssatz (§ 24 Abs. 1 Nr. 3 UStG)"),
    VatKey(key=4, slot=4, text="Durchschnittssatz (§ 24 Abs. 1 Nr. 1 UStG)"),
    VatKey(key=5, slot=5, text="Nicht steuerbar"),
    VatKey(key=6, slot=5, text="Umsatzsteuerfrei"),
    VatKey(key=7, slot=5, text="Umsatzsteuer nicht ermittelbar"),
    VatKey(key=8, slot=5, text="Nullsteuersatz (§ 12 Abs. 3 UStG)"),
    VatKey(key=11, slot=1, text="Regelsteuersatz bis 30.06.2020"),
    VatKey(key=12, slot=2, text="Ermäßigter Steuersatz bis 30.06.2020"),
    VatKey(key=13, slot=3, text="Durchschnittssatz (Nr. 3) bis 31.12.2021"),
    VatKey(key=21, slot=1, text="Regelsteuersatz bis 31.12.2020"),
    VatKey(key=22, slot=2, text="Ermäßigter Steuersatz bis 31.12.2020"),
    VatKey(key=23, slot=3, text="Durchschnittssatz (Nr. 3) bis 31.12.2022"),
    VatKey(key=33, slot=3, text="Durchschnittssatz (Nr. 3) bis 05.12.2024"),
    VatKey(key=43, slot=3, text="Durchschnittssatz (Nr. 3) bis 31.12.2024"),
)

RATES = (
    KeyRate(key=1, percentage=Decimal(19), until=date(2020, 6, 30)),
    KeyRate(key=1, percentage=Decimal(16), since=date(2020, 7, 1), until=date(2020, 12, 31)),
    KeyRate(key=1, percentage=Decimal(19), since=date(2021, 1, 1)),
    KeyRate(key=2, percentage=Decimal(7), until=date(2020, 6, 30)),
    KeyRate(key=2, percentage=Decimal(5), since=date(2020, 7, 1), until=date(2020, 12, 31)),
    KeyRate(key=2, percentage=Decimal(7), since=date(2021, 1, 1)),
    KeyRate(key=3, percentage=Decimal("10.7"), until=date(2021, 12, 31)),
    KeyRate(key=3, percentage=Decimal("9.5"), since=date(2022, 1, 1), until=date(2022, 12, 31)),
    KeyRate(key=3, percentage=Decimal(9), since=date(2023, 1, 1), until=date(2024, 12, 5)),
    KeyRate(key=3, percentage=Decimal("8.4"), since=date(2024, 12, 6), until=date(2024, 12, 31)),
    KeyRate(key=3, percentage=Decimal("7.8"), since=date(2025, 1, 1)),
    KeyRate(key=4, percentage=Decimal("5.5")),
    KeyRate(key=5, percentage=Decimal(0)),
    KeyRate(key=6, percentage=Decimal(0)),
    KeyRate(key=7, percentage=Decimal(0)),
    KeyRate(key=8, percentage=Decimal(0), since=date(2023, 1, 1)),
    KeyRate(key=11, percentage=Decimal(19), since=date(2020, 7, 1)),
    KeyRate(key=12, percentage=Decimal(7), since=date(2020, 7, 1)),
    KeyRate(key=13, percentage=Decimal("10.7"), since=date(2022, 1, 1)),
    KeyRate(key=21, percentage=Decimal(16), since=date(2021, 1, 1)),
    KeyRate(key=22, percentage=Decimal(5), since=date(2021, 1, 1)),
    KeyRate(key=23, percentage=Decimal("9.5"), since=date(2023, 1, 1)),
    KeyRate(key=33, percentage=Decimal(9), since=date(2024, 12, 6)),
    KeyRate(key=43, percentage=Decimal("8.4"), since=date(2025, 1, 1)),
)

_SLOTS = {row.key: row.slot for row in KEYS}


def slot(key: int, percentage: Decimal | None = None) -> int | None:
    """Where amounts under the key are summed; a key of the taxpayer's own goes by its rate.

    None if the key is reserved, or if no rate of the law was ever the one of an own key.
    """
    if key < OWN_KEYS_FROM:
        return _SLOTS.get(key)
    if percentage is not None and not percentage:
        return UNTAXED
    return next((_SLOTS[rate.key] for rate in RATES if rate.percentage == percentage), None)


def percentages(key: int, first: date, last: date) -> frozenset[Decimal]:
    """The rates a listed key may stand for in these days, both included."""
    return frozenset(
        rate.percentage for rate in RATES if rate.key == key and rate.holds(first, last)
    )


def key(percentage: Decimal, on: date) -> int | None:
    """The key that has this rate on the day of supply. Nothing is told about a rate of zero,
    because several keys share it."""
    if not percentage:
        return None
    return next(
        (rate.key for rate in RATES if rate.percentage == percentage and rate.holds(on, on)), None
    )
