"""What callers can be told of, and the spellings under which they may ask for it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from fiscus.model.faults import Code, Fault, Refused
from fiscus.registry import roles
from fiscus.registry.roles import Scope

SAID_TWICE = Code("WEBHOOK-TYPE-02", "an event type is listed twice")
NO_TYPES = Code("WEBHOOK-TYPE-03", "at least one event type is needed")
NOT_FOR_ROLE = Code(
    "WEBHOOK-TYPE-04", "the role of this key may not read what events of this type show"
)


class EventType(StrEnum):
    """The types of events, as they are stored and sent."""

    RECORD_SEALED = "record.sealed"
    RECORD_REJECTED = "record.rejected"
    CLOSING_COMPLETED = "closing.completed"
    EXPORT_COMPLETED = "export.completed"
    EXPORT_FAILED = "export.failed"
    OUTAGE_BEGAN = "outage.began"
    OUTAGE_ENDED = "outage.ended"
    SERIES_BLOCKED = "series.blocked"
    REPORT_ACCEPTED = "report.accepted"
    REPORT_REFUSED = "report.refused"
    JOB_CREATED = "v1.export-job.created"
    JOB_STARTED = "v1.export-job.started"
    JOB_COMPLETED = "v1.export-job.completed"
    JOB_COMPLETED_WITH_ERRORS = "v1.export-job.completed_with_errors"
    JOB_FAILED = "v1.export-job.failed"


UNKNOWN_TYPE = Code(
    "WEBHOOK-TYPE-01", f"there are no events of this type; the types are {', '.join(EventType)}"
)

_JOBS = [one for one in EventType if one.startswith("v1.export-job.")]

SPELLINGS: Mapping[str, EventType] = {
    **{one.value: one for one in EventType},
    **{one.removeprefix("v1."): one for one in _JOBS},
    **{one.replace("v1.", "v2.", 1): one for one in _JOBS},
    **{one.replace("export-job.", "export.job-", 1): one for one in _JOBS},
    **{one.removeprefix("v1.").replace("export-job.", "export.job-", 1): one for one in _JOBS},
}
"""Every spelling that is understood; pages and clients of the export jobs API have several."""

READS: Mapping[EventType, Scope] = {
    EventType.RECORD_SEALED: Scope.DOCUMENTS,
    EventType.RECORD_REJECTED: Scope.DOCUMENTS,
    EventType.CLOSING_COMPLETED: Scope.DOCUMENTS,
    EventType.EXPORT_COMPLETED: Scope.EXPORT,
    EventType.EXPORT_FAILED: Scope.EXPORT,
    EventType.OUTAGE_BEGAN: Scope.PLACES,
    EventType.OUTAGE_ENDED: Scope.PLACES,
    EventType.SERIES_BLOCKED: Scope.PLACES,
    EventType.REPORT_ACCEPTED: Scope.EXPORT,
    EventType.REPORT_REFUSED: Scope.EXPORT,
    **dict.fromkeys(_JOBS, Scope.JOBS_READ),
}
"""What a key must be able to read to be told of it: an event shows what a GET would."""


def understood(said: Iterable[str], role: str) -> tuple[EventType, ...]:
    """The types that a caller of that role names, in its order. Raises `Refused`, with all that is
    wrong; places are those of the list `event_types`."""
    found: list[EventType] = []
    faults: list[Fault] = []
    for index, name in enumerate(said):
        type_ = SPELLINGS.get(name)
        code = (
            UNKNOWN_TYPE
            if type_ is None
            else SAID_TWICE
            if type_ in found
            else None
            if roles.may(role, READS[type_])
            else NOT_FOR_ROLE
        )
        if code is not None:
            place = f"event_types[{index}]"
            faults.append(Fault(code=code.id, text=code.text, paths=(place,)))
        elif type_ is not None:
            found.append(type_)
    if faults:
        raise Refused(UNKNOWN_TYPE, faults=tuple(faults))
    if not found:
        raise Refused(NO_TYPES, "event_types")
    return tuple(found)
