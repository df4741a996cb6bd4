"""A shop in Lisbon that hands in a file each month, and the months that nobody thought of."""

from dataclasses import replace

from prometheus_client.parser import text_string_to_metric_families

from fiscus.api.ops import health
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Json, Till, envelope, logs, refusal

FILE = {"type": "FILE", "reference": "1234567"}
NONE = {"type": "NO_INVOICING"}


def path(till: Till, month: str = "") -> str:
    place = f"/taxpayers/{till.taxpayer}/months"
    return f"{place}/{month}/declaration" if month else place


def months(till: Till, query: str = "") -> list[Json]:
    return till.listed(path(till) + query)


def later(premises: Premises, till: Till, days: int) -> Till:
    """So much later, with a token that is good then."""
    premises.clock.move(days=days)
    return replace(till, bearer=till.with_token(*till.credentials).bearer)


def problems(premises: Premises) -> list[str]:
    """A minute later: so long the counts are kept."""
    premises.clock.move(minutes=1)
    return [one for one in health.health(premises.services)["problems"] if "months" in one]


def metric(premises: Premises, name: str) -> float:
    [value] = [
        sample.value
        for family in text_string_to_metric_families(premises.http.get("/metrics").text)
        for sample in family.samples
        if sample.name == name
    ]
    return value


def test_a_month_is_due_then_done_and_opened_by_a_late_document(
    premises: Premises, till: Till
) -> None:
    sold = till.sells(words.receipt())
    assert months(till) == []
    early = refusal(till.send("POST", path(till, "2026-11"), envelope(NONE)), 422)
    assert "REPORT-MONTH-02" in early
    assert "REPORT-MONTH-04" in early
    assert "content.type" in early

    till = later(premises, till, 16)
    [month] = months(till)
    assert (month["month"], month["state"], month["due"]) == ("2026-11", "FILE_DUE", "2026-12-05")
    assert "POST /files with type AUDIT and range from 2026-11-01 to 2026-11-30" in month["remedy"]
    assert problems(premises) == [
        "months to be reported or declared, the first by 2026-12-05: 1 (fiscus reporting months)"
    ]
    assert metric(premises, "fiscus_reporting_months_due") == 1

    done = till.made(path(till, "2026-11"), FILE)

    assert (done["state"], done["declaration"]["reference"]) == ("DONE", "1234567")
    assert problems(premises) == []
    again = till.send("POST", path(till, "2026-11"), envelope(FILE))
    assert "REPORT-MONTH-06" in refusal(again, 405)
    void = till.records(words.cancellation(sold["id"]))
    assert "PT-VOID-04" in logs(void)
    till.sells(words.receipt(head={"issued_at": "2026-11-30T12:00:00+00:00"}))
    [month] = months(till, "?state=FILE_DUE")
    assert (month["reopened"], month["came_since"]) == (True, 1)
    premises.assert_proved()


def test_after_the_fifth_a_month_is_overdue(premises: Premises, till: Till) -> None:
    till = later(premises, till, 20)

    [month] = months(till, "?overdue=")

    assert (month["state"], month["overdue"]) == ("NO_INVOICING", True)
    assert "Portal" in month["remedy"]
    assert "overdue, the oldest since 2026-12-05: 1" in problems(premises)[0]
    assert metric(premises, "fiscus_reporting_months_overdue") == 1
    till.made(path(till, "2026-11"), NONE)
    assert problems(premises) == []


def test_months_are_found_by_year_in_pages(premises: Premises, till: Till) -> None:
    till = later(premises, till, 120)

    assert [one["month"] for one in months(till, "?year=2026")] == ["2026-11", "2026-12"]
    pages = list(till.pages(f"{path(till)}?limit=2&overdue="))
    assert [[one["content"]["month"] for one in page["results"]] for page in pages] == [
        ["2026-11", "2026-12"],
        ["2027-01", "2027-02"],
    ]
    for query in ("state=GONE", "year=26", "overdue=yes"):
        refusal(till.send("GET", f"{path(till)}?{query}"), 400)
    for month in ("2026-13", "9999-12", "0000-01", "x"):
        refusal(till.send("POST", path(till, month), envelope(NONE)), 400)
    refusal(till.send("POST", path(till, "2026-11"), envelope({"type": "TWICE"})), 400)
