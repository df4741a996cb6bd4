"""The page shows what the document says: parameters, bodies, answers, and their examples."""

import pytest

from fiscus.api.families.unified import openapi, versions
from fiscus.api.ops import page

DOCUMENT = openapi.document(versions.CURRENT)


@pytest.fixture(scope="module")
def shown() -> str:
    return page.render(DOCUMENT)


def section(shown: str, operation_id: str) -> str:
    return shown.partition(f'<section id="{operation_id}">')[2].partition("</section>")[0]


def test_headers_are_shown_with_their_form(shown: str):
    told = section(shown, "createRecord")

    assert "X-Idempotency-Key" in told
    assert "X-Replay-Remaining" in told
    assert "How many offline records are left" in told


def test_every_answer_has_its_words_and_the_good_one_comes_first(shown: str):
    answers = section(shown, "updateSystem")

    assert "422 Unprocessable Content" in answers
    assert answers.index("200 OK") < answers.index("400 Bad Request")


def test_a_body_links_to_its_members(shown: str):
    assert '<a href="#schema-RecordCreate">' in section(shown, "createRecord")
    members = section(shown, "schema-Receipt")
    assert "<code>payments</code></td><td>required</td>" in members


def test_every_link_of_the_page_leads_somewhere(shown: str):
    wanted = {part.partition('"')[0] for part in shown.split('href="#')[1:]}
    there = {part.partition('"')[0] for part in shown.split('id="')[1:]}

    assert wanted <= there
    assert {f"schema-{name}" for name in DOCUMENT["components"]["schemas"]} <= there


def test_text_of_the_document_is_never_markup():
    paths = {"/a": {"get": {"operationId": "a", "summary": "<b>", "responses": {}}}}

    found = page.render({"info": {"title": "<i>", "version": "1"}, "paths": paths})

    assert "<b>." not in found
    assert "<i>" not in found
