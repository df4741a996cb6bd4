"""What a file is: the formats are asked, and the verifier of journal packages."""

import zipfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from fiscus import formats
from fiscus.archives import (
    UNREADABLE,
    ArchiveLimits,
    BeyondLimits,
    members_of,
    opened_tar,
    opened_zip,
)
from fiscus.formats import FileClues

PACKAGE = "journal-package"
PACKAGE_TITLE = "an export package of a journal"
_PACKAGE_FILES = {"manifest.json", "entries.jsonl"}

HEAD_BYTES = 64 * 1024
NAMES_MAX = 200

_LIMITS = ArchiveLimits(files_max=200_000, bytes_max=1 << 62, ratio_max=1 << 40)
"""For a look at the names alone: nothing is unpacked."""


def titles() -> dict[str, str]:
    """All kinds of files that are checked here, with their titles, by code."""
    return {PACKAGE: PACKAGE_TITLE, **formats.titles()}


def clues(path: Path, name: str) -> FileClues:
    """What the file shows before it is read. Damaged archives show fewer names."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    members: list[str] = []
    with suppress(*UNREADABLE, BeyondLimits):  # whoever checks it says what is wrong
        members.extend(islice(_names(path), NAMES_MAX))
    return FileClues(name=name, head=head, members=tuple(members))


def _names(path: Path) -> Iterator[str]:
    with path.open("rb") as source:
        if zipfile.is_zipfile(source):
            source.seek(0)
            with opened_zip(path, source, _LIMITS) as packed:
                yield from packed.namelist()
            return
        source.seek(0)
        tar, bounded = opened_tar(source)
        with tar:
            for member in members_of(tar, bounded, _LIMITS):
                yield member.name
                tar.members.clear()  # type: ignore[attr-defined]  # it would keep every header


def recognized(seen: FileClues) -> tuple[str, ...]:
    """The codes of all kinds that the file may be of, the likeliest first."""
    if set(seen.members) >= _PACKAGE_FILES:
        return (PACKAGE,)
    return formats.recognized(seen)
