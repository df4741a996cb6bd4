"""Kinds of journal entries, with their version. A tag, once released, is never reused."""

from enum import StrEnum


class EntryKind(StrEnum):
    """`name@version`: the version is of the body's meaning, so old entries decode for ever."""

    INTENT = "intent@1"
    DOCUMENT = "document@1"
    VOID = "void@1"
    ABORT = "abort@1"
    REFUSAL = "refusal@1"
    CLOSING = "closing@1"
    OUTAGE = "outage@1"
    RESTORED = "restored@1"
    EXCHANGED = "exchanged@1"


class StatementKind(StrEnum):
    """Kinds of entries in the chains of organizations and of the installation."""

    ORGANIZATION = "organization@1"
    TAXPAYER = "taxpayer@1"
    LOCATION = "location@1"
    REGISTER = "register@1"
    SUBJECT = "subject@1"
    DEVICE = "device@1"
    FITTING = "fitting@1"
    SERIES = "series@1"
    LABEL = "label@1"
    ADOPTION = "adoption@1"
    REQUEST = "request@1"
    EXPORT = "export@1"
    RETENTION = "retention@1"
    KEY = "key@1"
    SECRET = "secret@1"
    SETTINGS = "settings@1"
    FINDING = "finding@1"
    BOOKKEEPING = "bookkeeping@1"
    BOOKED = "booked@1"
    JOB = "job@1"
    TASK = "task@1"
    SUBSCRIPTION = "subscription@1"
    REPORT = "report@1"
    DECLARATION = "declared@1"
    PERSON = "person@1"
    SIGN_IN = "signin@1"
    VERIFICATION = "verification@1"


SEALED = frozenset({EntryKind.DOCUMENT, EntryKind.VOID, EntryKind.ABORT})
"""What a closing counts: everything that concluded an intention lawfully, but closings."""
