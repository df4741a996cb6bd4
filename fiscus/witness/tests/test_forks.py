"""Evidence: both notes, once for each pair of trees."""

from pathlib import Path

import pytest

from fiscus.model.faults import Corrupt
from fiscus.transparency import notes
from fiscus.transparency.base64s import encoded
from fiscus.witness import folder, forks, submissions
from fiscus.witness.folder import LogState
from fiscus.witness.forks import EvidenceKind
from tests.support.logs import PlainLog
from tests.support.witnesses import WitnessPremises

LOG = PlainLog().grown(8)
FORK = LOG.with_leaves([]).grown(8, mark="forged")


def known(log: PlainLog, size: int) -> LogState:
    head = log.head(size)
    return LogState(
        origin=log.origin, size=size, root=encoded(head.root), time=5, note=log.note(size)
    )


def test_two_roots_for_one_size_are_a_fork() -> None:
    assert forks.is_fork(known(LOG, 8), FORK.head(8))
    assert not forks.is_fork(known(LOG, 8), LOG.head(8))
    assert not forks.is_fork(known(LOG, 7), FORK.head(8))
    assert not forks.is_fork(LogState(origin=LOG.origin, size=8), FORK.head(8))


def test_what_is_kept_proves_the_fork_to_anybody(tmp_path: Path) -> None:
    premises = WitnessPremises(place=tmp_path / "witness")
    said = submissions.parse(submissions.body(3, FORK.proof(3, 8), FORK.note(8)))

    for at in (1_700_000_000, 1_700_000_001):
        forks.keep(premises.place, known(LOG, 8), said, EvidenceKind.FORK, at)

    [(_, found)] = forks.all_(premises.place, LOG.origin)
    assert (found.at, found.old_size) == (1_700_000_000, 3)
    assert list(found.proof) == [encoded(one) for one in FORK.proof(3, 8)]
    texts = set()
    for whole in (found.known, found.sent):
        note = notes.parse(whole.encode())
        assert notes.verified(note, [LOG.key]) != ()
        texts.add(note.text)
    assert texts == {LOG.head(8).text(), FORK.head(8).text()}


def test_evidence_is_told_in_one_line_oldest_first(tmp_path: Path) -> None:
    premises = WitnessPremises(place=tmp_path / "witness")
    folder.trust(premises.place, LOG.key.text())
    for size, at in ((7, 9), (8, 4)):
        said = submissions.parse(submissions.body(0, [], FORK.note(size)))
        forks.keep(premises.place, known(LOG, 5), said, EvidenceKind.UNPROVED, at)

    told = [forks.told(one) for _, one in forks.all_(premises.place, LOG.origin)]

    assert [line.split()[0] for line in told] == ["unproved:", "unproved:"]
    assert ["size 5" in line for line in told] == [True, True]
    assert "against size 8" in told[0]
    assert "against size 7" in told[1]
    assert forks.all_(premises.place, "other.example/log") == ()
    next(folder.forks_folder(premises.place, LOG.origin).iterdir()).write_text("{}")
    with pytest.raises(Corrupt, match="WITNESS-EVIDENCE-01"):
        forks.all_(premises.place, LOG.origin)
