"""Tokens, subjects, organizations."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from fiscus.api import credentials
from fiscus.api.families.unified import translate
from fiscus.api.families.unified.calls import ReplayedAnswer, UnifiedCall
from fiscus.api.families.unified.conventions import scoped
from fiscus.api.families.unified.errors import NOT_YET
from fiscus.api.families.unified.paging import page
from fiscus.api.families.unified.wire import access as wire
from fiscus.model.faults import Code, Conflict, Missing, Refused
from fiscus.registry import keys, organizations, persons, roles
from fiscus.registry.persons import Person
from fiscus.registry.roles import Role, Scope
from fiscus.registry.views import KeyState, Subject
from fiscus.services import Services

SHOWN_ONCE = (
    "the secret of this key was shown once, in the first answer, and cannot be shown again: "
    "rotate the key, or make another one"
)
NOT_OF_KEY = Code("UNIFIED-SUBJECT-01", "this member is of a person only, and this is an API key")
GROUP_BELOW_ACCOUNT = Code("UNIFIED-ORG-01", "a group can be created below an account only")


def create_token(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    """Each request makes a new token: this operation does not react to its idempotency key."""
    content = call.content
    caller = credentials.logged_in(
        services, tx, content.key, content.secret, address=call.address, at=call.at
    )
    id_ = services.uuid4()
    bearer, issued, expires = services.tokens.make(id_, caller)
    return translate.token(
        id=id_,
        bearer=bearer,
        issued_at=issued,
        expires_at=expires,
        organization=caller.organization,
        subject=caller.subject,
        metadata=call.body.metadata or {},
    )


def list_subjects(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    """Keys and persons, in the order of creation."""
    scope = scoped(tx, call)

    def found(after: str, limit: int) -> list[Subject | Person]:
        both: list[Subject | Person] = [
            *keys.of(tx, scope, after=after, limit=limit),
            *persons.of(tx, scope, after=after, limit=limit),
        ]
        return sorted(both, key=_cursor)[:limit]

    return page(call, found, _cursor, _shown)


def _cursor(one: Subject | Person) -> str:
    return persons.cursor(one) if isinstance(one, Person) else keys.cursor(one)


def _shown(one: Subject | Person) -> dict[str, Any]:
    return translate.user(one) if isinstance(one, Person) else translate.subject(one)


def create_subject(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    scope, content = scoped(tx, call), call.content
    if organizations.read(tx, scope).type != organizations.UNIT:
        raise Refused(
            NOT_YET,
            f"'Subject::{content.type}' creation needs the scope of an 'Organization::UNIT'",
        )
    if isinstance(content, wire.UserCreateContent):
        return _create_user(services, tx, call, scope, content)
    role = Role(content.role or Role.MANAGER)
    roles.expect_no_more(call.caller.role, role)
    named = [translate.identifier(one) for one in content.systems or ()]
    systems = keys.limits(tx, scope, role, named)
    wanted = keys.NewKey(
        organization=scope, name=content.name, role=role, systems=systems, metadata=given(call)
    )
    subject, secret = keys.create(
        tx,
        services.macs.credentials,
        wanted,
        id_=services.uuid4(),
        by=call.caller.subject,
        environment=services.settings.environment.value,
        entropy=services.entropy,
        at=call.at,
    )
    call.headers["X-Scope-Identifier"] = scope
    said = {
        name: getattr(content, name)
        for name in ("role", "systems")
        if name in content.model_fields_set
    }
    call.again = ReplayedAnswer(
        body=translate.subject(subject, said=said), headers={"Warning": f'299 - "{SHOWN_ONCE}"'}
    )
    return translate.subject(subject, secret, said)


def _create_user(
    services: Services,
    tx: Connection,
    call: UnifiedCall,
    scope: str,
    content: wire.UserCreateContent,
) -> dict[str, Any]:
    role = Role(content.role or Role.TILL)
    roles.expect_no_more(call.caller.role, role)
    wanted = persons.NewPerson(
        organization=scope,
        name=content.name,
        language=content.language or "",
        role=role,
        code=content.code or "",
        metadata=given(call),
    )
    made = persons.create(tx, wanted, id_=services.uuid4(), by=call.caller.subject, at=call.at)
    call.headers["X-Scope-Identifier"] = scope
    return translate.user(made)


def _subject(tx: Connection, call: UnifiedCall) -> Subject | Person:
    id_ = call.path["subject_id"]
    if id_ != call.caller.subject:
        roles.expect(call.caller.role, Scope.KEYS)
    subject = keys.find(tx, id_) or persons.find(tx, id_)
    if subject is None:
        raise Missing(keys.UNKNOWN_SUBJECT)
    try:
        organizations.visible(tx, call.caller.organization, subject.organization)
    except Missing:
        raise Missing(keys.UNKNOWN_SUBJECT) from None
    call.headers["X-Scope-Identifier"] = call.caller.organization
    return subject


def update_subject(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    subject = _subject(tx, call)
    roles.expect_no_more(call.caller.role, subject.role)
    said = call.content
    state = KeyState(said.state) if said and said.state else None
    if isinstance(subject, Person):
        return _update_user(tx, call, subject, state)
    if strange := [name for name in ("language", "role") if said and getattr(said, name)]:
        raise Refused(NOT_OF_KEY, *(f"content.{name}" for name in strange))
    if state is KeyState.DISABLED is not subject.state:
        keys.expect_another_owner(tx, subject)
    updated = keys.update(
        tx,
        subject.id,
        name=said.name if said else None,
        state=state,
        metadata=changed(subject.metadata, call),
        by=call.caller.subject,
        at=call.at,
    )
    return translate.subject(updated)


def _update_user(
    tx: Connection, call: UnifiedCall, person: Person, state: KeyState | None
) -> dict[str, Any]:
    said = call.content
    role = Role(said.role) if said and said.role else None
    if role is not None:
        roles.expect_no_more(call.caller.role, role)
    change = persons.PersonChange(
        name=said.name if said else None,
        language=said.language if said else None,
        role=role,
        state=state,
    )
    metadata = changed(person.metadata, call)
    return translate.user(
        persons.update(tx, person.id, change, metadata=metadata, by=call.caller.subject)
    )


def retrieve_subject(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    return _shown(_subject(tx, call))


def list_organizations(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    scope = scoped(tx, call)
    return page(
        call,
        lambda after, limit: organizations.below(tx, scope, after=after, limit=limit),
        organizations.cursor,
        translate.organization,
    )


def create_organization(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    scope = scoped(tx, call)
    roles.expect(call.caller.role, Scope.ORGANIZATIONS)
    parent = organizations.read(tx, scope)
    if call.content.type == organizations.GROUP and parent.type != organizations.ACCOUNT:
        raise Conflict(GROUP_BELOW_ACCOUNT, "content.type")
    made = organizations.create(
        tx,
        id_=services.uuid4(),
        parent=scope,
        type_=call.content.type,
        name=call.content.name,
        metadata=given(call),
        at=call.at,
        by=call.caller.subject,
    )
    call.headers["X-Scope-Identifier"] = scope
    return translate.organization(made)


def _organization(tx: Connection, call: UnifiedCall):  # type: ignore[no-untyped-def]
    call.headers["X-Scope-Identifier"] = call.caller.organization
    return organizations.visible(tx, call.caller.organization, call.path["organization_id"])


def update_organization(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    organization = _organization(tx, call)
    updated = organizations.update(
        tx,
        organization.id,
        name=call.content.name if call.content else None,
        metadata=changed(organization.metadata, call),
        at=call.at,
        by=call.caller.subject,
    )
    return translate.organization(updated)


def retrieve_organization(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    return translate.organization(_organization(tx, call))


def given(call: UnifiedCall) -> dict[str, str]:
    """The metadata of a new thing; an empty value is no value."""
    return {name: value for name, value in (call.body.metadata or {}).items() if value}


def changed(known: Mapping[str, str], call: UnifiedCall) -> dict[str, str]:
    """Metadata after an update: keys are merged, an empty value deletes its key."""
    merged = {**known, **(call.body.metadata or {})}
    kept = {name: value for name, value in merged.items() if value}
    if len(kept) > METADATA_MAX:
        raise Refused(TOO_MANY_KEYS, "metadata")
    return kept


METADATA_MAX = 20
TOO_MANY_KEYS = Code("UNIFIED-METADATA-01", "a resource has at most 20 metadata keys")

READS = {
    "createToken": create_token,
    "listSubjects": list_subjects,
    "retrieveSubject": retrieve_subject,
    "listOrganizations": list_organizations,
    "retrieveOrganization": retrieve_organization,
}
WRITES = {
    "createSubject": create_subject,
    "updateSubject": update_subject,
    "createOrganization": create_organization,
    "updateOrganization": update_organization,
}
