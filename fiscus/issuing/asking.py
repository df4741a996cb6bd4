"""The question to an authority about a series, and whether the series it has is the one we asked
for."""

from dataclasses import dataclass
from datetime import date

from fiscus.channels import (
    ChannelConnection,
    Known,
    KnownSeries,
    RegisterSeries,
    SeriesStanding,
)
from fiscus.issuing.answers import SeriesNeeded
from fiscus.issuing.services import IssuingServices
from fiscus.model.records import SeriesWanted
from fiscus.model.times import day
from fiscus.regimes import Regime, SeriesRegistration


@dataclass(frozen=True, kw_only=True)
class SeriesRequest:
    """One series, and all it takes to ask for it."""

    services: IssuingServices
    channel: ChannelConnection
    credentials: dict[str, str]
    needed: SeriesNeeded
    regime: Regime

    @property
    def registration(self) -> SeriesRegistration:
        registration = self.regime.registration
        assert registration is not None, "a law with a channel for series says so"
        return registration

    @property
    def today(self) -> date:
        return day(self.services.clock(), self.regime.timezone)

    @property
    def first_day(self) -> date:
        """The day from which on it is to be used: today, unless it is wanted ahead."""
        return max(self.today, self.needed.starts_on or self.today)

    def message(self, wanted: SeriesWanted, name: str, starts_on: date) -> RegisterSeries:
        settings, registration = self.services.settings.get(self.regime.code, {}), self.registration
        return RegisterSeries(
            taxpayer=self.needed.tax_number,
            document_type=wanted.document_type,
            name=name,
            purpose=wanted.purpose,
            first_number=1,
            starts_on=starts_on,
            facts={**wanted.facts, **registration.facts(settings)},
        )

    def ask(self, message: RegisterSeries) -> Known:
        return self.channel.ask(message, self.credentials)


@dataclass(frozen=True, kw_only=True)
class SeriesQuestion:
    """What was, or will be, sent for a series, and who waits for the answer. `is_lost`: it was
    sent before, and nobody heard the answer."""

    id: str
    holder: str
    sent: RegisterSeries
    asked_on: date
    is_lost: bool

    def is_answered_by(self, known: Known) -> bool:
        """Whether this series is what was asked for: every trait, and not older than the question.
        Another installation's may look the same but for these."""
        if not isinstance(known, KnownSeries) or known.standing is not SeriesStanding.ACTIVE:
            return False
        there, facts = known.series, self.sent.facts
        return (
            (there.name, there.first_number, there.starts_on, there.purpose)
            == (self.sent.name, self.sent.first_number, self.sent.starts_on, self.sent.purpose)
            and all(facts.get(name) == value for name, value in there.facts.items())
            and known.registered_on >= self.asked_on
        )
