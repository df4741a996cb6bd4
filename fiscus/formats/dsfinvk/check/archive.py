"""The files of an export, whether they lie in a folder, a TAR or a ZIP."""

import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from fiscus.archives import (
    UNREADABLE,
    ArchiveLimits,
    BeyondLimits,
    members_of,
    opened_tar,
    opened_zip,
)

__all__ = ["LIMITS", "UNREADABLE", "ArchiveFiles", "BeyondLimits", "opened"]

LIMITS = ArchiveLimits(files_max=1_000, bytes_max=1 << 35, ratio_max=100)
"""An export has some twenty files. Tables of a busy shop pack to a twentieth."""


@dataclass(frozen=True, kw_only=True)
class ArchiveFiles:
    """`names` in the order they were met, repeats included; `read` opens one from its start."""

    names: tuple[str, ...]
    read: Callable[[str], IO[bytes]]


@contextmanager
def opened(path: Path) -> Iterator[ArchiveFiles]:
    """Raises one of `UNREADABLE` if there is nothing to read, `BeyondLimits` if there is more than
    in any export."""
    if path.is_dir():
        found = sorted(one.relative_to(path).as_posix() for one in path.rglob("*"))
        yield ArchiveFiles(names=tuple(found), read=lambda name: (path / name).open("rb"))
        return
    with path.open("rb") as source:
        if zipfile.is_zipfile(source):
            source.seek(0)
            with opened_zip(path, source, LIMITS) as packed:
                yield ArchiveFiles(names=tuple(packed.namelist()), read=packed.open)
            return
        source.seek(0)
        tar, bounded = opened_tar(source)
        with tar:
            names = tuple(one.name for one in members_of(tar, bounded, LIMITS))
            yield ArchiveFiles(names=names, read=lambda name: _member(tar, name))


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    """Files only: a link would lead out of the archive, or in circles."""
    member = tar.getmember(name)
    file = tar.extractfile(member) if member.isreg() else None
    if file is None:
        raise tarfile.ReadError(f"{name} is no file")
    return file
