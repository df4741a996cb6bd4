"""Tokens, subjects, organizations."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from fiscus.api.http import Caller, House
from fiscus.api.unified import translate
from fiscus.api.unified.door import Call, scoped
from fiscus.api.unified.errors import NOT_YET
from fiscus.api.unified.paging import page
from fiscus.model.faults import Code, Conflict, Missing, Refused
from fiscus.registry import keys, organizations

GROUP_BELOW_ACCOUNT = Code("UNIFIED-ORG-01", "a group can be created below an account only")


def create_token(house: House, tx: Connection, call: Call) -> dict[str, Any]:
    """Each request makes a new token: this operation does not react to its idempotency key."""
    content = call.content
    subject = keys.proven(tx, content.key, content.secret)
    id_ = house.uuid4()
    caller = Caller(organization=subject.organization, subject=subject.id)
    bearer, issued, expires = house.tokens.make(id_, caller)
    return translate.token(
        id=id_, bearer=bearer, issued_at=issued, expires_at=expires,
        organization=subject.organization, subject=subject.id, metadata=call.body.metadata or {},
    )  # fmt: skip


def list_subjects(house: House, tx: Connection, call: Call) -> dict[str, Any]:
    scope = scoped(tx, call)
    return page(
        call,
        lambda after, limit: keys.of(tx, scope, after=after, limit=limit),
        keys.cursor,
        translate.subject,
    )


def create_subject(house: House, tx: Connection, call: Call) -> dict[str, Any]:
    scope = scoped(tx, call)
    if organizations.read(tx, scope).type != organizations.UNIT:
        raise Refused(NOT_YET, "'Subject::API_KEY' creation needs the scope of an "
                      "'Organization::UNIT'")  # fmt: skip
    subject, secret = keys.create(
        tx, id_=house.uuid4(), organization=scope, name=call.content.name,
        metadata=given(call), environment=house.settings.environment.value,
        entropy=house.entropy, at=call.at,
    )  # fmt: skip
    call.headers["X-Scope-Identifier"] = scope
    return translate.subject(subject, secret)


def _subject(tx: Connection, call: Call):  # type: ignore[no-untyped-def]
    subject = keys.read(tx, call.path["subject_id"])
    try:
        organizations.visible(tx, call.caller.organization, subject.organization)
    except Missing:
        raise Missing(keys.UNKNOWN_SUBJECT) from None
    call.headers["X-Scope-Identifier"] = call.caller.organization
    return subject


def update_subject(house: House, tx: Connection, call: Call) -> dict[str, Any]:
    subject = _subject(tx, call)
    name = call.content.name if call.content else None
    updated = keys.update(tx, subject.id, name=name, metadata=changed(subject.metadata, call))
    return translate.subject(updated)


def retrieve_subject(house: House, tx: Connection, call: Call) -> dict[str, Any]:
    return translate.subject(_subject(tx, call))


def list_organizations(house: House, tx: Connection, call: Call) -> dict[str, Any]:
    scope = scoped(tx, call)
    return page(
        call,
        lambda after, limit: organizations.below(tx, scope, after=after, limit=limit),
        organizations.cursor,
        translate.organization,
    )


def create_organization(house: House, tx: Connection, call: Call) -> dict[str, Any]:
    scope = scoped(tx, call)
    parent = organizations.read(tx, scope)
    if call.content.type == organizations.GROUP and parent.type != organizations.ACCOUNT:
        raise Conflict(GROUP_BELOW_ACCOUNT, "content.type")
    made = organizations.create(
        tx, id_=house.uuid4(), parent=scope, type_=call.content.type, name=call.content.name,
        metadata=given(call), at=call.at,
    )  # fmt: skip
    call.headers["X-Scope-Identifier"] = scope
    return translate.organization(made)


def _organization(tx: Connection, call: Call):  # type: ignore[no-untyped-def]
    call.headers["X-Scope-Identifier"] = call.caller.organization
    return organizations.visible(tx, call.caller.organization, call.path["organization_id"])


def update_organization(house: House, tx: Connection, call: Call) -> dict[str, Any]:
    organization = _organization(tx, call)
    updated = organizations.update(
        tx, organization.id, name=call.content.name if call.content else None,
        metadata=changed(organization.metadata, call), at=call.at,
    )  # fmt: skip
    return translate.organization(updated)


def retrieve_organization(house: House, tx: Connection, call: Call) -> dict[str, Any]:
    return translate.organization(_organization(tx, call))


def given(call: Call) -> dict[str, str]:
    """The metadata of a new thing; an empty value is no value."""
    return {name: value for name, value in (call.body.metadata or {}).items() if value}


def changed(known: Mapping[str, str], call: Call) -> dict[str, str]:
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
