"""What was seen before the journal had format 2 (docs/why-a-journal.md), tried again: each sentence
is a test, and ends as the page says. Two more stand in `test_cutting.py`, with the service running:
a claim led to another record, and a tail cut under the service."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from bench import kiosk
from bench.installation import POSTGRES, SQLITE
from bench.judge import rows
from fiscus.journal.verify import verify_package
from tests.storms import german_shop
from tests.storms.putting_back import changed, kept_rows
from tests.storms.sample_journal import (
    Sample,
    a_small_installation,
    command,
    completed,
    exported,
    good,
    kept,
    sell,
)
from tests.storms.tampering import Attacker, codes
from tests.storms.test_cutting import column_back, findings, sale

pytestmark = pytest.mark.storm


@pytest.fixture(scope="module", params=[SQLITE, POSTGRES])
def shops(request: pytest.FixtureRequest) -> Iterator[Sample]:
    with a_small_installation(request.param) as made:
        sell(made, 6)
        yield made


@pytest.mark.parametrize("kind", ["abort@1", "nonsense@9"])
def test_a_kind_changed_with_sql_is_named(shops: Sample, kind: str) -> None:
    """Seen: with SQL alone a sale became `abort@1`, even `nonsense@9`, verify said Good, the Z that
    followed was short."""
    [register] = shops.kiosk.registers
    sold = completed(shops, german_shop.a_sale(register, 7))
    entry = entry_of(shops, sold)
    changed(
        shops.installation.database,
        "UPDATE entry SET kind = :kind WHERE id = :id",
        kind=kind,
        id=entry["id"],
    )
    named = findings(shops)
    changed(
        shops.installation.database,
        "UPDATE entry SET kind = 'document@1' WHERE id = :id",
        id=entry["id"],
    )
    assert entry["id"] in json.dumps(named)
    good(shops.german("/operations", {"register_id": register, "type": "session_close"}))
    good(shops.german("/operations", {"register_id": register, **kiosk.OPENING}))
    assert findings(shops) == []


def entry_of(sample: Sample, operation: dict[str, Any]) -> dict[str, Any]:
    intent = kiosk.uuid_of(operation["id"])
    [found] = [
        row for row in kept_rows(sample.installation.database)["entry"] if row["intent"] == intent
    ]
    return found


def test_a_key_added_to_the_table_of_keys_is_named(attacker: Attacker) -> None:
    """Seen: certificates could be appended to `register_key`."""
    with attacker.attack():
        [row, *_] = attacker.rows("register_key")
        attacker.put("register_key", row, certificate_pem=row["certificate_pem"] * 2)
        assert "VERIFY-ROWS-05" in codes(attacker.judged())
    with attacker.attack():
        other = row["register"][:-1] + ("1" if row["register"].endswith("0") else "0")
        attacker.add("register_key", {**row, "register": other})
        assert "VERIFY-ROWS-03" in codes(attacker.judged())


def test_a_forged_code_of_a_series_comes_into_no_document(shops: Sample) -> None:
    """Seen: `UPDATE series SET validation_code='FORGED12'` put the forgery into the next ATCUD and
    QR."""
    url = shops.installation.database
    before = kept_rows(url)["series"]
    changed(url, "UPDATE series SET validation_code = 'FORGED12' WHERE validation_code <> ''")
    status, atcud, answer = sale(shops)
    named = findings(shops)
    column_back(shops, "series", "validation_code", before)
    assert (status, atcud) == (503, "")
    assert "ISSUE-SERIES-07" in answer
    assert any((one["record"] or "").startswith("series ") for one in named)
    assert sale(shops)[0] == 200
    assert findings(shops) == []


def test_a_package_shows_nothing_of_another_tenant(shops: Sample, tmp_path: Path) -> None:
    """Seen: a tenant's package shows another tenant's register ids and volumes."""
    exported(shops)
    [[id_, artifact, jws]] = rows(
        shops.installation.database, "SELECT id, artifact, jws FROM file WHERE artifact IS NOT NULL"
    )
    stored = shops.installation.folder / "data" / "artifacts" / artifact[:2] / artifact
    package = tmp_path / f"{id_}.zip"
    package.write_bytes(stored.read_bytes())
    kept(tmp_path, f"{id_}.zip.jws", jws)
    report = verify_package(package)
    assert report.is_good, report.findings
    [register] = shops.kiosk.registers
    with ZipFile(package) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
        manifest = json.loads(archive.read("manifest.json"))
    foreign = {kiosk.uuid_of(register), shops.kiosk.organization}
    assert not [one for one in foreign if one.encode() in content]
    assert not foreign & {one["id"] for one in manifest["chains"]}


def test_a_forged_tax_number_reaches_no_file(shops: Sample, tmp_path: Path) -> None:
    """Seen: master data lie in no chain: a forged NIF reached the SAF-T header."""
    url = shops.installation.database
    before = kept_rows(url)["taxpayer"]
    for column in ("content", "details"):
        changed(url, f"UPDATE taxpayer SET {column} = replace({column}, '509876544', '501442600')")
    changed(
        url,
        "UPDATE taxpayer SET sole_number = '501442600' WHERE sole_number = '509876544'",
    )
    file = tmp_path / "saft.xml"
    told = command(
        shops, "export", "saft", *period(), "--taxpayer", shops.merchant.taxpayer, "-o", str(file)
    )
    named = findings(shops)
    for column in ("content", "details", "sole_number"):
        column_back(shops, "taxpayer", column, before)
    assert any((one["record"] or "").startswith("taxpayer ") for one in named)
    written = file.read_bytes() if file.exists() else b""
    assert b"501442600" not in written, re.findall(rb"<TaxRegistrationNumber>.*", written)[:1]
    assert written or told.code != 0


def period() -> tuple[str, ...]:
    today = datetime.now(UTC).date()
    return ("--from", (today - timedelta(days=2)).isoformat(), "--to", today.isoformat())


def test_a_cut_tail_without_checkpoints_is_found_with_any_note(
    attacker: Attacker, sample: Sample, tmp_path: Path
) -> None:
    """Seen: cutting the tail and deleting all checkpoints gives Good; `--checkpoint` finds it, but
    nobody keeps one; our note is readable by nobody else."""
    with attacker.attack():
        for table, stored in sample.earlier.items():
            attacker.replace(table, stored)
        attacker.empty("checkpoint")
        assert not attacker.judged().is_good
        for table in ("leaf_run", "tile"):
            attacker.empty(table)
        for row in attacker.rows("chain"):
            attacker.put("chain", row, covered=0)
        # A closing names the checkpoint of its time: paper is a witness too.
        assert "VERIFY-CLOSING-03" in codes(attacker.judged())
        note = kept(tmp_path, "note", sample.newest_note)
        assert {code[:14] for code in codes(attacker.judged(against=note))} & {"VERIFY-AGAINST"}
