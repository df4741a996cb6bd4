"""Roles: named sets of scopes. A key has one, said when it is made, and it never changes.

What a route needs is written at the route; who may is written here, and nowhere else.
"""

from collections.abc import Mapping
from enum import StrEnum

from fiscus.model.faults import Code, Conflict, Fault

FORBIDDEN = Code("ROLE-SCOPE-01", "the role of this key does not allow this")
MORE_THAN_OWN = Code("ROLE-SCOPE-02", "a key makes and changes no key that may do more than itself")


class Scope(StrEnum):
    """What a route needs. `OWN`: what every key may, to look at itself."""

    OWN = "own"
    PLACES = "places:read"
    DOCUMENTS = "documents:read"
    SELL = "sell"
    EXPORT = "export"
    REGISTRY = "registry:write"
    KEYS = "keys"
    ORGANIZATIONS = "organizations:write"
    JOBS_READ = "export-jobs:read"
    JOBS_WRITE = "export-jobs:write"
    ITEMS_READ = "export-items:read"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"


class Role(StrEnum):
    """What a key is for; the table of scopes says what it may."""

    OWNER = "owner"
    MANAGER = "manager"
    TILL = "till"
    AUDITOR = "auditor"
    CONNECTOR = "connector"


_TILL = frozenset({Scope.OWN, Scope.PLACES, Scope.DOCUMENTS, Scope.SELL})
_AUDITOR = frozenset({Scope.OWN, Scope.PLACES, Scope.DOCUMENTS, Scope.EXPORT})
_WEBHOOKS = frozenset({Scope.WEBHOOKS_READ, Scope.WEBHOOKS_WRITE})

SCOPES: Mapping[Role, frozenset[Scope]] = {
    Role.OWNER: frozenset(Scope),
    Role.MANAGER: _TILL | _AUDITOR | {Scope.REGISTRY, Scope.KEYS} | _WEBHOOKS,
    Role.TILL: _TILL,
    Role.AUDITOR: _AUDITOR,
    Role.CONNECTOR: frozenset({Scope.OWN, Scope.JOBS_READ, Scope.JOBS_WRITE, Scope.ITEMS_READ})
    | _WEBHOOKS,
}


def may(role: str, scope: Scope) -> bool:
    """A role that nobody knows may do nothing."""
    return scope in SCOPES.get(role, ())  # type: ignore[call-overload]


def expect(role: str, scope: Scope) -> None:
    """Raises `Conflict`, naming the role, what is needed and who has it."""
    if not may(role, scope):
        raise _refused(FORBIDDEN, lacking(role, scope))


def lacking(role: str, scope: Scope) -> str:
    """What to tell a key whose role does not allow what it asks for."""
    able = ", ".join(one for one in Role if may(one, scope))
    return f"the role '{role}' does not have the scope '{scope}', which these have: {able}"


def expect_no_more(own: str, other: str) -> None:
    """A key of role `own` is about to make or change one of role `other`. Raises `Conflict`."""
    more = SCOPES[Role(other)] - SCOPES[Role(own)]
    if more:
        scopes = ", ".join(sorted(more))
        raise _refused(MORE_THAN_OWN, f"the role '{other}' has what '{own}' lacks: {scopes}")


def _refused(code: Code, why: str) -> Conflict:
    fault = Fault(code=code.id, text=f"{code.text}: {why}", paths=("Authorization",))
    return Conflict(code, faults=(fault,))
