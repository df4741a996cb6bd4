"""The index says what the journal says, whoever stops it, and wherever."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select

from fiscus.console import document_index
from fiscus.console.document_index import DocumentIndexer
from fiscus.console.document_rows import DocumentMark
from fiscus.console.tests.shelf import indexed, rows, totals
from fiscus.issuing.tests.counter import Counter, a_cancellation, a_correction, a_receipt
from fiscus.issuing.tests.kiosk import Kiosk, a_line, a_sale
from fiscus.journal import follow
from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.orders import SessionMove
from fiscus.registry.tests.builders import another_register
from fiscus.store.connect import reading, writing
from fiscus.store.schema import DOCUMENT_INDEX, FOLLOWED


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


def marks(engine: Engine, id_: str) -> DocumentMark:
    return DocumentMark(rows(engine)[id_].marks)


def test_a_sealed_document_is_in_the_index_as_it_was_sealed(counter: Counter) -> None:
    sold = counter.sells(a_receipt())
    indexed(counter.engine)

    [row] = rows(counter.engine).values()
    assert sold.seal is not None
    assert (row.id, row.number, row.code) == (sold.id, sold.seal.number, sold.seal.code)
    assert (row.gross, row.day, row.kind) == (246, sold.seal.day.isoformat(), "receipt")
    assert (row.organization, row.register) == (counter.shop.organization, counter.shop.register)
    assert DocumentMark(row.marks) is DocumentMark.SIGNED


def test_what_later_documents_made_of_it_is_marked(counter: Counter) -> None:
    sold, other, practice = (
        counter.sells(a_receipt()),
        counter.sells(a_receipt()),
        counter.sells(a_receipt(is_training=True)),
    )
    indexed(counter.engine)
    counter.sells(a_cancellation(sold.id))
    counter.sells(a_correction(other.id))
    indexed(counter.engine)

    signed = DocumentMark.SIGNED
    assert marks(counter.engine, sold.id) == signed | DocumentMark.CANCELLED
    assert marks(counter.engine, other.id) == signed | DocumentMark.CORRECTED
    assert marks(counter.engine, practice.id) & DocumentMark.TRAINING


def test_a_refused_document_is_found_as_refused(counter: Counter) -> None:
    order = counter.issue(a_receipt(payments=()), counter.intends()[0])
    counter.settled(order)
    indexed(counter.engine)

    assert [DocumentMark(row.marks) for row in rows(counter.engine).values()] == [
        DocumentMark.REFUSED
    ]


def test_a_document_without_its_devices_signature_is_unsigned(
    engine: Engine, tmp_path: Path
) -> None:
    kiosk = Kiosk(engine, tmp_path)
    signed = kiosk.sells(a_sale())
    kiosk.devices_folder.rename(tmp_path / "away")
    kiosk.services = kiosk.other_services()
    unsigned = kiosk.sells(a_sale())
    indexed(kiosk.engine)

    assert marks(kiosk.engine, signed.id) is DocumentMark.SIGNED
    assert marks(kiosk.engine, unsigned.id) is DocumentMark.UNSIGNED


def test_the_mark_is_there_whichever_of_two_chains_is_read_first(counter: Counter) -> None:
    with writing(counter.engine) as tx:
        other = another_register(tx, counter.shop)
    sold = counter.sells(a_receipt())
    [intent] = counter.intends(register=other)
    counter.sells(a_cancellation(sold.id), intent=intent)

    for order in (1, -1):
        with writing(counter.engine) as tx:
            document_index.forget(tx)
        with reading(counter.engine) as tx:
            behind = follow.behind(tx, document_index.READER, "register")
        for position in behind[::order]:
            document_index.read_on(counter.engine, position)
        assert marks(counter.engine, sold.id) & DocumentMark.CANCELLED


def test_an_order_is_not_corrected_by_the_receipt_that_bills_it(
    engine: Engine, tmp_path: Path
) -> None:
    kiosk = Kiosk(engine, tmp_path)
    kiosk.opens_session()
    line = a_line("5.00")
    table = Draft(kind=DocumentKind.ORDER, lines=(line, line), groups=("Tisch 4",))
    order = kiosk.enters(table, SessionMove.WITHIN)
    for read_between in (True, False):
        if read_between:
            indexed(kiosk.engine)
        kiosk.sells(a_sale("5.00", tab=order.id))
        indexed(kiosk.engine)

    assert not marks(kiosk.engine, order.id) & DocumentMark.CORRECTED


def test_a_lost_index_is_made_again_and_is_the_same(counter: Counter) -> None:
    sold = counter.sells(a_receipt())
    counter.clock.move(hours=2)
    counter.sells(a_cancellation(sold.id))
    counter.sells(a_receipt())
    indexed(counter.engine)
    before = rows(counter.engine), totals(counter.engine)
    assert all(before)
    with writing(counter.engine) as tx:
        tx.execute(DOCUMENT_INDEX.delete())

    indexed(counter.engine)
    assert rows(counter.engine) == {}, "nothing is new in the journal"
    assert document_index.begin_again(counter.engine) == [counter.shop.register]
    indexed(counter.engine)

    assert (rows(counter.engine), totals(counter.engine)) == before
    assert document_index.begin_again(counter.engine) == []


def test_sums_do_not_depend_on_how_many_entries_are_read_at_once(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold = [counter.sells(a_receipt()) for _ in range(3)]
    counter.sells(a_cancellation(sold[0].id))
    indexed(counter.engine)
    together = totals(counter.engine)
    with writing(counter.engine) as tx:
        document_index.forget(tx, counter.shop.organization)
    assert (rows(counter.engine), totals(counter.engine)) == ({}, [])
    portion = document_index.made
    monkeypatch.setattr(document_index, "made", lambda tx, at: portion(tx, at, 1))

    indexed(counter.engine)

    assert len(rows(counter.engine)) == 4
    assert totals(counter.engine) == together


def test_an_index_that_is_killed_within_a_portion_goes_on_where_it_was(counter: Counter) -> None:
    counter.sells(a_receipt())
    indexed(counter.engine)
    before = rows(counter.engine), totals(counter.engine)
    sold = counter.sells(a_receipt())

    class Killed(Exception):
        """The process ends here."""

    def end(connection: object, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE followed"):
            raise Killed

    event.listen(counter.engine, "before_cursor_execute", end)
    with pytest.raises(Killed):
        indexed(counter.engine)
    event.remove(counter.engine, "before_cursor_execute", end)
    assert (rows(counter.engine), totals(counter.engine)) == before

    indexed(counter.engine)

    assert set(rows(counter.engine)) == {*before[0], sold.id}
    with writing(counter.engine) as tx:
        document_index.forget(tx)
    after = totals(counter.engine)
    indexed(counter.engine)
    assert after == []
    assert len(totals(counter.engine)) == len(before[1])


def test_two_processes_write_a_portion_once(counter: Counter) -> None:
    counter.sells(a_receipt())
    with reading(counter.engine) as tx:
        [position] = follow.behind(tx, document_index.READER, "register")

    assert document_index.read_on(counter.engine, position) == 1
    once = totals(counter.engine)
    assert document_index.read_on(counter.engine, position) == 0
    assert totals(counter.engine) == once


def test_an_entry_that_cannot_be_read_holds_nothing_up(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = counter.sells(a_receipt()), counter.sells(a_receipt())
    read = follow.entries

    def spoilt(tx: object, at: object, kinds: object) -> object:
        for entry in read(tx, at, kinds):  # type: ignore[arg-type]
            yield entry._replace(body=b"{") if entry.id == first.id else entry

    monkeypatch.setattr(follow, "entries", spoilt)
    indexed(counter.engine)

    assert set(rows(counter.engine)) == {second.id}


class Timer:
    """A clock in seconds that goes on by itself with each look."""

    def __init__(self, each: float) -> None:
        self.now, self.each = 0.0, each

    def __call__(self) -> float:
        self.now += self.each
        return self.now


def test_the_index_rests_longer_while_much_is_sealed(counter: Counter) -> None:
    counter.sells(a_receipt())
    timer = Timer(0.001)
    indexer = DocumentIndexer(counter.engine, timer)

    quiet = indexer.step()
    assert indexer.step() == document_index.IDLE_SECONDS
    counter.intends()
    indexer.step()
    for _ in range(3):
        counter.sells(a_receipt())
        busy = indexer.step()

    assert 0 < quiet < 0.1 < busy <= document_index.REST_SECONDS_MAX
    assert len(rows(counter.engine)) == 4


def test_a_chain_that_fails_holds_no_other_one_up(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(counter.engine) as tx:
        other = another_register(tx, counter.shop)
    counter.sells(a_receipt())
    [intent] = counter.intends(register=other)
    good = counter.sells(a_receipt(), intent=intent)
    read_on = document_index.read_on

    def failing(engine: Engine, position: follow.ChainPosition) -> int:
        if position.chain == counter.shop.register:
            raise RuntimeError("broken")
        return read_on(engine, position)

    monkeypatch.setattr(document_index, "read_on", failing)
    DocumentIndexer(counter.engine).step()

    assert set(rows(counter.engine)) == {good.id}
    with reading(counter.engine) as tx:
        assert list(tx.scalars(select(FOLLOWED.c.chain))) == [other]
