"""Files are asked for, made outside the request, listed, streamed, and proved."""

import io
import json
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote
from zipfile import ZipFile

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from fiscus.journal.verify import sentences, verify_package
from tests.journeys import words
from tests.journeys.house import Premises
from tests.journeys.till import Json, Till, envelope, refusal

TODAY = {"from": "2026-11-16", "to": "2026-11-16"}


def asked(till: Till, type_: str = "EXPORT", **changes: object) -> Json:
    return till.made("/files", {"type": type_, "range": TODAY, **changes})


def test_a_file_is_accepted_then_completed(premises: Premises, till: Till) -> None:
    till.sells(words.receipt())

    file = asked(till, "AUDIT")
    assert (file["state"], file["mode"]) == ("ACCEPTED", "PROCESSING")
    refusal(till.send("GET", file["artifact"]["path"]), 404)
    premises.work()
    done = till.listed("/files")[0]

    assert done == {**file, "state": "COMPLETED", "mode": "FINISHED"}
    assert done["location"] == "SERVICE"
    assert done["artifact"] == {"type": "application/zip", "path": f"/files/{file['id']}.zip"}
    assert done["integrity"]["path"] == f"/files/{file['id']}.zip.jws"
    assert done["taxpayer"] == {"id": till.taxpayer}
    assert done["range"] == TODAY


def test_a_file_is_streamed_as_an_attachment(premises: Premises, till: Till) -> None:
    till.sells(words.receipt())
    file = asked(till, "AUDIT")
    premises.work()

    response = till.send("GET", file["artifact"]["path"])

    assert response.headers["Content-Type"] == "application/octet-stream"
    assert f'filename="{file["id"]}.zip"' in response.headers["Content-Disposition"]
    assert int(response.headers["Content-Length"]) == len(response.content)
    with ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.namelist() == ["saft-pt_509876544_2026-11-16_2026-11-16.xml"]
        assert b"FR FR-T01-2026/1" in archive.read(archive.namelist()[0])


def test_a_package_is_proved_by_a_stranger(premises: Premises, till: Till, tmp_path: Path) -> None:
    for _ in range(3):
        till.sells(words.receipt())
    file = asked(till)
    premises.work()
    package = tmp_path / "journal.zip"
    package.write_bytes(till.send("GET", file["artifact"]["path"]).content)
    jws = till.send("GET", file["integrity"]["path"]).content
    package.with_name("journal.zip.jws").write_bytes(jws)

    report = verify_package(package)
    package.write_bytes(package.read_bytes() + b"\0")
    changed = verify_package(package)

    assert report.is_good, sentences(report)
    assert report.entries == 6
    assert not changed.is_good


def test_a_package_holds_audit_file_entries_and_certificates(
    premises: Premises, till: Till
) -> None:
    till.sells(words.receipt())
    file = asked(till)
    premises.work()

    with ZipFile(io.BytesIO(till.send("GET", file["artifact"]["path"]).content)) as archive:
        names = set(archive.namelist())
        entries = archive.read("entries.jsonl").splitlines()

    assert names == {
        "saft-pt_509876544_2026-11-16_2026-11-16.xml",
        "entries.jsonl",
        "checkpoints.jsonl",
        "manifest.json",
        "certificates/checkpoint.pem",
        f"certificates/{till.system}.pem",
    }
    assert len(entries) == 2


def test_the_signature_of_a_file_is_a_detached_jws(premises: Premises, till: Till) -> None:
    till.sells(words.receipt())
    file = asked(till, "AUDIT")
    premises.work()
    archive = till.send("GET", file["artifact"]["path"]).content
    header, payload, signature = till.send("GET", file["integrity"]["path"]).text.strip().split(".")
    kept = till.http.get("/checkpoint").json()
    certificate = x509.load_pem_x509_certificate(kept["certificate_pem"].encode())

    raw = urlsafe_b64decode(signature + "==")
    halves = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    message = header.encode() + b"." + urlsafe_b64encode(archive).rstrip(b"=")
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(utils.encode_dss_signature(*halves), message, ec.ECDSA(SHA256()))
    assert payload == ""
    assert json.loads(urlsafe_b64decode(header + "=="))["alg"] == "ES256"


def test_the_integrity_of_a_record_is_a_detached_jws(till: Till) -> None:
    record = till.sells(words.receipt())
    system = till.get(f"/systems/{till.system}")
    pem = system["journal"]["cryptography"]["certificate"]["x509_pem"]

    shown = till.get(f"/records/{record['id']}?file-artifact&file-integrity")["file"]

    stored = b64decode(shown["artifact"]["data"])
    header, _, signature = b64decode(shown["integrity"]["data"]).decode().split(".")
    raw = urlsafe_b64decode(signature + "==")
    halves = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    message = header.encode() + b"." + urlsafe_b64encode(stored).rstrip(b"=")
    key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(utils.encode_dss_signature(*halves), message, ec.ECDSA(SHA256()))


def test_an_export_of_one_system_holds_that_system(premises: Premises, till: Till) -> None:
    till.sells(words.receipt())
    other = till.made("/systems", words.device(till.location))["id"]
    till.changed(f"/systems/{other}", {"state": "COMMISSIONED"})
    till.sells(words.receipt(), till.intends(other))

    file = asked(till, system={"id": other})
    premises.work()

    with ZipFile(io.BytesIO(till.send("GET", file["artifact"]["path"]).content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert file["system"] == {"id": other}
    assert [one["id"] for one in manifest["registers"]] == [other]


def test_files_are_filtered(premises: Premises, till: Till) -> None:
    audit = asked(till, "AUDIT")["id"]
    premises.clock.move(minutes=10)
    export = asked(till, system={"id": till.system})["id"]
    moment = quote("2026-11-16T09:05:00+00:00")

    def found(query: str) -> list[str]:
        return [one["id"] for one in till.listed(f"/files?{query}")]

    assert found("") == [audit, export]
    assert found("type=AUDIT") == [audit]
    assert found("type=EXPORT") == [export]
    assert found(f"system_id={till.system}") == [export]
    assert found(f"taxpayer_id={till.taxpayer}") == [audit, export]
    assert found(f"start={moment}") == [export]
    assert found(f"end={moment}") == [audit]
    assert found(f"start={moment.replace('%2B', '+')}") == [export]
    assert found(f"start={moment}&end={moment}") == []
    refusal(till.send("GET", "/files?start=2026-11-16"), 400)
    refusal(till.send("GET", "/files?type=BOTH"), 400)


RANGES = [
    ({"from": "2026-11-17", "to": "2026-11-17"}, 422),
    ({"from": "2026-11-16", "to": "2026-11-15"}, 422),
    ({"from": "2026-02-30", "to": "2026-03-01"}, 400),
    ({"from": "2026-11-16"}, 400),
    ({"from": "16.11.2026", "to": "16.11.2026"}, 400),
]


@pytest.mark.parametrize("type_", ["AUDIT", "EXPORT"])
def test_a_range_is_of_days_that_have_been(till: Till, type_: str) -> None:
    for period, status in RANGES:
        response = till.send("POST", "/files", envelope({"type": type_, "range": period}))
        assert "range" in refusal(response, status)

    assert till.page("/files") == {"results": []}


def test_a_day_ends_at_midnight_in_lisbon(premises: Premises, till: Till) -> None:
    """In summer Lisbon is an hour ahead of UTC."""
    premises.clock.move(days=230, hours=14, minutes=30)
    assert premises.clock.now.isoformat() == "2027-07-04T23:30:00+00:00"
    owner = premises.unit("B").opens_shop()

    late = owner.sells(words.receipt(series="NOITE"))

    assert words.qr(late)["F"] == "20270705"
    for day, holds in (("2027-07-04", False), ("2027-07-05", True)):
        file = asked(owner, "AUDIT", range={"from": day, "to": day})
        premises.work()
        archive = ZipFile(io.BytesIO(owner.send("GET", file["artifact"]["path"]).content))
        assert (b"FR NOITE/1" in archive.read(archive.namelist()[0])) is holds


def test_a_unit_without_a_taxpayer_has_no_files(unit: Till) -> None:
    refusal(unit.send("POST", "/files", envelope({"type": "AUDIT", "range": TODAY})), 422)


def test_a_file_may_be_asked_for_with_or_without_a_key(till: Till) -> None:
    body = envelope({"type": "AUDIT", "range": TODAY})

    without = till.send("POST", "/files", body, key="")
    key = "0e3f4c9e-4a49-4f0f-8b1e-6a2f0a1d2b3c"
    first, second = (till.send("POST", "/files", body, key=key) for _ in range(2))

    assert without.status_code == 200
    assert first.json() == second.json()
    assert second.headers["X-Idempotency-Replayed"] == "true"
    assert len(till.listed("/files")) == 2
