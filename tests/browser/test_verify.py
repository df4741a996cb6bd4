"""What the scripts compute in the browser: keys, signatures, links, proofs, notes."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from fiscus.journal.tests.small_journal import SmallJournal
from fiscus.journal.tests.small_keys import ORDER, SmallKey, b64url
from fiscus.journal.tests.small_log import inclusion
from fiscus.journal.tests.small_shop import a_journal
from fiscus.journal.verify.merkle import root
from fiscus.signers.tse.log import algorithms
from fiscus.transparency import cosignatures, merkle, notes
from fiscus.transparency.checkpoints import TreeHead
from fiscus.transparency.cosignatures import WitnessKeys
from fiscus.transparency.proofs import InclusionProof
from tests.browser.scripts import Scripts, b64

Json = dict[str, Any]
DER = serialization.Encoding.DER
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo

VERIFY = """
    const {importKey, verify} = await load("keys");
    const key = await importKey(given.pem ? {pem: given.pem} : {[given.form]: bytes(given.key)});
    const states = [];
    for (const {data, signature, hash} of given.cases) {
        const said = await verify(key, {data: bytes(data), signature: bytes(signature), hash});
        states.push(said.state);
    }
    return {name: key.name, id: key.id, states};
"""


def flipped(data: bytes, place: int = 0) -> bytes:
    changed = bytearray(data)
    changed[place] ^= 1
    return bytes(changed)


def test_this_browser_can_compute(alone: Scripts) -> None:
    assert alone.run('return (await load("bytes")).isReady()')["state"] == "good"


def test_the_authoritys_signatures_are_verified_and_a_changed_byte_is_found(
    alone: Scripts, shared_data: Path
) -> None:
    vectors = json.loads((shared_data / "pt/vectors/signature_vectors_at_idemo.json").read_text())
    pem = (shared_data / "pt/keys/AT_sample_signing_public_key.pem").read_text()
    cases = []
    for one in vectors["vectors"]:
        message = one["message"].encode()
        for data in (message, flipped(message, len(message) // 2)):
            cases.append({"data": b64(data), "signature": one["hash"], "hash": "SHA-1"})

    said = alone.run(VERIFY, pem=pem, cases=cases)

    assert said["name"] == "RSA-1024"
    assert said["states"] == ["good", "bad"] * 35


CURVES = (
    (ec.SECP256R1(), "SHA-256", "P-256"),
    (ec.SECP384R1(), "SHA-384", "P-384"),
    (ec.SECP521R1(), "SHA-512", "P-521"),
)


@pytest.mark.parametrize(("curve", "hash_name", "name"), CURVES, ids=["P-256", "P-384", "P-521"])
def test_plain_signatures_of_a_tse_are_verified_on_its_curve(
    alone: Scripts, curve: ec.EllipticCurve, hash_name: str, name: str
) -> None:
    key = ec.generate_private_key(curve)
    algorithm = f"ecdsa-plain-{hash_name.replace('-', '')}"
    signature = algorithms.sign(key, algorithm, b"message")
    right = {"data": b64(b"message"), "signature": b64(signature), "hash": hash_name}
    cases = [
        right,
        right | {"data": b64(b"massage")},
        right | {"signature": b64(flipped(signature, -1))},
        right | {"signature": b64(signature[1:])},
        right | {"hash": "SHA-224"},
    ]
    point = b64(algorithms.point(key.public_key()))
    for form, given in (("point", point), ("spki", b64(key.public_key().public_bytes(DER, SPKI)))):
        said = alone.run(VERIFY, form=form, key=given, cases=cases)
        assert said["name"] == name
        assert said["states"] == ["good", "bad", "bad", "bad", "unsupported"]


def test_signatures_in_der_are_read(alone: Scripts) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    signature = key.sign(b"message", ec.ECDSA(hashes.SHA256()))
    code = """
        const {importKey, verify} = await load("keys");
        const {ecdsaToRaw, ecdsaToDer} = await load("der");
        const key = await importKey({spki: bytes(given.key)});
        const signature = bytes(given.signature);
        const data = bytes(given.data);
        const {state} = await verify(key, {data, signature, form: "der"});
        const again = ecdsaToDer(ecdsaToRaw(signature, 32));
        const cut = await verify(key, {data, signature: signature.slice(1), form: "der"});
        return [state, (await load("bytes")).equal(again, signature), cut.state];
    """
    public = key.public_key().public_bytes(DER, SPKI)
    given = {"key": b64(public), "signature": b64(signature), "data": b64(b"message")}

    assert alone.run(code, **given) == ["good", True, "bad"]


@pytest.mark.parametrize(
    "curve",
    [ec.BrainpoolP256R1(), ec.BrainpoolP384R1(), ec.BrainpoolP512R1()],
    ids=lambda curve: curve.name,
)
def test_brainpool_curves_are_named_and_never_judged(
    alone: Scripts, curve: ec.EllipticCurve
) -> None:
    public = ec.generate_private_key(curve).public_key()
    code = """
        const {importKey, nameOf} = await load("keys");
        const said = [];
        for (const from of [{point: bytes(given.point)}, {spki: bytes(given.spki)}]) {
            try { await importKey(from); said.push("imported"); }
            catch (error) {
                said.push((await load("bytes")).fault(error).state, error.values.name);
            }
        }
        return [...said, nameOf(bytes(given.spki))];
    """
    given = {"point": b64(algorithms.point(public)), "spki": b64(public.public_bytes(DER, SPKI))}

    name = curve.name
    assert alone.run(code, **given) == ["unsupported", name, "unsupported", name, name]


def test_a_point_on_no_curve_is_no_key(alone: Scripts) -> None:
    code = """
        try { await (await load("keys")).importKey({point: bytes(given.point)}); }
        catch (error) { return (await load("bytes")).fault(error).state; }
    """
    assert alone.run(code, point=b64(b"\x04" + b"\x11" * 64)) == "bad"


def test_keys_come_from_certificates_and_pem(alone: Scripts) -> None:
    small = SmallKey(ec.generate_private_key(ec.SECP256R1()))
    rsa_key = rsa.generate_private_key(65537, 1024)
    pkcs1 = rsa_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.PKCS1
    )
    code = """
        const {importKey} = await load("keys");
        const keys = [];
        for (const pem of given.pems) keys.push(await importKey({pem}));
        return keys.map((key) => [key.name, key.id]);
    """
    said = alone.run(code, pems=[small.certificate(), small.pem(), pkcs1.decode()])

    assert said[0] == said[1] == ["P-256", small.id]
    assert said[2][0] == "RSA-1024"
    signature = rsa_key.sign(b"m", PKCS1v15(), hashes.SHA256())
    case = {"data": b64(b"m"), "signature": b64(signature), "hash": "SHA-256"}
    assert alone.run(VERIFY, pem=pkcs1.decode(), cases=[case])["states"] == ["good"]
    certificate = x509.load_pem_x509_certificate(small.certificate().encode())
    assert certificate.serial_number == int(small.id, 16)


def test_ed25519_is_verified(alone: Scripts) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    right = {"data": b64(b"note"), "signature": b64(key.sign(b"note"))}
    wrong = right | {"data": b64(b"vote")}
    public = b64(key.public_key().public_bytes_raw())

    said = alone.run(VERIFY, form="ed25519", key=public, cases=[right, wrong])

    assert said["states"] == ["good", "bad"]


def merkle_vectors(folder: Path) -> list[Json]:
    found = [json.loads(one.read_text()) for one in sorted(folder.rglob("*.json"))]
    assert found
    return found


def test_inclusion_proofs_are_judged_as_the_vectors_say(alone: Scripts, shared_data: Path) -> None:
    vectors = merkle_vectors(shared_data / "merkle/inclusion")
    code = """
        const {verifyInclusion} = await load("merkle");
        const states = [];
        for (const one of given.vectors) {
            const path = (one.proof || []).map(bytes);
            const [leaf, root] = [one.leafHash || "", one.root || ""].map(bytes);
            const {leafIdx: index, treeSize: size} = one;
            states.push((await verifyInclusion({index, size, leaf, path, root})).state === "good");
        }
        return states;
    """
    assert alone.run(code, vectors=vectors) == [not one["wantErr"] for one in vectors]


def test_consistency_proofs_are_judged_as_the_vectors_say(
    alone: Scripts, shared_data: Path
) -> None:
    vectors = merkle_vectors(shared_data / "merkle/consistency")
    code = """
        const {verifyConsistency} = await load("merkle");
        const states = [];
        for (const one of given.vectors) {
            const proof = (one.proof || []).map(bytes);
            const [root1, root2] = [one.root1 || "", one.root2 || ""].map(bytes);
            const {size1, size2} = one;
            states.push(
                (await verifyConsistency({size1, size2, root1, root2, proof})).state === "good",
            );
        }
        return states;
    """
    assert alone.run(code, vectors=vectors) == [not one["wantErr"] for one in vectors]


@pytest.fixture(scope="module")
def journal() -> SmallJournal:
    return a_journal(60)


def test_each_entry_is_linked_and_signed_and_every_change_is_found(
    alone: Scripts, journal: SmallJournal
) -> None:
    code = """
        const {verifyEntry} = await load("jws");
        const {verifyLink} = await load("links");
        const {importKey} = await load("keys");
        const found = [];
        for (const {body, key, signature, link, spki} of given.entries) {
            const publicKey = await importKey({spki: bytes(spki)});
            const signed = await verifyEntry({body: bytes(body), key, signature}, publicKey);
            found.push([signed.state, (await verifyLink(bytes(body), link)).state]);
        }
        return found;
    """
    rows = [row for row in journal.entries if row["chain"] in journal.keys]
    right = [
        {
            "body": b64(row["body"]),
            "key": row["key"],
            "signature": row["signature"],
            "link": row["link"],
            "spki": b64(journal.keys[row["chain"]].der),
        }
        for row in rows
        if row["key"] == journal.keys[row["chain"]].id
    ]
    body = rows[0]["body"].replace(b'"epoch":1', b'"epoch":2')
    other = "0" if right[0]["link"][0] != "0" else "1"
    wrong = [
        right[0] | {"body": b64(body)},
        right[0] | {"key": "0" * 32},
        right[0] | {"link": other + right[0]["link"][1:]},
        right[0] | {"signature": high(right[0]["signature"])},
        right[0] | {"signature": right[0]["signature"] + "="},
    ]
    assert len(right) > 20

    said = alone.run(code, entries=right + wrong)

    assert said[: len(right)] == [["good", "good"]] * len(right)
    assert said[len(right) :] == [
        ["bad", "bad"],
        ["bad", "good"],
        ["good", "bad"],
        ["bad", "good"],
        ["bad", "good"],
    ]


def high(signature: str) -> str:
    """The second signature that everybody can make of a good one."""
    raw = base64.urlsafe_b64decode(signature + "==")
    s = ORDER - int.from_bytes(raw[32:], "big")
    return b64url(raw[:32] + s.to_bytes(32, "big"))


ORIGIN = "fiscus/a/journal/1"


def a_proof(log: ed25519.Ed25519PrivateKey, witness: WitnessKeys) -> tuple[InclusionProof, bytes]:
    """A proof of leaf 5 of 11, cosigned; and the leaf's data."""
    data = [bytes([one]) * 32 for one in range(11)]
    leaves = [merkle.leaf_hash(one) for one in data]
    head = TreeHead(origin=ORIGIN, size=11, root=root(leaves))
    note = notes.signed(head.text(), ORIGIN, log)
    note = note.plus(cosignatures.cosigned(head, witness, 1_770_000_000))
    return InclusionProof(index=5, path=tuple(inclusion(5, leaves)), note=note), data[5]


PROVE = """
    const {readVerifierKey, verifyProof} = await load("notes");
    const witnesses = await Promise.all(given.witnesses.map(readVerifierKey));
    const logKey = given.log ? await readVerifierKey(given.log) : null;
    const said = await verifyProof(given.proof, {link: given.link, logKey, witnesses});
    const {inclusion, log, cosignatures} = said;
    const seen = cosignatures.map(({result}) => [result.state, result.values.time || 0]);
    return [inclusion.state, log.state, seen];
"""


def test_proofs_of_a_record_are_judged_with_log_and_witnesses(alone: Scripts) -> None:
    log = ed25519.Ed25519PrivateKey.generate()
    witness = WitnessKeys(
        name="witness.example/w",
        ed25519=ed25519.Ed25519PrivateKey.generate(),
        ml_dsa_44=cosignatures.new_ml_dsa_44(),
    )
    proof, data = a_proof(log, witness)
    keys = [key.text() for key in witness.public()]
    log_key = notes.ed25519_key(ORIGIN, log).text()
    given: Json = {"proof": proof.text(), "link": data.hex(), "log": log_key, "witnesses": keys}
    post_quantum = [["unsupported", 0]] if witness.ml_dsa_44 else []

    assert alone.run(PROVE, **given) == [
        "good",
        "good",
        [["good", 1_770_000_000], *post_quantum],
    ]
    other = given | {"link": flipped(data).hex()}
    assert alone.run(PROVE, **other)[0] == "bad"
    moved = given | {"proof": proof.text().replace("index 5", "index 4")}
    assert alone.run(PROVE, **moved)[0] == "bad"
    resized = given | {"proof": proof.text().replace("\n11\n", "\n12\n")}
    assert alone.run(PROVE, **resized)[1:] == ["bad", [["bad", 0], *post_quantum]]
    stranger = notes.ed25519_key(ORIGIN, ed25519.Ed25519PrivateKey.generate()).text()
    assert alone.run(PROVE, **(given | {"log": stranger}))[1] == "bad"
    nobody = alone.run(PROVE, **(given | {"log": "", "witnesses": []}))
    assert nobody[0:2] == ["good", "unsupported"]
    assert {state for state, _ in nobody[2]} == {"unsupported"}


def test_notes_of_others_are_read(alone: Scripts, shared_data: Path) -> None:
    note = (shared_data / "c2sp/checkpoint_cosigned.txt").read_text()
    code = """
        const {readNote} = await load("notes");
        const {origin, size, lines} = readNote(given.note);
        return [origin, size, lines.map(({name, keyId}) => [name, keyId])];
    """
    origin = "example.com/behind-the-sofa"
    assert alone.run(code, note=note) == [
        origin,
        20852163,
        [[origin, "033de0ae"], ["witness.example.com/w1", "8d66cf3f"]],
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note.replace("\u2014", "-"),
        lambda note: note.replace("20852163", "020852163"),
        lambda note: note.replace("20852163\n", "20852163\nextension\n"),
        lambda note: note.removesuffix("\n"),
        lambda note: note.replace("behind", "be\thind"),
        lambda note: note.replace("BIfZ+qnA==", "BIfZ+qnB=="),
        lambda note: note + note.splitlines()[-1] * 33,
    ],
)
def test_what_is_no_note_is_refused(alone: Scripts, shared_data: Path, change: Any) -> None:
    note = (shared_data / "c2sp/checkpoint_cosigned.txt").read_text()
    code = """
        try { (await load("notes")).readNote(given.note); return "read"; }
        catch (error) { return error.name; }
    """
    assert alone.run(code, note=change(note)) == "VerifyError"


def test_without_tls_the_page_is_told_first(alone: Scripts) -> None:
    """An address that is not localhost and has no TLS gets no WebCrypto from the browser."""
    code = """
        Object.defineProperty(globalThis, "crypto", {value: {}, configurable: true});
        const {isReady, sha256, utf8, fault} = await load("bytes");
        const said = isReady();
        let thrown = "";
        try { await sha256(utf8("x")); } catch (error) { thrown = fault(error).key; }
        return [said.state, said.key, thrown];
    """
    assert alone.run(code) == ["unsupported", "crypto-missing", "crypto-missing"]
