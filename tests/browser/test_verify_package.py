"""Journal packages in the browser: each kind of damage is found as the command finds it."""

import base64
import json
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import pytest

from fiscus.journal.tests.small_journal import SmallJournal, encoded
from fiscus.journal.tests.small_keys import SmallLogKey, a_log_key
from fiscus.journal.tests.small_package import Files, package_files, write_package
from fiscus.journal.tests.small_shop import REGISTERS, a_journal, sell
from fiscus.journal.verify.kinds import EVERY, KINDS, RELIED
from fiscus.journal.verify.package import verify_package
from fiscus.journal.verify.report import VerifyReport
from fiscus.journal.verify.tests.test_package import SPOILED
from tests.browser.scripts import Scripts, b64

Json = dict[str, Any]

JUDGE = """
    const {judgePackage} = await load("package");
    const {jws, fingerprint, policy, note, secondsMax} = given;
    const hooks = {secondsMax};
    return judgePackage(new Blob([bytes(given.zip)]), {jws, fingerprint, policy, note}, hooks);
"""

NOT_HERE = "VERIFY-ROWS-01"
"""What the command judges of a package and the browser does not; it says so."""


@pytest.fixture(scope="module")
def journal() -> SmallJournal:
    return a_journal(80)


@pytest.fixture(scope="module")
def files(journal: SmallJournal) -> Files:
    return package_files(journal)


def judged(alone: Scripts, path: Path, **outside: str) -> Json:
    given: Json = {"zip": b64(path.read_bytes()), "jws": ""}
    beside = Path(f"{path}.jws")
    if beside.exists():
        given["jws"] = beside.read_text()
    report: Json = alone.run(JUDGE, **(given | outside))
    return report


def codes(report: Json) -> set[str]:
    return {one["code"] for one in report["findings"]}


def keys(report: Json, name: str) -> set[str]:
    return {one["key"] for one in report[name]}


def places(report: Json) -> set[tuple[str, str, int]]:
    return {
        (one["code"], one["place"].get("chain", ""), one["place"].get("sequence", 0))
        for one in report["findings"]
    }


def places_of(report: VerifyReport) -> set[tuple[str, str, int]]:
    return {
        (one.code, one.entry.chain if one.entry else "", one.entry.sequence if one.entry else 0)
        for one in report.findings
        if one.code != NOT_HERE
    }


def test_a_good_package_is_good_and_says_what_was_not_shown(
    alone: Scripts, files: Files, tmp_path: Path
) -> None:
    path = write_package(tmp_path / "p.zip", files)

    report = judged(alone, path)

    assert report["verdict"] == "good"
    assert report["findings"] == []
    assert report["facts"]["entries"] == verify_package(path).entries
    assert report["facts"]["fingerprint"] == verify_package(path).fingerprint
    assert report["facts"]["note"] == verify_package(path).newest_note
    assert {"package-signed", "proofs-checked", "note-checked"} <= keys(report, "checked")
    missing = keys(report, "unchecked")
    assert {"author-unknown", "split-view", "rows-unchecked", "others-unchecked"} <= missing
    assert {"need-fingerprint", "need-policy", "need-database"} <= keys(report, "needed")


def test_with_the_fingerprint_the_author_is_known(
    alone: Scripts, files: Files, tmp_path: Path
) -> None:
    path = write_package(tmp_path / "p.zip", files)
    fingerprint = str(verify_package(path).fingerprint)

    known = judged(alone, path, fingerprint=fingerprint)
    other = judged(alone, path, fingerprint="sha256:" + "0" * 64)
    unread = judged(alone, path, fingerprint="sha256:abc")

    assert "author-known" in keys(known, "checked")
    assert "author-unknown" not in keys(known, "unchecked")
    assert codes(other) == {"VERIFY-ROOT-01"}
    assert unread["verdict"] == "not judged"


def test_without_its_signature_nobody_is_known_to_have_made_it(
    alone: Scripts, files: Files, tmp_path: Path
) -> None:
    path = write_package(tmp_path / "p.zip", files)
    Path(f"{path}.jws").unlink()

    report = judged(alone, path)

    assert report["verdict"] == "good"
    assert [(one["code"], one["severity"]) for one in report["findings"]] == [
        ("VERIFY-PACKAGE-04", "warning")
    ]
    said = {one["key"] for part in ("checked", "unchecked", "notes") for one in report[part]}
    assert not {key for key in said if key.startswith("package")}, "it is said in one place"


def test_what_no_note_covers_is_counted(alone: Scripts, tmp_path: Path) -> None:
    journal = a_journal(60)
    sell(journal, REGISTERS[0])

    report = judged(alone, write_package(tmp_path / "p.zip", package_files(journal)))

    assert report["verdict"] == "good"
    uncovered = [one for one in report["unchecked"] if one["key"] == "entries-uncovered"]
    assert [one["values"]["uncovered"] for one in uncovered] == [2]


def test_runs_of_registers_may_begin_anywhere(
    alone: Scripts, journal: SmallJournal, tmp_path: Path
) -> None:
    report = judged(alone, write_package(tmp_path / "p.zip", package_files(journal, first=7)))

    assert report["findings"] == []


@pytest.mark.parametrize("name", SPOILED)
def test_what_the_command_finds_is_found(
    alone: Scripts, files: Files, name: str, tmp_path: Path
) -> None:
    spoil, code = SPOILED[name]
    path = write_package(tmp_path / "p.zip", spoil(dict(files)))

    report = judged(alone, path)

    assert report["verdict"] == "not good"
    assert code in codes(report)
    assert codes(report) ^ {code for code, _, _ in places_of(verify_package(path))} <= {
        "VERIFY-PACKAGE-01",
        "VERIFY-PACKAGE-02",
        "VERIFY-PACKAGE-06",
    }


def changed_lines(files: Files, rng: random.Random) -> Iterator[tuple[str, Files]]:
    """A bit of each member of each tenth entry."""
    lines = files["entries.jsonl"].splitlines(keepends=True)
    for number in range(0, len(lines), 10):
        for member in ("body", "key", "link", "signature"):
            said = json.loads(lines[number])
            if member == "body":
                body = bytearray(base64.b64decode(said[member]))
                body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
                said[member] = b64(bytes(body))
            else:
                at = rng.randrange(len(said[member]))
                other = "0" if said[member][at] != "0" else "1"
                said[member] = said[member][:at] + other + said[member][at + 1 :]
            new = [*lines[:number], encoded(said) + b"\n", *lines[number + 1 :]]
            yield f"{member} of line {number + 1}", files | {"entries.jsonl": b"".join(new)}


def test_a_bit_of_each_part_of_entries_is_found_where_the_command_finds_it(
    alone: Scripts, files: Files, tmp_path: Path
) -> None:
    """The command names a package's organization once, the browser each chain (PACKAGE-06)."""
    for name, spoiled in changed_lines(files, random.Random(7)):
        path = write_package(tmp_path / "p.zip", spoiled)
        report, expected = judged(alone, path), places_of(verify_package(path, workers=1))
        assert expected, name
        found = {one for one in places(report) if one[0] != "VERIFY-PACKAGE-06"}
        assert found == {one for one in expected if one[0] != "VERIFY-PACKAGE-06"}, name


@pytest.mark.parametrize("name", ["checkpoint.txt", "proofs.jsonl", "manifest.json"])
def test_a_bit_of_the_other_files_is_found(
    alone: Scripts, files: Files, name: str, tmp_path: Path
) -> None:
    rng = random.Random(name)
    for _ in range(6):
        content = bytearray(files[name])
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(7)
        path = write_package(tmp_path / "p.zip", files | {name: bytes(content)})
        expected = {code for code, _, _ in places_of(verify_package(path, workers=1))}
        assert codes(judged(alone, path)) - {"VERIFY-PACKAGE-06"} == expected - {
            "VERIFY-PACKAGE-06"
        }


def test_a_bit_of_the_zip_itself_is_found(alone: Scripts, files: Files, tmp_path: Path) -> None:
    """Of what is packed the checksum speaks; of everything the signature beside the package."""
    path = write_package(tmp_path / "p.zip", files)
    whole = path.read_bytes()
    rng = random.Random(3)
    for _ in range(24):
        changed = bytearray(whole)
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
        path.write_bytes(bytes(changed))
        assert judged(alone, path)["verdict"] in ("not good", "not judged")


def test_a_foreign_signature_is_not_the_packages(
    alone: Scripts, files: Files, tmp_path: Path
) -> None:
    path = write_package(tmp_path / "p.zip", files)
    for spoil in (lambda jws: jws[:-2] + "AA", lambda jws: "x" + jws, lambda jws: "a.b.c"):
        spoiled: str = spoil(Path(f"{path}.jws").read_text())
        report = judged(alone, path, jws=spoiled)
        assert codes(report) == {"VERIFY-PACKAGE-03"}


WITNESS = "witness.example/w"


def test_witnesses_and_policies_are_judged(alone: Scripts, files: Files, tmp_path: Path) -> None:
    key: SmallLogKey = a_log_key("witness", 4)
    text, blank, lines = files["checkpoint.txt"].decode().rpartition("\n\n")
    line = key.cosignature(WITNESS, f"{text}\n", 1_777_900_000)
    cosigned = files | {"checkpoint.txt": f"{text}{blank}{lines}{line}".encode()}
    path = write_package(tmp_path / "p.zip", cosigned)
    vkey = key.verifier_key(WITNESS)
    quorum = f"witness w {vkey}\nquorum w\n"

    seen = judged(alone, path, policy=quorum)
    pasted = judged(alone, path, policy=vkey)
    other = a_log_key("another", 4).verifier_key(WITNESS)
    unseen = judged(alone, path, policy=f"witness w {other}\nquorum w\n")
    unread = judged(alone, path, policy="nonsense here\n")
    forged = key.cosignature(WITNESS, f"{text}!\n", 1_777_900_000)
    spoiled = files | {"checkpoint.txt": f"{text}{blank}{lines}{forged}".encode()}
    wrong = judged(alone, write_package(tmp_path / "w.zip", spoiled), policy=quorum)

    assert {"witness-seen", "policy-met"} <= keys(seen, "checked")
    assert "split-view" not in keys(seen, "unchecked")
    assert "witness-seen" in keys(pasted, "checked")
    assert "split-view" in keys(pasted, "unchecked")
    assert codes(unseen) == {"VERIFY-WITNESS-02"}
    assert unread["verdict"] == "not judged"
    assert codes(wrong) == {"VERIFY-WITNESS-02", "VERIFY-WITNESS-04"}
    assert "witness-unknown" in keys(judged(alone, path), "unchecked")


def test_an_older_note_is_compared(alone: Scripts, journal: SmallJournal, tmp_path: Path) -> None:
    path = write_package(tmp_path / "p.zip", package_files(journal))
    older, newest = journal.log.checkpoints[0]["note"], journal.log.checkpoints[-1]["note"]

    same = judged(alone, path, note=newest)
    smaller = judged(alone, path, note=older)
    foreign = judged(alone, path, note=newest.replace("/journal/1", "/journal/9"))

    assert "older-same" in keys(same, "checked")
    assert "older-other-size" in keys(smaller, "unchecked")
    assert codes(foreign) == {"VERIFY-AGAINST-01"}


def a_zip(path: Path, change: Callable[[bytearray], None]) -> Path:
    with ZipFile(path, "w", ZIP_STORED) as archive:
        archive.writestr("manifest.json", "{}")
        archive.writestr("entries.jsonl", "")
    content = bytearray(path.read_bytes())
    change(content)
    path.write_bytes(bytes(content))
    return path


def counts_many(content: bytearray) -> None:
    end = content.rindex(b"PK\x05\x06")
    content[end + 8 : end + 12] = struct.pack("<HH", 60_000, 60_000)


def is_encrypted(content: bytearray) -> None:
    content[content.index(b"PK\x01\x02") + 8] |= 1


def is_packed_oddly(content: bytearray) -> None:
    content[content.index(b"PK\x01\x02") + 10] = 12


def lies_elsewhere(content: bytearray) -> None:
    at = content.index(b"PK\x01\x02") + 42
    content[at : at + 4] = struct.pack("<I", 0x7FFFFFFF)


def claims_much(content: bytearray) -> None:
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<I", 0x7FFFFFFF)


@pytest.mark.parametrize(
    "change",
    [
        counts_many,
        is_encrypted,
        is_packed_oddly,
        lies_elsewhere,
        claims_much,
        lambda content: content.clear(),
    ],
)
def test_damaged_archives_are_refused_at_once(
    alone: Scripts, change: Callable[[bytearray], None], tmp_path: Path
) -> None:
    started = monotonic()

    report = judged(alone, a_zip(tmp_path / "p.zip", change))

    assert report["verdict"] in ("not judged", "not good")
    assert monotonic() - started < 5


def test_a_file_that_unpacks_to_more_than_it_claims_is_refused(
    alone: Scripts, tmp_path: Path
) -> None:
    """Zeros take up a thousandth; what such a file claims of its size is not believed either."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"".join(packed.compress(bytes(1 << 20)) for _ in range(256)) + packed.flush()
    path = tmp_path / "p.zip"
    path.write_bytes(an_archive("entries.jsonl", data, claimed=4096))
    started = monotonic()

    report = judged(alone, path)

    assert report["verdict"] == "not good"
    assert "VERIFY-PACKAGE-01" in codes(report)
    assert monotonic() - started < 20


def an_archive(name: str, packed: bytes, *, claimed: int) -> bytes:
    """A ZIP with one deflated file that says that it is so large."""
    said = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(packed), claimed, len(name), 0)
    local = b"PK\x03\x04" + said + name.encode() + packed
    central = b"PK\x01\x02" + struct.pack("<H", 20) + said
    central += struct.pack("<HHHII", 0, 0, 0, 0, 0) + name.encode()
    end = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + b"PK\x05\x06" + end


HOSTILE_BODIES = {
    "deep": b"[" * 100_000,
    "long number": b'{"epoch":' + b"9" * 100_000 + b"}",
    "prototype": b'{"__proto__":{"chain":"x"},"kind":"constructor"}',
    "half a character": b'{"kind":"\\ud800"}',
    "not UTF-8": b'{"kind":"\xff"}',
    "twice": b'{"kind":"a","kind":"b"}',
    "a number that is none": b'{"kind":NaN}',
}


@pytest.mark.parametrize("name", HOSTILE_BODIES)
def test_hostile_bodies_are_found_and_named_by_their_line(
    alone: Scripts, files: Files, name: str, tmp_path: Path
) -> None:
    line = encoded({"body": b64(HOSTILE_BODIES[name]), "key": "", "link": "", "signature": ""})
    spoiled = files | {"entries.jsonl": files["entries.jsonl"] + line + b"\n"}
    path = write_package(tmp_path / "p.zip", spoiled)

    report = judged(alone, path)

    last = files["entries.jsonl"].count(b"\n") + 1
    lines = [one for one in report["findings"] if one["place"].get("line") == last]
    assert {one["code"] for one in lines} <= {"VERIFY-BODY-01", "VERIFY-BODY-02"}
    assert lines
    assert {code for code, _, _ in places_of(verify_package(path))} == codes(report)


def test_time_has_a_limit(alone: Scripts, files: Files, tmp_path: Path) -> None:
    path = write_package(tmp_path / "p.zip", files)

    report: Json = alone.run(JUDGE, zip=b64(path.read_bytes()), jws="", secondsMax=-1)

    assert report["verdict"] == "not judged"
    assert keys(report, "unchecked") == {"too-long"}


def test_the_kinds_of_entries_are_those_of_the_product(alone: Scripts) -> None:
    code = 'const {KINDS, EVERY, RELIED} = await load("kinds"); return {KINDS, EVERY, RELIED};'
    said = alone.run(code)

    assert set(said["EVERY"]) == EVERY
    assert {name: set(kinds) for name, kinds in said["RELIED"].items()} == RELIED
    assert said["KINDS"].keys() == KINDS.keys()
    for kind, rule in KINDS.items():
        shown = {name: frozenset(values) for name, values in said["KINDS"][kind].items()}
        assert shown == {
            "chains": rule.chains,
            "required": rule.required,
            "allowed": rule.allowed,
        }, kind


IN_WORKER = """
    const worker = new Worker("/static/verify/worker.js", {type: "module"});
    const ticks = [];
    const timer = setInterval(() => ticks.push(performance.now()), 20);
    const steps = [];
    const answer = await new Promise((resolve) => {
        worker.onmessage = ({data}) =>
            data.progress ? steps.push(data.progress[0] / data.progress[1]) : resolve(data);
        worker.onerror = (event) => resolve({error: event.message});
        worker.postMessage({blob: new Blob([bytes(given.zip)]), outside: {jws: given.jws}});
    });
    clearInterval(timer);
    worker.terminate();
    const pauses = ticks.slice(1).map((at, before) => at - ticks[before]);
    const {report} = answer;
    return {verdict: report && report.verdict, entries: report && report.facts.entries,
            steps, longest: Math.max(...pauses), error: answer.error};
"""


def test_ten_thousand_entries_are_judged_with_progress_beside_a_page_that_goes_on(
    alone: Scripts, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    path = write_package(tmp_path / "p.zip", package_files(a_journal(10_000)))
    given = {"zip": b64(path.read_bytes()), "jws": Path(f"{path}.jws").read_text()}
    started = monotonic()

    said = alone.run(IN_WORKER, **given)

    seconds = monotonic() - started
    record_property("figures", f"10,000 entries of a package in the browser: {seconds:.1f} s")
    assert said["error"] is None
    assert said["verdict"] == "good"
    assert said["entries"] >= 10_000
    assert len(said["steps"]) > 5
    assert said["steps"] == sorted(said["steps"])
    assert said["longest"] < 500
    assert seconds < 120


def test_it_can_be_stopped_at_any_time(alone: Scripts, files: Files, tmp_path: Path) -> None:
    code = """
        const {judgePackage} = await load("package");
        const report = await judgePackage(
            new Blob([bytes(given.zip)]), {jws: ""}, {isStopped: () => true});
        return [report.verdict, report.unchecked[0].key];
    """
    path = write_package(tmp_path / "p.zip", files)
    assert alone.run(code, zip=b64(path.read_bytes())) == ["not judged", "stopped"]
