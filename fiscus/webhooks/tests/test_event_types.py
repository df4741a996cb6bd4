"""Event types and their spellings."""

import pytest

from fiscus.model.faults import Refused
from fiscus.registry.roles import SCOPES, Role
from fiscus.webhooks import event_types
from fiscus.webhooks.event_types import (
    NO_TYPES,
    NOT_FOR_ROLE,
    READS,
    SAID_TWICE,
    UNKNOWN_TYPE,
    EventType,
    understood,
)


@pytest.mark.parametrize(
    "name",
    [
        "v1.export-job.created",
        "v1.export.job-created",
        "v2.export-job.created",
        "export-job.created",
        "export.job-created",
    ],
)
def test_every_spelling_of_the_pages_is_stored_under_the_first(name: str) -> None:
    assert understood([name], Role.CONNECTOR) == ("v1.export-job.created",)


@pytest.mark.parametrize("type_", EventType)
def test_every_type_is_understood_as_it_is_sent(type_: EventType) -> None:
    assert understood([type_.value], Role.OWNER) == (type_,)


@pytest.mark.parametrize(
    "name",
    ["", "Record.sealed", "record", "v1.record.sealed", "export-job", "v3.export-job.failed"],
)
def test_what_is_no_type_is_refused(name: str) -> None:
    with pytest.raises(Refused) as refused:
        understood([name], Role.OWNER)

    assert refused.value.code == UNKNOWN_TYPE


def test_all_that_is_wrong_is_told_with_its_place() -> None:
    said = ["x", "record.sealed", "record.sealed", "export-job.failed", "y"]

    with pytest.raises(Refused) as refused:
        understood(said, Role.MANAGER)

    assert [(fault.code, fault.paths) for fault in refused.value.faults] == [
        (UNKNOWN_TYPE.id, ("event_types[0]",)),
        (SAID_TWICE.id, ("event_types[2]",)),
        (NOT_FOR_ROLE.id, ("event_types[3]",)),
        (UNKNOWN_TYPE.id, ("event_types[4]",)),
    ]


def test_two_spellings_of_one_type_are_that_type_twice() -> None:
    with pytest.raises(Refused) as refused:
        understood(["export-job.created", "v2.export-job.created"], Role.OWNER)

    assert [fault.code for fault in refused.value.faults] == [SAID_TWICE.id]


def test_none_at_all_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        understood([], Role.OWNER)

    assert refused.value.code == NO_TYPES


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("type_", EventType)
def test_a_key_is_told_of_what_it_may_read_and_of_nothing_else(
    role: Role, type_: EventType
) -> None:
    if READS[type_] in SCOPES[role]:
        assert understood([type_], role) == (type_,)
        return
    with pytest.raises(Refused):
        understood([type_], role)


def test_no_spelling_means_two_types() -> None:
    assert len(event_types.SPELLINGS) == len(EventType) + 4 * 5
