"""Every request of a test is kept with its answer; a story told twice gives the same bytes."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.answers.masks import Masks
from tests.answers.recorder import Recorder, body, name_of

pytestmark = pytest.mark.long  # whole recordings of the suite, in processes of their own

ROOT = Path(__file__).parents[2]
STORY = "tests/journeys/test_conformance.py::test_step_9_a_receipt_is_sealed_at_once"


def recorded(folder: Path) -> dict[str, bytes]:
    command = [sys.executable, "-m", "tests.answers", "record", str(folder), "--only", STORY]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*.json")}


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = recorded(tmp_path / "first"), recorded(tmp_path / "second")

    assert first == second
    (content,) = first.values()
    assert b'"path": "/records"' in content
    assert b"FR FR-T01-2026/1" in content


def test_a_record_is_not_mixed_with_another_one(tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_text("{}")
    command = [sys.executable, "-m", "tests.answers", "record", str(tmp_path), "--only", STORY]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode != 0
    assert "is not empty" in done.stderr


@pytest.mark.parametrize(
    ("test", "file"),
    [
        ("tests/a/test_b.py::test_c", "tests/a/test_b/test_c.json"),
        ("tests/a/test_b.py::test_c[d/e f]", "tests/a/test_b/test_c[d_e_f].json"),
    ],
)
def test_a_test_has_a_file(test: str, file: str) -> None:
    assert str(name_of(test)) == file


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"", None),
        (b'{"a":[1,1.10,"x"]}', {"a": [1, "1.10 as a number", "x"]}),
        (b'"text"', "text"),
        (b"a\nb", ["a", "b"]),
        (b"\xff\x00", {"binary": "m/t"}),
        (b"[" * 100_000, ["[" * 100_000]),
        (b"1" * 5_000, f"{'1' * 5_000} as a number"),
        (b'{"a":-1,"b":1e3}', {"a": -1, "b": "1e3 as a number"}),
    ],
)
def test_a_body_is_shown_as_it_can_be_read(content: bytes, shown: object) -> None:
    assert body(content, "m/t", Masks()) == shown


def test_half_a_character_is_kept_as_its_escape(tmp_path: Path) -> None:
    recorder = Recorder(folder=tmp_path)
    request = httpx.Request("POST", "http://fiscus/x", content=b'{"a":"\\ud800"}')
    recorder.hear(request, httpx.Response(400))
    recorder.end("t.py::t")

    assert b'"a": "\\ud800"' in (tmp_path / "t" / "t.json").read_bytes()


def asked(recorder: Recorder, method: str, path: str, answer: str) -> None:
    response = httpx.Response(200, json={"said": answer})
    recorder.hear(httpx.Request(method, f"http://fiscus{path}"), response)


def said(folder: Path) -> list[str]:
    (file,) = folder.rglob("*.json")
    return [
        one["answer"]["body"]["said"] for one in json.loads(file.read_text("utf-8"))["exchanges"]
    ]


def test_of_a_question_asked_until_something_happens_the_last_answer_is_kept(
    tmp_path: Path,
) -> None:
    recorder = Recorder(folder=tmp_path)
    for answer in ("down", "down", "up"):
        asked(recorder, "GET", "/health", answer)
    asked(recorder, "POST", "/records", "made")
    asked(recorder, "POST", "/records", "made again")
    asked(recorder, "GET", "/health", "still up")
    asked(recorder, "GET", "/health?all", "other")
    recorder.end("t.py::t")

    assert said(tmp_path) == ["up", "made", "made again", "still up", "other"]


def test_what_was_asked_at_once_stands_last_and_sorted(tmp_path: Path) -> None:
    recorder = Recorder(folder=tmp_path)
    with ThreadPoolExecutor(1) as pool:
        for answer in ("c", "a", "b"):
            pool.submit(asked, recorder, "POST", "/records", answer).result()
            asked(recorder, "POST", "/alone", f"alone {answer}")
    recorder.end("t.py::t")

    assert said(tmp_path) == ["alone c", "alone a", "alone b", "a", "b", "c"]


def test_a_test_without_a_request_leaves_no_file(tmp_path: Path) -> None:
    Recorder(folder=tmp_path).end("t.py::t")

    assert list(tmp_path.iterdir()) == []
