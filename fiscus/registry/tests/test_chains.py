"""The chains of the installation and of organizations: founded once, each with a key of its own."""

import hashlib
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from sqlalchemy import Connection, Engine, func, select

from fiscus.journal.statement import StatedKey
from fiscus.model.faults import Corrupt
from fiscus.model.kinds import StatementKind
from fiscus.model.records import GENESIS
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.registry import chains, organizations
from fiscus.registry.chains import NO_CHAIN
from fiscus.registry.stating import stating
from fiscus.registry.tests.builders import an_id, an_organization, stated_at
from fiscus.registry.tests.signatures import verify
from fiscus.signers import Signer, find
from fiscus.signers.softkey import create
from fiscus.store.connect import reading, writing
from fiscus.store.schema import CHAIN, DATA_KEY, ENTRY, ORGANIZATION, SETTING_KEY

Json = dict[str, Any]


def a_signer() -> Signer:
    return find("softkey").open(create("ecdsa-p256"))


def at_once(act: Callable[[], object], times: int = 6) -> None:
    threads = [threading.Thread(target=act) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def founded(engine: Engine) -> str:
    with writing(engine) as tx:
        return stating(tx).found(tx)


def entries(tx: Connection, chain: str) -> list[Any]:
    return list(tx.execute(select(ENTRY).where(ENTRY.c.chain == chain).order_by(ENTRY.c.sequence)))


def bodies(tx: Connection, chain: str) -> list[Json]:
    return [msgspec.json.decode(row.body) for row in entries(tx, chain)]


def assert_signed(tx: Connection, chain: str, keys: dict[int, str]) -> None:
    """Links and signatures of a chain, as sections 3 and 4 of the format say; `keys` are by the
    first sequence that each signs."""
    previous = GENESIS
    for at, row in enumerate(entries(tx, chain), 1):
        body = msgspec.json.decode(row.body)
        place = (
            bytes.fromhex(chain.replace("-", "")) + (1).to_bytes(4, "big") + at.to_bytes(8, "big")
        )
        whole = b"fiscus/link/2\n" + bytes.fromhex(previous) + place
        link = hashlib.sha256(whole + hashlib.sha256(row.body).digest()).hexdigest()
        spki = keys[max(first for first in keys if first <= at)]
        key = hashlib.sha256(b64decode(spki)).hexdigest()[:32]
        header = f'{{"alg":"ES256","kid":"{key}","typ":"fiscus-entry+json"}}'.encode()
        assert (row.sequence, body["sequence"], body["previous"]) == (at, at, previous)
        assert (body["chain"], body["epoch"], body["kind"]) == (chain, 1, row.kind)
        assert (row.link, row.key) == (link, key)
        verify(spki, row.signature, b".".join((unpadded(header), unpadded(row.body))))
        previous = link
    head = tx.execute(select(CHAIN).where(CHAIN.c.id == chain)).one()
    last = entries(tx, chain)[-1]
    assert (head.sequence, head.link, head.entry) == (last.sequence, last.link, last.id)


def unpadded(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def test_an_installation_is_founded_once(engine: Engine) -> None:
    with reading(engine) as tx:
        assert (chains.installation(tx), chains.fingerprint(tx)) == ("", "")

    first = founded(engine)

    assert founded(engine) == first
    with reading(engine) as tx:
        assert chains.installation(tx) == first
        root, secret = bodies(tx, first)
        row = tx.execute(select(SETTING_KEY)).one()
        assert chains.fingerprint(tx) == f"sha256:{root['key']['sha256']}"
        assert_signed(tx, first, {1: root["key"]["public_key"]})
    assert root["kind"] == "key@1"
    assert root["key"] == {
        "purpose": "root",
        "of": first,
        "epoch": 1,
        "first": 1,
        "sha256": hashlib.sha256(b64decode(root["key"]["public_key"])).hexdigest(),
        "public_key": root["key"]["public_key"],
        "reason": "first",
    }
    assert [(one["table"], one["key"]) for one in root["rows"]] == [("setting_key", "root")]
    assert root["rows"][0]["row"]["secret"] == f"sha256:{hashlib.sha256(row.secret).hexdigest()}"
    assert secret["kind"] == "secret@1"
    assert [(one["table"], one["key"]) for one in secret["rows"]] == [("data_key", "installation")]


def test_processes_that_found_at_once_agree_on_one_installation(engine: Engine) -> None:
    found: list[str] = []

    at_once(lambda: found.append(founded(engine)))

    assert len(found) == 6
    assert len(set(found)) == 1
    with reading(engine) as tx:
        assert [body["kind"] for body in bodies(tx, found[0])] == ["key@1", "secret@1"]
        assert tx.scalars(select(SETTING_KEY.c.name)).all() == ["root"]
        assert tx.scalars(select(DATA_KEY.c.scope)).all() == ["installation"]


def test_organizations_that_are_made_at_once_each_have_a_chain(engine: Engine) -> None:
    made: list[str] = []

    def make() -> None:
        with writing(engine) as tx:
            made.append(an_organization(tx))

    at_once(make)

    with reading(engine) as tx:
        own = chains.installation(tx)
        stated = [body["key"]["of"] for body in bodies(tx, own) if body["kind"] == "key@1"]
        assert stated[0] == own
        assert sorted(stated[1:]) == sorted(made)
        assert [len(bodies(tx, one)) for one in made] == [1] * 6
        assert tx.scalar(select(func.count()).select_from(CHAIN)) == 7


def test_an_organizations_chain_is_signed_by_the_key_that_the_installation_names(
    engine: Engine,
) -> None:
    with writing(engine) as tx:
        unit, other = an_organization(tx), an_organization(tx)
        organizations.update(tx, unit, name="Padaria Nova", metadata={}, at=MORNING, by="ana")
        own = chains.installation(tx)
        keys = {body["key"]["of"]: body["key"] for body in bodies(tx, own) if body.get("key")}
        head = tx.execute(select(CHAIN).where(CHAIN.c.id == unit)).one()

        assert (head[1], head.organization, head.epoch) == ("organization", unit, 1)
        assert keys[unit]["purpose"] == "organization"
        assert (keys[unit]["epoch"], keys[unit]["first"], keys[unit]["reason"]) == (1, 1, "first")
        assert keys[unit]["sha256"] != keys[other]["sha256"]
        for chain in (own, unit, other):
            assert_signed(tx, chain, {1: keys[chain]["public_key"]})
        assert [body["kind"] for body in bodies(tx, unit)] == ["organization@1"] * 2
        assert [body["by"] for body in bodies(tx, unit)] == ["fiscus", "ana"]
        assert {row.organization for row in entries(tx, unit)} == {unit}
        assert {row.organization for row in entries(tx, own)} == {""}


def test_what_is_rolled_back_is_not_stated(engine: Engine) -> None:
    def make_and_fail() -> None:
        with writing(engine) as tx:
            an_organization(tx)
            1 / 0

    with pytest.raises(ZeroDivisionError):
        make_and_fail()

    with reading(engine) as tx:
        assert chains.installation(tx) == ""
        assert tx.scalar(select(func.count()).select_from(ENTRY)) == 0


def test_an_organization_without_a_chain_is_corrupt(engine: Engine) -> None:
    founded(engine)
    with writing(engine) as tx:
        stranger = an_id()
        for fails in (
            lambda: chains.lock(tx, stranger),
            lambda: stating(tx).state(
                tx, StatementKind.SECRET, organization=stranger, by="x", rows=()
            ),
        ):
            with pytest.raises(Corrupt) as caught:
                fails()
            assert (caught.value.code, caught.value.paths) == (NO_CHAIN, (stranger,))


def test_a_clock_that_slips_back_never_takes_a_chain_back(databases: Any) -> None:
    clock = StandingClock()
    with databases.migrated() as engine, writing(stated_at(engine, clock)) as tx:
        unit = an_organization(tx)
        clock.now = MORNING - timedelta(hours=1)
        organizations.update(tx, unit, name="x", metadata={}, at=MORNING)
        clock.now = MORNING + timedelta(hours=1)
        organizations.update(tx, unit, name="y", metadata={}, at=MORNING)
        found = [datetime.fromisoformat(body["at"]) for body in bodies(tx, unit)]

    assert found == [MORNING, MORNING, MORNING + timedelta(hours=1)]


def test_a_key_is_known_by_the_sha256_of_its_subject_public_key_info() -> None:
    signer = a_signer()
    read = serialization.load_pem_public_key(signer.public_pem.encode())
    der = read.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    sha256, spki = chains.key_facts(signer.public_pem)

    assert sha256 == hashlib.sha256(der).hexdigest()
    assert b64decode(spki) == der
    assert chains.key_id(signer.public_pem) == sha256[:32]


@pytest.mark.parametrize("purpose", ["register", "organization", "root", "package"])
def test_the_former_key_signs_exactly_the_text_of_the_format(purpose: str) -> None:
    former, new = a_signer(), a_signer()
    of = an_id()
    key = chains.stated_key(new.public_pem, purpose=purpose, of=of, first=8, epoch=2)

    vouched = chains.signed_by_former(key, former, former.public_pem)

    sha256, spki = chains.key_facts(former.public_pem)
    text = f"fiscus/key/2\n{purpose}\n{of}\n2\n8\n{chains.key_facts(new.public_pem)[0]}\n"
    verify(spki, vouched.signature, text.encode())
    assert (vouched.reason, vouched.replaces) == ("rotated", sha256)
    assert msgspec.structs.replace(vouched, reason="first", replaces="", signature="") == key


def test_a_lost_key_is_named_and_signs_nothing() -> None:
    former, new = a_signer(), a_signer()
    key = chains.stated_key(new.public_pem, purpose="register", of=an_id(), first=8)

    lost = chains.lost_key(key, former.public_pem)

    assert (lost.reason, lost.signature) == ("lost", "")
    assert lost.replaces == chains.key_facts(former.public_pem)[0]
    assert "signature" not in msgspec.json.decode(msgspec.json.encode(lost))


@pytest.mark.parametrize("is_lost", [False, True], ids=["rotated", "lost"])
@pytest.mark.parametrize("whose", ["organization", "root"])
def test_a_chain_goes_on_with_its_new_key(engine: Engine, whose: str, is_lost: bool) -> None:
    with writing(engine) as tx:
        unit = an_organization(tx)
        own = chains.installation(tx)
    of, name = (unit, f"organization:{unit}") if whose == "organization" else (own, "root")
    organization = unit if whose == "organization" else ""
    with writing(engine) as tx:
        before = tx.execute(select(CHAIN).where(CHAIN.c.id == of)).one()
        former = tx.scalar(select(SETTING_KEY.c.public_pem).where(SETTING_KEY.c.name == name))
        made = stating(tx).rotate(tx, organization, by="operator:rui", is_lost=is_lost)
    with writing(engine) as tx:
        organizations.update(tx, unit, name="x", metadata={}, at=MORNING)
        an_organization(tx)
        keys = [
            msgspec.convert(body["key"], StatedKey) for body in bodies(tx, own) if "key" in body
        ]
        stated = bodies(tx, own)
        row = tx.execute(select(SETTING_KEY).where(SETTING_KEY.c.name == name)).one()
        mine = {key.first: key.public_key for key in keys if key.of == of}

        assert list(mine) == [1, before.sequence + 1]
        assert_signed(tx, of, mine)
    [new] = [key for key in keys if key.of == of and key.first > 1]
    assert former is not None
    assert new.sha256[:32] == made
    assert (new.epoch, new.replaces) == (1, chains.key_facts(former)[0])
    assert new.reason == ("lost" if is_lost else "rotated")
    if not is_lost:
        text = f"fiscus/key/2\n{whose}\n{of}\n1\n{new.first}\n{new.sha256}\n"
        verify(chains.key_facts(former)[1], new.signature, text.encode())
    assert bool(new.signature) is not is_lost
    assert row.generation == 2
    [said] = [body for body in stated if body.get("key", {}).get("sha256") == new.sha256]
    assert (said["by"], said["rows"][0]["row"]["generation"]) == ("operator:rui", 2)
    if whose == "root":
        assert said["sequence"] == new.first


def test_the_organization_of_a_chain_is_a_row_that_its_first_entry_states(engine: Engine) -> None:
    with writing(engine) as tx:
        unit = an_organization(tx)
        [body] = bodies(tx, unit)
        row = tx.execute(select(ORGANIZATION).where(ORGANIZATION.c.id == unit)).one()

    assert body["rows"] == [{"table": "organization", "key": unit, "row": row._asdict()}]
