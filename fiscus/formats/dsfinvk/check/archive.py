"""The files of an export, whether they lie in a folder, a TAR or a ZIP."""

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

UNREADABLE = (
    OSError,
    EOFError,
    RuntimeError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What a damaged or encrypted archive raises, at once or in the middle of a file."""


@dataclass(frozen=True, kw_only=True)
class ArchiveFiles:
    """`names` in the order they were met, repeats included; `read` opens one from its start."""

    names: tuple[str, ...]
    read: Callable[[str], IO[bytes]]


@contextmanager
def opened(path: Path) -> Iterator[ArchiveFiles]:
    """Raises one of `UNREADABLE` if there is nothing to read."""
    if path.is_dir():
        found = sorted(one.relative_to(path).as_posix() for one in path.rglob("*"))
        yield ArchiveFiles(names=tuple(found), read=lambda name: (path / name).open("rb"))
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            yield ArchiveFiles(names=tuple(packed.namelist()), read=packed.open)
    else:
        with tarfile.open(path, "r:") as tar:
            yield ArchiveFiles(names=tuple(tar.getnames()), read=lambda name: _member(tar, name))


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    """Files only: a link would lead out of the archive, or in circles."""
    member = tar.getmember(name)
    file = tar.extractfile(member) if member.isreg() else None
    if file is None:
        raise tarfile.ReadError(f"{name} is no file")
    return file
