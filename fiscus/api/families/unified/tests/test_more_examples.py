"""The bodies of a day are what the models accept."""

import json

import pytest

from fiscus.api.families.unified import more_examples
from fiscus.api.families.unified.translate import drafts
from fiscus.api.families.unified.wire import records
from fiscus.model.documents import DocumentKind


@pytest.mark.parametrize("name", more_examples.RECORDS)
def test_every_body_is_accepted(name: str) -> None:
    text = json.dumps(more_examples.RECORDS[name])

    assert records.CREATE_RECORD.validate_json(text).content.type in ("INTENTION", "TRANSACTION")


def test_there_is_one_for_each_step_of_a_day() -> None:
    bodies = map(records.CREATE_RECORD.validate_python, more_examples.RECORDS.values())
    concluding = [body.content.operation for body in bodies if body.content.type == "TRANSACTION"]

    assert {drafts.draft(one, training=False).kind for one in concluding} == {
        DocumentKind.RECEIPT,
        DocumentKind.CORRECTION,
        DocumentKind.CANCELLATION,
        DocumentKind.ABORT,
    }
