"""Finds the rows of an installation under test, as the board and `/health` do."""

from collections.abc import Iterator
from contextlib import contextmanager

from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.tests.caller import Caller
from fiscus.problems import listing
from fiscus.problems.listing import OfDatabase
from fiscus.problems.rows import ProblemKind, ProblemRow, ProblemScope
from fiscus.store.connect import reading
from tests.support.premises import Premises


@contextmanager
def scope(
    premises: Premises, *organizations: str, registers: tuple[str, ...] = ()
) -> Iterator[ProblemScope]:
    """What is these organizations'; without one: of all together."""
    services = premises.services
    with reading(services.engine) as tx:
        yield ProblemScope(
            services=services,
            tx=tx,
            at=services.clock(),
            organizations=organizations or None,
            registers=registers,
        )


def rows(
    premises: Premises,
    *organizations: str,
    finds: tuple[OfDatabase, ...] | None = None,
    registers: tuple[str, ...] = (),
) -> list[ProblemRow]:
    wanted = finds or (listing.ORGANIZATION if organizations else listing.COUNTED)
    with scope(premises, *organizations, registers=registers) as found:
        return list(listing.of_database(found, wanted))


def own_of(caller: Caller) -> str:
    """The id of the organization of a merchant."""
    return ids.read("org", caller.organization)


def kinds(found: list[ProblemRow]) -> list[ProblemKind]:
    return [row.kind for row in found]
