"""Somebody changes the database under a running service: it says so within seconds, everywhere, and
forgets it once it was mended."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from bench import sales
from bench.installation import POSTGRES, SQLITE, Installation, fresh, has_postgres
from bench.merchant import Merchant

pytestmark = [
    pytest.mark.long,  # a service that verifies itself, in real time
    pytest.mark.alone,  # within seconds
]

NOTICE_SECONDS = 15
MEND_SECONDS = 90
OF_THE_JOURNAL = "the journal has"


@pytest.fixture(params=[SQLITE, POSTGRES])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """A server with its worker, on each engine."""
    if request.param == POSTGRES and not has_postgres():
        pytest.skip("no PostgreSQL server to make a database on")
    with fresh(request.param, tmp_path, FISCUS_STATE_DIR=str(tmp_path / "state")) as made:
        made.serve(1)
        yield made


def sell(installation: Installation, merchant: Merchant) -> None:
    caller = installation.caller(merchant.bearer)
    intention = json.loads(sales.intention(merchant.systems[0]))["content"]
    opened = caller.say("POST", "/records", intention)
    receipt = json.loads(sales.conclusion(opened["id"], sales.a_receipt("FR-A")))["content"]
    assert caller.say("POST", "/records", receipt)["state"] == "COMPLETED"


def problems(installation: Installation) -> list[str]:
    said = installation.health(installation.ports[0]).get("problems", [])
    assert isinstance(said, list)
    return [one for one in said if one.startswith(OF_THE_JOURNAL)]


def gauge(installation: Installation, name: str) -> float:
    connection = HTTPConnection("127.0.0.1", installation.ports[0], timeout=15)
    connection.request("GET", "/metrics")
    page = connection.getresponse().read().decode()
    connection.close()
    found = re.search(rf"^{name} (\S+)$", page, re.MULTILINE)
    assert found, page
    return float(found[1])


def until(is_true: Callable[[], Any], seconds: float) -> float:
    begun = time.monotonic()
    while not is_true():
        assert time.monotonic() - begun < seconds, "it never came to be"
        time.sleep(0.1)
    return time.monotonic() - begun


def sql(installation: Installation, statement: str, **values: str) -> list[Any]:
    engine = create_engine(installation.database)
    with engine.begin() as tx:
        done = tx.execute(text(statement), values)
        rows = [tuple(row) for row in done] if done.returns_rows else []
    engine.dispose()
    return rows


def verified(installation: Installation) -> tuple[int, str]:
    done = subprocess.run(
        [*installation.source.command, "verify"],
        env=installation.environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout


def test_a_row_that_a_sale_rests_on_is_missed_within_seconds_and_forgotten_once_it_is_back(
    installation: Installation, record_property: Callable[[str, object], None]
) -> None:
    merchant = installation.found(1)
    sell(installation, merchant)
    assert problems(installation) == []
    assert gauge(installation, "fiscus_verify_findings") == 0
    [(name,)] = sql(
        installation, "SELECT content FROM taxpayer WHERE id = :id", id=merchant.taxpayer
    )
    forged = name.replace("Padaria do Cais", "Padaria da Serra")
    assert forged != name
    change = "UPDATE taxpayer SET content = :content WHERE id = :id"

    sql(installation, change, content=forged, id=merchant.taxpayer)
    sell(installation, merchant)
    seconds = until(lambda: problems(installation), NOTICE_SECONDS)

    record_property("figures", f"{installation.engine}: a forged row named after {seconds:.1f} s")
    [problem] = problems(installation)
    assert merchant.taxpayer in problem
    until(lambda: gauge(installation, "fiscus_verify_findings") > 0, NOTICE_SECONDS)
    stated = sql(installation, "SELECT body FROM entry WHERE kind = 'finding@1'")
    assert any(merchant.taxpayer in bytes(body).decode() for (body,) in stated)
    code, told = verified(installation)
    assert code == 1
    assert f"taxpayer {merchant.taxpayer}" in told

    sql(installation, change, content=name, id=merchant.taxpayer)
    [port] = installation.ports
    installation.stop()
    installation.serve(1)  # whoever was ill verifies everything at once
    assert port not in installation.ports
    until(lambda: not problems(installation), MEND_SECONDS)

    until(lambda: gauge(installation, "fiscus_verify_findings") == 0, NOTICE_SECONDS)
    assert gauge(installation, "fiscus_verify_whole_timestamp_seconds") > 0
    code, told = verified(installation)
    assert code == 0, told
