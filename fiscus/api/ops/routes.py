"""Endpoints for operators and integrators: no token is needed, no tenant's data is shown."""

import contextlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fiscus.api.ops import health, page
from fiscus.api.ops.once import OncePerSecond, StaticPage
from fiscus.journal import checkpoint
from fiscus.model.faults import Unavailable
from fiscus.services import Services
from fiscus.store.connect import reading

WHOLE = "/openapi.json"
"""Where the document of the whole service is."""


def watching(services: Services) -> list[Route]:
    """Endpoints for an operator's own tools; they may have an address of their own."""
    state = OncePerSecond(services, _health)
    figures = OncePerSecond(services, _metrics)

    async def show_health(_: Request) -> Response:
        body, status = await state.get()
        return Response(body, status, media_type="application/json")

    async def show_metrics(_: Request) -> Response:
        return Response(await figures.get(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/health", show_health), Route("/metrics", show_metrics)]


def describing(services: Services, documents: Mapping[str, bytes]) -> list[Route]:
    """Endpoints for integrators. `documents`: OpenAPI documents as JSON by their address: `WHOLE`,
    and others below `/openapi/`."""
    pages = {path: StaticPage(document, "application/json") for path, document in documents.items()}
    links = tuple(path for path in documents if path != WHOLE)
    shown = StaticPage(_rendered(documents[WHOLE], links), "text/html; charset=utf-8")

    async def show_whole(request: Request) -> Response:
        return pages[WHOLE].answer(request)

    async def show_one(request: Request) -> Response:
        found = pages.get(request.url.path)
        if found is None:
            return _json({"error": "there is no such document"}, 404)
        return found.answer(request)

    async def show_page(request: Request) -> Response:
        return shown.answer(request)

    async def show_checkpoint(_: Request) -> Response:
        return await services.in_thread(_checkpoint, services)

    return [
        Route(WHOLE, show_whole),
        Route("/openapi/{document}", show_one),
        Route("/docs", show_page),
        Route("/checkpoint", show_checkpoint),
    ]


@cache
def _rendered(document: bytes, others: tuple[str, ...]) -> bytes:
    """Made once: it takes a while."""
    return page.render(msgspec.json.decode(document), others).encode()


def _health(services: Services) -> tuple[bytes, int]:
    state = health.health(services)
    return msgspec.json.encode(state), 200 if state["ready"] else 503


def _metrics(services: Services) -> bytes:
    # Without the database the counters still tell; the gauges keep their last values.
    with contextlib.suppress(Unavailable):
        health.measure(services)
    return generate_latest()


def _checkpoint(services: Services) -> Response:
    """The newest checkpoint: a signed note, with what witnesses have signed of it, for those who
    keep a copy elsewhere."""
    try:
        with reading(services.engine) as tx:
            newest = checkpoint.newest(tx)
            note = checkpoint.note_with_cosignatures(tx, newest) if newest else None
    except Unavailable as trouble:
        return _json({"error": str(trouble)}, 503)
    if note is None:
        return _json({"error": "no checkpoint has been signed yet"}, 404)
    return Response(note.whole(), media_type="text/plain")


def _json(content: Any, status: int) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
