"""The endpoints of this family, from the tables of its modules."""

from collections.abc import Mapping

from fiscus.api import pipeline, signed
from fiscus.api.families import MountedFamily
from fiscus.api.families.export_jobs import bookkeeping, entries, errors, items, jobs
from fiscus.api.families.export_jobs.calls import Endpoints
from fiscus.api.families.export_jobs.conventions import UNKNOWN, conventions
from fiscus.services import Services

_MODULES = (jobs, items, entries, bookkeeping)

ENDPOINTS: Endpoints = tuple(endpoint for module in _MODULES for endpoint in module.ENDPOINTS)


def words() -> Mapping[str, tuple[int, str]]:
    """Status and type of every code that this family has words for."""
    found = {code: (status, word.upper()) for code, (status, word) in signed.WORDS.items()}
    found |= errors.WORDS
    for module in _MODULES:
        found |= module.WORDS
    return found


def mounted(services: Services) -> MountedFamily:
    spoken = conventions(services, words())
    return MountedFamily(
        endpoints=pipeline.endpoints(services, spoken, ENDPOINTS),
        nothing=pipeline.nothing(services, spoken, UNKNOWN),
    )
