"""Writes entries as transactions of beancount."""

import re
from collections.abc import Iterator
from functools import partial

from fiscus.formats import BookTerms, EntryJudge
from fiscus.formats.plain_text.names import AccountNames
from fiscus.formats.plain_text.postings import amount, cleaned, judgement, narration, postings
from fiscus.model.booked import BookBatch, BookedEntry, BookFile

BLOCK_ENTRIES = 200
LINK = re.compile(r"[A-Za-z0-9\-_/.]+")


def judge(terms: BookTerms) -> EntryJudge:
    return partial(judgement, replaced="")


def files(batch: BookBatch) -> Iterator[BookFile]:
    """One file: the accounts are opened on the first day, then the entries follow."""
    name = f"entries_{batch.first:%Y%m%d}_{batch.last:%Y%m%d}.beancount"
    yield BookFile(name=name, blocks=_blocks(batch))


def _blocks(batch: BookBatch) -> Iterator[bytes]:
    names = AccountNames(batch.accounts, batch.chart, batch.settings)
    lines = [
        f'option "title" {_text(f"{batch.tax_number} {batch.first} {batch.last}")}',
        f'option "operating_currency" {_text(batch.currency)}',
        "",
        *(f"{batch.first} open {name}" for name in names),
    ]
    job = f"  job: {_text(batch.job)}"
    for count, entry in enumerate(batch.entries(), start=1):
        lines += _transaction(entry, names, job, f"{batch.first} open ")
        if count % BLOCK_ENTRIES == 0:
            yield _encoded(lines)
            lines = []
    yield _encoded(lines)


def _transaction(entry: BookedEntry, names: AccountNames, job: str, opened: str) -> Iterator[str]:
    posted = tuple(postings(entry))
    yield ""
    for code in dict.fromkeys(one.account for one in posted):
        if not names.knows(code):
            yield f"{opened}{names.of(code)}"
    payee = f"{_text(entry.partner)} " if entry.partner else ""
    link = f" ^{entry.reference}" if LINK.fullmatch(entry.reference) else ""
    yield f"{entry.day} * {payee}{_text(narration(entry))}{link}"
    yield f"  entry: {_text(entry.id)}"
    yield job
    facts = {
        "type": entry.sub_type,
        "reference": entry.reference,
        "record": entry.record,
        "link": entry.link,
        "reverses": entry.reverses,
        "tax-number": entry.partner_tax_number,
    }
    for key, value in facts.items():
        if value:
            yield f"  {key}: {_text(value)}"
    for one in posted:
        yield f"  {names.of(one.account)}  {amount(one.amount, entry.currency)}"
        if one.line is not None:
            yield f"    line: {_text(one.line.id)}"
            if one.line.text:
                yield f"    text: {_text(one.line.text)}"


def _text(value: str) -> str:
    return '"' + cleaned(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _encoded(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
