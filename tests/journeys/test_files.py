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

from fiscus.exports import jobs
from fiscus.journal.verify import sentences, verify_package
from fiscus.registry import signers
from fiscus.store.connect import reading
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Json, Till, envelope, refusal

KEY = "0196a1f2-0000-4c3d-9e4f-00000000000f"
TODAY = {"from": "2026-11-16", "to": "2026-11-16"}


def asked(till: Till, type_: str = "EXPORT", **changes: object) -> Json:
    return till.made("/files", {"type": type_, "range": TODAY, **changes})


def state_of(till: Till, file: Json, member: str = "state") -> str:
    """2026-06-01 tells it."""
    listed = till.speaking("2026-06-01").listed("/files?limit=100")
    return next(str(one[member]) for one in listed if one["id"] == file["id"])


def test_a_file_is_accepted_then_completed(premises: Premises, till: Till) -> None:
    till.sells(words.receipt())

    file = asked(till, "AUDIT")
    assert (state_of(till, file), state_of(till, file, "mode")) == ("ACCEPTED", "PROCESSING")
    refusal(till.send("GET", file["artifact"]["path"]), 404)
    premises.work()
    [done] = till.listed("/files")

    assert done == file
    assert (state_of(till, file), state_of(till, file, "mode")) == ("COMPLETED", "FINISHED")
    assert done["location"] == "SERVICE"
    assert done["artifact"] == {"type": "application/zip", "path": f"/files/{file['id']}.zip"}
    assert done["integrity"]["path"] == f"/files/{file['id']}.zip.jws"
    assert done["system"] == {"id": till.system}


@pytest.mark.parametrize("version", ["2026-02-03", "2026-05-04", "2026-06-01"])
def test_each_version_shows_the_members_that_it_knows(
    premises: Premises, till: Till, version: str
) -> None:
    """Files of 2026-05-04 showed the members of 2026-06-01 and lacked their system."""
    speaking = till.speaking(version)
    of_one = asked(till, system={"id": till.system})
    made = asked(speaking)
    body = envelope({"type": "EXPORT", "range": TODAY})
    first, again = (speaking.send("POST", "/files", body, key=KEY) for _ in range(2))
    premises.work()
    members = {"id", "created_at", "location", "artifact", "integrity"}
    later = {"type", "state", "mode", "taxpayer", "range"}

    listed = {one["id"]: one for one in speaking.listed("/files")}

    is_later = version == "2026-06-01"
    for one in (made, listed[made["id"]]):
        assert set(one) == members | (later if is_later else {"system"})
    assert listed[of_one["id"]]["system"] == {"id": till.system}
    assert first.json() == again.json()
    assert set(again.json()["content"]) == set(made)
    if is_later:
        assert listed[made["id"]]["taxpayer"] == {"id": till.taxpayer}
        assert listed[made["id"]]["range"] == TODAY


def test_who_has_as_many_files_on_the_way_as_may_be_is_told_when_to_come_again(
    premises: Premises, till: Till
) -> None:
    """Another tenant is not, and the same request may be sent again."""
    till.sells(words.receipt())
    for _ in range(jobs.WAITING_MAX):
        asked(till)
    body = envelope({"type": "EXPORT", "range": TODAY})

    late = till.send("POST", "/files", body, key=KEY)

    assert "TASK-LIMIT-01" in refusal(late, 429)
    assert late.headers["Retry-After"] == "30"
    other = premises.unit("Café Central").opens_shop()
    other.sells(words.receipt())
    assert state_of(other, asked(other)) == "ACCEPTED"
    premises.work()
    assert till.send("POST", "/files", body, key=KEY).status_code == 200


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
    assert report.chains == 3, "the installation's keys, the organization, the register"
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
        "checkpoint.txt",
        "proofs.jsonl",
        "manifest.json",
        "certificates/package.pem",
        f"certificates/{till.system}.pem",
    }
    bodies = [json.loads(b64decode(json.loads(line)["body"])) for line in entries]
    assert [one["kind"] for one in bodies if one["chain"] == till.system] == [
        "intent@1",
        "document@1",
    ]


def test_the_signature_of_a_file_is_a_detached_jws(premises: Premises, till: Till) -> None:
    till.sells(words.receipt())
    file = asked(till, "AUDIT")
    premises.work()
    archive = till.send("GET", file["artifact"]["path"]).content
    header, payload, signature = till.send("GET", file["integrity"]["path"]).text.strip().split(".")
    with reading(premises.services.engine) as tx:
        certificate = x509.load_pem_x509_certificate(signers.certificate(tx, "package").encode())

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
    assert [one["id"] for one in manifest["chains"]] == [till.organization, other]


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
