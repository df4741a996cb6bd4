"""The books of a company: begun, changed, stated; and found where somebody changed the database."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, Engine, select

from fiscus.accounting import bookkeeping, mapping, mapping_file
from fiscus.accounting.mapping import BooksContent, Coverage
from fiscus.journal.audit import verify_database
from fiscus.journal.verify import sentences
from fiscus.model.accounts import ChartAccount
from fiscus.model.faults import Conflict, Corrupt, Missing, Refused, Trouble
from fiscus.model.kinds import StatementKind
from fiscus.model.tests.clock import MORNING
from fiscus.registry import log, signers, versions
from fiscus.registry.tests.builders import a_taxpayer, a_vault, an_id
from fiscus.registry.tests.intruder import changes
from fiscus.signers import LOG_ALGORITHM
from fiscus.store.accounting_schema import BOOKKEEPING
from fiscus.store.connect import reading, writing

LATER = MORNING + timedelta(hours=1)


def a_company(tx: Connection, regime: str = "de") -> str:
    return a_taxpayer(tx, regime=regime).taxpayer.id


def begun(tx: Connection, regime: str = "de", chart: str = "") -> str:
    company = a_company(tx, regime)
    bookkeeping.begin(tx, company, chart, by="key-1", at=MORNING)
    return company


def with_account(content: BooksContent) -> BooksContent:
    more = ChartAccount(code="8401", name="Erlöse Kiosk")
    return msgspec.structs.replace(content, accounts=(*content.accounts, more))


def caught(kind: type[Trouble], act: Callable[[], Any]) -> Trouble:
    with pytest.raises(kind) as found:
        act()
    return found.value


@pytest.mark.parametrize(
    ("regime", "chart", "begins_with", "coverage"),
    [
        ("de", "", "SKR03", Coverage.PER_CLOSING),
        ("de", "skr04", "SKR04", Coverage.PER_CLOSING),
        ("pt", "", "SNC", Coverage.PER_DOCUMENT),
    ],
)
def test_books_begin_with_a_chart_and_the_coverage_of_the_law(
    engine: Engine, regime: str, chart: str, begins_with: str, coverage: Coverage
) -> None:
    with writing(engine) as tx:
        company = begun(tx, regime, chart)
        version, content = bookkeeping.of(tx, company)

    assert (version, content.chart, content.coverage) == (1, begins_with, coverage)
    assert mapping.resolve(content, mapping.CLEARING)


def test_books_may_begin_on_a_day_and_with_another_coverage(engine: Engine) -> None:
    with writing(engine) as tx:
        company = a_company(tx)
        bookkeeping.begin(
            tx,
            company,
            by="key-1",
            at=MORNING,
            since=date(2026, 4, 1),
            coverage=Coverage.PER_DOCUMENT,
        )
        _, content = bookkeeping.of(tx, company)

    assert (content.since, content.coverage) == (date(2026, 4, 1), Coverage.PER_DOCUMENT)


def test_who_keeps_no_books_has_none(engine: Engine) -> None:
    with writing(engine) as tx:
        company = a_company(tx)
        other = begun(tx)

        assert bookkeeping.find(tx, company) is None
        assert caught(Missing, lambda: bookkeeping.of(tx, company)).code == bookkeeping.NO_BOOKS
        assert bookkeeping.companies(tx) == [other]


def test_what_cannot_begin_says_why(engine: Engine) -> None:
    with writing(engine) as tx:
        company = begun(tx)
        italian = a_company(tx, "it")

        def begin(of: str, chart: str = "") -> Callable[[], Any]:
            return lambda: bookkeeping.begin(tx, of, chart, by="key-1", at=MORNING)

        assert caught(Conflict, begin(company)).code == bookkeeping.BEGUN
        assert caught(Refused, begin(italian)).code == bookkeeping.NO_LAW
        unknown = caught(Missing, begin(a_company(tx), "SKR99"))
        caught(Missing, begin(an_id()))

    assert unknown.code == bookkeeping.UNKNOWN_CHART
    assert unknown.paths == ("chart SKR99 (known: SKR03, SKR04)",)


def test_a_change_replaces_the_whole_content_and_has_the_next_version(engine: Engine) -> None:
    with writing(engine) as tx:
        company = begun(tx)
        version, content = bookkeeping.of(tx, company)
        wanted = with_account(content)

        assert bookkeeping.change(tx, company, wanted, version=version, by="k", at=LATER) == 2
        assert bookkeeping.of(tx, company) == (2, wanted)
        assert bookkeeping.change(tx, company, wanted, version=2, by="k", at=LATER) == 2


def test_who_has_read_an_older_version_changes_nothing(engine: Engine) -> None:
    with writing(engine) as tx:
        company = begun(tx)
        _, content = bookkeeping.of(tx, company)
        wanted = with_account(content)
        bookkeeping.change(tx, company, wanted, version=1, by="k", at=LATER)

        late = caught(
            Conflict,
            lambda: bookkeeping.change(tx, company, content, version=1, by="k", at=LATER),
        )
        assert (late.code, late.paths) == (bookkeeping.CHANGED, ("version 2",))
        assert bookkeeping.of(tx, company) == (2, wanted)


def test_a_faulty_content_is_refused_whole_with_all_its_faults(engine: Engine) -> None:
    with writing(engine) as tx:
        company = begun(tx)
        _, content = bookkeeping.of(tx, company)
        bad = msgspec.structs.replace(content, chart="", accounts=(), expires_in=1)

        def change() -> int:
            return bookkeeping.change(tx, company, bad, version=1, by="k", at=LATER)

        found = {fault.code for fault in caught(Refused, change).faults}
        assert found == {
            mapping.NO_CHART_NAME.id,
            mapping.UNKNOWN_ACCOUNT.id,
            mapping.BAD_EXPIRY.id,
        }
        assert bookkeeping.of(tx, company) == (1, content)


def test_keys_of_another_law_are_refused(engine: Engine) -> None:
    with writing(engine) as tx:
        company = begun(tx, "pt")
        _, content = bookkeeping.of(tx, company)
        rule = msgspec.structs.replace(content.rules[1], key="case/Umsatz/19")
        bad = msgspec.structs.replace(content, rules=(*content.rules, rule))

        def change() -> int:
            return bookkeeping.change(tx, company, bad, version=1, by="k", at=LATER)

        assert [fault.code for fault in caught(Refused, change).faults] == [mapping.UNKNOWN_KEY.id]


def test_a_file_is_loaded(engine: Engine) -> None:
    with writing(engine) as tx:
        company = begun(tx)
        _, content = bookkeeping.of(tx, company)
        wanted = with_account(content)
        data = mapping_file.as_json(wanted).encode()

        assert bookkeeping.load(tx, company, data, by="fiscus books", at=LATER) == 2
        assert bookkeeping.of(tx, company) == (2, wanted)
        table = mapping_file.as_table(content).encode()
        assert bookkeeping.load(tx, company, table, version=2, by="fiscus books", at=LATER) == 2


def test_every_version_is_stated_with_its_whole_content(engine: Engine) -> None:
    with writing(engine) as tx:
        company = begun(tx)
        _, content = bookkeeping.of(tx, company)
        bookkeeping.change(tx, company, with_account(content), version=1, by="k", at=LATER)
        stated = list(versions.rows(tx, StatementKind.BOOKKEEPING, company))
        row = tx.execute(select(BOOKKEEPING)).one()

        assert [each["version"] for each in stated] == [1, 2]
        assert bookkeeping.from_text(stated[0]["content"]) == content
        assert stated[1]["content"] == row.content
        assert row.link


def test_verifying_finds_a_changed_row_and_no_other(engine: Engine) -> None:
    with writing(engine) as tx:
        signers.ensure(tx, a_vault(), signers.LOG, LOG_ALGORITHM, MORNING)
        company = begun(tx)
        _, content = bookkeeping.of(tx, company)
        bookkeeping.change(tx, company, with_account(content), version=1, by="k", at=LATER)
    log.sign(engine, a_vault(), LATER)
    report = verify_database(engine)
    assert report.is_good, "\n".join(sentences(report))

    forged = bookkeeping.as_text(msgspec.structs.replace(content, expires_in=7200))
    changes(engine, "bookkeeping", "UPDATE bookkeeping SET content = :content", content=forged)

    report = verify_database(engine)
    assert not report.is_good
    assert any("bookkeeping" in one for one in sentences(report))
    with writing(engine) as tx:
        caught(
            Corrupt,
            lambda: bookkeeping.change(tx, company, content, version=2, by="k", at=LATER),
        )
    with reading(engine) as tx:
        assert bookkeeping.of(tx, company)[0] == 2


def test_a_content_that_is_none_is_no_content() -> None:
    assert caught(Corrupt, lambda: bookkeeping.from_text('{"chart":1}')).code == versions.NOT_STATED
