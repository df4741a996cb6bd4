from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from fiscus.journal import intents
from fiscus.journal.intents import IntentionFilter, IntentionView
from fiscus.journal.tests.bodies import CLOSING, SEAL, Pen
from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.faults import Missing
from fiscus.model.kinds import EntryKind
from fiscus.model.records import EntryBody
from fiscus.model.tests.clock import MORNING
from fiscus.registry.tests.builders import a_shop, another_register
from fiscus.store.connect import writing
from fiscus.store.schema import CHAIN


def a_pen(tx: Connection) -> Pen:
    return Pen(tx, a_shop(tx))


def concluded(
    tx: Connection, pen: Pen, kind: EntryKind, **members: Any
) -> tuple[EntryBody, EntryBody]:
    intent = pen.write(tx)
    draft = Draft(kind=DocumentKind.RECEIPT)
    return intent, pen.write(tx, kind, intent=intent.id, draft=draft, **members)


def listed(tx: Connection, pen: Pen, *, limit: int = 9, **where: Any) -> list[str]:
    found = intents.page(
        tx,
        IntentionFilter(organization=pen.shop.organization, **where),
        after="",
        limit=limit,
        keep=lambda acted: True,
    )
    return [acted.intent.id for acted in found.found]


def test_an_intention_is_found_with_what_concluded_it(engine: Engine) -> None:
    with writing(engine) as tx:
        pen = a_pen(tx)
        open_ = pen.write(tx)
        intent, end = concluded(tx, pen, EntryKind.DOCUMENT, seal=SEAL)
        unit = pen.shop.organization

        assert intents.one(tx, unit, open_.id) == IntentionView(intent=open_)
        assert intents.one(tx, unit, intent.id) == IntentionView(
            intent=intent, kind=EntryKind.DOCUMENT, conclusion=end
        )
        for organization, id_ in ((a_shop(tx).organization, intent.id), (unit, end.id)):
            with pytest.raises(Missing):
                intents.one(tx, organization, id_)


def test_intentions_are_listed_by_what_became_of_them(engine: Engine) -> None:
    with writing(engine) as tx:
        pen = a_pen(tx)
        open_ = pen.write(tx).id
        done = concluded(tx, pen, EntryKind.DOCUMENT, seal=SEAL)[0].id
        gone = concluded(tx, pen, EntryKind.ABORT)[0].id
        beside = Pen(tx, pen.shop, another_register(tx, pen.shop))
        other = beside.write(tx).id
        a_pen(tx).write(tx)

        assert listed(tx, pen) == sorted([open_, done, gone, other])
        assert listed(tx, pen, register=pen.shop.register) == [open_, done, gone]
        assert listed(tx, pen, kinds=()) == sorted([open_, other])
        assert listed(tx, pen, kinds=(EntryKind.ABORT,)) == [gone]
        assert listed(tx, pen, kinds=(EntryKind.DOCUMENT, EntryKind.ABORT)) == [done, gone]


def test_a_window_of_time_begins_with_its_first_moment_and_ends_before_its_last(
    engine: Engine,
) -> None:
    """Times with and without a fraction sort differently as texts; nobody may fall between."""
    moments = [MORNING.replace(microsecond=0) + timedelta(milliseconds=250 * n) for n in range(8)]
    with writing(engine) as tx:
        pen = a_pen(tx)
        made = [pen.write(tx, at=at).id for at in moments]

        for first in range(8):
            for end in range(first, 8):
                found = listed(tx, pen, since=moments[first], until=moments[end])
                assert found == made[first:end]


def test_a_page_goes_on_where_the_one_before_stopped(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it stopped because too many had to be looked at for what is rare."""
    monkeypatch.setattr(intents, "LOOKED_AT_MAX", 3)
    with writing(engine) as tx:
        pen = a_pen(tx)
        made = [pen.write(tx).id for _ in range(7)]
        wanted = {made[0], made[5]}
        pages, after = [], ""
        while True:
            page = intents.page(
                tx,
                IntentionFilter(organization=pen.shop.organization),
                after=after,
                limit=9,
                keep=lambda acted: acted.intent.id in wanted,
            )
            pages.append([acted.intent.id for acted in page.found])
            after = page.stopped_at
            if not after:
                break

    assert pages == [[made[0]], [made[5]], []]


def test_what_no_closing_covers_yet_is_counted(engine: Engine) -> None:
    with writing(engine) as tx:
        pen = a_pen(tx)
        register = pen.shop.register
        concluded(tx, pen, EntryKind.DOCUMENT, seal=SEAL)
        closed = concluded(tx, pen, EntryKind.CLOSING, closing=CLOSING)[1]
        assert intents.waiting(tx, register) == 1

        tx.execute(CHAIN.update().values(closed=closed.sequence))
        assert intents.waiting(tx, register) == 0
        concluded(tx, pen, EntryKind.ABORT)
        pen.write(tx)
        assert intents.waiting(tx, register) == 1


def test_what_fell_into_a_session_and_is_open_still_is_found_before_a_moment(
    engine: Engine,
) -> None:
    with writing(engine) as tx:
        pen = a_pen(tx)
        register = pen.shop.register
        session = pen.write(tx).id
        first = pen.write(tx, session=session)
        ended = pen.write(tx, session=session)
        pen.write(tx, EntryKind.ABORT, intent=ended.id, draft=Draft(kind=DocumentKind.ABORT))
        pen.write(tx)
        last = pen.write(tx, session=session, at=MORNING + timedelta(seconds=1))
        assert first.at < last.at

        assert intents.open_in_session(tx, register, session) == [first.id, last.id]
        assert intents.open_in_session(tx, register, session, last.at) == [first.id]
        assert intents.open_in_session(tx, register, session, first.at) == []
        assert intents.open_in_session(tx, register, first.id) == []
