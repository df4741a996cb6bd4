import pytest

from fiscus.model.faults import Conflict
from fiscus.registry import roles
from fiscus.registry.roles import SCOPES, Role, Scope


def test_an_owner_may_everything() -> None:
    assert SCOPES[Role.OWNER] == frozenset(Scope)


def test_a_manager_may_what_a_till_and_an_auditor_may_and_more() -> None:
    assert SCOPES[Role.MANAGER] > SCOPES[Role.TILL] | SCOPES[Role.AUDITOR]
    assert SCOPES[Role.MANAGER] < SCOPES[Role.OWNER]


def test_a_till_and_an_auditor_administer_nothing() -> None:
    administration = {Scope.REGISTRY, Scope.KEYS, Scope.ORGANIZATIONS}

    assert not (SCOPES[Role.TILL] | SCOPES[Role.AUDITOR]) & administration
    assert Scope.SELL not in SCOPES[Role.AUDITOR]
    assert Scope.EXPORT not in SCOPES[Role.TILL]


def test_a_connector_shares_with_a_manager_what_every_key_may_and_webhooks() -> None:
    webhooks = {Scope.WEBHOOKS_READ, Scope.WEBHOOKS_WRITE}

    assert SCOPES[Role.CONNECTOR] & SCOPES[Role.MANAGER] == {Scope.OWN} | webhooks
    assert all(Scope.OWN in scopes for scopes in SCOPES.values())


@pytest.mark.parametrize("role", ["", "emperor", "OWNER"])
def test_a_role_that_nobody_knows_may_nothing(role: str) -> None:
    assert not any(roles.may(role, scope) for scope in Scope)


def test_a_refusal_names_the_role_what_is_needed_and_who_has_it() -> None:
    with pytest.raises(Conflict) as caught:
        roles.expect(Role.TILL, Scope.KEYS)

    assert "'till'" in str(caught.value)
    assert "'keys'" in str(caught.value)
    assert "owner, manager" in str(caught.value)


@pytest.mark.parametrize("own", Role)
@pytest.mark.parametrize("other", Role)
def test_no_key_makes_one_that_may_more(own: Role, other: Role) -> None:
    if SCOPES[other] <= SCOPES[own]:
        roles.expect_no_more(own, other)
        return
    with pytest.raises(Conflict) as caught:
        roles.expect_no_more(own, other)
    assert f"'{other}'" in str(caught.value)
    assert f"'{own}'" in str(caught.value)
