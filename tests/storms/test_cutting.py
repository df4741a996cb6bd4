"""B-05, the fourth opponent cuts and changes what is stored while the service runs and sells on."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from bench import sales
from bench.installation import POSTGRES, SQLITE
from fiscus.store.columns import METADATA
from tests.storms.driver import told
from tests.storms.putting_back import changed, kept_rows, put_back
from tests.storms.sample_journal import (
    Sample,
    a_small_installation,
    command,
    health,
    intention,
    said,
    sell,
    until,
)

pytestmark = pytest.mark.storm

BEHIND = "JOURNAL-HEAD-01"
SEEN_SECONDS = 20


@pytest.fixture(scope="module", params=[SQLITE, POSTGRES])
def running(request: pytest.FixtureRequest) -> Iterator[Sample]:
    """A service that sells."""
    with a_small_installation(request.param) as made:
        sell(made, 6)
        yield made


def sale(sample: Sample, system: int = 0, series: str = "") -> tuple[int, str, str]:
    """Status, ATCUD (empty without one), and the whole answer of the request that decided."""
    content: dict[str, Any] = {
        "type": "INTENTION",
        "system": {"id": sample.merchant.systems[system]},
        "operation": {"type": "TRANSACTION"},
    }
    status, answer = sample.caller.ask("POST", "/records", {"content": content})
    if status != 200:
        return status, "", json.dumps(answer)
    content = {
        "type": "TRANSACTION",
        "record": {"id": answer["content"]["id"]},
        "operation": sales.a_receipt(series or f"FR-{system + 1}"),
    }
    status, answer = sample.caller.ask("POST", "/records", {"content": content})
    compliance = answer["content"].get("compliance") or {}
    return status, compliance.get("data", ""), json.dumps(answer)


def column_back(sample: Sample, table: str, column: str, rows: list[dict[str, Any]]) -> None:
    """One column as it was."""
    keys = [one.name for one in METADATA.tables[table].primary_key.columns]
    where = " AND ".join(f'"{key}" = :{key}' for key in keys)
    for row in rows:
        values = {key: row[key] for key in keys} | {"old": row[column]}
        changed(
            sample.installation.database,
            f'UPDATE "{table}" SET "{column}" = :old WHERE {where}',
            **values,
        )


def findings(sample: Sample) -> list[dict[str, Any]]:
    report = json.loads(command(sample, "verify", "--json").out)
    found: list[dict[str, Any]] = report["findings"]
    return found


NIF = "replace({}, '509876544', '501442600')"
FORGED = {
    "the code of a series": [("series", "validation_code", "'FORGED12'")],
    "the role of a key": [("subject", "role", "'owner'")],
    "what a sale rests on": [
        ("series", "state", "'wanted'"),
        ("taxpayer", "content", NIF.format("content")),
        ("taxpayer", "details", NIF.format("details")),
        ("register", "content", "replace(content, 'Balcao 1', 'Balcao 9')"),
        ("register_key", "secret", "(SELECT k.secret FROM register_key AS k LIMIT 1)"),
        ("claim", "entry", "(SELECT max(c.entry) FROM claim AS c)"),
    ],
}
"""Rows of the same table, column and value; what is changed together does not hide each other."""

NAMED = {"claim": "VERIFY-CLAIM-"}


@pytest.mark.parametrize("case", FORGED)
def test_rows_changed_under_the_running_service_are_named(
    running: Sample, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever the next sale does, no forged word comes into it, and verify names each table."""
    url = running.installation.database
    before = kept_rows(url)
    for table, column, value in FORGED[case]:
        where = " WHERE entry IS NOT NULL" if table == "claim" else ""
        assert changed(url, f'UPDATE "{table}" SET "{column}" = {value}{where}')
    time.sleep(1.1)
    status, atcud, answer = sale(running)
    named = findings(running)
    for table, column, _ in FORGED[case]:
        column_back(running, table, column, before[table])
    told(
        capsys,
        f"B-05 {running.engine}",
        f"{case} changed while the service runs: the next sale {status} {atcud or answer[:120]}; "
        f"verify: {sorted({one['code'] for one in named})}",
    )
    assert "FORGED12" not in answer
    assert "501442600" not in answer
    records = [f"{one['code']} {one['record'] or ''}" for one in named]
    for table, _, _ in FORGED[case]:
        wanted = NAMED.get(table, f"VERIFY-ROWS-05 {table} ")
        assert any(one.startswith(wanted) for one in records), (table, records)
    until(lambda: sale(running)[0] == 200, "it sells again", 15)
    assert findings(running) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [("number", "number - 1"), ("number", "number + 1"), ("carried", "'forged'")],
)
def test_a_forged_counter_numbers_nothing(running: Sample, column: str, value: str) -> None:
    """No number comes twice, none is left out, and the law's signature is made over nothing else
    than the document before."""
    url = running.installation.database
    assert sale(running)[0] == 200
    before = kept_rows(url)["series"]
    changed(url, f"UPDATE series SET {column} = {value} WHERE last_record <> ''")
    status, _, answer = sale(running)
    named = findings(running)
    column_back(running, "series", column, before)
    assert (status, "ISSUE-SERIES-07" in answer) == (503, True)
    assert any(one["code"] == "VERIFY-SERIES-04" for one in named)
    assert sale(running)[0] == 200
    assert findings(running) == []


def test_a_forged_claim_answers_nobody_with_another_record(running: Sample) -> None:
    """Seen: `UPDATE claim SET entry=…` answered a till with another sale's record."""
    mine, other = (request(running) for _ in range(2))
    first = running.caller.ask("POST", "/records", mine[1], key=mine[0])
    second = running.caller.ask("POST", "/records", other[1], key=other[0])
    before = kept_rows(running.installation.database)["claim"]
    [claim] = [row for row in before if row["key"].endswith(mine[0])]
    [another] = [row for row in before if row["key"].endswith(other[0])]
    changed(
        running.installation.database,
        "UPDATE claim SET entry = :entry, taker = :entry WHERE key = :key",
        entry=another["entry"],
        key=claim["key"],
    )
    status, answer = running.caller.ask("POST", "/records", mine[1], key=mine[0])
    column_back(running, "claim", "entry", [claim])
    column_back(running, "claim", "taker", [claim])
    assert second[0] == 200
    assert (status, "ISSUE-KEY-03" in json.dumps(answer)) == (503, True)
    assert running.caller.ask("POST", "/records", mine[1], key=mine[0]) == first


def request(sample: Sample) -> tuple[str, dict[str, Any]]:
    content = {
        "type": "TRANSACTION",
        "record": {"id": intention(sample)},
        "operation": sales.a_receipt("FR-1"),
    }
    return sales.a_key(time.time_ns()), {"content": content}


def test_a_tail_cut_under_the_running_service_stops_that_register_alone(
    running: Sample, capsys: pytest.CaptureFixture[str]
) -> None:
    """Seen: four tail entries cut under the running service: the next sale got number 3 again."""
    url = running.installation.database
    said(running, "journal", "checkpoint")
    before = kept_rows(url)
    given = [sale(running)[1] for _ in range(4)]
    time.sleep(2.5)  # They are in the log, and in the files of what was seen.
    put_back(url, before)
    again = [sale(running) for _ in range(3)]
    assert [status for status, _, _ in again] == [409] * 3
    assert all(BEHIND in answer for _, _, answer in again)
    elsewhere = sale(running, 1)
    assert elsewhere[0] == 200
    assert elsewhere[1] not in given
    until(lambda: running.merchant.systems[0] in health(running), "health", SEEN_SECONDS)
    told(
        capsys,
        f"B-05 {running.engine}",
        f"{given[-1]} cut with all that belongs to it while the service runs: the next three sales "
        f"refused with {BEHIND}, the other register gave {elsewhere[1]}",
    )


def test_a_restart_does_not_forget_the_tail_that_was_cut(running: Sample) -> None:
    """The watermark in the files outside the database: the register stays refused, and
    `fiscus verify` names what the machine had seen."""
    [port] = running.installation.ports
    running.installation.stop()
    running.installation.ports.append(port)
    running.installation.start(port)
    running.installation.wait(port)
    status, _, answer = sale(running)
    assert (status, BEHIND in answer) == (409, True)
    assert sale(running, 1)[0] == 200
    assert running.merchant.systems[0] in health(running)
    assert any(one["code"].startswith("VERIFY-AGAINST-") for one in findings(running))
