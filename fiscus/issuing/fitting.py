"""Gives a register its device, and takes it away: noted at once, done outside any transaction.

The road may be cut at any point and is walked again from there: a device whose secret is kept is
never made a second time, and a device whose secret was not kept is one that nobody can open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from fiscus.issuing.devices import Devices
from fiscus.model.faults import Code, Refused, Unavailable
from fiscus.model.ids import Entropy, Ids
from fiscus.model.times import Clock
from fiscus.outbox import queue
from fiscus.outbox.queue import Task
from fiscus.registry import devices as registry
from fiscus.registry.devices import FittingView, State
from fiscus.registry.vault import Vault
from fiscus.signers import DeviceKind, SignerDown, devices, find_device
from fiscus.store.connect import reading, writing

NO_KIND = Code(
    "FITTING-KIND-01", "this installation has no signing device for this law: say which it uses"
)
LOST = Code("FITTING-LEASE-01", "another worker has taken this fitting over")

TASK = "fit"
SETTING = "FISCUS_DEVICE"


@dataclass(kw_only=True)
class Workshop:
    """What fitting works with. `kind` is the operator's choice of device, empty if there is none;
    `wanted` is what the installation says of it (address, account, description)."""

    engine: Engine
    clock: Clock
    ids: Ids
    entropy: Entropy
    vault: Vault
    devices: Devices
    kind: str
    wanted: Mapping[str, str]


def ask(
    tx: Connection, shop: Workshop, *, register: str, organization: str, family: str, at: datetime
) -> FittingView:
    """Note that a register is to have a device, and the task to give it one, in one transaction.

    May be repeated; after a failure or a release it asks anew. The register's id is the client's
    name. Raises `Unavailable` if the installation has no device of this family that may sign here.
    """
    kind = _chosen(shop, family)
    wanted = registry.Wanted(
        id=shop.ids(),
        register=register,
        organization=organization,
        kind=kind.code,
        family=family,
        client=register,
    )
    before = registry.of_register(tx, register)
    view = registry.want(tx, wanted, at)
    is_again = before is not None and before.state is State.FAILED
    if view.state is State.PENDING and (view.device == wanted.id or is_again):
        # The device's own id, so that no device is ever made by two tasks at once.
        queue.enqueue(tx, view.device, TASK, register, at)
    return view


def _chosen(shop: Workshop, family: str) -> DeviceKind:
    kind = devices().get(shop.kind)
    if kind is None or kind.family != family or (shop.devices.is_live and kind.is_test_only):
        raise Unavailable(NO_KIND, SETTING)
    return kind


def do(shop: Workshop, task: Task) -> None:
    """Make the device, keep its secret, make the register known to it, say that it is fitted."""
    with reading(shop.engine) as tx:
        view = registry.of_register(tx, task.payload)
    if view is None or view.state is not State.PENDING or view.device != task.id:
        with writing(shop.engine) as tx:
            queue.done(tx, task)
        return
    try:
        if not view.is_made:
            make(shop, task, view)
        connect(shop, task, view)
    except Refused as refusal:  # to try again would not help
        give_up(shop, task, str(refusal))


def make(shop: Workshop, task: Task, view: FittingView) -> None:
    """The first half: a device that exists, with its secret kept.

    The secret is kept only while the task is ours: another worker may be making the device anew.
    """
    shop.devices.expect_valid(view.kind)
    secret = find_device(view.kind).create(
        shop.wanted, shop.devices.folder / view.device, shop.clock, shop.entropy
    )
    with writing(shop.engine) as tx:
        if not queue.renew(tx, task, shop.clock()):
            raise Unavailable(LOST)
        registry.keep(tx, shop.vault, view.device, secret)


def connect(shop: Workshop, task: Task, view: FittingView) -> None:
    """The second half: a device that knows the register as its client."""
    device = shop.devices.opened(view.device)
    info = device.info()
    try:
        shop.devices.expect_valid(view.kind, info)
    except Refused:
        with writing(shop.engine) as tx:
            registry.scrap(tx, view.device)
        raise
    device.register_client(view.client)
    with writing(shop.engine) as tx:
        if not queue.done(tx, task):
            raise Unavailable(LOST)
        registry.fitted(tx, view.register, info, shop.clock())
    shop.devices.forget(view.register)


def give_up(shop: Workshop, task: Task, error: str) -> None:
    """The register has not got its device: its owner reads why."""
    with writing(shop.engine) as tx:
        if not queue.done(tx, task):
            return
        view = registry.of_register(tx, task.payload)
        if view is not None and view.state is State.PENDING:
            registry.failed(tx, view.register, error)


def release(shop: Workshop, register: str) -> None:
    """Take the device from a register that will not sell again, or is to have another.

    A device that cannot be told is left alone; why is kept with the fitting.
    """
    with reading(shop.engine) as tx:
        view = registry.of_register(tx, register)
    if view is None or view.state is State.RELEASED:
        return
    error = _told(shop, view) if view.state is State.FITTED else ""
    with writing(shop.engine) as tx:
        registry.release(tx, register, shop.clock(), error)
    shop.devices.forget(register)


def _told(shop: Workshop, view: FittingView) -> str:
    try:
        shop.devices.opened(view.device).deregister_client(view.client)
    except SignerDown as outage:
        return str(outage)
    return ""
