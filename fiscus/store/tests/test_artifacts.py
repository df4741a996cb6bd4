import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import msgspec
import obstore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.faults import Corrupt, Unavailable
from fiscus.store.artifacts import Artifacts, described
from fiscus.store.bucket import Bucket, BucketAccess
from fiscus.store.tests.bucket_server import a_bucket, raw

KILLED = """
import os, signal, sys
from pathlib import Path
from fiscus.store.artifacts import Artifacts
from fiscus.store.bucket import BucketAccess, Bucket

def chunks():
    yield b"x" * 1_000_000
    os.kill(os.getpid(), signal.SIGKILL)
    yield b"never"

folder, home = Path(sys.argv[1]), None
if len(sys.argv) > 2:
    home = Bucket(BucketAccess(**dict(zip(
        ("url", "endpoint", "region", "access_key", "secret_key"), sys.argv[2:], strict=True))))
Artifacts(folder, home).keep(chunks())
"""


class Place:
    """Artifacts somewhere, and what lies there as somebody sees who looks past us."""

    def __init__(self, folder: Path, access: BucketAccess | None) -> None:
        self.folder = folder
        self.access = access
        self.artifacts = Artifacts(folder, Bucket(access) if access else None)

    def drafts(self) -> list[Path]:
        return [path for path in self._local() if path.parent.name.startswith(".draft-")]

    def finished(self) -> list[str]:
        """The names under which finished files lie."""
        if not self.access:
            return [
                path.relative_to(self.folder).as_posix()
                for path in self._local()
                if path not in self.drafts()
            ]
        return [one["path"] for page in obstore.list(raw(self.access)) for one in page]

    def alter(self, name: str, content: bytes) -> None:
        if self.access:
            obstore.put(raw(self.access), name, content)
        else:
            (self.folder / name).write_bytes(content)

    def _local(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BucketAccess]:
    with a_bucket(tmp_path_factory.mktemp("s3")) as access:
        yield access


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    work = tmp_path / "artifacts"
    work.mkdir()
    if request.param == "folder":
        return Place(work, None)
    access = request.getfixturevalue("bucket")
    own = f"s3://artifacts/{request.node.nodeid.replace('/', '-')}".partition("[")[0]
    return Place(work, msgspec.structs.replace(access, url=f"{own}{tmp_path.name}"))


def name_of(content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    return f"{digest[:2]}/{digest}"


def test_an_artifact_is_found_by_the_digest_of_its_content(place: Place) -> None:
    kept = place.artifacts.keep([b"hello ", b"world"])

    assert kept.digest == hashlib.sha256(b"hello world").hexdigest()
    assert kept.size == 11
    assert place.artifacts.has(kept.digest)
    assert b"".join(place.artifacts.read(kept.digest)) == b"hello world"


def test_the_same_content_is_one_file(place: Place) -> None:
    assert place.artifacts.keep([b"same"]) == place.artifacts.keep([b"sa", b"me"])
    assert place.finished() == [name_of(b"same")]


def test_a_finished_file_is_taken_over(place: Place) -> None:
    with place.artifacts.scratch() as folder:
        draft = folder / "export.tar"
        draft.write_bytes(b"finished")
        expected = described(draft)
        place.artifacts.take(draft, expected)

    assert place.finished() == [name_of(b"finished")]
    assert place.drafts() == []


def test_an_owner_s_next_scratch_folder_removes_what_was_left_of_the_one_before(
    place: Place,
) -> None:
    with place.artifacts.scratch("a") as left, place.artifacts.scratch("b") as other:
        (left / "half").write_bytes(b"half a file")
        with place.artifacts.scratch("a") as folder:
            assert (left.exists(), other.exists(), folder.exists()) == (False, True, True)

    assert place.drafts() == []


def test_files_larger_than_any_part_or_piece_come_back_whole(place: Place) -> None:
    content = Random(7).randbytes(21_000_001)
    kept = place.artifacts.keep(content[at : at + 999_983] for at in range(0, 21_000_001, 999_983))

    pieces = list(place.artifacts.read(kept.digest))
    assert kept.size == len(content)
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= 4 << 20


def test_nothing_is_left_of_a_stream_that_broke(place: Place) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise OSError("the source is gone")

    with pytest.raises(OSError, match="the source is gone"):
        place.artifacts.keep(broken())

    assert (place.finished(), place.drafts()) == ([], [])


def test_a_crash_leaves_no_file_under_a_digest(place: Place) -> None:
    access = place.access
    more = (
        (access.url, access.endpoint, access.region, access.access_key, access.secret_key)
        if access
        else ()
    )
    killed = subprocess.run([sys.executable, "-c", KILLED, str(place.folder), *more], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert (place.finished(), len(place.drafts())) == ([], 1)


def test_what_a_crash_left_is_swept_a_day_later(place: Place) -> None:
    place.artifacts.keep([b"kept"])
    (place.folder / ".draft-killed").mkdir()
    (place.folder / ".draft-killed" / "stream").write_bytes(b"half")
    (place.folder / ".draft-old").write_bytes(b"half")
    now = datetime.now(UTC)

    assert place.artifacts.sweep(now) == 0
    assert place.artifacts.sweep(now + timedelta(hours=25)) == 2
    assert (place.finished(), place.drafts()) == ([name_of(b"kept")], [])


def test_a_missing_artifact_is_missing(place: Place) -> None:
    assert not place.artifacts.has("0" * 64)
    with pytest.raises(FileNotFoundError):
        list(place.artifacts.read("0" * 64))


def test_what_was_dropped_is_gone_and_may_be_dropped_again(place: Place) -> None:
    kept, other = place.artifacts.keep([b"one"]), place.artifacts.keep([b"two"])
    place.artifacts.drop(kept.digest)
    place.artifacts.drop(kept.digest)

    assert not place.artifacts.has(kept.digest)
    assert b"".join(place.artifacts.read(other.digest)) == b"two"
    assert place.artifacts.keep([b"one"]) == kept
    assert place.artifacts.has(kept.digest)


@pytest.mark.parametrize("size", [3, 9_000_000])
def test_nobody_receives_the_whole_of_an_altered_file(place: Place, size: int) -> None:
    kept = place.artifacts.keep([b"a" * size])
    place.alter(name_of(b"a" * size), b"a" * (size - 1) + b"b")

    received: list[bytes] = []
    with pytest.raises(Corrupt):
        received.extend(place.artifacts.read(kept.digest))
    assert sum(map(len, received)) < size


def test_a_bucket_that_is_away_is_unavailable(tmp_path: Path) -> None:
    access = BucketAccess(
        url="s3://artifacts",
        endpoint="http://127.0.0.1:9",
        region="x",
        access_key="a",
        secret_key="b",
    )
    artifacts = Artifacts(tmp_path, Bucket(access))
    with pytest.raises(Unavailable):
        artifacts.has("0" * 64)
    with pytest.raises(Unavailable):
        artifacts.keep([b"content"])


def test_a_bucket_that_does_not_let_us_in_is_unavailable(
    bucket: BucketAccess, tmp_path: Path
) -> None:
    stranger = Bucket(msgspec.structs.replace(bucket, secret_key="another"))
    with pytest.raises(Unavailable):
        Artifacts(tmp_path, stranger).keep([b"content"])


@given(st.lists(st.binary(max_size=300_000), max_size=4))
def test_what_comes_out_is_what_went_in(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes]
) -> None:
    artifacts = Artifacts(tmp_path_factory.mktemp(f"a{os.getpid()}"))

    assert b"".join(artifacts.read(artifacts.keep(chunks).digest)) == b"".join(chunks)
