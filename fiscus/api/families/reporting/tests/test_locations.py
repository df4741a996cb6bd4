"""Locations over HTTP: time zones, closing times, countries, and a location in service."""

import pytest

from fiscus.api.families.reporting.tests.caller import (
    BERLIN,
    Caller,
    a_location,
    places,
    refusal,
)
from fiscus.model.places import Location
from fiscus.registry import locations
from fiscus.registry.views import LocationView
from fiscus.store.connect import reading
from tests.support.premises import Premises


def registered(premises: Premises, merchant: Caller) -> list[LocationView]:
    """The merchant's branches, as the registry has them."""
    digits = merchant.organization.removeprefix("org_")
    unit = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    with reading(premises.services.engine) as tx:
        found = locations.of(tx, unit, taxpayer=None, after="", limit=10)
    return [one for one in found if not one.is_head_office]


def the_one(premises: Premises, merchant: Caller) -> Location:
    return registered(premises, merchant)[0].location


def test_a_location_is_shown_as_it_was_sent(merchant: Caller) -> None:
    sent = a_location(name="Kiosk am Kottbusser Tor, Ecke Adalbertstraße", cut_off_time="23:59")

    made = merchant.made("/locations", sent)

    assert made == {
        **sent,
        "address": {**BERLIN, "line2": None},
        "id": made["id"],
        "merchant_id": merchant.id,
        "created_at": "2026-11-16T09:00:00Z",
        "updated_at": "2026-11-16T09:00:00Z",
    }
    assert merchant.get(f"/locations/{made['id']}") == made
    assert merchant.get("/locations")["data"] == [made]


def test_a_location_of_a_merchant_in_service_is_in_service(
    merchant: Caller, premises: Premises
) -> None:
    merchant.made("/locations", a_location())

    found = registered(premises, merchant)[0]

    assert (found.state, found.mode) == ("COMMISSIONED", "OPERATIVE")


def test_a_location_of_a_merchant_that_waits_waits_too(caller: Caller, premises: Premises) -> None:
    merchant = caller.opens_merchant(fiscal_identities=[])
    merchant.made("/locations", a_location())

    assert registered(premises, merchant)[0].state == "ACQUIRED"


def test_time_zone_and_closing_time_are_registered(merchant: Caller, premises: Premises) -> None:
    made = merchant.made("/locations", a_location(cut_off_time="04:00"))
    before = the_one(premises, merchant)

    merchant.changed(f"/locations/{made['id']}", {"timezone": "Europe/Busingen"})
    after = the_one(premises, merchant)
    merchant.changed(f"/locations/{made['id']}", {"cut_off_time": None})
    never = the_one(premises, merchant)

    assert (before.timezone, before.cut_off) == ("Europe/Berlin", "04:00")
    assert (after.timezone, after.cut_off) == ("Europe/Busingen", "04:00")
    assert (never.timezone, never.cut_off) == ("Europe/Busingen", "")


def test_a_change_leaves_what_it_does_not_name_and_the_location_in_service(
    merchant: Caller, premises: Premises
) -> None:
    made = merchant.made("/locations", a_location(cut_off_time="04:00"))

    changed = merchant.changed(f"/locations/{made['id']}", {"name": "Ecke"})

    assert changed == {**made, "name": "Ecke"}
    assert registered(premises, merchant)[0].mode == "OPERATIVE"


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"timezone": "Berlin"}, "timezone"),
        ({"timezone": "Europe/Berlin\n"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"cut_off_time": "24:00"}, "cut_off_time"),
        ({"cut_off_time": "4:00"}, "cut_off_time"),
        ({"name": ""}, "name"),
    ],
)
def test_a_malformed_location_is_refused(
    merchant: Caller, members: dict[str, str], path: str
) -> None:
    response = merchant.send("POST", "/locations", a_location(**members))

    assert places(refusal(response, 400, "invalid_request")) == [path]


def test_a_location_abroad_is_refused(merchant: Caller) -> None:
    abroad = {**BERLIN, "country_code": "PRT"}
    made = merchant.made("/locations", a_location())

    response = merchant.send("POST", "/locations", a_location(address=abroad))
    changed = merchant.send("PATCH", f"/locations/{made['id']}", {"address": abroad})

    for refused in (response, changed):
        assert places(refusal(refused, 422, "validation_error")) == ["address.country_code"]


def test_a_location_of_another_merchant_is_not_found(caller: Caller, merchant: Caller) -> None:
    made = merchant.made("/locations", a_location())
    other = caller.opens_merchant()

    refusal(other.send("GET", f"/locations/{made['id']}"), 404, "not_found")
    refusal(other.send("PATCH", f"/locations/{made['id']}", {"name": "X"}), 404, "not_found")
    assert other.get("/locations")["data"] == []


def test_the_head_office_is_read_by_its_id_and_follows_its_merchant(merchant: Caller) -> None:
    path = f"/locations/loc_{merchant.id.removeprefix('merchant_')}"

    office = merchant.get(path)

    assert (office["name"], office["timezone"]) == ("Kiosk am Kotti GmbH", "Europe/Berlin")
    refusal(merchant.send("PATCH", path, {"name": "X"}), 409, "operation_invalid_state")


def test_a_list_without_the_head_office_has_full_pages(merchant: Caller) -> None:
    made = [merchant.made("/locations", a_location(name=f"L {i}")) for i in range(3)]

    first = merchant.get("/locations?limit=2")
    second = merchant.get(f"/locations?limit=2&cursor={first['next_cursor']}")

    assert [first["data"], second["data"]] == [made[:2], made[2:]]
