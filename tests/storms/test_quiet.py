"""B-31: one tenant sells on while others ask for far too much. The figures are `bench.quiet`'s; the
bounds here only tell a tenant that waits a little from one that is kept out."""

import pytest

from bench import loud, quiet, tenants
from bench.installation import SQLITE
from tests.storms.driver import size, told

pytestmark = [pytest.mark.storm, pytest.mark.alone]  # It measures how long others wait.

WAIT_SECONDS = 5.0


def test_a_quiet_tenant_sells_on_beside_every_attack(capsys: pytest.CaptureFixture[str]) -> None:
    """A sale that is not answered with 200 is an error of the bench itself."""
    result = quiet.measured(SQLITE, size("QUIET_SECONDS", 3, 20), 1, quiet.LIMIT)

    for one in result.figures:
        told(
            capsys,
            f"B-31 {one.attack}",
            f"p99 {one.worst * 1000:.0f} ms, {one.ratio:.2f} times that beside a tenant at its "
            f"limit; answers {dict(one.answers())}",
        )
    assert [one.attack for one in result.figures] == list(quiet.ATTACKS)
    for one in result.figures:
        assert one.worst < WAIT_SECONDS
        assert set(dict(one.answers())) & {"429", "503"}, one
        assert {"500", "cut"}.isdisjoint(dict(one.answers()))


def test_a_tenant_is_told_of_its_sales_beside_one_whose_endpoints_never_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With one place for the messages of all, each of the other's took fifteen seconds of it."""
    sizes = tenants.Sizes(seconds=size("QUIET_SECONDS", 3, 20), rounds=1, documents=20)
    result = tenants.measured(SQLITE, sizes, (loud.SLOW, loud.SILENT))

    for one in result.figures:
        for name, alone, beside, _ in one.measures():
            told(
                capsys,
                f"B-31 {one.kind}, {name}",
                f"p99 {beside * 1000:.0f} ms, alone {alone * 1000:.0f} ms",
            )
            assert beside < WAIT_SECONDS
        assert one.missing == 0
