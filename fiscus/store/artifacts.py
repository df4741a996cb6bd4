"""Files kept under their SHA-256: the same content is one file, and no file ever changes."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

_CHUNK_BYTES = 1 << 18
_DRAFT = ".draft-"
_DRAFT_LIFE = timedelta(days=1)


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """`digest` is the hex SHA-256 of the content, `size` in bytes."""

    digest: str
    size: int


class Artifacts:
    """A folder of artifacts. A file appears whole and synced, or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, chunks: Iterable[bytes]) -> Artifact:
        """Write a stream of bytes; gives its digest."""
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f"{_DRAFT}{os.getpid()}-{os.urandom(8).hex()}"
        digest, size = hashlib.sha256(), 0
        try:
            with draft.open("xb") as out:
                for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            place = self.path(digest.hexdigest())
            place.parent.mkdir(exist_ok=True)
            draft.replace(place)
            _sync_folder(place.parent)
        finally:
            draft.unlink(missing_ok=True)
        return Artifact(digest=digest.hexdigest(), size=size)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for work in progress, on the disk of the artifacts; gone afterwards."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_DRAFT, dir=self._folder) as folder:
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

    def path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    def read(self, digest: str) -> Iterator[bytes]:
        """The content in chunks. Raises `FileNotFoundError` if it is gone."""
        with self.path(digest).open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
