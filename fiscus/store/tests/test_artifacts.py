import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.store.artifacts import Artifacts

KILLED = """
import os, signal, sys
from pathlib import Path
from fiscus.store.artifacts import Artifacts

def chunks():
    yield b"x" * 1_000_000
    os.kill(os.getpid(), signal.SIGKILL)
    yield b"never"

Artifacts(Path(sys.argv[1])).keep(chunks())
"""


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_an_artifact_is_found_by_the_digest_of_its_content(tmp_path: Path) -> None:
    kept = Artifacts(tmp_path).keep([b"hello ", b"world"])

    assert kept.digest == hashlib.sha256(b"hello world").hexdigest()
    assert kept.size == 11
    assert b"".join(Artifacts(tmp_path).read(kept.digest)) == b"hello world"


def test_the_same_content_is_one_file(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path)

    assert artifacts.keep([b"same"]) == artifacts.keep([b"sa", b"me"])
    assert len(files(tmp_path)) == 1


def test_nothing_is_left_of_a_stream_that_broke(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise OSError("the source is gone")

    with pytest.raises(OSError, match="the source is gone"):
        Artifacts(tmp_path).keep(broken())

    assert files(tmp_path) == []


def test_a_crash_leaves_no_file_under_a_digest(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert all(path.name.startswith(".draft-") for path in files(tmp_path))


def test_a_missing_artifact_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(Artifacts(tmp_path).read("0" * 64))


@given(st.lists(st.binary(max_size=300_000), max_size=4))
def test_what_comes_out_is_what_went_in(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes]
) -> None:
    artifacts = Artifacts(tmp_path_factory.mktemp(f"a{os.getpid()}"))

    assert b"".join(artifacts.read(artifacts.keep(chunks).digest)) == b"".join(chunks)
