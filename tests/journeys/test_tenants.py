"""Two tenants in one installation: neither ever sees, changes or uses what belongs to the other."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from fiscus.api.families.unified.operations import OPERATIONS, UnifiedOperation
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Json, Till, envelope, refusal


@dataclass(frozen=True, kw_only=True)
class Foreign:
    """Everything the first tenant owns, by the name of its path parameter."""

    subject_id: str
    organization_id: str
    taxpayer_id: str
    location_id: str
    system_id: str
    record_id: str
    report_id: str
    series_id: str
    intention: str
    file: str
    month: str = "2026-10"

    def path(self, operation: UnifiedOperation) -> str:
        return operation.path.format(**vars(self), path=f"{self.file}.zip")


def owned_by(premises: Premises, owner: Till) -> Foreign:
    owner.changed(f"/taxpayers/{owner.taxpayer}", {}, {"reporting": "realtime"})
    receipt = owner.sells(words.receipt())
    file = owner.made(
        "/files", {"type": "AUDIT", "range": {"from": "2026-11-16", "to": "2026-11-16"}}
    )
    premises.work()
    group = premises.group()
    group.scope = owner.organization
    return Foreign(
        subject_id=group.listed("/subjects")[0]["id"],
        organization_id=owner.organization,
        taxpayer_id=owner.taxpayer,
        location_id=owner.location,
        system_id=owner.system,
        record_id=receipt["id"],
        report_id=owner.listed(f"/taxpayers/{owner.taxpayer}/reports")[0]["id"],
        series_id=owner.listed("/series")[0]["id"],
        intention=owner.intends(),
        file=file["id"],
    )


def a_file(foreign: Foreign, **whose: str) -> Json:
    period = {"from": "2026-11-16", "to": "2026-11-16"}
    return {"type": "AUDIT", "range": period, **{name: {"id": id_} for name, id_ in whose.items()}}


def a_series(taxpayer: str, location: str = "") -> Json:
    place = {"location": {"id": location}} if location else {}
    return {"taxpayer": {"id": taxpayer}, **place, "document_type": "FR", "name": "AHEAD"}


def a_transaction(intention: str, operation: Json) -> Json:
    return {"type": "TRANSACTION", "record": {"id": intention}, "operation": operation}


# What a stranger may try with each POST: bodies that name something of the other tenant's, and
# the answer. Bad references in a body are 422: these operations document no 404.
Attempts = Callable[[Foreign, Till], list[tuple[Json, int]]]
ATTEMPTS: dict[str, Attempts] = {
    "createLocation": lambda foreign, _: [(words.branch(foreign.taxpayer_id), 422)],
    "createSystem": lambda foreign, _: [(words.device(foreign.location_id), 422)],
    "createRecord": lambda foreign, own: [
        (
            {
                "type": "INTENTION",
                "system": {"id": foreign.system_id},
                "operation": {"type": "TRANSACTION"},
            },
            422,
        ),
        (a_transaction(foreign.intention, words.receipt()), 422),
        (a_transaction(own.intends(), words.correction(foreign.record_id)), 422),
        (a_transaction(own.intends(), words.cancellation(foreign.record_id)), 422),
    ],
    "createSeries": lambda foreign, own: [
        (a_series(foreign.taxpayer_id), 422),
        (a_series(own.taxpayer, foreign.location_id), 422),
    ],
    "createFile": lambda foreign, _: [
        (a_file(foreign, taxpayer=foreign.taxpayer_id), 422),
        (a_file(foreign, system=foreign.system_id), 422),
    ],
}
# These make something in the caller's own name; the scope header is tried apart.
NAMES_NOBODY = {"createToken", "createSubject", "createOrganization", "createTaxpayer"}

ON_ONE = [operation for operation in OPERATIONS if "{" in operation.path]
LISTS = [
    operation
    for operation in OPERATIONS
    if operation.id.startswith("list") and "{" not in operation.path
]
SCOPED = [operation for operation in OPERATIONS if operation.takes_scope]
CLOSED = [operation for operation in OPERATIONS if not operation.is_open]


def id_of(operation: UnifiedOperation) -> str:
    return operation.id


def body_of(operation: UnifiedOperation) -> Any:
    if operation.id == "createReportDeletion":
        return envelope({"reason": "issued to the wrong customer"})
    if operation.id == "createMonthDeclaration":
        return envelope({"type": "NO_INVOICING"})
    return {} if operation.method == "PATCH" else None


def snapshot(owner: Till, foreign: Foreign) -> list[Json]:
    """Everything of the owner's that a stranger could have changed."""
    return [
        owner.page(operation.path.format(**vars(foreign)))
        for operation in ON_ONE
        if operation.method == "GET" and operation.id != "streamFile"
    ]


def test_the_matrix_knows_every_operation() -> None:
    known = {operation.id for operation in (*ON_ONE, *LISTS)} | set(ATTEMPTS) | NAMES_NOBODY

    assert known == {operation.id for operation in OPERATIONS}


def test_what_is_named_in_a_path_is_not_found_by_a_stranger(premises: Premises) -> None:
    owner, stranger = premises.unit("A").opens_shop(), premises.unit("B").opens_shop()
    foreign = owned_by(premises, owner)
    before = snapshot(owner, foreign)

    answers = {
        operation.id: stranger.send(operation.method, foreign.path(operation), body_of(operation))
        for operation in ON_ONE
    }

    assert {id_: answer.status_code for id_, answer in answers.items()} == {
        operation.id: 404 for operation in ON_ONE
    }
    assert snapshot(owner, foreign) == before


def test_a_stranger_cannot_tell_what_exists_from_what_does_not(premises: Premises) -> None:
    owner, stranger = premises.unit("A").opens_shop(), premises.unit("B")
    foreign = owned_by(premises, owner)
    ids = {name: str(uuid4()) for name in ("subject_id", "organization_id")}
    ids["month"] = foreign.month
    nothing = Foreign(
        **{**vars(foreign), **ids}
        | {
            name: f"01a1e395-ae80-7000-8000-{number:012d}"
            for number, name in enumerate(vars(foreign))
            if name not in ids
        }
    )

    for operation in ON_ONE:
        there, nowhere = (
            stranger.send(operation.method, of.path(operation), body_of(operation)).json()
            for of in (foreign, nothing)
        )
        assert there == nowhere, operation.id


@pytest.mark.parametrize("operation", [op for op in OPERATIONS if op.id in ATTEMPTS], ids=id_of)
def test_what_is_named_in_a_body_cannot_be_used_by_a_stranger(
    premises: Premises, operation: UnifiedOperation
) -> None:
    owner, stranger = premises.unit("A").opens_shop(), premises.unit("B").opens_shop()
    foreign = owned_by(premises, owner)
    attempts = ATTEMPTS[operation.id](foreign, stranger)
    entries = premises.entries()

    for what, status in attempts:
        refusal(stranger.send("POST", operation.path, envelope(what)), status)

    assert premises.entries() == entries


def test_lists_show_a_stranger_nothing(premises: Premises) -> None:
    owner, stranger = premises.unit("A").opens_shop(), premises.unit("B")
    foreign = owned_by(premises, owner)

    for operation in LISTS:
        whole = stranger.page(operation.path)["results"]
        own = [one["content"]["id"] for one in whole]
        assert not set(own) & set(vars(foreign).values()), operation.id
        for name in sorted({"taxpayer_id", "location_id", "system_id"} & operation.names):
            found = stranger.page(f"{operation.path}?{name}={getattr(foreign, name)}")
            assert found == {"results": []}, (operation.id, name)


def test_the_scope_of_another_tenant_is_not_found(premises: Premises) -> None:
    owner, stranger = premises.unit("A"), premises.unit("B")
    stranger.scope = owner.organization
    bodies = {
        "createSubject": {"type": "API_KEY", "name": "pos-9"},
        "createOrganization": {"type": "UNIT", "name": "Below"},
    }

    statuses = set()
    for operation in SCOPED:
        body = envelope(bodies[operation.id]) if operation.method == "POST" else None
        response = stranger.send(operation.method, operation.path, body)
        statuses.add(response.status_code)
        assert response.status_code in operation.statuses, operation.id

    assert statuses <= {401, 404}


def test_nobody_gets_in_without_a_token(premises: Premises) -> None:
    foreign = owned_by(premises, premises.unit("A").opens_shop())
    nobody = premises.anonymous()
    forged = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4Iiwib3JnIjoieCIsImV4cCI6OTk5OTk5OTk5OX0."
    bodies: dict[str, Json] = {
        "createSubject": {"type": "API_KEY", "name": "pos-9"},
        "createOrganization": {"type": "UNIT", "name": "Padaria"},
        "createTaxpayer": words.taxpayer(),
        "createLocation": words.branch(foreign.taxpayer_id),
        "createSystem": words.device(foreign.location_id),
        "createRecord": a_transaction(foreign.intention, words.receipt()),
        "createFile": a_file(foreign),
        "createSeries": a_series(foreign.taxpayer_id),
    }

    for operation in CLOSED:
        is_known = operation.id in bodies
        body = envelope(bodies[operation.id]) if is_known else body_of(operation)
        for bearer in ("", "Bearer ", "Bearer nonsense", f"Bearer {forged}", "Basic eDp5"):
            response = nobody.send(
                operation.method, foreign.path(operation), body, headers={"Authorization": bearer}
            )
            assert response.status_code == 401, (operation.id, bearer)


def test_a_token_ends_after_a_day(premises: Premises) -> None:
    unit = premises.unit()
    premises.clock.move(hours=23, minutes=59)
    unit.page("/taxpayers")
    premises.clock.move(minutes=1)

    refusal(unit.send("GET", "/taxpayers"), 401)


def test_a_group_sees_its_units_but_not_their_things(premises: Premises) -> None:
    owner = premises.unit("A").opens_shop()
    foreign = owned_by(premises, owner)
    group = premises.group()

    assert [unit["id"] for unit in group.listed("/organizations")] == [owner.organization]
    assert group.get(f"/organizations/{owner.organization}")["name"] == "A"
    for plural in ("taxpayers", "locations", "systems", "records", "files"):
        assert group.page(f"/{plural}") == {"results": []}
    refusal(group.send("GET", f"/taxpayers/{foreign.taxpayer_id}"), 404)
    refusal(group.send("GET", f"/records/{foreign.record_id}"), 404)
    group.scope = owner.organization
    assert group.page("/taxpayers") == {"results": []}


def test_a_unit_does_not_see_its_group(premises: Premises) -> None:
    unit = premises.unit()

    refusal(unit.send("GET", f"/organizations/{premises.first.organization_id}"), 404)
    refusal(unit.send("GET", f"/subjects/{premises.first.subject_id}"), 404)
    below = unit.send("POST", "/organizations", envelope({"type": "UNIT", "name": "Below"}))
    refusal(below, 405)


def test_a_unit_has_one_taxpayer(till: Till) -> None:
    refusal(till.send("POST", "/taxpayers", envelope(words.taxpayer())), 409)
