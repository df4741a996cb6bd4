"""Both families offer the page for the customer beside what the law wants on paper, never instead
of it, and only where there is an address that a customer can open."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk
from fiscus.api.families.reporting.tests.caller import platform
from fiscus.registry import organizations, receipts
from fiscus.store.connect import writing
from tests.support import words
from tests.support.premises import Model, Premises, opened
from tests.support.till import Json, Till

PUBLIC = "https://belege.example/kasse"


@pytest.fixture
def premises(model: Model, tmp_path: Path) -> Iterator[Premises]:
    with opened(model, tmp_path / "data", public_url=PUBLIC) as found:
        yield found


@pytest.fixture
def till(premises: Premises) -> Till:
    return premises.unit().opens_shop()


@pytest.fixture
def kiosk(premises: Premises) -> Kiosk:
    found = a_kiosk(premises, platform(premises).opens_merchant())
    found.opens()
    return found


def address(premises: Premises, record: str) -> str:
    return f"{PUBLIC}/r/{receipts.token(premises.services.receipts.key, record)}"


def links(till: Till, record: str) -> str:
    return str(till.send("GET", f"/records/{record}").headers.get("Link", ""))


def test_the_unified_api_names_it_in_a_header_and_in_the_companion(
    premises: Premises, till: Till
) -> None:
    intention = till.intends()
    answered = till.concludes(words.receipt(), intention)
    record: Json = answered.json()["content"]
    wanted = address(premises, record["id"])

    assert answered.headers["Link"] == (
        f'</records/{record["id"]}/document>; rel="describedby", <{wanted}>; rel="receipt"'
    )
    for version in ("2026-02-03", "2026-05-04", "2026-06-01"):
        assert links(till.speaking(version), record["id"]) == answered.headers["Link"]
    companion = till.get(f"/records/{record['id']}/document")
    assert companion["receipt_url"] == wanted
    assert companion["qr_code"] == record["compliance"]["qr_code"]
    assert "receipt" not in answered.text
    assert 'rel="receipt"' not in links(till, intention)


def test_the_reporting_api_shows_it_once_there_is_a_document(
    premises: Premises, kiosk: Kiosk
) -> None:
    begun = kiosk.begins()
    assert "receipt_url" not in begun["fiscal_information"]

    sold = kiosk.completes(begun)

    fiscal = sold["fiscal_information"]
    assert fiscal["receipt_url"].startswith(f"{PUBLIC}/r/")
    assert fiscal["verification"]["qr_data"]
    again = kiosk.caller.get(f"/operations/{sold['id']}")
    assert again["fiscal_information"] == fiscal
    listed = kiosk.caller.get("/operations")["data"]
    shown = {one["id"]: (one["fiscal_information"] or {}).get("receipt_url") for one in listed}
    assert shown.pop(sold["id"]) == fiscal["receipt_url"]
    assert set(shown.values()) == {None}  # what happened to the drawer is nobody's receipt
    voided = kiosk.voids(kiosk.begins())
    assert "receipt_url" not in (voided["fiscal_information"] or {})


def test_what_no_customer_gets_has_no_address(premises: Premises, till: Till) -> None:
    record = till.sells(words.receipt())
    cancelled = till.concludes(words.cancellation(record["id"]))

    assert 'rel="receipt"' not in cancelled.headers.get("Link", "")


def test_an_organization_that_has_switched_it_off_is_offered_none(
    premises: Premises, till: Till
) -> None:
    record = till.sells(words.receipt())["id"]
    assert 'rel="receipt"' in links(till, record)

    with writing(premises.services.engine) as tx:
        organizations.switch_receipts(tx, till.organization, is_on=False, at=premises.clock())
    premises.clock.move(seconds=5)

    assert 'rel="receipt"' not in links(till, record)
    assert "receipt_url" not in till.get(f"/records/{record}/document")
    premises.assert_proved()


def test_where_there_are_no_pages_none_is_offered(model: Model, tmp_path: Path) -> None:
    with opened(model, tmp_path / "other", public_url=PUBLIC, console=False) as premises:
        till = premises.unit().opens_shop()
        record = till.sells(words.receipt())["id"]

        assert 'rel="receipt"' not in links(till, record)
        assert premises.http.get(premises.services.receipts.path(record)).status_code == 404


def test_without_a_public_address_nobody_is_offered_any(model: Model, tmp_path: Path) -> None:
    with opened(model, tmp_path / "other", host="0.0.0.0") as premises:
        till = premises.unit().opens_shop()
        record = till.sells(words.receipt())["id"]

        assert 'rel="receipt"' not in links(till, record)
        assert "receipt_url" not in till.get(f"/records/{record}/document")
