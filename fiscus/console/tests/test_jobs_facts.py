"""Days of a report, as they are typed and as a link allows them."""

from datetime import date, timedelta

from fiscus.console import jobs_facts

FIRST = date(2026, 1, 1)


def test_a_report_is_about_400_days_at_most() -> None:
    last = FIRST + timedelta(days=jobs_facts.DAYS_MAX - 1)
    more = last + timedelta(days=1)

    assert jobs_facts.period(FIRST.isoformat(), last.isoformat()) == ((FIRST, last), ())
    found, [fault] = jobs_facts.period(FIRST.isoformat(), more.isoformat())
    assert (found, fault.field) == (None, "last")


def test_days_outside_a_link_are_told_at_their_fields() -> None:
    def wrong(first: date, last: date) -> list[str]:
        within = jobs_facts.within(first, last, FIRST, FIRST + timedelta(days=9))
        return [fault.field for fault in within]

    day = timedelta(days=1)
    assert wrong(FIRST, FIRST + 9 * day) == []
    assert wrong(FIRST - day, FIRST + 10 * day) == ["first", "last"]
    assert wrong(FIRST - day, FIRST) == ["first"]
    assert jobs_facts.within(FIRST - day, FIRST, None, None) == ()
