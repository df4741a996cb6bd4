"""The law, one folder per country: what is allowed, how it is numbered, what is signed."""

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from fiscus.model.documents import Draft, Kind
from fiscus.model.faults import Code, Fault, Missing
from fiscus.model.places import Place
from fiscus.model.records import Case, Seal, SeriesWanted, Signing
from fiscus.model.sockets import plugged
from fiscus.signers import DeviceTransaction, SignRequest

UNKNOWN_REGIME = Code("REGIME-FIND-01", "no law is installed for this country")

SealFlow = Generator[SignRequest, str, Seal]
DeviceFlow = Generator[DeviceTransaction, Signing, Seal]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One sentence of law as a function: yields the paths where a case breaks it.

    `is_formal`: the request itself is incomplete; it is sent back and leaves no refusal behind.
    `is_final`: only the whole document can break it, not what is known of it when it is begun.
    """

    code: Code
    law: str
    broken_at: Callable[[Case], Iterator[str]]
    is_formal: bool = False
    is_final: bool = False


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
class Setting:
    """A setting of the installation that only this law needs: `FISCUS_<CODE>_<NAME>`.

    `test_value` serves the test environment; without one, and always in live, it must be given.
    """

    name: str
    help: str
    test_value: str | None = None
    pattern: str = ".+"


def _no_faults(facts: Mapping[str, str], is_live: bool) -> Iterator[Fault]:
    return iter(())


def _rates_none(region: str, on: date) -> tuple[VatRate, ...]:
    return ()


def _plain_number(facts: Mapping[str, str]) -> str:
    return facts.get("tax_id_number", "")


@dataclass(frozen=True, kw_only=True)
class Regime:
    """A country's answers to the questions issuing asks, in the order it asks them.

    - `identity(facts, is_live)`: what is wrong with a taxpayer's own fields, before it may sell;
    - `frozen_facts`: the fields that may not change once a document exists;
    - `tax_number`: the field with the number under which the tax office knows the taxpayer;
    - `issues`: the kinds of documents and acts this law knows;
    - `series(draft, place)`: which counter does this draw from? None: it takes no number;
    - `rules`: what is refused, with which code, by which article;
    - `seal(case)`: what is signed, and what if the signer is down;
    - `seal_key`: the algorithm of the producer's key, empty if the law needs none;
    - `device`: the family of foreign devices that must sign every transaction, empty if none; its
      `seal` is then a `DeviceFlow`, and the device hears of an intention at its start;
    - `left_over`: what a device is told of a transaction that an outage left open and that no
      document will end; None: nothing, it stays open;
    - `vat_rates(postal_code, on)`, `exemptions(on)`: the codes a caller may use there and then;
    - `zero_names`: what the name of a tax says about a rate of zero; the first that fits counts.
    """

    code: str
    name: str
    country: str
    timezone: str
    issues: frozenset[Kind]
    series: Callable[[Draft, Place], SeriesWanted | None]
    seal: Callable[[Case], SealFlow] | Callable[[Case], DeviceFlow]
    rules: tuple[Rule, ...] = ()
    seal_key: str = ""
    device: str = ""
    left_over: DeviceTransaction | None = None
    settings: tuple[Setting, ...] = ()
    identity: Callable[[Mapping[str, str], bool], Iterator[Fault]] = _no_faults
    frozen_facts: tuple[str, ...] = ()
    tax_number: str = "tax_id_number"
    vat_number: Callable[[Mapping[str, str]], str] = _plain_number
    vat_rates: Callable[[str, date], tuple[VatRate, ...]] = _rates_none
    exemptions: Callable[[date], tuple[Exemption, ...]] = field(default=lambda on: ())
    zero_names: tuple[ZeroName, ...] = ()
    is_test_only: bool = False


@cache
def installed() -> dict[str, Regime]:
    return plugged(__name__, __path__, "REGIMES", Regime)


def find(code: str) -> Regime:
    try:
        return installed()[code]
    except KeyError:
        raise Missing(UNKNOWN_REGIME) from None
