"""Bodies of merchants, locations, registers and their devices."""

from typing import Any

Json = dict[str, Any]

HEX = "019a8e3c6f5b7d2a9c41e07f3b8d5a60"
MERCHANT_ID, ORGANIZATION_ID = f"merchant_{HEX}", f"org_{HEX}"
LOCATION_ID, REGISTER_ID = f"loc_{HEX}", f"reg_{HEX}"
MOMENT = "2026-05-04T08:15:01Z"

ADDRESS: Json = {
    "line1": "Oranienstraße 12",
    "line2": None,
    "city": "Berlin",
    "postal_code": "10999",
    "country_code": "DEU",
}
IDENTITY: Json = {
    "country_code": "DEU",
    "tax_number": "21/815/08150",
    "vat_id": "DE123456788",
}
_TIMES = {"created_at": MOMENT, "updated_at": MOMENT}

MERCHANT_CREATE: Json = {
    "legal_name": "Kiosk am Kotti GmbH",
    "country_code": "DEU",
    "address": ADDRESS,
    "fiscal_identities": [IDENTITY],
}
MERCHANT: Json = {
    "id": MERCHANT_ID,
    "organization_id": ORGANIZATION_ID,
    **MERCHANT_CREATE,
    "status": "active",
    **_TIMES,
}
LOCATION_CREATE: Json = {
    "name": "Kottbusser Tor",
    "address": ADDRESS,
    "timezone": "Europe/Berlin",
    "cut_off_time": "23:59",
}
LOCATION: Json = {"id": LOCATION_ID, "merchant_id": MERCHANT_ID, **LOCATION_CREATE, **_TIMES}
REGISTER_CREATE: Json = {
    "location_id": LOCATION_ID,
    "name": "Till 1",
    "external_id": "pos-0001",
}
REGISTER: Json = {
    "id": REGISTER_ID,
    "merchant_id": MERCHANT_ID,
    **REGISTER_CREATE,
    "status": "active",
    "fiscalization_status": "fiscalized",
    "fiscalization": {
        "regime": "KassenSichV",
        "fiscalized_at": MOMENT,
        "decommissioned_at": None,
        "tse_serial": "4a" * 32,
        "client_id": "019a8e3c-6f5b-7d2a-9c41-e07f3b8d5a60",
        "error": None,
    },
    **_TIMES,
}
PENDING: Json = {
    **REGISTER,
    "fiscalization_status": "pending",
    "fiscalization": {**REGISTER["fiscalization"], "fiscalized_at": None, "tse_serial": None},
}


TSE: Json = {
    "register_id": REGISTER_ID,
    "state": "fitted",
    "is_test": True,
    "serial": "4a" * 32,
    "client_id": "019a8e3c-6f5b-7d2a-9c41-e07f3b8d5a60",
    "algorithm": "ecdsa-plain-SHA256",
    "time_format": "unixTime",
    "public_key": "BDm3",
    "certificates": ["MIIB"],
    "description": "Software TSE for tests",
    "usable_until": MOMENT,
    "reason": "the certificate ended",
    "outage_since": None,
    "fitted_at": MOMENT,
    "released_at": None,
    "deregistered_at": None,
    "error": None,
    "replacement": None,
    "former": [
        {
            "serial": "5b" * 32,
            "fitted_at": MOMENT,
            "released_at": MOMENT,
            "deregistered_at": MOMENT,
            "error": None,
        }
    ],
}


def _listed(*data: Json) -> Json:
    return {"object": "list", "data": list(data), "has_more": False, "next_cursor": None}


REQUESTS: dict[str, Json] = {
    "createMerchant": MERCHANT_CREATE,
    "updateMerchant": {"legal_name": "Kiosk am Kotti UG"},
    "createLocation": LOCATION_CREATE,
    "updateLocation": {"cut_off_time": None},
    "createRegister": REGISTER_CREATE,
    "updateRegister": {"name": "Till 2"},
    "replaceTse": {"reason": "does not answer since Monday"},
}
ANSWERS: dict[str, Json] = {
    "createMerchant": MERCHANT,
    "listMerchants": _listed(MERCHANT),
    "retrieveMerchant": MERCHANT,
    "updateMerchant": MERCHANT,
    "deleteMerchant": {**MERCHANT, "status": "inactive"},
    "createLocation": LOCATION,
    "listLocations": _listed(LOCATION),
    "retrieveLocation": LOCATION,
    "updateLocation": LOCATION,
    "createRegister": {
        **REGISTER,
        "fiscalization_status": "not_fiscalized",
        "fiscalization": None,
    },
    "listRegisters": _listed(REGISTER),
    "retrieveRegister": REGISTER,
    "updateRegister": REGISTER,
    "fiscalizeRegister": PENDING,
    "decommissionRegister": {
        **REGISTER,
        "status": "inactive",
        "fiscalization_status": "decommissioned",
    },
    "retrieveTse": TSE,
    "replaceTse": {
        **TSE,
        "replacement": {
            "state": "pending",
            "reason": "does not answer since Monday",
            "requested_at": MOMENT,
            "error": None,
        },
    },
}
