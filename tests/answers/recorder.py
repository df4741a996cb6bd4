"""Writes what every test asks and is answered: one file for each test."""

import io
import json
import re
import tarfile
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pypdf

from tests.answers.masks import Masks

Json = Any

# They say how the bytes travel, or are those of the library that the tests call with.
NO_CONTRACT = frozenset(
    {
        "host",
        "accept",
        "accept-encoding",
        "connection",
        "user-agent",
        "content-length",
    }
)


# A long word goes on in the next line: where a page breaks it depends on the letters in it. (Not an
# id: it ends with twelve digits behind a hyphen.)
_WRAPPED = re.compile(r"(?<=[\w+/:;^.]{16})\n(?=[\w+/=:;^.-]+(?:\n|$))")


RACES = frozenset(
    {
        "tests/journeys/test_counter_audit.py::test_sales_go_on_while_the_files_are_made",
    }
)
"""How far the sales are when the files are made is a matter of time: nothing to compare."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One exchange as it was. `is_alone`: asked by the test itself, not by a thread of it."""

    request: httpx.Request
    response: httpx.Response
    is_alone: bool


@dataclass(kw_only=True)
class Recorder:
    """`heard` is what the test that runs now has said."""

    folder: Path
    heard: list[Heard] = field(default_factory=list)

    def hear(self, request: httpx.Request, response: httpx.Response) -> None:
        is_alone = threading.current_thread() is threading.main_thread()
        self.heard.append(Heard(request=request, response=response, is_alone=is_alone))

    def end(self, test: str) -> None:
        """The test is over: keep what was heard, if anything was."""
        heard, self.heard = self.heard, []
        if not heard or test in RACES:
            return
        file = self.folder / name_of(test)
        assert not file.exists(), f"{test}: another test has written {file}"
        file.parent.mkdir(parents=True, exist_ok=True)
        content = {"test": test, "exchanges": exchanges(heard)}
        text = json.dumps(content, ensure_ascii=False, indent=1)
        # Half a character (a surrogate alone) is written as JSON's own escape of it.
        file.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")


def name_of(test: str) -> Path:
    """`tests/a/test_b.py::test_c[d/e]` is kept in `tests/a/test_b/test_c[d_e].json`."""
    module, _, rest = test.partition("::")
    return Path(module).with_suffix("") / (re.sub(r"[^\w.\[\]-]", "_", rest)[:200] + ".json")


def exchanges(heard: list[Heard]) -> list[Json]:
    """In the order in which they were heard; last, what threads of the test asked: that has no
    order, so each is masked by itself, and all of them are sorted."""
    masks = Masks()
    at_once = [shown(one, Masks()) | {"at once": True} for one in heard if not one.is_alone]
    alone = _without_polls([one for one in heard if one.is_alone])
    return [*(shown(one, masks) for one in alone), *sorted(at_once, key=json.dumps)]


def _without_polls(heard: list[Heard]) -> list[Heard]:
    """Of the same question asked again and again the last answer alone: how often somebody asked
    until something had happened is a matter of time."""
    following = [*heard[1:], None]
    return [
        one
        for one, other in zip(heard, following, strict=True)
        if other is None or one.request.method != "GET" or _asked(one) != _asked(other)
    ]


def _asked(one: Heard) -> Json:
    return (one.request.method, one.request.url, one.request.headers)


def shown(one: Heard, masks: Masks) -> Json:
    request, response = one.request, one.response
    return {
        "request": {
            "method": request.method,
            "path": masks.text(request.url.raw_path.decode("ascii")),
            "headers": _headers(request.headers, masks),
            "body": body(request.read(), request.headers.get("content-type", ""), masks),
        },
        "answer": {
            "status": response.status_code,
            "headers": _headers(response.headers, masks),
            "body": body(response.content, response.headers.get("content-type", ""), masks),
        },
    }


def _headers(headers: Mapping[str, str], masks: Masks) -> Json:
    return {
        name.lower(): masks.text(value)
        for name, value in sorted(headers.items())
        if name.lower() not in NO_CONTRACT
    }


def body(content: bytes, media_type: str, masks: Masks) -> Json:
    """As it can be read: JSON, the lines of a text, the members of an archive, the words of a page;
    else only that there is something."""
    if not content:
        return None
    if media_type.startswith("text/plain; version="):
        return _metrics(content.decode("utf-8"))
    if content[:4] == b"PK\x03\x04":
        return _unzipped(content, masks)
    if content[:5] == b"%PDF-":
        pages = pypdf.PdfReader(io.BytesIO(content)).pages
        text = "\n".join(page.extract_text() for page in pages)
        return masks.text(_WRAPPED.sub("", text)).splitlines()
    if content[257:262] == b"ustar":
        return _untarred(content, masks)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return {"binary": media_type}
    try:
        return masks.json(json.loads(text, parse_float=_number, parse_int=_number))
    except (json.JSONDecodeError, RecursionError):  # Nested without end, as bad clients do.
        return masks.text(text).splitlines()


def _number(digits: str) -> Json:
    """As it was written: 1.10 is not 1.1, and bad clients send numbers of a mile."""
    return (
        int(digits)
        if len(digits) < 20 and "." not in digits and "e" not in digits.lower()
        else f"{digits} as a number"
    )


def _metrics(text: str) -> Json:
    """The names and labels: the values are times and counts of a whole process."""
    return sorted({line.rpartition(" ")[0] for line in text.splitlines() if line[:1] != "#"})


def _unzipped(content: bytes, masks: Masks) -> Json:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            masks.text(name): body(archive.read(name), "", masks) for name in archive.namelist()
        }


def _untarred(content: bytes, masks: Masks) -> Json:
    found: dict[str, Json] = {}
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for member in archive:
            file = archive.extractfile(member)
            found[masks.text(member.name)] = body(file.read(), "", masks) if file else None
    return found
