"""The first page of a merchant: what was sold on a business day, and what stands in the way."""

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.responses import Response

from fiscus.console import charts, rendering, today_facts, today_hindrances
from fiscus.console.charts import ChartBar
from fiscus.console.pages.documents import sight
from fiscus.console.today_facts import HOURS, SoldDay, TodayFacts
from fiscus.console.visit import N_, Page, Visit
from fiscus.model.documents import PaymentMeans
from fiscus.registry.roles import Scope

PATH = "/console/today"

MEANS: Mapping[str, str] = {
    PaymentMeans.CASH: N_("Cash"),
    PaymentMeans.CARD_CREDIT: N_("Credit card"),
    PaymentMeans.CARD_DEBIT: N_("Debit card"),
    PaymentMeans.CARD_PREPAID: N_("Prepaid card"),
    PaymentMeans.CARD_GIFT: N_("Gift card"),
    PaymentMeans.CARD_TICKET: N_("Meal card"),
    PaymentMeans.ONLINE: N_("Online payment"),
    PaymentMeans.TRANSFER: N_("Bank transfer"),
    PaymentMeans.VOUCHER_SINGLE: N_("Voucher for one kind of goods"),
    PaymentMeans.VOUCHER_MULTIPLE: N_("Voucher for anything"),
    PaymentMeans.OTHER: N_("Other means"),
    PaymentMeans.OUTSTANDING: N_("Not paid yet"),
}

CATEGORIES: Mapping[str, str] = {
    "standard": N_("Standard rate"),
    "reduced": N_("Reduced rate"),
    "intermediate": N_("Intermediate rate"),
    "average": N_("Average rate"),
    "zero": N_("Zero rate"),
    "exempt": N_("Exempt"),
    "not_taxable": N_("Not taxable"),
    "undetermined": N_("Tax not determined"),
    "other": N_("Other"),
}
"""What the laws' tax codes stand for."""

EVERY_HOURS = 3
"""Only so many bars have their hour written below, to be read on a phone as well."""


def show(visit: Visit) -> Response:
    said = visit.query.get("day", "")
    seen = sight(visit)
    with visit.reading() as tx:
        found = today_facts.facts(tx, seen, visit.at, _day(said))
        is_now = found.is_today and seen.first is None and seen.last is None
        hindrances = today_hindrances.read(tx, seen, visit.at) if is_now else None
    return visit.render(
        "today.html",
        found=found,
        hindrances=hindrances,
        is_outside=_day(said) not in (None, found.day),
        is_wrong=bool(said) and _day(said) is None,
        chart=lambda sold, hour: _chart(visit, sold, hour),
        first=min(found.places, key=lambda place: place.hour, default=None),
        documents=lambda **more: _documents(found, more),
        means=MEANS,
        categories=CATEGORIES,
        path=PATH,
        tomorrow=_later(found, seen.last, is_now=found.is_today),
        yesterday=_earlier(found, seen.first),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _later(found: TodayFacts, last: date | None, *, is_now: bool) -> str:
    """The address of the next day; empty where there is none to be seen."""
    if is_now or (last is not None and found.tomorrow > last):
        return ""
    return f"{PATH}?day={found.tomorrow.isoformat()}"


def _earlier(found: TodayFacts, first: date | None) -> str:
    if first is not None and found.yesterday < first:
        return ""
    return f"{PATH}?day={found.yesterday.isoformat()}"


def _documents(found: TodayFacts, more: Mapping[str, str]) -> str:
    """The list of the day's documents, narrowed further."""
    day = found.day.isoformat()
    return "/console/documents?" + urlencode({"first": day, "last": day, **more})


def _chart(visit: Visit, sold: SoldDay, first: int) -> Markup:
    """The hours of a business day, from the one at which it begins."""
    bars = []
    for place in range(HOURS):
        hour = (first + place) % HOURS
        amount = rendering.amount(visit.language, sold.hours[hour], sold.currency)
        label = str(hour) if place % EVERY_HOURS == 0 else ""
        bars.append(ChartBar(value=sold.hours[hour], label=label, title=f"{hour:02}:00: {amount}"))
    return charts.bars(bars, name=visit.text(N_("What each hour came to")))


PAGES = (Page(name="today", path=PATH, scope=Scope.DOCUMENTS, show=show, tab=N_("Today")),)
