"""Who sells, where, on what: as registered in one version."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

import msgspec

from fiscus.model.documents import Address


class ReportingMode(StrEnum):
    """How an authority hears of a taxpayer's documents: each by itself as soon as it is issued, or
    a month of them in one file (SAF-T), which the taxpayer hands in."""

    REALTIME = "realtime"
    SAFT = "saft"


class ReportingTerm(msgspec.Struct, frozen=True, kw_only=True):
    """From which day on which way counts: the first of a month, so that no month has two."""

    mode: ReportingMode
    since: date


class Taxpayer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who owes the tax, as registered in one version. `facts` are the country's own fields
    (tax number, e-mail, registration …), never secrets. `reporting` is what it chose of the ways to
    report its documents, oldest first; before that, and without any, it is the monthly file."""

    id: str
    version: int
    organization: str
    regime: str
    legal_name: str
    trade_name: str = ""
    address: Address
    facts: Mapping[str, str] = {}
    reporting: tuple[ReportingTerm, ...] = ()

    def reports(self, on: date) -> ReportingMode:
        """How documents of that day are reported."""
        chosen = [term.mode for term in self.reporting if term.since <= on]
        return chosen[-1] if chosen else ReportingMode.SAFT


class Location(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where it sells. `timezone` (IANA; empty: the law's) and `cut_off` (`HH:MM` there; empty:
    never) say when its registers are closed by themselves."""

    id: str
    version: int
    name: str
    address: Address
    timezone: str = ""
    cut_off: str = ""


class NumberCheck(StrEnum):
    """What is done about a number that a register's program says it has printed: it is compared
    with the one that the law comes to, or ignored."""

    COMPARE = "compare"
    IGNORE = "ignore"


class Register(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What issues; owns a journal chain. `software` is the caller's program: its name, and its
    version unless that stands in `software_version`; `brand` and `model` are those of the thing.
    `numbers` is what is done about the numbers that the program claims."""

    id: str
    version: int
    name: str = ""
    software: str = ""
    serial: str = ""
    numbers: NumberCheck = NumberCheck.COMPARE
    brand: str = ""
    model: str = ""
    software_version: str = ""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Who sells, where, on what: as they were at one moment."""

    taxpayer: Taxpayer
    location: Location
    register: Register

    @property
    def is_online(self) -> bool:
        """Whether nothing stands there: what is sold online is recorded in a journal of its own,
        which has the id of its taxpayer, as the head office has. It is no register."""
        return self.register.id == self.taxpayer.id
