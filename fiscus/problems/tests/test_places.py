"""What is left undone at registers and with series, and keys that are good for a while."""

from datetime import datetime, timedelta

from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.tests.berlin import Kiosk
from fiscus.api.families.reporting.tests.caller import answer
from fiscus.model.times import micros_z
from fiscus.problems import listing, places
from fiscus.problems.rows import ProblemKind
from fiscus.problems.tests.looking import kinds, own_of, rows
from fiscus.store.connect import writing
from fiscus.store.schema import SERIES, SUBJECT
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Till


def only(premises: Premises, organization: str, *finds: listing.OfDatabase) -> list[ProblemKind]:
    return kinds(rows(premises, organization, finds=finds))


def test_a_register_that_was_not_closed_for_a_day_is_told_until_it_is_closed(
    premises: Premises, kiosk: Kiosk, till: Till
) -> None:
    own = own_of(kiosk.caller)
    till.sells(words.receipt())
    kiosk.opens()
    kiosk.sells()
    premises.clock.move(hours=26)
    assert only(premises, own, places.closings, places.sessions) == []

    premises.clock.move(seconds=1)
    found = rows(premises, own, finds=(places.closings, places.sessions))
    assert kinds(found) == [ProblemKind.CLOSING, ProblemKind.SESSION]
    assert {row.register for row in found} == {ids.read("reg", kiosk.register)}
    # In Lisbon no law wants a closing each day.
    assert only(premises, till.organization, places.closings, places.sessions) == []

    answer(kiosk.closing(), 201)

    assert only(premises, own, places.closings, places.sessions) == []


def test_a_closing_that_was_to_be_made_by_itself_is_missed_after_its_hour(
    premises: Premises, kiosk: Kiosk
) -> None:
    caller, own = kiosk.caller, own_of(kiosk.caller)
    place = caller.get(f"/registers/{kiosk.register}")["location_id"]
    caller.changed(f"/locations/{place}", {"cut_off_time": "23:00"})
    kiosk.opens()
    kiosk.sells()
    premises.clock.now = datetime.fromisoformat("2026-11-16T22:15:00+00:00")
    missed = only(premises, own, places.closings)
    premises.clock.move(seconds=-1)

    assert (missed, only(premises, own, places.closings)) == ([ProblemKind.CLOSING], [])
    premises.clock.move(minutes=5)
    premises.work()
    assert only(premises, own, places.closings) == []


def test_a_series_without_an_answer_and_one_that_was_refused_are_told(
    premises: Premises, till: Till
) -> None:
    other = premises.unit("B")
    till.sells(words.receipt())
    own, at = till.organization, premises.services.clock()
    asked = {"state": "asked", "asked_at": micros_z(at), "said": "AT-LOGIN-99: no"}
    with writing(premises.services.engine) as tx:
        tx.execute(SERIES.update().values(asked))
    premises.clock.move(minutes=15)
    assert only(premises, own, places.series) == []
    premises.clock.move(seconds=1)
    [row] = rows(premises, own, finds=(places.series,))
    assert (row.subject, row.since, row.words) == ("FR FR-T01-2026", at, "AT-LOGIN-99: no")
    assert only(premises, other.organization, places.series) == []

    with writing(premises.services.engine) as tx:
        tx.execute(SERIES.update().values(state="wanted", asked_at=None))

    assert only(premises, own, places.series) == []
    [row] = rows(premises, own, finds=(places.series_unregistered,))
    assert (row.kind, row.organization) == (ProblemKind.SERIES_UNREGISTERED, own)
    assert only(premises, other.organization, places.series_unregistered) == []


def test_a_till_whose_numbers_are_not_ours_is_told_to_its_organization(
    premises: Premises, till: Till
) -> None:
    other = premises.unit("B")
    till.sells(words.receipt(number="1"))
    for _ in range(3):
        till.records(words.receipt(number="7"))
    found = rows(premises, till.organization, finds=(places.numbers,))

    assert [(row.kind, row.register) for row in found] == [(ProblemKind.NUMBERS, till.system)]
    assert only(premises, other.organization, places.numbers) == []
    assert [row.id for row in rows(premises, finds=(places.numbers,))] == [till.system]


def test_an_office_is_to_be_told_of_a_register_within_a_month(
    premises: Premises, kiosk: Kiosk, till: Till
) -> None:
    own = own_of(kiosk.caller)
    [row] = rows(premises, own, finds=(places.to_notify,))
    assert (row.kind, row.subject) == (ProblemKind.NOTIFY, "Till 1")
    assert row.due == datetime.fromisoformat("2026-12-16T23:00:00+00:00")
    assert only(premises, till.organization, places.to_notify) == []

    premises.clock.now = row.due

    assert only(premises, own, places.to_notify) == []


def test_a_secret_that_is_good_for_a_while_yet_is_told_until_it_is_not(
    premises: Premises, till: Till
) -> None:
    until = premises.clock() + timedelta(days=2)
    with writing(premises.services.engine) as tx:
        mine = SUBJECT.c.organization == till.organization
        tx.execute(SUBJECT.update().where(mine).values(previous_until=micros_z(until)))

    [row] = rows(premises, till.organization, finds=(places.keys_in_grace,))
    assert (row.kind, row.due) == (ProblemKind.KEY_GRACE, until)
    premises.clock.now = until
    assert only(premises, till.organization, places.keys_in_grace) == []
