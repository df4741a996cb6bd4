"""Two records differ where answers differ, and nowhere else."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.answers.__main__ import compare
from tests.answers.differences import Difference, differences, of_tests, report

Json = Any


def an_exchange(**answer: Json) -> Json:
    return {
        "request": {"method": "POST", "path": "/records/<id7-1>", "headers": {}, "body": {"a": 1}},
        "answer": {
            "status": 200,
            "headers": {"content-type": "application/json", "x-trace-identifier": "<id7-2>"},
            "body": {"content": {"id": "<id7-3>", "lines": ["<id7-1>", "x"], "message": "Is good"}},
            **answer,
        },
    }


def changed(**answer: Json) -> Json:
    return an_exchange(**answer)


def found(old: list[Json], new: list[Json]) -> list[tuple[str, str]]:
    return [(one.kind, one.what) for one in of_tests("t", old, new)]


def test_equal_records_do_not_differ() -> None:
    assert found([an_exchange()] * 3, [an_exchange()] * 3) == []


def test_other_numbers_of_placeholders_mean_nothing() -> None:
    """One more id in front moves all numbers after it."""
    moved = json.loads(json.dumps(an_exchange()).replace("-3>", "-7>").replace("-2>", "-3>"))

    assert found([an_exchange()] * 2, [moved] * 2) == []


def test_another_thing_where_the_same_one_stood_is_found() -> None:
    other = an_exchange()
    other["answer"]["body"]["content"]["lines"][0] = "<id7-3>"

    assert found([an_exchange()], [other]) == [("body", "content.lines[]")]


def test_two_things_that_became_one_are_found() -> None:
    other = an_exchange()
    other["answer"]["body"]["content"]["id"] = "<id7-1>"

    assert ("body", "content.id") in found([an_exchange()], [other])


def test_another_kind_of_id_is_found() -> None:
    other = json.loads(json.dumps(an_exchange()).replace("id7-3", "id4-3"))

    assert found([an_exchange()], [other]) == [("body", "content.id")]


@pytest.mark.parametrize(
    ("answer", "group"),
    [
        ({"status": 409}, ("status", "200 became 409")),
        ({"headers": {"content-type": "a"}}, ("header", "x-trace-identifier is gone")),
        ({"body": None}, ("body", "as a whole")),
        ({"body": {"content": {}}}, ("body", "content.id is gone")),
        ({"body": {"content": {}, "more": 1}}, ("body", "more is new")),
    ],
)
def test_each_part_of_an_answer_counts(answer: Json, group: tuple[str, str]) -> None:
    assert group in found([an_exchange()], [changed(**answer)])


def test_a_text_is_told_apart_from_a_value() -> None:
    other = an_exchange()
    other["answer"]["body"]["content"]["message"] = "Is well"

    assert found([an_exchange()], [other]) == [("text", "content.message")]


def test_another_order_of_members_is_told() -> None:
    other = an_exchange()
    content = other["answer"]["body"]["content"]
    other["answer"]["body"]["content"] = dict(reversed(content.items()))

    assert found([an_exchange()], [other]) == [("body", "content: another order")]


@pytest.mark.parametrize(("old", "new"), [(1, True), (0, False), (1, "1"), (None, ""), ([], {})])
def test_types_are_not_mixed_up(old: Json, new: Json) -> None:
    one, other = an_exchange(body={"a": old}), an_exchange(body={"a": new})

    assert found([one], [other]) == [("body", "a")]


def test_one_more_request_does_not_shift_the_others() -> None:
    more = deepcopy(an_exchange())
    more["request"]["path"] = "/more"

    assert found([an_exchange()] * 2, [an_exchange(), more, an_exchange()]) == [
        ("request", "is new")
    ]


def test_the_report_counts_groups_and_shows_pairs_once() -> None:
    ones = [
        Difference(kind="status", what="200 became 409", place=f"test {n}", old="200", new="409")
        for n in range(5)
    ]

    assert report(ones) == (
        "== status: 5\n\n200 became 409 (5)\n  test 0 and 4 more\n    - 200\n    + 409"
    )
    assert report([]) == ""


def test_two_folders_are_compared_by_test(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder, name in (("old", "gone"), ("old", "kept"), ("new", "kept"), ("new", "added")):
        file = tmp_path / folder / "tests" / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"test": name, "exchanges": [an_exchange()]}))

    listed = list(differences(tmp_path / "old", tmp_path / "new"))
    assert [(one.what, one.place) for one in listed] == [
        ("is new", "tests/added.json"),
        ("is gone", "tests/gone.json"),
    ]
    assert compare(tmp_path / "old", tmp_path / "new", []) == 1
    assert compare(tmp_path / "old", tmp_path / "old", []) == 0
    assert capsys.readouterr().out.endswith("no difference\n")
