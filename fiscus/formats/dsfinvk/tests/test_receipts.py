"""One document as an operation: whose number is a VAT id, which device an outage is laid to."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fiscus.formats.dsfinvk.tests.berlin_days import COFFEE
from fiscus.formats.dsfinvk.tests.till import OPENED, Till, a_device, a_sale, a_selection, cash
from fiscus.formats.dsfinvk.write import receipts, rows
from fiscus.model.closings import Closing
from fiscus.model.documents import Party
from fiscus.model.extracts import DraftExtract
from fiscus.model.records import EntryBody
from fiscus.model.tests.clock import StandingClock

OUTAGE = "kein Kontakt"


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(OPENED)


@pytest.fixture
def a_new_device(tmp_path: Path, clock: StandingClock) -> Callable[[], object]:
    made: list[object] = []

    def make() -> object:
        made.append(a_device(tmp_path / f"tse-{len(made)}", clock))
        return made[-1]

    return make


@pytest.fixture
def till(a_new_device: Callable[[], object], clock: StandingClock) -> Till:
    return Till(a_new_device(), clock)  # type: ignore[arg-type]


def sold(till: Till, outage: str = "", **more: object) -> EntryBody:
    return till.issue(a_sale(COFFEE, cash("23.80"), **more), outage=outage)


def operations(till: Till, numbers: dict[str, int]) -> list[rows.OperationRow]:
    """The operations of the register's one closing; its devices have these numbers."""
    (made,) = a_selection(till).closings()
    counted = made[0].closing
    assert isinstance(counted, Closing)
    frame = receipts.ClosingContext(closing=counted, devices=numbers, origin=lambda record: None)
    return list(receipts.transactions(frame, made[1]))


def test_an_unsigned_operation_is_laid_to_the_device_that_signed_before_it(
    till: Till, a_new_device: Callable[[], object]
) -> None:
    """A register got another device in the middle of its day: the outage after the exchange is
    the new one's; one before anything was signed is laid to the first."""
    first = till.device.info().serial
    sold(till, OUTAGE)
    sold(till)
    till.device = a_new_device()  # type: ignore[assignment]
    till.device.register_client(till.id)
    sold(till, OUTAGE)
    sold(till)
    sold(till, OUTAGE)
    sold(till, OUTAGE)
    till.close()

    made = operations(till, {first: 1, till.device.info().serial: 2})

    assert [one.signings[0].device for one in made] == [1, 1, 1, 2, 2, 2]
    assert [one.signings[0].outage for one in made] == [OUTAGE, "", OUTAGE, "", OUTAGE, OUTAGE]


@pytest.mark.parametrize(
    ("number", "vat_id"),
    [
        ("DE123456788", "DE123456788"),
        ("ATU12345678", "ATU12345678"),
        ("21/815/08150", ""),
        ("2181508150", ""),
        ("D1", ""),
        ("", ""),
    ],
)
def test_only_a_number_with_a_country_in_front_is_a_vat_id(
    till: Till, number: str, vat_id: str
) -> None:
    """DSFinV-K has a column for the VAT id and none for the tax number of a buyer."""
    sold(till, buyer=Party(name="Jörg Weiß", tax_number=number))
    till.close()

    (made,) = operations(till, {till.device.info().serial: 1})

    assert (made.customer.name, made.customer.vat_id) == ("Jörg Weiß", vat_id)


def one(till: Till, outage: str = "", **more: object) -> rows.OperationRow:
    """A sale that is told more, as it is written."""
    sold(till, outage, **more)
    till.close()
    (made,) = operations(till, {till.device.info().serial: 1})
    return made


@pytest.mark.parametrize(
    ("buyer", "id"),
    [
        (Party(tax_number="21/815/08150"), "21/815/08150"),
        (Party(tax_number="21/815/08150", code="10042"), "10042"),
        (Party(tax_number="DE123456788"), ""),
        (Party(vat_number="ATU12345675", code="10042"), "10042"),
    ],
)
def test_another_number_is_the_customers_number_where_there_is_none(
    till: Till, buyer: Party, id: str
) -> None:
    """A number that is no VAT id never stands in KUNDE_USTID, and is not lost."""
    assert one(till, buyer=buyer).customer.id == id


@pytest.mark.parametrize(
    ("buyer", "sort"),
    [
        (Party(sort="Stammkunde", is_business=True), "Stammkunde"),
        (Party(is_business=True), "Unternehmen"),
        (Party(is_staff=True), "Mitarbeiter"),
        (Party(name="Jo"), ""),
    ],
)
def test_a_customer_is_called_as_the_caller_does(till: Till, buyer: Party, sort: str) -> None:
    assert one(till, buyer=buyer).customer.type == sort


def test_a_person_has_a_code_and_a_name(till: Till) -> None:
    made = one(till, operator="K7", operator_name="Änne")

    assert (made.operator, made.operator_name, made.is_reversal) == ("K7", "Änne", False)


def test_a_note_holds_what_was_said_and_whole_words_of_an_outage() -> None:
    """In a closing without a device the reason stands behind all else, in one column."""
    draft = DraftExtract(reason="r" * 100, text="t" * 100)

    note = receipts._note(draft, "warum " * 30)

    assert note == f"{'r' * 100}; {'t' * 100}; {'warum ' * 8}…"
    assert len(note) <= receipts.NOTE_LENGTH_MAX
    assert receipts._note(DraftExtract(), "x" * 200) == "x" * 200
