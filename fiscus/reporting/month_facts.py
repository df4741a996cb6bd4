"""What the journal and the reports say of months of some taxpayers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, select, text

from fiscus.channels import ReportKind
from fiscus.model.kinds import EntryKind
from fiscus.model.times import instant
from fiscus.reporting.months import Declaration, DeclarationType, MonthFacts, name, named
from fiscus.reporting.states import OPEN, ReportState
from fiscus.store.schema import DECLARATION, ENTRY, LATE, OBLIGATION, TAXPAYER

MonthKey = tuple[str, date]
"""A taxpayer and its month."""

_FIRST_DAY, _LAST_DAY = "-01", "-31"
"""Days are compared as text: no day of a month is behind this last one."""


def of(
    tx: Connection, taxpayers: Collection[str], months: Sequence[date], invoices: Collection[str]
) -> Mapping[MonthKey, MonthFacts]:
    """What is known of these months of these taxpayers; nothing for months of which nothing is.

    `invoices`: the types of documents of which one makes it a month with invoicing.
    """
    whole: dict[MonthKey, dict[str, Any]] = defaultdict(dict)
    for month in months:
        for taxpayer in _with_invoices(tx, taxpayers, name(month), invoices):
            whole[taxpayer, month]["has_invoices"] = True
    for row in tx.execute(_untold(taxpayers)):
        found = whole[row.taxpayer, named(row.month)]
        found[_word(row.state)] = found.get(_word(row.state), 0) + row.count
    for query in (_late_documents(taxpayers), _late_cancellations(taxpayers)):
        for row in tx.execute(query):
            found = whole[row.taxpayer, named(row.month)]
            found["latecomers"] = found.get("latecomers", 0) + row.count
    standing = DECLARATION.c.taxpayer.in_(taxpayers) & DECLARATION.c.ended_at.is_(None)
    for row in tx.execute(select(DECLARATION).where(standing)):
        whole[row.taxpayer, named(row.month)]["declaration"] = _declaration(row)
    return {key: MonthFacts(**found) for key, found in whole.items()}


def is_handed_in(tx: Connection, taxpayer: str, month: date) -> bool:
    """Whether a person has said that the file of this month was handed in, and that stands."""
    standing = select(DECLARATION.c.id).where(
        DECLARATION.c.taxpayer == taxpayer,
        DECLARATION.c.month == name(month),
        DECLARATION.c.type == DeclarationType.FILE,
        DECLARATION.c.ended_at.is_(None),
    )
    return tx.scalar(standing.limit(1)) is not None


def first_days(tx: Connection, taxpayers: Collection[str]) -> Mapping[str, date]:
    """The date of the first document of each that has one."""
    first = (
        select(ENTRY.c.day)
        .where(ENTRY.c.taxpayer == TAXPAYER.c.id, _is_document())
        .order_by(ENTRY.c.day)
        .limit(1)
        .scalar_subquery()
    )
    query = select(TAXPAYER.c.id, first.label("day")).where(TAXPAYER.c.id.in_(taxpayers))
    return {row.id: date.fromisoformat(row.day) for row in tx.execute(query) if row.day}


def _with_invoices(
    tx: Connection, taxpayers: Collection[str], month: str, invoices: Collection[str]
) -> Sequence[str]:
    invoice = select(ENTRY.c.id).where(
        ENTRY.c.taxpayer == TAXPAYER.c.id,
        ENTRY.c.day.between(month + _FIRST_DAY, month + _LAST_DAY),
        ENTRY.c.document_type.in_(invoices),
        _is_document(),
    )
    query = select(TAXPAYER.c.id).where(TAXPAYER.c.id.in_(taxpayers), exists(invoice))
    return tx.scalars(query).all()


def _untold(taxpayers: Collection[str]) -> Any:
    """Reports of documents and of what became of them that are not accepted, by month and state."""
    month = func.substr(OBLIGATION.c.day, 1, 7).label("month")
    return (
        select(OBLIGATION.c.taxpayer, month, OBLIGATION.c.state, func.count().label("count"))
        .where(
            OBLIGATION.c.taxpayer.in_(taxpayers),
            OBLIGATION.c.kind != ReportKind.DELETION,
            OBLIGATION.c.day != "",
            text("state <> 'accepted'"),  # as the index has it
        )
        .group_by(OBLIGATION.c.taxpayer, text("month"), OBLIGATION.c.state)
    )


def _word(state: str) -> str:
    if state in OPEN:
        return "waiting"
    return "refused" if state == ReportState.REFUSED else "deleted"


def _late_documents(taxpayers: Collection[str]) -> Any:
    month = func.substr(ENTRY.c.day, 1, 7).label("month")
    return (
        select(ENTRY.c.taxpayer, month, func.count().label("count"))
        .where(ENTRY.c.taxpayer.in_(taxpayers), _is_document(), text(LATE))
        .group_by(ENTRY.c.taxpayer, text("month"))
    )


def _late_cancellations(taxpayers: Collection[str]) -> Any:
    """In the month of the document that was cancelled."""
    document, void = ENTRY.alias("document"), ENTRY.alias("cancelled")
    month = func.substr(document.c.day, 1, 7).label("month")
    return (
        select(void.c.taxpayer, month, func.count().label("count"))
        .join(document, document.c.id == void.c.refers)
        .where(
            void.c.taxpayer.in_(taxpayers),
            text("cancelled.kind = 'void@1'"),  # as the index has it
            document.c.is_training == 0,
            func.substr(document.c.day, 1, 7) < func.substr(void.c.at, 1, 7),
        )
        .group_by(void.c.taxpayer, text("month"))
    )


def _is_document() -> ColumnElement[bool]:
    """Numbered, and nothing for practice."""
    is_numbered = ENTRY.c.number.is_not(None) & (ENTRY.c.kind == EntryKind.DOCUMENT)
    return is_numbered & (ENTRY.c.is_training == 0)


def _declaration(row: Row[Any]) -> Declaration:
    return Declaration(
        id=row.id,
        type=DeclarationType(row.type),
        reference=row.reference,
        at=instant(row.declared_at),
        by=row.declared_by,
        latecomers=row.latecomers,
    )
