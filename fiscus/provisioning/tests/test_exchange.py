"""Another device takes the place of a register's present one, which may be dead."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, select

from fiscus.devices.pool import DeviceExchanged
from fiscus.issuing.tests.bench import Bench, a_cloud
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.journal import encode
from fiscus.journal.audit import verify_database
from fiscus.model.devices import LogFilter, StartedTransaction, TransactionState
from fiscus.model.faults import Conflict
from fiscus.model.records import EntryBody
from fiscus.model.tests.clock import StandingClock
from fiscus.provisioning import provision
from fiscus.registry import devices as registry
from fiscus.registry.devices import DeviceState
from fiscus.registry.tests.builders import a_vault
from fiscus.signers import SignerDown
from fiscus.signers.tse.log.verify import examine
from fiscus.signers.tse.simulator.server import ServerFault, SimulatedCloud
from fiscus.store.connect import reading
from fiscus.store.schema import ENTRY

SALE = b"Beleg^1.00_0.00_0.00_0.00_0.00^1.00:Bar"


@pytest.fixture
def bench(engine: Engine, tmp_path: Path) -> Bench:
    return Bench(engine, tmp_path)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[tuple[SimulatedCloud, dict[str, str]]]:
    with a_cloud(tmp_path / "cloud", StandingClock()) as found:
        yield found


def sold(bench: Bench) -> int:
    begun = bench.devices.start(bench.register)
    bench.devices.finish(bench.register, begun.serial, begun.number, "Kassenbeleg-V1", SALE)
    return begun.number


def another_device(bench: Bench) -> None:
    bench.clock.move(seconds=1)
    bench.exchanges()
    bench.works()


def notes(bench: Bench) -> list[str]:
    """What the register's journal tells of exchanges."""
    with reading(bench.engine) as tx:
        rows = tx.execute(select(ENTRY.c.kind, ENTRY.c.body).order_by(ENTRY.c.sequence))
        bodies = [encode.decode(row.kind, row.body) for row in rows if row.kind == "exchanged@1"]
    return [body.note for body in bodies]


def serials(bench: Bench) -> list[str]:
    return [view.info.serial for view in bench.views() if view.info]


def test_another_device_takes_the_place_of_the_first_which_signs_until_then(
    bench: Bench, tmp_path: Path
) -> None:
    first = bench.fitted()
    bench.clock.move(hours=1)

    asked = bench.exchanges("the certificate ends soon")
    assert (asked.state, asked.reason) == (DeviceState.PENDING, "the certificate ends soon")
    assert bench.devices.start(bench.register).number == 1
    provision.make(bench.provisioning, bench.task(), asked)
    assert bench.devices.start(bench.register).number == 2
    bench.dies()
    second = bench.works()

    assert bench.devices.start(bench.register).number == 1
    before, after = bench.views()
    assert (before.device, before.state, after) == (first.device, DeviceState.RELEASED, second)
    assert before.released_at == after.fitted_at == before.told_at == bench.clock()
    one, other = serials(bench)
    assert notes(bench) == [
        f"device {other} takes the place of device {one}: the certificate ends soon"
    ]
    report = verify_database(bench.engine)
    assert report.is_good, report
    archive = tmp_path / "first.tar"
    archive.write_bytes(b"".join(bench.devices.export(first.device, LogFilter())))
    assert examine(archive).faults == ()
    assert b"deregisterClient" in archive.read_bytes()


def test_an_exchange_that_is_asked_for_twice_is_one(bench: Bench) -> None:
    bench.fitted()

    assert bench.exchanges() == bench.exchanges()
    assert bench.backlog() == 1
    bench.works()

    assert (len(bench.views()), len(bench.memories()), len(notes(bench))) == (2, 2, 1)


def test_nothing_is_exchanged_before_a_device_is_fitted(bench: Bench) -> None:
    with pytest.raises(Conflict) as caught:
        bench.exchanges()
    assert caught.value.code is registry.NOTHING_FITTED
    assert bench.backlog() == 0


def test_a_dead_device_is_exchanged_all_the_same(bench: Bench) -> None:
    first = bench.fitted()
    (memory,) = bench.memories()
    memory.unlink()
    with pytest.raises(SignerDown):
        bench.devices.start(bench.register)

    bench.exchanges("broken")
    worker = bench.worker()
    assert worker.step()
    assert bench.devices.start(bench.register).number == 1
    while bench.backlog():
        bench.clock.move(minutes=10)
        worker.step()

    before = bench.views()[0]
    assert (before.device, before.state, before.told_at) == (
        first.device,
        DeviceState.RELEASED,
        None,
    )
    assert "cannot be opened" in before.error


def test_a_dead_cloud_device_is_exchanged_for_one_of_another_account(
    engine: Engine, tmp_path: Path, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    """The provider is gone: it answers nothing any more, and another one takes over."""
    provider, wanted = cloud
    with a_cloud(tmp_path / "gone", StandingClock()) as (lost, account):
        bench = Bench(engine, tmp_path, "cloud-tse", account)
        first = bench.fitted()
        begun = bench.devices.start(bench.register)
    with pytest.raises(SignerDown):
        bench.devices.start(bench.register)

    bench.clock.move(seconds=1)
    bench.provisioning.wanted = wanted
    bench.exchanges("the provider is gone")
    worker = bench.worker()
    assert worker.step()

    assert bench.devices.start(bench.register).number == 1
    with pytest.raises(SignerDown, match="exchanged since"):
        bench.devices.finish(bench.register, begun.serial, begun.number, "t", b"")
    while bench.backlog():
        bench.clock.move(minutes=10)
        worker.step()
    before, after = bench.views()
    assert (before.device, before.state, before.told_at) == (
        first.device,
        DeviceState.RELEASED,
        None,
    )
    assert before.error
    assert (after.state, after.error) == (DeviceState.FITTED, "")
    assert (len(lost.tss), len(provider.tss)) == (1, 1)


def test_the_same_device_is_no_exchange_and_goes_on_signing(
    engine: Engine, tmp_path: Path, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    """An operator who set up one TSS, and asks for another one without saying which."""
    provider, wanted = cloud
    first = Bench(engine, tmp_path, "cloud-tse", wanted)
    first.fitted()
    with reading(engine) as tx:
        _, secret = registry.read(tx, a_vault(), first.view().device)
    account = msgspec.json.decode(secret)
    first.provisioning.wanted = wanted | {
        "tss": account["tss_id"],
        "admin_pin": account["admin_pin"],
    }

    first.exchanges()
    first.works()

    failed = first.views()[1]
    assert (failed.state, failed.is_made, first.backlog()) == (DeviceState.FAILED, False, 0)
    assert "FITTING-DEVICE-01" in failed.error
    assert first.devices.start(first.register).number == 1
    first.clock.move(seconds=1)
    first.provisioning.wanted = wanted
    first.exchanges()
    first.works()
    assert [view.state for view in first.views()] == [DeviceState.RELEASED, DeviceState.FITTED]
    assert first.devices.start(first.register).number == 1
    assert (len(provider.tss), len(notes(first))) == (2, 1)


@pytest.mark.parametrize("at", range(10))
def test_wherever_an_exchange_breaks_off_there_is_one_new_device_and_one_entry(
    engine: Engine, tmp_path: Path, cloud: tuple[SimulatedCloud, dict[str, str]], at: int
) -> None:
    provider, wanted = cloud
    bench = Bench(engine, tmp_path, "cloud-tse", wanted)
    bench.fitted()
    bench.clock.move(seconds=1)
    bench.exchanges()
    provider.mischief.extend([ServerFault()] * at)
    provider.mischief.extend([ServerFault(hangs_up=True, is_after=True)] * 2)
    with pytest.raises(SignerDown):
        provision.do(bench.provisioning, bench.task())
    provider.mischief.clear()
    bench.dies()

    assert bench.works().state is DeviceState.FITTED
    assert (len(provider.tss), len(notes(bench))) == (2, 1)
    assert bench.views()[0].told_at == bench.clock()
    assert bench.devices.start(bench.register).number == 1


def elsewhere(bench: Bench, do: Callable[[], object]) -> None:
    """Another process does this; ours hears nothing of it."""
    ours, bench.provisioning = bench.provisioning, bench.another()
    do()
    bench.provisioning = ours


def test_a_device_that_was_exchanged_elsewhere_is_noticed_and_no_sale_lost(bench: Bench) -> None:
    bench.fitted()
    sold(bench)
    elsewhere(bench, lambda: another_device(bench))

    assert sold(bench) == 1

    fitted = bench.devices.of(bench.register)
    assert fitted is not None
    assert fitted.device == bench.view().device
    assert fitted.device != bench.views()[0].device


def test_a_dead_device_that_was_exchanged_elsewhere_is_neither_waited_for_nor_told(
    engine: Engine, tmp_path: Path, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    far = Bench(engine, tmp_path, "cloud-tse", cloud[1])
    far.fitted()
    sold(far)
    cloud[0].mischief.extend([ServerFault(status=503)] * 2)
    with pytest.raises(SignerDown):
        far.devices.start(far.register)
    elsewhere(far, lambda: another_device(far))

    assert sold(far) == 1

    far.clock.move(seconds=1)
    far.devices.probe()
    assert [one.device for one in far.devices.standings()] == [far.view().device]


def test_a_transaction_does_not_move_to_another_device(bench: Bench) -> None:
    bench.fitted()
    begun = bench.devices.start(bench.register)
    elsewhere(bench, lambda: another_device(bench))
    again = bench.devices.start(bench.register)
    assert (begun.number, again.number) == (1, 1)

    for question in (
        lambda: bench.devices.finish(bench.register, begun.serial, 1, "Kassenbeleg-V1", SALE),
        lambda: bench.devices.find(bench.register, begun.serial, 1),
    ):
        with pytest.raises(DeviceExchanged, match=begun.serial[:16]):
            question()

    assert bench.devices.find(bench.register, again.serial, 1).state is TransactionState.OPEN


def test_what_another_process_began_on_the_new_device_is_ended_there(bench: Bench) -> None:
    """Ours still believes in the old one."""
    bench.fitted()
    sold(bench)
    begun: list[StartedTransaction] = []

    def changed_and_begun() -> None:
        another_device(bench)
        begun.append(bench.devices.start(bench.register))

    elsewhere(bench, changed_and_begun)

    (one,) = begun
    done = bench.devices.finish(bench.register, one.serial, one.number, "Kassenbeleg-V1", SALE)
    assert done.number == one.number == 1


def test_sales_go_on_while_devices_change_and_none_is_signed_twice_or_lost(
    engine: Engine, tmp_path: Path
) -> None:
    kiosk = Kiosk(engine, tmp_path)
    sold: list[EntryBody] = []
    is_over = threading.Event()

    def sells_on() -> None:
        while not is_over.is_set():
            sold.append(kiosk.sells())

    tills = [threading.Thread(target=sells_on) for _ in range(3)]
    for till in tills:
        till.start()
    for _ in range(3):
        kiosk.clock.move(seconds=1)
        kiosk.exchanges("again")
        seen = len(sold)
        while len(sold) < seen + 6 and any(till.is_alive() for till in tills):
            time.sleep(0.01)
    is_over.set()
    for till in tills:
        till.join()

    seals = [body.seal for body in sold if body.seal is not None]
    signings = [seal.signing for seal in seals if seal.signing is not None]
    assert len(seals) == len(sold) >= 18
    assert len({(one.serial, one.number) for one in signings}) == len(signings)
    assert all("ausgetauscht" in seal.outage for seal in seals if seal.signing is None)
    assert len({one.serial for one in signings}) == 4
    assert kiosk.pending() == []
    closing = kiosk.closes().closing
    assert closing is not None
    assert {one.serial for one in closing.devices} == {one.serial for one in signings}
    kiosk.assert_proved()
