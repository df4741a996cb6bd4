from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from fiscus.accounting import frozen, totals
from fiscus.accounting.frozen import FrozenItem
from fiscus.accounting.states import ItemStatus, JobEvent
from fiscus.accounting.tests.exporting import Exporter, a_line, an_entry
from fiscus.accounting.tests.test_frozen import CARD, COMPANY, ORGANIZATION, REVENUE, books
from fiscus.accounting.totals import ControlTotals
from fiscus.store.connect import reading

D = Decimal


@pytest.fixture
def exporter(engine: Engine) -> Exporter:
    return Exporter(engine)


def of_job(exporter: Exporter, job: object) -> ControlTotals:
    with reading(exporter.engine) as tx:
        return totals.of_job(tx, exporter.job(job))  # type: ignore[arg-type]


def an_item(gross: str, vat: str = "0.00", key: str = CARD, currency: str = "EUR") -> FrozenItem:
    entry = an_entry(COMPANY, ORGANIZATION, a_line(gross, vat, key), currency=currency)
    return frozen.freeze(entry, books())


def test_totals_add_up_by_account_and_by_tax_and_balance() -> None:
    found = totals.of_items(
        [
            (ItemStatus.SUCCESSFUL, an_item("-119.00", "-19.00", REVENUE)),
            (ItemStatus.SUCCESSFUL, an_item("-11.90", "-1.90", REVENUE)),
            (ItemStatus.SUCCESSFUL, an_item("130.90")),
        ]
    )

    (euro,) = found.currencies
    accounts = {one.account: (one.debit, one.credit, one.balance) for one in euro.accounts}
    assert accounts == {
        "1361": (D("130.90"), D("0.00"), D("130.90")),
        "1371": (D("130.90"), D("130.90"), D("0.00")),
        "8400": (D("0.00"), D("130.90"), D("-130.90")),
    }
    assert [one.name for one in euro.accounts] == ["Karten", "Verrechnung", "Erlöse 19 %"]
    assert euro.debit == euro.credit == D("261.80")
    assert [(one.code, one.percentage, one.net, one.vat) for one in euro.taxes] == [
        ("USt19", D(19), D("-110.00"), D("-20.90"))
    ]
    assert (euro.amount, euro.successful, euro.gap) == (D("0.00"), D("0.00"), D("0.00"))


def test_the_gap_is_what_failed_or_was_abandoned() -> None:
    found = totals.of_items(
        [
            (ItemStatus.SUCCESSFUL, an_item("-119.00", "-19.00", REVENUE)),
            (ItemStatus.FAILED, an_item("-7.00", "0.00", "unheard")),
            (ItemStatus.ABANDONED, an_item("-2.00")),
            (ItemStatus.PENDING, an_item("10.00")),
            (ItemStatus.IN_PROGRESS, an_item("5.00")),
        ]
    )

    (euro,) = found.currencies
    assert (euro.successful, euro.unfinished, euro.gap) == (D("-119.00"), D("15.00"), D("-9.00"))
    assert euro.amount == D("-113.00")
    assert found.items == 5
    assert set(found.by_status.values()) == {1}
    assert euro.accounts[0].account == totals.UNMAPPED
    assert euro.accounts[0].credit == D("7.00")


def test_each_currency_has_totals_of_its_own() -> None:
    found = totals.of_items(
        [(ItemStatus.PENDING, an_item("1.00", currency=one)) for one in ("EUR", "CHF", "EUR")]
    )

    assert [(one.currency, one.amount) for one in found.currencies] == [
        ("CHF", D("1.00")),
        ("EUR", D("2.00")),
    ]


def test_nothing_has_no_totals() -> None:
    found = totals.of_items([])

    assert (found.items, found.currencies) == (0, ())
    assert set(found.by_status) == set(ItemStatus)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(ItemStatus),
            st.integers(-(10**9), 10**9),
            st.sampled_from([CARD, REVENUE, "unheard"]),
        ),
        max_size=8,
    )
)
def test_debit_is_credit_and_the_parts_are_the_whole(
    said: list[tuple[ItemStatus, int, str]],
) -> None:
    found = totals.of_items(
        [(status, an_item(str(D(cents).scaleb(-2)), key=key)) for status, cents, key in said]
    )

    for one in found.currencies:
        assert one.debit == one.credit
        assert sum((each.balance for each in one.accounts), D("0.00")) == 0
        assert one.amount == one.successful + one.unfinished + one.gap
        assert one.amount == D(sum(cents for _, cents, _ in said)).scaleb(-2)
    assert found.items == len(said) == sum(found.by_status.values())


def test_the_totals_of_a_job_show_the_gap_of_what_has_no_account(exporter: Exporter) -> None:
    good, bad = exporter.entry(), exporter.entry(a_line("-7.00", "0.00", "case/Unheard/0"))
    job = exporter.starts([good, bad])
    exporter.sets(job, good, ItemStatus.SUCCESSFUL)

    found = of_job(exporter, job)
    (euro,) = found.currencies
    assert (euro.successful, euro.gap) == (D("-119.00"), D("-7.00"))
    assert found.by_status[ItemStatus.FAILED] == 1
    exporter.says(job, JobEvent.COMPLETED_WITH_ERRORS)
    assert of_job(exporter, job) == found


def test_a_job_whose_time_is_over_has_its_gap_before_anybody_notes_it(exporter: Exporter) -> None:
    job = exporter.starts([exporter.entry()])
    exporter.later(hours=2)

    found = of_job(exporter, job)

    assert found.currencies[0].gap == D("-119.00")
    exporter.expires()
    assert of_job(exporter, job) == found
