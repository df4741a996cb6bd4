"""Gives a register its device, another one in its place, and takes it away: noted at once, done
outside any transaction.

The road may be cut at any point and is walked again from there: a device whose secret is kept is
never made a second time, and a device whose secret was not kept is one that nobody can open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from fiscus.issuing import closing, context, recording, signing
from fiscus.issuing.context import Group
from fiscus.issuing.desk import Desk
from fiscus.model.devices import DeviceInfo
from fiscus.model.faults import Code, Conflict, Refused, Unavailable
from fiscus.model.ids import Entropy
from fiscus.model.kinds import EntryKind
from fiscus.outbox import queue
from fiscus.outbox.queue import Task
from fiscus.registry import devices as registry
from fiscus.registry import sessions
from fiscus.registry.devices import FittingView, State, Wanted
from fiscus.signers import DeviceKind, SignerDown, devices, find_device
from fiscus.store.connect import reading, writing

NO_KIND = Code(
    "FITTING-KIND-01", "this installation has no signing device for this law: say which it uses"
)
LOST = Code("FITTING-LEASE-01", "another worker has taken this fitting over")
SAME_DEVICE = Code(
    "FITTING-DEVICE-01", "this is the device that signs already: set another one up, then exchange"
)
ENDED = Code("FITTING-DEVICE-02", "the certificate of this device has ended: it cannot sign")
SESSION_OPEN = Code("FITTING-OPEN-01", "close the register's cash session first")
STILL_OPEN = Code(
    "FITTING-OPEN-02", "operations are still open: complete or cancel them, then decommission"
)
NOT_CLOSED = Code(
    "FITTING-OPEN-03", "documents lie in no closing yet: make a daily closing, then decommission"
)

TASK = "fit"
TASK_RELEASE = "release"
SETTING = "FISCUS_DEVICE"


@dataclass(kw_only=True)
class Workshop:
    """What fitting works with. `kind` is the operator's choice of device, empty if there is none;
    `wanted` is what the installation says of it (address, account, description)."""

    desk: Desk
    entropy: Entropy
    kind: str
    wanted: Mapping[str, str]


def ask(
    tx: Connection, shop: Workshop, *, register: str, organization: str, family: str, at: datetime
) -> FittingView:
    """Note that a register is to have a device, and the task to give it one, in one transaction.

    May be repeated; after a failure it asks anew. The register's id is the client's name. Raises
    `Unavailable` if the installation has no device of this family that may sign here.
    """
    return _asked(tx, _wanted(shop, register, organization, family), at)


def exchange(
    tx: Connection,
    shop: Workshop,
    *,
    register: str,
    organization: str,
    family: str,
    reason: str,
    at: datetime,
) -> FittingView:
    """Note that another device is to take the place of the register's present one, which signs
    until then if it can. May be repeated; after a failure it asks anew.

    Raises `Conflict` if no device was fitted yet, `Unavailable` as `ask` does.
    """
    wanted = _wanted(shop, register, organization, family)
    return _asked(tx, msgspec.structs.replace(wanted, is_exchange=True, reason=reason), at)


def _wanted(shop: Workshop, register: str, organization: str, family: str) -> Wanted:
    return Wanted(
        id=shop.desk.ids(),
        register=register,
        organization=organization,
        kind=_chosen(shop, family).code,
        family=family,
        client=register,
    )


def _asked(tx: Connection, wanted: Wanted, at: datetime) -> FittingView:
    registry.lock(tx, wanted.register)
    before = {view.device: view.state for view in registry.of_one(tx, wanted.register)}
    view = registry.want(tx, wanted, at)
    if view.state is State.PENDING and before.get(view.device) is not State.PENDING:
        # The device's own id, so that no device is ever made by two tasks at once.
        queue.enqueue(tx, view.device, TASK, wanted.register, at)
    return view


def _chosen(shop: Workshop, family: str) -> DeviceKind:
    kind = devices().get(shop.kind)
    is_live = shop.desk.devices.is_live
    if kind is None or kind.family != family or (is_live and kind.is_test_only):
        raise Unavailable(NO_KIND, SETTING)
    return kind


def do(shop: Workshop, task: Task) -> None:
    """Make the device, keep its secret, make the register known to it, say that it is fitted."""
    view = _pending(shop, task)
    if view is None:
        with writing(shop.desk.engine) as tx:
            queue.done(tx, task)
        return
    try:
        if not view.is_made:
            make(shop, task, view)
        connect(shop, task, view)
    except Refused as refusal:  # to try again would not help
        give_up(shop, task, str(refusal))


def _pending(shop: Workshop, task: Task) -> FittingView | None:
    """What the task is to fit; None if that is done, or nobody wants it any more."""
    with reading(shop.desk.engine) as tx:
        views = registry.of_one(tx, task.payload)
    waiting = (one for one in views if one.device == task.id and one.state is State.PENDING)
    return next(waiting, None)


def make(shop: Workshop, task: Task, view: FittingView) -> None:
    """The first half: a device that exists, with its secret kept.

    The secret is kept only while the task is ours: another worker may be making the device anew.
    """
    desk = shop.desk
    desk.devices.expect_valid(view.kind)
    secret = find_device(view.kind).create(
        shop.wanted, desk.devices.folder / view.device, desk.clock, shop.entropy
    )
    with writing(desk.engine) as tx:
        if not queue.renew(tx, task, desk.clock()):
            raise Unavailable(LOST)
        registry.keep(tx, desk.vault, view.device, secret)


def connect(shop: Workshop, task: Task, view: FittingView) -> None:
    """The second half: a device that knows the register as its client, and signs from now on."""
    desk = shop.desk
    device = desk.devices.opened(view.device)
    info = device.info()
    try:
        _expect_fit(desk, view, info)
    except Refused:
        with writing(desk.engine) as tx:
            registry.scrap(tx, view.device)
        desk.devices.close(view.device)
        raise
    device.register_client(view.client)
    with writing(desk.engine) as tx:
        if not queue.done(tx, task):
            raise Unavailable(LOST)
        before = registry.fitted(tx, view.device, info, desk.clock())
        if before is not None:
            _protocol(tx, desk, before, view, info)
            _to_release(tx, desk, before, desk.clock())
    desk.devices.forget(view.register)


def _expect_fit(desk: Desk, view: FittingView, info: DeviceInfo) -> None:
    """Raises `Refused` for a device that may not sign here, or signs for the register already: its
    client would be let go in the end."""
    desk.devices.expect_valid(view.kind, info)
    if info.usable_until is not None and info.usable_until <= desk.clock():
        raise Refused(ENDED)
    with reading(desk.engine) as tx:
        present = registry.present(tx, view.register)
    if present is not None and present.info is not None and present.info.serial == info.serial:
        raise Refused(SAME_DEVICE)


def _protocol(
    tx: Connection, desk: Desk, before: FittingView, after: FittingView, info: DeviceInfo
) -> None:
    """The register's journal tells which device took the place of which, and why."""
    group = Group(tx=tx, desk=desk, at=desk.clock())
    context.lock_sites(group, {after.register})
    site = group.sites[after.register]
    serial = before.info.serial if before.info else ""
    note = f"device {info.serial} takes the place of device {serial}"
    note += f": {after.reason}" if after.reason else ""
    entry = recording.body(site, desk.ids(), recording.entry_time(group, site), note=note)
    recording.enter(group, site, EntryKind.EXCHANGED, entry)
    recording.write(group)


def give_up(shop: Workshop, task: Task, error: str) -> None:
    """The register has not got its device: its owner reads why."""
    with writing(shop.desk.engine) as tx:
        if not queue.done(tx, task):
            return
        views = registry.of_one(tx, task.payload)
        for view in views:
            if view.device == task.id and view.state is State.PENDING:
                registry.failed(tx, view.device, error)


def retire(tx: Connection, shop: Workshop, register: str, at: datetime) -> None:
    """Take the devices from a register that will not sell again, in the transaction that takes it
    out of service: nobody waits for a device, and one that is dead does not hold it up.

    May be repeated: a device that could not be told is told again. Raises `Conflict` while
    something is open that could then never be concluded, or lies in no closing: no export of
    closings would ever have it.
    """
    if sessions.current(tx, register) is not None:
        raise Conflict(SESSION_OPEN)
    if intents := signing.open_intents(tx, register):
        raise Conflict(STILL_OPEN, *intents)
    if registry.of_one(tx, register) and closing.is_uncovered(tx, register):
        raise Conflict(NOT_CLOSED)
    for view in registry.release(tx, register, at):
        _to_release(tx, shop.desk, view, at)
    shop.desk.devices.forget(register)


def _to_release(tx: Connection, desk: Desk, view: FittingView, at: datetime) -> None:
    queue.enqueue(tx, desk.ids(), TASK_RELEASE, view.device, at)


def release(shop: Workshop, task: Task) -> None:
    """Tell a device that it signs for the register no more. Why it could not be told is shown from
    the first attempt on; what the register does never depends on it."""
    desk = shop.desk
    with reading(desk.engine) as tx:
        view = registry.read_fitting(tx, task.payload)
        present = registry.present(tx, view.register)
    if present is None or not _is_same(present, view):
        try:
            desk.devices.opened(view.device).deregister_client(view.client)
        except SignerDown as outage:
            with writing(desk.engine) as tx:
                registry.not_told(tx, view.device, str(outage))
            raise
    with writing(desk.engine) as tx:
        if queue.done(tx, task):
            registry.told(tx, view.device, desk.clock())


def _is_same(one: FittingView, other: FittingView) -> bool:
    """Whether both are one device, which has come back to the register since."""
    return one.info is not None and other.info is not None and one.info.serial == other.info.serial


def leave(shop: Workshop, task: Task, error: str) -> None:
    """A device that cannot be told is left alone; why stays with its fitting."""
    with writing(shop.desk.engine) as tx:
        if queue.done(tx, task):
            registry.not_told(tx, task.payload, error)
