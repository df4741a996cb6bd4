"""The body of `add-checkpoint`: read as it was written, and nothing else."""

from pathlib import Path

import pytest

from fiscus.model.faults import Refused
from fiscus.witness import submissions
from tests.support.logs import FIXED_KEY, PlainLog, leaf

LOG = PlainLog(private=FIXED_KEY).grown(9)
BODY = submissions.body(3, LOG.proof(3, 9), LOG.note(9)).decode()


def test_a_submission_is_read_as_it_was_written() -> None:
    said = submissions.parse(BODY.encode())

    assert (said.old_size, said.head) == (3, LOG.head(9))
    assert list(said.proof) == LOG.proof(3, 9)
    assert said.note.whole() == LOG.note(9)


def test_the_example_of_the_format_is_read(shared_data: Path) -> None:
    data = (shared_data / "c2sp" / "add_checkpoint_request.txt").read_bytes()

    said = submissions.parse(data)

    assert (said.old_size, len(said.proof), said.head.size) == (20852014, 4, 20852163)
    assert submissions.body(said.old_size, said.proof, said.note.whole()) == data


def test_a_proof_has_63_hashes_at_most() -> None:
    longest = submissions.body(3, [leaf(1)] * 63, LOG.note(9))

    assert len(submissions.parse(longest).proof) == 63
    with pytest.raises(Refused, match="WITNESS-REQUEST-01"):
        submissions.parse(submissions.body(3, [leaf(1)] * 64, LOG.note(9)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "old 3\n",
        BODY.replace("old 3", "old 03"),
        BODY.replace("old 3", "old -3"),
        BODY.replace("old 3", "old  3"),
        BODY.replace("old 3", "3"),
        BODY.replace("old 3", "new 3"),
        BODY.replace("old 3\n", "old 3\r\n"),
        BODY.replace("old 3\n", "old 3\nAAAA\n"),
        BODY.replace("old 3\n", "old 3\n— \n"),
        BODY.replace("old 3\n", f"old {2**63}\n"),
        BODY.partition("\n\n")[0],
        BODY.partition("\n\n")[0] + "\n\n",
        BODY.replace("\n9\n", "\n09\n"),
        BODY[:-1],
    ],
)
def test_what_is_no_submission_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        submissions.parse(text.encode())
