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


SEALED = frozenset({EntryKind.DOCUMENT, EntryKind.VOID, EntryKind.ABORT})
"""What a closing counts: everything that concluded an intention lawfully, but closings."""
