"""Provisioning a register: what is noted, what is made, and what is left when it is cut short."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, select

from fiscus.issuing.tests.bench import Bench, a_cloud
from fiscus.model.devices import LogFilter
from fiscus.model.faults import Unavailable
from fiscus.model.tests.clock import StandingClock
from fiscus.outbox.kinds import ATTEMPTS_MAX
from fiscus.provisioning import provision
from fiscus.registry import devices as registry
from fiscus.registry.devices import DeviceState
from fiscus.registry.tests.builders import a_vault, another_register
from fiscus.signers import SignerDown, find_device
from fiscus.signers.tse.log.verify import examine
from fiscus.signers.tse.simulator.server import ServerFault, SimulatedCloud
from fiscus.store.connect import reading, writing
from fiscus.store.schema import DEVICE


@pytest.fixture
def bench(engine: Engine, tmp_path: Path) -> Bench:
    return Bench(engine, tmp_path)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[tuple[SimulatedCloud, dict[str, str]]]:
    with a_cloud(tmp_path / "cloud", StandingClock()) as found:
        yield found


def made(bench: Bench) -> tuple[str, bytes]:
    """Kind and secret of the register's device."""
    with reading(bench.engine) as tx:
        return registry.read(tx, a_vault(), bench.view().device)


def test_a_register_asks_for_a_device_and_gets_it(bench: Bench) -> None:
    asked = bench.asks()
    assert (asked.state, asked.kind, asked.family) == (DeviceState.PENDING, "software-tse", "tse")
    assert not (bench.folder / "devices").exists()

    view = bench.works()

    assert (view.state, view.fitted_at, view.client) == (
        DeviceState.FITTED,
        bench.clock(),
        view.register,
    )
    assert view.info is not None
    assert (view.info.is_test, view.info.description) == (True, "TEST a kiosk")
    assert bench.backlog() == 0
    assert bench.devices.start(bench.register).number == 1


def test_asking_again_changes_nothing(bench: Bench) -> None:
    first = bench.asks()

    assert bench.asks() == first
    assert bench.backlog() == 1
    fitted = bench.works()
    assert bench.asks() == fitted
    assert bench.backlog() == 0


def test_a_request_that_is_rolled_back_leaves_no_task(bench: Bench) -> None:
    with bench.engine.connect() as tx:
        bench.asks(tx=tx)
        tx.rollback()

    assert bench.backlog() == 0
    with reading(bench.engine) as tx:
        assert registry.of_register(tx, bench.register) is None


def test_each_register_gets_a_device_of_its_own(bench: Bench) -> None:
    with writing(bench.engine) as tx:
        other = another_register(tx, bench.shop)
    bench.asks()
    bench.asks(other)
    bench.works()

    mine, its = bench.devices.of(bench.register), bench.devices.of(other)

    assert mine is not None
    assert its is not None
    assert mine.info.serial != its.info.serial
    assert bench.devices.start(bench.register).number == bench.devices.start(other).number == 1


@pytest.mark.parametrize(
    ("kind", "family", "is_live"),
    [
        ("", "tse", False),
        ("unheard-of", "tse", False),
        ("software-tse", "another", False),
        ("software-tse", "tse", True),
    ],
)
def test_an_installation_without_a_device_for_the_law_says_which_setting_is_missing(
    engine: Engine, tmp_path: Path, kind: str, family: str, is_live: bool
) -> None:
    bench = Bench(engine, tmp_path, kind, is_live=is_live)

    with pytest.raises(Unavailable) as caught, writing(engine) as tx:
        bench.asks(tx=tx, family=family)

    assert caught.value.code is provision.NO_KIND
    assert caught.value.paths == ("FISCUS_DEVICE",)


def test_a_worker_that_dies_before_the_secret_is_kept_makes_the_device_anew(
    bench: Bench,
) -> None:
    bench.asks()
    bench.task()
    folder = bench.folder / "devices" / bench.view().device
    kind = find_device("software-tse")
    lost = kind.create(bench.wanted, folder, bench.clock, os.urandom)
    bench.dies()

    assert bench.works().state is DeviceState.FITTED
    assert made(bench)[1] != lost
    assert bench.devices.start(bench.register).number == 1


def test_a_worker_that_dies_between_the_commits_goes_on_with_the_same_device(
    bench: Bench,
) -> None:
    bench.asks()
    provision.make(bench.provisioning, bench.task(), bench.view())
    secret = made(bench)
    assert bench.view().state is DeviceState.PENDING
    bench.dies()

    assert bench.works().state is DeviceState.FITTED
    assert made(bench) == secret
    assert len(bench.memories()) == 1


def test_a_worker_that_dies_after_the_client_is_known_fits_it_all_the_same(bench: Bench) -> None:
    bench.asks()
    provision.make(bench.provisioning, bench.task(), bench.view())
    bench.devices.opened(bench.view().device).register_client(bench.register)
    bench.dies()

    assert bench.works().state is DeviceState.FITTED
    assert len(bench.memories()) == 1


def test_a_worker_that_wakes_up_late_neither_keeps_nor_harms_anything(bench: Bench) -> None:
    bench.asks()
    slow, view, before = bench.task(), bench.view(), bench.provisioning
    bench.dies()
    quick = bench.task()
    provision.make(bench.provisioning, quick, view)
    secret = made(bench)

    with pytest.raises(Unavailable) as caught:
        provision.make(before, slow, view)
    assert caught.value.code is provision.LOST
    with pytest.raises(Unavailable):
        provision.connect(before, slow, bench.view())

    assert made(bench) == secret
    assert bench.view().state is DeviceState.PENDING
    provision.connect(bench.provisioning, quick, bench.view())
    assert bench.devices.start(bench.register).number == 1


def test_a_cloud_that_is_away_is_asked_again_and_in_the_end_given_up(
    engine: Engine, tmp_path: Path, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    provider, wanted = cloud
    bench = Bench(engine, tmp_path, "cloud-tse", {**wanted, "secret": "wrong"})
    bench.asks()
    worker = bench.worker()
    for _ in range(ATTEMPTS_MAX):
        assert worker.step()
        bench.clock.move(minutes=10)

    view = bench.view()
    assert (view.state, view.is_made, bench.backlog()) == (DeviceState.FAILED, False, 0)
    assert view.error == "TseRefused: E_UNAUTHORIZED: wrong key or secret"
    assert provider.tss == {}

    bench.provisioning.wanted = wanted
    assert bench.fitted().state is DeviceState.FITTED


def test_a_cloud_tss_is_set_up_from_nothing(
    engine: Engine, tmp_path: Path, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    provider, wanted = cloud
    bench = Bench(engine, tmp_path, "cloud-tse", wanted | {"description": "Filiale 1"})

    view = bench.fitted()

    assert view.info is not None
    assert (view.state, view.info.is_test) == (DeviceState.FITTED, True)
    assert view.info.description == "Filiale 1"
    assert len(provider.tss) == 1
    started = bench.devices.start(bench.register)
    bench.devices.finish(
        bench.register, started.serial, started.number, "Kassenbeleg-V1", b"Beleg^"
    )
    assert started.serial == view.info.serial


@pytest.mark.parametrize("at", range(12))
def test_wherever_setting_up_in_the_cloud_breaks_off_there_is_one_tss_in_the_end(
    engine: Engine, tmp_path: Path, cloud: tuple[SimulatedCloud, dict[str, str]], at: int
) -> None:
    provider, wanted = cloud
    bench = Bench(engine, tmp_path, "cloud-tse", wanted)
    bench.asks()
    # So many requests go well, then one is answered and the answer is lost, twice.
    provider.mischief.extend([ServerFault()] * at)
    provider.mischief.extend([ServerFault(hangs_up=True, is_after=True)] * 2)
    with pytest.raises(SignerDown):
        provision.do(bench.provisioning, bench.task())
    provider.mischief.clear()
    bench.dies()

    assert bench.works().state is DeviceState.FITTED
    assert len(provider.tss) == 1
    assert bench.devices.start(bench.register).number == 1


def test_an_account_that_lacks_something_is_named_and_not_tried_again(
    engine: Engine, tmp_path: Path
) -> None:
    bench = Bench(engine, tmp_path, "cloud-tse", {"url": "http://127.0.0.1:9"})

    view = bench.fitted()

    assert (view.state, bench.backlog()) == (DeviceState.FAILED, 0)
    assert "TSE-ACCOUNT-01" in view.error
    assert "FISCUS_DEVICE_KEY, FISCUS_DEVICE_SECRET" in view.error


def test_a_cloud_that_only_tests_is_refused_for_live_tenants(
    engine: Engine, tmp_path: Path, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    _, wanted = cloud
    bench = Bench(engine, tmp_path, "cloud-tse", wanted, is_live=True)

    view = bench.fitted()

    assert (view.state, view.is_made, bench.backlog()) == (DeviceState.FAILED, False, 0)
    assert "DEVICE-TEST-01" in view.error
    assert bench.devices.of(bench.register) is None
    assert bench.asks().device != view.device


def test_a_register_is_released_and_its_device_no_longer_knows_it(
    bench: Bench, tmp_path: Path
) -> None:
    device = bench.fitted().device
    bench.devices.start(bench.register)

    bench.retires()

    view = bench.view()
    assert (view.state, view.released_at, view.told_at) == (
        DeviceState.RELEASED,
        bench.clock(),
        None,
    )
    assert bench.devices.of(bench.register) is None
    with pytest.raises(SignerDown, match="no device is fitted"):
        bench.devices.start(bench.register)
    view = bench.works()
    assert (view.error, view.told_at, bench.backlog()) == ("", bench.clock(), 0)
    archive = tmp_path / "all.tar"
    archive.write_bytes(b"".join(bench.devices.export(device, LogFilter())))
    assert examine(archive).faults == ()
    assert b"deregisterClient" in archive.read_bytes()
    bench.retires()
    assert bench.works() == view


def test_a_device_that_cannot_be_told_does_not_stop_the_release(bench: Bench) -> None:
    bench.fitted()
    folder = bench.folder / "devices"
    folder.rename(folder.with_name("away"))

    bench.retires()

    assert bench.view().state is DeviceState.RELEASED
    worker = bench.worker()
    assert worker.step()
    assert bench.view().error == "the device cannot be opened: No such file or directory"
    for _ in range(ATTEMPTS_MAX - 1):
        bench.clock.move(minutes=10)
        assert worker.step()
    view = bench.view()
    assert (view.state, view.told_at, bench.backlog()) == (DeviceState.RELEASED, None, 0)
    assert view.error.endswith("the device cannot be opened: No such file or directory")
    folder.with_name("away").rename(folder)
    bench.retires()
    view = bench.works()
    assert (view.error, view.told_at) == ("", bench.clock())


def test_a_register_released_while_it_waits_gets_no_device(bench: Bench) -> None:
    bench.asks()
    bench.retires()

    assert bench.works().state is DeviceState.RELEASED
    assert (bench.backlog(), bench.view().is_made) == (0, False)


def test_a_task_of_before_the_release_does_not_touch_the_next_device(bench: Bench) -> None:
    bench.asks()
    old = bench.task()
    bench.retires()
    again = bench.asks()

    provision.do(bench.provisioning, old)

    assert (bench.view(), bench.memories()) == (again, [])
    assert bench.works().state is DeviceState.FITTED


def test_a_register_gets_another_device_after_a_release(bench: Bench) -> None:
    first = bench.fitted()
    bench.retires()

    second = bench.fitted()

    assert second.device != first.device
    assert (second.state, second.error) == (DeviceState.FITTED, "")
    assert bench.devices.start(bench.register).number == 1


def test_a_client_that_the_device_knows_already_is_no_failure(
    engine: Engine, tmp_path: Path, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    provider, wanted = cloud
    bench = Bench(engine, tmp_path, "cloud-tse", wanted)
    bench.asks()
    task = bench.task()
    provision.make(bench.provisioning, task, bench.view())
    bench.devices.opened(bench.view().device).register_client(bench.register)
    (tss,) = provider.tss.values()
    tss.gone.update(tss.clients)  # so says the cloud; its device knows better

    provision.connect(bench.provisioning, task, bench.view())

    assert bench.view().state is DeviceState.FITTED
    assert bench.devices.start(bench.register).number == 1


def test_a_name_that_belongs_to_somebody_elses_client_is_a_failure_with_its_reason(
    engine: Engine, tmp_path: Path, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    provider, wanted = cloud
    bench = Bench(engine, tmp_path, "cloud-tse", wanted)
    bench.asks()
    provision.make(bench.provisioning, bench.task(), bench.view())
    bench.devices.opened(bench.view().device).register_client(bench.register)
    (tss,) = provider.tss.values()
    tss.clients = {str(uuid4()): name for name in tss.clients.values()}
    bench.dies()
    worker = bench.worker()
    while bench.backlog():
        assert worker.step()
        bench.clock.move(minutes=10)

    assert bench.view().state is DeviceState.FAILED
    assert "E_CLIENT_ALREADY_REGISTERED" in bench.view().error


def test_a_secret_never_leaves_its_place(bench: Bench) -> None:
    device = bench.fitted().device
    _, secret = made(bench)
    with reading(bench.engine) as tx:
        closed = tx.scalar(select(DEVICE.c.secret).where(DEVICE.c.id == device))

    assert closed
    assert secret not in closed
    assert all(secret not in path.read_bytes() for path in bench.memories())
