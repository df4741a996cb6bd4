"""What callers enter themselves: all faults at once, and nothing changes that a job holds."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.accounting import entries
from fiscus.accounting.entries import (
    AccountingEntry,
    EntryDraft,
    EntryDraftLine,
    EntryStatus,
)
from fiscus.accounting.tests.office import Books
from fiscus.issuing.tests.counter import Counter, a_receipt
from fiscus.model.faults import Code, Conflict, Missing, Refused, Trouble
from fiscus.registry.tests.builders import SUBJECT, an_id
from fiscus.store.accounting_schema import ACCOUNTING_ENTRY
from fiscus.store.connect import reading, writing

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
LINE = EntryDraftLine(net=Decimal("100.00"), vat=Decimal("19.00"), account="4930", text="Pens")
DRAFT = EntryDraft(
    day=date(2026, 5, 4),
    performed_at=AT,
    lines=(LINE,),
    sub_type="purchase",
    reference="R-7",
    note="Pens for the office",
    extras={"cost_center": "100"},
)
replace = msgspec.structs.replace


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


class Clerk:
    """Enters what no register sealed."""

    def __init__(self, counter: Counter) -> None:
        self.counter, self.engine = counter, counter.engine

    def enters(self, draft: EntryDraft = DRAFT, id_: str = "") -> AccountingEntry:
        with writing(self.engine) as tx:
            return entries.create(
                tx,
                id_=id_ or an_id(),
                company=self.counter.shop.taxpayer,
                organization=self.counter.shop.organization,
                draft=draft,
                by=SUBJECT,
                at=AT,
            )

    def finds(self, id_: str) -> AccountingEntry:
        with reading(self.engine) as tx:
            return entries.find(tx, [self.counter.shop.organization], id_)

    def changes(self, entry: AccountingEntry, draft: EntryDraft) -> AccountingEntry:
        with writing(self.engine) as tx:
            return entries.change(tx, entry, draft, by=SUBJECT, at=AT + timedelta(minutes=1))

    def deletes(self, entry: AccountingEntry) -> AccountingEntry:
        with writing(self.engine) as tx:
            return entries.delete(tx, entry, by=SUBJECT, at=AT + timedelta(minutes=1))


@pytest.fixture
def clerk(counter: Counter) -> Clerk:
    return Clerk(counter)


def places(trouble: Trouble) -> dict[str, tuple[str, ...]]:
    return {fault.code: fault.paths for fault in trouble.faults}


def test_what_was_entered_is_found_as_it_was_entered(clerk: Clerk) -> None:
    entered = clerk.enters()

    assert clerk.finds(entered.id) == entered
    assert (entered.record, entered.part, entered.status) == ("", "", EntryStatus.NOT_EXPORTED)
    assert entered.amount == Decimal("119.00")
    assert entered.content.extras == {"cost_center": "100"}
    clerk.counter.assert_proved()


def test_entries_of_others_are_not_found(clerk: Clerk) -> None:
    entered = clerk.enters()
    with reading(clerk.engine) as tx:
        with pytest.raises(Missing):
            entries.find(tx, [an_id()], entered.id)
        with pytest.raises(Missing):
            entries.find(tx, [clerk.counter.shop.organization], an_id())
        assert entries.by_ids(tx, an_id(), [entered.id]) == {}
        found = entries.by_ids(tx, clerk.counter.shop.taxpayer, [entered.id, an_id()])
    assert found == {entered.id: entered}


def test_many_ids_are_found_at_once(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "_PIECE", 2)
    made = [clerk.enters().id for _ in range(5)]
    with reading(clerk.engine) as tx:
        assert set(entries.by_ids(tx, clerk.counter.shop.taxpayer, made)) == set(made)


def test_an_id_is_taken_once(clerk: Clerk) -> None:
    entered = clerk.enters()
    with pytest.raises(Conflict) as caught:
        clerk.enters(id_=entered.id)
    assert caught.value.code == entries.KNOWN_ENTRY


def test_all_that_is_wrong_is_told_at_once(clerk: Clerk) -> None:
    wrong = replace(
        DRAFT,
        currency="eur",
        note="x" * 501,
        lines=(
            EntryDraftLine(net=Decimal("1.005"), vat=Decimal("NaN"), key="owed", account="1400"),
            EntryDraftLine(net=Decimal("1000000000"), text="x" * 501),
        ),
    )
    with pytest.raises(Refused) as caught:
        clerk.enters(wrong)
    assert places(caught.value) == {
        entries.BAD_CURRENCY.id: ("currency",),
        entries.NO_ACCOUNT.id: ("lines[0]", "lines[1]"),
        entries.NOT_CENTS.id: ("lines[0].net", "lines[0].vat", "lines[1].net"),
        entries.TOO_LONG.id: ("lines[1].text", "note"),
    }


def test_bounds_are_inside(clerk: Clerk) -> None:
    line = EntryDraftLine(net=Decimal("999999999.99"), key="owed", text="x" * 500)
    assert clerk.enters(replace(DRAFT, lines=(line,))).amount == Decimal("999999999.99")


@pytest.mark.parametrize("currency", ["", "EU", "EURO", "€€€", "ÄÖÜ", "12A"])
def test_a_currency_is_three_capital_letters(clerk: Clerk, currency: str) -> None:
    with pytest.raises(Refused) as caught:
        clerk.enters(replace(DRAFT, currency=currency))
    assert list(places(caught.value)) == [entries.BAD_CURRENCY.id]


def test_an_entry_has_lines(clerk: Clerk) -> None:
    with pytest.raises(Refused) as caught:
        clerk.enters(replace(DRAFT, lines=()))
    assert places(caught.value) == {entries.NO_LINES.id: ("lines",)}


def test_only_what_is_there_is_taken_back(clerk: Clerk) -> None:
    first = clerk.enters()
    assert clerk.enters(replace(DRAFT, reverses=first.id)).reverses == first.id
    with pytest.raises(Refused) as caught:
        clerk.enters(replace(DRAFT, reverses=an_id()))
    assert caught.value.paths == ("reverses",)


def test_what_was_entered_can_be_changed(clerk: Clerk) -> None:
    entered = clerk.enters()
    changed = clerk.changes(entered, replace(DRAFT, note="Pencils", reference="R-8"))

    assert clerk.finds(entered.id) == changed
    assert (changed.content.note, changed.reference) == ("Pencils", "R-8")
    assert changed.created_at == entered.created_at
    assert changed.updated_at > entered.updated_at
    clerk.counter.assert_proved()


def test_a_faulty_change_changes_nothing(clerk: Clerk) -> None:
    entered = clerk.enters()
    with pytest.raises(Refused):
        clerk.changes(entered, replace(DRAFT, lines=()))
    assert clerk.finds(entered.id) == entered


def test_what_was_deleted_is_found_as_deleted_and_stays_so(clerk: Clerk) -> None:
    entered = clerk.enters()
    deleted = clerk.deletes(entered)

    assert clerk.finds(entered.id) == deleted
    assert deleted.deleted_at is not None
    for act in (lambda: clerk.deletes(entered), lambda: clerk.changes(entered, DRAFT)):
        with pytest.raises(Conflict) as caught:
            act()
        assert caught.value.code == entries.DELETED


@pytest.mark.parametrize(
    "status", [EntryStatus.QUEUED, EntryStatus.EXPORTING, EntryStatus.EXPORTED]
)
def test_what_a_job_holds_or_has_exported_cannot_be_changed(
    clerk: Clerk, status: EntryStatus
) -> None:
    entered = clerk.enters()
    with writing(clerk.engine) as tx:
        tx.execute(ACCOUNTING_ENTRY.update().values(status=status.value))
    assert refusals(clerk, entered) == [entries.HELD, entries.HELD]


def test_what_was_made_of_a_record_cannot_be_changed(counter: Counter, clerk: Clerk) -> None:
    books = Books(counter)
    counter.sells(a_receipt())
    books.derives()
    derived = books.entries()[0]

    assert refusals(clerk, derived) == [entries.MADE_OF_RECORD, entries.MADE_OF_RECORD]
    assert books.entries()[0] == derived


def test_what_is_gone_cannot_be_changed(clerk: Clerk) -> None:
    gone = replace(clerk.enters(), id=an_id())
    with pytest.raises(Missing):
        clerk.deletes(gone)


def refusals(clerk: Clerk, entry: AccountingEntry) -> list[Code]:
    found = []
    for act in (lambda: clerk.changes(entry, DRAFT), lambda: clerk.deletes(entry)):
        with pytest.raises(Conflict) as caught:
            act()
        found.append(caught.value.code)
    return found
