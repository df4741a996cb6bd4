"""B-39: a worker killed in the middle of an export leaves it to the next, which completes it."""

import asyncio
import json
import os
import signal
import time
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import create_engine

from bench.installation import Installation, fresh
from bench.judge import rows
from bench.merchant import Caller
from fiscus.journal.verify import verify_package
from fiscus.store.schema import TASK
from tests.storms.driver import Shop, engines, judged, need, seed, size, told

pytestmark = pytest.mark.storm

PATIENCE_SECONDS = 60


@engines
def test_a_killed_worker_leaves_its_export_to_the_next_which_completes_it(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    need(engine)
    documents, kills, chance = size("EXPORTED", 300, 3_000), size("EXPORT_KILLS", 3, 100), seed()
    random = Random(chance)
    with fresh(engine, tmp_path) as installation:
        installation.serve(1, "--no-worker")
        merchant = installation.found(2)
        shop = Shop(
            installation=installation, merchant=merchant, series=["FR-A", "FR-B"], random=random
        )
        asyncio.run(shop.sell(iter(range(documents)), 16))
        caller = installation.caller(merchant.bearer)
        for _ in range(kills):
            ask(caller)
        killed = sum(kill_at_work(installation, random) for _ in range(kills))
        worker = installation.spawn("work")
        jobs = finished(caller, kills)
        os.killpg(worker.pid, signal.SIGTERM)
        worker.wait()
        for job in jobs:
            check(caller, installation, job["id"], tmp_path, len(shop.sold))
        verdict = judged(shop)
    told(
        capsys,
        f"B-39 {engine}",
        f"{killed} workers killed at work over {kills} exports of {documents} documents, seed "
        f"{chance}: {len(jobs)} COMPLETED with right counts; {verdict.sentence()}",
    )
    assert killed == kills
    assert verdict.is_good, verdict


def ask(caller: Caller) -> None:
    today = datetime.now(UTC).date()
    period = {"from": (today - timedelta(days=2)).isoformat(), "to": today.isoformat()}
    caller.say("POST", "/files", {"type": "EXPORT", "range": period})


def kill_at_work(installation: Installation, random: Random, patience: float = 0.05) -> bool:
    """Start a worker, kill it within `patience` seconds of its taking a task, and let the lease
    end at once; tells whether it was still at work. The attempt is not counted: it is we who end
    the worker, more often than any task may."""
    worker = installation.spawn("work")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not leased(installation) and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(random.uniform(0, patience))
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    is_at_work = bool(leased(installation))
    engine = create_engine(installation.database)
    with engine.begin() as tx:
        tx.execute(TASK.update().values(due_at="2000-01-01T00:00:00.000000Z", attempts=0))
    engine.dispose()
    return is_at_work


def leased(installation: Installation) -> list[Any]:
    """Tasks that a worker holds: due later than now."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return rows(installation.database, f"SELECT id FROM task WHERE due_at > '{now}'")


def finished(caller: Caller, count: int) -> list[Any]:
    """The jobs, once they all have an end."""
    deadline = time.monotonic() + PATIENCE_SECONDS * (1 + count / 10)
    while time.monotonic() < deadline:
        # In 2026-06-01 files have states.
        _, page = caller.ask("GET", "/files?limit=100", version="2026-06-01")
        jobs = [one["content"] for one in page["results"]]
        if all(job["mode"] == "FINISHED" for job in jobs):
            break
        time.sleep(0.1)
    assert [job["state"] for job in jobs] == ["COMPLETED"] * count
    return jobs


def check(
    caller: Caller, installation: Installation, id_: str, folder: Path, documents: int
) -> None:
    """The file of a job: its signature, its entries, its documents."""
    artifact, jws, counted = rows(
        installation.database, f"SELECT artifact, jws, documents FROM file WHERE id = '{id_}'"
    )[0]
    package = folder / f"{id_}.zip"
    package.write_bytes(
        (installation.folder / "data" / "artifacts" / artifact[:2] / artifact).read_bytes()
    )
    package.with_name(f"{id_}.zip.jws").write_text(jws)
    report = verify_package(package)
    assert report.is_good, report.findings
    of_registers = "SELECT count(*) FROM entry WHERE taxpayer <> ''"
    entries = rows(installation.database, of_registers)[0][0]
    with ZipFile(package) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        audit = next(name for name in archive.namelist() if name.endswith(".xml"))
        assert archive.read(audit).count(b"<Invoice>") == documents
        lines = archive.read("entries.jsonl").splitlines()
    bodies = [json.loads(b64decode(json.loads(line)["body"])) for line in lines]
    assert sum("place" in body for body in bodies) == entries
    assert report.entries == manifest["entries"] == len(bodies)
    assert counted == documents
