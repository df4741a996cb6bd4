"""Who sells may change its name at noon: what is open goes on as it began."""

from dataclasses import replace
from pathlib import Path

from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk
from fiscus.api.families.reporting.tests.caller import IDENTITY, Json, answer
from fiscus.journal import read
from fiscus.model.records import EntryBody
from fiscus.store.connect import reading
from tests.support import auditor

OTHER_NUMBERS = IDENTITY | {"tax_number": "21/815/08151", "vat_id": "DE111111117"}


def renamed(kiosk: Kiosk) -> Json:
    """The merchant, the location and the till, all at once."""
    kiosk.caller.changed(
        f"/locations/{kiosk.caller.get(f'/registers/{kiosk.register}')['location_id']}",
        {"name": "Neues Tor"},
    )
    kiosk.caller.changed(f"/registers/{kiosk.register}", {"name": "Kasse Neu"})
    return kiosk.caller.changed(
        f"/merchants/{kiosk.caller.id}",
        {"legal_name": "Neu GmbH", "fiscal_identities": [OTHER_NUMBERS]},
    )


def intention(kiosk: Kiosk, operation: Json) -> EntryBody:
    with reading(kiosk.premises.services.engine) as tx:
        found = read.body(tx, ids.read("op", operation["id"]))
    assert found is not None
    return found


def books(kiosk: Kiosk) -> bytes:
    kiosk.premises.clock.move(minutes=1)
    return auditor.fetched(kiosk.premises, auditor.export(kiosk)["download_url"])


def test_a_change_between_two_sales_holds_from_the_next_closing(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    """Both receipts, the report and the files of the open period name the same seller, till and
    place; the next period names the new ones."""
    kiosk.opens("50.00")
    first = kiosk.sells()
    told = renamed(kiosk)
    second = kiosk.sells()
    closing = answer(kiosk.closing(), 201)
    kiosk.opens("50.00")
    third = kiosk.sells()
    last = answer(kiosk.closing(), 201)

    assert told["legal_name"] == "Neu GmbH"
    assert told["effective_at_closing_of"] == [kiosk.register]
    places = [intention(kiosk, sale).place for sale in (first, second, third)]
    assert places[0] == places[1] != places[2]
    archive = books(kiosk)
    tables = auditor.tables(archive)
    shown = [
        (head["NAME"], head["STNR"], head["USTID"], place["LOC_NAME"])
        for head, place in zip(tables["cashpointclosing"], tables["location"], strict=True)
    ]
    assert shown == [
        ("Kiosk am Kotti GmbH", "21/815/08150", "DE123456788", "Kottbusser Tor"),
        ("Neu GmbH", "21/815/08151", "DE111111117", "Neues Tor"),
    ]
    auditor.assert_checked("dsfinvk", archive, tmp_path)
    papers = [auditor.paper(kiosk.premises, one) for one in (closing, last)]
    assert ["NeuGmbH" in paper for paper in papers] == [False, True]
    assert ["KasseNeu" in paper for paper in papers] == [False, True]
    kiosk.premises.assert_proved()


def test_what_is_closed_already_is_exported_as_it_was(kiosk: Kiosk) -> None:
    """Also the description of the archive keeps the name that the closings have."""
    kiosk.opens("50.00")
    kiosk.sells()
    answer(kiosk.closing(), 201)
    before = books(kiosk)
    told = renamed(kiosk)
    after = books(kiosk)

    assert "effective_at_closing_of" not in told
    assert before == after
    assert "Kiosk am Kotti GmbH" in auditor.files(after)["index.xml"].decode("utf-8-sig")


def test_a_change_that_says_the_same_again_waits_for_nothing(kiosk: Kiosk) -> None:
    kiosk.opens("50.00")
    same = kiosk.caller.changed(f"/registers/{kiosk.register}", {"name": "Till 1"})

    assert "effective_at_closing_of" not in same


def test_each_till_changes_with_its_own_closing(kiosk: Kiosk) -> None:
    other = replace(a_kiosk(kiosk.premises, kiosk.caller), caller=kiosk.caller)
    kiosk.opens("50.00")
    other.opens("50.00")
    renamed(kiosk)
    kiosk.sells()
    other.sells()
    answer(kiosk.closing(), 201)
    kiosk.opens("50.00")
    newer, older = kiosk.sells(), other.sells()

    versions = [
        intention(till, sale).place.taxpayer_version
        for till, sale in ((kiosk, newer), (other, older))
    ]
    assert versions[0] > versions[1]
