"""Where operators and integrators look: no token is needed, no tenant's data is shown."""

from typing import Any

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from fiscus.api.http import House
from fiscus.api.ops import health, page
from fiscus.journal import checkpoint
from fiscus.model.faults import Unavailable
from fiscus.registry import signers
from fiscus.store.connect import reading


def routes(house: House, document: bytes) -> list[Route]:
    """`document` is the OpenAPI document of the service, as JSON."""

    async def show_health(_: Request) -> Response:
        state = await house.in_thread(health.health, house)
        return _json(state, 200 if state["ready"] else 503)

    async def show_metrics(_: Request) -> Response:
        try:
            await house.in_thread(health.measure, house)
        except Unavailable:
            # The counters still tell; the gauges keep their last values.
            return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def show_openapi(_: Request) -> Response:
        return Response(document, media_type="application/json")

    async def show_page(_: Request) -> Response:
        return HTMLResponse(page.render(msgspec.json.decode(document)))

    async def show_checkpoint(_: Request) -> Response:
        return await house.in_thread(_checkpoint, house)

    return [
        Route("/health", show_health),
        Route("/metrics", show_metrics),
        Route("/openapi.json", show_openapi),
        Route("/docs", show_page),
        Route("/checkpoint", show_checkpoint),
    ]


def _checkpoint(house: House) -> Response:
    """The newest signed checkpoint and its certificate, for whoever keeps a copy elsewhere."""
    try:
        with reading(house.engine) as tx:
            newest = checkpoint.newest(tx)
            pem = signers.certificate(tx, signers.CHECKPOINT)
    except Unavailable as trouble:
        return _json({"error": str(trouble)}, 503)
    if newest is None:
        return _json({"error": "no checkpoint has been signed yet"}, 404)
    return _json({**msgspec.to_builtins(newest), "certificate_pem": pem}, 200)


def _json(content: Any, status: int) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
