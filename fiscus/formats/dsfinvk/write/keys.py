"""Under which VAT key an amount stands in its closing: there a key has one rate, that of the day
on which it was made (annex 2). Who sold before a change of rates and closes after it has two."""

from datetime import date
from decimal import Decimal

import msgspec

from fiscus.model.closings import Closing
from fiscus.model.extracts import LineExtract
from fiscus.model.times import local
from fiscus.regimes.de import taxes


def rates_of(day: date) -> dict[int, Decimal]:
    """Every key of the law with its rate on that day."""
    return {
        row.key: percentage
        for row in taxes.KEYS
        for percentage in taxes.percentages(row.key, day, day)
    }


def day_of(closing: Closing) -> date:
    return local(closing.until, closing.timezone).date()


def is_changed(closing: Closing) -> bool:
    """Whether rates changed between its first document and its end."""
    first = local(closing.since, closing.timezone).date()
    return first != day_of(closing) and rates_of(first) != rates_of(day_of(closing))


def key_on(day: date, key: int, percentage: Decimal) -> int:
    """A rate of before goes on under a key of its own; one that has none keeps the key it had."""
    if key >= taxes.OWN_KEYS_FROM or percentage in taxes.percentages(key, day, day):
        return key
    return taxes.key(percentage, day) or key


def under_keys_of(day: date, parts: tuple[LineExtract, ...]) -> tuple[LineExtract, ...]:
    """The lines of a document under the keys of the day of its closing."""
    return tuple(
        msgspec.structs.replace(
            part, tax_code=str(key_on(day, int(part.tax_code), part.percentage))
        )
        for part in parts
    )
