"""Gives a register its device, exchanges it, and releases it: noted at once, done
outside any transaction.

The process may die at any point and goes on from there: a device whose secret is kept is
never made a second time, and a device whose secret was not kept is one that nobody can open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from fiscus.issuing import closing, recording, signing
from fiscus.issuing.group import OrderGroup, lock_sites
from fiscus.issuing.services import IssuingServices
from fiscus.journal import closings, read
from fiscus.model.devices import DeviceInfo
from fiscus.model.faults import Code, Conflict, Refused, Unavailable
from fiscus.model.ids import Entropy
from fiscus.model.kinds import EntryKind
from fiscus.model.orders import SERVICE
from fiscus.model.plugin_settings import filled
from fiscus.outbox import kinds, queue
from fiscus.outbox.kinds import Lane, TaskKind
from fiscus.outbox.queue import OutboxTask
from fiscus.provisioning import unconcluded
from fiscus.registry import devices as registry
from fiscus.registry import sessions
from fiscus.registry.devices import DeviceState, FittingView, WantedDevice
from fiscus.signers import DeviceKind, SignerDown, devices, find_device
from fiscus.store.connect import reading, writing

NO_KIND = Code(
    "FITTING-KIND-01", "this installation has no signing device for this law: say which it uses"
)
LOST = Code("FITTING-LEASE-01", "another worker has taken this task over")
SAME_DEVICE = Code(
    "FITTING-DEVICE-01", "this is the device that signs already: set another one up, then exchange"
)
ENDED = Code("FITTING-DEVICE-02", "the certificate of this device has ended: it cannot sign")
SESSION_OPEN = Code("FITTING-OPEN-01", "close the register's cash session first")
NOT_CLOSED = Code(
    "FITTING-OPEN-03", "documents lie in no closing yet: make a daily closing, then decommission"
)
TABS_OPEN = Code(
    "FITTING-OPEN-04",
    "tabs are still open: bill what was ordered, or take it back, and close; then decommission",
)

TASK = "fit"
TASK_RELEASE = "release"
# Given up, the device is failed: whoever wants one asks anew.
kinds.declare(TaskKind(name=TASK, lane=Lane.DEVICES, is_final=True))
kinds.declare(TaskKind(name=TASK_RELEASE, lane=Lane.DEVICES))
SETTING = "FISCUS_DEVICE"


@dataclass(kw_only=True)
class ProvisioningServices:
    """What provisioning works with. `kind` is the operator's choice of device, empty if there is
    none; `spare` has the code of the kind that serves a family then; `wanted` is what the
    installation says of its devices: a description, and the values of their settings by name."""

    issuing: IssuingServices
    entropy: Entropy
    kind: str
    wanted: Mapping[str, str]
    spare: Mapping[str, str] = field(default_factory=dict)


def ask(
    tx: Connection,
    services: ProvisioningServices,
    *,
    register: str,
    organization: str,
    family: str,
    at: datetime,
    by: str = SERVICE,
) -> FittingView:
    """Note that a register is to have a device, and the task to give it one, in one transaction.

    May be repeated; after a failure it asks anew. The register's id is the client's name. Raises
    `Unavailable` if the installation has no device of this family that may sign here.
    """
    return _asked(tx, _wanted(services, register, organization, family, by), at)


def exchange(
    tx: Connection,
    services: ProvisioningServices,
    *,
    register: str,
    organization: str,
    family: str,
    reason: str,
    at: datetime,
    by: str = SERVICE,
) -> FittingView:
    """Note that another device is to take the place of the register's present one, which signs
    until then if it can. May be repeated; after a failure it asks anew.

    Raises `Conflict` if no device was fitted yet, `Unavailable` as `ask` does.
    """
    wanted = _wanted(services, register, organization, family, by)
    return _asked(tx, msgspec.structs.replace(wanted, is_exchange=True, reason=reason), at)


def _wanted(
    services: ProvisioningServices, register: str, organization: str, family: str, by: str
) -> WantedDevice:
    return WantedDevice(
        id=services.issuing.ids(),
        register=register,
        organization=organization,
        kind=_chosen(services, family).code,
        family=family,
        client=register,
        by=by,
    )


def _asked(tx: Connection, wanted: WantedDevice, at: datetime) -> FittingView:
    registry.lock(tx, wanted.register)
    before = {view.device: view.state for view in registry.of_one(tx, wanted.register)}
    view = registry.want(tx, wanted, at)
    if view.state is DeviceState.PENDING and before.get(view.device) is not DeviceState.PENDING:
        # The device's own id, so that no device is ever made by two tasks at once.
        queue.forget(tx, view.device)
        queue.enqueue(tx, view.device, TASK, wanted.register, at, wanted.organization)
    return view


def _chosen(services: ProvisioningServices, family: str) -> DeviceKind:
    kind = devices().get(services.kind or services.spare.get(family, ""))
    is_live = services.issuing.devices.is_live
    if kind is None or kind.family != family or (is_live and kind.is_test_only):
        raise Unavailable(NO_KIND, SETTING)
    return kind


def do(services: ProvisioningServices, task: OutboxTask) -> None:
    """Make the device, keep its secret, make the register known to it, say that it is fitted."""
    view = _pending(services, task)
    if view is None:
        with writing(services.issuing.engine) as tx:
            queue.done(tx, task)
        return
    try:
        if not view.is_made:
            make(services, task, view)
        connect(services, task, view)
    except Refused as refusal:  # to try again would not help
        with writing(services.issuing.engine) as tx:
            if queue.done(tx, task):
                give_up(tx, task, str(refusal))


def _pending(services: ProvisioningServices, task: OutboxTask) -> FittingView | None:
    """The device that the task is to make; None if that is done, or not wanted any more."""
    with reading(services.issuing.engine) as tx:
        views = registry.of_one(tx, task.payload)
    waiting = (one for one in views if one.device == task.id and one.state is DeviceState.PENDING)
    return next(waiting, None)


def make(services: ProvisioningServices, task: OutboxTask, view: FittingView) -> None:
    """The first half: a device that exists, with its secret kept.

    The secret is kept only while the task is ours: another worker may be making the device anew.
    """
    issuing = services.issuing
    issuing.devices.expect_valid(view.kind)
    kind = find_device(view.kind)
    said = filled(kind.settings, services.wanted, is_live=issuing.devices.is_live)
    described = {"description": services.wanted.get("description", "")}
    secret = kind.create(
        described | said, issuing.devices.folder / view.device, issuing.clock, services.entropy
    )
    with writing(issuing.engine) as tx:
        if not queue.renew(tx, task, issuing.clock()):
            raise Unavailable(LOST)
        registry.keep(tx, issuing.vault, view.device, secret)


def connect(services: ProvisioningServices, task: OutboxTask, view: FittingView) -> None:
    """The second half: a device that knows the register as its client, and signs from now on."""
    issuing = services.issuing
    device = issuing.devices.opened(view.device)
    info = device.info()
    try:
        _expect_fit(issuing, view, info)
    except Refused:
        with writing(issuing.engine) as tx:
            registry.scrap(tx, view.device)
        issuing.devices.close(view.device)
        raise
    device.register_client(view.client)
    with writing(issuing.engine) as tx:
        if not queue.done(tx, task):
            raise Unavailable(LOST)
        before = registry.fitted(tx, view.device, info, issuing.clock())
        if before is not None:
            _protocol(tx, issuing, before, view, info)
            _to_release(tx, issuing, before, issuing.clock())
    issuing.devices.forget(view.register)


def _expect_fit(issuing: IssuingServices, view: FittingView, info: DeviceInfo) -> None:
    """Raises `Refused` for a device that may not sign here, or signs for the register already: its
    client would be let go in the end."""
    issuing.devices.expect_valid(view.kind, info)
    if info.usable_until is not None and info.usable_until <= issuing.clock():
        raise Refused(ENDED)
    with reading(issuing.engine) as tx:
        present = registry.present(tx, view.register)
    if present is not None and present.info is not None and present.info.serial == info.serial:
        raise Refused(SAME_DEVICE)


def _protocol(
    tx: Connection,
    issuing: IssuingServices,
    before: FittingView,
    after: FittingView,
    info: DeviceInfo,
) -> None:
    """The register's journal tells which device took the place of which, and why."""
    group = OrderGroup(tx=tx, services=issuing, at=issuing.clock())
    lock_sites(group, {after.register})
    site = group.sites[after.register]
    serial = before.info.serial if before.info else ""
    note = f"device {info.serial} takes the place of device {serial}"
    note += f": {after.reason}" if after.reason else ""
    at = recording.entry_time(group, site)
    entry = recording.body(site, issuing.ids(), EntryKind.EXCHANGED, at, note=note)
    recording.enter(group, site, entry)
    recording.write(group)


def give_up(tx: Connection, task: OutboxTask, error: str) -> None:
    """The register has not got its device: its owner reads why."""
    for view in registry.of_one(tx, task.payload):
        if view.device == task.id and view.state is DeviceState.PENDING:
            registry.failed(tx, view.device, error)


def retire(
    tx: Connection,
    services: ProvisioningServices,
    register: str,
    at: datetime,
    by: str = SERVICE,
) -> None:
    """Take the devices from a register that will not sell again, in the transaction that takes it
    out of service: nobody waits for a device, and one that is dead does not hold it up. What no
    device knows of and is open still is aborted.

    May be repeated: a device that could not be told is told again. Raises `Conflict` while
    something is open that could then never be concluded, a tab too, or lies in no closing: no
    export of closings would ever have it.
    """
    if sessions.current(tx, register) is not None:
        raise Conflict(SESSION_OPEN)
    if intents := signing.open_intents(tx, register):
        raise Conflict(unconcluded.STILL_OPEN, *intents)
    if registry.of_one(tx, register) and closing.is_uncovered(tx, register):
        raise Conflict(NOT_CLOSED)
    last = closings.last(tx, register, sealed=True)
    if last and last.closing and (still := last.closing.open_tabs):
        raise Conflict(TABS_OPEN, *(body.intent for tab in still for body in read.tab(tx, tab)[:1]))
    unconcluded.end(tx, services.issuing, register, at, by)
    for view in registry.release(tx, register, at, by):
        _to_release(tx, services.issuing, view, at)
    services.issuing.devices.forget(register)


def _to_release(tx: Connection, issuing: IssuingServices, view: FittingView, at: datetime) -> None:
    queue.enqueue(tx, issuing.ids(), TASK_RELEASE, view.device, at, view.organization)


def release(services: ProvisioningServices, task: OutboxTask) -> None:
    """Tell a device that it signs for the register no more. Why it could not be told is shown from
    the first attempt on; what the register does never depends on it."""
    issuing = services.issuing
    with reading(issuing.engine) as tx:
        view = registry.read_fitting(tx, task.payload)
        present = registry.present(tx, view.register)
    if present is None or not _is_same(present, view):
        try:
            issuing.devices.opened(view.device).deregister_client(view.client)
        except SignerDown as outage:
            with writing(issuing.engine) as tx:
                registry.not_told(tx, view.device, str(outage))
            raise
    with writing(issuing.engine) as tx:
        if queue.done(tx, task):
            registry.told(tx, view.device, issuing.clock())


def _is_same(one: FittingView, other: FittingView) -> bool:
    """Whether both are one device, which has come back to the register since."""
    return one.info is not None and other.info is not None and one.info.serial == other.info.serial


def leave(tx: Connection, task: OutboxTask, error: str) -> None:
    """A device that cannot be told is left alone; the reason stays in its row."""
    registry.not_told(tx, task.payload, error)
