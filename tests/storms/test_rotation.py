"""B-24: registers' keys are rotated while clients sell: nothing fails, nothing is found, and old
documents verify with the key that signed them."""

import asyncio
import base64
import json
from random import Random
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from bench.judge import rows
from tests.storms.driver import Shop, engines, judged, seed, size, told
from tests.storms.sample_journal import Sample, a_small_installation, said

pytestmark = pytest.mark.storm

CLIENTS = 8
SHOWN = 100


@engines
def test_keys_rotated_while_clients_sell_fail_no_sale(
    engine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rotations, chance = size("ROTATIONS", 4, 300), seed()
    with a_small_installation(engine) as sample:
        shop = Shop(
            installation=sample.installation,
            merchant=sample.merchant,
            series=["FR-1", "FR-2"],
            random=Random(chance),
        )
        asyncio.run(storm(sample, shop, rotations, Random(chance)))
        shown = shop.sold if len(shop.sold) <= SHOWN else Random(chance).sample(shop.sold, SHOWN)
        keys = [verified(sample, one.record) for one in shown]
        verdict = judged(shop)
    told(
        capsys,
        f"B-24 {engine}",
        f"{rotations} rotations while {len(shop.sold)} documents were sold, seed {chance}: "
        f"{len(shop.wrong)} failed, {shop.again} came back, {len(keys)} JWS verify with one of "
        f"{len({*keys})} keys; {verdict.sentence()}",
    )
    # The German register's session was opened before.
    assert msgspec.structs.replace(verdict, surplus=0).is_good, verdict
    assert verdict.surplus == 1
    assert len({*keys}) > rotations // 3


async def storm(sample: Sample, shop: Shop, rotations: int, random: Random) -> None:
    """Clients sell until all keys have been rotated."""
    is_over = asyncio.Event()

    def turns() -> Any:
        turn = 0
        while not is_over.is_set():
            yield turn
            turn += 1

    load = asyncio.create_task(shop.sell(turns(), CLIENTS))
    # The organization signs seldom, and a key that has signed nothing is not rotated again.
    registers = random.sample(sample.merchant.systems, len(sample.merchant.systems))
    for number in range(rotations):
        before = len(shop.sold)
        while len(shop.sold) < before + CLIENTS and not load.done():
            await asyncio.sleep(0.01)
        is_organization = number == rotations // 2
        register = registers[number % len(registers)]
        whose = sample.merchant.organization if is_organization else register
        await asyncio.to_thread(said, sample, "journal", "rotate", whose)
    is_over.set()
    await load


def jws(sample: Sample, record: str) -> str:
    """The signature of a record as the API hands it out."""
    status, answer = sample.caller.ask("GET", f"/records/{record}?file-integrity")
    assert status == 200, answer
    return base64.b64decode(answer["content"]["file"]["integrity"]["data"]).decode()


def verified(sample: Sample, record: str) -> str:
    """By the key that its header names, which a `key@1` entry gives; its id."""
    header, payload, signature = jws(sample, record).split(".")
    assert payload == ""
    named: str = json.loads(decoded(header))["kid"]
    [[body]] = rows(sample.installation.database, f"SELECT body FROM entry WHERE id = '{record}'")
    raw = decoded(signature)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    message = f"{header}.{base64.urlsafe_b64encode(bytes(body)).rstrip(b'=').decode()}".encode()
    key = public_key(sample, named)
    key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    return named


def public_key(sample: Sample, named: str) -> ec.EllipticCurvePublicKey:
    for (body,) in rows(
        sample.installation.database, "SELECT body FROM entry WHERE kind = 'key@1'"
    ):
        key = json.loads(bytes(body))["key"]
        if key["sha256"][:32] == named:
            found = load_der_public_key(base64.b64decode(key["public_key"]))
            assert isinstance(found, ec.EllipticCurvePublicKey)
            return found
    raise AssertionError(f"no key@1 names {named}")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
