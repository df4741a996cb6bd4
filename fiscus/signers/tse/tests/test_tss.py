"""The simulated TSS: who may do what, and what it says to those who may not."""

from typing import Any
from uuid import uuid4

import pytest

from fiscus.signers.tse.cloud import transport
from fiscus.signers.tse.log.errors import TseRefused
from fiscus.signers.tse.tests.conftest import Provider

TSS = "7a67ef8e-61ec-4237-854c-ea0bf860d8e0"


def asked(provider: Provider, method: str, path: str, body: Any = None) -> Any:
    return transport.call(provider.line(), method, f"/tss/{TSS}{path}", body)


def refused(provider: Provider, code: str, method: str, path: str, body: Any = None) -> None:
    with pytest.raises(TseRefused, match=code):
        asked(provider, method, path, body)


def admin(provider: Provider) -> None:
    asked(provider, "POST", "/admin/auth", {"admin_pin": "12345"})


def a_client(provider: Provider, serial: str = "KASSE-1") -> str:
    admin(provider)
    name = str(uuid4())
    asked(provider, "PUT", f"/client/{name}", {"serial_number": serial})
    asked(provider, "POST", "/admin/logout", {})
    return name


def test_a_new_admin_pin_wants_the_right_puk(provider: Provider) -> None:
    wrong = {"admin_puk": "nothing like it", "new_admin_pin": "99999"}

    refused(provider, "E_ADMIN_PUK", "PATCH", "/admin", wrong)
    refused(provider, "E_ADMIN_PIN", "POST", "/admin/auth", {"admin_pin": "99999"})
    admin(provider)


def test_clients_are_the_admins_business(provider: Provider) -> None:
    name = a_client(provider)
    for method, path, body in (
        ("PUT", f"/client/{uuid4()}", {"serial_number": "KASSE-2"}),
        ("PATCH", f"/client/{name}", {"state": "DEREGISTERED"}),
    ):
        refused(provider, "E_ADMIN_AUTH", method, path, body)


def test_a_client_goes_and_comes_back(provider: Provider) -> None:
    name = a_client(provider)
    admin(provider)
    for state in ("REGISTERED", "DEREGISTERED", "DEREGISTERED", "REGISTERED"):
        assert asked(provider, "PATCH", f"/client/{name}", {"state": state})["state"] == state
        assert asked(provider, "GET", f"/client/{name}")["state"] == state
    refused(provider, "E_BAD_REQUEST", "PATCH", f"/client/{name}", {"state": "ASLEEP"})
    refused(provider, "E_CLIENT_NOT_FOUND", "GET", f"/client/{uuid4()}")


def test_the_same_client_again_keeps_its_serial(provider: Provider) -> None:
    name = a_client(provider, "KASSE-1")
    admin(provider)

    found = asked(provider, "PUT", f"/client/{name}", {"serial_number": "KASSE-9"})

    assert found["serial_number"] == "KASSE-1"


def test_a_transaction_begins_active_in_its_first_revision_and_ends_once(
    provider: Provider,
) -> None:
    client, path = a_client(provider), f"/tx/{uuid4()}"
    active = {"state": "ACTIVE", "client_id": client}
    over = active | {"state": "FINISHED"}

    refused(provider, "E_TX_STATE", "PUT", f"{path}?tx_revision=1", over)
    refused(provider, "E_TX_STATE", "PUT", f"{path}?tx_revision=1", active | {"state": "LOST"})
    refused(provider, "E_TX_UPSERT", "PUT", f"{path}?tx_revision=2", active)
    refused(
        provider,
        "E_CLIENT_NOT_FOUND",
        "PUT",
        f"{path}?tx_revision=1",
        active | {"client_id": str(uuid4())},
    )
    first = asked(provider, "PUT", f"{path}?tx_revision=1", active)
    update = asked(provider, "PUT", f"{path}?tx_revision=2", active)
    last = asked(provider, "PUT", f"{path}?tx_revision=3", over)
    refused(provider, "E_TX_UPSERT", "PUT", f"{path}?tx_revision=4", active)

    assert [one["number"] for one in (first, update, last)] == [first["number"]] * 3
    assert [one["latest_revision"] for one in (first, update, last)] == [1, 2, 3]
    assert [one["state"] for one in (first, update, last)] == ["ACTIVE", "ACTIVE", "FINISHED"]
    counters = [int(one["signature"]["counter"]) for one in (first, last)]
    assert counters[0] < counters[1]


def test_transactions_are_listed_by_state_in_pages(provider: Provider) -> None:
    client = a_client(provider)
    active = {"state": "ACTIVE", "client_id": client}
    begun = [str(uuid4()) for _ in range(3)]
    for name in begun:
        asked(provider, "PUT", f"/tx/{name}?tx_revision=1", active)
    over = active | {"state": "FINISHED"}
    asked(provider, "PUT", f"/tx/{begun[1]}?tx_revision=2", over)

    def listed(query: str) -> list[str]:
        return [one["_id"] for one in asked(provider, "GET", f"/tx?{query}")["data"]]

    assert listed("limit=100") == begun
    assert listed("states=ACTIVE") == [begun[0], begun[2]]
    assert listed("states=FINISHED,ACTIVE&limit=2") == begun[:2]
    assert listed("offset=1&limit=1") == [begun[1]]
    assert asked(provider, "GET", "/tx?limit=1")["count"] == 3


def test_an_export_is_made_once_and_there_one_question_later(provider: Provider) -> None:
    path = f"/export/{uuid4()}"

    assert [asked(provider, "PUT", path)["state"]] == ["PENDING"]
    refused(provider, "E_EXPORT_NOT_FOUND", "GET", f"{path}/file")
    assert [asked(provider, "GET", path)["state"] for _ in range(2)] == ["PENDING", "COMPLETED"]
    assert asked(provider, "PUT", path)["state"] == "COMPLETED"
    refused(provider, "E_EXPORT_NOT_FOUND", "GET", f"/export/{uuid4()}")
