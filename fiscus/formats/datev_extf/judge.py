"""What DATEV cannot hold of an entry, and what is written in another way."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from fiscus.formats import BookTerms, EntryJudge, EntryJudgement
from fiscus.formats.datev_extf.characters import foreign, transliterated
from fiscus.formats.datev_extf.columns import BOOKINGS_MAX
from fiscus.formats.datev_extf.names import chart_faults
from fiscus.formats.datev_extf.posted import PostingRules, lacks_tax_account
from fiscus.formats.datev_extf.references import belegfeld
from fiscus.formats.datev_extf.target import DatevTarget, is_account, is_day, target
from fiscus.formats.datev_extf.texts import FOREIGN, TEXT_MAX, full_text
from fiscus.model.amounts import cents_half_up
from fiscus.model.booked import BookedEntry, BookedLine, BookWarning
from fiscus.model.faults import Code, Fault

BAD_ACCOUNT = Code(
    "DATEV-ACCOUNT-01",
    "DATEV's accounts are numbers, with as many digits as the ledger's accounts have, or one more "
    "for a customer's: map it to another account, or set account_length",
)
AUTOMATIC_CONTRA = Code(
    "DATEV-ACCOUNT-02",
    "an automatic account cannot be what an entry's lines stand against: map the key to another "
    "account",
)
NO_TAX_ACCOUNT = Code(
    "DATEV-TAX-01",
    "VAT would be lost: the account is not automatic, and its tax has neither a posting key nor an "
    "account of its own: give the tax of the rule one of them",
)
BAD_DAY = Code("DATEV-DATE-01", "DATEV's fiscal years are those of 2000 to 2099")
TOO_LONG = Code(
    "DATEV-SIZE-01", "an entry stands in one file, which holds 99,999 bookings: divide the entry"
)
BAD_KEY = Code("DATEV-TAX-02", "a posting key (BU-Schlüssel) has one to four digits")
BAD_AMOUNT = Code(
    "DATEV-AMOUNT-01", "DATEV's amounts are in whole cents and below ten thousand million"
)
OTHER_CURRENCY = Code(
    "DATEV-CURRENCY-01", "amounts in another currency than EUR need a rate, which is not known"
)
LONG_ID = Code("DATEV-ID-01", "the id of a line has at most 36 characters")
TRANSLITERATED = Code("DATEV-TEXT-02", "characters that Windows-1252 lacks are spelled with others")
SHORTENED = Code(
    "DATEV-TEXT-03",
    "Buchungstext has 60 characters: it was cut, the whole text is under Zusatzinformation",
)
REFERENCE = Code(
    "DATEV-REFERENCE-01",
    "Belegfeld 1 allows no such characters or fewer of them: the number was written in another way",
)
GUARDED = Code(
    "DATEV-TEXT-04",
    "a text that begins like a formula of a spreadsheet has an apostrophe in front",
)
NOTHING = Code("DATEV-AMOUNT-02", "DATEV knows no booking of 0.00: the line is left out")

AMOUNT_END = 10**10
LINE_ID_MAX = 36
LINES_MAX = BOOKINGS_MAX // 2
"""Each may become two bookings."""


def terms_faults(terms: BookTerms) -> tuple[Fault, ...]:
    """What no file can be written with: names of accounts, where the company wants them too."""
    return chart_faults(terms.accounts) if target(terms.settings).has_account_names else ()


def judge(terms: BookTerms) -> EntryJudge:
    """What judges the entries of a company with this chart and these settings."""
    found = target(terms.settings)
    return EntryJudging(found, found.rules(terms.accounts.values())).judged


class EntryJudging(NamedTuple):
    """By what the entries of one company are judged."""

    target: DatevTarget
    rules: PostingRules

    def judged(self, entry: BookedEntry) -> EntryJudgement:
        is_ascii = _is_ascii(entry)
        return EntryJudgement(
            faults=tuple(self._faults(entry, is_ascii=is_ascii)),
            warnings=tuple(_warnings(entry, is_ascii=is_ascii)),
        )

    def _faults(self, entry: BookedEntry, *, is_ascii: bool) -> Iterator[Fault]:
        if entry.currency != "EUR":
            yield _fault(OTHER_CURRENCY, f"currency {entry.currency}")
        if not is_day(entry.day, self.target.first_month):
            yield _fault(BAD_DAY, f"day {entry.day}")
        if entry.contra in self.rules.automatic:
            yield _fault(AUTOMATIC_CONTRA, f"contra {entry.contra}")
        if len(entry.lines) > LINES_MAX:
            yield _fault(TOO_LONG, f"{len(entry.lines)} lines")
        if bad := self._bad_accounts(entry):
            yield _fault(BAD_ACCOUNT, *bad)
        for at, line in enumerate(entry.lines):
            yield from self._line_faults(line, at)
        if not is_ascii and (strange := [*_strange(entry)]):
            yield _fault(FOREIGN, *strange)

    def _bad_accounts(self, entry: BookedEntry) -> list[str]:
        """Those that are there: one that is missing was found before."""
        bad = [f"contra {entry.contra}"] if self._is_bad(entry.contra) else []
        for at, line in enumerate(entry.lines):
            if self._is_bad(line.account):
                bad.append(f"lines[{at}].account {line.account}")
            if line.tax is not None and self._is_bad(line.tax.account):
                bad.append(f"lines[{at}].tax.account {line.tax.account}")
        return bad

    def _is_bad(self, code: str) -> bool:
        return bool(code) and not is_account(code, self.target.account_length)

    def _line_faults(self, line: BookedLine, at: int) -> Iterator[Fault]:
        tax = line.tax
        if not _fits(line.amount) or (tax is not None and not _is_divided(line.amount, tax.amount)):
            yield _fault(BAD_AMOUNT, f"lines[{at}].amount {line.amount}")
        if tax is not None and not _is_posting_key(tax.posting_key):
            yield _fault(BAD_KEY, f"lines[{at}].tax.posting_key {tax.posting_key}")
        elif tax is not None and line.account and lacks_tax_account(line, self.rules):
            yield _fault(NO_TAX_ACCOUNT, f"lines[{at}].account {line.account}", f"tax {tax.code}")
        if len(line.id) > LINE_ID_MAX:
            yield _fault(LONG_ID, f"lines[{at}].id {line.id}")


_is_posting_key = re.compile("[0-9]{0,4}").fullmatch


def _is_divided(amount: Decimal, vat: Decimal) -> bool:
    """Whether VAT and the rest can both be written."""
    return _fits(vat) and _fits(amount - vat)


def _fits(amount: Decimal) -> bool:
    return abs(amount) < AMOUNT_END and cents_half_up(amount) == amount


def _strange(entry: BookedEntry) -> Iterator[str]:
    """The characters that cannot be written, with their places."""
    for field, text in _texts(entry):
        for one in foreign(transliterated(text)):
            yield f"{field} {one}"


def _warnings(entry: BookedEntry, *, is_ascii: bool) -> Iterator[BookWarning]:
    for field, text in () if is_ascii else _texts(entry):
        if (written := transliterated(text)) != text:
            yield _warning(TRANSLITERATED, field, text, written)
    if (reference := belegfeld(entry.reference)) != entry.reference:
        yield _warning(REFERENCE, "reference", entry.reference, reference)
    for at, line in enumerate(entry.lines):
        whole = transliterated(full_text(entry, line))
        if whole.startswith("'") and not _begins_with_apostrophe(entry, line):
            yield _warning(GUARDED, f"lines[{at}].text", whole[1:], whole)
        if len(whole) > TEXT_MAX:
            yield _warning(SHORTENED, f"lines[{at}].text", whole, whole[:TEXT_MAX].rstrip())
        if not line.amount:
            yield _warning(NOTHING, f"lines[{at}].amount", f"{line.amount}", "")


def _begins_with_apostrophe(entry: BookedEntry, line: BookedLine) -> bool:
    return (entry.partner or entry.note or line.text).startswith("'")


def _texts(entry: BookedEntry) -> Iterator[tuple[str, str]]:
    yield "reference", entry.reference
    yield "note", entry.note
    yield "partner", entry.partner
    yield "partner_tax_number", entry.partner_tax_number
    for at, line in enumerate(entry.lines):
        yield f"lines[{at}].text", line.text
    if not (entry.note or entry.partner) and not all(line.text for line in entry.lines):
        yield "sub_type", entry.sub_type


def _is_ascii(entry: BookedEntry) -> bool:
    """Whether all its texts can be written as they are, as most can: asked in one go."""
    texts = entry.reference + entry.note + entry.partner + entry.partner_tax_number
    whole = texts + entry.sub_type + "".join([line.text for line in entry.lines])
    return whole.isascii() and whole.isprintable()


def _fault(code: Code, *paths: str) -> Fault:
    return Fault(code=code.id, text=code.text, paths=paths)


def _warning(code: Code, field: str, said: str, written: str) -> BookWarning:
    return BookWarning(code=code.id, text=code.text, field=field, said=said, written=written)
