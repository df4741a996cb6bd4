"""The pages of organizations and keys over the running service: what is shown once, who may change
what, and what becomes of a stopped key."""

import re

import pytest
from sqlalchemy import select

from fiscus.console.tests.conftest import Browser
from fiscus.journal import encode
from fiscus.registry import keys, organizations, persons
from fiscus.registry.persons import NewPerson
from fiscus.registry.roles import Role
from fiscus.registry.views import Subject
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY
from tests.support.premises import Premises
from tests.support.till import Till

SECRET = re.compile(r'<dt>Secret</dt><dd><code class="hash">([^<]+)</code>')
KEY = re.compile(r'<dt>Key</dt><dd><code class="hash">([^<]+)</code>')


def made(console: Browser, **said: str) -> tuple[str, str, str]:
    """Id, key and secret of a new key."""
    form = {"organization": console.organization, "name": "night-shift", "role": "till", **said}
    answer = console.post("/console/keys", form)
    assert answer.status_code == 200, answer.text
    found, secret = KEY.search(answer.text), SECRET.search(answer.text)
    assert found
    assert secret
    link = re.search(r'href="/console/keys/([0-9a-f-]{36})"', answer.text)
    assert link
    return link[1], found[1], secret[1]


def named(premises: Premises, organization: str, name: str) -> Subject:
    with reading(premises.services.engine) as tx:
        found = keys.of(tx, organization, after="", limit=100)
    return next(one for one in found if one.name == name)


def opens(premises: Premises, key: str, secret: str) -> bool:
    """Whether key and secret are good for a token."""
    answer = premises.anonymous().send(
        "POST", "/tokens", {"content": {"type": "API_KEY", "key": key, "secret": secret}}
    )
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


def test_a_key_is_made_and_its_secret_is_shown_once(premises: Premises, console: Browser) -> None:
    id_, key, secret = made(console)

    assert opens(premises, key, secret)
    pages = ["/console/keys", f"/console/keys/{id_}", "/console/sessions", "/console/exports"]
    for path in pages:
        answer = console.get(path)
        assert answer.status_code == 200
        assert secret not in answer.text
        assert answer.headers["cache-control"] == "no-store"
    assert "night-shift" in console.get("/console/keys").text


def test_a_form_with_several_faults_names_all_and_keeps_what_was_typed(
    console: Browser, till: Till
) -> None:
    answer = console.post(
        "/console/keys",
        {
            "organization": console.organization,
            "name": "Night Shift",
            "role": "owner",
            f"register:{till.system}": "on",
        },
    )

    assert answer.status_code == 422
    assert set(re.findall(r'<a href="#f-(\w+)">', answer.text)) == {"name", "role", "registers"}
    assert 'value="Night Shift"' in answer.text
    assert f'name="register:{till.system}" checked' in answer.text
    assert "ROLE-SCOPE-02" in answer.text


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": "pos-1"}, "name"),
        ({"name": "ab"}, "name"),
        ({"name": "a" * 31}, "name"),
        ({"role": "king"}, "role"),
        ({"role": "connector"}, "role"),
        ({"register:nobody": "on"}, "registers"),
    ],
)
def test_each_fault_is_at_its_field(console: Browser, said: dict[str, str], field: str) -> None:
    form = {"organization": console.organization, "name": "abc", "role": "till", **said}
    answer = console.post("/console/keys", form)

    assert answer.status_code == 422
    assert set(re.findall(r'<a href="#f-(\w+)">', answer.text)) == {field}


def test_a_till_can_be_limited_to_registers(
    premises: Premises, console: Browser, till: Till
) -> None:
    made(console, **{f"register:{till.system}": "on"})

    assert named(premises, console.organization, "night-shift").systems == (till.system,)


def test_a_key_is_stopped_and_started(premises: Premises, console: Browser) -> None:
    id_, key, secret = made(console)

    answer = console.post(f"/console/keys/{id_}/state", {"state": "DISABLED"})
    assert answer.status_code == 303
    assert "disabled" in console.get(f"/console/keys/{id_}").text
    assert not opens(premises, key, secret)
    console.post(f"/console/keys/{id_}/state", {"state": "ENABLED"})
    assert opens(premises, key, secret)
    assert console.post(f"/console/keys/{id_}/state", {"state": "GONE"}).status_code == 404


def test_a_key_is_rotated_once_by_one_form_and_the_old_secret_has_its_grace(
    premises: Premises, console: Browser
) -> None:
    id_, key, before = made(console)
    form = {"grace": "1h", "generation": "1"}

    answer = console.post(f"/console/keys/{id_}/rotate", form)
    found = SECRET.search(answer.text)
    assert found
    assert opens(premises, key, before)
    assert opens(premises, key, found[1])
    page = console.get(f"/console/keys/{id_}").text
    assert "two secrets are good" in page
    assert found[1] not in page

    again = console.post(f"/console/keys/{id_}/rotate", form)
    assert again.status_code == 409
    assert "CONSOLE-KEY-01" in again.text
    assert opens(premises, key, found[1]), "the form that came again changed nothing"
    premises.clock.move(hours=1)
    assert not opens(premises, key, before)
    assert "two secrets are good" not in console.get(f"/console/keys/{id_}").text


def test_the_last_owner_is_not_stopped(premises: Premises, console: Browser) -> None:
    owner = console.as_(Role.OWNER)
    with reading(premises.services.engine) as tx:
        [found] = [
            one
            for one in keys.of(tx, console.organization, after="", limit=100)
            if one.role is Role.OWNER
        ]

    answer = owner.post(f"/console/keys/{found.id}/state", {"state": "DISABLED"})

    assert answer.status_code == 409
    assert keys.LAST_OWNER.id in answer.text


def test_who_may_do_less_changes_nothing_of_who_may_more(
    premises: Premises, console: Browser
) -> None:
    console.as_(Role.OWNER)
    with reading(premises.services.engine) as tx:
        [found] = [
            one
            for one in keys.of(tx, console.organization, after="", limit=100)
            if one.role is Role.OWNER
        ]

    page = console.get(f"/console/keys/{found.id}").text
    assert "may do more than yours" in page
    assert "Disable this key" not in page
    moved = console.post(f"/console/keys/{found.id}/state", {"state": "DISABLED"})
    rotated = console.post(f"/console/keys/{found.id}/rotate", {"grace": "0", "generation": "1"})
    assert (moved.status_code, rotated.status_code) == (409, 409)
    assert named(premises, console.organization, found.name) == found


def test_the_role_decides_who_sees_keys(console: Browser) -> None:
    for role, status in [
        (Role.OWNER, 200),
        (Role.MANAGER, 200),
        (Role.TILL, 403),
        (Role.AUDITOR, 403),
        (Role.CONNECTOR, 403),
    ]:
        visitor = console.as_(role)
        for path in ("/console/keys", "/console/keys/persons", "/console/sessions"):
            assert visitor.get(path).status_code == status, (role, path)


def test_another_tenant_finds_and_changes_nothing(premises: Premises, console: Browser) -> None:
    id_, key, secret = made(console)
    stranger = console.as_(Role.OWNER, premises.unit("Outra Padaria").organization)
    unit = {"organization": console.organization}

    assert stranger.get(f"/console/keys/{id_}").status_code == 404
    assert stranger.get(f"/console/keys?organization={console.organization}").status_code == 404
    sessions = f"/console/sessions?organization={console.organization}"
    assert stranger.get(sessions).status_code == 404
    persons_ = f"/console/keys/persons?organization={console.organization}"
    assert stranger.get(persons_).status_code == 404
    for path, form in [
        (f"/console/keys/{id_}/state", {"state": "DISABLED"}),
        (f"/console/keys/{id_}/rotate", {"grace": "0", "generation": "1"}),
        ("/console/keys", {**unit, "name": "spy", "role": "till"}),
        ("/console/sessions/links", {**unit, "first": "2026-11-01", "last": "2026-11-02"}),
    ]:
        assert stranger.post(path, form).status_code == 404, path
    assert opens(premises, key, secret)


def test_forms_without_their_token_change_nothing(premises: Premises, console: Browser) -> None:
    id_, key, secret = made(console)
    forged = {"csrf": "0" * 64}

    for path, form in [
        (f"/console/keys/{id_}/state", {"state": "DISABLED"}),
        (f"/console/keys/{id_}/rotate", {"grace": "0", "generation": "1"}),
        ("/console/keys", {"organization": console.organization, "name": "spy", "role": "till"}),
        ("/console/sessions/end", {}),
        ("/console/sessions/links", {"organization": console.organization}),
    ]:
        assert console.post(path, {**form, **forged}).status_code == 422, path
    assert opens(premises, key, secret)


def test_whoever_owns_the_group_walks_down_the_tree(premises: Premises, console: Browser) -> None:
    premises.unit("Outra Padaria")
    with reading(premises.services.engine) as tx:
        group = keys.read(tx, premises.first.subject_id)
    owner = console.as_(Role.OWNER, group.organization)

    page = owner.get(f"/console/keys?organization={group.organization}").text
    assert "Outra Padaria" in page
    assert "Choose a unit above" in page
    below = owner.get(f"/console/keys?organization={console.organization}").text
    assert "pos-1" in below
    assert f'href="/console/keys?organization={group.organization}"' in below
    assert made(owner, name="from-above")
    answer = owner.post(
        "/console/keys", {"organization": group.organization, "name": "abc", "role": "till"}
    )
    assert answer.status_code == 409
    assert "CONSOLE-KEY-02" in answer.text


def test_last_use_is_shown_with_what_it_covers(
    premises: Premises, console: Browser, till: Till
) -> None:
    before = named(premises, console.organization, "pos-1")
    assert "not seen by this process" in console.get(f"/console/keys/{before.id}").text

    till.listed("/systems")

    page = console.get(f"/console/keys/{before.id}").text
    assert "not seen by this process" not in page
    assert "it is not kept" in console.get("/console/keys").text


def test_persons_are_listed(premises: Premises, console: Browser) -> None:
    assert "POST /subjects" in console.get("/console/keys/persons").text
    with writing(premises.services.engine) as tx:
        wanted = NewPerson(organization=console.organization, name="Ana <Melo>", code="K7")
        persons.create(
            tx, wanted, id_=premises.services.uuid4(), by="b", at=premises.services.clock()
        )

    page = console.get("/console/keys/persons").text
    assert "Ana &lt;Melo&gt;" in page
    assert "K7" in page


def test_what_was_done_is_stated_with_who_did_it(premises: Premises, console: Browser) -> None:
    id_, _, _ = made(console)
    console.post(f"/console/keys/{id_}/state", {"state": "DISABLED"})
    console.post(f"/console/keys/{id_}/rotate", {"grace": "0", "generation": "1"})

    with reading(premises.services.engine) as tx:
        rows = tx.execute(
            select(ENTRY.c.kind, ENTRY.c.body).where(ENTRY.c.thing == id_).order_by(ENTRY.c.id)
        ).all()
        manager = next(
            one.id
            for one in keys.of(tx, console.organization, after="", limit=100)
            if one.role is Role.MANAGER and one.name.startswith("manager-")
        )
    assert [encode.statement(row.kind, row.body).by for row in rows] == [manager] * 3
    premises.assert_proved()


def test_receipts_are_switched_off_and_on_again(premises: Premises, console: Browser) -> None:
    path, form = "/console/keys/receipts", {"organization": console.organization}
    assert "Switch the pages of receipts off" in console.get("/console/keys").text

    assert console.post(path, {**form, "receipts": "off"}).status_code == 303
    page = console.get("/console/keys").text
    assert "Switch the pages of receipts on" in page
    with reading(premises.services.engine) as tx:
        assert not organizations.read(tx, console.organization).has_receipts
        group = keys.read(tx, premises.first.subject_id).organization
    console.post(path, {**form, "receipts": "on"})
    with reading(premises.services.engine) as tx:
        assert organizations.read(tx, console.organization).has_receipts

    assert console.post(path, {**form, "receipts": "maybe"}).status_code == 404
    assert console.post(path, {"organization": group, "receipts": "off"}).status_code == 404
    owner = console.as_(Role.OWNER, group)
    assert owner.post(path, {"organization": group, "receipts": "off"}).status_code == 303
    assert "switched off above" in console.get("/console/keys").text
    premises.assert_proved()


@pytest.mark.parametrize(
    ("language", "title", "role"),
    [
        ("de", "Organisationen und Schlüssel", "Kasse: verkaufen, abschließen, Belege lesen"),
        ("pt", "Organizações e chaves", "caixa: vender, fechar, ler documentos"),
    ],
)
def test_pages_speak_the_language_of_the_visitor(
    console: Browser, language: str, title: str, role: str
) -> None:
    console.language = language

    page = console.get("/console/keys").text

    assert title in page
    assert role in page
    assert f'<html lang="{language}">' in page
    for path in ("/console/keys/persons", "/console/sessions", "/console/exports"):
        assert console.get(path).status_code == 200
    form = {"organization": console.organization, "first": "2026-11-01", "last": "2026-11-16"}
    assert console.post("/console/sessions/links", form).status_code == 200
    made_ = console.post(
        "/console/keys", {"organization": console.organization, "name": "abc", "role": "till"}
    )
    assert made_.status_code == 200
