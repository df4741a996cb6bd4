"""The practice cloud itself: its states, revisions, schemas and refusals."""

import http.client
import json
from typing import Any
from uuid import uuid4

import pytest

from fiscus.signers.tse.cloud import client, transport
from fiscus.signers.tse.log import qr
from fiscus.signers.tse.log.errors import TseRefused

TSS = "7a67ef8e-61ec-4237-854c-ea0bf860d8e0"
SALE = b"Beleg^1.00_0.00_0.00_0.00_0.00^1.00:Bar"


def asked(provider, method: str, path: str, body: Any = None) -> Any:
    return transport.call(provider.line(), method, f"/tss/{TSS}{path}", body)


def a_client(provider) -> str:
    provider.tse().register_client("KASSE-1")
    return client.client_uuid(TSS, "KASSE-1")


def test_the_cloud_takes_a_receipt_in_its_own_schema_and_prints_a_qr_code(
    provider,
) -> None:
    client, transaction = a_client(provider), uuid4()
    start = {"state": "ACTIVE", "client_id": client}
    asked(provider, "PUT", f"/tx/{transaction}?tx_revision=1", start)
    receipt = {
        "receipt_type": "RECEIPT",
        "amounts_per_vat_rate": [{"vat_rate": "NORMAL", "amount": "15.35"}],
        "amounts_per_payment_type": [{"payment_type": "CASH", "amount": "15.35"}],
    }
    end = {
        "state": "FINISHED",
        "client_id": client,
        "schema": {"standard_v1": {"receipt": receipt}},
    }

    done = asked(provider, "PUT", f"/tx/{transaction}?tx_revision=2", end)

    scanned = qr.parse(done["qr_code_data"])
    assert scanned.process_data == "Beleg^15.35_0.00_0.00_0.00_0.00^15.35:Bar"
    assert qr.verifies(scanned)
    assert scanned.serial == done["tss_serial_number"]
    assert (scanned.number, str(scanned.signature_counter)) == (1, done["signature"]["counter"])


def test_the_same_revision_again_gets_the_same_answer_and_another_one_none(
    provider,
) -> None:
    client, transaction = a_client(provider), uuid4()
    body = {"state": "ACTIVE", "client_id": client}
    path = f"/tx/{transaction}?tx_revision=1"

    assert asked(provider, "PUT", path, body) == asked(provider, "PUT", path, body)
    with pytest.raises(TseRefused, match="E_TX_UPSERT"):
        asked(provider, "PUT", path, body | {"state": "FINISHED"})
    with pytest.raises(TseRefused, match="E_TX_UPSERT"):
        asked(provider, "PUT", f"/tx/{transaction}?tx_revision=5", body)


def test_a_tss_moves_one_way_through_its_states(provider) -> None:
    with pytest.raises(TseRefused, match="E_TSS_CONFLICT"):
        asked(provider, "PATCH", "", {"state": "CREATED"})
    with pytest.raises(TseRefused, match="E_ADMIN_AUTH"):
        asked(provider, "PATCH", "", {"state": "DISABLED"})
    asked(provider, "POST", "/admin/auth", {"admin_pin": "12345"})
    assert asked(provider, "PATCH", "", {"state": "DISABLED"})["state"] == "DISABLED"


def test_metadata_is_kept(provider) -> None:
    asked(provider, "PATCH", "/metadata", {"till": "1"})

    assert asked(provider, "GET", "/metadata") == {"shop": "a", "till": "1"}


def test_nonsense_is_a_bad_request(provider) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", provider.port)
    connection.request("POST", "/auth", body=b"{nonsense")
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (400, "E_BAD_REQUEST")
    connection.close()
    for path, body in ((f"/tx/{uuid4()}?tx_revision=x", {}), (f"/client/{uuid4()}", [])):
        asked(provider, "POST", "/admin/auth", {"admin_pin": "12345"})
        with pytest.raises(TseRefused, match="E_BAD_REQUEST"):
            asked(provider, "PUT", path, body)
    with pytest.raises(TseRefused, match="E_NOT_FOUND"):
        asked(provider, "GET", "/nothing")
    with pytest.raises(TseRefused, match="E_TSS_NOT_FOUND"):
        transport.call(provider.line(), "GET", f"/tss/{uuid4()}")


def test_an_answer_says_what_it_is(provider) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", provider.port)
    connection.request("GET", "/nothing")
    answer = connection.getresponse()
    body = answer.read()

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Length"] == str(len(body))
    connection.close()


def test_a_body_that_is_too_large_is_refused_and_the_connection_ends(provider) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", provider.port)
    connection.putrequest("POST", "/auth")
    connection.putheader("Content-Length", str(1 << 40))
    connection.endheaders()
    answer = connection.getresponse()

    assert (answer.status, json.loads(answer.read())["code"]) == (413, "E_TOO_LARGE")
    connection.close()
