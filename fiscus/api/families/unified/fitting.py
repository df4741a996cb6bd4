"""The signing device of a system, where the law wants one: asked for when the system goes into
service, let go when it ends, and shown by the mode of the system meanwhile."""

import msgspec
from sqlalchemy import Connection

from fiscus import regimes
from fiscus.api.families.unified.calls import UnifiedCall
from fiscus.provisioning import provision
from fiscus.registry import devices
from fiscus.registry.devices import DeviceState
from fiscus.registry.views import LifecycleState, OperatingMode, RegisterView
from fiscus.services import Services


def move(services: Services, tx: Connection, call: UnifiedCall, view: RegisterView) -> None:
    """What becomes of the device of a system that was sent a state, the same one again included:
    after a failure the device is asked for anew, and one that could not be told is told again.

    Raises `Unavailable` if the installation has no device that may sign here, `Conflict` while
    something is open that could then never be concluded.
    """
    if view.state is LifecycleState.DECOMMISSIONED:
        subject = call.caller.subject
        provision.retire(tx, services.provisioning, view.register.id, call.at, subject)
    elif view.state is LifecycleState.COMMISSIONED:
        _ask(services, tx, call, view)


def _ask(services: Services, tx: Connection, call: UnifiedCall, view: RegisterView) -> None:
    if family := regimes.find(view.regime).device:
        provision.ask(
            tx,
            services.provisioning,
            register=view.register.id,
            organization=call.caller.organization,
            family=family,
            by=call.caller.subject,
            at=call.at,
        )


def standing(tx: Connection, view: RegisterView) -> tuple[RegisterView, str]:
    """The system as it may act: it is not operative before its device signs. And why the device
    could not be fitted; empty while it still may be, and where the law wants none."""
    if not regimes.find(view.regime).device or view.mode is not OperatingMode.OPERATIVE:
        return view, ""
    device = devices.of_register(tx, view.register.id)
    if device is not None and device.state is DeviceState.FITTED:
        return view, ""
    trouble = device.error if device is not None and device.state is DeviceState.FAILED else ""
    return msgspec.structs.replace(view, mode=OperatingMode.INACTIVE), trouble
