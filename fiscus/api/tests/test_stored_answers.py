"""What a family that speaks one version writes, keeps, and shows again."""

from typing import Any, NamedTuple

import msgspec
import pytest

from fiscus.api.stored_answers import JsonAnswers, StoredAnswer

ANSWERS = JsonAnswers(msgspec.json.encode)


class Answer(NamedTuple):
    status: int
    body: Any


class Call:
    def __init__(self, **headers: str) -> None:
        self.headers = headers


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (Answer(200, {"a": 1}), StoredAnswer(200, b'{"a":1}')),
        (Answer(202, None), StoredAnswer(202, b"")),
        (Answer(200, []), StoredAnswer(200, b"[]")),
    ],
)
def test_a_repeated_request_is_shown_what_the_first_one_was(
    answer: Answer, shown: StoredAnswer
) -> None:
    call = Call()
    kept = ANSWERS.kept(call, answer)

    assert ANSWERS.shown(call, answer) == shown
    assert ANSWERS.from_kept(call, kept) == shown


def test_what_is_kept_is_json_with_the_headers_of_the_answer() -> None:
    kept = ANSWERS.kept(Call(ETag='"1"'), Answer(202, None))

    assert kept == StoredAnswer(202, b"null", {"ETag": '"1"'})
