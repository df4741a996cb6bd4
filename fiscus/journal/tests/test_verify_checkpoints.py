import json
from typing import Any

import pytest

from fiscus.journal.tests.judging import change, codes, entry, judged
from fiscus.journal.tests.small_journal import (
    SmallJournal,
    a_journal,
    an_identity,
    in_order,
    signed_note,
)
from fiscus.journal.verify_rows import verify_rows


def test_the_checkpoints_of_a_good_journal_are_all_witnesses() -> None:
    journal = a_journal(60)

    for checkpoint in journal.checkpoints:
        assert judged(journal, witness=json.loads(json.dumps(checkpoint))).is_good


def test_a_tail_cut_after_a_checkpoint_is_found_by_the_checkpoint() -> None:
    journal = a_journal(60)
    for sequence in (19, 20):
        journal.entries.remove(entry(journal, "till-b", sequence))

    report = judged(journal)

    first = report.findings[0]
    assert (first.code, first.register, first.sequence) == ("VERIFY-TAIL-01", "till-b", 19)
    assert "VERIFY-SEQUENCE-01" not in codes(report)


def test_a_register_that_vanished_is_found_by_the_checkpoint() -> None:
    journal = a_journal(60)
    journal.entries = [row for row in journal.entries if row["register"] != "till-b"]

    first = judged(journal).findings[0]

    assert (first.code, first.register, first.sequence) == ("VERIFY-TAIL-01", "till-b", 1)


def test_a_tail_cut_together_with_its_checkpoints_is_found_by_the_witness() -> None:
    journal, shorter = a_journal(60), a_journal(40, checkpoints=2)
    witness = journal.checkpoints[-1]
    assert shorter.checkpoints[-1]["root"] == journal.checkpoints[1]["root"]
    assert judged(shorter).is_good

    [finding] = judged(shorter, witness=witness).findings

    assert finding.code == "VERIFY-WITNESS-03"


def test_a_database_exchanged_with_all_its_keys_is_found_by_the_witness() -> None:
    journal = a_journal(60)
    witness = journal.checkpoints[-1]
    journal.checkpoint_identity = an_identity("forger", 666)
    journal.checkpoints = [
        signed_note(row, journal.checkpoint_identity) for row in journal.checkpoints
    ]
    assert judged(journal).is_good

    [finding] = judged(journal, witness=witness).findings

    assert finding.code == "VERIFY-WITNESS-01"


def test_a_history_retold_with_the_right_keys_is_found_by_the_witness() -> None:
    journal, other = a_journal(60), a_journal(60)
    change(other, entry(other, "till-b", 10), faults=[])
    other.checkpoints, other.leaves, other.covered = [], [], {}
    other.checkpoint()
    assert judged(other).is_good

    [finding] = judged(other, witness=journal.checkpoints[0]).findings

    assert finding.code == "VERIFY-WITNESS-02"


def resigned(journal: SmallJournal, index: int, **columns: Any) -> None:
    """A checkpoint with other columns, rightly signed, and the ones after it linked to it."""
    journal.checkpoints[index] |= columns
    for place in range(index, len(journal.checkpoints)):
        row = journal.checkpoints[place]
        journal.checkpoints[place] = signed_note(row, journal.checkpoint_identity)


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"previous": "ab" * 32}, "VERIFY-CHECKPOINT-03"),
        ({"ranges": "[]"}, "VERIFY-CHECKPOINT-05"),
        ({"ranges": "nothing"}, "VERIFY-CHECKPOINT-04"),
        ({"ranges": '[["till-a",8,14]]'}, "VERIFY-CHECKPOINT-04"),
        ({"size": 41}, "VERIFY-CHECKPOINT-05"),
        ({"root": "cd" * 32}, "VERIFY-CHECKPOINT-06"),
    ],
)
def test_a_checkpoint_signed_over_a_wrong_claim_is_named(
    columns: dict[str, object], code: str
) -> None:
    journal = a_journal(60)
    resigned(journal, 1, **columns)

    first = judged(journal).findings[0]

    assert (first.code, first.record) == (code, "checkpoint 2")


def test_ranges_out_of_order_are_found() -> None:
    journal = a_journal(60)
    ranges = json.loads(journal.checkpoints[0]["ranges"])
    resigned(journal, 0, ranges=json.dumps(ranges[::-1]))

    assert "VERIFY-CHECKPOINT-04" in codes(judged(journal))


def test_a_removed_checkpoint_is_named() -> None:
    journal = a_journal(60)
    del journal.checkpoints[1]

    [finding] = judged(journal).findings

    assert (finding.code, finding.record) == ("VERIFY-CHECKPOINT-01", "checkpoint 2")


def test_checkpoints_without_a_certificate_are_said_once() -> None:
    journal = a_journal(60)

    report = verify_rows(in_order(journal.entries), journal.certificates, journal.checkpoints)

    assert [one.code for one in report.findings] == ["VERIFY-CHECKPOINT-08"]


def test_an_entry_replaced_with_the_right_key_is_found_by_the_root() -> None:
    journal = a_journal(60)
    change(journal, entry(journal, "till-b", 20), faults=[])

    [finding] = judged(journal).findings

    assert (finding.code, finding.record) == ("VERIFY-CHECKPOINT-06", "checkpoint 3")
