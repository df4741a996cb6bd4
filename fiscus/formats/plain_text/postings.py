"""What a booking is in a journal of plain text: postings that add up to zero."""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from fiscus.formats import BookTerms, EntryJudgement
from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.booked import BookedEntry, BookedLine, BookWarning
from fiscus.model.faults import Code, Fault

NO_TAX_ACCOUNT = Code(
    "PLAIN-TAX-01",
    "VAT needs an account of its own in a journal of plain text: give the tax an account in the "
    "chart, and name the tax in the rule",
)
BAD_AMOUNT = Code("PLAIN-AMOUNT-02", "amounts are in whole cents, or the postings do not add up")
BAD_CURRENCY = Code("PLAIN-CURRENCY-01", "a currency is three capital letters")
REPLACED = Code(
    "PLAIN-TEXT-01", "characters that have a meaning of their own in the file were replaced"
)


class JournalPosting(msgspec.Struct, frozen=True):
    """An amount on an account; `line` is the line it comes from, None for the contra account."""

    account: str
    amount: Decimal
    line: BookedLine | None = None


def postings(entry: BookedEntry) -> Iterator[JournalPosting]:
    """Net and VAT of each line on their own accounts, then the sum on the contra account."""
    total = ZERO
    for line in entry.lines:
        total += line.amount
        if line.tax is None or not line.tax.amount:
            yield JournalPosting(line.account, line.amount, line)
        else:
            yield JournalPosting(line.account, line.amount - line.tax.amount, line)
            yield JournalPosting(line.tax.account, line.tax.amount, line)
    yield JournalPosting(entry.contra, -total)


def no_faults(terms: BookTerms) -> tuple[Fault, ...]:
    """Any chart can be written: what is no letter and no digit of a name is a hyphen."""
    return ()


def faults(entry: BookedEntry) -> tuple[Fault, ...]:
    """What no journal can hold."""
    found: dict[Code, list[str]] = {}
    for at, line in enumerate(entry.lines):
        if line.tax is not None and line.tax.amount and not line.tax.account:
            found.setdefault(NO_TAX_ACCOUNT, []).append(f"lines[{at}].tax {line.tax.code}")
        if not all(
            _is_cents(amount) for amount in (line.amount, line.tax.amount if line.tax else ZERO)
        ):
            found.setdefault(BAD_AMOUNT, []).append(f"lines[{at}].amount {line.amount}")
    if not re.fullmatch("[A-Z]{3}", entry.currency):
        found[BAD_CURRENCY] = [f"currency {entry.currency}"]
    return tuple(
        Fault(code=code.id, text=code.text, paths=tuple(paths)) for code, paths in found.items()
    )


def _is_cents(amount: Decimal) -> bool:
    return amount.is_finite() and cents_half_up(amount) == amount


def judgement(entry: BookedEntry, replaced: str) -> EntryJudgement:
    """`replaced`: characters that the program gives a meaning of their own."""
    warnings = [
        BookWarning(code=REPLACED.id, text=REPLACED.text, field=field, said=said, written=written)
        for field, said in texts(entry)
        if (written := cleaned(said, replaced)) != said
    ]
    return EntryJudgement(faults=faults(entry), warnings=tuple(warnings))


def texts(entry: BookedEntry) -> Iterator[tuple[str, str]]:
    yield "reference", entry.reference
    yield "note", entry.note
    yield "partner", entry.partner
    for at, line in enumerate(entry.lines):
        yield f"lines[{at}].text", line.text


def cleaned(text: str, replaced: str = "") -> str:
    """On one line; each replaced character is a comma."""
    if text.isascii() and text.isprintable() and not any(one in text for one in replaced):
        return text
    return "".join(_one(one, replaced) for one in text).strip()


def _one(one: str, replaced: str) -> str:
    if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp"):
        return " "
    return "," if one in replaced else one


def amount(value: Decimal, currency: str) -> str:
    """With a point and no thousands separator, whatever the country: `1190.00 EUR`."""
    return f"{value:.2f} {currency}"


def narration(entry: BookedEntry) -> str:
    """What happened, in the words that the entry has."""
    if entry.note:
        return entry.note
    said = dict.fromkeys(line.text for line in entry.lines if line.text)
    return next(iter(said)) if len(said) == 1 else entry.sub_type
