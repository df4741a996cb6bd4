"""How a taxpayer's documents are reported: in real time or in a monthly file.

Decreto-Lei n.º 198/2012, art. 3, wants one way for all documents of a period. So a choice counts
from the first day of a month on: of this one while nothing was issued in it, else of the next. What
counts for a document is the choice that stands when it is issued, for its own date.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from fiscus import regimes
from fiscus.model.faults import Code, Refused
from fiscus.model.places import ReportingMode, ReportingTerm, Taxpayer
from fiscus.model.times import day
from fiscus.registry import taxpayers
from fiscus.registry.taxpayers import TaxpayerChange
from fiscus.registry.vault import Vault
from fiscus.registry.views import TaxpayerView
from fiscus.store.schema import ENTRY

UNKNOWN_MODE = Code(
    "REPORT-CHOICE-01",
    "documents are reported in real time or in a monthly file: say realtime or saft",
)
NO_CHOICE = Code(
    "REPORT-CHOICE-02", "this country's law knows no choice between real time and a monthly file"
)

KEY = "reporting"
"""The key of a taxpayer's metadata that says its choice."""


def understood(word: str, regime: str) -> ReportingMode:
    """Raises `Refused` for another word, or for real time under a law that does not offer it."""
    try:
        mode = ReportingMode(word)
    except ValueError:
        raise Refused(UNKNOWN_MODE, KEY) from None
    if mode is ReportingMode.REALTIME and not regimes.find(regime).has_reporting_choice:
        raise Refused(NO_CHOICE, KEY)
    return mode


def said_in(metadata: Mapping[str, str], regime: str) -> ReportingMode | None:
    """What metadata say of it: the monthly file if nothing; None under a law without a choice,
    where the key may mean anything but real time. Raises `Refused`."""
    word = metadata.get(KEY, "")
    if not regimes.find(regime).has_reporting_choice:
        if word == ReportingMode.REALTIME:
            raise Refused(NO_CHOICE, KEY)
        return None
    return understood(word, regime) if word else ReportingMode.SAFT


def chosen(
    tx: Connection, now: Taxpayer, mode: ReportingMode, at: datetime
) -> tuple[ReportingTerm, ...]:
    """The taxpayer's terms once it has chosen so; the same as before if it changes nothing."""
    standing = now.reporting[-1].mode if now.reporting else ReportingMode.SAFT
    if standing is mode:
        return now.reporting
    since = _since(tx, now, at)
    kept = tuple(term for term in now.reporting if term.since < since)
    before = kept[-1].mode if kept else ReportingMode.SAFT
    return kept if before is mode else (*kept, ReportingTerm(mode=mode, since=since))


def choose(
    tx: Connection,
    vault: Vault,
    now: TaxpayerView,
    mode: ReportingMode,
    *,
    by: str,
    at: datetime,
) -> TaxpayerView:
    """State the choice of a taxpayer; its metadata say the same as callers of APIs do."""
    metadata = {**now.metadata, KEY: mode.value}
    terms = chosen(tx, now.taxpayer, mode, at)
    if terms == now.taxpayer.reporting and metadata == now.metadata:
        return now
    change = TaxpayerChange(reporting=terms, metadata=metadata)
    return taxpayers.update(tx, vault, now, change, frozen_facts=(), subject=by, at=at)


def _since(tx: Connection, taxpayer: Taxpayer, at: datetime) -> date:
    """The first day of this month, or of the next one if a document of this month was issued."""
    first = day(at, regimes.find(taxpayer.regime).timezone).replace(day=1)
    issued = select(ENTRY.c.id).where(
        ENTRY.c.taxpayer == taxpayer.id,
        ENTRY.c.day >= first.isoformat(),
        ENTRY.c.is_training == 0,
    )
    if tx.scalar(issued.limit(1)) is None:
        return first
    return (first + timedelta(days=31)).replace(day=1)
