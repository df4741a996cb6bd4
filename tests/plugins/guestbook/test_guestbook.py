"""A family of another package is served, counted, bounded and described like our own."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from fiscus.api import families
from fiscus.api.families.reporting.tests.caller import refusal
from tests.plugins.loaded import loaded
from tests.support.premises import Model, Premises, opened

GUESTBOOK = ("fiscus.api.families", "tests.plugins.guestbook")
GUEST = {"X-Guest": "g-1"}


@pytest.fixture
def premises(model: Model, tmp_path: Path) -> Iterator[Premises]:
    with loaded(tmp_path, GUESTBOOK), opened(model, tmp_path / "data") as found:
        yield found


def signs(premises: Premises, name: str = "Ada", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return premises.http.post("/v1/guestbook", json={"name": name}, headers=GUEST | named)


def answers(premises: Premises, operation: str, status: int) -> float:
    line = f'fiscus_answers_total{{family="guestbook",operation="{operation}",status="{status}"}} '
    text = premises.http.get("/metrics").text
    return sum(float(one.removeprefix(line)) for one in text.splitlines() if one.startswith(line))


def test_it_is_served_in_its_own_words(premises: Premises) -> None:
    answer = signs(premises)

    assert (answer.status_code, answer.json()["guest"]) == (201, "Ada")
    assert answer.headers["X-Guestbook"] == "first"
    assert premises.http.post("/v1/guestbook", json={}, headers=GUEST).json() == {
        "sorry": "GUESTBOOK-BODY-01"
    }


def test_an_answer_under_a_key_is_given_again(premises: Premises) -> None:
    key = str(uuid4())
    first = signs(premises, X_Once=key)
    premises.clock.move(seconds=5)
    again = signs(premises, X_Once=key)

    assert again.content == first.content
    assert (first.headers["X-Guestbook"], again.headers["X-Guestbook"]) == ("first", "again")


def test_what_is_not_there_is_told_by_whom_the_address_belongs_to(premises: Premises) -> None:
    own = premises.http.get("/v1/guestbook/a/b")
    other = premises.http.get("/v1/guestbooks")
    nobodys = premises.http.get("/guestbook")

    assert (own.status_code, own.json()) == (418, {"sorry": "GUESTBOOK-PATH-01"})
    refusal(other, 404, "not_found")
    assert nobodys.json()["content"]["status"] == 404


@pytest.mark.parametrize("key", ["", "k-1"])
def test_who_loses_a_race_is_told_to_come_again(premises: Premises, key: str) -> None:
    answer = signs(premises, "Doppelgänger", X_Once=key)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"


def test_what_breaks_is_an_answer_and_is_counted(premises: Premises) -> None:
    before = answers(premises, "count", 500)
    answer = premises.http.get("/v1/guestbook/g-2", headers=GUEST)
    premises.clock.move(seconds=2)

    assert (answer.status_code, answer.json()) == (500, {"sorry": "GUESTBOOK-ANSWER-01"})
    assert answers(premises, "count", 500) == before + 1


def test_a_parameter_that_is_said_twice_is_refused(premises: Premises) -> None:
    answer = premises.http.get("/v1/guestbook/g-2?a=1&a=1", headers=GUEST)

    assert answer.json() == {"sorry": "GUESTBOOK-QUERY-01"}


def test_its_guests_are_limited_one_by_one(model: Model, tmp_path: Path) -> None:
    with (
        loaded(tmp_path, GUESTBOOK),
        opened(model, tmp_path / "data", rate_limit_per_second=2) as premises,
    ):
        one = [signs(premises).status_code for _ in range(3)]
        strangers = [premises.http.post("/v1/guestbook").json() for _ in range(3)]
        other = signs(premises, X_Guest="g-2")

    assert one == [201, 201, 503]
    assert [answer["sorry"] for answer in strangers] == [
        "GUESTBOOK-GUEST-01",
        "GUESTBOOK-GUEST-01",
        "GUESTBOOK-LIMIT-01",
    ]
    assert other.status_code == 201


def test_it_stands_in_the_common_document_and_has_its_own(premises: Premises) -> None:
    whole = premises.http.get("/openapi.json").json()
    own = premises.http.get("/openapi/guestbook-7.json").json()

    assert {"/v1/guestbook", "/v1/merchants", "/records"} <= whole["paths"].keys()
    assert own["paths"].keys() == {"/v1/guestbook"}


def test_it_is_gone_with_its_package(tmp_path: Path) -> None:
    with loaded(tmp_path, GUESTBOOK):
        assert "guestbook" in families.installed()

    assert "guestbook" not in families.installed()
