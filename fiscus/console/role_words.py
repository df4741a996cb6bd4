"""What roles are called on the pages, in English: translated where it is shown."""

from collections.abc import Mapping

from fiscus.console.visit import N_
from fiscus.registry.roles import Role

ROLES: Mapping[Role, str] = {
    Role.OWNER: N_("owner"),
    Role.MANAGER: N_("manager"),
    Role.TILL: N_("till"),
    Role.AUDITOR: N_("auditor"),
    Role.CONNECTOR: N_("connector"),
}
