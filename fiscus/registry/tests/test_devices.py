from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, select

from fiscus.model.devices import DeviceInfo
from fiscus.model.faults import Conflict, Missing
from fiscus.model.tests.clock import MORNING
from fiscus.registry import devices
from fiscus.registry.devices import MOVES, DeviceState, FittingView, WantedDevice
from fiscus.registry.tests.builders import a_shop, a_vault, an_id, another_register
from fiscus.store.connect import reading, writing
from fiscus.store.schema import DEVICE

END = datetime(2034, 1, 1, tzinfo=UTC)
INFO = DeviceInfo(
    serial="ab" * 32,
    public_key="BA==",
    algorithm="ecdsa-plain-SHA256",
    time_format="unixTime",
    certificates=(b"\x30\x00", b"\x30\x01"),
    is_test=True,
    usable_until=END,
)


@pytest.fixture
def shop(engine: Engine):
    with writing(engine) as tx:
        return a_shop(tx)


def a_wanted_device(shop, **more: Any) -> WantedDevice:
    said = {
        "id": an_id(),
        "register": shop.register,
        "organization": shop.organization,
        "kind": "software-tse",
        "family": "tse",
    }
    said |= more
    return WantedDevice(**said, client=said["register"])


def wants(engine: Engine, device_wanted: WantedDevice) -> FittingView:
    with writing(engine) as tx:
        return devices.want(tx, device_wanted, MORNING)


def kept_secret(tx: Connection, device: str) -> bytes | None:
    return tx.scalar(select(DEVICE.c.secret).where(DEVICE.c.id == device))


def test_a_device_is_wanted_once_per_register(engine: Engine, shop) -> None:
    device_wanted = a_wanted_device(shop)

    first = wants(engine, device_wanted)
    second = wants(engine, a_wanted_device(shop))

    assert first == second
    assert (first.device, first.state, first.client) == (
        device_wanted.id,
        DeviceState.PENDING,
        shop.register,
    )
    assert (first.is_made, first.info, first.error, first.fitted_at) == (False, None, "", None)
    with reading(engine) as tx:
        assert [view.id for view in devices.of(tx, shop.organization, limit=9)] == [
            device_wanted.id
        ]


def test_a_device_is_made_then_fitted_then_released(engine: Engine, shop) -> None:
    device_wanted = a_wanted_device(shop)
    wants(engine, device_wanted)
    vault = a_vault()
    with writing(engine) as tx:
        devices.keep(tx, vault, device_wanted.id, b"key and pins")
        devices.fitted(tx, device_wanted.id, INFO, MORNING)
    with reading(engine) as tx:
        view = devices.read_fitting(tx, device_wanted.id)
        assert devices.read(tx, vault, device_wanted.id) == ("software-tse", b"key and pins")
        assert devices.info(tx, device_wanted.id) == INFO
        assert b"pins" not in (kept_secret(tx, device_wanted.id) or b"pins")
    assert (view.state, view.info, view.fitted_at) == (DeviceState.FITTED, INFO, MORNING)
    assert view.is_made

    with writing(engine) as tx:
        (to_tell,) = devices.release(tx, shop.register, MORNING)
        devices.not_told(tx, device_wanted.id, "it does not answer")
        view = devices.read_fitting(tx, device_wanted.id)
        (again,) = devices.release(tx, shop.register, MORNING)
        devices.told(tx, device_wanted.id, MORNING)
        told = devices.read_fitting(tx, device_wanted.id)
        assert devices.release(tx, shop.register, MORNING) == []

    assert to_tell.device == again.device == device_wanted.id
    assert (view.state, view.released_at, view.told_at) == (DeviceState.RELEASED, MORNING, None)
    assert view.error == "it does not answer"
    assert (told.told_at, told.error) == (MORNING, "")


def test_a_secret_is_kept_once(engine: Engine, shop) -> None:
    device_wanted = a_wanted_device(shop)
    wants(engine, device_wanted)
    with writing(engine) as tx:
        devices.keep(tx, a_vault(), device_wanted.id, b"first")

    with pytest.raises(Conflict), writing(engine) as tx:
        devices.keep(tx, a_vault(), device_wanted.id, b"second")

    with reading(engine) as tx:
        assert devices.read(tx, a_vault(), device_wanted.id)[1] == b"first"


def test_a_device_that_was_never_made_cannot_be_opened(engine: Engine, shop) -> None:
    device_wanted = a_wanted_device(shop)
    wants(engine, device_wanted)

    with reading(engine) as tx:
        with pytest.raises(Conflict):
            devices.read(tx, a_vault(), device_wanted.id)
        with pytest.raises(Missing):
            devices.read(tx, a_vault(), an_id())
        with pytest.raises(Missing):
            devices.read_fitting(tx, an_id())
        assert devices.of_register(tx, an_id()) is None


def test_after_a_failure_the_device_that_was_made_is_tried_again(engine: Engine, shop) -> None:
    device_wanted = a_wanted_device(shop)
    wants(engine, device_wanted)
    with writing(engine) as tx:
        devices.keep(tx, a_vault(), device_wanted.id, b"first")
        devices.failed(tx, device_wanted.id, "no answer")
        assert devices.read_fitting(tx, device_wanted.id).error == "no answer"

    view = wants(engine, a_wanted_device(shop))

    assert (view.device, view.state, view.error) == (device_wanted.id, DeviceState.PENDING, "")


@pytest.mark.parametrize("case", ["never made", "scrapped", "another kind"])
def test_after_a_failure_a_device_that_is_no_use_is_replaced(
    engine: Engine, shop, case: str
) -> None:
    device_wanted = a_wanted_device(shop)
    wants(engine, device_wanted)
    with writing(engine) as tx:
        if case != "never made":
            devices.keep(tx, a_vault(), device_wanted.id, b"first")
        if case == "scrapped":
            devices.scrap(tx, device_wanted.id)
        devices.failed(tx, device_wanted.id, "no answer")
    again = a_wanted_device(shop, kind="cloud-tse" if case == "another kind" else "software-tse")

    view = wants(engine, again)

    assert (view.device, view.state, view.is_made) == (again.id, DeviceState.PENDING, False)
    with reading(engine) as tx:
        left = [view.id for view in devices.of(tx, shop.organization, limit=9)]
    assert (device_wanted.id in left) == (case == "another kind")


def test_a_released_register_gets_another_device(engine: Engine, shop) -> None:
    device_wanted = a_wanted_device(shop)
    wants(engine, device_wanted)
    with writing(engine) as tx:
        devices.keep(tx, a_vault(), device_wanted.id, b"first")
        devices.fitted(tx, device_wanted.id, INFO, MORNING)
        devices.release(tx, shop.register, MORNING)
    again = a_wanted_device(shop)

    view = wants(engine, again)

    assert (view.device, view.fitted_at, view.released_at) == (again.id, None, None)
    with reading(engine) as tx:
        assert devices.read(tx, a_vault(), device_wanted.id)[1] == b"first"


def move(tx: Connection, shop, device: str, to: DeviceState) -> None:
    if to is DeviceState.FITTED:
        devices.fitted(tx, device, INFO, MORNING)
    elif to is DeviceState.FAILED:
        devices.failed(tx, device, "no")
    elif to is DeviceState.RELEASED:
        devices.release(tx, shop.register, MORNING)


STEPS_TO = {
    DeviceState.PENDING: (),
    DeviceState.FITTED: (DeviceState.FITTED,),
    DeviceState.FAILED: (DeviceState.FAILED,),
    DeviceState.RELEASED: (DeviceState.RELEASED,),
}


@pytest.mark.parametrize("was", list(DeviceState))
@pytest.mark.parametrize("to", [DeviceState.FITTED, DeviceState.FAILED, DeviceState.RELEASED])
def test_every_move_that_is_not_in_the_table_is_refused(
    engine: Engine, shop, was: DeviceState, to: DeviceState
) -> None:
    device = wants(engine, a_wanted_device(shop)).device
    with writing(engine) as tx:
        for step in STEPS_TO[was]:
            move(tx, shop, device, step)

    if to in MOVES[was]:
        with writing(engine) as tx:
            move(tx, shop, device, to)
    elif to is DeviceState.RELEASED:  # nothing is left to be released
        with writing(engine) as tx:
            assert devices.release(tx, shop.register, MORNING) == []
    else:
        with pytest.raises(Conflict), writing(engine) as tx:
            move(tx, shop, device, to)

    with reading(engine) as tx:
        state = devices.read_fitting(tx, device).state
    assert state is (to if to in MOVES[was] else was)


def exchanged(engine: Engine, shop, reason: str = "") -> FittingView:
    with writing(engine) as tx:
        device_wanted = a_wanted_device(shop, is_exchange=True, reason=reason)
        return devices.want(tx, device_wanted, MORNING + timedelta(hours=1))


def made_and_fitted(engine: Engine, device: str, info: DeviceInfo = INFO) -> FittingView | None:
    with writing(engine) as tx:
        devices.keep(tx, a_vault(), device, b"key")
        return devices.fitted(tx, device, info, MORNING)


def test_there_is_nothing_to_exchange_before_the_first_device_is_fitted(
    engine: Engine, shop
) -> None:
    with pytest.raises(Conflict):
        exchanged(engine, shop)
    wants(engine, a_wanted_device(shop))
    with pytest.raises(Conflict):
        exchanged(engine, shop)


def test_a_device_signs_until_another_one_takes_its_place(engine: Engine, shop) -> None:
    first = wants(engine, a_wanted_device(shop)).device
    made_and_fitted(engine, first)

    second = exchanged(engine, shop, "too slow")
    assert exchanged(engine, shop) == second
    with reading(engine) as tx:
        before = devices.of_register(tx, shop.register)
        assert devices.signs(tx, first)
    former = made_and_fitted(engine, second.device, replace(INFO, serial="cd" * 32))

    assert before is not None
    assert (before.device, before.state) == (first, DeviceState.FITTED)
    assert former == before
    with reading(engine) as tx:
        views = devices.of_one(tx, shop.register)
        assert devices.signs(tx, second.device)
        assert not devices.signs(tx, first)
        assert devices.present(tx, shop.register) == views[1] == devices.foremost(views)
    assert [(view.state, view.reason) for view in views] == [
        (DeviceState.RELEASED, ""),
        (DeviceState.FITTED, "too slow"),
    ]


def test_an_exchange_that_failed_is_asked_for_again_and_leaves_the_present_device(
    engine: Engine, shop
) -> None:
    first = wants(engine, a_wanted_device(shop)).device
    made_and_fitted(engine, first)
    unmade = exchanged(engine, shop, "old").device
    with writing(engine) as tx:
        devices.failed(tx, unmade, "no answer")
    assert wants(engine, a_wanted_device(shop)).device == first

    made = exchanged(engine, shop, "old").device
    with writing(engine) as tx:
        devices.keep(tx, a_vault(), made, b"key")
        devices.failed(tx, made, "no answer")
    again = exchanged(engine, shop)

    assert unmade != made
    assert (again.device, again.state, again.reason) == (made, DeviceState.PENDING, "old")
    with reading(engine) as tx:
        assert [view.device for view in devices.of_one(tx, shop.register)] == [first, made]


def test_certificates_that_end_are_those_of_devices_that_sign(engine: Engine, shop) -> None:
    first = wants(engine, a_wanted_device(shop)).device
    made_and_fitted(engine, first, replace(INFO, usable_until=END - timedelta(days=400)))
    made_and_fitted(engine, exchanged(engine, shop).device, replace(INFO, usable_until=END))
    with writing(engine) as tx:
        endless = another_register(tx, shop)
    device = wants(engine, a_wanted_device(shop, register=endless)).device
    made_and_fitted(engine, device, replace(INFO, usable_until=None))

    with reading(engine) as tx:
        assert devices.first_end(tx) == END
        assert devices.ends(tx, END - timedelta(seconds=1)) == []
        assert devices.ends(tx, END) == [END]


def test_devices_are_listed_page_by_page(engine: Engine, shop) -> None:
    with writing(engine) as tx:
        more = [another_register(tx, shop) for _ in range(2)]
        stranger = a_shop(tx)
    devices_wanted = [
        a_wanted_device(shop, register=register) for register in (shop.register, *more)
    ]
    for device_wanted in [*devices_wanted, a_wanted_device(stranger)]:
        wants(engine, device_wanted)
    ids = sorted(device_wanted.id for device_wanted in devices_wanted)

    with reading(engine) as tx:
        first = devices.of(tx, shop.organization, limit=2)
        rest = devices.of(tx, shop.organization, after=first[-1].id, limit=2)

    assert [view.id for view in first + rest] == ids
