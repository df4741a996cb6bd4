"""What the proof says, as values."""

from datetime import timedelta

import pytest

from fiscus.console import proof_facts
from fiscus.console.proof_facts import SILENT_AFTER
from fiscus.console.tests.test_proof import signed
from fiscus.model.faults import Missing, Refused
from fiscus.registry.witnesses import WitnessView
from fiscus.store.connect import reading
from fiscus.transparency.base64s import decoded
from fiscus.transparency.checkpoints import parse as parse_head
from fiscus.transparency.merkle import is_grown
from fiscus.transparency.notes import parse
from fiscus.witness.copies import MemoryDisk
from tests.support import words
from tests.support.premises import MONDAY, Premises
from tests.support.till import Till


def test_the_proof_that_the_log_grew_is_what_a_witness_takes(
    premises: Premises, till: Till
) -> None:
    old = signed(premises)
    with reading(premises.services.engine) as tx:
        before = proof_facts.consistency(tx, str(old), "", is_operator=True)
    till.sells(words.receipt())
    new = signed(premises)
    with reading(premises.services.engine) as tx:
        text = proof_facts.consistency(tx, str(old), str(new), is_operator=True)

    said, _, note = text.partition("\n\n")
    first, *lines = said.split("\n")
    head, older = parse_head(parse(note.encode()).text), before.partition("\n\n")[2]
    assert (first, head.size) == (f"old {old}", new)
    root = parse_head(parse(older.encode()).text).root
    proof = [decoded(line) for line in lines]
    assert is_grown(old, root, new, head.root, proof)
    assert not is_grown(old, head.root, new, root, proof)


def test_what_is_no_size_is_refused_and_one_that_is_not_shown_is_missing(
    premises: Premises, till: Till
) -> None:
    size = signed(premises)
    premises.unit("B")
    new = signed(premises)
    with reading(premises.services.engine) as tx:
        with pytest.raises(Refused, match="CONSOLE-PROOF-02") as both:
            proof_facts.consistency(tx, "x", "0", is_operator=True)
        assert both.value.paths == ("old", "new")
        with pytest.raises(Refused, match="CONSOLE-PROOF-03"):
            proof_facts.consistency(tx, str(new), str(size), is_operator=True)
        with pytest.raises(Missing, match="CONSOLE-PROOF-04"):
            proof_facts.consistency(tx, "1", str(size), is_operator=False)
        with pytest.raises(Missing, match="CONSOLE-PROOF-04"):
            proof_facts.consistency(tx, "1", str(new - 1), is_operator=True)
        assert proof_facts.consistency(tx, str(new), str(new), is_operator=False)


@pytest.mark.parametrize(
    ("age", "is_late"),
    [(None, True), (timedelta(0), False), (SILENT_AFTER, False), (SILENT_AFTER * 1.01, True)],
)
def test_a_witness_is_late_after_a_day(age: timedelta | None, is_late: bool) -> None:
    signed_at = None if age is None else MONDAY - age
    line = proof_facts._witness(WitnessView(name="w", place="", signed_at=signed_at), MONDAY)

    assert (line.is_late, line.age, line.is_memory) == (is_late, age, False)


def test_a_memory_is_told_from_a_witness() -> None:
    here = proof_facts._witness(WitnessView(name="f", place="", disk=MemoryDisk.SAME), MONDAY)

    assert (here.is_memory, here.is_here) == (True, True)


def test_coverage_is_of_ones_own_chains_and_of_all_for_who_may_see_it(
    premises: Premises, till: Till
) -> None:
    def facts(is_operator: bool) -> proof_facts.ProofFacts:
        with reading(premises.services.engine) as tx:
            return proof_facts.facts(
                premises.services,
                tx,
                organization=till.organization,
                is_operator=is_operator,
                at=premises.clock(),
            )

    signed(premises)
    assert facts(is_operator=False).own.uncovered == 0
    till.sells(words.receipt())
    only = facts(is_operator=False)
    assert only.own.uncovered > 0
    assert only.own.since == premises.clock()
    assert only.whole is not None
    assert only.whole.entries > only.own.entries
    premises.unit("B")

    assert facts(is_operator=False).whole is None
    assert facts(is_operator=True).whole is not None
