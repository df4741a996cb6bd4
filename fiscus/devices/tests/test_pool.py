"""Asking devices: what is kept of them, and what happens when one fails, by real failures."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.devices.pool import DevicePool, DeviceProber
from fiscus.issuing.tests.bench import Bench, a_cloud
from fiscus.model.devices import LogFilter, TransactionState
from fiscus.model.faults import Refused
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.registry import devices as registry
from fiscus.registry.tests.builders import a_vault
from fiscus.signers import SignerDown, find_device
from fiscus.signers.tse.log.verify import examine
from fiscus.signers.tse.simulator.server import ServerFault, SimulatedCloud
from fiscus.store.connect import connect, reading, writing

SALE = b"Beleg^1.00_0.00_0.00_0.00_0.00^1.00:Bar"
DOWN = [ServerFault(status=503)] * 2
"""One call is tried twice before it counts as failed."""


@pytest.fixture
def bench(engine: Engine, tmp_path: Path) -> Bench:
    """A register with a software TSE."""
    found = Bench(engine, tmp_path)
    found.fitted()
    return found


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[tuple[SimulatedCloud, dict[str, str]]]:
    with a_cloud(tmp_path / "cloud", StandingClock()) as found:
        yield found


@pytest.fixture
def far(engine: Engine, tmp_path: Path, cloud: tuple[SimulatedCloud, dict[str, str]]) -> Bench:
    """A register with a cloud TSE."""
    found = Bench(engine, tmp_path, "cloud-tse", cloud[1])
    found.fitted()
    cloud[0].requests.clear()
    return found


def sold(bench: Bench) -> int:
    begun = bench.devices.start(bench.register)
    bench.devices.finish(bench.register, begun.serial, begun.number, "Kassenbeleg-V1", SALE)
    return begun.number


def serial_of(bench: Bench) -> str:
    info = bench.view().info
    assert info is not None
    return info.serial


def another_device(bench: Bench) -> None:
    """Another device is fitted in the place of the present one."""
    bench.clock.move(seconds=1)
    bench.exchanges()
    bench.works()


def words(question: Callable[[], object]) -> str:
    with pytest.raises(SignerDown) as caught:
        question()
    return str(caught.value)


def start(bench: Bench) -> object:
    return bench.devices.start(bench.register)


def test_a_register_signs_with_the_device_that_is_fitted_to_it(bench: Bench) -> None:
    devices, register = bench.devices, bench.register

    started = devices.start(register)
    assert devices.open_numbers(register) == (1,)
    finished = devices.finish(register, started.serial, started.number, "Kassenbeleg-V1", SALE)
    found = devices.find(register, started.serial, started.number)

    assert devices.open_numbers(register) == ()
    assert (found.state, found.client_id) == (TransactionState.FINISHED, register)
    assert (found.process_data, found.finished) == (SALE, finished)
    assert found.started_at == started.time
    fitted = devices.of(register)
    assert fitted is not None
    assert started.serial == fitted.info.serial


def test_a_closing_is_told_what_it_must_say_of_the_device(bench: Bench) -> None:
    with reading(bench.engine) as tx:
        (served,) = bench.devices.facts(tx, bench.register)
        nothing = bench.devices.facts(tx, str(uuid4()))
    facts = served.device
    fitted = bench.devices.of(bench.register)

    assert fitted is not None
    assert (facts.serial, facts.client) == (fitted.info.serial, bench.register)
    assert (facts.algorithm, facts.time_format) == ("ecdsa-plain-SHA256", "unixTime")
    assert facts.certificate.startswith("MII")
    assert (served.since, served.until) == (bench.view().fitted_at, None)
    assert nothing == ()


def test_a_register_without_a_device_is_an_outage(bench: Bench) -> None:
    stranger = str(uuid4())

    assert bench.devices.of(stranger) is None
    assert words(lambda: bench.devices.start(stranger)) == "no device is fitted to this register"


def test_what_the_device_signed_is_exported_by_its_id(bench: Bench, tmp_path: Path) -> None:
    sold(bench)
    sold(bench)
    archive = tmp_path / "two.tar"

    blocks = bench.devices.export(bench.view().device, LogFilter(number=2))
    archive.write_bytes(b"".join(blocks))

    report = examine(archive, is_complete=False)
    assert (report.faults, report.started, report.finished) == ((), 1, 1)


def test_a_test_device_signs_nothing_for_live_tenants(bench: Bench) -> None:
    known = bench.devices
    live = DevicePool(
        engine=known.engine,
        clock=known.clock,
        ids=known.ids,
        vault=known.vault,
        folder=known.folder,
        is_live=True,
    )

    with pytest.raises(Refused, match="DEVICE-TEST-01"):
        live.of(bench.register)
    with pytest.raises(Refused, match="DEVICE-TEST-01"):
        live.start(bench.register)


def test_after_a_failure_nobody_waits_and_everybody_hears_the_first_reason(
    far: Bench, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    provider, _ = cloud
    sold(far)
    provider.mischief.extend(DOWN)
    first = words(lambda: start(far))
    asked = len(provider.requests)
    far.clock.move(seconds=0.9)
    begun = time.monotonic()

    later = [words(lambda: start(far)) for _ in range(50)]
    later.append(words(lambda: far.devices.find(far.register, serial_of(far), 1)))
    later.append(words(lambda: far.devices.export(far.view().device, LogFilter())))

    assert time.monotonic() - begun < 0.5
    assert "status 503" in first
    assert set(later) == {f"{first} (down since 2026-05-04T08:15:01+00:00)"}
    far.devices.probe()
    assert len(provider.requests) == asked
    standing = far.devices.standings()[0]
    assert (standing.device, standing.down_since) == (far.view().device, MORNING)
    assert (standing.calls, standing.failures, standing.refusals) == (3, 1, 0)


def test_a_probe_that_is_answered_brings_the_device_back(
    far: Bench, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    provider, _ = cloud
    sold(far)
    provider.mischief.extend(DOWN * 2)
    words(lambda: start(far))
    far.clock.move(seconds=1)
    far.devices.probe()
    assert far.devices.standings()[0].down_since == MORNING
    far.clock.move(seconds=2)

    far.devices.probe()

    assert far.devices.standings()[0].down_since is None
    assert sold(far) == 2


def test_a_lost_answer_counts_as_a_failure_too(
    far: Bench, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    begun = far.devices.start(far.register)
    serial, number = begun.serial, begun.number
    cloud[0].mischief.extend([ServerFault(hangs_up=True, is_after=True)] * 2)

    words(lambda: far.devices.finish(far.register, serial, number, "Kassenbeleg-V1", SALE))

    assert "down since" in words(lambda: start(far))
    far.clock.move(seconds=1)
    far.devices.probe()
    assert far.devices.find(far.register, serial, number).state is TransactionState.FINISHED


def test_a_refusal_of_one_transaction_is_no_outage(bench: Bench, far: Bench) -> None:
    for one in (bench, far):
        finish = partial(one.devices.finish, one.register, serial_of(one), 99, "t", SALE)
        assert "down since" not in words(finish)
        assert sold(one) == 1
        assert one.devices.standings()[0].refusals == 1


def test_a_refusal_of_everything_is_an_outage(
    far: Bench, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    cloud[0].tokens.clear()
    cloud[0].api_secret = "changed"

    assert words(lambda: start(far)).startswith("E_UNAUTHORIZED")
    assert "down since" in words(lambda: start(far))


def test_a_device_whose_file_is_gone_is_down_until_it_is_back(bench: Bench) -> None:
    sold(bench)
    place, elsewhere = bench.folder / "devices", bench.folder / "elsewhere"
    place.rename(elsewhere)

    assert words(lambda: start(bench)) == "the device cannot be opened: No such file or directory"
    bench.clock.move(seconds=1)
    bench.devices.probe()
    elsewhere.rename(place)
    assert "down since" in words(lambda: start(bench))
    bench.clock.move(seconds=2)
    bench.devices.probe()
    assert sold(bench) == 2


def test_a_device_whose_file_is_damaged_is_down(bench: Bench) -> None:
    sold(bench)
    (memory,) = bench.memories()
    good = memory.with_name("good")
    shutil.move(memory, good)
    memory.write_bytes(b"not a database" * 1000)

    assert "not a database" in words(lambda: start(bench))

    shutil.move(good, memory)
    bench.clock.move(seconds=1)
    bench.devices.probe()
    assert sold(bench) == 2


def test_another_devices_file_is_not_signed_with(bench: Bench) -> None:
    sold(bench)
    (memory,) = bench.memories()
    another_device(bench)
    (other,) = (path for path in bench.memories() if path != memory)
    shutil.rmtree(other.parent)
    memory.parent.rename(other.parent)

    assert "the key is not of this TSE" in words(lambda: start(bench))


def test_a_device_that_raises_what_it_should_not_is_an_outage(engine: Engine, bench: Bench) -> None:
    bench.provisioning.kind = "cloud-tse"
    device = bench.exchanges().device
    account = {
        "url": "http://127.0.0.1:99999",
        "tss_id": str(uuid4()),
        "api_key": "k",
        "api_secret": "s",
    }
    info = registry_info(bench)
    with writing(engine) as tx:
        registry.keep(tx, a_vault(), device, msgspec.json.encode(account))
        registry.fitted(tx, device, info, MORNING)

    assert words(lambda: start(bench)) == "the device stumbled: ValueError"
    assert "down since" in words(lambda: start(bench))


def registry_info(bench: Bench):
    with writing(bench.engine) as tx:
        views = registry.of(tx, bench.shop.organization, limit=9)
    (info,) = (view.info for view in views if view.info)
    return info


def in_thread(question: Callable[[], object]) -> tuple[threading.Thread, list[str]]:
    said: list[str] = []

    def run() -> None:
        try:
            question()
        except SignerDown as outage:
            said.append(str(outage))
        else:
            said.append("")

    thread = threading.Thread(target=run)
    thread.start()
    return thread, said


def until_it_begins(provider: SimulatedCloud, waiting: int = 0) -> None:
    """Until a request meets the first mischief: whoever sent it has the device's turn."""
    deadline = time.monotonic() + 10
    while len(provider.mischief) > waiting:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_who_waits_too_long_for_a_turn_counts_the_device_as_down(
    far: Bench, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    sold(far)
    cloud[0].mischief.append(ServerFault(delay_seconds=1.0))
    slow, said = in_thread(lambda: start(far))
    until_it_begins(cloud[0])
    begun = time.monotonic()

    late = words(lambda: start(far))

    assert time.monotonic() - begun < 0.6
    assert late == "the device is busy: no turn within 0.2 s"
    assert "down since" in words(lambda: start(far))
    slow.join()
    assert said == [""]


def test_who_waits_behind_a_failure_hears_of_it_at_once(
    far: Bench, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    far.provisioning = far.another(call_seconds=5.0)
    sold(far)
    cloud[0].mischief.extend([ServerFault(delay_seconds=0.3, status=503), ServerFault(status=503)])
    first, said = in_thread(lambda: start(far))
    until_it_begins(cloud[0], waiting=1)
    asked = len(cloud[0].requests)

    late = words(lambda: start(far))

    first.join()
    assert late == f"{said[0]} (down since 2026-05-04T08:15:01+00:00)"
    assert len(cloud[0].requests) == asked


def test_a_probe_makes_no_sale_wait(
    far: Bench, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    sold(far)
    cloud[0].mischief.extend(DOWN)
    words(lambda: start(far))
    far.clock.move(seconds=1)
    cloud[0].mischief.append(ServerFault(delay_seconds=1.0))
    probing = threading.Thread(target=far.devices.probe)
    probing.start()
    until_it_begins(cloud[0])
    begun = time.monotonic()

    assert "down since" in words(lambda: start(far))
    far.devices.probe()

    assert time.monotonic() - begun < 0.3
    probing.join()
    assert sold(far) == 2


def test_many_tills_take_turns(bench: Bench) -> None:
    bench.provisioning = bench.another(call_seconds=30.0)
    crew = [in_thread(lambda: [sold(bench) for _ in range(10)]) for _ in range(8)]
    for thread, _ in crew:
        thread.join()

    assert [said for _, said in crew] == [[""]] * 8
    assert sold(bench) == 81


@pytest.mark.parametrize("place", ["near", "far"])
def test_a_device_whose_certificate_has_ended_is_not_asked(
    place: str, bench: Bench, far: Bench
) -> None:
    one = bench if place == "near" else far
    sold(one)
    begun = one.devices.start(one.register)
    info = one.view().info
    assert info is not None
    assert info.usable_until is not None
    one.clock.move(seconds=(info.usable_until - one.clock()).total_seconds())

    assert "certificate of the device ended at" in words(lambda: start(one))
    ended = partial(one.devices.finish, one.register, begun.serial, begun.number, "t", SALE)
    assert "certificate of the device ended at" in words(ended)

    assert one.devices.standings()[0].down_since is None
    with reading(one.engine) as tx:
        kind, secret = registry.read(tx, a_vault(), one.view().device)
    folder = one.folder / "devices" / one.view().device
    opened = find_device(kind).open(secret, folder, one.clock, lambda: str(uuid4()))
    assert opened.open_numbers() == (begun.number,)


def test_what_is_known_of_a_register_is_looked_up_again_after_a_while(bench: Bench) -> None:
    sold(bench)
    with writing(bench.engine) as tx:
        registry.release(tx, bench.register, bench.clock())
    assert bench.devices.of(bench.register) is not None

    bench.clock.move(seconds=30)

    assert bench.devices.of(bench.register) is None


def test_a_prober_brings_a_device_back_by_itself(
    far: Bench, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    sold(far)
    cloud[0].mischief.extend(DOWN)
    words(lambda: start(far))
    far.clock.move(seconds=1)
    prober = DeviceProber(far.devices, every_seconds=0.01)
    prober.start()
    deadline = time.monotonic() + 10
    while far.devices.standings()[0].down_since and time.monotonic() < deadline:
        time.sleep(0.01)
    prober.stop()

    assert sold(far) == 2


def test_a_prober_outlives_a_database_that_is_away(
    far: Bench, cloud: tuple[SimulatedCloud, dict[str, str]], tmp_path: Path
) -> None:
    sold(far)
    cloud[0].mischief.extend(DOWN)
    words(lambda: start(far))
    far.clock.move(seconds=1)
    there, far.devices.engine = far.engine, connect(f"sqlite:///{tmp_path}/no/such/folder.sqlite")
    prober = DeviceProber(far.devices, every_seconds=0.01)
    prober.start()
    time.sleep(0.1)
    assert far.devices.standings()[0].down_since
    far.devices.engine = there
    deadline = time.monotonic() + 10
    while far.devices.standings()[0].down_since and time.monotonic() < deadline:
        time.sleep(0.01)
    prober.stop()

    assert sold(far) == 2


def test_a_prober_that_never_started_stops_at_once(bench: Bench) -> None:
    DeviceProber(bench.devices).stop()
