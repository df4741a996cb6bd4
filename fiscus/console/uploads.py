"""A file that a browser sends in a form, written to a disk while it comes.

At no time is more than a megabyte of it in memory. The fields before it are judged before its first
byte is kept.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from fiscus.model.faults import Code, Refused, Unavailable

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

NOT_A_FILE = Code("CONSOLE-UPLOAD-01", "this is no form with a file as a browser sends it")
TOO_LARGE = Code("CONSOLE-UPLOAD-02", "the file is larger than may be sent here")
LATE = Code("CONSOLE-UPLOAD-03", "the file came too slowly: send it again by a faster line")
NO_FILE = Code("CONSOLE-UPLOAD-04", "no file was chosen")

PIECE_BYTES = 1 << 20
FIELD_BYTES_MAX = 8192
PARTS_MAX = 20
FORM_BYTES = 65_536
"""What a form may have beside the file: its fields, and the lines between."""

PATIENCE_SECONDS = 30.0
BYTES_PER_SECOND = 65_536
"""A file has thirty seconds, and one more for each 64 KB that have come."""

InThread = Callable[..., Awaitable[object]]
Expect = Callable[[Mapping[str, str]], None]


@dataclass(frozen=True, kw_only=True)
class UploadTerms:
    """What is taken: files in the field `name` of at most `bytes_max`; `expect` judges the fields
    before it and raises `Refused`; `place(name)` says where a file of that name is written."""

    name: str
    bytes_max: int
    expect: Expect
    place: Callable[[str], Path]


@dataclass(frozen=True, kw_only=True)
class UploadedFile:
    """A file on the disk, and the other fields of its form."""

    name: str
    path: Path
    size: int
    fields: Mapping[str, str]


def expect_length(request: Request, bytes_max: int) -> None:
    """Raises `Refused` for a body that says of itself that it is too large."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > bytes_max + FORM_BYTES:
        raise Refused(TOO_LARGE)


async def taken(request: Request, terms: UploadTerms, in_thread: InThread) -> UploadedFile:
    """Reads the whole form. Raises `Refused` or `Unavailable`; what was written stays then."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary or len(boundary) > 200:
        raise Refused(NOT_A_FILE)
    reading = FormReading(terms=terms)
    parser = MultipartParser(boundary, reading.callbacks())
    try:
        await _fed(request, parser, reading, in_thread)
        parser.finalize()
    except (FormParserError, ClientDisconnect):
        raise Refused(NOT_A_FILE) from None
    finally:
        await in_thread(reading.close)
    if reading.path is None or not reading.is_ended:
        raise Refused(NO_FILE if reading.is_over else NOT_A_FILE, terms.name)
    return UploadedFile(
        name=reading.file_name, path=reading.path, size=reading.size, fields=reading.fields
    )


async def _fed(
    request: Request, parser: MultipartParser, reading: "FormReading", in_thread: InThread
) -> None:
    loop = asyncio.get_running_loop()
    end, received = loop.time() + PATIENCE_SECONDS, 0
    try:
        async with asyncio.timeout_at(end) as limit:
            async for part in request.stream():
                received += len(part)
                if received > reading.terms.bytes_max + FORM_BYTES:
                    raise Refused(TOO_LARGE)
                parser.write(part)
                if len(reading.piece) >= PIECE_BYTES:
                    await in_thread(reading.flush)
                limit.reschedule(end + received / BYTES_PER_SECOND)
    except TimeoutError:
        raise Unavailable(LATE) from None
    await in_thread(reading.flush)


@dataclass(kw_only=True)
class FormReading:
    """The state of reading one form: the part that is open, and what was read before it."""

    terms: UploadTerms
    fields: dict[str, str] = field(default_factory=dict)
    file_name: str = ""
    path: Path | None = None
    size: int = 0
    piece: bytearray = field(default_factory=bytearray)
    is_ended: bool = False
    is_over: bool = False
    _parts: int = 0
    _header: bytes = b""
    _value: bytes = b""
    _field: str = ""
    _text: bytearray = field(default_factory=bytearray)
    _is_file: bool = False
    _file: BinaryIO | None = None

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._open,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._over,
        }

    def flush(self) -> None:
        """Writes what has come; in a thread, because a disk may be slow."""
        if self.path is None or not (self.piece or self._file is None):
            return
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = self.path.open("wb")  # noqa: SIM115 - open until the form is read
        self._file.write(self.piece)
        self.piece.clear()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > PARTS_MAX:
            raise Refused(NOT_A_FILE)
        self._header = self._value = b""
        self._field, self._is_file = "", False
        self._text.clear()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, said = parse_options_header(self._value)
            self._field = said.get(b"name", b"").decode(errors="replace")
            self._is_file = self._field == self.terms.name
            if self._is_file:
                self.file_name = said.get(b"filename", b"").decode(errors="replace")
        self._header = self._value = b""

    def _open(self) -> None:
        if not self._is_file:
            return
        if self.path is not None:
            raise Refused(NOT_A_FILE)
        self.terms.expect(self.fields)
        if self.file_name:
            self.path = self.terms.place(self.file_name)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if not self._is_file:
            self._text += data[start:end]
            if len(self._text) > FIELD_BYTES_MAX:
                raise Refused(NOT_A_FILE, self._field)
            return
        if self.path is None:
            return  # nothing was chosen
        self.size += end - start
        if self.size > self.terms.bytes_max:
            raise Refused(TOO_LARGE)
        self.piece += data[start:end]

    def _end(self) -> None:
        if self._is_file:
            self.is_ended = self.path is not None
        else:
            self.fields[self._field] = self._text.decode(errors="replace")

    def _over(self) -> None:
        self.is_over = True
