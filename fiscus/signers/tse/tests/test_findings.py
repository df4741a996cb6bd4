"""How many findings a check tells, and how the rest is summed up."""

from pathlib import Path

import pytest

from fiscus.signers.tse.log import verify
from fiscus.signers.tse.log.findings import (
    COUNTER_TWICE,
    PLACES_MAX,
    TIME_MIXED,
    LogFindings,
)
from fiscus.signers.tse.software import transactions
from fiscus.signers.tse.software.device import SoftwareTse
from fiscus.signers.tse.tests.test_verify import contents, packed


@pytest.fixture
def device(factory) -> SoftwareTse:
    """With three transactions of two messages each, and one still open."""
    device: SoftwareTse = factory.a_ready_device()
    for _ in range(3):
        factory.clock.pass_by(minutes=1)
        number = transactions.start(device, "KASSE-1", b"", "").number
        transactions.finish(device, "KASSE-1", number, b"Beleg^", "Kassenbeleg-V1")
    transactions.start(device, "KASSE-1", b"", "")
    return device


def test_a_thousand_faults_give_a_short_answer(device: SoftwareTse, tmp_path: Path) -> None:
    files = contents(device)
    for n in range(200):
        files[f"Unixt_1_Sig-{1000 + n}_Log-Aud.log"] = b"junk"

    faults = verify.check(packed(files, tmp_path / "a.tar"))

    unreadable = next(fault for fault in faults if fault.code == "TSE-LOG-01")
    assert (len(unreadable.paths), unreadable.more) == (20, 180)


@pytest.mark.parametrize(("count", "rest"), [(1, 0), (PLACES_MAX, 0), (PLACES_MAX + 1, 1), (25, 5)])
def test_places_are_told_up_to_a_maximum_and_counted_beyond(count: int, rest: int) -> None:
    found = LogFindings()
    for number in range(count):
        found.add(TIME_MIXED, f"file {number}")
    found.add(COUNTER_TWICE, "another")

    first, second = found.faults()

    told = tuple(f"file {number}" for number in range(min(count, 20)))
    assert (first.code, first.paths) == (COUNTER_TWICE.id, ("another",))
    assert (second.paths, second.more) == (told, rest)
