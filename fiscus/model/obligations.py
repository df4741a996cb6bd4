"""What a law obliges us to report to an authority after a record is made."""

from enum import StrEnum

import msgspec


class ReportKind(StrEnum):
    """What is told of a document: that it was issued, that its status has changed (cancelled), or
    that an authority shall forget what it was told, by a person's order with a reason."""

    DOCUMENT = "document"
    STATUS = "status"
    DELETION = "deletion"


class Obligation(msgspec.Struct, frozen=True, kw_only=True):
    """One report. `channel` is the code of who must hear it, `kind` the law's word for it, or a
    `ReportKind`. `content` is what is told, as text in the form that the channel takes; empty: the
    channel makes it of the sealed record when it is sent."""

    channel: str
    kind: str
    content: str = ""
