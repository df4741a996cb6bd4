"""Files kept under their SHA-256, in a folder or in a bucket: the same content is one file, and no
file ever changes."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import msgspec

from fiscus.model.faults import Code, Corrupt

ALTERED = Code("STORE-ARTIFACT-01", "what is kept under this digest is not what was put there")

_CHUNK_BYTES = 1 << 18
_DRAFT = ".draft-"
_DRAFT_LIFE = timedelta(days=1)


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """`digest` is the hex SHA-256 of the content, `size` in bytes."""

    digest: str
    size: int


class ArtifactStore(Protocol):
    """Where finished files lie. `put` may use the draft up; what is there already is put again.
    `chunks` raises `FileNotFoundError`, `drop` of what is not there does nothing."""

    def put(self, draft: Path, digest: str) -> None: ...

    def has(self, digest: str) -> bool: ...

    def chunks(self, digest: str) -> Iterator[bytes]: ...

    def drop(self, digest: str) -> None: ...


class FolderStore:
    """A folder on this machine. A file appears whole and synced, or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, draft: Path, digest: str) -> None:
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        place = self._place(digest)
        place.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(place)
        _sync_folder(place.parent)

    def has(self, digest: str) -> bool:
        return self._place(digest).exists()

    def chunks(self, digest: str) -> Iterator[bytes]:
        with self._place(digest).open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk

    def drop(self, digest: str) -> None:
        self._place(digest).unlink(missing_ok=True)

    def _place(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest


class Artifacts:
    """What exports have made. Drafts lie in `folder`, finished files in `home`: in the same folder
    unless another home is given."""

    def __init__(self, folder: Path, home: ArtifactStore | None = None) -> None:
        self._folder = folder
        self._home = home or FolderStore(folder)

    def keep(self, chunks: Iterable[bytes]) -> Artifact:
        """Write a stream of bytes; gives its digest."""
        with self.scratch() as folder:
            draft = folder / "stream"
            with draft.open("xb") as out:
                for chunk in chunks:
                    out.write(chunk)
            kept = described(draft)
            self.take(draft, kept)
        return kept

    def take(self, draft: Path, kept: Artifact) -> None:
        """Take over a file of a scratch folder that `described` has read."""
        self._home.put(draft, kept.digest)

    @contextmanager
    def scratch(self, owner: str = "") -> Iterator[Path]:
        """A folder for work in progress, on the disk of the artifacts; gone afterwards.

        An `owner` (a UUID) has one at a time: what a killed process left of it is removed. Such a
        one that lives on nevertheless finds no file any more, and fails as it should.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        prefix = f"{_DRAFT}{owner}-" if owner else _DRAFT
        if owner:
            for left in self._folder.glob(f"{prefix}*"):
                shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=prefix, dir=self._folder) as folder:
            yield Path(folder)

    def sweep(self, now: datetime) -> int:
        """Remove what killed processes left behind more than a day ago; gives how much."""
        old = [
            draft
            for draft in self._folder.glob(f"{_DRAFT}*")
            if now.timestamp() - draft.stat().st_mtime > _DRAFT_LIFE.total_seconds()
        ]
        for draft in old:
            if draft.is_dir():
                shutil.rmtree(draft, ignore_errors=True)
            else:
                draft.unlink(missing_ok=True)
        return len(old)

    def has(self, digest: str) -> bool:
        return self._home.has(digest)

    def read(self, digest: str) -> Iterator[bytes]:
        """The content in chunks. Raises `FileNotFoundError` if it is gone.

        The last chunk is held back until the digest is known to be right: nobody ever receives
        the whole of a file that was altered where it lay.
        """
        found = hashlib.sha256()
        held = b""
        for chunk in self._home.chunks(digest):
            if held:
                yield held
            found.update(chunk)
            held = chunk
        if found.hexdigest() != digest:
            raise Corrupt(ALTERED, digest)
        if held:
            yield held

    def drop(self, digest: str) -> None:
        """Remove what nobody refers to any more."""
        self._home.drop(digest)


def described(file: Path) -> Artifact:
    """What a file will be kept under."""
    with file.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
    return Artifact(digest=digest, size=file.stat().st_size)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
