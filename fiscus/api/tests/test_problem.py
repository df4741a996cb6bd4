"""Places of a broken body, one by one: as in the body, without the names of variants."""

import json
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from fiscus.api.problem import SHOWN_MAX, places


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


def test_only_the_first_few_places_are_named() -> None:
    body = {"type": "sale", "lines": [{}] * 10}

    assert [place for place, _ in found(body)] == [f"lines[{i}].title" for i in range(SHOWN_MAX)]


def test_a_value_never_shows() -> None:
    assert "secret" not in str(found({"type": "sale", "lines": [{"title": ["secret"]}]}))
