"""Each thing that can be known of a document finds it, and nothing else."""

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine

from fiscus.console import (
    document_index,
    document_search,
    documents_facts,
    documents_file,
)
from fiscus.console.document_rows import IndexRow, folded
from fiscus.console.document_search import DocumentFilter, DocumentPlace, DocumentStatus
from fiscus.console.tests.shelf import found, indexed, rows
from fiscus.issuing.tests.counter import (
    Counter,
    a_cancellation,
    a_correction,
    a_line,
    a_receipt,
)
from fiscus.model.documents import Party
from fiscus.model.faults import Refused
from fiscus.model.records import EntryBody
from fiscus.registry.tests.builders import another_register
from fiscus.store.connect import reading, writing


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


@pytest.fixture
def shop(counter: Counter) -> dict[str, EntryBody]:
    """A day's documents by name, of two registers."""
    with writing(counter.engine) as tx:
        other = another_register(tx, counter.shop)
    maria = Party(name="Maria Antónia", tax_number="214567893")
    sold = {
        "plain": counter.sells(a_receipt()),
        "named": counter.sells(a_receipt(buyer=maria)),
        "odd": counter.sells(a_receipt(a_line(text="100% Algodão_A"), reference="TILL-0007")),
        "large": counter.sells(a_receipt(a_line("24.60", text="100 Algodao A"))),
        "practice": counter.sells(a_receipt(is_training=True)),
    }
    [intent] = counter.intends(register=other)
    sold["elsewhere"] = counter.sells(a_receipt(), intent=intent)
    counter.clock.move(days=1)
    sold["void"] = counter.sells(a_cancellation(sold["plain"].id))
    sold["back"] = counter.sells(
        a_correction(sold["large"].id, a_line("24.60", text="100 Algodao A", number="1"))
    )
    counter.settled(counter.issue(a_receipt(payments=()), counter.intends()[0]))
    indexed(counter.engine)
    return sold


def names(shop: dict[str, EntryBody], ids: list[str]) -> set[str]:
    known = {body.id: name for name, body in shop.items()}
    return {known.get(id_, "refused") for id_ in ids}


def looked(counter: Counter, shop: dict[str, EntryBody], **wanted: object) -> set[str]:
    """What is found in the index; the same is found in what is not in the index yet."""
    hits = found(counter.engine, counter.shop.organization, **wanted)
    wish = DocumentFilter(organization=counter.shop.organization, **wanted)  # type: ignore[arg-type]
    fits = [id_ for id_, row in rows(counter.engine).items() if document_search.fits(row, wish)]
    assert set(hits) == set(fits)
    return names(shop, hits)


def test_a_number_an_atcud_or_an_id_finds_one_document(
    counter: Counter, shop: dict[str, EntryBody]
) -> None:
    seal = shop["named"].seal
    assert seal is not None
    for typed in (
        seal.number,
        seal.number.lower().replace(" ", ""),
        f"  {seal.number} ",
        seal.code,
        seal.code.lower(),
        shop["named"].id,
    ):
        assert looked(counter, shop, number=typed) == {"named"}, typed
    for typed in (f"{seal.number}9", seal.number[:-1], f"{seal.code}0", "%", "_"):
        assert looked(counter, shop, number=typed) == set(), typed


def test_an_amount_is_found_with_either_sign(counter: Counter, shop: dict[str, EntryBody]) -> None:
    assert looked(counter, shop, amount=2460) == {"large", "back"}
    assert looked(counter, shop, amount=2461) == set()


def test_days_bound_what_is_found(counter: Counter, shop: dict[str, EntryBody]) -> None:
    seal = shop["plain"].seal
    assert seal is not None
    monday, tuesday = seal.day, seal.day + timedelta(days=1)

    on_monday = looked(counter, shop, first=monday, last=monday)
    assert on_monday == {"plain", "named", "odd", "large", "practice", "elsewhere"}
    assert looked(counter, shop, first=tuesday) == {"void", "back", "refused"}
    assert looked(counter, shop, last=monday - timedelta(days=1)) == set()


def test_a_customer_is_found_by_name_or_tax_number(
    counter: Counter, shop: dict[str, EntryBody]
) -> None:
    for typed in ("maria", "ANTONIA", "Antónia", "214567893"):
        assert looked(counter, shop, customer=folded(typed)) == {"named"}, typed
    for typed in ("mario", "214567894", "%", "m_ria"):
        assert looked(counter, shop, customer=folded(typed)) == set(), typed


def test_words_are_found_as_they_are_typed_and_wildcards_are_none(
    counter: Counter, shop: dict[str, EntryBody]
) -> None:
    for typed, hits in (
        ("algodão", {"odd", "large", "back"}),
        ("ALGODAO 100", {"odd", "large", "back"}),
        ("100%", {"odd"}),
        ("algodao_a", {"odd"}),
        ("till-0007", {"odd"}),
        ("1%0", set()),
        ("algod_o", set()),
        ("algodao cafe", set()),
        ("\\", set()),
    ):
        words = document_search.terms(typed)
        assert looked(counter, shop, words=words) == hits, typed


def test_registers_locations_and_kinds_narrow(counter: Counter, shop: dict[str, EntryBody]) -> None:
    other = shop["elsewhere"].register

    assert looked(counter, shop, register=other) == {"elsewhere"}
    assert looked(counter, shop, registers=(other,)) == {"elsewhere"}
    assert looked(counter, shop, register=other, registers=(counter.shop.register,)) == set()
    assert looked(counter, shop, register="nobody's") == set()
    assert len(looked(counter, shop, location=counter.shop.location)) == 9
    assert looked(counter, shop, location="nobody's") == set()
    assert looked(counter, shop, kind="correction") == {"back"}
    assert looked(counter, shop, kind="cancellation") == {"void"}
    assert looked(counter, shop, kind="order") == set()


def test_each_state_is_found(counter: Counter, shop: dict[str, EntryBody]) -> None:
    by_status = {status: looked(counter, shop, status=status) for status in DocumentStatus}

    assert by_status == {
        DocumentStatus.TRAINING: {"practice"},
        DocumentStatus.CANCELLED: {"plain"},
        DocumentStatus.CORRECTED: {"large"},
        DocumentStatus.REFUSED: {"refused"},
        DocumentStatus.UNSIGNED: set(),
    }


def test_another_organization_finds_nothing(counter: Counter, shop: dict[str, EntryBody]) -> None:
    seal = shop["named"].seal
    assert seal is not None
    for wanted in ({}, {"number": seal.number}, {"number": shop["named"].id}, {"amount": 246}):
        assert found(counter.engine, "another", **wanted) == [], wanted


def test_pages_hold_each_document_once_in_both_directions(
    counter: Counter, shop: dict[str, EntryBody]
) -> None:
    wish = DocumentFilter(organization=counter.shop.organization)
    whole = found(counter.engine, counter.shop.organization)
    assert [row.day for row in _all(counter)] == sorted(
        (row.day for row in _all(counter)), reverse=True
    )
    forward: list[str] = []
    place, seen = None, []
    with reading(counter.engine) as tx:
        while True:
            page = document_search.page(tx, wish, older_than=place, limit=2)
            forward += [row.id for row in page.rows]
            seen.append(page)
            if page.older is None:
                break
            place = DocumentPlace(day=page.rows[-1].day, id=page.rows[-1].id)
        last = seen[-1].rows[0]
        back = document_search.page(
            tx, wish, newer_than=DocumentPlace(day=last.day, id=last.id), limit=2
        )

    assert forward == whole
    assert len(whole) == 9
    assert [row.id for row in back.rows] == whole[6:8]
    assert (back.newer, back.older) != (None, None)


@pytest.mark.parametrize("forward", [True, False])
def test_a_page_looks_at_so_many_documents_and_goes_on_where_it_stopped(
    counter: Counter,
    shop: dict[str, EntryBody],
    monkeypatch: pytest.MonkeyPatch,
    forward: bool,
) -> None:
    wish = DocumentFilter(organization=counter.shop.organization, amount=246)
    whole = found(counter.engine, counter.shop.organization, amount=246)
    monkeypatch.setattr(document_search, "LOOKED_MAX", 2)
    listed, stops, place = [], 0, None
    far = DocumentPlace(day="2000-01-01", id=str(UUID(int=0)))
    with reading(counter.engine) as tx:
        while True:
            if forward:
                page = document_search.page(tx, wish, older_than=place)
            else:
                page = document_search.page(tx, wish, newer_than=place or far)
            listed += [row.id for row in page.rows]
            assert len(page.rows) <= 2
            stops += page.is_stopped
            place = page.older if forward else page.newer
            assert page.is_stopped == (place is not None)
            if place is None:
                break

    assert sorted(listed) == sorted(whole)
    assert stops == 4  # of nine documents, two at a time


def test_a_file_of_the_list_goes_on_where_a_page_stopped(
    counter: Counter, shop: dict[str, EntryBody], monkeypatch: pytest.MonkeyPatch
) -> None:
    sight = documents_facts.DocumentSight(organization=counter.shop.organization)
    search = documents_facts.judged(
        {"amount": "2.46", "first": "2026-01-01"}, sight, date(2026, 5, 6)
    )
    whole = b"".join(documents_file.blocks(counter.engine, search))
    monkeypatch.setattr(document_search, "LOOKED_MAX", 2)

    assert b"".join(documents_file.blocks(counter.engine, search)) == whole
    assert whole.count(b"\r\n") > 1


def _all(counter: Counter) -> list[IndexRow]:
    with reading(counter.engine) as tx:
        wish = DocumentFilter(organization=counter.shop.organization)
        return list(document_search.page(tx, wish).rows)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "2026-05-04",
        "2026-05-04.x",
        ".01a1e395-ae80-7011-8676-7f0c86beebdb",
        "20260504.01a1e395-ae80-7011-8676-7f0c86beebdb",
        "2026-05-04.01A1E395-ae80-7011-8676-7f0c86beebdb",
    ],
)
def test_what_is_no_place_in_the_list_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        document_search.place_of(text)


def test_a_place_is_read_as_it_was_written() -> None:
    place = DocumentPlace(day="2026-05-04", id=str(UUID(int=7)))

    assert document_search.place_of(place.text()) == place
    assert document_search.place_of("") is None


def test_the_newest_are_listed_from_the_journal_while_few_lack_in_the_index(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = counter.sells(a_receipt())
    indexed(counter.engine)
    new = counter.sells(a_receipt())
    organization, register = counter.shop.organization, counter.shop.register
    wish = DocumentFilter(organization=organization)

    with reading(counter.engine) as tx:
        few = document_search.fresh(tx, organization, ())
        others = document_search.fresh(tx, organization, ("another",))
        monkeypatch.setattr(document_search, "FRESH_MAX", 1)
        many = document_search.fresh(tx, organization, (register,))
        page = document_search.page(tx, wish)
    merged = document_search.merged(page, few.rows(wish))

    assert (few.entries, [row.id for row in few.rows(wish)]) == (2, [new.id])
    assert (others.entries, many.entries, many.portions, many.is_whole) == (0, 2, (), False)
    assert [row.id for row in merged.rows] == [new.id, old.id]


def test_what_came_after_a_document_is_found_with_the_minute_before(counter: Counter) -> None:
    long_ago = counter.sells(a_receipt())
    counter.clock.move(minutes=2)
    known, same_minute = counter.sells(a_receipt()), counter.sells(a_receipt())
    counter.clock.move(minutes=5)
    new = counter.sells(a_receipt())
    indexed(counter.engine)
    wish = DocumentFilter(organization=counter.shop.organization)

    with reading(counter.engine) as tx:
        later = document_search.since(tx, wish, same_minute.id)

    assert [row.id for row in later] == [new.id, same_minute.id, known.id]
    assert long_ago.id in rows(counter.engine)


def test_default_days_are_thirty_one() -> None:
    assert document_search.window(date(2026, 5, 31)) == (date(2026, 5, 1), date(2026, 5, 31))


def test_only_some_words_of_what_was_typed_count() -> None:
    assert document_search.terms("  Ä  b ") == ("a", "b")
    assert len(document_search.terms("a " * 50)) == document_search.TERMS_MAX


def test_a_lost_index_lists_nothing_twice(counter: Counter) -> None:
    sold = counter.sells(a_receipt())
    indexed(counter.engine)
    with writing(counter.engine) as tx:
        document_index.forget(tx)

    assert found(counter.engine, counter.shop.organization) == []
    indexed(counter.engine)
    assert found(counter.engine, counter.shop.organization) == [sold.id]
