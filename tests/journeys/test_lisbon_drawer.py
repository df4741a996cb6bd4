"""A café in Lisbon with a drawer: opened, moved, counted and closed. The law sees sales only."""

import json
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_leg
from fiscus.api.families.reporting.tests.caller import Caller, Json, answer, places, platform
from fiscus.api.families.reporting.tests.caller import refusal as refused
from fiscus.formats import find
from fiscus.journal import encode
from fiscus.journal.verify import sentences, verify_package
from fiscus.model.kinds import EntryKind
from fiscus.registry import signers
from fiscus.store.connect import reading
from fiscus.store.schema import ENTRY
from tests.journeys.test_both_families import shown
from tests.journeys.test_lisbon_cafe import audit_file, invoices
from tests.journeys.week import goods, line
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Till, envelope

MONDAY = "2026-11-16"
TUESDAY_AT_FIVE = datetime(2026, 11, 17, 5, 0, tzinfo=UTC)
EVENTS: dict[str, Json] = {
    "opening": {"type": "session_open", "currency": "EUR", "opening_balance_amount": "50.00"},
    "movement": {"type": "session_cash_adjustment", "amount": "-5.00", "reason": "bank_drop"},
    "count": {"type": "session_cash_count", "variance": "-0.50"},
    "closing": {"type": "session_close"},
}


@pytest.fixture
def merchant(premises: Premises, till: Till) -> Caller:
    caller = platform(premises)
    return caller.for_(
        {"id": shown("merchant", till.taxpayer), "organization_id": shown("org", till.organization)}
    )


@pytest.fixture
def cafe(premises: Premises, till: Till, merchant: Caller) -> Kiosk:
    return Kiosk(premises=premises, caller=merchant, register=shown("reg", till.system))


def a_coffee(**members: object) -> Json:
    return line("Café", "1.23", "0.23", "0.23", **members)


def coffee(cafe: Kiosk, *legs: Json) -> Json:
    begun = cafe.does(goods(a_coffee()))
    cafe.premises.clock.move(minutes=1)
    return cafe.completes(begun, *legs)


def a_day(cafe: Kiosk) -> Json:
    """Float, two coffees, money out, counted and closed; gives the answer to the closing."""
    cafe.opens("50.00")
    coffee(cafe, a_leg("1.23"))
    coffee(cafe, a_leg("1.23", "card"))
    cafe.does(EVENTS["movement"])
    cafe.counts("-0.50")
    cafe.premises.clock.move(minutes=1)
    return answer(cafe.closing(), 201)


def summary(closing: Json) -> Json:
    found: Json = closing["summary"]
    return found


def test_a_day_at_the_drawer_ends_with_its_closing(cafe: Kiosk) -> None:
    closing = a_day(cafe)

    assert closing["fiscal"] == {
        "regime": "SAF-T-PT",
        "z_number": 1,
        "tse_serial": None,
        "signature": None,
        "transaction_counter": None,
        "dsfinvk_export_id": None,
    }
    assert summary(closing) == {
        "operation_count": 5,
        "total_gross": 246,
        "total_tax": 46,
        "total_by_payment_method": {"card": 123, "cash": 123},
        "by_operation_type": {
            "sales": {"count": 2, "total_gross": 246},
            "refunds": {"count": 0, "total_gross": 0},
            "voids": {"count": 0},
            "cash_movements": {"cash_in_total": 0, "cash_out_total": 500},
        },
        "tax_breakdown": [
            {"rate": "0.23", "category": "standard", "taxable_amount": 200, "tax_amount": 46}
        ],
    }
    (session,) = cafe.caller.get("/sessions")["data"]
    assert (session["status"], session["z_number"]) == ("closed", 1)
    assert (session["variance"], session["closing_id"]) == ("-0.50", closing["id"])
    assert session["operation_count"] == 5
    cafe.premises.assert_proved()


def test_the_second_day_has_the_next_z_number_and_a_report_covers_both(cafe: Kiosk) -> None:
    a_day(cafe)
    cafe.premises.clock.move(days=1)

    second = a_day(cafe)
    month = answer(cafe.closing("monthly"), 201)

    assert (second["fiscal"]["z_number"], month["fiscal"]["z_number"]) == (2, 2)
    assert summary(month)["total_gross"] == 492
    assert summary(month)["operation_count"] == 10
    cafe.premises.assert_proved()


def test_what_happens_to_the_drawer_has_neither_number_nor_seal(
    premises: Premises, till: Till, cafe: Kiosk
) -> None:
    a_day(cafe)

    with reading(premises.services.engine) as tx:
        rows = tx.execute(select(ENTRY).where(ENTRY.c.chain == till.system)).all()
    bodies = [encode.decode(row.kind, row.body) for row in rows if row.kind != EntryKind.INTENT]
    sealed = [body for body in bodies if body.seal or body.numbered]

    assert [body.seal and body.seal.number[:2] for body in sealed] == ["FR", "FR"]
    assert len(bodies) == len(sealed) + 4, "float, money out, count and closing"


def test_the_audit_file_holds_the_sales_and_nothing_of_the_drawer(
    premises: Premises, till: Till, cafe: Kiosk, tmp_path: Path
) -> None:
    a_day(cafe)
    premises.work()
    sold = till.sells(words.receipt())

    path = audit_file(premises, till, tmp_path)

    with reading(premises.services.engine) as tx:
        key = signers.public_pem(tx, "seal:pt")
    assert find("saft-pt").check(path, {"public_key_pem": key}) == ()
    found = invoices(path)
    assert len(found) == 3
    assert words.qr(sold)["G"] in found


def test_the_report_is_printed(cafe: Kiosk, premises: Premises) -> None:
    closing = a_day(cafe)

    printed = premises.http.get(closing["links"]["pdf"])

    assert printed.status_code == 200, printed.text
    assert printed.content.startswith(b"%PDF-")


def test_the_package_of_the_journal_verifies_by_itself(
    premises: Premises, till: Till, cafe: Kiosk, tmp_path: Path
) -> None:
    a_day(cafe)
    premises.work()
    file = till.made("/files", {"type": "EXPORT", "range": {"from": MONDAY, "to": MONDAY}})
    premises.work()
    done = next(one for one in till.listed("/files") if one["id"] == file["id"])
    package = tmp_path / "journal.zip"
    package.write_bytes(till.send("GET", done["artifact"]["path"]).content)
    package.with_name("journal.zip.jws").write_bytes(
        till.send("GET", done["integrity"]["path"]).content
    )

    report = verify_package(package)

    assert report.is_good, sentences(report)
    assert report.chains == 3
    with ZipFile(package) as archive:
        lines = archive.read("entries.jsonl").splitlines()
    bodies = [json.loads(b64decode(json.loads(line)["body"])) for line in lines]
    assert sum("place" in body for body in bodies) == 2 * 6, "each with its intention"


def test_the_shop_closes_by_itself_after_its_cut_off(
    premises: Premises, till: Till, cafe: Kiosk
) -> None:
    changed = cafe.caller.changed(
        f"/locations/{shown('loc', till.location)}", {"cut_off_time": "04:00"}
    )
    assert changed["cut_off_time"] == "04:00"
    cafe.opens("50.00")
    coffee(cafe, a_leg("1.23"))
    premises.clock.now = TUESDAY_AT_FIVE

    premises.work()

    (closing,) = cafe.caller.get(f"/registers/{cafe.register}/closings")["data"]
    (session,) = cafe.caller.get("/sessions")["data"]
    assert closing["fiscal"]["z_number"] == 1
    assert summary(closing)["total_gross"] == 123
    assert session["status"] == "closed"
    premises.work()
    assert len(cafe.caller.get(f"/registers/{cafe.register}/closings")["data"]) == 1
    premises.assert_proved()


def test_an_open_sale_holds_up_the_end_of_its_session(cafe: Kiosk) -> None:
    cafe.opens()
    begun = cafe.does(goods(a_coffee()))

    counted = cafe.operation(EVENTS["count"])
    closed = cafe.operation(EVENTS["closing"] | {"cash_out_amount": "45.00"})

    for response in (counted, closed):
        error = refused(response, 409, "operation_invalid_state")
        assert error["details"]["open_operation_ids"] == [begun["id"]]
    cafe.completes(begun)
    assert cafe.closes()["type"] == "session_close"
    cafe.premises.assert_proved()


def test_a_sale_forgotten_in_its_session_is_cancelled_at_the_cut_off(
    premises: Premises, till: Till, cafe: Kiosk
) -> None:
    cafe.caller.changed(f"/locations/{shown('loc', till.location)}", {"cut_off_time": "04:00"})
    cafe.opens()
    begun = cafe.does(goods(a_coffee()))
    premises.clock.now = TUESDAY_AT_FIVE

    premises.work()

    assert cafe.caller.get(f"/operations/{begun['id']}")["status"] == "voided"
    (session,) = cafe.caller.get("/sessions")["data"]
    assert session["status"] == "closed"


def test_an_intention_without_a_session_holds_nothing_up(till: Till, cafe: Kiosk) -> None:
    till.intends()

    a_day(cafe)

    cafe.premises.assert_proved()


def test_a_sale_at_the_register_needs_an_open_session(premises: Premises, cafe: Kiosk) -> None:
    before = premises.entries()

    response = cafe.operation(goods(a_coffee()))

    refused(response, 409, "no_open_session")
    assert premises.entries() == before


def test_the_drawer_counts_in_euro_like_its_documents(premises: Premises, cafe: Kiosk) -> None:
    before = premises.entries()

    response = cafe.operation(EVENTS["opening"] | {"currency": "USD"})

    error = refused(response, 422, "regime_validation_failed")
    assert places(error) == ["currency"]
    assert premises.entries() == before


@pytest.mark.parametrize(("period", "number"), [("DAILY", 1), ("MONTHLY", 1), ("YEARLY", 1)])
def test_a_till_of_the_other_family_closes_too(
    premises: Premises, till: Till, period: str, number: int
) -> None:
    till.sells(words.receipt())
    for name in dict.fromkeys(("DAILY", period)):
        asked = {
            "type": "INTENTION",
            "system": {"id": till.system},
            "operation": {"type": "CLOSING", "period": name},
        }
        intention = till.made("/records", asked)

    assert intention["type"] == "INTENTION::CLOSING"
    made = till.get(f"/records/{intention['used_in']['id']}")
    assert (made["type"], made["state"]) == (f"CLOSING::{period}", "COMPLETED")
    assert "compliance" not in made, "the law did not seal it"
    premises.assert_proved()


def test_nothing_new_is_not_closed(till: Till) -> None:
    asked = {
        "type": "INTENTION",
        "system": {"id": till.system},
        "operation": {"type": "CLOSING", "period": "DAILY"},
    }

    response = till.send("POST", "/records", envelope(asked))

    assert response.status_code == 405, response.text
    assert "ISSUE-CLOSING-01" in response.text


def an_online_sale(**members: object) -> Json:
    return goods(a_coffee(**members), source="ONLINE")


def test_a_gift_card_is_not_sold_here_yet(premises: Premises, merchant: Caller) -> None:
    before = premises.entries()
    sold = merchant.send(
        "POST", "/operations", an_online_sale(kind="gift_card"), Idempotency_Key="sold"
    )

    error = refused(sold, 422, "regime_validation_failed")

    assert "not implemented yet" in error["message"]
    assert "line_items[0]" in places(error)
    assert premises.entries() == before


@pytest.fixture
def rome(premises: Premises) -> Kiosk:
    """A register under a law that has closings, but no drawer."""
    till = premises.unit().opens_shop(words.italian(), code="00187", city="Roma", country="IT")
    merchant = platform(premises).for_(
        {"id": shown("merchant", till.taxpayer), "organization_id": shown("org", till.organization)}
    )
    return Kiosk(premises=premises, caller=merchant, register=shown("reg", till.system))


@pytest.mark.parametrize("event", ["opening", "movement", "count"])
def test_a_law_without_a_drawer_refuses_its_events_with_code_and_remedy(
    premises: Premises, rome: Kiosk, event: str
) -> None:
    before = premises.entries()

    error = refused(rome.operation(EVENTS[event]), 422, "unprocessable_entity")

    assert "This kind of document or act is not offered for this country" in error["message"]
    assert "ISSUE-KIND-01" in error["message"]
    assert premises.entries() == before


def test_a_law_without_orders_refuses_them_and_the_tables_of_a_sale(
    premises: Premises, cafe: Kiosk, merchant: Caller
) -> None:
    """Nothing would be made of them: what a caller states is used, checked or refused."""
    cafe.opens()
    before = premises.entries()
    order = {"type": "order", "tables": ["Mesa 5"], "line_items": [a_coffee()]}

    error = refused(cafe.operation(order), 422, "unprocessable_entity")
    assert ("ISSUE-KIND-01" in error["message"], places(error)) == (True, ["type"])
    for wanted in (goods(a_coffee()), an_online_sale() | {"register_id": None}):
        sale = wanted | {"tables": ["Mesa 5"]}
        register = {"register_id": cafe.register} if wanted["source"] == "POS" else {}
        sent = merchant.send(
            "POST", "/operations", sale | register, Idempotency_Key=wanted["source"]
        )
        error = refused(sent, 422, "unprocessable_entity")
        assert ("ISSUE-KIND-03" in error["message"], places(error)) == (True, ["tables"])
    assert premises.entries() == before


def test_a_sale_that_would_need_a_session_there_is_told_what_to_do_instead(
    premises: Premises, rome: Kiosk
) -> None:
    before = premises.entries()

    response = rome.operation(goods(line("Caffè", "1.22", "0.22", "0.22")))

    error = refused(response, 422, "unprocessable_entity")
    assert "ISSUE-KIND-02" in error["message"]
    assert "sell online, or through the Unified API" in error["message"]
    assert premises.entries() == before


def test_a_deposit_is_not_sold_as_a_product(cafe: Kiosk) -> None:
    """It stands behind the total of a document (Despacho 8632/2014, 2.2.7); until it can, nothing
    begins that could not be concluded."""
    cafe.opens("50.00")
    bottle = {**a_coffee(), "kind": "deposit"}

    begun = cafe.operation(goods(a_coffee(), bottle))

    refused(begun, 422, "regime_validation_failed")
    assert "PT-DEPOSIT-01" in begun.text
    assert "line_items[1]" in begun.text


def test_the_reason_of_a_return_is_its_note(cafe: Kiosk) -> None:
    cafe.opens("50.00")
    sold = coffee(cafe, a_leg("1.23"))
    cafe.premises.clock.move(minutes=1)
    taken = line("Café", "-1.23", "-0.23", "0.23", quantity=-1, unit_price="1.23")
    back = goods(taken, type="return", related_operation_id=sold["id"])

    silent = cafe.operation(back)
    refused(silent, 422, "regime_validation_failed")
    assert "PT-NOTE-01" in silent.text
    assert '"note"' in silent.text

    answer(cafe.operation({**back, "note": "Café frio"}), 201)


AT = "2026-11-16T09:00:00+00:00"
NOT_OFFERED: dict[str, tuple[str, Json]] = {
    "opening": ("2026-06-01", {"type": "OPENING"}),
    "event": ("2026-05-04", {"type": "EVENT", "code": "1", "description": "drawer opened"}),
    "export": ("2026-05-04", {"type": "EXPORT", "range": {"start": AT, "end": AT}}),
    "pro forma": ("2026-05-04", {**words.receipt(), "type": "DRAFT_RECEIPT"}),
}


@pytest.mark.parametrize("name", NOT_OFFERED)
def test_what_the_other_family_does_not_offer_yet_is_said_so(
    premises: Premises, till: Till, name: str
) -> None:
    """Nothing of it ends in an error of ours."""
    version, operation = NOT_OFFERED[name]
    speaking, begun = till.speaking(version), till.intends()
    before = premises.entries()
    if name == "pro forma":
        del operation["payments"]
        response = speaking.concludes(operation, begun)
    else:
        content = {"type": "INTENTION", "system": {"id": till.system}, "operation": operation}
        response = speaking.send("POST", "/records", envelope(content))

    assert response.status_code == 501, response.text
    assert "not implemented yet" in response.text
    assert premises.entries() == before


def test_a_training_sale_and_an_abort_fall_into_the_day_too(
    premises: Premises, till: Till, cafe: Kiosk
) -> None:
    till.sells(words.receipt(details={**words.BY, "training": True}))
    till.sells({"type": "ABORT"})

    closing = a_day(cafe)

    assert summary(closing)["total_gross"] == 246
    premises.assert_proved()
