"""What is counted before a body is validated, and that nothing else changes by it."""

import json
import re
import time
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.aliases import AliasChoices

from fiscus.api import bounds
from fiscus.api.bounds import DEPTH, DEPTH_MAX, FAULTS_MAX, MEMBERS, MEMBERS_MAX, VALUES
from fiscus.api.problem import SHOWN_MAX
from fiscus.model.faults import Code, Refused


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str
    price: int
    since: Annotated[int, Field(alias="from")] = 0


class Sale(BaseModel):
    model_config = ConfigDict(extra="forbid")
    type: Literal["sale"]
    lines: Annotated[list[Line], Field(max_length=1000)]
    amount: Annotated[int, Field(validation_alias=AliasChoices("amount", "total"))] = 0
    metadata: Annotated[dict[str, str], Field(max_length=20)] = {}


SHAPE = bounds.shape(TypeAdapter(Sale))
GOOD = {"text": "x", "price": 1, "from": 2}


def packed(body: Any) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def faults(body: Any) -> list[tuple[Any, ...]]:
    raw = body if isinstance(body, bytes) else packed(body)
    with pytest.raises(ValidationError) as error:
        SHAPE.validated(raw)
    return [one["loc"] for one in error.value.errors()]


def refused(raw: bytes) -> tuple[Code, str]:
    with pytest.raises(Refused) as error:
        bounds.decoded(raw)
    return error.value.code, " ".join(error.value.paths)


def test_an_object_with_ten_thousand_members_is_read_and_one_more_is_refused() -> None:
    members = {str(number): 0 for number in range(MEMBERS_MAX)}

    assert bounds.decoded(packed({"content": {"metadata": members}})).values == MEMBERS_MAX + 2
    members["one more"] = 0
    assert refused(packed({"content": [1, {"metadata": members}]})) == (
        MEMBERS,
        "content[1].metadata",
    )
    assert refused(packed(members)) == (MEMBERS, "")


def test_sixty_four_levels_are_read_and_one_more_is_refused() -> None:
    for begin, end in (("[", "]"), ('{"a":', "}")):
        bounds.decoded(f"{begin * DEPTH_MAX}1{end * DEPTH_MAX}".encode())
        code, place = refused(f"{begin * (DEPTH_MAX + 1)}1{end * (DEPTH_MAX + 1)}".encode())
        assert code == DEPTH
        assert place.startswith(("[0][0]", "a.a.a"))


@pytest.mark.parametrize("depth", [500, 10_000, 1_000_000])
@pytest.mark.parametrize("is_closed", [True, False])
def test_however_deep_it_is_nothing_breaks(depth: int, is_closed: bool) -> None:
    raw = b"[" * depth + (b"]" * depth if is_closed else b"")

    with pytest.raises((Refused, ValueError)):
        bounds.decoded(raw)


def test_a_body_of_nothing_but_values_is_refused_before_it_is_read() -> None:
    raw = b"[" + b"[]," * 1_300_000 + b"[]]"
    begun = time.perf_counter()

    assert refused(raw) == (VALUES, "")
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[1,]",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b"\xff",
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b'{"\\udfff":1}',
        b"9" * 100_000,
        b"1e999999999",
        b'{"a":1} {}',
        "{}".encode("utf-16"),
        b"\x00",
        b"/**/{}",
    ],
)
def test_what_is_no_json_is_a_value_error(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        bounds.decoded(raw)


def test_of_many_unknown_members_the_first_are_told() -> None:
    body = {f"x{number}": 0 for number in range(MEMBERS_MAX)}

    found = faults(body)

    assert [place for place in found if place[0] in body] == [
        (f"x{number}",) for number in range(FAULTS_MAX + 1)
    ]
    assert ("type",) in found
    assert FAULTS_MAX == SHOWN_MAX


def test_a_member_that_is_said_very_often_is_told_once() -> None:
    raw = b'{"type":"sale","lines":[],' + b",".join([b'"x":0'] * 9000) + b"}"

    assert faults(raw) == [("x",)]


def test_the_last_of_two_members_of_one_name_counts_in_every_reading() -> None:
    raw = b'{"type":"sale","lines":[],"total":1,"total":2}'
    long = raw[:-1] + b"," * 0 + b',"lines":[' + b",".join([packed(GOOD)] * 400) + b"]}"

    assert SHAPE.validated(raw).amount == bounds.decoded(raw).said["total"] == 2
    assert len(SHAPE.validated(long).lines) == len(bounds.decoded(long).said["lines"]) == 400


def test_of_many_wrong_items_the_first_is_told() -> None:
    lines: list[Any] = [GOOD] * 400
    lines += [{}] * 400

    assert faults({"type": "sale", "lines": lines}) == [
        ("lines", 400, "text"),
        ("lines", 400, "price"),
    ]


def test_of_a_small_body_every_fault_is_told() -> None:
    assert len(faults({"type": "sale", "lines": [{}] * 100})) == 200


def test_known_members_are_found_among_many_unknown_ones() -> None:
    body = {f"x{number}": 0 for number in range(5000)} | {
        "type": "sale",
        "total": "wrong",
        "lines": [{**GOOD, "from": "wrong"}],
    }

    found = {place for place in faults(body) if not re.match("x", str(place[0]))}

    assert found == {("total",), ("lines", 0, "from")}


VALUES_OF_ALL_KINDS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=10,
)
SALES = st.fixed_dictionaries(
    {"type": st.sampled_from(["sale", "sale", "other"])},
    optional={
        "lines": st.lists(st.just(GOOD) | VALUES_OF_ALL_KINDS, max_size=4),
        "total": st.integers() | VALUES_OF_ALL_KINDS,
        "x": VALUES_OF_ALL_KINDS,
    },
)


@given(SALES, st.integers(0, 600))
def test_a_heavy_body_is_taken_exactly_if_the_model_takes_it(body: Any, more: int) -> None:
    if isinstance(body.get("lines"), list):
        body["lines"] = [GOOD] * more + body["lines"]
    raw = packed(body)
    try:
        wanted = Sale.model_validate_json(raw)
    except ValidationError:
        with pytest.raises((ValidationError, Refused)):
            SHAPE.validated(raw)
    else:
        assert SHAPE.validated(raw) == wanted


@given(VALUES_OF_ALL_KINDS)
def test_no_value_is_outweighed_by_commas_and_brackets(value: Any) -> None:
    raw = packed(value)

    assert bounds.decoded(raw).values <= bounds.weight(raw)


TWICE_SAID = [
    ('{"a": 1, "a": 2}', "a"),
    ('{"content": {"number": "1", "series": "A", "number": "2"}}', "content.number"),
    ('{"lines": [{"x": 1}, {"x": 1, "x": 1}]}', "lines[1].x"),
    ('{"a": {"b": 1}, "c": [[{"\\u0062": 1, "b": 2}]]}', "c[0][0].b"),
]


@pytest.mark.parametrize(("said", "place"), TWICE_SAID)
def test_a_member_that_is_said_twice_is_refused_at_its_place(said: str, place: str) -> None:
    """The first of the two vanished without a word."""
    with pytest.raises(Refused) as error:
        bounds.expect_single(said.encode())

    assert (error.value.code, error.value.paths) == (bounds.TWICE, (place,))


@pytest.mark.parametrize(
    "said",
    ['{"a": {"b": 1}, "c": {"b": 1}}', "[]", '"a"', "{", '{"a": 1,}', "[" * 100_000, "\x00"],
)
def test_what_says_each_member_once_or_is_no_json_is_left_to_its_reader(said: str) -> None:
    bounds.expect_single(said.encode())


def test_bytes_that_are_no_text_are_left_to_their_reader() -> None:
    bounds.expect_single(b'{"a": "\xff"}')
