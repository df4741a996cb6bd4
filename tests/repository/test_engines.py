"""Which engine the tests run on is asked in one place, so that who does not ask cannot need it."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
URL = "FISCUS_TEST_" + "DATABASE_URL"
ALLOWED = {"conftest.py", "bench/installation.py"}


def test_only_the_server_fixture_knows_the_database_under_test() -> None:
    files = [path for top in ("fiscus", "tests", "bench") for path in (ROOT / top).rglob("*.py")]
    naming = {
        str(path.relative_to(ROOT))
        for path in [*files, ROOT / "conftest.py"]
        if URL in path.read_text(encoding="utf-8")
    }

    assert naming == ALLOWED, "ask for the fixture `server` instead"
