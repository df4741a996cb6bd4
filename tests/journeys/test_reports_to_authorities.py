"""A shop in Lisbon whose documents are told to the tax authority when they are issued."""

from collections.abc import Callable
from functools import partial

import pytest
from prometheus_client.parser import text_string_to_metric_families

from fiscus.api.ops import health
from fiscus.channels import Answer, ObligationReport, Remedy
from fiscus.reporting.tests.authority import YES, refused
from tests.support import telling, words
from tests.support.premises import Premises
from tests.support.till import Json, Till, envelope, refusal

REASON = {"reason": "issued to the wrong customer"}
Tell = Callable[[Callable[[ObligationReport], Answer]], None]


@pytest.fixture
def tell(premises: Premises) -> Tell:
    return partial(telling.tell, premises)


@pytest.fixture
def till(till: Till) -> Till:
    till.changed(f"/taxpayers/{till.taxpayer}", {}, {"reporting": "realtime"})
    return till


def reports(till: Till, query: str = "") -> list[Json]:
    return till.listed(f"/taxpayers/{till.taxpayer}/reports{query}")


def test_a_sale_is_told_and_the_record_says_how_it_stands(till: Till, tell: Tell) -> None:
    sold = till.sells(words.receipt())
    record = till.get(f"/records/{sold['id']}")
    assert [(one["type"], one["state"]) for one in record["reports"]] == [("DOCUMENT", "PENDING")]

    tell(lambda report: YES)

    [report] = reports(till)
    assert report["record"] == {"id": sold["id"]}
    assert report["answer"]["code"] == "0"
    assert "remedy" not in report
    assert till.get(f"/records/{sold['id']}")["reports"][0]["state"] == "ACCEPTED"


def test_a_cancellation_shows_what_is_told_of_it_as_its_document_does(
    till: Till, tell: Tell
) -> None:
    sold = till.sells(words.receipt())
    void = till.sells(words.cancellation(sold["id"]))

    def shown(record: Json) -> list[tuple[str, str]]:
        told = till.get(f"/records/{record['id']}")["reports"]
        return [(one["type"], one["state"]) for one in told]

    assert shown(void) == [("STATUS", "PENDING")]
    tell(lambda report: YES)

    assert shown(void) == [("STATUS", "ACCEPTED")]
    assert shown(sold) == [("DOCUMENT", "ACCEPTED"), ("STATUS", "ACCEPTED")]


def test_what_was_refused_says_what_helps_and_is_told_again(
    premises: Premises, till: Till, tell: Tell
) -> None:
    till.sells(words.receipt())
    tell(lambda report: refused("-8"))

    [report] = reports(till, "?state=REFUSED")
    assert (report["answer"]["code"], report["remedy"]["type"]) == ("-8", "DATA")
    assert any("refused: 1" in one for one in health.health(premises.services)["problems"])
    path = f"/taxpayers/{till.taxpayer}/reports/{report['id']}"
    again = till.send("POST", f"{path}/retry")
    assert (again.status_code, again.json()["content"]["state"]) == (200, "PENDING")
    tell(lambda report: YES)

    assert till.get(path)["state"] == "ACCEPTED"
    assert "REPORT-STATE-01" in refusal(till.send("POST", f"{path}/retry"), 405)
    assert health.health(premises.services)["problems"] == []
    premises.assert_proved()


def test_a_document_is_forgotten_with_a_reason(till: Till, tell: Tell) -> None:
    till.sells(words.receipt())
    tell(lambda report: YES)
    [report] = reports(till)
    path = f"/taxpayers/{till.taxpayer}/reports/{report['id']}/deletion"
    refusal(till.send("POST", path, envelope({"reason": "short"})), 400)
    spaces = till.send("POST", path, envelope({"reason": " " * 12}))
    assert "content.reason" in refusal(spaces, 422)

    made = till.made(path, REASON)

    assert (made["type"], made["state"], made["reason"]) == (
        "DELETION",
        "PENDING",
        REASON["reason"],
    )
    assert "REPORT-STATE-03" in refusal(till.send("POST", path, envelope(REASON)), 405)
    tell(lambda report: YES)
    assert [one["state"] for one in reports(till)] == ["DELETED", "ACCEPTED"]


def test_reports_are_found_by_series_and_month_in_pages(till: Till, tell: Tell) -> None:
    for number in range(3):
        till.sells(words.receipt(number=str(number + 1)))
    till.sells(words.receipt(series="OTHER"))

    assert len(reports(till, "?series=OTHER")) == 1
    assert len(reports(till, "?period=2026-11")) == 4
    assert reports(till, "?period=2026-10") == []
    pages = list(till.pages(f"/taxpayers/{till.taxpayer}/reports?limit=3&period=2026-11"))
    assert [len(page["results"]) for page in pages] == [3, 1]
    for query in ("state=GONE", "period=2026-13", "period=0000-01", "series="):
        refusal(till.send("GET", f"/taxpayers/{till.taxpayer}/reports?{query}"), 400)


def test_the_choice_is_one_of_two_words_and_only_where_the_law_has_it(premises: Premises) -> None:
    lisbon = premises.unit("A")
    lisbon.opens_shop()
    place = f"/taxpayers/{lisbon.taxpayer}"
    wrong = lisbon.send("PATCH", place, envelope({}, {"reporting": "weekly"}))
    assert "REPORT-CHOICE-01" in (said := refusal(wrong, 422))
    assert "metadata.reporting" in said
    roma = premises.unit("B")
    roma.opens_shop(words.italian())
    place = f"/taxpayers/{roma.taxpayer}"
    wrong = roma.send("PATCH", place, envelope({}, {"reporting": "realtime"}))
    assert "REPORT-CHOICE-02" in refusal(wrong, 422)
    roma.changed(place, {}, {"reporting": "as the boss likes"})


def test_a_new_taxpayer_may_say_it_at_once_and_an_edit_of_its_data_keeps_it(
    premises: Premises, tell: Tell
) -> None:
    till = premises.unit()
    what = words.taxpayer(fiscalization=words.fiscalization(till.nif))
    wrong = till.send("POST", "/taxpayers", envelope(what, {"reporting": "weekly"}))
    assert "REPORT-CHOICE-01" in refusal(wrong, 422)
    till.taxpayer = till.made("/taxpayers", what, {"reporting": "realtime"})["id"]
    till.location = till.made("/locations", words.branch(till.taxpayer))["id"]
    till.system = till.made("/systems", words.device(till.location))["id"]
    for path in till.places():
        till.changed(path, {"state": "COMMISSIONED"})
    place = f"/taxpayers/{till.taxpayer}"
    till.changed(place, {"mode": "SUSPENDED"})
    till.changed(place, {"name": {"legal": "Nova, Lda.", "trade": "Nova"}})
    till.changed(place, {"mode": "OPERATIVE"})

    till.sells(words.receipt())

    assert [one["state"] for one in reports(till)] == ["PENDING"]


def test_who_is_not_let_in_is_told_to_the_operator(
    premises: Premises, till: Till, tell: Tell
) -> None:
    till.sells(words.receipt())
    tell(lambda report: refused("-1", Remedy.ACCESS))

    problems = health.health(premises.services)["problems"]

    assert any("pause since" in one and "erro -1" in one for one in problems)
    samples = {
        sample.name: sample.value
        for family in text_string_to_metric_families(premises.http.get("/metrics").text)
        for sample in family.samples
    }
    assert samples["fiscus_reports_paused_taxpayers"] == 1
    assert samples["fiscus_reports_refused"] == 1
    credentials = words.fiscalization(till.nif, password="another")["credentials"]
    changed = {"fiscalization": {**words.fiscalization(till.nif), "credentials": credentials}}
    place = f"/taxpayers/{till.taxpayer}"
    for content in ({"mode": "SUSPENDED"}, changed, {"mode": "OPERATIVE"}):
        till.changed(place, content)
    tell(lambda report: YES)
    assert [one["state"] for one in reports(till)] == ["ACCEPTED"]


def test_what_waits_for_more_than_an_hour_is_told_to_the_operator(
    premises: Premises, till: Till
) -> None:
    till.sells(words.receipt())
    assert health.health(premises.services)["problems"] == []

    premises.clock.move(minutes=61)

    assert any("1 reports" in one for one in health.health(premises.services)["problems"])
