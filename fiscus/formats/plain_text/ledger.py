"""Writes entries as transactions of ledger, which hledger reads too."""

import re
from collections.abc import Iterator
from functools import partial

from fiscus.formats import BookTerms, EntryJudge
from fiscus.formats.plain_text.names import AccountNames
from fiscus.formats.plain_text.postings import amount, cleaned, judgement, narration, postings
from fiscus.model.booked import BookBatch, BookedEntry, BookFile

BLOCK_ENTRIES = 200
SPECIAL = ";|:[]()"
"""They begin comments, tags, payees, codes and dates, also in the middle of a text."""
TAGS = ("entry", "job", "type", "record", "link", "reverses", "taxnumber", "line")
PLAIN = re.compile(r"[A-Za-z0-9_.\-/]+")


def judge(terms: BookTerms) -> EntryJudge:
    return partial(judgement, replaced=SPECIAL)


def files(batch: BookBatch) -> Iterator[BookFile]:
    """One file: the commodity and the accounts are declared, so that strict checks pass."""
    name = f"entries_{batch.first:%Y%m%d}_{batch.last:%Y%m%d}.ledger"
    yield BookFile(name=name, blocks=_blocks(batch))


def _blocks(batch: BookBatch) -> Iterator[bytes]:
    names = AccountNames(batch.accounts, batch.chart, batch.settings)
    lines = [f"commodity {batch.currency}", f"    format 1000.00 {batch.currency}", ""]
    lines += [f"tag {key}" for key in TAGS]
    lines += ["", *(f"account {name}" for name in names)]
    declared = {batch.currency}
    for count, entry in enumerate(batch.entries(), start=1):
        lines += _transaction(entry, names, batch.job, declared)
        if count % BLOCK_ENTRIES == 0:
            yield _encoded(lines)
            lines = []
    yield _encoded(lines)


def _transaction(
    entry: BookedEntry, names: AccountNames, job: str, declared: set[str]
) -> Iterator[str]:
    posted = tuple(postings(entry))
    yield ""
    if entry.currency not in declared:
        declared.add(entry.currency)
        yield from (f"commodity {entry.currency}", f"    format 1000.00 {entry.currency}", "")
    for code in dict.fromkeys(one.account for one in posted):
        if not names.knows(code):
            yield from (f"account {names.of(code)}", "")
    payee = f"{_text(entry.partner)} | " if entry.partner else ""
    yield f"{entry.day} * ({_text(entry.reference) or '-'}) {payee}{_text(narration(entry))}"
    facts = (entry.id, job, entry.sub_type, entry.record, entry.link, entry.reverses)
    for key, value in zip(TAGS, (*facts, entry.partner_tax_number), strict=False):
        if PLAIN.fullmatch(value):
            yield f"    ; {key}: {value}"
    for one in posted:
        yield f"    {names.of(one.account)}  {amount(one.amount, entry.currency)}"
        if one.line is not None and PLAIN.fullmatch(one.line.id):
            yield f"    ; line: {one.line.id}"
        if one.line is not None and one.line.text:
            yield f"    ; {_text(one.line.text)}"


def _text(value: str) -> str:
    return cleaned(value, SPECIAL)


def _encoded(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
