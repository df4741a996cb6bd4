"""What the authority knows can be read, and reading changes nothing."""

from pathlib import Path

import pytest

from fiscus.channels.at_portugal.simulator.listing import NO_WORLD, listed
from fiscus.channels.at_portugal.simulator.tests import messages
from fiscus.channels.at_portugal.simulator.tests.messages import changed
from fiscus.channels.at_portugal.simulator.tests.visitor import Visitor
from fiscus.model.faults import Missing


def test_series_documents_and_requests_are_listed(visitor: Visitor) -> None:
    code = visitor.code_of("OR", "WD")
    told = changed(messages.registering("Work"), ATCUD=f"{code}-1")
    gone = changed(messages.deleting("Work"), ATCUD=f"{code}-1")
    for _ in range(2):
        visitor.documents("RegisterWork", told)
    visitor.documents("DeleteWork", gone)
    visitor.documents("RegisterWork", told)
    found = listed(visitor.folder)

    assert [(one["name"], one["code"], one["state"]) for one in found["series"]] == [
        ("LOJA-2026", code, "A")
    ]
    assert [(one["number"], one["standing"], one["status"]) for one in found["documents"]] == [
        ("OR LOJA-2026/1", "deleted", "N"),
        ("OR LOJA-2026/1", "registered", "N"),
    ]
    totals = {(one["net"], one["tax"], one["gross"]) for one in found["documents"]}
    assert totals == {("100.00", "23.00", "123.00")}
    counted = {(one["operation"], one["code"]): one["count"] for one in found["requests"]}
    assert counted == {
        ("registarSerie", "2001"): 1,
        ("RegisterWork", "0"): 2,
        ("RegisterWork", "-22"): 1,
        ("DeleteWork", "0"): 1,
    }


def test_a_folder_without_a_world_stays_empty(tmp_path: Path) -> None:
    with pytest.raises(Missing) as refusal:
        listed(tmp_path)

    assert refusal.value.faults[0].code == NO_WORLD.id
    assert list(tmp_path.iterdir()) == []
