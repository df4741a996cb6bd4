"""Cash sessions over HTTP: what is seen of them from the float to the closing."""

from fiscus.api.families.reporting.tests.berlin import Kiosk
from fiscus.api.families.reporting.tests.caller import Caller, Json, refusal
from fiscus.api.families.reporting.wire.sessions import Session


def session_of(kiosk: Kiosk, operation: Json) -> Json:
    found = kiosk.caller.get(f"/sessions/{operation['session_id']}")
    Session.model_validate(found)
    return found


def test_a_session_goes_from_open_to_counted_to_closed(kiosk: Kiosk) -> None:
    opened = kiosk.opens("50.00")
    session = session_of(kiosk, opened)
    assert (session["status"], session["opening_balance_amount"]) == ("open", "50.00")
    assert (session["register_id"], session["currency"]) == (kiosk.register, "EUR")
    assert (session["operation_count"], session["variance"]) == (1, None)
    assert (session["closing_id"], session["z_number"], session["closed_at"]) == (None, None, None)

    kiosk.sells()
    kiosk.counts("-0.10")
    counted = session_of(kiosk, opened)
    assert (counted["status"], counted["variance"]) == ("counted", "-0.10")
    assert counted["counted_at"]

    kiosk.closes()
    closed = session_of(kiosk, opened)
    assert (closed["status"], closed["z_number"]) == ("closed", 1)
    assert (closed["operation_count"], closed["total_gross"]) == (3, "11.90")
    assert closed["closing_id"].startswith("cls_")
    assert closed["closed_at"]


def test_a_session_may_be_closed_uncounted(kiosk: Kiosk) -> None:
    opened = kiosk.opens()
    kiosk.closes()

    assert session_of(kiosk, opened)["status"] == "closed"


def test_sessions_are_listed_by_what_is_asked(kiosk: Kiosk) -> None:
    first = kiosk.opens()["session_id"]
    kiosk.closes()
    second = kiosk.opens()["session_id"]

    def found(query: str = "") -> list[str]:
        return [one["id"] for one in kiosk.caller.get(f"/sessions{query}")["data"]]

    assert found() == [first, second]
    assert found("?status=closed") == [first]
    assert found("?status=open") == [second]
    assert found(f"?register_id={kiosk.register}&limit=1") == [first]
    assert found("?from=2027-01-01T00:00:00Z") == []


def test_a_session_belongs_to_its_merchant(kiosk: Kiosk, caller: Caller) -> None:
    session = kiosk.opens()["session_id"]
    stranger = caller.opens_merchant(legal_name="Andere GmbH")

    refusal(stranger.send("GET", f"/sessions/{session}"), 404, "not_found")
    refusal(stranger.send("GET", "/sessions/reg_1"), 404, "not_found")


def test_nothing_is_counted_while_a_sale_may_still_move_cash(kiosk: Kiosk) -> None:
    kiosk.opens()
    sale = kiosk.begins()

    refused = kiosk.operation({"type": "session_cash_count", "variance": "0.00"})

    refusal(refused, 409, "operation_invalid_state")
    assert refused.json()["details"]["open_operation_ids"] == [sale["id"]]
    kiosk.completes(sale)
    kiosk.counts()
