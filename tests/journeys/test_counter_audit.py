"""An auditor at the counter (AO § 146b): everything is handed over at once, and sales go on.

And what stands behind it: no old document ever keeps a day from being closed.
"""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fiscus.api.families.reporting.tests.berlin import Kiosk
from fiscus.api.families.reporting.tests.caller import Caller, Json, a_location, answer, platform
from fiscus.settings import Settings
from tests.journeys.week import opens_shop
from tests.support import auditor
from tests.support.auditor import bon_id
from tests.support.premises import Model, MovingClock, Premises, copied, served

LATE = datetime(2026, 11, 16, 23, 30, tzinfo=UTC)
"""Half past midnight in Berlin: Monday's cut-off has passed."""

SALES_DURING_THE_AUDIT = 12


@pytest.fixture
def kiosk(premises: Premises) -> Kiosk:
    found = opens_shop(premises)
    found.opens()
    return found


def test_the_day_so_far_is_handed_over_while_a_sale_is_open(kiosk: Kiosk, tmp_path: Path) -> None:
    done, voided = kiosk.sells(), kiosk.voids(kiosk.begins())
    at_the_counter, parked = kiosk.begins(), kiosk.begins()

    log = auditor.log_of(kiosk)
    auditor.assert_checked("tse", log, tmp_path)
    assert transactions(log, "Start") - transactions(log, "Finish") == {
        number(at_the_counter),
        number(parked),
    }
    assert refused(kiosk, at_the_counter, parked) == {
        at_the_counter["id"]: "open",
        parked["id"]: "open",
    }
    bought = kiosk.completes(at_the_counter)
    assert refused(kiosk, parked) == {parked["id"]: "open"}
    kiosk.voids(parked)
    closing = answer(kiosk.closing("shift"), 201)

    assert closing["fiscal"]["z_number"] == 1
    export = checked_export(kiosk, tmp_path)
    wanted = {one["type"]: one for one in kiosk.caller.get("/operations")["data"]}
    opening = wanted["session_open"]
    assert receipts(export, 1) == {bon_id(one) for one in (opening, done, voided, bought, parked)}


def test_sales_go_on_while_the_files_are_made(kiosk: Kiosk, tmp_path: Path) -> None:
    before = kiosk.sells()
    answer(kiosk.closing("shift"), 201)
    kiosk.opens()

    with selling(kiosk) as sold:
        export = checked_export(kiosk, tmp_path)
        log = auditor.log_of(kiosk)
    during = sold()

    auditor.assert_checked("tse", log, tmp_path)
    assert bon_id(before) in receipts(export, 1)
    assert receipts(export, 2) == set()
    assert len(during) == SALES_DURING_THE_AUDIT
    answer(kiosk.closing("daily"), 201)
    later = receipts(checked_export(kiosk, tmp_path), 2)
    assert {bon_id(one) for one in during} < later
    kiosk.premises.assert_proved()


class selling:
    """A customer after the other in a thread of their own; called, it gives what they bought."""

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk = kiosk
        self.sold: list[Json] = []
        self.thread = threading.Thread(target=self._sell)

    def _sell(self) -> None:
        for _ in range(SALES_DURING_THE_AUDIT):
            self.sold.append(self.kiosk.sells())

    def __enter__(self) -> Callable[[], list[Json]]:
        self.thread.start()
        return lambda: self.sold

    def __exit__(self, *_: object) -> None:
        self.thread.join()


@pytest.fixture
def settings(model: Model, tmp_path: Path) -> Iterator[Settings]:
    with copied(model, tmp_path / "data") as found:
        yield found


def test_a_sale_that_was_forgotten_for_days_can_be_voided_and_the_day_closed(
    model: Model, settings: Settings, tmp_path: Path
) -> None:
    """The location has no cut-off, the service was restarted twice, nobody knows the sale any more:
    the refused closing itself says which it is."""
    clock = MovingClock()
    with served(settings, model.first, clock) as premises:
        caller = platform(premises).opens_merchant()
        kiosk = Kiosk(premises=premises, caller=caller, register=register_without_cut_off(caller))
        premises.work()
        kiosk.opens()
        forgotten = kiosk.begins()
    for _ in range(2):
        clock.move(days=3)
        with served(settings, model.first, clock) as premises:
            premises.work()
            assert again(premises, kiosk).caller.get("/sessions")["data"][0]["status"] == "open"
    with served(settings, model.first, clock) as premises:
        kiosk = again(premises, kiosk)
        (id_,) = refused(kiosk, forgotten)
        voided = kiosk.voids(kiosk.caller.get(f"/operations/{id_}"))
        closing = answer(kiosk.closing("daily"), 201)

        assert voided["fiscal_information"]["document_type"] == "AVBelegabbruch"
        assert number(voided) == number(forgotten)
        assert closing["period"]["from"][:10] == "2026-11-16"
        assert closing["period"]["to"][:10] == "2026-11-22"
        assert bon_id(forgotten) in receipts(checked_export(kiosk, tmp_path), 1)
        auditor.assert_checked("tse", auditor.log_of(kiosk), tmp_path)
        premises.assert_proved()


@pytest.mark.parametrize("days_off", [0, 4], ids=["same night", "service was off for days"])
def test_the_cut_off_voids_what_was_forgotten_and_closes_the_day(
    model: Model, settings: Settings, tmp_path: Path, days_off: int
) -> None:
    clock = MovingClock()
    with served(settings, model.first, clock) as premises:
        kiosk = opens_shop(premises)
        kiosk.opens()
        sold, forgotten = kiosk.sells(), kiosk.begins()
    clock.now = LATE
    clock.move(days=days_off)
    with served(settings, model.first, clock) as premises:
        kiosk = again(premises, kiosk)
        clock.move(minutes=1)
        premises.work()

        voided = kiosk.caller.get(f"/operations/{forgotten['id']}")
        assert (voided["status"], voided["void_reason"]) == ("voided", "left open at the cut-off")
        assert voided["fiscal_information"]["end_event"]["signature"]
        (session,) = kiosk.caller.get("/sessions")["data"]
        assert (session["status"], session["z_number"]) == ("closed", 1)
        (closing,) = kiosk.caller.get(f"/registers/{kiosk.register}/closings")["data"]
        assert closing["summary"]["by_operation_type"]["voids"]["count"] == 1
        assert "Buchungstag16.11.2026" in auditor.paper(premises, closing)
        assert {bon_id(sold), bon_id(forgotten)} < receipts(checked_export(kiosk, tmp_path), 1)
        kiosk.opens()
        kiosk.sells()
        premises.assert_proved()


def register_without_cut_off(caller: Caller) -> str:
    location = caller.made("/locations", a_location())
    wanted = {"location_id": location["id"], "name": "Till 1"}
    register = caller.made("/registers", wanted)
    caller.fiscalizes(register)
    id_: str = register["id"]
    return id_


def again(premises: Premises, kiosk: Kiosk) -> Kiosk:
    """The same till, in front of the service that was restarted."""
    caller = platform(premises)
    caller.headers |= kiosk.caller.headers
    return Kiosk(premises=premises, caller=caller, register=kiosk.register)


def refused(kiosk: Kiosk, *open_: Json) -> dict[str, str]:
    """The operations that the refusal of a closing names, with their status; for both ways to
    close, which must name the same ones."""
    by_closing = answer(kiosk.closing("shift"), 409)
    by_event = answer(kiosk.operation({"type": "session_close"}), 409)
    for body in (by_closing, by_event):
        assert body["code"] == "operation_invalid_state"
        assert body["details"]["open_operation_ids"] == [one["id"] for one in open_]
    assert by_closing["param"] == open_[0]["id"]
    ids = by_closing["details"]["open_operation_ids"]
    return {id_: kiosk.caller.get(f"/operations/{id_}")["status"] for id_ in ids}


def number(operation: Json) -> str:
    text: str = operation["fiscal_information"]["document_number"]
    return text


def transactions(log: bytes, what: str) -> set[str]:
    """The numbers of the transactions that a log has a `Start` or a `Finish` of."""
    names = [name for name in auditor.files(log) if f"_{what}_Client-" in name]
    return {name.partition("_No-")[2].partition("_")[0] for name in names}


def checked_export(kiosk: Kiosk, folder: Path) -> auditor.Tables:
    content = auditor.fetched(kiosk.premises, auditor.export(kiosk)["download_url"])
    auditor.assert_checked("dsfinvk", content, folder)
    return auditor.tables(content)


def receipts(export: auditor.Tables, z_number: int) -> set[str]:
    """What that closing covers, without the closing itself."""
    rows = auditor.of_closing(export["transactions"], z_number)
    return {row["BON_ID"] for row in rows if row["BON_TYP"] != "AVSonstige"}
