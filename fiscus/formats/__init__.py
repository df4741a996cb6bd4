"""Files we can write and check. A format sees records and a period, never a database."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec

from fiscus.model.accounts import ChartAccount
from fiscus.model.booked import BookBatch, BookedEntry, BookFile, BookWarning
from fiscus.model.documents import DocumentKind
from fiscus.model.extracts import BodyExtract
from fiscus.model.faults import Code, Fault, Missing
from fiscus.model.notified import NotifiedLocation, NotifiedRegister
from fiscus.model.places import Taxpayer
from fiscus.model.plugin_settings import Setting
from fiscus.model.plugins import plugged
from fiscus.model.records import EntryBody
from fiscus.model.times import Period

UNKNOWN_FORMAT = Code("FORMAT-FIND-01", "no format of that name is installed")
UNKNOWN_BOOK_FORMAT = Code(
    "FORMAT-FIND-03", "no format of that name is installed for accounting programs"
)
UNKNOWN_PRINT = Code("FORMAT-FIND-02", "nothing is installed that prints a record of this kind")


Check = Callable[[Path, Mapping[str, str]], tuple[Fault, ...]]
"""Reads a file back, whoever wrote it, and names every fault."""


class CheckScope(msgspec.Struct, frozen=True, kw_only=True):
    """How far a checker goes, in sentences: what it has `checked`, what is left `unchecked`, and
    what is `needed` to judge that too. `leaves_signatures`: the file has signatures, and they were
    not verified, so finding nothing proves little."""

    checked: tuple[str, ...]
    unchecked: tuple[str, ...]
    needed: tuple[str, ...] = ()
    leaves_signatures: bool = False


Scoped = Callable[[Mapping[str, str]], CheckScope]
"""How far a checker goes with these settings, which are those of `Check`."""


def _says_no_scope(settings: Mapping[str, str]) -> CheckScope:
    return CheckScope(
        checked=("What the checker of this format looks for.",),
        unchecked=("All else: this format does not say how far its checker goes.",),
        needed=("Ask the maker of the format.",),
    )


class FileClues(msgspec.Struct, frozen=True, kw_only=True):
    """What a file of unknown kind shows before it is read: its name, its first bytes, and of a TAR
    or ZIP the names of its first files."""

    name: str
    head: bytes
    members: tuple[str, ...] = ()


Recognize = Callable[[FileClues], bool]
"""Whether a file looks like one of a format. It is judged afterwards."""


def _recognizes_nothing(clues: FileClues) -> bool:
    return False


class IssuedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed document, and the cancellation that came after it, if any."""

    body: EntryBody
    void: EntryBody | None = None


class DocumentOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a document that another one refers to is found: its intention, and the sealed closing
    that covers it (None while it is not closed)."""

    intent: str
    closing: EntryBody | None


class DeviceArchive(msgspec.Struct, frozen=True, kw_only=True):
    """A foreign device's own export of the selection, in blocks; may be read again."""

    serial: str
    blocks: Callable[[], Iterator[bytes]]


def _no_closings() -> Iterator[tuple[EntryBody, Iterator[BodyExtract]]]:
    return iter(())


def _no_origin(record: str) -> DocumentOrigin | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What to write: a taxpayer as it was at the end of the period, and its sealed documents,
    training documents left out, ordered by series and number. `records()` streams and may be
    called again; of one register, if the file is of one. `settings` are the regime's,
    `written_at` is UTC.

    `closings()` streams sealed closings, register by register by Z number, each with what
    files show of the documents it covers (training included, the closing itself is not among
    them), in the order of the journal. `origin(record)` finds what a document refers to.
    `archives` are the exports of the devices that signed.
    """

    taxpayer: Taxpayer
    period: Period
    records: Callable[[], Iterator[IssuedDocument]]
    settings: Mapping[str, str]
    timezone: str
    written_at: datetime
    closings: Callable[[], Iterator[tuple[EntryBody, Iterator[BodyExtract]]]] = _no_closings
    origin: Callable[[str], DocumentOrigin | None] = _no_origin
    archives: tuple[DeviceArchive, ...] = ()


class FormatSource(StrEnum):
    """What a format is made of, and so what must be there before it can be written.

    - `RECORDS`: the sealed documents of days, of all registers or of one. There may be none;
    - `CLOSINGS`: the sealed closings of days with what they cover, of all registers or of one;
    - `ARCHIVES`: what the signing devices of one register have logged.
    """

    RECORDS = "records"
    CLOSINGS = "closings"
    ARCHIVES = "archives"


@dataclass(frozen=True, kw_only=True)
class Format:
    """A kind of file, and all that others ask about it.

    - `title`: what it is, in a few words that go on after "Write ": `the audit file of …`;
    - `laws`: the codes of the laws that it is for; empty: any law;
    - `reads`: what it is made of;
    - `is_prescribed`: the law wants it handed over; it is then a part of each audit package;
    - `write(selection)` streams the file in bounded memory, None where a file can only be read so
      far;
    - `check(path, settings)` reads one back, whoever wrote it, and names every fault and, as notes,
      what it could not judge (`settings` may hold public keys to verify seals with);
    - `scope(settings)`: how far this check goes, so that no result says more than was checked;
    - `command`: its name behind `fiscus export`, where that is another than the code;
    - `recognizes(clues)`: whether a file of unknown kind looks like this one;
    - `remedies`: what to do about what the checker finds, by the code or by what codes begin with.
    """

    code: str
    title: str
    version: str
    media_type: str
    extension: str
    check: Check
    scope: Scoped = _says_no_scope
    write: Callable[[Selection], Iterator[bytes]] | None = None
    laws: frozenset[str] = frozenset()
    reads: FormatSource = FormatSource.RECORDS
    is_prescribed: bool = False
    command: str = ""
    recognizes: Recognize = _recognizes_nothing
    remedies: Mapping[str, str] = field(default_factory=dict)

    def is_for(self, law: str) -> bool:
        """Whether files of a taxpayer under this law may be of this format."""
        return not self.laws or law in self.laws


class BookTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What a company tells a format, beside its entries: its own `settings` for it by name, and the
    `accounts` of its chart by code."""

    settings: Mapping[str, str] = {}
    accounts: Mapping[str, ChartAccount] = {}


class EntryJudgement(msgspec.Struct, frozen=True, kw_only=True):
    """What a format says of one entry before it is written: faults, for which the entry's item
    fails and is left out of the file, and warnings of values that it had to change."""

    faults: tuple[Fault, ...] = ()
    warnings: tuple[BookWarning, ...] = ()


EntryJudge = Callable[[BookedEntry], EntryJudgement]
"""What judges the entries of one company, one by one."""


@dataclass(frozen=True, kw_only=True)
class BookFormat:
    """A kind of file that accounting programs import; made of accounting entries.

    - `code`: as a job names it (`datev-extf`); `title` goes on after "Write "; `version` of its
      specification;
    - `settings`: what a company must or may tell it (a consultant's number); the pattern is what
      the whole value must match, and one without a `test_value` must be given;
    - `faults(terms)`: what no file can be written with, whatever the entries are, beside the
      patterns of the settings;
    - `judge(terms)`: gives what says of each entry whether it can be written, and what must be
      changed. An account that is missing is empty, and was found before: it is no fault here;
    - `files(batch)`: one file or several, streamed in bounded memory; the same batch gives the same
      bytes. Entries without a fault, under terms without one, are written without fail;
    - `check(path, settings)`: reads one file back, whoever wrote it, and names every fault;
    - `scope`, `recognizes` and `remedies` as of a `Format`.
    """

    code: str
    title: str
    version: str
    media_type: str
    extension: str
    settings: tuple[Setting, ...]
    faults: Callable[[BookTerms], tuple[Fault, ...]]
    judge: Callable[[BookTerms], EntryJudge]
    files: Callable[[BookBatch], Iterator[BookFile]]
    check: Check
    scope: Scoped = _says_no_scope
    recognizes: Recognize = _recognizes_nothing
    remedies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PrintFormat:
    """One record of some `kinds` on paper: `pdf(body, paper)` gives a PDF, for one of `papers`."""

    code: str
    kinds: frozenset[DocumentKind]
    papers: tuple[str, ...]
    pdf: Callable[[EntryBody, str], bytes]


@dataclass(frozen=True, kw_only=True)
class Notification:
    """What an office wants to be told, under a `law`, about the registers of a location.

    `forms`: how it can be written, by name, the usual one first; each raises `Refused` with all
    facts that are missing. `due(register)`: the last day for telling of it.
    """

    code: str
    law: str
    forms: Mapping[str, Callable[[NotifiedLocation], bytes]]
    due: Callable[[NotifiedRegister], date]


@cache
def prints() -> dict[str, PrintFormat]:
    return plugged(__name__, __path__, "PRINTS", PrintFormat)


@cache
def notifications() -> dict[str, Notification]:
    return plugged(__name__, __path__, "NOTIFICATIONS", Notification)


def notification_of(law: str) -> Notification | None:
    """None: the law wants no office to be told."""
    return next((one for one in notifications().values() if one.law == law), None)


def print_of(kind: DocumentKind) -> PrintFormat:
    """What shows records of this kind on paper. Raises `Missing`."""
    for found in prints().values():
        if kind in found.kinds:
            return found
    raise Missing(UNKNOWN_PRINT)


@cache
def books() -> dict[str, BookFormat]:
    """What is written for accounting programs, by code."""
    return plugged(__name__, __path__, "BOOKS", BookFormat)


def find_book(code: str) -> BookFormat:
    try:
        return books()[code]
    except KeyError:
        known = ", ".join(books())
        raise Missing(UNKNOWN_BOOK_FORMAT, f"target {code} (known: {known})") from None


def checkers() -> dict[str, Check]:
    """What reads each kind of file back, by code: audit files, and those for accounting
    programs."""
    audit = {form.code: form.check for form in installed().values()}
    return {**audit, **{form.code: form.check for form in books().values()}}


def find_checker(code: str) -> Check:
    try:
        return checkers()[code]
    except KeyError:
        raise Missing(UNKNOWN_FORMAT) from None


def scope(code: str, settings: Mapping[str, str]) -> CheckScope:
    """How far the checker of this format goes. Raises `Missing`."""
    for form in _read_back():
        if form.code == code:
            return form.scope(settings)
    raise Missing(UNKNOWN_FORMAT)


def _read_back() -> tuple[Format | BookFormat, ...]:
    return (*installed().values(), *books().values())


def titles() -> dict[str, str]:
    """What each kind of file is that is read back, by code."""
    return {form.code: form.title for form in _read_back()}


def recognized(clues: FileClues) -> tuple[str, ...]:
    """The codes of all formats that a file looks like, the likeliest first."""
    return tuple(form.code for form in _read_back() if form.recognizes(clues))


def remedy(code: str) -> str:
    """What to do about what a checker found; empty where its format says nothing of it."""
    found = {
        start: said
        for form in _read_back()
        for start, said in form.remedies.items()
        if code.startswith(start)
    }
    return found[max(found, key=len)] if found else ""


@cache
def installed() -> dict[str, Format]:
    return plugged(__name__, __path__, "FORMATS", Format)


def find(code: str) -> Format:
    try:
        return installed()[code]
    except KeyError:
        raise Missing(UNKNOWN_FORMAT) from None
