"""The proof of a record by both families: kept by whoever asks, checked without us."""

import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from fiscus.journal import checkpoint
from fiscus.store.connect import reading, writing
from fiscus.store.log_schema import COSIGNATURE
from fiscus.store.schema import ENTRY
from fiscus.transparency import checkpoints, cosignatures, notes
from fiscus.transparency.cosignatures import WitnessKeys
from tests.support import outsider, proving, words
from tests.support import till as unified
from tests.support.premises import Premises
from tests.support.till import Till

Json = dict[str, Any]


def test_a_record_has_a_proof_once_a_checkpoint_covers_it(premises: Premises, till: Till) -> None:
    proving.covers(premises)
    record = till.sells(words.receipt())
    path = f"/records/{record['id']}/proof"
    premises.clock.move(seconds=20)

    early = till.send("GET", path)

    assert "LOG-PROOF-01" in unified.refusal(early, 409)
    assert early.headers["Retry-After"] == str(premises.services.settings.checkpoint_seconds - 20)
    proving.covers(premises)
    found = till.get(path)
    assert found["record"] == {"id": record["id"]}
    assert found["witnesses"] == []
    proving.holds(premises, found, record["id"])
    assert "Retry-After" not in till.send("GET", path).headers


def test_nobody_waits_longer_than_for_one_round_of_checkpoints(
    premises: Premises, till: Till
) -> None:
    record = till.sells(words.receipt())
    every = premises.services.settings.checkpoint_seconds
    path = f"/records/{record['id']}/proof"

    assert till.send("GET", path).headers["Retry-After"] == str(every)
    premises.clock.move(seconds=every - 1)
    assert till.send("GET", path).headers["Retry-After"] == "1"
    premises.clock.move(seconds=1)
    assert till.send("GET", path).headers["Retry-After"] == str(every)


def test_a_changed_proof_proves_nothing(premises: Premises, till: Till) -> None:
    record = till.sells(words.receipt())
    proving.covers(premises)
    found = till.get(f"/records/{record['id']}/proof")
    other = hashlib.sha256(b"another record").hexdigest()

    with pytest.raises(AssertionError):
        outsider.proved(found["proof"], other, found["origin"], proving.log_public(premises))


def test_intentions_have_a_proof_too(premises: Premises, till: Till) -> None:
    intention = till.intends()
    proving.covers(premises)

    proving.holds(premises, till.get(f"/records/{intention}/proof"), intention)


def test_who_has_cosigned_is_told_by_name(premises: Premises, till: Till) -> None:
    record = till.sells(words.receipt())
    proving.covers(premises)
    keys = WitnessKeys(
        name="witness.example/shop", ed25519=Ed25519PrivateKey.generate(), ml_dsa_44=None
    )
    at = int(premises.clock().timestamp())
    with writing(premises.services.engine) as tx:
        newest = checkpoint.newest(tx)
        assert newest is not None
        head = checkpoints.parse(notes.parse(newest.note.encode()).text)
        (line,) = cosignatures.cosigned(head, keys, at)
        row = {"epoch": newest.epoch, "size": newest.size, "witness": keys.name}
        row |= {"line": line.text(), "at": newest.at, "received_at": newest.at}
        tx.execute(COSIGNATURE.insert().values(row))

    found = till.get(f"/records/{record['id']}/proof")

    signed_at = premises.clock().isoformat(timespec="seconds")
    assert found["witnesses"] == [{"name": keys.name, "signed_at": signed_at}]
    proving.holds(premises, found, record["id"])
    stamp, signature = line.signature[:8], line.signature[8:]
    told = f"cosignature/v1\ntime {int.from_bytes(stamp, 'big')}\n{head.text()}"
    keys.ed25519.public_key().verify(signature, told.encode())


def test_another_tenant_is_told_nothing(premises: Premises, till: Till) -> None:
    record = till.sells(words.receipt())
    stranger = premises.unit("Café Estranho").opens_shop()

    for _ in range(2):
        answer = stranger.send("GET", f"/records/{record['id']}/proof")
        assert "JOURNAL-FIND-01" in unified.refusal(answer, 404)
        assert "Retry-After" not in answer.headers
        proving.covers(premises)


def test_a_till_of_another_system_is_told_nothing(premises: Premises, till: Till) -> None:
    record = till.sells(words.receipt())
    proving.covers(premises)
    other = till.made("/systems", words.device(till.location))["id"]
    made = till.made(
        "/subjects",
        {"type": "API_KEY", "name": "pos-2", "role": "till", "systems": [other]},
    )["credentials"]
    limited = premises.anonymous().with_token(made["key"], made["secret"])

    answer = limited.send("GET", f"/records/{record['id']}/proof")

    assert "JOURNAL-FIND-01" in unified.refusal(answer, 404)


def test_an_entry_that_the_family_does_not_show_has_no_proof_there(
    premises: Premises, till: Till
) -> None:
    proving.covers(premises)
    with reading(premises.services.engine) as tx:
        stated = tx.scalar(select(ENTRY.c.id).where(ENTRY.c.kind == "taxpayer@1"))

    assert till.send("GET", f"/records/{stated}/proof").status_code == 404
