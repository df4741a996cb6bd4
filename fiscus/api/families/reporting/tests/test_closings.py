"""Closings over HTTP, in the style of their own page."""

from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_leg, a_line, a_return, a_sale
from fiscus.api.families.reporting.tests.caller import Caller, Json, answer
from fiscus.api.families.reporting.wire.closings import Closing
from fiscus.journal import checkpoint
from fiscus.signers.tse import examine
from fiscus.store.connect import reading
from tests.support import auditor, proving
from tests.support.auditor import assert_checked, export, fetched, log_of, tables
from tests.support.premises import Premises


def made(kiosk: Kiosk, type_: str = "daily", **headers: str) -> Json:
    return answer(kiosk.closing(type_, **headers), 201)


def error(response: httpx.Response, status: int, code: str) -> Json:
    body = answer(response, status)
    assert (body["object"], body["code"]) == ("error", code)
    assert body["request_id"] == response.headers["X-Request-Id"]
    return body


def a_day(kiosk: Kiosk) -> None:
    """11.90 in cash, 11.90 by card, 5.95 given back, 20.00 to the bank, one sale given up."""
    kiosk.opens("50.00")
    sale = kiosk.sells()
    kiosk.sells(a_leg("11.90", "card", card_brand="Visa"))
    kiosk.completes(kiosk.does(a_return(related_operation_id=sale["id"])), a_leg("-5.95"))
    kiosk.voids(kiosk.begins())
    kiosk.does({"type": "session_cash_adjustment", "amount": "-20.00", "reason": "bank_drop"})
    kiosk.counts("-0.10")


def test_a_daily_closing_ends_the_session_and_counts_it(kiosk: Kiosk) -> None:
    a_day(kiosk)

    closing = made(kiosk)

    Closing.model_validate_json(kiosk.caller.send("GET", f"/closings/{closing['id']}").content)
    assert (closing["object"], closing["type"], closing["state"]) == (
        "closing",
        "daily",
        "completed",
    )
    summary = closing["summary"]
    assert summary["operation_count"] == 7
    assert (summary["total_gross"], summary["total_tax"]) == (1785, 285)
    assert summary["total_by_payment_method"] == {"card": 1190, "cash": 595}
    assert summary["by_operation_type"] == {
        "sales": {"count": 2, "total_gross": 2380},
        "refunds": {"count": 1, "total_gross": -595},
        "voids": {"count": 1},
        "cash_movements": {"cash_in_total": 0, "cash_out_total": 2000},
    }
    assert {
        "rate": "0.19",
        "category": "standard",
        "taxable_amount": 1500,
        "tax_amount": 285,
    } in summary["tax_breakdown"]
    fiscal = closing["fiscal"]
    assert (fiscal["regime"], fiscal["z_number"]) == ("KassenSichV", 1)
    assert len(fiscal["tse_serial"]) == 64
    assert fiscal["signature"]
    assert fiscal["transaction_counter"] > 0
    assert kiosk.caller.get("/sessions")["data"][0]["status"] == "closed"


def test_a_closing_speaks_the_tills_words_and_comes_to_its_operations(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    """Vouchers, store credit, transfers and gift cards under their own names, an exchange apart
    from refunds, and totals that are those of the operations; the printed report says the same."""
    kiosk.opens("50.00")
    legs = [
        a_leg("1.00", "voucher"),
        a_leg("0.50", "store_credit"),
        a_leg("300.00", "bank_transfer"),
        a_leg("0.50", "other"),
        a_leg("23.00", "gift_card", gift_card_id="GK-1"),
    ]
    big = {"quantity": 1, "unit_price": "325.00", "total_amount": "325.00"}
    tax = {"name": "USt", "rate": "0.19", "tax_amount": "51.89"}
    sale = kiosk.sells(
        *legs,
        pretax_amount="273.11",
        tax_amount="51.89",
        total_amount="325.00",
        line_items=[a_line(taxes=[tax], **big)],
    )
    lines = [a_return()["line_items"][0], a_line(**_half(), taxes=[_tax("0.95")])]
    swapped = a_sale(
        type="exchange",
        pretax_amount="0.00",
        tax_amount="0.00",
        total_amount="0.00",
        line_items=lines,
        related_operation_id=sale["id"],
    )
    answer(kiosk.complete(kiosk.does(swapped), a_leg("0.00")), 200)
    wanted = {"bank_transfer": 30000, "gift_card": 2300, "other": 50, "store_credit": 50}

    closing = made(kiosk)

    summary = closing["summary"]
    assert summary["total_gross"] == 32500
    assert summary["total_by_payment_method"] == {**wanted, "voucher": 100}
    assert summary["by_operation_type"]["sales"] == {"count": 1, "total_gross": 32500}
    assert summary["by_operation_type"]["refunds"] == {"count": 0, "total_gross": 0}
    assert summary["by_operation_type"]["exchanges"] == {"count": 1, "total_gross": 0}
    assert made(kiosk, "monthly")["summary"] == summary
    paper = auditor.paper(kiosk.premises, closing)
    for row in ("Umtausch10,00", "Gutschein1,00", "Überweisung300,00", "Geschenkkarte23,00"):
        assert row in paper, row


def _half() -> Json:
    return {"quantity": 1, "unit_price": "5.95", "total_amount": "5.95"}


def _tax(amount: str) -> Json:
    return {"name": "USt", "rate": "0.19", "tax_amount": amount}


def test_a_closing_can_be_read_and_listed(kiosk: Kiosk) -> None:
    a_day(kiosk)
    daily, monthly = made(kiosk), made(kiosk, "monthly")
    path = f"/registers/{kiosk.register}/closings"

    assert _but_links(kiosk.caller.get(f"/closings/{daily['id']}")) == _but_links(daily)
    assert [one["id"] for one in kiosk.caller.get(path)["data"]] == [daily["id"], monthly["id"]]
    assert kiosk.caller.get(f"{path}?type=monthly")["data"][0]["id"] == monthly["id"]
    assert kiosk.caller.get(f"{path}?limit=1")["has_more"] is True
    assert kiosk.caller.get(f"{path}?to=2020-01-01T00:00:00Z")["data"] == []


def test_a_closing_tells_the_newest_checkpoint_of_its_time(
    kiosk: Kiosk, premises: Premises
) -> None:
    a_day(kiosk)
    proving.covers(premises)
    with reading(premises.services.engine) as tx:
        newest = checkpoint.newest(tx)
    assert newest is not None
    expected = {
        "size": newest.size,
        "root": newest.root[:16],
        "fingerprint": premises.first.fingerprint,
    }

    closing = made(kiosk)

    assert closing["checkpoint"] == expected
    proving.covers(premises)  # one more, which changes nothing of what was told
    assert kiosk.caller.get(f"/closings/{closing['id']}")["checkpoint"] == expected


def _but_links(closing: Json) -> Json:
    return {name: value for name, value in closing.items() if name != "links"}


def test_a_report_adds_up_what_is_closed(kiosk: Kiosk) -> None:
    a_day(kiosk)
    daily = made(kiosk)

    monthly = made(kiosk, "monthly")

    assert monthly["summary"] == daily["summary"]
    assert monthly["fiscal"]["z_number"] == 1


def test_nothing_new_is_not_closed_again(kiosk: Kiosk) -> None:
    a_day(kiosk)
    made(kiosk)

    error(kiosk.closing(), 409, "session_invalid_state")
    error(kiosk.closing("daily"), 409, "session_invalid_state")


def test_what_is_open_holds_up_the_closing(kiosk: Kiosk) -> None:
    kiosk.opens()
    sale = kiosk.begins()

    body = error(kiosk.closing(), 409, "operation_invalid_state")

    assert body["param"] == sale["id"]


def test_the_same_key_closes_once(kiosk: Kiosk) -> None:
    a_day(kiosk)

    first = made(kiosk, Idempotency_Key="night")

    assert _but_links(made(kiosk, Idempotency_Key="night")) == _but_links(first)
    error(kiosk.closing("shift", Idempotency_Key="night"), 409, "idempotency_key_conflict")


def test_a_closing_without_a_body_is_a_daily_one(kiosk: Kiosk) -> None:
    kiosk.opens()
    path = f"/registers/{kiosk.register}/closings"

    assert answer(kiosk.caller.send("POST", path), 201)["type"] == "daily"


def test_a_closing_belongs_to_its_merchant(kiosk: Kiosk, caller: Caller) -> None:
    kiosk.opens()
    closing = made(kiosk)
    stranger = caller.opens_merchant(legal_name="Andere GmbH")

    error(stranger.send("GET", f"/closings/{closing['id']}"), 404, "not_found")
    path = f"/registers/{kiosk.register}/closings"
    error(stranger.send("GET", path), 404, "not_found")
    error(stranger.send("POST", path, {}), 404, "not_found")
    error(stranger.send("POST", path, {"type": "weekly"}), 400, "invalid_request")


@pytest.mark.parametrize("paper", ["a4", "roll"])
def test_the_link_prints_the_closing_without_a_key(kiosk: Kiosk, paper: str) -> None:
    kiosk.opens()
    link = urlsplit(made(kiosk)["links"]["pdf"])

    found = kiosk.caller.http.get(f"{link.path}?{link.query}&format={paper}")

    assert found.status_code == 200, found.text
    assert found.headers["Content-Type"] == "application/pdf"
    assert found.content.startswith(b"%PDF-")


def test_a_link_that_was_changed_or_is_old_prints_nothing(kiosk: Kiosk) -> None:
    kiosk.opens()
    first = urlsplit(made(kiosk)["links"]["pdf"])
    kiosk.opens()
    second = urlsplit(made(kiosk)["links"]["pdf"])
    http = kiosk.caller.http

    error(http.get(f"{second.path}?{first.query}"), 403, "forbidden")
    error(http.get(second.path), 403, "forbidden")
    kiosk.premises.clock.move(days=8)
    assert http.get(f"{first.path}?{first.query}").status_code in (403, 410)


def test_a_daily_report_over_shifts_is_signed_by_nobody_and_leaves_no_gap(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    """It seals nothing, so the device and the numbers of operations hear nothing of it."""
    kiosk.opens()
    kiosk.sells()
    shift = made(kiosk, "shift")
    report = made(kiosk, "daily")
    kiosk.opens()
    kiosk.sells()
    made(kiosk, "shift")

    fiscal = report["fiscal"]
    assert (fiscal["z_number"], fiscal["signature"]) == (1, None)
    assert report["summary"] == shift["summary"]
    log = tmp_path / "tse.tar"
    log.write_bytes(log_of(kiosk))
    kiosk.premises.clock.move(minutes=1)
    books = fetched(kiosk.premises, export(kiosk)["download_url"])
    numbers = [int(row["BON_NR"]) for row in tables(books)["transactions"]]
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert examine(log).finished == 6
    assert_checked("dsfinvk", books, tmp_path)
