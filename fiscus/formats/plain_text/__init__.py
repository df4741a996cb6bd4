"""Journals in plain text: for beancount, and for ledger and hledger."""

from fiscus.formats import BookFormat
from fiscus.formats.plain_text import beancount, known, ledger
from fiscus.formats.plain_text.check import check_beancount, check_ledger
from fiscus.formats.plain_text.names import SETTINGS
from fiscus.formats.plain_text.postings import no_faults
from fiscus.formats.plain_text.scope import scope

BEANCOUNT = BookFormat(
    code="beancount",
    title="a journal for beancount",
    version="3",
    media_type="text/plain; charset=utf-8",
    extension="beancount",
    settings=SETTINGS,
    faults=no_faults,
    judge=beancount.judge,
    files=beancount.files,
    check=check_beancount,
    scope=scope,
    recognizes=known.is_beancount,
    remedies=known.REMEDIES,
)
LEDGER = BookFormat(
    code="ledger",
    title="a journal for ledger and hledger",
    version="3",
    media_type="text/plain; charset=utf-8",
    extension="ledger",
    settings=SETTINGS,
    faults=no_faults,
    judge=ledger.judge,
    files=ledger.files,
    check=check_ledger,
    scope=scope,
    recognizes=known.is_ledger,
    remedies=known.REMEDIES,
)

BOOKS = (BEANCOUNT, LEDGER)
