from datetime import date
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, Engine

from fiscus.journal import read
from fiscus.journal.read import FoundRecord
from fiscus.journal.tests.bodies import SEAL, Pen
from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.faults import Missing
from fiscus.model.kinds import EntryKind
from fiscus.model.records import EntryBody, Record, SeriesWanted, TakenNumber
from fiscus.model.tests.clock import MORNING
from fiscus.model.times import Period
from fiscus.registry import labels, series
from fiscus.registry.tests.builders import a_shop, another_register
from fiscus.store.connect import reading, writing

replace = msgspec.structs.replace
MAY = Period(first=date(2026, 5, 1), last=date(2026, 5, 31))


def a_series(tx: Connection, pen: Pen, name: str) -> str:
    """The id of the shop's series of that name. Ids fall as names rise: the order is by name."""
    wanted = SeriesWanted(document_type="FR", name=name)
    id_ = f"{pen.shop.taxpayer}-{255 - ord(name[0]):03}-{name}"
    wish = series.SeriesWish(
        owner=pen.shop.owner, taxpayer=pen.shop.taxpayer, location=pen.shop.location, wanted=wanted
    )
    series.want(tx, id_, wish, MORNING)
    return id_


def an_intent(tx: Connection, pen: Pen) -> EntryBody:
    return pen.write(tx)


def a_document(
    tx: Connection,
    pen: Pen,
    number: int,
    *,
    day: date = SEAL.day,
    name: str = "a",
    is_training: bool = False,
) -> EntryBody:
    return pen.write(
        tx,
        EntryKind.DOCUMENT,
        intent=an_intent(tx, pen).id,
        draft=Draft(kind=DocumentKind.RECEIPT, is_training=is_training),
        numbered=TakenNumber(series=a_series(tx, pen, name), name=name, number=number),
        seal=replace(SEAL, day=day),
    )


def a_void(tx: Connection, pen: Pen, original: EntryBody) -> EntryBody:
    return pen.write(
        tx,
        EntryKind.VOID,
        intent=an_intent(tx, pen).id,
        refers=original.id,
        draft=Draft(kind=DocumentKind.CANCELLATION),
    )


def a_correction(tx: Connection, pen: Pen, original: EntryBody, number: int) -> EntryBody:
    return pen.write(
        tx,
        EntryKind.DOCUMENT,
        intent=an_intent(tx, pen).id,
        refers=original.id,
        draft=Draft(kind=DocumentKind.CORRECTION),
        numbered=TakenNumber(series=a_series(tx, pen, "nc"), name="nc", number=number),
        seal=SEAL,
    )


def a_refusal(tx: Connection, pen: Pen, refers: str = "") -> EntryBody:
    draft = Draft(kind=DocumentKind.CORRECTION if refers else DocumentKind.RECEIPT)
    intent = an_intent(tx, pen).id
    return pen.write(tx, EntryKind.REFUSAL, intent=intent, refers=refers, draft=draft)


def test_a_record_is_read_with_its_proof_its_predecessor_and_its_label(engine: Engine) -> None:
    with writing(engine) as tx:
        pen = Pen(tx, a_shop(tx))
        first, second = an_intent(tx, pen), an_intent(tx, pen)
        labels.put(tx, pen.shop.organization, second.id, {"table": "4"}, "somebody")

    with reading(engine) as tx:
        found = read.one(tx, pen.shop.organization, second.id)
        start = read.one(tx, pen.shop.organization, first.id)
    assert found.record.body == second
    assert found.record.link == pen.head.link
    assert (found.previous_id, found.metadata) == (first.id, '{"table":"4"}')
    assert (start.previous_id, start.metadata, start.record.used_in) == ("", "", "")


def test_a_label_is_replaced_and_taken_away(engine: Engine) -> None:
    with writing(engine) as tx:
        pen = Pen(tx, a_shop(tx))
        id_, unit = an_intent(tx, pen).id, pen.shop.organization
        shown = []
        for label in ({"a": "1"}, {"b": "2"}, {}):
            labels.put(tx, unit, id_, label, "somebody")
            shown.append(read.one(tx, unit, id_).metadata)

    assert shown == ['{"a":"1"}', '{"b":"2"}', ""]


def test_other_tenants_records_are_missing(engine: Engine) -> None:
    with writing(engine) as tx:
        mine, other = Pen(tx, a_shop(tx)), Pen(tx, a_shop(tx))
        id_ = an_intent(tx, other).id
        with pytest.raises(Missing):
            read.one(tx, mine.shop.organization, id_)
        assert a_page(tx, mine.shop.organization) == []


def test_a_record_names_the_last_one_that_used_it(engine: Engine) -> None:
    with writing(engine) as tx:
        pen = Pen(tx, a_shop(tx))
        receipt = a_document(tx, pen, 1)
        unit = pen.shop.organization

        def used_in(id_: str) -> str:
            return read.one(tx, unit, id_).record.used_in

        assert used_in(receipt.intent) == receipt.id
        assert used_in(receipt.id) == ""
        a_refusal(tx, pen, refers=receipt.id)
        assert used_in(receipt.id) == ""
        note = a_correction(tx, pen, receipt, 1)
        assert used_in(receipt.id) == note.id
        void = a_void(tx, pen, receipt)
        assert used_in(receipt.id) == void.id


def a_page(tx: Connection, organization: str, **given: Any) -> list[FoundRecord]:
    """Everything, unless the test asks for less."""
    wide: dict[str, Any] = {
        "after": "",
        "limit": 9,
        "kinds": frozenset(EntryKind),
        "is_wanted": lambda record: True,
    }
    return read.page(tx, organization, **{**wide, **given})


def test_pages_go_on_after_the_last_id(engine: Engine) -> None:
    with writing(engine) as tx:
        pen = Pen(tx, a_shop(tx))
        made = [an_intent(tx, pen).id for _ in range(7)]
        seen: list[str] = []
        while page := a_page(tx, pen.shop.organization, after=seen[-1] if seen else "", limit=3):
            seen += [found.record.body.id for found in page]

    assert seen == made


def test_a_page_is_filtered_by_kind_of_entry_and_kind_of_draft(engine: Engine) -> None:
    with writing(engine) as tx:
        pen = Pen(tx, a_shop(tx))
        receipt = a_document(tx, pen, 1)
        note = a_correction(tx, pen, receipt, 1)
        refusal = a_refusal(tx, pen)
        void = a_void(tx, pen, receipt)

        def ids(*kinds: str, wanted: str = "", limit: int = 9) -> list[str]:
            def is_wanted(record: Record) -> bool:
                draft = record.body.draft
                return not wanted or (draft is not None and draft.kind == wanted)

            page = a_page(tx, pen.shop.organization, limit=limit, kinds=kinds, is_wanted=is_wanted)
            return [found.record.body.id for found in page]

        assert ids("document@1", wanted="receipt") == [receipt.id]
        assert ids("document@1", wanted="correction") == [note.id]
        assert ids("document@1") == [receipt.id, note.id]
        assert ids("void@1", "refusal@1") == [refusal.id, void.id]
        assert ids("document@1", wanted="correction", limit=1) == [note.id]
        assert ids("abort@1") == []
        assert len(ids("intent@1")) == 4


def test_a_page_is_filtered_by_column(engine: Engine) -> None:
    with writing(engine) as tx:
        shop = a_shop(tx)
        one, two = Pen(tx, shop), Pen(tx, shop, another_register(tx, shop))
        first, second = an_intent(tx, one), an_intent(tx, two)

        def ids(**where: Any) -> list[str]:
            page = a_page(tx, shop.organization, **where)
            return [found.record.body.id for found in page]

        assert ids(chain=one.head.chain) == [first.id]
        assert ids(chain=two.head.chain, location=shop.location) == [second.id]
        assert ids(chain=None, taxpayer=shop.taxpayer) == [first.id, second.id]
        assert ids(location="elsewhere") == []


def test_what_refers_to_a_record_comes_oldest_first_and_without_refusals(engine: Engine) -> None:
    with writing(engine) as tx:
        pen = Pen(tx, a_shop(tx))
        receipt = a_document(tx, pen, 1)
        note = a_correction(tx, pen, receipt, 1)
        a_refusal(tx, pen, refers=receipt.id)
        void = a_void(tx, pen, receipt)

        assert read.about(tx, receipt.id) == [("document@1", note), ("void@1", void)]
        assert read.about(tx, note.id) == []
        assert read.body(tx, receipt.id) == receipt
        assert read.body(tx, "nobody") is None


def test_the_sealed_documents_of_a_period_come_by_series_and_number_with_their_voids(
    engine: Engine,
) -> None:
    with writing(engine) as tx:
        pen = Pen(tx, a_shop(tx))
        b1 = a_document(tx, pen, 1, name="b")
        a1 = a_document(tx, pen, 1)
        a2 = a_document(tx, pen, 2, day=MAY.last)
        a_document(tx, pen, 3, day=date(2026, 6, 1))
        a_document(tx, pen, 4, day=date(2026, 4, 30))
        a_document(tx, pen, 1, name="t", is_training=True)
        a_refusal(tx, pen)
        a_void(tx, pen, a_document(tx, pen, 5, day=date(2026, 4, 30)))
        void = a_void(tx, pen, a1)
        a_document(tx, Pen(tx, a_shop(tx)), 1)

        found = list(read.sealed(tx, pen.shop.taxpayer, MAY))

    assert found == [(a1, void), (a2, None), (b1, None)]
