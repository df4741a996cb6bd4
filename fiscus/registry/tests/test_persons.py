"""Persons at tills: found by id or code, whose code is never another person's."""

import pytest
from sqlalchemy import Connection, Engine

from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.faults import Conflict, Missing
from fiscus.model.tests.clock import MORNING
from fiscus.registry import persons
from fiscus.registry.organizations import GROUP, UNIT
from fiscus.registry.persons import NewPerson, Person, PersonChange
from fiscus.registry.roles import Role
from fiscus.registry.tests.builders import an_id, an_organization
from fiscus.registry.views import KeyState
from fiscus.store.connect import writing


def a_unit(tx: Connection) -> str:
    return an_organization(tx, UNIT, an_organization(tx, GROUP))


def a_person(tx: Connection, unit: str, code: str = "K7", **more: str) -> Person:
    wanted = NewPerson(organization=unit, name=more.get("name", "Ana"), code=code)
    return persons.create(tx, wanted, id_=an_id(), by="ana", at=MORNING)


def served(tx: Connection, unit: str, operator: str, name: str = "") -> tuple[str, str]:
    draft = Draft(kind=DocumentKind.RECEIPT, operator=operator, operator_name=name)
    named = persons.named(tx, [unit], {operator} - {""})
    found = persons.served(named, unit, draft)
    return found.operator, found.operator_name


def test_a_person_is_named_by_id_or_by_code(engine: Engine) -> None:
    with writing(engine) as tx:
        unit = a_unit(tx)
        person = a_person(tx, unit)

        assert served(tx, unit, "K7") == ("K7", "Ana")
        assert served(tx, unit, person.id) == ("K7", "Ana")
        assert served(tx, unit, person.id.upper()) == ("K7", "Ana")


def test_what_the_till_prints_stays_and_a_strange_code_too(engine: Engine) -> None:
    with writing(engine) as tx:
        unit = a_unit(tx)
        a_person(tx, unit)

        assert served(tx, unit, "K7", "Frau A.") == ("K7", "Frau A.")
        assert served(tx, unit, "K8") == ("K8", "")
        assert served(tx, unit, "") == ("", "")
        assert served(tx, a_unit(tx), "K7") == ("K7", "")


def test_a_code_that_is_the_id_of_another_means_whose_code_it_is(engine: Engine) -> None:
    with writing(engine) as tx:
        unit = a_unit(tx)
        other = a_person(tx, unit, "K1")
        a_person(tx, unit, other.id, name="Bia")

        assert served(tx, unit, other.id) == (other.id, "Bia")


def test_a_code_is_never_another_persons(engine: Engine) -> None:
    with writing(engine) as tx:
        unit = a_unit(tx)
        person = a_person(tx, unit)
        gone = PersonChange(state=KeyState.DISABLED)
        persons.update(tx, person.id, gone, metadata={}, by="ana")

        with pytest.raises(Conflict) as taken:
            a_person(tx, unit, name="Bia")
        assert taken.value.code == persons.CODE_TAKEN
        assert a_person(tx, a_unit(tx)).code == "K7"


def test_a_code_is_made_for_who_has_none(engine: Engine) -> None:
    with writing(engine) as tx:
        unit = a_unit(tx)
        first, second = a_person(tx, unit, ""), a_person(tx, unit, "")

    assert first.code != second.code
    assert 0 < len(first.code) <= persons.CODE_LENGTH_MAX


def test_a_change_changes_what_is_said_and_counts(engine: Engine) -> None:
    with writing(engine) as tx:
        person = a_person(tx, a_unit(tx))
        change = PersonChange(name="Anna", language="de", role=Role.MANAGER)
        changed = persons.update(tx, person.id, change, metadata={"a": "1"}, by="ana")

    assert (changed.name, changed.language, changed.role) == ("Anna", "de", Role.MANAGER)
    assert (changed.code, changed.state) == (person.code, KeyState.ENABLED)
    assert (changed.version, changed.metadata) == (2, {"a": "1"})


def test_nobody_is_missing(engine: Engine) -> None:
    with writing(engine) as tx:
        with pytest.raises(Missing):
            persons.read(tx, an_id())
        with pytest.raises(Missing):
            persons.update(tx, an_id(), PersonChange(name="Ana"), metadata={}, by="ana")


def test_persons_are_listed_page_by_page(engine: Engine) -> None:
    with writing(engine) as tx:
        unit = a_unit(tx)
        made = sorted(a_person(tx, unit, f"K{number}").id for number in range(3))
        a_person(tx, a_unit(tx))

        first = persons.of(tx, unit, after="", limit=2)
        rest = persons.of(tx, unit, after=persons.cursor(first[-1]), limit=2)

    assert [one.id for one in (*first, *rest)] == made
