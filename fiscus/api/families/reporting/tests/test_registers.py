"""Registers over HTTP: put under their law with a device, shown, and taken out of service."""

import io
import tarfile

import pytest

from fiscus.api.families.reporting.tests.caller import (
    IDENTITY,
    Caller,
    a_location,
    answer,
    places,
    refusal,
)
from fiscus.formats import find as find_format
from fiscus.registry import devices
from fiscus.store.connect import writing
from tests.support.premises import Premises


def uuid_of(id_: str) -> str:
    digits = id_.partition("_")[2]
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@pytest.fixture
def fiscalized(merchant: Caller, premises: Premises) -> dict[str, object]:
    """A register with a device that is ready to sign."""
    register = merchant.opens_register()
    merchant.fiscalizes(register)
    premises.work()
    return merchant.get(f"/registers/{register['id']}")


def test_a_register_is_shown_as_it_was_sent(merchant: Caller) -> None:
    location = merchant.made("/locations", a_location())

    made = merchant.made(
        "/registers", {"location_id": location["id"], "name": "Till 1", "external_id": "pos-1"}
    )

    assert made == {
        "id": made["id"],
        "merchant_id": merchant.id,
        "location_id": location["id"],
        "name": "Till 1",
        "external_id": "pos-1",
        "status": "active",
        "fiscalization_status": "not_fiscalized",
        "fiscalization": None,
        "created_at": "2026-11-16T09:00:00Z",
        "updated_at": "2026-11-16T09:00:00Z",
    }
    assert merchant.get(f"/registers/{made['id']}") == made


THING = {
    "brand": "Vectron",
    "model": "POS Touch 15",
    "software": {"name": "Kiosk Pro", "version": "4.2"},
}


def test_a_register_says_what_it_is_if_it_was_told(merchant: Caller) -> None:
    silent = merchant.opens_register()
    location = silent["location_id"]
    told = merchant.made("/registers", {"location_id": location, "name": "Till 2", **THING})

    assert told.items() >= THING.items()
    assert not silent.keys() & THING.keys()
    path = f"/registers/{told['id']}"
    newer = {"name": "Kiosk Pro", "version": "5.0"}
    changed = merchant.changed(path, {"software": newer})
    assert changed == {**told, "software": newer, "updated_at": changed["updated_at"]}
    assert merchant.changed(path, {"name": "Till 3"})["brand"] == "Vectron"
    assert merchant.get(f"/registers/{silent['id']}") == silent


def test_registers_are_listed_by_location(merchant: Caller) -> None:
    here, there = merchant.opens_register(), merchant.opens_register()

    assert merchant.get("/registers")["data"] == [here, there]
    assert merchant.get(f"/registers?location_id={there['location_id']}")["data"] == [there]
    refusal(merchant.send("GET", "/registers?location_id=x"), 400, "invalid_request")


def test_a_location_that_is_not_there_is_not_found(merchant: Caller, caller: Caller) -> None:
    other = caller.opens_merchant().made("/locations", a_location())
    for location in ("loc_" + "0" * 32, other["id"]):
        response = merchant.send("POST", "/registers", {"location_id": location, "name": "T"})

        assert places(refusal(response, 404, "not_found")) == ["location_id"]


def test_fiscalizing_asks_for_a_device_and_the_worker_fits_it(
    merchant: Caller, premises: Premises
) -> None:
    register = merchant.opens_register()

    asked = merchant.fiscalizes(register)
    premises.clock.move(minutes=1)
    premises.work()
    ready = merchant.get(f"/registers/{register['id']}")

    assert asked["fiscalization_status"] == "pending"
    assert asked["fiscalization"]["regime"] == "KassenSichV"
    assert asked["fiscalization"]["fiscalized_at"] is None
    assert ready["fiscalization_status"] == "fiscalized"
    assert ready["fiscalization"]["fiscalized_at"] == "2026-11-16T09:01:00Z"
    assert ready["fiscalization"]["client_id"] == uuid_of(register["id"])
    assert len(ready["fiscalization"]["tse_serial"]) == 64


def test_fiscalizing_again_changes_nothing(
    merchant: Caller, premises: Premises, fiscalized: dict[str, str]
) -> None:
    again = merchant.fiscalizes(fiscalized)
    premises.work()

    assert again == fiscalized
    assert merchant.get(f"/registers/{fiscalized['id']}") == fiscalized


def test_after_a_failure_the_device_is_asked_for_anew(merchant: Caller, premises: Premises) -> None:
    register = merchant.opens_register()
    merchant.fiscalizes(register)
    path = f"/registers/{register['id']}"
    with writing(premises.services.engine) as tx:
        (view,) = devices.of_one(tx, uuid_of(register["id"]))
        devices.failed(tx, view.device, "no such address")

    failed = merchant.get(path)
    asked = merchant.fiscalizes(register)
    premises.work()

    assert failed["fiscalization_status"] == "failed"
    assert failed["fiscalization"]["error"] == "no such address"
    assert asked["fiscalization_status"] == "pending"
    assert merchant.get(path)["fiscalization_status"] == "fiscalized"


@pytest.mark.parametrize(
    "identities",
    [
        [],
        [{"country_code": "DEU", "vat_id": "DE123456788"}],
        [{"country_code": "DEU", "tax_number": "21/815/08150"}],
        [{**IDENTITY, "country_code": "AUT"}],
    ],
)
def test_without_a_matching_identity_nothing_is_fiscalized(
    caller: Caller, identities: list[dict[str, str]]
) -> None:
    merchant = caller.opens_merchant(fiscal_identities=identities)
    register = merchant.opens_register()
    path = f"/registers/{register['id']}"

    error = merchant.send("POST", f"{path}/fiscalize")

    found = places(refusal(error, 409, "fiscalization_conflict"))
    assert set(found) == {"fiscal_identities"}
    assert merchant.get(path)["fiscalization_status"] == "not_fiscalized"


def test_a_merchant_that_completes_its_identity_can_fiscalize(
    caller: Caller, premises: Premises
) -> None:
    merchant = caller.opens_merchant(fiscal_identities=[])
    register = merchant.opens_register()
    caller.changed(f"/merchants/{merchant.id}", {"fiscal_identities": [IDENTITY]})

    merchant.fiscalizes(register)
    premises.work()

    shown = merchant.get(f"/registers/{register['id']}")
    assert shown["fiscalization_status"] == "fiscalized"


def test_a_country_without_devices_fiscalizes_at_once(caller: Caller) -> None:
    rome = {"line1": "Via Roma 1", "city": "Roma", "postal_code": "00100", "country_code": "ITA"}
    merchant = caller.opens_merchant(country_code="ITA", address=rome, fiscal_identities=[])
    location = merchant.made("/locations", a_location(address=rome, timezone="Europe/Rome"))
    register = merchant.made("/registers", {"location_id": location["id"], "name": "Cassa"})

    shown = merchant.fiscalizes(register)

    assert shown["fiscalization_status"] == "fiscalized"
    assert shown["fiscalization"]["fiscalized_at"] == "2026-11-16T09:00:00Z"
    assert shown["fiscalization"]["tse_serial"] is None
    refusal(merchant.send("GET", f"/registers/{register['id']}/tse"), 404, "not_found")


def test_a_change_leaves_the_register_in_service(
    merchant: Caller, fiscalized: dict[str, str]
) -> None:
    path = f"/registers/{fiscalized['id']}"

    named = merchant.changed(path, {"name": "Till 2", "external_id": "pos-2"})
    nameless = merchant.changed(path, {"external_id": None})

    assert named == {**fiscalized, "name": "Till 2", "external_id": "pos-2"}
    assert nameless == {**named, "external_id": None}
    assert nameless["status"] == "active"


def test_a_decommissioned_register_is_inactive_for_good(
    merchant: Caller, premises: Premises, fiscalized: dict[str, str]
) -> None:
    path = f"/registers/{fiscalized['id']}"
    premises.clock.move(hours=1)

    gone = answer(merchant.send("POST", f"{path}/decommission"), 200)

    assert (gone["status"], gone["fiscalization_status"]) == ("inactive", "decommissioned")
    assert gone["fiscalization"]["decommissioned_at"] == "2026-11-16T10:00:00Z"
    released = merchant.get(f"{path}/tse")
    assert (released["state"], released["error"]) == ("released", None)
    assert (released["released_at"], released["deregistered_at"]) == ("2026-11-16T10:00:00Z", None)
    premises.work()
    assert merchant.get(f"{path}/tse")["deregistered_at"] == "2026-11-16T10:00:00Z"
    again = answer(merchant.send("POST", f"{path}/decommission"), 200)
    assert again == merchant.get(path)
    refusal(merchant.send("POST", f"{path}/fiscalize"), 409, "operation_invalid_state")
    refusal(merchant.send("PATCH", path, {"name": "X"}), 409, "operation_invalid_state")


def test_a_register_that_was_never_fiscalized_is_not_decommissioned(merchant: Caller) -> None:
    register = merchant.opens_register()

    response = merchant.send("POST", f"/registers/{register['id']}/decommission")

    refusal(response, 409, "operation_invalid_state")


def test_the_device_tells_who_it_is(merchant: Caller, fiscalized: dict[str, str]) -> None:
    tse = merchant.get(f"/registers/{fiscalized['id']}/tse")

    assert tse["state"] == "fitted"
    assert tse["is_test"] is True
    assert tse["register_id"] == fiscalized["id"]
    assert tse["client_id"] == uuid_of(fiscalized["id"])
    assert tse["serial"] == fiscalized["fiscalization"]["tse_serial"]  # type: ignore[index]
    assert tse["algorithm"].startswith("ecdsa-plain-")
    assert len(tse["certificates"]) >= 1
    assert tse["outage_since"] is None
    assert tse["fitted_at"] == "2026-11-16T09:00:00Z"


def test_a_device_that_is_not_set_up_yet_has_no_archive(merchant: Caller) -> None:
    register = merchant.opens_register()
    path = f"/registers/{register['id']}/tse"
    refusal(merchant.send("GET", path), 404, "not_found")
    merchant.fiscalizes(register)

    assert merchant.get(path)["state"] == "pending"
    refusal(merchant.send("GET", f"{path}/export"), 409, "operation_invalid_state")


def test_the_archive_of_the_device_verifies(
    merchant: Caller, fiscalized: dict[str, str], tmp_path: object
) -> None:
    path = f"/registers/{fiscalized['id']}/tse/export"

    response = merchant.send("GET", path)

    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "application/x-tar"
    assert response.headers["Content-Disposition"].endswith(f'{fiscalized["id"]}.tar"')
    with tarfile.open(fileobj=io.BytesIO(response.content)) as archive:
        names = archive.getnames()
    assert "info.csv" in names
    file = tmp_path / "tse.tar"  # type: ignore[operator]
    file.write_bytes(response.content)
    assert find_format("tse").check(file, {}) == ()


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("transaction_number=9999", 422, "validation_error"),
        ("first_transaction_number=9&last_transaction_number=8", 422, "validation_error"),
        ("transaction_number=1&from=2026-01-01T00:00:00Z", 400, "invalid_request"),
        ("transaction_number=x", 400, "invalid_request"),
        ("from=2026-02-30T00:00:00Z", 400, "invalid_request"),
        ("client_id=nobody", 422, "validation_error"),
    ],
)
def test_a_filter_that_fits_nothing_is_refused_before_anything_is_sent(
    merchant: Caller, fiscalized: dict[str, str], query: str, status: int, code: str
) -> None:
    path = f"/registers/{fiscalized['id']}/tse/export?{query}"

    refusal(merchant.send("GET", path), status, code)


def test_a_register_of_another_merchant_is_not_found(
    caller: Caller, fiscalized: dict[str, str]
) -> None:
    other = caller.opens_merchant()
    path = f"/registers/{fiscalized['id']}"

    for method, tail in (
        ("GET", ""),
        ("PATCH", ""),
        ("POST", "/fiscalize"),
        ("POST", "/decommission"),
        ("GET", "/tse"),
        ("GET", "/tse/export"),
        ("POST", "/tse/replace"),
    ):
        body = {"name": "X"} if method == "PATCH" else None
        refusal(other.send(method, f"{path}{tail}", body), 404, "not_found")
