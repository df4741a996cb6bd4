"""What issuing works with: the engine, the clock, the keys, and what it has learnt so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection, Engine

from fiscus.issuing.devices import Devices
from fiscus.journal import sign
from fiscus.journal.append import JournalKey
from fiscus.model.ids import Ids
from fiscus.model.places import Location, Place, Register, Taxpayer
from fiscus.model.records import PlaceRef, Series
from fiscus.model.times import Clock
from fiscus.regimes import Regime
from fiscus.registry import signers, versions
from fiscus.registry.vault import Vault
from fiscus.signers import Signer

_PLACES_MAX = 10_000


@dataclass(kw_only=True)
class Desk:
    """Handed to everything that issues. `settings` are the regimes' own, by regime code.

    The memories hold only what never changes: opened keys, versions of places, active series,
    frozen product descriptions. Another process can therefore never make them wrong.
    """

    engine: Engine
    clock: Clock
    ids: Ids
    vault: Vault
    devices: Devices
    settings: Mapping[str, Mapping[str, str]]
    is_live: bool
    journal_keys: dict[str, JournalKey] = field(default_factory=dict)
    seal_keys: dict[str, Signer] = field(default_factory=dict)
    places: dict[tuple[str, int, int, int], Place] = field(default_factory=dict)
    series: dict[tuple[str, str, str], Series] = field(default_factory=dict)
    descriptions: dict[tuple[str, str], str] = field(default_factory=dict)

    def journal_key(self, tx: Connection, register: str) -> JournalKey:
        if register not in self.journal_keys:
            signer, serial = signers.of_register(tx, self.vault, register)
            self.journal_keys[register] = JournalKey(
                signer=signer, serial=serial, header=sign.header(serial)
            )
        return self.journal_keys[register]

    def seal_key(self, tx: Connection, regime: str) -> Signer:
        """The producer's key for a law. Raises `Refused` until there is one."""
        if regime not in self.seal_keys:
            self.seal_keys[regime] = signers.opened(tx, self.vault, seal_key_name(regime))
        return self.seal_keys[regime]

    def missing_settings(self, regime: Regime) -> list[str]:
        """The environment variables that the law needs and the installation does not give."""
        given = self.settings.get(regime.code, {})
        return [
            f"FISCUS_{regime.code}_{setting.name}".upper()
            for setting in regime.settings
            if setting.name not in given
        ]

    def place(self, tx: Connection, register: str, at: PlaceRef) -> Place:
        """The place of a register in these versions."""
        key = (register, at.taxpayer_version, at.location_version, at.register_version)
        if key not in self.places:
            if len(self.places) >= _PLACES_MAX:
                self.places.clear()
            self.places[key] = _place(tx, register, at)
        return self.places[key]


def _place(tx: Connection, register: str, at: PlaceRef) -> Place:
    content = versions.content
    taxpayer = content(tx, "taxpayer", at.taxpayer, at.taxpayer_version)
    location = content(tx, "location", at.location, at.location_version)
    issuer = content(tx, "register", register, at.register_version)
    return Place(
        taxpayer=msgspec.json.decode(taxpayer, type=Taxpayer),
        location=msgspec.json.decode(location, type=Location),
        register=msgspec.json.decode(issuer, type=Register),
    )


def seal_key_name(regime: str) -> str:
    return f"seal:{regime}"
