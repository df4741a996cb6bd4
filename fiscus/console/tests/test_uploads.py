"""A file in a form: written while it comes, judged before it is kept, bounded in every way."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from fiscus.console import uploads
from fiscus.console.uploads import UploadedFile, UploadTerms
from fiscus.model.faults import Code, Refused

NO = Code("TEST-NO-01", "no")
BOUND = "b0und"


def a_part(name: str, data: bytes, filename: str | None = None) -> bytes:
    of = f'; filename="{filename}"' if filename is not None else ""
    head = f'--{BOUND}\r\nContent-Disposition: form-data; name="{name}"{of}\r\n\r\n'
    return head.encode() + data + b"\r\n"


END = f"--{BOUND}--\r\n".encode()


def taken(
    folder: Path,
    *pieces: bytes,
    bytes_max: int = 1 << 22,
    kind: str = f"multipart/form-data; boundary={BOUND}",
    refuses: bool = False,
    ends: bool = True,
) -> UploadedFile:
    """What becomes of a body that comes in these pieces."""
    waiting = [*pieces]

    async def receive() -> dict[str, Any]:
        if waiting:
            body = waiting.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(waiting) or not ends}
        return {"type": "http.disconnect"}

    def expect(fields: Mapping[str, str]) -> None:
        if refuses or fields.get("csrf") != "token":
            raise Refused(NO)

    async def in_thread(do: Any, *args: object) -> object:
        return do(*args)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(b"content-type", kind.encode())],
    }
    terms = UploadTerms(
        name="file", bytes_max=bytes_max, expect=expect, place=lambda name: folder / "in" / name
    )
    return asyncio.run(uploads.taken(Request(scope, receive), terms, in_thread))


def refused(*args: Any, **said: Any) -> str:
    with pytest.raises(Refused) as found:
        taken(*args, **said)
    return found.value.code.id


TOKEN = a_part("csrf", b"token")


def test_a_file_lies_where_its_name_puts_it(tmp_path: Path) -> None:
    found = taken(tmp_path, TOKEN + a_part("kind", b"tse") + a_part("file", b"abc", "a.tar") + END)

    assert (found.name, found.size, found.path.read_bytes()) == ("a.tar", 3, b"abc")
    assert found.fields == {"csrf": "token", "kind": "tse"}


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_it_is_the_same_in_however_many_pieces_it_comes(tmp_path: Path, size: int) -> None:
    content = bytes(range(256)) * 20 + f"\r\n--{BOUND[:-1]}x\r\n".encode()
    whole = TOKEN + a_part("file", content, "a") + END
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]

    assert taken(tmp_path, *pieces).path.read_bytes() == content


def test_what_is_larger_than_a_piece_is_written_in_between(tmp_path: Path) -> None:
    content = b"x" * (3 * uploads.PIECE_BYTES)
    whole = TOKEN + a_part("file", content, "a") + END
    pieces = [whole[at : at + 65536] for at in range(0, len(whole), 65536)]

    found = taken(tmp_path, *pieces)

    assert (found.size, found.path.stat().st_size) == (len(content), len(content))


def test_a_file_has_so_many_bytes_and_not_one_more(tmp_path: Path) -> None:
    fits = TOKEN + a_part("file", b"x" * 1000, "a") + END
    assert taken(tmp_path / "1", fits, bytes_max=1000).size == 1000

    larger = TOKEN + a_part("file", b"x" * 1001, "a") + END
    assert refused(tmp_path / "2", larger, bytes_max=1000) == "CONSOLE-UPLOAD-02"


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    assert taken(tmp_path, TOKEN + a_part("file", b"", "a") + END).path.read_bytes() == b""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (a_part("file", b"abc", "a") + TOKEN + END, "TEST-NO-01"),  # the token comes too late
        (a_part("csrf", b"other") + a_part("file", b"abc", "a") + END, "TEST-NO-01"),
        (TOKEN + a_part("file", b"", "") + END, "CONSOLE-UPLOAD-04"),
        (TOKEN + END, "CONSOLE-UPLOAD-04"),
        (TOKEN + a_part("file", b"a", "a") * 2 + END, "CONSOLE-UPLOAD-01"),
        (TOKEN + a_part("file", b"abc", "a"), "CONSOLE-UPLOAD-01"),
        (TOKEN * 30 + a_part("file", b"abc", "a") + END, "CONSOLE-UPLOAD-01"),
        (a_part("csrf", b"x" * 9000) + END, "CONSOLE-UPLOAD-01"),
        (b"nonsense", "CONSOLE-UPLOAD-01"),
        (b"", "CONSOLE-UPLOAD-01"),
    ],
)
def test_what_is_not_as_it_should_be(tmp_path: Path, body: bytes, code: str) -> None:
    assert refused(tmp_path, body) == code


def test_who_goes_away_in_the_middle(tmp_path: Path) -> None:
    half = TOKEN + a_part("file", b"abc", "a")

    assert refused(tmp_path, half, ends=False) == "CONSOLE-UPLOAD-01"


@pytest.mark.parametrize(
    "kind",
    ["", "application/json", "multipart/form-data", "multipart/form-data; boundary=" + "x" * 300],
)
def test_what_is_no_form_with_a_file(tmp_path: Path, kind: str) -> None:
    assert refused(tmp_path, END, kind=kind) == "CONSOLE-UPLOAD-01"
