"""The API families: one folder for each published API, found like other plug-ins.

A family translates its contract into the few orders of `issuing` and the acts of the registry. It
knows no other family. What happens to every request is in `fiscus.api.pipeline`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection
from starlette.routing import Route
from starlette.types import ASGIApp

from fiscus.model.plugins import plugged
from fiscus.services import Services
from fiscus.webhooks import shown
from fiscus.webhooks.events import ToldEvent

Place = tuple[str, str]
"""Method and path."""


@dataclass(frozen=True, kw_only=True)
class MountedFamily:
    """A family at work in one installation: an endpoint for each method and path, and what answers
    for addresses of its own that are not there."""

    endpoints: Mapping[Place, ASGIApp]
    nothing: ASGIApp


@dataclass(frozen=True, kw_only=True)
class ApiFamily:
    """What a family answers the application, which asks for nothing else.

    - `code`: its name in log and metrics;
    - `owns`: the first parts of its paths, of which no two families may have one: `/tokens`. Below
      an address that several vendors share a part more belongs to it: `/v1/merchants`;
    - `answers_below`: below which shared address it also answers for what nobody owns, such as
      `/v1`; `/` for everything else; empty for none. No two families may have one;
    - `mounted(services)`: its endpoints;
    - `versions`: the versions of its contract, `current` the one of the document that shows all
      families together; `document(version)`: its OpenAPI document;
    - `told(services, tx, event)`: the thing that an event is about as this family's GET shows it;
      None if it is none of this family's. None at all: it has no things that events are about.
    """

    code: str
    owns: tuple[str, ...]
    answers_below: str = ""
    mounted: Callable[[Services], MountedFamily]
    versions: tuple[str, ...]
    current: str
    document: Callable[[str], dict[str, Any]]
    told: Callable[[Services, Connection, ToldEvent], dict[str, Any] | None] | None = None


@cache
def installed() -> dict[str, ApiFamily]:
    """All families by code. Raises `ValueError` if two claim one code or one part of an address."""
    found: dict[str, ApiFamily] = plugged(__name__, __path__, "FAMILIES", ApiFamily)
    expect_one_owner(found.values())
    return found


def expect_one_owner(families: Iterable[ApiFamily]) -> None:
    owners: dict[str, str] = {}
    for family in families:
        for place in places(family):
            if place in owners:
                raise ValueError(f"{place} belongs to {owners[place]} and to {family.code}")
            owners[place] = family.code


def places(family: ApiFamily) -> Iterator[str]:
    """The addresses below which a family answers, also for what is not there."""
    yield from family.owns
    if family.answers_below:
        yield family.answers_below


@dataclass(frozen=True, kw_only=True)
class MountedFamilies:
    """All families at work: the endpoints whose path has no id in it by method and path, routes for
    all of them, and behind these the routes of what is not there, the longest address first."""

    direct: Mapping[Place, ASGIApp]
    routes: tuple[Route, ...]
    nothing: tuple[Route, ...]


def served(services: Services) -> MountedFamilies:
    """Raises `ValueError` for a path below nothing that its family owns."""
    endpoints: dict[Place, ASGIApp] = {}
    nothing: dict[str, ASGIApp] = {}
    for family in installed().values():
        at_work = family.mounted(services)
        for _, path in at_work.endpoints:
            if not any(is_below(path, place) for place in family.owns):
                raise ValueError(f"{path} is not {family.code}'s")
        endpoints.update(at_work.endpoints)
        nothing.update(dict.fromkeys(places(family), at_work.nothing))
    return MountedFamilies(
        direct={place: one for place, one in endpoints.items() if "{" not in place[1]},
        routes=tuple(Route(path, one, methods=[way]) for (way, path), one in endpoints.items()),
        nothing=tuple(_nothing(nothing)),
    )


def told(services: Services, tx: Connection, event: ToldEvent) -> dict[str, Any]:
    """What webhooks say of the thing that an event is about: the GET body of the family whose it
    is, else as much as any family would say."""
    for family in installed().values():
        found = None if family.told is None else family.told(services, tx, event)
        if found is not None:
            return found
    return shown.plain(tx, event)


def _nothing(owners: Mapping[str, ASGIApp]) -> Iterator[Route]:
    for place in sorted(owners, key=len, reverse=True):
        around = [other for other in owners if other != place and is_below(place, other)]
        if around and owners[max(around, key=len)] is owners[place]:
            continue
        below = place.rstrip("/")
        if below:
            yield Route(below, owners[place])
        yield Route(below + "/{path:path}", owners[place])


def is_below(path: str, place: str) -> bool:
    return path == place or path.startswith(place.rstrip("/") + "/")
