"""The law, one folder per country: what is allowed, how it is numbered, what is signed."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from fiscus.model.accounts import AccountedDocument, Bearing, Booking, StarterChart
from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.explained import ExplainedPart
from fiscus.model.faults import Code, Fault, Missing
from fiscus.model.obligations import Obligation
from fiscus.model.places import Location, Place
from fiscus.model.plugin_settings import Setting
from fiscus.model.plugins import plugged
from fiscus.model.records import Case, DeviceSigning, EntryBody, Seal, SeriesWanted
from fiscus.signers import DeviceTransaction, SignRequest

UNKNOWN_REGIME = Code("REGIME-FIND-01", "no law is installed for this country")

SealFlow = Generator[SignRequest, str, Seal]
DeviceFlow = Generator[DeviceTransaction, DeviceSigning, Seal]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One sentence of law as a function: yields the paths where a case breaks it.

    `is_formal`: the request itself is incomplete; it is sent back and leaves no refusal behind.
    `is_final`: only the whole document can break it, not what is known of it when it is begun.
    `is_not_yet`: the law allows it and we cannot record it whole: sent back as not implemented.
    """

    code: Code
    law: str
    broken_at: Callable[[Case], Iterator[str]]
    is_formal: bool = False
    is_final: bool = False
    is_not_yet: bool = False


def faults(case: Case, rules: tuple[Rule, ...]) -> tuple[Fault, ...]:
    """All broken rules at once, each with all places where it is broken."""
    found = []
    for rule in rules:
        if paths := tuple(rule.broken_at(case)):
            found.append(Fault(code=rule.code.id, text=rule.code.text, law=rule.law, paths=paths))
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class VatRate:
    """A rate by the code that callers use; `percentage` as text (`23`)."""

    code: str
    percentage: str
    description: str
    is_historic: bool = False


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """A lawful reason for a line without VAT, by the code that callers use."""

    code: str
    description: str


@dataclass(frozen=True, kw_only=True)
class ZeroName:
    """How callers without codes say why a rate is zero: `part` of the tax's name, in lower case,
    and the code it stands for, of an exemption or of a rate."""

    part: str
    code: str
    is_exempt: bool = True


@dataclass(frozen=True, kw_only=True)
class SeriesTurn:
    """A series whose name holds for a period: the one that follows, the day it begins, and the last
    day on which a document may still be taken into the old one."""

    wanted: SeriesWanted
    starts_on: date
    last_day: date


@dataclass(frozen=True, kw_only=True)
class SeriesRegistration:
    """What a law says that has series registered and counts them by tax number.

    - `channel`: the authority's channel that registers them;
    - `number(facts)`: the tax number in its one spelling, however it was written; empty if there
      is none. It belongs to one taxpayer of an environment;
    - `read(number)`: of which series a number on a document is, and which of it; None if it is no
      number of this law;
    - `named(document_type, name)`: that series, as its authority would be asked for it; None if
      the law has no such type or refuses the name;
    - `others(wanted)`: other lawful names for it, the nearest first;
    - `following(document_type, name)`: what comes after a series of that name, if we named it and
      its name holds for a period; None: it goes on as it is;
    - `may_cancel(registered_on, today)`: whether the authority may still undo the registration of a
      series that was never used;
    - `facts(settings)`: what the authority is told of the program, from the law's own settings;
    - `carries(text)`: whether a series of another program may be continued from this signature;
    - `law`: where it is written that a series is registered before its use, `place_law` that it
      belongs to one location.
    """

    channel: str
    number: Callable[[Mapping[str, str]], str]
    read: Callable[[str], tuple[SeriesWanted, int] | None]
    named: Callable[[str, str], SeriesWanted | None]
    others: Callable[[SeriesWanted], Iterator[SeriesWanted]]
    following: Callable[[str, str], SeriesTurn | None]
    may_cancel: Callable[[date, date], bool]
    facts: Callable[[Mapping[str, str]], Mapping[str, str]]
    carries: Callable[[str], bool]
    law: str
    place_law: str


@dataclass(frozen=True, kw_only=True)
class ReportingMonths:
    """What a law wants of each calendar month that is over, besides its documents' own reports.

    - `due(month)`: the last day for it; a month is named by its first day;
    - `invoices`: the types of documents of which one makes it a month with invoicing;
    - `file`: the format of the file of a month, as `fiscus export` names it;
    - `hand_in`, `declare`: what a person does elsewhere, with that file, and for a month without
      invoicing;
    - `law`: where it is written.
    """

    due: Callable[[date], date]
    invoices: frozenset[str]
    file: str
    hand_in: str
    declare: str
    law: str


class KeyOwner(StrEnum):
    """Whose a law's keys are: the producer's, one for the installation, or each taxpayer's own."""

    INSTALLATION = "installation"
    TAXPAYER = "taxpayer"


@dataclass(frozen=True, kw_only=True)
class RegimeMemory:
    """What a law remembers of a taxpayer: texts under keys, the first under each key for ever.

    - `asked(draft)`: the keys under which something may be remembered that this draft must agree
      with; the case brings what there is (`Case.remembered`);
    - `listed(draft)`: the beginnings of keys of which the case brings all that there are;
    - `kept(seal)`: the keys and texts to remember of a sealed document.
    """

    asked: Callable[[Draft], Iterable[str]]
    kept: Callable[[Seal], Iterable[tuple[str, str]]]
    listed: Callable[[Draft], Iterable[str]] = lambda draft: ()


@dataclass(frozen=True, kw_only=True)
class RegimeAccounting:
    """What a law tells the books.

    - `bearings`: for each type of document that the law can issue what it means to the books
      (revenue, payment, neither), each by name;
    - `is_per_closing`: whether the documents of a closed day are booked together unless the company
      wants it otherwise; else each document by itself;
    - `bookings(document)`: the amounts of one document under the law's keys; they add up to zero.
      Nothing for what bears no money. A cancelled document is booked again with opposite signs: a
      cancellation is never asked for;
    - `keys`: what the first parts of its keys stand for, in plain words, for whoever maps them;
    - `charts`: what an accountant of the country may begin with.
    """

    bearings: Mapping[str, Bearing]
    is_per_closing: bool
    bookings: Callable[[AccountedDocument], tuple[Booking, ...]]
    keys: Mapping[str, str]
    charts: tuple[StarterChart, ...] = ()


def _no_faults(facts: Mapping[str, str], is_live: bool) -> Iterator[Fault]:
    return iter(())


def _rates_none(region: str, on: date) -> tuple[VatRate, ...]:
    return ()


def _as_said(case: Case) -> Draft:
    return case.draft


def _category_unknown(tax_code: str) -> str:
    return "other"


def _no_number(facts: Mapping[str, str]) -> str:
    return ""


def _unchanged(text: str) -> str:
    return text


def _explained_not(body: EntryBody) -> tuple[ExplainedPart, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Regime:
    """A country's answers to the questions issuing asks, in the order it asks them.

    - `identity(facts, is_live)`: what is wrong with a taxpayer's own fields, before it may sell;
    - `frozen_facts`: the fields that may not change once a document exists;
    - `tax_number`: the field with the number under which the tax office knows the taxpayer;
    - `vat_number(facts)`: its number for trade between member states, with the country before it;
      empty if it has none: it is never guessed from the tax number;
    - `issues`: the kinds of documents and acts this law knows, each of them by name: a kind that is
      added later must not slip into a law that never thought of it;
    - `registration`: what it says of series that an authority registers under a tax number; None:
      a taxpayer counts for itself, and two may have one number;
    - `series(draft, place)`: which counter does this draw from? None: it takes no number;
    - `completed(case)`: the draft as the law reads it, with what the caller leaves out and another
      document tells, and in the law's spelling. It refuses nothing; rules and seal see its answer;
    - `memory`: what it remembers of documents, and asks of later ones; None: nothing;
    - `clock_back_max`: how far the clock may be behind the last entry and still be taken as having
      slipped, so that the last time counts again; further back nothing is issued;
    - `rules`: what is refused, with which code, by which article;
    - `seal(case)`: what is signed, and what if the signer is down;
    - `seal_key`: the algorithm of the key that signs, empty if the law needs none; `cipher_key` of
      the one that encrypts; `key_owner` whose they are; `published_keys`: keys that anyone has, by
      the SHA-256 of their public half (SubjectPublicKeyInfo, DER): none of them signs in live;
    - `obligations(body)`: what a concluded record, a closing included, obliges us to report; None:
      nothing, ever. `has_reporting_choice`: only for taxpayers that chose to report each document
      when it is issued; others hand in a file each month;
    - `reporting_months`: what it wants of each month that is over; None: nothing;
    - `device`: the family of foreign devices that must sign every transaction, empty if none; its
      `seal` is then a `DeviceFlow`, and the device hears of an intention at its start;
    - `has_period_places`: who sells, where and on what stays for a cash period what it was when the
      period began, whatever is changed meanwhile: its closing shows one place for all it covers;
    - `left_over`: what a device is told of a transaction that an outage left open and that no
      document will end; None: nothing, it stays open;
    - `vat_rates(postal_code, on)`, `exemptions(on)`: the codes a caller may use there and then;
    - `remedies`: what to do about what it refuses, by code, where the sentence does not say so;
    - `void_print`: what a reprint of a cancelled document says besides; empty: nothing;
    - `zero_names`: what the name of a tax says about a rate of zero; the first that fits counts,
      what fits none is unclear (a law that lists none does not look at names);
    - `zero_categories`: the same for a caller that says why a rate is zero, by its word for it
      (`zero`, `exempt`, `export`, `intra_community`, `small_business`, `margin_scheme`,
      `not_taxable`);
    - `accounting`: what it tells the books; None: nothing yet, and no entries are made;
    - `tax_category(tax_code)`: what a tax code of a closing stands for, in plain words (`standard`,
      `reduced`, `exempt`, `not_taxable` …);
    - `explained(body)`: how a sealed record came to be what it is: what was signed, each sum, each
      field of the QR code; nothing where it has nothing to tell;
    - `signer_words(text)`: what a signer had said, of the words in which the law's records have it;
      what is none of these stays.
    """

    code: str
    name: str
    country: str
    timezone: str
    issues: frozenset[DocumentKind]
    series: Callable[[Draft, Place], SeriesWanted | None]
    seal: Callable[[Case], SealFlow] | Callable[[Case], DeviceFlow]
    completed: Callable[[Case], Draft] = _as_said
    memory: RegimeMemory | None = None
    clock_back_max: timedelta = timedelta(minutes=10)
    rules: tuple[Rule, ...] = ()
    seal_key: str = ""
    published_keys: frozenset[str] = frozenset()
    cipher_key: str = ""
    key_owner: KeyOwner = KeyOwner.INSTALLATION
    obligations: Callable[[EntryBody], Iterable[Obligation]] | None = None
    has_reporting_choice: bool = False
    reporting_months: ReportingMonths | None = None
    device: str = ""
    has_period_places: bool = False
    left_over: DeviceTransaction | None = None
    settings: tuple[Setting, ...] = ()
    identity: Callable[[Mapping[str, str], bool], Iterator[Fault]] = _no_faults
    frozen_facts: tuple[str, ...] = ()
    registration: SeriesRegistration | None = None
    tax_number: str = "tax_id_number"
    vat_number: Callable[[Mapping[str, str]], str] = _no_number
    vat_rates: Callable[[str, date], tuple[VatRate, ...]] = _rates_none
    exemptions: Callable[[date], tuple[Exemption, ...]] = field(default=lambda on: ())
    remedies: Mapping[str, str] = field(default_factory=dict)
    void_print: str = ""
    zero_names: tuple[ZeroName, ...] = ()
    zero_categories: Mapping[str, ZeroName] = field(default_factory=dict)
    accounting: RegimeAccounting | None = None
    tax_category: Callable[[str], str] = _category_unknown
    explained: Callable[[EntryBody], tuple[ExplainedPart, ...]] = _explained_not
    signer_words: Callable[[str], str] = _unchanged
    is_test_only: bool = False

    def timezone_of(self, location: Location) -> str:
        """The clock at a location under this law (IANA): its own, else the law's."""
        return location.timezone or self.timezone


def sole_number(regime: str, facts: Mapping[str, str]) -> str:
    """The number that no two taxpayers may have, with its law before it (`xx:123456789`); empty
    where the law asks for none, or the taxpayer has not told it yet."""
    registration = find(regime).registration
    number = registration.number(facts) if registration else ""
    return f"{regime}:{number}" if number else ""


@cache
def installed() -> dict[str, Regime]:
    return plugged(__name__, __path__, "REGIMES", Regime)


@cache
def _remedies() -> dict[str, str]:
    return {code: text for law in installed().values() for code, text in law.remedies.items()}


def remedy(code: str) -> str:
    """What to do about a fault with this code; empty where its sentence says so itself."""
    return _remedies().get(code, "")


def signer_words(text: str) -> str:
    """What a signer had said, whichever law's records have it in words of its own."""
    for law in installed().values():
        text = law.signer_words(text)
    return text


def find(code: str) -> Regime:
    try:
        return installed()[code]
    except KeyError:
        raise Missing(UNKNOWN_REGIME) from None
