"""What issuing works with: the engine, the clock, the keys, and what it has learnt so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine

from fiscus.devices.pool import DevicePool
from fiscus.issuing import law_keys, periods
from fiscus.issuing.counting import PeriodCount
from fiscus.issuing.numbering import SeriesEnd
from fiscus.issuing.periods import PeriodPlace
from fiscus.journal import sign
from fiscus.journal.append import JournalKey
from fiscus.journal.heads import HeadMemory
from fiscus.model.ids import Ids
from fiscus.model.kinds import StatementKind
from fiscus.model.places import Location, Place, Register, Taxpayer
from fiscus.model.records import PlaceRef, Series
from fiscus.model.times import Clock
from fiscus.regimes import Regime
from fiscus.registry import series, signers, versions
from fiscus.registry.series import StatedSeries
from fiscus.registry.vault import Vault
from fiscus.signers import Signer

_PLACES_MAX = 10_000
_KEYS_MAX = 10_000
_REMEMBERED_MAX = 100_000
_SUSPECTS_MAX = 100
_DRAWERS_MAX = 1_000


@dataclass(kw_only=True)
class IssuingServices:
    """Handed to everything that issues. `settings` are the regimes' own, by regime code;
    `digest_key` is the vault's key for the digests of requests. `heads` is where the chains ended
    when this process wrote or saw them last.

    The memories hold only what never changes: opened keys by their ids, versions of places, what
    laws remember. Another process can therefore never make them wrong. `series` are those that were
    active when they were seen: whether they still are is read under their lock. `stated` is
    what the journal says of a series by the entry that its row names, `periods` the places of
    the periods that ran on registers when they were seen. `drawers` are cash periods counted as far
    as they were committed. `suspects` are registers of which this process refused a number
    (`claimed_numbers.py` tells how they stand).
    """

    engine: Engine
    clock: Clock
    ids: Ids
    vault: Vault
    devices: DevicePool
    settings: Mapping[str, Mapping[str, str]]
    is_live: bool
    digest_key: bytes
    heads: HeadMemory = field(default_factory=HeadMemory)
    journal_keys: dict[str, JournalKey] = field(default_factory=dict)
    seal_keys: dict[str, Signer] = field(default_factory=dict)
    places: dict[tuple[str, int, int, int], Place] = field(default_factory=dict)
    periods: dict[str, PeriodPlace] = field(default_factory=dict)
    series: dict[tuple[str, str, str, str], Series] = field(default_factory=dict)
    stated: dict[str, StatedSeries] = field(default_factory=dict)
    counted: dict[str, SeriesEnd] = field(default_factory=dict)
    remembered: dict[tuple[str, str], str] = field(default_factory=dict)
    suspects: dict[str, None] = field(default_factory=dict)
    drawers: dict[tuple[str, int, int], PeriodCount] = field(default_factory=dict)

    def journal_key(self, tx: Connection, register: str, key: str) -> JournalKey:
        """The present key of a register, which has that id."""
        if key not in self.journal_keys:
            signer, found = signers.of_register(tx, self.vault, register)
            assert found == key, "read under the lock of the register's chain"
            self.journal_keys[key] = JournalKey(signer=signer, id=key, header=sign.header(key))
        return self.journal_keys[key]

    def seal_key(self, tx: Connection, regime: Regime, taxpayer: str) -> Signer:
        """The law's keys for this taxpayer. Raises `Refused` until they are there; for test those
        of a taxpayer are made when they are first needed."""
        owner = law_keys.owner_of(regime, taxpayer)
        place = f"{regime.code}:{owner}" if owner else regime.code
        if place in self.seal_keys:
            return self.seal_keys[place]
        if (
            owner
            and not self.is_live
            and law_keys.make(tx, self.vault, regime, owner, self.clock())
        ):
            return law_keys.opened(tx, self.vault, regime, owner)  # known once it is committed
        if len(self.seal_keys) >= _KEYS_MAX:
            self.seal_keys.clear()
        self.seal_keys[place] = law_keys.opened(tx, self.vault, regime, owner)
        return self.seal_keys[place]

    def stated_series(self, tx: Connection, id_: str, link: str) -> StatedSeries | None:
        """What the journal states last of a series. It is read again when the row, which is under
        lock, names another entry than the one that is known."""
        known = self.stated.get(id_)
        if known is None or known.link != link:
            known = series.stated(tx, id_)
            if known is None:
                return None
            if len(self.stated) >= _KEYS_MAX:
                self.stated.clear()
            self.stated[id_] = known
        return known

    def count(self, id_: str, end: SeriesEnd) -> None:
        """Where this process has left a series; a row that says otherwise is looked into."""
        if len(self.counted) >= _KEYS_MAX:
            self.counted.clear()
        self.counted[id_] = end

    def remember(self, taxpayer: str, key: str, text: str) -> None:
        """What a law remembers of a taxpayer, as the database has it."""
        if len(self.remembered) >= _REMEMBERED_MAX:
            self.remembered.clear()
        self.remembered[taxpayer, key] = text

    def suspect(self, register: str) -> None:
        """A number that its program claimed was refused."""
        if len(self.suspects) < _SUSPECTS_MAX:
            self.suspects[register] = None

    def keep_drawer(self, key: tuple[str, int, int], count: PeriodCount) -> None:
        """A period as far as it was counted, by register, epoch and the last closed sequence."""
        if len(self.drawers) >= _DRAWERS_MAX:
            self.drawers.clear()
        self.drawers[key] = count

    def missing_settings(self, regime: Regime) -> list[str]:
        """The environment variables that the law needs and the installation does not give."""
        given = self.settings.get(regime.code, {})
        return [
            f"FISCUS_{regime.code}_{setting.name}".upper()
            for setting in regime.settings
            if setting.name not in given and not setting.is_optional
        ]

    def place(self, tx: Connection, register: str, at: PlaceRef) -> Place:
        """The place of a register in these versions."""
        key = (register, at.taxpayer_version, at.location_version, at.register_version)
        if key not in self.places:
            if len(self.places) >= _PLACES_MAX:
                self.places.clear()
            self.places[key] = _place(tx, register, at)
        return self.places[key]

    def period(self, tx: Connection, chain: Any) -> PeriodPlace | None:
        """The place of the period that runs on a chain; None: nothing has begun yet."""
        found = periods.begun(tx, chain, self.periods.get(chain.id))
        if found is not None:
            if len(self.periods) >= _PLACES_MAX:
                self.periods.clear()
            self.periods[chain.id] = found
        return found


def _place(tx: Connection, register: str, at: PlaceRef) -> Place:
    content = versions.content
    taxpayer = content(tx, StatementKind.TAXPAYER, at.taxpayer, at.taxpayer_version)
    location = content(tx, StatementKind.LOCATION, at.location, at.location_version)
    issuer = content(tx, StatementKind.REGISTER, register, at.register_version)
    return Place(
        taxpayer=msgspec.json.decode(taxpayer, type=Taxpayer),
        location=msgspec.json.decode(location, type=Location),
        register=msgspec.json.decode(issuer, type=Register),
    )
