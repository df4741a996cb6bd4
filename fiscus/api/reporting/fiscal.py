"""How far a register is in its law: what its device says, or the registry where none is needed."""

from sqlalchemy import Connection

from fiscus import regimes
from fiscus.api.reporting.translate_registry import Fiscal
from fiscus.registry import devices, versions
from fiscus.registry.things import RegisterView, State

STATUS = {
    devices.State.PENDING: "pending",
    devices.State.FITTED: "fiscalized",
    devices.State.FAILED: "failed",
    devices.State.RELEASED: "decommissioned",
}
"""This family's words for the states of a register's device."""

PLAIN_STATUS = {
    State.ACQUIRED: "not_fiscalized",
    State.COMMISSIONED: "fiscalized",
    State.DECOMMISSIONED: "decommissioned",
}
"""And for a register whose law needs no device."""


def of_register(tx: Connection, view: RegisterView) -> Fiscal:
    register = view.register.id
    gone_at = versions.since(tx, "register", register, State.DECOMMISSIONED)
    if not regimes.find(view.regime).device:
        since = versions.since(tx, "register", register, State.COMMISSIONED)
        return Fiscal(
            status=PLAIN_STATUS[view.state], fiscalized_at=since, decommissioned_at=gone_at
        )
    views = devices.of_one(tx, register)
    shown = devices.foremost(views)
    if shown is None:
        is_gone = view.state is State.DECOMMISSIONED
        return Fiscal(
            status="decommissioned" if is_gone else "not_fiscalized", decommissioned_at=gone_at
        )
    return Fiscal(
        status="decommissioned" if gone_at else STATUS[shown.state],
        fiscalized_at=next((one.fitted_at for one in views if one.fitted_at), None),
        decommissioned_at=gone_at or shown.released_at,
        serial=shown.info.serial if shown.info else "",
        client=shown.client,
        error=shown.error,
    )
