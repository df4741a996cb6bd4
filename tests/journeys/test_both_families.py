"""One system: what one API family registers, the other shows, changes and puts into service."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from fiscus.api.families.reporting.tests.berlin import a_kiosk
from fiscus.api.families.reporting.tests.caller import (
    BERLIN,
    IDENTITY,
    Caller,
    a_location,
    platform,
)
from fiscus.api.families.reporting.tests.restaurant import a_dish, an_order
from fiscus.api.families.unified.wire import locations, records, systems, taxpayers
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Till

Json = dict[str, Any]

COMPANY = words.german()
PRODUCER = words.device("")["producer"]


def shown(word: str, id_: str) -> str:
    return f"{word}_{id_.replace('-', '')}"


def uuid_of(id_: str) -> str:
    digits = id_.partition("_")[2]
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def till_of(premises: Premises, merchant: Caller) -> Till:
    """A token for the merchant's unit in the other family."""
    group = premises.group()
    group.scope = uuid_of(merchant.organization)
    credentials = group.made("/subjects", {"type": "API_KEY", "name": "pos"})["credentials"]
    return premises.anonymous().with_token(credentials["key"], credentials["secret"])


def fitting(till: Till, path: str, model: Any) -> Json:
    """The content of an answer that the family's own model accepts."""
    response = till.send("GET", path)
    assert response.status_code == 200, response.text
    TypeAdapter(model).validate_json(response.content)
    found: Json = response.json()["content"]
    return found


@pytest.fixture
def merchant(premises: Premises) -> Caller:
    return platform(premises).opens_merchant(
        address={**BERLIN, "line2": "Hinterhof"}, legal_name="Kiosk am Kotti GmbH"
    )


def test_what_the_reporting_api_makes_the_unified_api_shows(
    premises: Premises, merchant: Caller
) -> None:
    name = "Kiosk am Kottbusser Tor, Ecke Adalbert"
    location = merchant.made("/locations", a_location(name=name))
    register = merchant.made("/registers", {"location_id": location["id"], "name": "Till 1"})
    merchant.fiscalizes(register)
    premises.work()
    till = till_of(premises, merchant)

    owner = fitting(till, f"/taxpayers/{uuid_of(merchant.id)}", taxpayers.Taxpayer)
    branch = fitting(till, f"/locations/{uuid_of(location['id'])}", locations.Location)
    system = fitting(till, f"/systems/{uuid_of(register['id'])}", systems.System)
    office = fitting(till, f"/locations/{uuid_of(merchant.id)}", locations.Location)

    assert owner["name"] == {"legal": "Kiosk am Kotti GmbH", "trade": "Kiosk am Kotti GmbH"}
    assert owner["vat_number"] == "DE123456788"
    assert owner["address"]["line"] == {
        "type": "STREET_NUMBER",
        "street": "Oranienstraße",
        "number": "12",
        "suffix": "Hinterhof",
    }
    assert branch["taxpayer"]["id"] == owner["id"] == office["id"]
    assert branch["name"] == "Kiosk am Kottbusser Tor, Ecke Ad"
    assert system["location"]["id"] == branch["id"]
    assert system["producer"]["details"]["name"] == "Till 1"
    for thing in (owner, branch, system):
        assert (thing["state"], thing["mode"]) == ("COMMISSIONED", "OPERATIVE")
    assert [one["id"] for one in till.listed("/systems")] == [system["id"]]


def test_what_the_unified_api_changes_the_reporting_api_shows(
    premises: Premises, merchant: Caller
) -> None:
    register = merchant.opens_register(external_id="pos-1")
    till = till_of(premises, merchant)
    owner, system = f"/taxpayers/{uuid_of(merchant.id)}", f"/systems/{uuid_of(register['id'])}"

    till.changed(owner, {"mode": "SUSPENDED"})
    assert merchant.get(f"/merchants/{merchant.id}")["status"] == "inactive"
    till.changed(owner, {"name": {"legal": "Kiosk UG", "trade": "Kiosk"}})
    till.changed(owner, {"mode": "OPERATIVE"})
    till.changed(system, {"producer": PRODUCER})
    till.changed(system, {"state": "COMMISSIONED"})
    premises.work()

    changed = merchant.get(f"/merchants/{merchant.id}")
    assert (changed["legal_name"], changed["status"]) == ("Kiosk UG", "active")
    assert changed["fiscal_identities"] == [IDENTITY]
    assert changed["address"] == {**BERLIN, "line2": "Hinterhof"}
    shown_register = merchant.get(f"/registers/{register['id']}")
    assert shown_register["name"] == PRODUCER["details"]["name"]
    assert shown_register["external_id"] == "pos-1"
    assert shown_register["fiscalization_status"] == "fiscalized"


def test_what_the_unified_api_makes_the_reporting_api_shows(premises: Premises) -> None:
    till = premises.unit()
    till.opens_shop(COMPANY, code="10119", city="Berlin", country="DE")
    reporting = platform(premises)
    premises.work()

    (owner,) = reporting.get("/merchants")["data"]
    merchant = reporting.for_(owner)
    (location,) = merchant.get("/locations")["data"]
    (register,) = merchant.get("/registers")["data"]

    assert owner["id"] == shown("merchant", till.taxpayer)
    assert owner["organization_id"] == shown("org", till.organization)
    assert owner["legal_name"] == "Späti Mitte GmbH"
    assert owner["address"] == {
        "line1": "Torstraße 1",
        "line2": None,
        "city": "Berlin",
        "postal_code": "10119",
        "country_code": "DEU",
    }
    assert owner["fiscal_identities"] == [
        {"country_code": "DEU", "tax_number": "1121081508150", "vat_id": "DE123456788"}
    ]
    assert (location["id"], location["timezone"]) == (shown("loc", till.location), "Europe/Berlin")
    assert register["id"] == shown("reg", till.system)
    assert register["location_id"] == location["id"]
    assert register["fiscalization_status"] == "fiscalized"
    assert len(merchant.get(f"/registers/{register['id']}/tse")["serial"]) == 64


def test_what_the_reporting_api_changes_the_unified_api_shows(premises: Premises) -> None:
    till = premises.unit()
    till.opens_shop(COMPANY, code="10119", city="Berlin", country="DE")
    reporting = platform(premises)
    merchant = reporting.for_(reporting.get("/merchants")["data"][0])

    reporting.changed(f"/merchants/{merchant.id}", {"legal_name": "Späti UG"})
    merchant.changed(f"/locations/{shown('loc', till.location)}", {"address": BERLIN})
    merchant.changed(f"/registers/{shown('reg', till.system)}", {"name": "Till 9"})

    owner = fitting(till, f"/taxpayers/{till.taxpayer}", taxpayers.Taxpayer)
    branch = fitting(till, f"/locations/{till.location}", locations.Location)
    system = fitting(till, f"/systems/{till.system}", systems.System)
    assert owner["name"] == {"legal": "Späti UG", "trade": "Späti UG"}
    assert owner["fiscalization"]["credentials"]["tax_number"] == "1121081508150"
    assert branch["address"]["line"]["street"] == "Oranienstraße"
    assert system["producer"]["details"]["name"] == "Till 9"
    assert system["software"] == words.device(till.location)["software"]


def test_a_register_that_one_family_takes_out_of_service_is_let_go_by_its_device(
    premises: Premises,
) -> None:
    """The same steps for both: what is open is ended first, then the device hears of it."""
    till = premises.unit()
    till.opens_shop(COMPANY, code="10119", city="Berlin", country="DE")
    reporting = platform(premises)
    premises.work()
    merchant = reporting.for_(reporting.get("/merchants")["data"][0])
    register = f"/registers/{shown('reg', till.system)}"
    system = f"/systems/{till.system}"
    intention = till.intends()
    gone = {"content": {"state": "DECOMMISSIONED"}}
    refused = till.send("PATCH", system, gone)
    assert refused.status_code in (405, 409, 422), refused.text
    assert intention in refused.text
    assert merchant.get(register)["fiscalization_status"] == "fiscalized"
    till.records({"type": "ABORT"}, intention)
    assert "lie in no closing" in till.send("PATCH", system, gone).text
    closed(till)

    till.changed(system, {"state": "DECOMMISSIONED"})
    released = merchant.get(f"{register}/tse")
    premises.work()
    told = merchant.get(f"{register}/tse")

    assert merchant.get(register)["fiscalization_status"] == "decommissioned"
    assert (released["state"], released["deregistered_at"]) == ("released", None)
    assert (told["deregistered_at"], told["error"]) == ("2026-11-16T09:00:00Z", None)
    archive = merchant.send("GET", f"{register}/tse/export").content
    assert b"deregisterClient" in archive


def closed(till: Till, period: str = "DAILY") -> Json:
    """The answer to the request for a closing: the intention that the closing has used."""
    system, operation = {"id": till.system}, {"type": "CLOSING", "period": period}
    return till.made("/records", {"type": "INTENTION", "system": system, "operation": operation})


def test_a_closing_that_one_family_asks_for_the_other_shows(premises: Premises) -> None:
    till = premises.unit()
    till.opens_shop(COMPANY, code="10119", city="Berlin", country="DE")
    reporting = platform(premises)
    premises.work()
    merchant = reporting.for_(reporting.get("/merchants")["data"][0])
    closings = f"/registers/{shown('reg', till.system)}/closings"
    till.records({"type": "ABORT"}, till.intends())

    answers = [closed(till, period) for period in ("DAILY", "MONTHLY", "YEARLY")]
    told = till.listed("/records?type=CLOSING::DAILY,CLOSING::MONTHLY,CLOSING::YEARLY")
    shown_there = {one["type"]: one for one in merchant.get(closings)["data"]}

    assert [one["type"] for one in answers] == ["INTENTION::CLOSING"] * 3
    assert {one["type"]: one["record"]["id"] for one in told} == {
        f"CLOSING::{period}": answer["id"]
        for period, answer in zip(("DAILY", "MONTHLY", "YEARLY"), answers, strict=True)
    }
    assert set(shown_there) == {"daily", "monthly", "annual"}
    assert shown_there["daily"]["fiscal"]["z_number"] == 1
    assert {one["summary"]["operation_count"] for one in shown_there.values()} == {1}
    assert {uuid_of(one["id"]) for one in shown_there.values()} == {one["id"] for one in told}


def test_an_order_at_a_table_is_a_draft_of_a_receipt_in_the_other_family(
    premises: Premises, merchant: Caller
) -> None:
    kiosk = a_kiosk(premises, merchant)
    kiosk.opens()
    order = kiosk.does(an_order(a_dish("Wein"), tables=["Tisch 5"]))
    till = till_of(premises, merchant)

    (record,) = till.listed("/records?type=TRANSACTION::DRAFT_RECEIPT")
    intention = fitting(till, f"/records/{uuid_of(order['id'])}", records.Record)

    assert (record["record"]["id"], record["state"]) == (uuid_of(order["id"]), "COMPLETED")
    assert intention["type"] == "INTENTION::TRANSACTION"
