"""Whether a visitor runs the installation."""

from sqlalchemy import Connection

from fiscus.console.visit import Visit
from fiscus.registry import organizations
from fiscus.registry.roles import Role


def is_operator(visit: Visit, tx: Connection) -> bool:
    """What is known of the disk, the worker, the witnesses and the whole journal tells of all
    tenants, so it is shown to nobody but who runs the installation: an owner of the organization
    that was founded first, by a command on the machine itself. A link is never one, and a key that
    is limited to registers neither."""
    session = visit.session
    if session is None or session.role is not Role.OWNER:
        return False
    if session.is_read_only or visit.registers:
        return False
    return organizations.is_first(tx, session.organization)
