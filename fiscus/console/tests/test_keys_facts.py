"""What may be changed of keys, and what is wrong with a form, without pages."""

import pytest

from fiscus.console import keys_facts
from fiscus.console.keys_facts import TypedKey
from fiscus.registry.roles import Role


def wrong(own: Role = Role.MANAGER, *, is_taken: bool = False, **said: object) -> set[str]:
    typed = TypedKey(**{"name": "till-2", "role": "till", **said})  # type: ignore[arg-type]
    faults = keys_facts.faults_of(typed, own, {"r-1"}, is_taken=is_taken)
    return {fault.field for fault in faults}


def test_a_role_is_given_by_who_may_as_much() -> None:
    assert keys_facts.roles_for(Role.OWNER) == tuple(Role)
    assert set(keys_facts.roles_for(Role.MANAGER)) == {Role.MANAGER, Role.TILL, Role.AUDITOR}
    assert keys_facts.roles_for(Role.CONNECTOR) == (Role.CONNECTOR,)


@pytest.mark.parametrize("name", ["abc", "a-1", "a" * 30])
def test_a_lawful_name_is_taken(name: str) -> None:
    assert wrong(name=name) == set()


@pytest.mark.parametrize("name", ["", "ab", "a" * 31, "Abc", "a b", "abc\n", "ação"])
def test_another_name_is_refused(name: str) -> None:
    assert wrong(name=name) == {"name"}


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert wrong(name="", role="owner", registers=("r-1",)) == {"name", "role", "registers"}
    assert wrong(is_taken=True, registers=("r-2",)) == {"name", "registers"}
    assert wrong(registers=("r-1",)) == set()
    assert wrong(role="auditor", registers=("r-1",)) == {"registers"}


def test_the_boxes_of_registers_are_read() -> None:
    form = {"name": " till-2 ", "role": "till", "register:r-2": "on", "register:r-1": "on"}

    assert keys_facts.typed(form) == TypedKey(name="till-2", role="till", registers=("r-1", "r-2"))
