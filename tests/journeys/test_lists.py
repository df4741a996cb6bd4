"""Lists end, filters filter, metadata keep to their rules."""

from typing import Any

import pytest

from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Json, Till, content, envelope, refusal


def ids(till: Till, path: str) -> list[str]:
    return [one["content"]["id"] for page in till.pages(path) for one in page["results"]]


def a_second_shop(till: Till) -> tuple[str, str]:
    """Another branch with a register, in service; gives both ids."""
    location = till.made("/locations", words.branch(till.taxpayer, "Loja Alta"))["id"]
    till.changed(f"/locations/{location}", {"state": "COMMISSIONED"})
    system = till.made("/systems", words.device(location))["id"]
    till.changed(f"/systems/{system}", {"state": "COMMISSIONED"})
    return location, system


def everything(premises: Premises) -> tuple[Till, Till]:
    """A group and a tenant with several of everything."""
    till = premises.unit("A").opens_shop()
    _, system = a_second_shop(till)
    for name in ("B", "C"):
        premises.unit(name)
    till.sells(words.receipt())
    till.sells(words.receipt(series="FR-T02-2026"), till.intends(system))
    for type_ in ("AUDIT", "EXPORT"):
        till.made("/files", {"type": type_, "range": {"from": "2026-11-16", "to": "2026-11-16"}})
    group = premises.group()
    group.scope = till.organization
    group.made("/subjects", {"type": "API_KEY", "name": "pos-2"})
    return premises.group(), till


def test_every_list_pages_to_its_end_without_losing_or_repeating(premises: Premises) -> None:
    group, till = everything(premises)
    sizes = {
        "/organizations": 3,
        "/subjects": 2,
        "/taxpayers": 1,
        "/locations": 3,
        "/systems": 2,
        "/records": 4,
        "/files": 2,
    }

    for path, size in sizes.items():
        caller = group if path == "/organizations" else till
        whole = ids(caller, path)
        assert len(whole) == len(set(whole)) == size, path
        for limit in (1, 2, 100):
            pages = list(caller.pages(f"{path}?limit={limit}"))
            assert [one["content"]["id"] for page in pages for one in page["results"]] == whole
            assert all(len(page["results"]) == limit for page in pages[:-1])
            assert all("pagination" in page for page in pages[:-1])
            assert "pagination" not in pages[-1]


def test_a_list_shows_ten_unless_told_otherwise(till: Till) -> None:
    for _ in range(11):
        till.intends()

    page = till.page("/records")

    assert len(page["results"]) == 10
    assert page["pagination"]["limit"] == 10
    assert len(till.page("/records?limit=11")["results"]) == 11
    token = page["pagination"]["token"]
    rest = content_of(till, token)
    assert len(rest["results"]) == 1


def content_of(till: Till, token: str) -> Json:
    response = till.http.get(
        "/records",
        params={"token": token},
        headers={"X-Api-Version": till.version, "Authorization": f"Bearer {till.bearer}"},
    )
    assert response.status_code == 200, response.text
    found: Json = response.json()
    return found


def test_an_empty_list_is_an_answer(unit: Till) -> None:
    for path in ("/taxpayers", "/locations", "/systems", "/records", "/files", "/organizations"):
        response = unit.send("GET", path)
        assert (response.status_code, response.json()) == (200, {"results": []})


def test_filters_keep_what_belongs_to_them(premises: Premises) -> None:
    _, till = everything(premises)
    second = next(one for one in ids(till, "/systems") if one != till.system)
    records = ids(till, "/records")
    own = ids(till, f"/records?system_id={till.system}")
    others = ids(till, f"/records?system_id={second}")

    assert sorted(own + others) == records
    assert len(own) == len(others) == 2
    assert ids(till, f"/records?location_id={till.location}&limit=1") == own
    assert ids(till, f"/records?taxpayer_id={till.taxpayer}&limit=3") == records
    both = f"/records?system_id={second}&type=TRANSACTION::RECEIPT,TRANSACTION::INVOICE&limit=1"
    assert ids(till, both) == others[1:]
    assert ids(till, f"/systems?location_id={till.location}") == [till.system]
    assert len(ids(till, f"/systems?taxpayer_id={till.taxpayer}")) == 2
    assert len(ids(till, f"/locations?taxpayer_id={till.taxpayer}&limit=1")) == 3
    assert ids(till, "/records?type=CLOSING::DAILY,EXPORT::RECORDS") == []
    bare = till.system.replace("-", "")
    assert ids(till, f"/records?system_id={bare}") == own


def test_new_things_do_not_disturb_a_reader(till: Till) -> None:
    first = till.page("/records?limit=1") if till.intends() and till.intends() else {}
    late = till.intends()

    rest = ids(till, first["pagination"]["next"])

    assert rest[-1] == late
    assert len(rest) == 2


PATHS = ("organizations", "subjects", "taxpayers", "locations", "systems", "records")


def made(premises: Premises, kind: str, metadata: Json) -> tuple[Till, str, Json]:
    """A new thing with metadata: who may change it, where it is, and its answer."""
    group = premises.group()
    till = premises.unit("A")
    bodies: dict[str, Any] = {
        "organizations": {"type": "UNIT", "name": "B"},
        "subjects": {"type": "API_KEY", "name": "pos-7"},
        "taxpayers": words.taxpayer(),
    }
    caller = group if kind == "organizations" else till
    if kind not in bodies:
        till.opens_shop()
        bodies["locations"] = words.branch(till.taxpayer)
        bodies["systems"] = words.device(till.location)
        operation = {"type": "TRANSACTION"}
        bodies["records"] = {
            "type": "INTENTION",
            "system": {"id": till.system},
            "operation": operation,
        }
    response = caller.send("POST", f"/{kind}", envelope(bodies[kind], metadata))
    return caller, f"/{kind}/{content(response)['id']}", response.json()


@pytest.mark.parametrize("kind", PATHS)
def test_metadata_are_merged_deleted_and_bounded(premises: Premises, kind: str) -> None:
    caller, path, answer = made(premises, kind, {"store": "12", "area": "Baixa", "none": ""})
    assert answer["metadata"] == {"store": "12", "area": "Baixa"}
    assert caller.page(path)["metadata"] == answer["metadata"]
    listed = {one["content"]["id"]: one for one in caller.page(f"/{kind}")["results"]}
    assert listed[answer["content"]["id"]]["metadata"] == answer["metadata"]

    changed = caller.send("PATCH", path, {"metadata": {"store": "", "till": "1"}})
    assert changed.json()["metadata"] == {"area": "Baixa", "till": "1"}
    full = {str(number): "x" for number in range(18)}
    assert len(caller.send("PATCH", path, {"metadata": full}).json()["metadata"]) == 20
    refusal(caller.send("PATCH", path, {"metadata": {"one": "more"}}), 422)
    swapped = caller.send("PATCH", path, {"metadata": {"area": "", "one": "more"}})
    assert len(swapped.json()["metadata"]) == 20
    nothing = dict.fromkeys(caller.page(path)["metadata"], "")
    assert "metadata" not in caller.send("PATCH", path, {"metadata": nothing}).json()
    assert "metadata" not in caller.page(path)


def test_metadata_of_a_record_change_no_entry(premises: Premises, till: Till) -> None:
    record = till.sells(words.receipt())
    path, entries = f"/records/{record['id']}", premises.entries()

    changed = content(till.send("PATCH", path, {"content": {}, "metadata": {"table": "4"}}))

    assert changed["journal"] == record["journal"]
    assert premises.entries() == entries
    refusal(till.send("PATCH", path, {"content": {"state": "FAILED"}}), 400)
    premises.assert_proved()


def test_a_name_may_be_changed(premises: Premises) -> None:
    till = premises.unit("A")
    group = premises.group()
    group.scope = till.organization
    subject = group.listed("/subjects")[0]["id"]

    assert group.changed(f"/subjects/{subject}", {"name": "New name"})["name"] == "New name"
    assert group.changed(f"/organizations/{till.organization}", {"name": "B"})["name"] == "B"


def test_a_subject_name_is_taken_once(premises: Premises) -> None:
    till = premises.unit("A")

    again = till.send("POST", "/subjects", envelope({"type": "API_KEY", "name": "pos-1"}))

    refusal(again, 409)
