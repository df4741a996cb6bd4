"""Queries: arrays are repeated keys, names are spelled either way, faults name what was sent."""

import pytest

from fiscus.api.families.export_jobs import queries
from fiscus.api.families.export_jobs.wire.jobs import JobsQuery, OlderJobsQuery
from fiscus.model.faults import Refused


def asked(text: str) -> dict[str, list[str]]:
    return queries.asked({"query_string": text.encode()})


def test_each_parameter_has_all_its_values() -> None:
    assert asked("a=1&b=&a=%C3%A9") == {"a": ["1", "é"], "b": [""]}


def test_more_parameters_than_any_request_has_are_none_of_ours() -> None:
    sent = asked("&".join(["statuses=failed"] * (queries.PARAMETERS_MAX + 1)))

    with pytest.raises(Refused):
        queries.read(JobsQuery, sent)
    assert asked("&".join(["statuses=failed"] * queries.PARAMETERS_MAX)).keys() == {"statuses"}


@pytest.mark.parametrize(
    ("name", "known"), [("company_id", "company_id"), ("companyId", "company_id"), ("id", "id")]
)
def test_a_name_is_spelled_either_way(name: str, known: str) -> None:
    assert queries.snake(name) == known


def test_older_lists_take_a_status_of_their_own() -> None:
    both = queries.read(OlderJobsQuery, asked("status=failed&statuses=pending&statuses=failed"))
    assert both.statuses == ["pending", "failed"]
    assert queries.read(OlderJobsQuery, asked("status=failed")).statuses == ["failed"]
    assert queries.read(OlderJobsQuery, asked("")).statuses == []


def faults(model: type[JobsQuery] | None, text: str) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        queries.read(model, asked(text))
    return [("".join(fault.paths), fault.text) for fault in caught.value.faults]


def test_all_faults_are_told_at_the_names_as_they_were_sent() -> None:
    found = faults(JobsQuery, "companyId=7&limit=x&colour=red&statuses=pending&statuses=no")

    places = {place for place, _ in found}
    assert places == {"companyId", "limit", "statuses[1]", "colour"}


def test_an_endpoint_without_parameters_names_each_that_was_sent() -> None:
    assert queries.read(None, {}) is None
    assert faults(None, "a=1&b=2") == [
        ("a", "is not supported here"),
        ("b", "is not supported here"),
    ]


def test_what_no_database_can_keep_is_refused() -> None:
    assert faults(JobsQuery, "targets=%00")[0][0] == ""
