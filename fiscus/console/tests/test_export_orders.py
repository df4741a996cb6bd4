"""Orders of files as they are typed."""

from datetime import date
from typing import Any

import pytest

from fiscus.console import export_orders
from fiscus.console.export_orders import TypedOrder
from fiscus.console.fields import FieldFault
from fiscus.exports import jobs, requests
from fiscus.model.faults import Code, Refused
from fiscus.model.times import Period

TODAY = date(2026, 11, 30)
TILL = "0198c0de-0000-7000-8000-000000000001"


def judged(law: str = "pt", today: date = TODAY, **said: str) -> Period | set[tuple[str, str]]:
    """The period of an order, or the fields with their codes that are wrong."""
    offered = export_orders.choices(law)
    order, faults = export_orders.judged(
        TypedOrder(**{"kind": "EXPORT", **said}), offered, {TILL}, today
    )
    assert (order is None) is bool(faults)
    return order.period if order else {(fault.field, fault.code) for fault in faults}


def one_span(span: str, text: str) -> dict[str, Any]:
    return {"span": span, span: text}


def test_each_law_offers_its_own_files() -> None:
    portuguese = {one.code: one for one in export_orders.choices("pt")}
    german = {one.code: one for one in export_orders.choices("de")}

    assert list(portuguese) == ["AUDIT", "EXPORT"]
    assert portuguese["AUDIT"].formats == (
        "the audit file of Portugal, SAF-T (PT), for any period",
    )
    assert set(german) == {"AUDIT", "EXPORT", "dsfinvk", "tse"}
    assert german["tse"].is_of_register
    assert german["dsfinvk"].is_of_register
    assert not german["AUDIT"].is_of_register


def test_a_law_that_prescribes_no_file_offers_the_package_of_the_journal_alone() -> None:
    assert [one.code for one in export_orders.choices("it")] == ["EXPORT"]


def test_a_month_is_whole_and_the_present_one_goes_up_to_today() -> None:
    assert judged(span="month", month="2026-02") == Period(
        first=date(2026, 2, 1), last=date(2026, 2, 28)
    )
    assert judged(span="month", month="2028-02", today=date(2028, 3, 1)) == Period(
        first=date(2028, 2, 1), last=date(2028, 2, 29)
    )
    assert judged(span="month", month="2026-11", today=date(2026, 11, 1)) == Period(
        first=date(2026, 11, 1), last=date(2026, 11, 1)
    )


def test_a_quarter_is_three_months_and_the_present_one_goes_up_to_today() -> None:
    assert judged(span="quarter", quarter="2026-Q1") == Period(
        first=date(2026, 1, 1), last=date(2026, 3, 31)
    )
    assert judged(span="quarter", quarter="2026-Q4") == Period(first=date(2026, 10, 1), last=TODAY)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        ("month", "2026-12"),
        ("month", "9999-12"),
        ("quarter", "2027-Q1"),
    ],
)
def test_what_has_not_begun_yet_is_refused_at_its_field(span: str, text: str) -> None:
    assert judged(**one_span(span, text)) == {(span, jobs.FUTURE_RANGE.id)}


@pytest.mark.parametrize(
    ("span", "text"),
    [
        ("month", ""),
        ("month", "2026-13"),
        ("month", "2026-00"),
        ("month", "0000-01"),
        ("month", "November"),
        ("month", "2026-1"),
        ("month", "٢٠٢٦-11"),
        ("quarter", ""),
        ("quarter", "2026-Q5"),
        ("quarter", "0000-Q1"),
        ("quarter", "2026-Q4 "),
    ],
)
def test_what_is_no_period_is_refused_at_its_field(span: str, text: str) -> None:
    assert judged(**one_span(span, text)) == {(span, "")}


def test_days_end_on_the_day_they_begin_or_later_and_not_after_today() -> None:
    assert judged(span="days", first="2026-11-30", last="2026-11-30") == Period(
        first=TODAY, last=TODAY
    )
    assert judged(span="days", first="2026-11-30", last="2026-11-29") == {
        ("last", jobs.BAD_RANGE.id)
    }
    assert judged(span="days", first="2026-11-30", last="2026-12-01") == {
        ("last", jobs.FUTURE_RANGE.id)
    }
    assert judged(span="days", first="2027-02-01", last="2027-01-01") == {
        ("last", jobs.FUTURE_RANGE.id),
        ("last", jobs.BAD_RANGE.id),
    }


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert judged("de", kind="tse", span="days", first="yesterday", last="2026-02-30") == {
        ("register", requests.NO_REGISTER.id),
        ("first", ""),
        ("last", ""),
    }
    assert judged(kind="", span="week") == {("kind", ""), ("span", "")}
    assert judged(kind="dsfinvk", span="month", month="2026-10") == {("kind", "")}


def test_a_register_must_be_one_that_is_offered_and_counts_only_where_one_is_meant() -> None:
    month: dict[str, Any] = {"span": "month", "month": "2026-10"}
    offered = export_orders.choices("de")

    assert judged("de", kind="dsfinvk", register="another", **month) == {("register", "")}
    said = TypedOrder(kind="dsfinvk", register=TILL, **month)
    one, _ = export_orders.judged(said, offered, {TILL}, TODAY)
    all_, _ = export_orders.judged(
        TypedOrder(kind="AUDIT", register=TILL, **month), offered, {TILL}, TODAY
    )
    assert one is not None
    assert all_ is not None
    assert (one.register, all_.register) == (TILL, "")


def test_an_empty_form_means_the_month_before() -> None:
    said = export_orders.empty(date(2026, 1, 15))

    assert (said.span, said.month, said.quarter) == ("month", "2025-12", "2025-Q4")
    assert (said.first, said.last) == ("2025-12-01", "2025-12-31")
    assert export_orders.quarters(date(2026, 1, 15))[:3] == ("2026-Q1", "2025-Q4", "2025-Q3")
    assert len(export_orders.quarters(TODAY)) == export_orders.QUARTERS_BACK


def test_what_was_typed_is_kept_as_it_is() -> None:
    form = {"kind": "tse", "first": " 2026-02-30 ", "csrf": "x"}

    assert export_orders.typed(form) == TypedOrder(kind="tse", first="2026-02-30")


def test_what_exports_refuse_is_told_at_a_field_or_goes_on_as_it_is() -> None:
    strange = Code("TEST-STRANGE-01", "something else")

    [fault] = export_orders.told(Refused(requests.NO_DEVICE, "register"))

    assert isinstance(fault, FieldFault)
    assert (fault.field, fault.code) == ("register", requests.NO_DEVICE.id)
    with pytest.raises(Refused):
        export_orders.told(Refused(strange))
