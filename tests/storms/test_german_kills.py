"""B-01 under German law: killed servers lose nothing, sign nothing twice, and the devices' logs
agree with the journal, transaction by transaction."""

import asyncio
import threading
import time
from pathlib import Path
from random import Random

import pytest

from bench.installation import POSTGRES, Installation, fresh
from fiscus.signers.tse.log.verify import check
from tests.storms.driver import engines, need, seed, size, told
from tests.storms.german_judge import judge
from tests.storms.german_shop import GermanShop, a_shop

pytestmark = pytest.mark.storm

REGISTERS = 3
CLIENTS = 12


@engines
def test_kill_9_under_load_leaves_journal_and_devices_of_one_mind(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    need(engine)
    kills, chance = size("GERMAN_KILLS", 2, 200), seed()
    with fresh(engine) as installation:
        installation.serve(2 if engine == POSTGRES else 1)
        shop = a_shop(installation, REGISTERS, Random(chance))
        begun = time.monotonic()
        asyncio.run(storm(shop, kills, Random(chance)))
        seconds = time.monotonic() - begun
        archives = {register: shop.archive(register) for register in shop.kiosk.registers}
        verdict = judge(installation.database, archives, shop.told, shop.parked, events=REGISTERS)
        installation.run("verify")
    told(
        capsys,
        f"B-01 Germany {engine}",
        f"{kills} kills in {seconds:.0f} s, seed {chance}; {verdict.sentence()}; {shop.cut} "
        f"requests cut off, {shop.again} came back with 503",
    )
    assert shop.wrong == []
    assert verdict.is_good, verdict
    assert verdict.documents == len(shop.told) + REGISTERS > kills
    assert verdict.unsigned <= verdict.documents // 50
    assert shop.cut > 0
    for register, archive in archives.items():
        file = tmp_path / f"{register}.tar"
        file.write_bytes(archive)
        assert check(file) == ()


async def storm(shop: GermanShop, kills: int, random: Random) -> None:
    """Load without end while servers are killed, until it was enough; some sales stay open."""
    is_over = threading.Event()
    await shop.park()
    load = asyncio.create_task(shop.sell(CLIENTS, is_over.is_set))
    for _ in range(kills):
        await asyncio.sleep(random.uniform(0.005, 0.5))
        ports = shop.installation.ports
        victims = random.sample(ports, random.randint(1, len(ports)))
        await asyncio.to_thread(kill, shop.installation, victims)
        await sold_again(shop, load)
    is_over.set()
    await load


async def sold_again(shop: GermanShop, load: "asyncio.Task[None]") -> None:
    """Until the load flows again, so that the next kill meets it."""
    before = len(shop.told)
    while len(shop.told) < before + CLIENTS and not load.done():
        await asyncio.sleep(0.01)


def kill(installation: Installation, victims: list[int]) -> None:
    """Kill these servers at once and start them again."""
    for port in victims:
        installation.kill(port)
    for port in victims:
        installation.start(port)
    for port in victims:
        installation.wait(port)
