"""The first page: what was sold on a day, and what stands in the way."""

import re
from datetime import date
from decimal import Decimal

import pytest

from fiscus.console import document_search
from fiscus.console.tests.conftest import Browser
from fiscus.console.tests.shelf import indexed
from fiscus.registry.roles import Role
from tests.support import words
from tests.support.till import Till


def shown(browser: Browser, query: str = "") -> str:
    answer = browser.get(f"/console/today{query}")
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


def test_what_was_sold_is_added_up(console: Browser, till: Till) -> None:
    till.sells(words.receipt())

    fresh = shown(console)
    indexed(console.premises.services.engine)

    assert shown(console) == fresh, "from the journal as from the sums"
    assert "<dt>Sales</dt><dd>1 sale, 2.46 €</dd>" in fresh
    assert "<dt>Together</dt><dd>2.46 €</dd>" in fresh
    assert '23% <span class="quiet">Standard rate</span>' in fresh
    assert "The document is signed." in fresh
    assert '<th scope="row">09:00</th><td class="num">2.46 €</td>' in fresh
    assert "Nothing stands" not in fresh


def test_a_cancelled_sale_is_taken_off(console: Browser, till: Till) -> None:
    sold = till.sells(words.receipt())
    till.records(words.cancellation(sold["id"]))

    page = shown(console)

    assert "<dt>Taken back and cancelled</dt><dd>1 time, -2.46 €</dd>" in page
    assert "<dt>Together</dt><dd>0.00 €</dd>" in page


def test_the_table_of_rates_adds_up_to_what_was_sold(console: Browser, till: Till) -> None:
    till.sells(words.receipt())

    page = shown(console)

    assert page.count('<th scope="row">Together</th>') == 2, "by rate, and by means of payment"
    sum_ = page.partition('<th scope="row">Together</th>')[2][:200]
    assert sum_.count("2.46 €") == 1
    assert "Without VAT" not in page, "nothing is"
    assert "Each bar is an hour of this day, from midnight" in page


def test_another_day_is_shown_with_ways_to_the_days_beside_it(console: Browser, till: Till) -> None:
    till.sells(words.receipt())
    indexed(console.premises.services.engine)
    console.premises.clock.move(days=1)
    console = console.as_(Role.MANAGER)

    assert "Nothing was sold on this day" in shown(console)
    page = shown(console, "?day=2026-11-16")
    assert "2.46 €" in page
    assert "What stands in the way" not in page
    for day in ("2026-11-15", "2026-11-17"):
        assert f'href="/console/today?day={day}"' in page
    assert "first=2026-11-16&amp;last=2026-11-16" in page
    assert 'day=2026-11-18"' not in shown(console), "tomorrow is not there"


def test_what_is_no_day_is_said_and_today_is_shown(console: Browser) -> None:
    page = shown(console, "?day=today%3Cb%3E")

    assert "This is no date" in page
    assert "<h1>Today, 16 Nov 2026</h1>" in page


def test_a_refused_document_is_counted_with_a_link(console: Browser, till: Till) -> None:
    till.concludes(words.receipt(payments=[{"type": "CASH", "details": {"amount": "1.00"}}]))

    for _ in range(2):
        page = shown(console)
        assert "1 refused" in page
        assert "status=refused" in page
        assert "Nothing was sold" not in page
        indexed(console.premises.services.engine)


def test_an_operation_that_is_not_concluded_is_open(console: Browser, till: Till) -> None:
    assert "not concluded" not in shown(console)
    till.intends()

    assert "1 operation begun in the last day and not concluded" in shown(console)
    console.premises.clock.move(days=2)
    assert "not concluded" not in shown(console.as_(Role.MANAGER))


def test_another_tenant_sees_none_of_it(console: Browser, till: Till) -> None:
    till.sells(words.receipt())
    till.intends()
    neighbour = console.premises.unit("Café do Lado")
    other = console.as_(Role.MANAGER, neighbour.organization)

    for _ in range(2):
        page = shown(other)
        assert "2.46 €" not in page
        assert "not concluded" not in page
        assert "Nothing was sold on this day" in page
        indexed(console.premises.services.engine)


def test_an_auditors_link_shows_its_days_and_nothing_of_now(console: Browser, till: Till) -> None:
    till.sells(words.receipt())
    indexed(console.premises.services.engine)
    console.premises.clock.move(days=1)
    till = till.with_token(*till.credentials)
    till.sells(words.receipt())
    till.sells(words.receipt())
    auditor = console.by_link(date(2026, 11, 16), date(2026, 11, 16))

    for query in ("", "?day=2026-11-16", "?day=2026-11-17", "?day=2026-11-01"):
        page = shown(auditor, query)
        assert "1 sale, 2.46 €" in page, query
        assert "What stands in the way" not in page
        assert "day=2026-11-15" not in page
        assert "day=2026-11-17" not in page
        is_outside = query in ("?day=2026-11-17", "?day=2026-11-01")
        assert ("Your link shows the days from" in page) == is_outside


def test_the_page_says_how_much_is_in_no_sum_yet(
    console: Browser, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.sells(words.receipt())
    monkeypatch.setattr(document_search, "FRESH_MAX", 1)

    assert "2 entries of the journal are in no sum yet" in shown(console)


def test_a_role_without_the_right_is_told(console: Browser) -> None:
    assert console.as_(Role.CONNECTOR).get("/console/today").status_code == 403
    assert console.as_(Role.TILL).get("/console/today").status_code == 200


def test_what_is_not_paid_yet_makes_the_payments_add_up(console: Browser, till: Till) -> None:
    till.sells(words.receipt())
    assert "Not paid when it was sold" not in shown(console)
    invoice = till.sells(words.invoice())

    page = shown(console)

    assert "Not paid when it was sold (invoices)</a>" in page
    assert "kind=invoice" in page
    payments = page.partition("By means of payment")[2].partition("</table>")[0]
    amounts = [Decimal(one) for one in re.findall(r">([-0-9.]+) €<", payments)]
    assert sum(amounts[:-1]) == amounts[-1] == Decimal("2.46") + Decimal(words.qr(invoice)["O"])
