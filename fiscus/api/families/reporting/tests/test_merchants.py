"""Merchants over HTTP: what is made, shown, listed, changed, and put out of service."""

import pytest
from sqlalchemy import select

from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.tests.caller import (
    BERLIN,
    IDENTITY,
    Caller,
    a_location,
    a_merchant,
    answer,
    of_merchant,
    places,
    refusal,
)
from fiscus.registry import taxpayers
from fiscus.registry.views import LifecycleState
from fiscus.store.connect import reading
from fiscus.store.schema import ORGANIZATION, TAXPAYER
from tests.support.premises import Premises


def state_of(premises: Premises, merchant: dict[str, str]) -> tuple[str, str]:
    digits = merchant["id"].removeprefix("merchant_")
    with reading(premises.services.engine) as tx:
        rows = tx.execute(select(TAXPAYER.c.id, TAXPAYER.c.state, TAXPAYER.c.mode)).all()
    found = next(row for row in rows if row.id.replace("-", "") == digits)
    return found.state, found.mode


def test_a_merchant_is_shown_as_it_was_sent(caller: Caller) -> None:
    sent = a_merchant(address={**BERLIN, "line2": "Hinterhof"})

    made = caller.made("/merchants", sent)

    assert {name: made[name] for name in sent} == sent
    assert made["status"] == "active"
    assert made["created_at"] == made["updated_at"] == "2026-11-16T09:00:00Z"
    assert caller.get(f"/merchants/{made['id']}") == made


@pytest.mark.parametrize("line", ["Platz der Republik", "Am Markt 7 b", "Straße des 17. Juni 135"])
def test_an_address_survives_whether_it_has_a_number_or_not(caller: Caller, line: str) -> None:
    made = caller.made("/merchants", a_merchant(address={**BERLIN, "line1": line}))

    assert made["address"] == {**BERLIN, "line1": line, "line2": None}


def test_a_merchant_is_a_unit_below_the_organization_of_the_key(
    caller: Caller, premises: Premises
) -> None:
    made = caller.made("/merchants", a_merchant())

    with reading(premises.services.engine) as tx:
        units = tx.execute(select(ORGANIZATION).where(ORGANIZATION.c.type == "UNIT")).all()
    assert [(unit.parent, f"org_{unit.id.replace('-', '')}") for unit in units] == [
        (premises.first.organization_id, made["organization_id"])
    ]


def test_a_merchant_that_satisfies_the_law_is_in_service_at_once(
    caller: Caller, premises: Premises
) -> None:
    made = caller.made("/merchants", a_merchant())

    assert state_of(premises, made) == ("COMMISSIONED", "OPERATIVE")


def test_a_merchant_without_its_numbers_waits_for_them(caller: Caller, premises: Premises) -> None:
    made = caller.made("/merchants", a_merchant(fiscal_identities=[]))
    assert state_of(premises, made) == ("ACQUIRED", "INACTIVE")

    path = f"/merchants/{made['id']}"
    changed = caller.changed(path, {"fiscal_identities": [IDENTITY]})

    assert changed["fiscal_identities"] == [IDENTITY]
    assert state_of(premises, made) == ("COMMISSIONED", "OPERATIVE")


def test_identities_of_other_countries_are_kept_too(caller: Caller) -> None:
    abroad = {"country_code": "AUT", "tax_number": "12 345/6789", "vat_id": "ATU12345678"}

    made = caller.made("/merchants", a_merchant(fiscal_identities=[abroad, IDENTITY]))

    assert made["fiscal_identities"] == [IDENTITY, abroad]


@pytest.mark.parametrize(
    ("country", "number", "vat_id", "facts"),
    [
        ("DEU", "21/815/08150", "DE123456788", {"tax_number": "21/815/08150"}),
        ("PRT", "509876544", "PT509876544", {"tax_id_number": "509876544"}),
        ("DEU", "21/815/08150", "ATU12345678", {"vat_id_number": "ATU12345678"}),
    ],
)
def test_the_registry_keeps_numbers_under_the_words_of_their_law(
    caller: Caller,
    premises: Premises,
    country: str,
    number: str,
    vat_id: str,
    facts: dict[str, str],
) -> None:
    identity = {"country_code": country, "tax_number": number, "vat_id": vat_id}
    made = caller.made("/merchants", a_merchant(country_code=country, fiscal_identities=[identity]))

    assert made["fiscal_identities"] == [identity]
    with reading(premises.services.engine) as tx:
        kept = taxpayers.by_id(tx, ids.read("merchant", made["id"])).taxpayer.facts
    assert set(facts.items()) <= set(kept.items())
    assert len(kept) == 2


def test_a_change_leaves_what_it_does_not_name_and_the_merchant_in_service(
    caller: Caller, premises: Premises
) -> None:
    made = caller.made("/merchants", a_merchant())
    premises.clock.move(minutes=5)

    changed = caller.changed(f"/merchants/{made['id']}", {"legal_name": "Kiosk UG"})

    assert changed == {**made, "legal_name": "Kiosk UG", "updated_at": "2026-11-16T09:05:00Z"}
    assert state_of(premises, made) == ("COMMISSIONED", "OPERATIVE")


def test_the_country_of_a_merchant_does_not_change(caller: Caller) -> None:
    made = caller.made("/merchants", a_merchant())
    path = f"/merchants/{made['id']}"

    refusal(caller.send("PATCH", path, {"country_code": "PRT"}), 422, "validation_error")

    assert caller.changed(path, {"country_code": "DEU"})["country_code"] == "DEU"


def test_a_country_without_a_law_is_refused(caller: Caller) -> None:
    sent = a_merchant(country_code="CHE")

    error = refusal(caller.send("POST", "/merchants", sent), 422, "validation_error")

    assert places(error) == ["country_code"]


def test_a_merchant_is_listed_for_whoever_stands_above_it_page_by_page(caller: Caller) -> None:
    made = [caller.made("/merchants", a_merchant(legal_name=f"Kiosk {i}")) for i in range(5)]

    first = caller.get("/merchants?limit=2")
    second = caller.get(f"/merchants?limit=2&cursor={first['next_cursor']}")
    third = caller.get(f"/merchants?limit=2&cursor={second['next_cursor']}")

    assert [page["data"] for page in (first, second, third)] == [made[:2], made[2:4], made[4:]]
    assert [page["has_more"] for page in (first, second, third)] == [True, True, False]
    assert third["next_cursor"] is None
    assert first["object"] == "list"


def test_a_merchants_own_key_sees_that_merchant_alone(caller: Caller, premises: Premises) -> None:
    other = caller.made("/merchants", a_merchant())
    own = caller.opens_merchant()
    holder = of_merchant(premises, own)

    listed = holder.get("/merchants")["data"]

    assert [one["id"] for one in listed] == [own.id]
    refusal(holder.send("GET", f"/merchants/{other['id']}"), 404, "not_found")
    refusal(holder.send("POST", "/merchants", a_merchant()), 403, "forbidden")


def test_a_deleted_merchant_is_inactive_for_good_with_its_locations(
    caller: Caller, premises: Premises
) -> None:
    merchant = caller.opens_merchant()
    merchant.made("/locations", a_location())
    path = f"/merchants/{merchant.id}"

    gone = answer(caller.send("DELETE", path), 200)

    assert gone["status"] == "inactive"
    assert state_of(premises, gone)[0] == LifecycleState.DECOMMISSIONED
    assert answer(caller.send("DELETE", path), 200) == gone
    refusal(caller.send("PATCH", path, {"legal_name": "X"}), 409, "operation_invalid_state")
    refusal(merchant.send("POST", "/locations", a_location()), 409, "operation_invalid_state")


def test_a_merchant_that_never_was_in_service_can_be_deleted(caller: Caller) -> None:
    made = caller.made("/merchants", a_merchant(fiscal_identities=[]))

    assert answer(caller.send("DELETE", f"/merchants/{made['id']}"), 200)["status"] == "inactive"


def test_a_merchant_with_a_register_in_service_is_not_deleted(
    caller: Caller, merchant: Caller
) -> None:
    register = merchant.opens_register()
    merchant.fiscalizes(register)

    error = caller.send("DELETE", f"/merchants/{merchant.id}")

    refusal(error, 409, "operation_invalid_state")
    assert caller.get(f"/merchants/{merchant.id}")["status"] == "active"


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"legal_name": ""}, "legal_name"),
        ({"legal_name": 7}, "legal_name"),
        ({"country_code": "DE"}, "country_code"),
        ({"address": {**BERLIN, "country_code": "Germany"}}, "address.country_code"),
        ({"address": {"line1": "A 1", "city": "B"}}, "address.postal_code"),
        ({"fiscal_identities": [{**IDENTITY, "vat_id": "123"}]}, "fiscal_identities[0].vat_id"),
        ({"more": 1}, "more"),
        ({"address": {**BERLIN, "more": 1}}, "address.more"),
        ({"legal_name": "a\x00b"}, "legal_name"),
    ],
)
def test_a_malformed_merchant_is_refused_with_the_place(
    caller: Caller, members: dict[str, object], path: str
) -> None:
    response = caller.send("POST", "/merchants", a_merchant(**members))

    assert path in places(refusal(response, 400, "invalid_request"))


def test_two_identities_of_one_country_are_refused(caller: Caller) -> None:
    response = caller.send("POST", "/merchants", a_merchant(fiscal_identities=[IDENTITY] * 2))

    refusal(response, 400, "invalid_request")
