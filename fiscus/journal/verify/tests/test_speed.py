import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from fiscus.journal.tests.small_shop import a_journal
from fiscus.journal.verify.database import verify_sqlite

ENTRIES = 20_000
SIGNATURES = 2_000
SIGNATURES_EACH_MAX = 7
"""What an entry may cost, in verifications of one signature, which it needs at least: about three
are measured. Both are measured here: what slows the machine down slows both."""


def processor_seconds() -> float:
    """What this process and its helpers have used so far, whatever else the machine does."""
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system


def seconds_of_a_signature() -> float:
    """What the machine needs to verify one, by the library alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    algorithm = ec.ECDSA(SHA256())
    signature, public = key.sign(b"entry", algorithm), key.public_key()
    start = processor_seconds()
    for _ in range(SIGNATURES):
        public.verify(signature, b"entry", algorithm)
    return (processor_seconds() - start) / SIGNATURES


@pytest.mark.alone
@pytest.mark.long  # signs 20,000 entries before it measures
def test_an_entry_costs_little_more_than_its_signature(tmp_path: Path) -> None:
    path = a_journal(ENTRIES, checkpoints=1).write(tmp_path / "journal.db")

    for workers in (1, 2):
        least = seconds_of_a_signature()
        start = processor_seconds()
        report = verify_sqlite(path, workers=workers)
        each = (processor_seconds() - start) / report.entries
        least = (least + seconds_of_a_signature()) / 2
        print(f"{workers} workers: {each * 1e6:.0f} µs an entry, {each / least:.1f} signatures")
        assert report.is_good
        assert each < SIGNATURES_EACH_MAX * least
