"""Every law says what its documents mean to the books, and every key that its golden documents
yield has an account in each chart that it suggests."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus import regimes
from fiscus.accounting import mapping
from fiscus.issuing.tests.counter import done
from fiscus.model.accounts import (
    AccountedDocument,
    AccountedDraft,
    AccountedSeal,
    Bearing,
    BookingRole,
    StarterChart,
)
from fiscus.model.amounts import ZERO
from fiscus.model.documents import DocumentKind
from fiscus.model.kinds import EntryKind
from tests.repository.test_kinds_of_laws import Till

ROOT = Path(__file__).parents[2]

WITHOUT_BOOKS = {"it"}
"""Laws that tell the books nothing yet, each by name: a new law must not slip in here unseen."""

LAWS = sorted({*regimes.installed()} - WITHOUT_BOOKS)
CHARTS = [
    (code, chart)
    for code in LAWS
    if (accounting := regimes.find(code).accounting)
    for chart in accounting.charts
]
CHART_IDS = [f"{code}-{chart.code}" for code, chart in CHARTS]


MOVES_MONEY = {
    DocumentKind.RECEIPT,
    DocumentKind.INVOICE,
    DocumentKind.CORRECTION,
    DocumentKind.MOVEMENT,
    DocumentKind.COUNT,
}
"""The others bear no money of their own: a float was there before, a closing adds up, and of what
was cancelled the document itself is booked the other way round."""

CANCELLED_BY_A_RECEIPT = {"de"}
"""Laws whose cancellation is a receipt of its own, with everything the other way round."""


class GoldenDraft(msgspec.Struct, frozen=True, kw_only=True):
    draft: AccountedDraft


def golden(code: str) -> Iterator[tuple[str, AccountedDocument]]:
    """The sealed examples of a law, as the books read them."""
    examples = ROOT / "fiscus" / "regimes" / code / "tests" / "examples"
    for path in sorted(examples.glob("*.json")):
        out = examples / "out" / path.name
        kind = EntryKind.DOCUMENT
        draft = msgspec.json.decode(path.read_bytes(), type=GoldenDraft).draft
        if draft.kind is DocumentKind.CLOSING:
            kind = EntryKind.CLOSING
        if draft.kind is DocumentKind.ABORT:
            kind = EntryKind.ABORT
        yield (
            path.stem,
            AccountedDocument(
                id=path.stem,
                kind=kind,
                chain="c-1",
                sequence=2,
                at=datetime(2026, 3, 1, tzinfo=UTC),
                draft=draft,
                seal=msgspec.json.decode(out.read_bytes(), type=AccountedSeal),
            ),
        )


GOLDEN = [(code, name, document) for code in LAWS for name, document in golden(code)]
GOLDEN_IDS = [f"{code}-{name}" for code, name, _ in GOLDEN]


def test_every_law_tells_the_books_something_or_is_named_here() -> None:
    silent = {code for code, law in regimes.installed().items() if law.accounting is None}

    assert silent == WITHOUT_BOOKS
    assert {code for code, _, _ in GOLDEN} == {"de", "pt"}


@pytest.mark.parametrize(("code", "name", "document"), GOLDEN, ids=GOLDEN_IDS)
def test_a_golden_document_is_of_a_type_that_says_what_it_means(
    code: str, name: str, document: AccountedDocument
) -> None:
    accounting = regimes.find(code).accounting
    assert accounting
    assert document.seal
    assert document.draft
    bearing = accounting.bearings[document.seal.document_type]

    found = accounting.bookings(document)

    if bearing is Bearing.NEITHER or document.draft.is_training:
        assert found == (), name
    assert sum((each.amount for each in found), ZERO) == 0
    assert {each.key.split("/")[0] for each in found} <= {*accounting.keys}
    owed = [each for each in found if each.role is BookingRole.SALE]
    for tax_code in {share.tax_code for share in document.seal.taxes if found}:
        shares = [x for x in document.seal.taxes if x.tax_code == tax_code]
        mine = [x for x in owed if x.tax_code == tax_code]
        assert abs(sum((x.net for x in mine), ZERO)) == sum((x.net for x in shares), ZERO)
        assert abs(sum((x.vat for x in mine), ZERO)) == sum((x.vat for x in shares), ZERO)


KINDS = [(code, kind) for code in LAWS for kind in sorted(regimes.find(code).issues)]


@pytest.mark.parametrize(("code", "kind"), KINDS, ids=[f"{code}-{kind}" for code, kind in KINDS])
def test_whatever_a_law_issues_says_what_it_means_and_is_booked_from_its_stored_bytes(
    code: str, kind: DocumentKind, engine: Engine, tmp_path: Path
) -> None:
    law = regimes.find(code)
    assert law.accounting
    till = Till(engine, law, tmp_path)
    till.prepares(kind)
    record = done(till.out(till.order(till.draft(kind))))

    document = msgspec.json.decode(record.stored, type=AccountedDocument)
    found = law.accounting.bookings(document)

    if document.seal:
        assert document.seal.document_type in law.accounting.bearings
    assert sum((each.amount for each in found), ZERO) == 0
    is_receipt = kind is DocumentKind.CANCELLATION and code in CANCELLED_BY_A_RECEIPT
    assert bool(found) is (kind in MOVES_MONEY or is_receipt)


@pytest.mark.parametrize(("code", "chart"), CHARTS, ids=CHART_IDS)
def test_every_key_of_golden_documents_has_an_account_in_each_chart(
    code: str, chart: StarterChart
) -> None:
    accounting = regimes.find(code).accounting
    assert accounting
    content = mapping.started(chart, is_per_closing=accounting.is_per_closing)
    mine = [(name, document) for of, name, document in GOLDEN if of == code]
    keys = {each.key: name for name, said in mine for each in accounting.bookings(said)}
    without = {key: name for key, name in keys.items() if not mapping.resolve(content, key)}

    assert keys
    assert without == {}, "keys that no rule of the chart fits, and a document that yields each"
    assert mapping.faults(content, accounting.keys) == ()


@pytest.mark.parametrize(("code", "chart"), CHARTS, ids=CHART_IDS)
def test_a_chart_names_its_sources_and_what_must_be_asked(code: str, chart: StarterChart) -> None:
    assert chart.sources
    assert any(rule.doubt for rule in chart.rules)
    assert all(rule.doubt == rule.doubt.strip() for rule in chart.rules)
