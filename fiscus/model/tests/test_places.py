"""Who sells: how the documents of a day are reported."""

from datetime import date

from fiscus.model.documents import Address
from fiscus.model.places import ReportingMode, ReportingTerm, Taxpayer

REALTIME, SAFT = ReportingMode.REALTIME, ReportingMode.SAFT


def test_what_counts_is_the_choice_that_stands_on_the_day() -> None:
    owner = Taxpayer(
        id="1",
        version=1,
        organization="1",
        regime="pt",
        legal_name="A",
        address=Address(street="Rua", number="1", code="1100-061", city="Lisboa", country="PT"),
        reporting=(
            ReportingTerm(mode=REALTIME, since=date(2026, 5, 1)),
            ReportingTerm(mode=SAFT, since=date(2026, 7, 1)),
        ),
    )

    days = [date(2026, 4, 30), date(2026, 5, 1), date(2026, 6, 30), date(2026, 7, 1)]

    assert [owner.reports(on) for on in days] == [SAFT, REALTIME, REALTIME, SAFT]
