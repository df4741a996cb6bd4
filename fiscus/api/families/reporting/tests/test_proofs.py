"""The proof of an operation: of its beginning while it is open, then of its end."""

from fiscus.api.families.reporting.tests.berlin import Kiosk
from fiscus.api.families.reporting.tests.caller import Caller, answer, refusal
from tests.support import proving
from tests.support.premises import Premises


def test_an_operation_is_proved_by_its_beginning_and_then_by_its_end(
    premises: Premises, kiosk: Kiosk
) -> None:
    kiosk.opens()
    operation = kiosk.begins()
    path = f"/operations/{operation['id']}/proof"

    early = kiosk.caller.send("GET", path)

    error = answer(early, 409)
    assert (error["code"], error["retryable"]) == ("proof_pending", True)
    assert "LOG-PROOF-01" in error["message"]
    assert early.headers["Retry-After"] == str(premises.services.settings.checkpoint_seconds)
    proving.covers(premises)
    begun = kiosk.caller.get(path)
    assert begun["operation_id"] == operation["id"]
    proving.holds(premises, begun, begun["record_id"])
    kiosk.completes(operation)
    assert kiosk.caller.send("GET", path).status_code == 409
    proving.covers(premises)
    ended = kiosk.caller.get(path)
    assert ended["record_id"] != begun["record_id"]
    assert ended["size"] > begun["size"]
    proving.holds(premises, ended, ended["record_id"])


def test_the_operation_of_another_merchant_has_no_proof(caller: Caller, kiosk: Kiosk) -> None:
    kiosk.opens()
    operation = kiosk.begins()
    other = caller.opens_merchant(legal_name="Späti Nord GmbH")

    refusal(other.send("GET", f"/operations/{operation['id']}/proof"), 404, "not_found")


def test_a_sale_that_was_given_up_is_proved_by_its_end(premises: Premises, kiosk: Kiosk) -> None:
    kiosk.opens()
    operation = kiosk.voids(kiosk.begins())
    proving.covers(premises)

    found = kiosk.caller.get(f"/operations/{operation['id']}/proof")

    proving.holds(premises, found, found["record_id"])
    assert found["record_id"].replace("-", "") not in operation["id"]
