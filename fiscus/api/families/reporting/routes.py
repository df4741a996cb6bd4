"""The endpoints of this family, from the tables of its modules."""

from collections.abc import Mapping

from fiscus.api import pipeline, signed
from fiscus.api.families import MountedFamily
from fiscus.api.families.reporting import (
    closings,
    errors,
    exports,
    fiscalizing,
    locations,
    merchants,
    operations,
    proofs,
    registers,
    sessions,
    tabs,
    tse,
)
from fiscus.api.families.reporting.calls import Endpoints
from fiscus.api.families.reporting.conventions import UNKNOWN, conventions
from fiscus.services import Services

_MODULES = (
    merchants,
    locations,
    registers,
    fiscalizing,
    tse,
    operations,
    proofs,
    sessions,
    tabs,
    closings,
    exports,
)

ENDPOINTS: Endpoints = tuple(endpoint for module in _MODULES for endpoint in module.ENDPOINTS)


def words() -> Mapping[str, tuple[int, str]]:
    """Status and word of every code that this family has words for."""
    found: dict[str, tuple[int, str]] = {**errors.WORDS, **signed.WORDS}
    for module in _MODULES:
        found |= module.WORDS
    return found


def mounted(services: Services) -> MountedFamily:
    spoken = conventions(services, words())
    return MountedFamily(
        endpoints=pipeline.endpoints(services, spoken, ENDPOINTS),
        nothing=pipeline.nothing(services, spoken, UNKNOWN),
    )
