"""What the Portuguese authority is told: numbered documents and cancellations, no practice."""

from typing import Any

import msgspec
import pytest

from fiscus.journal.tests.bodies import EXAMPLES
from fiscus.model.kinds import EntryKind
from fiscus.regimes.pt.obligations import obligations


def told(kind: EntryKind, **draft: Any) -> list[tuple[str, str, str]]:
    body = EXAMPLES[kind]
    if draft:
        assert body.draft is not None
        body = msgspec.structs.replace(body, draft=msgspec.structs.replace(body.draft, **draft))
    return [(one.channel, one.kind, one.content) for one in obligations(body)]


def test_a_document_and_a_cancellation_are_told_without_content() -> None:
    assert told(EntryKind.DOCUMENT) == [("at_portugal", "document", "")]
    assert told(EntryKind.VOID) == [("at_portugal", "status", "")]


@pytest.mark.parametrize("kind", [EntryKind.DOCUMENT, EntryKind.VOID])
def test_practice_is_not_told(kind: EntryKind) -> None:
    assert told(kind, is_training=True) == []


@pytest.mark.parametrize("kind", [EntryKind.INTENT, EntryKind.REFUSAL, EntryKind.CLOSING])
def test_nothing_else_is_told(kind: EntryKind) -> None:
    assert told(kind) == []


def test_what_has_no_number_is_not_told() -> None:
    body = msgspec.structs.replace(EXAMPLES[EntryKind.DOCUMENT], numbered=None)

    assert list(obligations(body)) == []
