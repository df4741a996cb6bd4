"""What a closing sealed is exported the same for ever, whatever happens afterwards."""

from dataclasses import replace
from pathlib import Path

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk, a_leg, a_return
from fiscus.api.families.reporting.tests.caller import Json, answer
from tests.support.auditor import assert_checked, bon_id, export, fetched, tables


def another_till(kiosk: Kiosk) -> Kiosk:
    return replace(a_kiosk(kiosk.premises, kiosk.caller), caller=kiosk.caller)


def returned(till: Kiosk, sale: Json) -> Json:
    back = till.does(a_return(related_operation_id=sale["id"]))
    return till.completes(back, a_leg("-5.95"))


def books(till: Kiosk) -> bytes:
    till.premises.clock.move(minutes=1)
    return fetched(till.premises, export(till)["download_url"])


def test_a_return_of_what_another_till_sold_and_did_not_close_never_changes(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    """The sale's till is closed later; the export of the till that took the goods back has the
    same bytes before and after, and the words of its reference are whole."""
    other = another_till(kiosk)
    kiosk.opens("50.00")
    other.opens("50.00")
    sale = kiosk.sells()
    returned(other, sale)
    other.closes()

    before = books(other)
    kiosk.closes()
    after = books(other)

    assert before == after
    assert_checked("dsfinvk", after, tmp_path)
    (reference,) = tables(after)["references"]
    assert reference == reference | {
        "REF_TYP": "ExterneSonstige",
        "REF_NAME": "Vorgang ohne Kassenabschluss",
        "REF_BON_ID": bon_id(sale),
        "REF_Z_NR": "",
    }


def test_a_return_of_what_was_closed_before_leads_to_that_closing(kiosk: Kiosk) -> None:
    """Also if the goods were taken back before the sale's till was closed."""
    other = another_till(kiosk)
    kiosk.opens("50.00")
    other.opens("50.00")
    sale = kiosk.sells()
    returned(other, sale)
    kiosk.closes()
    other.closes()

    (reference,) = tables(books(other))["references"]

    assert (reference["REF_TYP"], reference["REF_Z_NR"]) == ("Transaktion", "1")


def test_a_return_at_the_same_till_leads_to_its_own_closing(kiosk: Kiosk) -> None:
    kiosk.opens("50.00")
    sale = kiosk.sells()
    returned(kiosk, sale)
    answer(kiosk.closing(), 201)

    (reference,) = tables(books(kiosk))["references"]

    assert (reference["REF_TYP"], reference["REF_BON_ID"]) == ("Transaktion", bon_id(sale))
