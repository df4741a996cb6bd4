"""`fiscus receipts`: where customers look at theirs, and who switches that off."""

import json

import pytest

from fiscus.commands.tests.test_reporting import premises, run, till
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Till

__all__ = ["premises", "till"]


def test_receipts_are_listed_with_their_addresses(premises: Premises, till: Till) -> None:
    sold = till.sells(words.receipt())["id"]
    newer = till.sells(words.receipt())["id"]
    till.intends()
    till.sells(words.cancellation(newer))

    found = json.loads(run(premises, "receipts", "list", "--json").out)

    assert [one["record"] for one in found] == [newer, sold]
    assert (found[0]["total"], found[0]["kind"]) == ("2.46", "receipt")
    assert [one["is_cancelled"] for one in found] == [True, False]
    assert found[0]["address"] == premises.services.receipts.path(newer)
    assert premises.http.get(found[0]["address"]).status_code == 200
    one = run(premises, "receipts", "list", "--organization", till.organization, "--limit", "1")
    assert premises.services.receipts.path(newer) in one.out
    assert premises.services.receipts.path(sold) not in one.out
    other = premises.unit("Bar").organization
    told = run(premises, "receipts", "list", "--organization", other)
    assert (told.out, told.error.strip()) == ("", "0 receipts.")


def test_an_organization_switches_its_pages_off_and_on_again(
    premises: Premises, till: Till
) -> None:
    path = premises.services.receipts.path(till.sells(words.receipt())["id"])
    unit, group = (
        ("--organization", till.organization),
        ("--organization", premises.group().organization),
    )

    assert "receipts have no page." in run(premises, "receipts", "off", *group).out
    assert premises.http.get(path).status_code == 404
    above = run(premises, "receipts", "on", *unit).out
    assert f"because {group[1]} above it has switched them off" in above
    shown = json.loads(run(premises, "receipts", "show", *unit, "--json").out)
    assert shown == {"organization": unit[1], "on": False, "switched_off_by": group[1]}
    assert "receipts have a page." in run(premises, "receipts", "on", *group).out

    assert premises.http.get(path).status_code == 200
    assert "FISCUS_PUBLIC_URL is not set" in run(premises, "receipts", "show", *unit).error
    premises.assert_proved()


@pytest.mark.parametrize("command", ["on", "off", "show", "list"])
def test_an_organization_that_is_not_there_is_named(premises: Premises, command: str) -> None:
    refused = run(premises, "receipts", command, "--organization", "nobody", code=1)

    assert "REGISTRY-ORG-01" in refused.error
    assert "--organization nobody" in refused.error
