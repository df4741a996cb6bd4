"""The files in a ZIP of an export package, read within limits."""

import base64
import binascii
import lzma
import struct
import zlib
from collections.abc import Iterator
from zipfile import BadZipFile, ZipFile

from fiscus.journal.verify.decoding import BODY_BYTES_MAX, read_object

MANIFEST = "manifest.json"
ENTRIES = "entries.jsonl"
CHECKPOINT = "checkpoint.txt"
PROOFS = "proofs.jsonl"
FILE_BYTES_MAX = 64 * 1024 * 1024
LINE_BYTES_MAX = 2 * BODY_BYTES_MAX
TOTAL_BYTES_MAX = 1 << 40
RATIO_MAX = 2_000
"""Deflate reaches about 1,000 to 1: what claims more is made to fill a disk or a memory."""
FILES_MAX = 200_000

DAMAGES = (
    BadZipFile,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)
"""What `zipfile` raises over damaged, missing or foreign content."""

Line = tuple[int, dict[str, object] | None]
"""The number of a line and the JSON object in it, None if it is none."""


def text_of_file(archive: ZipFile, name: str) -> str:
    """A small file as text. Raises one of `DAMAGES`."""
    with archive.open(name) as stream:
        content = stream.read(FILE_BYTES_MAX + 1)
    if len(content) > FILE_BYTES_MAX:
        raise ValueError("it is too large")
    return content.decode("utf-8")


def lines_of(archive: ZipFile, name: str) -> Iterator[Line]:
    """The lines of a file, one after the other. Raises one of `DAMAGES`."""
    info = archive.getinfo(name)
    if info.file_size > TOTAL_BYTES_MAX or info.file_size > RATIO_MAX * (info.compress_size + 1):
        raise ValueError("it is too large for what it takes up")
    number = 0
    with archive.open(name) as stream:
        while line := stream.readline(LINE_BYTES_MAX + 1):
            number += 1
            if len(line) > LINE_BYTES_MAX:
                raise ValueError("a line is too long")
            yield number, read_object(line)


def decoded(body: object) -> bytes | None:
    """The bytes behind the Base64 of a line."""
    try:
        return base64.b64decode(body, validate=True) if isinstance(body, str) else None
    except (binascii.Error, ValueError):
        return None
