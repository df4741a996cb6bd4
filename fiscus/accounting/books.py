"""What derivation asks of a company's bookkeeping: its law, its first day, and how documents were
covered at any time, as the journal states it."""

from datetime import date, datetime

import msgspec
from sqlalchemy import Connection, select

from fiscus import regimes
from fiscus.accounting.mapping import BooksContent, Coverage
from fiscus.model.kinds import StatementKind
from fiscus.model.times import instant
from fiscus.regimes import Regime, RegimeAccounting
from fiscus.registry import versions
from fiscus.store.accounting_schema import BOOKKEEPING, FOLLOWED
from fiscus.store.schema import TAXPAYER


class StatedCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """How documents are covered from an instant on."""

    since: datetime
    coverage: Coverage


class CompanyBooks(msgspec.Struct, frozen=True, kw_only=True):
    """A company that keeps books here. `first` is the first day that is booked (None: all days)."""

    company: str
    organization: str
    regime: str
    first: date | None
    coverages: tuple[StatedCoverage, ...]

    @property
    def reader(self) -> str:
        """The name under which the journal is read for it."""
        return reader_of(self.company)

    @property
    def law(self) -> Regime:
        return regimes.find(self.regime)

    @property
    def accounting(self) -> RegimeAccounting | None:
        return self.law.accounting

    def has(self, day: date) -> bool:
        """Whether what was sealed on that day is booked."""
        return self.first is None or day >= self.first

    def coverage(self, since: datetime | None) -> Coverage:
        """How documents are covered in a period of a register that began then (None: with its
        first document). A change counts from the next closing on, so the one that was in force
        when the period began; the first one also for all that was before it."""
        said = self.coverages[0].coverage
        for each in self.coverages:
            if since is not None and each.since <= since:
                said = each.coverage
        return said


def reader_of(company: str) -> str:
    """The name under which the journal is read for a company."""
    return f"books/{company}"


def read_again(tx: Connection, company: str) -> None:
    """The journal is read for the company from its beginning: what has its entry keeps it, and
    what has none gets one. For books that are to begin with an earlier day."""
    tx.execute(FOLLOWED.delete().where(FOLLOWED.c.reader == reader_of(company)))


def find(tx: Connection, company: str) -> CompanyBooks | None:
    """None: the company keeps no books here, or its law tells them nothing yet."""
    row = tx.execute(
        select(BOOKKEEPING.c.organization, BOOKKEEPING.c.content, TAXPAYER.c.regime)
        .join(TAXPAYER, TAXPAYER.c.id == BOOKKEEPING.c.id)
        .where(BOOKKEEPING.c.id == company)
    ).one_or_none()
    if row is None or regimes.find(row.regime).accounting is None:
        return None
    said = [
        StatedCoverage(
            since=instant(stated["updated_at"]), coverage=_content(stated["content"]).coverage
        )
        for stated in versions.rows(tx, StatementKind.BOOKKEEPING, company)
    ]
    return CompanyBooks(
        company=company,
        organization=row.organization,
        regime=row.regime,
        first=_content(row.content).since,
        coverages=tuple(said),
    )


def _content(text: str) -> BooksContent:
    return msgspec.json.decode(text, type=BooksContent)
