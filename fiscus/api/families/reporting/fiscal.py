"""The fiscal state of a register: from its device, or from the registry where no device is
needed."""

from sqlalchemy import Connection

from fiscus import regimes
from fiscus.api.families.reporting.translate_registry import FiscalStatus
from fiscus.model.kinds import StatementKind
from fiscus.registry import devices, versions
from fiscus.registry.views import LifecycleState, RegisterView

STATUS = {
    devices.DeviceState.PENDING: "pending",
    devices.DeviceState.FITTED: "fiscalized",
    devices.DeviceState.FAILED: "failed",
    devices.DeviceState.RELEASED: "decommissioned",
}
"""This family's words for the states of a register's device."""

PLAIN_STATUS = {
    LifecycleState.ACQUIRED: "not_fiscalized",
    LifecycleState.COMMISSIONED: "fiscalized",
    LifecycleState.DECOMMISSIONED: "decommissioned",
}
"""And for a register whose law needs no device."""


def of_register(tx: Connection, view: RegisterView) -> FiscalStatus:
    register = view.register.id
    gone_at = versions.since(tx, StatementKind.REGISTER, register, LifecycleState.DECOMMISSIONED)
    if not regimes.find(view.regime).device:
        since = versions.since(tx, StatementKind.REGISTER, register, LifecycleState.COMMISSIONED)
        return FiscalStatus(
            status=PLAIN_STATUS[view.state], fiscalized_at=since, decommissioned_at=gone_at
        )
    views = devices.of_one(tx, register)
    shown = devices.foremost(views)
    if shown is None:
        is_gone = view.state is LifecycleState.DECOMMISSIONED
        return FiscalStatus(
            status="decommissioned" if is_gone else "not_fiscalized", decommissioned_at=gone_at
        )
    return FiscalStatus(
        status="decommissioned" if gone_at else STATUS[shown.state],
        fiscalized_at=next((one.fitted_at for one in views if one.fitted_at), None),
        decommissioned_at=gone_at or shown.released_at,
        serial=shown.info.serial if shown.info else "",
        client=shown.client,
        error=shown.error,
    )
