"""What lists may be asked, at their bounds."""

import pytest
from pydantic import ValidationError

from fiscus.api.families.export_jobs.wire.envelope import PageQuery


@pytest.mark.parametrize(
    "said",
    [
        {"limit": "0"},
        {"limit": str(2**31 - 1)},
        {"offset": "0"},
        {"after": "AZ27=~"},
        {"sorting_keys": ["a", "b"], "sorting_order": ["ASC", "DESC_NULLS_LAST"]},
        {"sorting_keys": ["a"]},
    ],
)
def test_a_page_is_asked_for(said: dict[str, object]) -> None:
    PageQuery.model_validate(said)


@pytest.mark.parametrize(
    "said",
    [
        {"limit": "-1"},
        {"limit": str(2**31)},
        {"limit": "1.0"},
        {"limit": "١"},
        {"offset": "-1"},
        {"after": "a"},
        {"after": "A1"},
        {"after": ""},
        {"after": "A", "before": "A"},
        {"before": "A", "offset": "0"},
        {"sorting_order": ["ASC"]},
        {"sorting_keys": ["a"], "sorting_order": ["ASC", "ASC"]},
        {"sorting_keys": ["a", "a"]},
        {"sorting_keys": list("abcde")},
    ],
)
def test_other_questions_are_refused(said: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PageQuery.model_validate(said)
