"""Reports to authorities in the family's words: what is shown fits the wire model."""

from datetime import date
from typing import Any

import msgspec
import pytest

from fiscus.api.families.unified import translate
from fiscus.api.families.unified.wire.reports import Report
from fiscus.channels import Remedy
from fiscus.model.tests.clock import MORNING
from fiscus.reporting.listing import HELP, ReportView
from fiscus.reporting.states import ReportState

ID = "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f"
WAITING = ReportView(
    id=ID,
    record=ID,
    organization="",
    taxpayer=ID,
    channel="at_portugal",
    kind="document",
    state=ReportState.PENDING,
    document_type="",
    series="",
    number=7,
    day=None,
    attempts=0,
    was_sent=False,
    remedy=None,
    code="",
    words="",
    reference="",
    reason="",
    created_at=MORNING,
    answered_at=None,
)


def shown(**more: Any) -> dict[str, Any]:
    answer = translate.report(msgspec.structs.replace(WAITING, **more))
    Report.model_validate(answer)
    content: dict[str, Any] = answer["content"]
    return content


def test_what_nobody_knows_is_left_out() -> None:
    assert not {"answer", "remedy", "reason", "series", "day"} & set(shown())


def test_what_was_refused_has_words_and_what_helps() -> None:
    content = shown(
        state=ReportState.REFUSED,
        remedy=Remedy.DATA,
        code="-8",
        words="erro",
        series="2026",
        document_type="FR",
        day=date(2026, 5, 4),
        answered_at=MORNING,
    )

    assert content["series"] == "FR 2026"
    assert (content["state"], content["day"]) == ("REFUSED", "2026-05-04")
    assert content["answer"]["message"] == "erro"
    assert "reference" not in content["answer"]
    assert content["remedy"] == {"type": "DATA", "description": HELP[Remedy.DATA]}


@pytest.mark.parametrize(("kind", "type_"), [("status", "STATUS"), ("Startbeleg", "Startbeleg")])
def test_a_laws_own_word_stays_as_it_is(kind: str, type_: str) -> None:
    assert shown(kind=kind, reason="because")["type"] == type_
