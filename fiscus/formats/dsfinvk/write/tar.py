"""A TAR stream that depends on nothing but its contents."""

import tarfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO

CHUNK_BYTES = 1 << 18


def entry(name: str, size: int, chunks: Iterator[bytes], at: datetime) -> Iterator[bytes]:
    """One file of the archive: owned by nobody, written at the given instant."""
    info = tarfile.TarInfo(name)
    info.size = size
    info.mtime = int(at.timestamp())
    yield info.tobuf(tarfile.PAX_FORMAT, "ascii")
    yield from chunks
    yield bytes(-size % tarfile.BLOCKSIZE)


def end(written: int) -> bytes:
    """Two empty blocks, and as many more as fill the last record."""
    size = written + 2 * tarfile.BLOCKSIZE
    return bytes(2 * tarfile.BLOCKSIZE + -size % tarfile.RECORDSIZE)


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK_BYTES):
        yield chunk
