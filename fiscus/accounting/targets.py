"""Where the file of an export job can go, and what its format says of the books before the job is
made: of settings and chart as a whole, then of each entry while it is frozen."""

import re
from collections.abc import Iterator

from fiscus import formats
from fiscus.accounting.mapping import BooksContent
from fiscus.formats import BookFormat, BookTerms, EntryJudge, EntryJudgement, Format
from fiscus.model.booked import BookedEntry
from fiscus.model.faults import Code, Fault, Refused

NOT_WRITABLE = Code(
    "BOOKS-WRITE-01",
    "no file of this format can be written for this company: choose another target",
)
SETTING_MISSING = Code(
    "BOOKS-WRITE-02", "this format needs a setting that the books of this company do not have"
)
SETTING_WRONG = Code("BOOKS-WRITE-03", "a setting of this format is not as it must be")
CHART_WRONG = Code("BOOKS-WRITE-07", "the chart of this company cannot be written by this format")


def writable(law: str) -> tuple[BookFormat | Format, ...]:
    """What file jobs of a company under this law can be made for."""
    audit = (form for form in formats.installed().values() if _is_audit(form.code, law))
    return (*formats.books().values(), *audit)


def expect_writable(law: str, content: BooksContent, target: str) -> None:
    """Whether a file job of a company under this law can go to that target. Raises `Refused` with
    all that is wrong with the settings and the chart."""
    form = formats.books().get(target)
    if form is not None:
        _expect_terms(form, content)
    elif not _is_audit(target, law):
        known = ", ".join(form.code for form in writable(law))
        raise Refused(NOT_WRITABLE, f"target {target} (known: {known})")


def judge(content: BooksContent, target: str) -> EntryJudge:
    """What says of each entry whether a file for this target can hold it. A program that fetches
    the entries judges them by itself, and an audit file is not made of entries."""
    form = formats.books().get(target)
    return _anything if form is None else form.judge(_terms(form, content))


def _anything(entry: BookedEntry) -> EntryJudgement:
    return EntryJudgement()


def _is_audit(code: str, law: str) -> bool:
    form = formats.installed().get(code)
    return bool(form and form.is_prescribed and form.write and form.is_for(law))


def _terms(form: BookFormat, content: BooksContent) -> BookTerms:
    return BookTerms(
        settings=content.formats.get(form.code, {}),
        accounts={account.code: account for account in content.accounts},
    )


def _expect_terms(form: BookFormat, content: BooksContent) -> None:
    terms = _terms(form, content)
    found = list(_setting_faults(form, terms))
    code = next((one for one in (SETTING_MISSING, SETTING_WRONG) if _has(found, one)), CHART_WRONG)
    if not _has(found, SETTING_WRONG):  # The chart is judged by settings that can be read.
        found += form.faults(terms)
    if found:
        raise Refused(code, faults=tuple(found))


def _has(found: list[Fault], code: Code) -> bool:
    return any(fault.code == code.id for fault in found)


def _setting_faults(form: BookFormat, terms: BookTerms) -> Iterator[Fault]:
    given, known = terms.settings, {one.name: one for one in form.settings}
    missing = [
        name for name, one in known.items() if one.test_value is None and not given.get(name)
    ]
    wrong = [
        name
        for name, value in given.items()
        if name not in known or (value and not re.fullmatch(known[name].pattern, value))
    ]
    for code, names in ((SETTING_MISSING, missing), (SETTING_WRONG, wrong)):
        if names:
            paths = tuple(f"formats.{form.code}.{name}" for name in sorted(names))
            yield Fault(code=code.id, text=code.text, paths=paths)
