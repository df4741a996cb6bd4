"""The endpoints of this family, from the tables of its modules."""

from collections.abc import Mapping

from starlette.routing import Route

from fiscus.api import signed
from fiscus.api.http import House
from fiscus.api.reporting import (
    closings,
    errors,
    exports,
    fiscalizing,
    locations,
    merchants,
    operations,
    registers,
    sessions,
    tse,
)
from fiscus.api.reporting.access import Callers
from fiscus.api.reporting.door import Endpoint, Handler, Operation, unknown

_MODULES = (
    merchants, locations, registers, fiscalizing, tse, operations, sessions, closings, exports,
)  # fmt: skip

ENDPOINTS: tuple[tuple[Operation, Handler], ...] = tuple(
    endpoint for module in _MODULES for endpoint in module.ENDPOINTS
)


def words() -> Mapping[str, tuple[int, str]]:
    """Status and word of every code that this family has words for."""
    found: dict[str, tuple[int, str]] = {**errors.WORDS, **signed.WORDS}
    for module in _MODULES:
        found |= module.WORDS
    return found


def routes(house: House) -> list[Route]:
    """One route per endpoint, and one for every other address below `/v1`."""
    callers, known = Callers(house), words()
    found = [
        Route(
            operation.path,
            Endpoint(house, callers, operation, handler, known),
            methods=[operation.method],
        )
        for operation, handler in ENDPOINTS
    ]
    nothing = unknown(house, callers)
    return [*found, Route("/v1", nothing), Route("/v1/{path:path}", nothing)]
