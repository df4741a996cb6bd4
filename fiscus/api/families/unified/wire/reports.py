"""Reports to authorities: an extension of the contract."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from fiscus.api.families.unified.wire.envelope import Page, Reference7
from fiscus.api.families.unified.wire.scalars import (
    Day,
    Given,
    Moment,
    Text32,
    Text64,
    Uuid7,
    Wire,
)

ReportState = Literal["PENDING", "UNKNOWN", "ACCEPTED", "REFUSED", "DELETED"]
Words = Annotated[str, StringConstraints(max_length=1024)]


class ReportAnswer(Wire):
    """The last answer of the authority in its own words, or why there was none."""

    code: Given[Text64] = None
    message: Given[Words] = None
    reference: Given[Words] = None
    answered_at: Moment


class ReportRemedy(Wire):
    """What helps against a refusal."""

    type: Literal["DATA", "ACCESS", "TIME", "PROGRAM"]
    description: Words


class ReportContent(Wire):
    """What an authority is told of a record. `type` is `DOCUMENT`, `STATUS`, `DELETION`, or the
    law's own word; `may_have_arrived`: it was sent, and an answer may have been lost."""

    id: Uuid7
    type: Text32
    state: ReportState
    taxpayer: Reference7
    record: Reference7
    channel: Text32
    series: Given[Text64] = None
    number: int
    day: Given[Day] = None
    attempts: int
    may_have_arrived: bool
    answer: Given[ReportAnswer] = None
    remedy: Given[ReportRemedy] = None
    reason: Given[Words] = None
    created_at: Moment


class Report(Wire):
    content: ReportContent


class Reports(Page):
    results: Annotated[list[Report], Field(max_length=100)]


class RecordReport(Wire):
    """How a report of this record stands."""

    id: Uuid7
    type: Text32
    state: ReportState


class ReportDeletionContent(Wire):
    """Why the authority is to forget the document: it is sent along."""

    reason: Annotated[str, StringConstraints(min_length=10, max_length=500)]


class ReportDeletionCreate(Wire):
    content: ReportDeletionContent


CREATE_REPORT_DELETION = TypeAdapter(ReportDeletionCreate)
