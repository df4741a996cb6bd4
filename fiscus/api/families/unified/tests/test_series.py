"""Series over HTTP: registered ahead, listed, ended; the worker asks the authority."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fiscus.api.families.unified import translate
from fiscus.model.records import Series
from fiscus.registry.series import SeriesState, SeriesView
from tests.support import servers, words
from tests.support.premises import Premises, opened, set_up
from tests.support.till import Json, Till, envelope, logs, refusal

FIRST_DAY = "2026-11-16"


@pytest.fixture
def premises(tmp_path: Path, server: str) -> Iterator[Premises]:
    model = set_up(tmp_path / "model" / "data", server)
    with opened(model, tmp_path / "data") as found:
        yield found
    if model.database_url:
        servers.drop(model.database_url)


@pytest.fixture
def till(premises: Premises) -> Till:
    return premises.unit().opens_shop()


def wanted(till: Till, name: str = "AHEAD", **more: object) -> Json:
    return {
        "taxpayer": {"id": till.taxpayer},
        "location": {"id": till.location},
        "document_type": "FR",
        "name": name,
        **more,
    }


def one(till: Till, id_: str) -> Json:
    content: Json = till.page(f"/series/{id_}")["content"]
    return content


def test_a_series_is_registered_used_and_finished(premises: Premises, till: Till) -> None:
    made = till.made("/series", wanted(till))
    assert (made["state"], made["purpose"], made["starts_on"]) == ("WANTED", "NORMAL", FIRST_DAY)
    premises.work()
    there = one(till, made["id"])
    assert (there["state"], there["last_number"], there["registered_on"]) == (
        "ACTIVE",
        0,
        FIRST_DAY,
    )
    record = till.sells(words.receipt(series="AHEAD"))
    assert record["compliance"]["data"] == f"{there['validation_code']}-1"

    body = envelope({"state": "FINISHED"})
    ended = till.send("PATCH", f"/series/{made['id']}", body).json()["content"]
    assert (ended["state"], ended["last_told"]) == ("FINISHING", 1)
    assert ended["outstanding"]["message"].startswith("no answer to its end with number 1")
    refused = till.records(words.receipt(series="AHEAD"))
    assert "ISSUE-SERIES-09" in logs(refused)
    assert "AHEAD-2 is free" in logs(refused)
    premises.assert_proved()


def test_what_is_sent_twice_is_done_once(premises: Premises, till: Till) -> None:
    key = {"X-Idempotency-Key": "7ab1e6e5-6ba0-4b5e-bb5c-d2f9f8f0f3a1"}
    first, again = (
        till.send("POST", "/series", envelope(wanted(till)), headers=key) for _ in range(2)
    )
    assert first.json() == again.json()
    assert again.headers["X-Idempotency-Replayed"] == "true"
    assert till.made("/series", wanted(till))["id"] == first.json()["content"]["id"]


def test_series_are_listed_in_pages_and_filtered(premises: Premises, till: Till) -> None:
    for name in ("A", "B", "C"):
        till.made("/series", wanted(till, name))
    till.made("/series", wanted(till, "R", purpose="RECOVERY"))
    premises.work()
    till.made("/series", wanted(till, "D", document_type="FS"))

    first = till.page("/series?limit=3")
    assert len(first["results"]) == 3
    rest = till.page(first["pagination"]["next"])
    names = [each["content"]["name"] for page in (first, rest) for each in page["results"]]
    assert sorted(names) == ["A", "B", "C", "D", "R"]
    for query, expected in (
        ("state=WANTED", {"D"}),
        ("document_type=FS", {"D"}),
        (f"taxpayer_id={till.taxpayer}&state=ACTIVE", {"A", "B", "C", "R"}),
        (f"location_id={till.location}&document_type=FR", {"A", "B", "C", "R"}),
    ):
        found = till.page(f"/series?{query}")["results"]
        assert {each["content"]["name"] for each in found} == expected, query
    refusal(till.send("GET", "/series?state=active"), 400)
    refusal(till.send("GET", "/series?document_type=fr"), 400)


def test_all_that_is_wrong_is_said_at_once_at_its_place(premises: Premises, till: Till) -> None:
    wrong = wanted(till, "a b", starts_on="2026-11-15")
    message = till.send("POST", "/series", envelope(wrong)).json()["content"]["message"]
    assert "ISSUE-ADOPT-02" in message
    assert "ISSUE-AHEAD-02" in message
    assert "(content.document_type, content.name)" in message
    assert "(content.starts_on)" in message
    for body in (wanted(till, purpose="normal"), wanted(till, starts_on="2026-02-30")):
        refusal(till.send("POST", "/series", envelope(body)), 400)


def test_a_forbidden_end_is_refused_with_the_way_out(premises: Premises, till: Till) -> None:
    made = till.made("/series", wanted(till))
    path = f"/series/{made['id']}"
    for state, code in (("FINISHED", "ISSUE-END-03"), ("CANCELLED", "ISSUE-END-03")):
        answer = till.send("PATCH", path, envelope({"state": state}))
        refusal(answer, 422)
        assert code in answer.text
    premises.work()
    answer = till.send("PATCH", path, envelope({"state": "FINISHED"}))
    assert "ISSUE-END-04" in answer.text
    assert till.send("PATCH", path, envelope({"state": "CANCELLED"})).status_code == 200
    assert one(till, made["id"])["state"] == "CANCELLING"


def test_a_key_of_a_till_looks_and_changes_nothing(premises: Premises, till: Till) -> None:
    made = till.made("/series", wanted(till))
    key = till.made("/subjects", {"type": "API_KEY", "name": "till-1", "role": "till"})
    other = till.with_token(key["credentials"]["key"], key["credentials"]["secret"])
    assert other.page(f"/series/{made['id']}")["content"]["id"] == made["id"]
    refusal(other.send("POST", "/series", envelope(wanted(till, "B"))), 405)
    refusal(other.send("PATCH", f"/series/{made['id']}", envelope({"state": "CANCELLED"})), 405)


MORNING = datetime(2026, 5, 4, 8, tzinfo=UTC)


def test_what_is_not_known_of_a_series_is_left_out() -> None:
    bare = SeriesView(
        series=Series(id="one", taxpayer="two", document_type="FR", name="A"),
        state=SeriesState.ASKED,
        owner="pt:1",
        location="three",
        number=0,
        carried="",
        created_at=MORNING,
        asked_at=MORNING,
        starts_on=date(2026, 5, 5),
        held_until=None,
        said="silence",
        attempts=2,
    )
    assert translate.series(bare)["content"] == {
        "id": "one",
        "taxpayer": {"id": "two"},
        "location": {"id": "three"},
        "document_type": "FR",
        "name": "A",
        "purpose": "NORMAL",
        "state": "ASKED",
        "last_number": 0,
        "starts_on": "2026-05-05",
        "outstanding": {
            "since": "2026-05-04T08:00:00+00:00",
            "attempts": 2,
            "message": "no answer to its registration since 2026-05-04T08:00:00Z: silence",
        },
        "message": "silence",
        "created_at": "2026-05-04T08:00:00+00:00",
    }
