"""Moments, money and derived ids as the contract writes them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

Json = dict[str, Any]


def moment(at: datetime | None) -> str | None:
    """`2026-03-31T08:00:00Z`: UTC, whole seconds."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def midnight(day: date) -> str:
    """A day as the moment that parsers of RFC 3339 take: `2026-03-05T00:00:00Z`."""
    return f"{day.isoformat()}T00:00:00Z"


def minors(amount: Decimal) -> int:
    """Whole cents, exactly. Raises `ValueError` for what is none."""
    cents = amount.scaleb(2)
    whole = int(cents)
    if whole != cents:
        raise ValueError("an amount of the books is in whole cents")
    return whole


def fraction(percentage: Decimal) -> Decimal:
    """19 percent as 0.19, without a zero at its end."""
    rate = (percentage / 100).normalize()
    return rate if rate else Decimal(0)


def derived(company: str, kind: str, name: str) -> str:
    """An id for what the books know by name alone, the same each time: an account, a tax, a
    customer."""
    return str(uuid5(UUID(company), f"{kind}:{name}"))
