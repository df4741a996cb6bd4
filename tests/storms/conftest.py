"""The journals that are attacked: made once for each engine, the service stopped."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.installation import POSTGRES, SQLITE
from tests.storms.sample_journal import Sample, a_sample
from tests.storms.tampering import AttackedFile, AttackedServer, Attacker


@pytest.fixture(scope="session", params=[SQLITE, POSTGRES])
def sample(request: pytest.FixtureRequest) -> Iterator[Sample]:
    """A journal of the real product with every kind of entry."""
    with a_sample(request.param) as made:
        made.installation.stop()
        yield made


@pytest.fixture(scope="session")
def attacker(sample: Sample) -> Iterator[Attacker]:
    """After this the guards of the database are gone."""
    attacked = (
        AttackedServer(sample.installation.url)
        if sample.engine == POSTGRES
        else AttackedFile(Path(sample.installation.folder / "data" / "fiscus.db"))
    )
    found = Attacker(attacked)
    report = found.judged(root=sample.fingerprint)
    assert report.is_good, report.findings
    yield found
    attacked.close()
