"""The journals that are attacked: made once for each engine, the service stopped."""

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from bench.installation import POSTGRES, SQLITE
from tests.storms.driver import IS_FULL
from tests.storms.sample_journal import Sample, a_sample
from tests.storms.tampering import AttackedFile, AttackedServer, Attacker

ENGINES = (SQLITE, POSTGRES)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The small run makes each case of tests marked `either` on one engine, drawn anew in each
    run. The full run, and whoever names a test, makes it on both."""
    if IS_FULL or any("::" in one for one in config.args):
        return
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
    cases: dict[str, dict[str, pytest.Item]] = defaultdict(dict)
    for item in items:
        if item.get_closest_marker("either"):
            name, engine = _case(item)
            cases[name][engine] = item
    dropped = {
        both[ENGINES[crc32(f"{run} {name}".encode()) % 2]]
        for name, both in cases.items()
        if len(both) == len(ENGINES)
    }
    if dropped:
        config.hook.pytest_deselected(items=[item for item in items if item in dropped])
        items[:] = [item for item in items if item not in dropped]


def _case(item: pytest.Item) -> tuple[str, str]:
    """The test's name without its engine, and the engine."""
    test, _, rest = item.nodeid.partition("[")
    parts = rest.removesuffix("]").split("-")
    [engine] = (one for one in parts if one in ENGINES)
    return "-".join([test, *(one for one in parts if one != engine)]), engine


@pytest.fixture(scope="session", params=ENGINES)
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
