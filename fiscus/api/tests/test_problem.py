"""Places of a broken body, one by one: as in the body, without the names of variants."""

import json
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from fiscus.api.problem import SHOWN_MAX, advice, limited, places
from fiscus.model.faults import Fault


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Line(Strict):
    title: str


class Sale(Strict):
    type: Literal["sale"]
    lines: list[Line]


class Count(Strict):
    type: Literal["count"]
    sale: str


ADAPTER: TypeAdapter[Any] = TypeAdapter(Annotated[Sale | Count, Field(discriminator="type")])


def found(body: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        ADAPTER.validate_json(json.dumps(body))
    return list(places(caught.value, body))


@pytest.mark.parametrize(
    ("body", "place", "sentence"),
    [
        ({"type": "sale"}, "lines", "is required"),
        ({"type": "sale", "lines": [{}]}, "lines[0].title", "is required"),
        ({"type": "sale", "lines": [{"title": 1}]}, "lines[0].title", "should be a string"),
        ({"type": "sale", "lines": 1}, "lines", "should be an array"),
        ({"type": "sale", "lines": [], "x": 1}, "x", "is not supported here"),
        ({"type": "count", "sale": 1}, "sale", "should be a string"),
        ({"type": "other"}, "", "should have a type among 'sale', 'count'"),
        ({}, "", "should have a type"),
        ([], "", "should be an object"),
    ],
)
def test_a_place_is_named_as_it_stands_in_the_body(body: Any, place: str, sentence: str) -> None:
    assert found(body) == [(place, sentence)]


def test_only_the_first_hundred_places_are_named_and_that_there_are_more() -> None:
    body = {"type": "sale", "lines": [{}] * (SHOWN_MAX + 7)}

    *told, last = found(body)

    assert [place for place, _ in told] == [f"lines[{i}].title" for i in range(SHOWN_MAX)]
    assert last == ("", "and 7 more")


def test_a_value_never_shows() -> None:
    assert "secret" not in str(found({"type": "sale", "lines": [{"title": ["secret"]}]}))


def test_a_hundred_places_of_all_faults_are_told_and_every_fault_is() -> None:
    faults = [
        Fault(code=f"X-Y-0{number}", text="t", paths=tuple(f"lines[{i}]" for i in range(count)))
        for number, count in enumerate((60, 60, 7, 0))
    ]

    kept, more = limited(faults)

    assert [len(fault.paths) for fault in kept] == [60, 40, 0, 0]
    assert [fault.code for fault in kept] == [fault.code for fault in faults]
    assert more == 27
    assert limited(faults[:1]) == (faults[:1], 0)


def test_advice_names_the_law_and_what_to_do_where_the_sentence_does_not() -> None:
    said = Fault(code="PT-LINE-03", text="t", law="the law")
    lacking = Fault(code="PT-LINE-01", text="t", law="the law")

    assert advice(said) == "law: the law"
    assert advice(lacking) == "law: the law; what to do: send at least one line"
    assert advice(Fault(code="PT-LINE-01", text="t")) == ""
