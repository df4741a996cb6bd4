"""Go's libraries for notes and logs read what we write, and we what they write.

The program is compiled from Debian's packages `golang-go` and `golang-golang-x-mod-dev`; without
them these tests are skipped.
"""

import json
import os
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fiscus.transparency import checkpoints, cosignatures, merkle, notes
from fiscus.transparency.base64s import decoded, encoded
from fiscus.transparency.cosignatures import WitnessKeys
from tests.support.logs import PlainLog, leaf, path_of

pytestmark = pytest.mark.stranger

GO_PATH = Path("/usr/share/gocode")
PROGRAM = Path(__file__).with_name("reader.go")
SIZES = (1, 2, 3, 7, 8, 9, 31, 32, 33, 100)
LOG = PlainLog().grown(max(SIZES))

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Asks the Go program; each request is answered on its own."""
    if shutil.which("go") is None or not (GO_PATH / "src/golang.org/x/mod").is_dir():
        pytest.skip("install golang-go and golang-golang-x-mod-dev: Go reads our notes with them")
    folder = tmp_path_factory.mktemp("go")
    environment = os.environ | {
        "GO111MODULE": "off",
        "GOPATH": str(GO_PATH),
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
    }
    program = folder / "reader"
    subprocess.run(
        ["go", "build", "-o", str(program), str(PROGRAM)], env=environment, check=True, timeout=300
    )

    def ask(*requests: dict[str, Any]) -> Any:
        lines = "".join(json.dumps(one) + "\n" for one in requests)
        done = subprocess.run(
            [str(program)], input=lines, capture_output=True, text=True, check=True, timeout=60
        )
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(found) == len(requests)
        return found if len(found) > 1 else found[0]

    return ask


def growth(old: int, size: int, proof: list[bytes]) -> dict[str, Any]:
    return {
        "do": "growth",
        "old": old,
        "oldRoot": encoded(LOG.head(old).root),
        "size": size,
        "root": encoded(LOG.head(size).root),
        "proof": [encoded(one) for one in proof],
    }


def record(index: int, size: int, path: list[bytes]) -> dict[str, Any]:
    return {
        "do": "record",
        "index": index,
        "leaf": b64encode(LOG.leaves[index]).decode(),
        "size": size,
        "root": encoded(LOG.head(size).root),
        "proof": [encoded(one) for one in path],
    }


def test_go_reads_our_notes(go: Ask) -> None:
    found = go({"do": "open", "note": LOG.note(9), "keys": [LOG.key.text()]})

    assert (found["error"], found["text"]) == ("", LOG.head(9).text())
    assert found["names"] == [LOG.origin]


def test_go_reads_our_notes_with_cosignatures_below(go: Ask) -> None:
    keys = WitnessKeys(
        name="witness.example/w1",
        ed25519=Ed25519PrivateKey.generate(),
        ml_dsa_44=cosignatures.new_ml_dsa_44(),
    )
    note = notes.parse(LOG.note(9).encode()).plus(cosignatures.cosigned(LOG.head(9), keys, 1))

    found = go({"do": "open", "note": note.whole(), "keys": [LOG.key.text()]})

    assert (found["error"], found["names"]) == ("", [LOG.origin])


def test_go_refuses_what_we_refuse(go: Ask) -> None:
    good = LOG.note(9)
    stranger = PlainLog(origin=LOG.origin)
    for note, key in (
        (good.replace("\n9\n", "\n8\n"), LOG.key),
        (good, stranger.key),
        (good[:-1], LOG.key),
        (good.replace("\n9\n", "\n9\t\n"), LOG.key),
    ):
        assert go({"do": "open", "note": note, "keys": [key.text()]})["error"] != ""


def test_we_read_notes_of_go(go: Ask) -> None:
    found = go({"do": "sign", "name": "go.example/log", "text": LOG.head(9).text()})

    note = notes.parse(found["note"].encode())
    key = notes.parse_key(found["public"])

    assert key.text() == found["public"]
    assert notes.verified(note, [key]) == note.lines
    assert checkpoints.parse(note.text) == LOG.head(9)
    # The same private key makes the same note here.
    seed = decoded(found["private"].split("+", 4)[4])[1:]
    private = Ed25519PrivateKey.from_private_bytes(seed)
    assert notes.signed(note.text, key.name, private).whole() == found["note"]


def test_go_checks_our_proofs(go: Ask) -> None:
    good = [
        growth(old, size, LOG.proof(old, size)) for size in SIZES for old in SIZES if old <= size
    ]
    good += [
        record(index, size, path_of(index, LOG.leaves[:size]))
        for size in SIZES
        for index in {0, size // 2, size - 1}
    ]
    bad = [growth(7, 9, [leaf(1), *LOG.proof(7, 9)[1:]]), record(3, 9, [leaf(1)] * 4)]

    assert [found["error"] for found in go(*good)] == [""] * len(good)
    assert all(found["error"] for found in go(*bad))


def test_we_check_proofs_of_go(go: Ask) -> None:
    for size in SIZES:
        leaves = [b64encode(one).decode() for one in LOG.leaves[:size]]
        for old in (1, (size + 1) // 2, size):
            index = old - 1
            found = go({"do": "prove", "leaves": leaves, "old": old, "index": index})
            assert found["error"] == ""
            root, old_root = decoded(found["root"]), decoded(found["old_root"])
            proof = [decoded(one) for one in found.get("growth", ())]
            path = [decoded(one) for one in found.get("path", ())]
            assert root == LOG.head(size).root
            assert merkle.is_grown(old, old_root, size, root, proof)
            hashed = merkle.leaf_hash(LOG.leaves[index])
            assert merkle.is_included(hashed, index, size, path, root)
