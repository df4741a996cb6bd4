import os
import time
from pathlib import Path

import pytest

from fiscus.journal.tests.small_journal import SmallJournal, write_sqlite
from fiscus.journal.verify_sqlite import verify_sqlite

ENTRIES = 20_000
RECORDS_PER_SECOND_MIN = 3_000
"""Far below what an idle machine does, so that a busy one does not fail."""


@pytest.mark.skipif(os.environ.get("FISCUS_LONG") != "1", reason="set FISCUS_LONG=1 to measure")
def test_a_large_journal_is_judged_in_good_time(tmp_path: Path) -> None:
    journal = SmallJournal()
    line = {"text": "Bica", "quantity": "1", "unit_price": "1.20", "vat": {"percentage": "23"}}
    for turn in range(ENTRIES):
        draft = {"kind": "receipt", "lines": [line] * 4, "text": "x" * 500}
        journal.append(f"till-{turn % 3}", "document@1", series="fs", draft=draft)
        if (turn + 1) % (ENTRIES // 4) == 0:
            journal.checkpoint()
    path = write_sqlite(journal, tmp_path / "journal.db")

    for workers in (1, 2):
        start = time.perf_counter()
        report = verify_sqlite(path, workers=workers)
        rate = ENTRIES / (time.perf_counter() - start)
        print(f"{workers} workers: {rate:.0f} records a second")
        assert report.is_good
        assert rate > RECORDS_PER_SECOND_MIN
