"""What is known of one record: who may see it, what it has to do with, what came of it."""

import time
from datetime import date, timedelta

import pytest

from fiscus.accounting import bookkeeping, derive
from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.tests.restaurant import a_dish, bills, orders
from fiscus.console import document_facts
from fiscus.console.document_facts import (
    DocumentFacts,
    RecordRelation,
    RecordViewer,
    SaidLine,
    said_lines,
)
from fiscus.console.tests.people import organization_of, shop_in_berlin
from fiscus.model.faults import Missing
from fiscus.model.kinds import EntryKind
from fiscus.reporting.tests.authority import YES
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY
from tests.support import telling, words
from tests.support.premises import Premises
from tests.support.till import Till

MONDAY = date(2026, 11, 16)


def facts_of(premises: Premises, viewer: RecordViewer | str, id_: str) -> DocumentFacts:
    viewer = RecordViewer(organization=viewer) if isinstance(viewer, str) else viewer
    with reading(premises.services.engine) as tx:
        return document_facts.facts(tx, viewer, id_)


def relations(facts: DocumentFacts) -> set[tuple[RecordRelation, str]]:
    return {(one.relation, one.id) for one in facts.related}


def entries_of(premises: Premises, kind: EntryKind) -> list[str]:
    with reading(premises.services.engine) as tx:
        query = ENTRY.select().where(ENTRY.c.kind == kind.value).order_by(ENTRY.c.id)
        return [row.id for row in tx.execute(query)]


def until_signing_again(premises: Premises) -> None:
    """Nobody sells: the service itself finds the device again."""
    premises.clock.move(seconds=61)
    deadline = time.monotonic() + 30
    while premises.http.get("/health").json()["problems"]:
        assert time.monotonic() < deadline
        premises.clock.move(seconds=1)
        time.sleep(0.1)


def test_a_receipt_and_what_corrects_it_name_each_other(premises: Premises, till: Till) -> None:
    receipt = till.sells(words.receipt())
    note = till.sells(words.correction(receipt["id"]))

    mine = facts_of(premises, till.organization, receipt["id"])
    other = facts_of(premises, till.organization, note["id"])

    assert (RecordRelation.CORRECTED_BY, note["id"]) in relations(mine)
    assert (RecordRelation.CORRECTS, receipt["id"]) in relations(other)
    assert (RecordRelation.INTENTION, receipt["record"]["id"]) in relations(mine)
    assert (mine.what, other.what) == ("receipt", "correction")
    assert not mine.is_cancelled


def test_a_cancelled_document_says_so_and_what_a_reprint_says(
    premises: Premises, till: Till
) -> None:
    receipt = till.sells(words.receipt())
    void = till.sells(words.cancellation(receipt["id"]))

    mine = facts_of(premises, till.organization, receipt["id"])
    other = facts_of(premises, till.organization, void["id"])

    assert mine.is_cancelled
    assert mine.marks == ("ANULADO",)
    assert (RecordRelation.CANCELLED_BY, void["id"]) in relations(mine)
    assert (RecordRelation.CANCELS, receipt["id"]) in relations(other)
    assert other.what == "cancellation"


def test_an_intention_names_what_concluded_it_and_a_refusal_what_it_was_for(
    premises: Premises, till: Till
) -> None:
    receipt = till.sells(words.receipt())
    till.sells(words.correction(receipt["id"]))
    refused = till.records(words.correction(receipt["id"], words.back(gross="99.00")))

    intention = facts_of(premises, till.organization, receipt["record"]["id"])
    refusal = facts_of(premises, till.organization, refused["id"])

    assert intention.what == "intention"
    assert (RecordRelation.CONCLUDED_BY, receipt["id"]) in relations(intention)
    assert refusal.what == "refusal"
    assert refusal.body.faults
    named = relations(facts_of(premises, till.organization, receipt["id"]))
    assert (RecordRelation.ASKED_FOR_BY, refused["id"]) in named


def test_the_place_in_the_chain_is_told_with_its_neighbours(premises: Premises, till: Till) -> None:
    first, second = till.sells(words.receipt()), till.sells(words.receipt())

    begun = facts_of(premises, till.organization, first["record"]["id"])
    mine = facts_of(premises, till.organization, first["id"])
    last = facts_of(premises, till.organization, second["id"])

    assert begun.previous is None
    assert mine.previous is not None
    assert mine.next is not None
    assert mine.previous.id == first["record"]["id"]
    assert mine.body.previous == mine.previous.link
    assert mine.next.previous == mine.found.record.link
    assert last.next is None


def test_only_the_organization_that_it_belongs_to_sees_a_record(
    premises: Premises, till: Till
) -> None:
    receipt = till.sells(words.receipt())
    other = premises.unit("Somebody else")

    for viewer in (other.organization, ""):
        with pytest.raises(Missing):
            facts_of(premises, viewer, receipt["id"])


@pytest.mark.parametrize(
    ("first", "last", "is_seen"),
    [
        (MONDAY, MONDAY, True),
        (MONDAY - timedelta(days=1), MONDAY - timedelta(days=1), False),
        (MONDAY + timedelta(days=1), MONDAY + timedelta(days=1), False),
    ],
)
def test_a_link_shows_the_records_of_its_days_only(
    premises: Premises, till: Till, first: date, last: date, is_seen: bool
) -> None:
    receipt = till.sells(words.receipt())
    viewer = RecordViewer(organization=till.organization, first=first, last=last)

    for id_ in (receipt["id"], receipt["record"]["id"]):
        if is_seen:
            assert facts_of(premises, viewer, id_).day == MONDAY
        else:
            with pytest.raises(Missing):
                facts_of(premises, viewer, id_)


def test_a_till_sees_its_own_registers_and_links_to_no_other(
    premises: Premises, till: Till
) -> None:
    system = till.made("/systems", words.device(till.location))
    till.changed(f"/systems/{system['id']}", {"state": "COMMISSIONED"})
    receipt = till.sells(words.receipt())
    elsewhere = till.intends(system["id"])
    note = till.sells(words.correction(receipt["id"]), elsewhere)
    viewer = RecordViewer(organization=till.organization, registers=(till.system,))

    mine = facts_of(premises, viewer, receipt["id"])

    [corrected] = [one for one in mine.related if one.id == note["id"]]
    assert not corrected.is_visible
    with pytest.raises(Missing):
        facts_of(premises, viewer, note["id"])


def test_a_closing_is_printed_and_named_by_what_it_counted(premises: Premises) -> None:
    kiosk = shop_in_berlin(premises)
    kiosk.opens()
    sold = ids.read("op", kiosk.sells()["id"])
    closing = ids.read("cls", kiosk.closing().json()["id"])
    unit = organization_of(kiosk)

    intention = facts_of(premises, unit, sold)
    [concluded] = [
        one.id for one in intention.related if one.relation is RecordRelation.CONCLUDED_BY
    ]
    document = facts_of(premises, unit, concluded)
    shown = facts_of(premises, unit, closing)

    assert (RecordRelation.CLOSED_BY, closing) in relations(document)
    assert "a4" in shown.papers
    assert document.papers == ()
    assert document_facts.printed(shown.body, "a4").startswith(b"%PDF")
    for body, paper in ((shown.body, "a0"), (document.body, "a4")):
        with pytest.raises(Missing):
            document_facts.printed(body, paper)


def test_a_tab_is_followed_from_its_first_order_to_its_bill(premises: Premises) -> None:
    kiosk = shop_in_berlin(premises)
    kiosk.opens()
    first = orders(kiosk, a_dish("Wein"))
    more = orders(kiosk, a_dish("Suppe"), tab=first["tab_id"])
    bill = bills(kiosk, first["tab_id"], a_dish("Wein"), a_dish("Suppe"))
    unit = organization_of(kiosk)

    def concluded(operation: str) -> str:
        found = facts_of(premises, unit, ids.read("op", operation))
        return next(one.id for one in found.related if one.relation is RecordRelation.CONCLUDED_BY)

    ordered, added, billed = (concluded(one["id"]) for one in (first, more, bill))
    named = relations(facts_of(premises, unit, ordered))

    assert (RecordRelation.ADDED_BY, added) in named
    assert (RecordRelation.BILLED_BY, billed) in named
    assert (RecordRelation.TAB, ordered) in relations(facts_of(premises, unit, billed))


def test_an_outage_and_its_end_name_each_other(premises: Premises) -> None:
    kiosk = shop_in_berlin(premises)
    kiosk.opens()
    folder = premises.services.settings.data_dir / "devices"
    begun = kiosk.begins()
    premises.clock.move(minutes=1)
    folder.rename(folder.with_name("away"))
    kiosk.completes(begun)
    folder.with_name("away").rename(folder)
    until_signing_again(premises)
    kiosk.sells()
    unit = organization_of(kiosk)
    [outage], restored = entries_of(premises, EntryKind.OUTAGE), EntryKind.RESTORED
    [end] = entries_of(premises, restored)

    during = facts_of(premises, unit, outage)

    assert during.what == "outage"
    assert during.body.note
    assert relations(during) == {(RecordRelation.ENDED_BY, end)}
    assert (RecordRelation.ENDS, outage) in relations(facts_of(premises, unit, end))


def test_the_proof_comes_with_the_next_checkpoint(premises: Premises, till: Till) -> None:
    receipt = till.sells(words.receipt())

    assert facts_of(premises, till.organization, receipt["id"]).proof is None
    premises.services.log.sign()
    proof = facts_of(premises, till.organization, receipt["id"]).proof

    assert proof is not None
    assert proof.size > proof.index


def test_what_the_authority_was_told_is_shown(premises: Premises, till: Till) -> None:
    till.changed(f"/taxpayers/{till.taxpayer}", {}, {"reporting": "realtime"})
    receipt = till.sells(words.receipt())
    telling.tell(premises, lambda report: YES)

    [report] = facts_of(premises, till.organization, receipt["id"]).reports

    assert (report.kind, report.state) == ("document", "accepted")


def test_the_entries_of_the_books_are_shown_with_their_accounts(
    premises: Premises, till: Till
) -> None:
    services = premises.services
    with writing(services.engine) as tx:
        bookkeeping.begin(tx, till.taxpayer, "", by="operator", at=services.clock())
    receipt = till.sells(words.receipt())
    while derive.step(services.engine, services.clock) == 0:
        continue

    booked = facts_of(premises, till.organization, receipt["id"]).booked

    assert {one.entry.sub_type for one in booked} == {"sale", "payment"}
    assert all(one.entry.record == receipt["id"] for one in booked)
    assert all(account for one in booked for account in one.accounts)


def test_the_callers_words_are_read_member_by_member() -> None:
    said = said_lines('{"a":{"b":[1.50,true,null,""],"c":"x"},"d":[]}')

    assert [(one.depth, one.name, one.value) for one in said] == [
        (0, "a", ""),
        (1, "b", ""),
        (2, "1", "1.50"),
        (2, "2", "true"),
        (2, "3", "–"),
        (2, "4", "–"),
        (1, "c", "x"),
        (0, "d", "–"),
    ]


def test_words_that_are_no_json_are_left_to_the_text_and_long_ones_end() -> None:
    assert said_lines("no JSON") == ()
    assert said_lines('"x"') == (SaidLine(depth=0, name="", value="x"),)
    many = "[" + ",".join(["1"] * 5_000) + "]"
    assert len(said_lines(many)) == document_facts.SAID_LINES_MAX


def test_the_master_data_are_those_of_the_time(premises: Premises, till: Till) -> None:
    receipt = till.sells(words.receipt())
    before = facts_of(premises, till.organization, receipt["id"])
    place = f"/locations/{till.location}"
    for change in ({"mode": "SUSPENDED"}, {"name": "Loja Nova"}, {"mode": "OPERATIVE"}):
        till.changed(place, change)

    after = facts_of(premises, till.organization, receipt["id"])

    assert after.place == before.place
    newest = facts_of(premises, till.organization, till.sells(words.receipt())["id"])
    assert newest.place.location.name == "Loja Nova"
