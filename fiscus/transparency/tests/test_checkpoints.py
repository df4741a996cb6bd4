"""A checkpoint says three things and nothing else."""

from pathlib import Path

import pytest

from fiscus.model.faults import Refused
from fiscus.transparency import checkpoints, notes
from fiscus.transparency.checkpoints import TreeHead

HEAD = TreeHead(origin="example.com/log", size=7, root=bytes(32))
TEXT = HEAD.text()


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    assert checkpoints.parse(TEXT) == HEAD


@pytest.mark.parametrize("size", [0, 1, 2**63 - 1])
def test_sizes_up_to_the_bound_are_read(size: int) -> None:
    head = TreeHead(origin="a", size=size, root=bytes(32))

    assert checkpoints.parse(head.text()) == head


def test_an_example_of_the_format_is_read(shared_data: Path) -> None:
    data = (shared_data / "c2sp" / "checkpoint_cosigned.txt").read_bytes()

    head = checkpoints.parse(notes.parse(data).text)

    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20852163)
    assert data.decode().startswith(head.text())


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-1],
        TEXT + "\n",
        TEXT + "an extension\n",
        TEXT.replace("\n7\n", "\n07\n"),
        TEXT.replace("\n7\n", "\n-7\n"),
        TEXT.replace("\n7\n", "\n7 \n"),
        TEXT.replace("\n7\n", f"\n{2**63}\n"),
        TEXT.replace("A=\n", "B=\n"),
        TEXT.replace("A=\n", "=\n"),
        TEXT.replace("example.com/log", ""),
        TEXT.replace("example.com/log", "a b"),
        TEXT.replace("example.com/log", "a+b"),
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="CHECKPOINT-TEXT-01"):
        checkpoints.parse(text)


def test_a_log_has_an_address_of_its_own() -> None:
    assert len(checkpoints.origin_hash("a")) == 64
    assert checkpoints.origin_hash("a") != checkpoints.origin_hash("b")
