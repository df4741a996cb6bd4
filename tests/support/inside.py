"""HTTP without a socket: a client for threads in front of a service that lives in a loop."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
from starlette.types import ASGIApp, Message

WAIT_SECONDS = 60

LISTENERS: list[Callable[[httpx.Request, httpx.Response], None]] = []
"""Who is told of every request and its answer, in the thread that asked: `tests/answers` is."""


class Inside(httpx.BaseTransport):
    """Hands each request to the service's own loop and waits; may be called from many threads."""

    def __init__(self, service: ASGIApp, loop: asyncio.AbstractEventLoop) -> None:
        self._asgi = httpx.ASGITransport(service, raise_app_exceptions=False)
        self._loop = loop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = asyncio.run_coroutine_threadsafe(self._answer(request), self._loop)
        response = answer.result(WAIT_SECONDS)
        for listener in LISTENERS:
            listener(request, response)
        return response

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._asgi.handle_async_request(request)
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=await answer.aread()
        )


class Life:
    """The server's half of the ASGI lifespan: says start and stop, and waits for done."""

    def __init__(self, service: ASGIApp) -> None:
        self._service = service
        self._said: asyncio.Queue[Message] = asyncio.Queue()
        self._heard: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Future[None] | None = None

    async def start(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        service = self._service(scope, self._said.get, self._heard.put)
        self._task = asyncio.ensure_future(service)
        await self._tell("startup")

    async def stop(self) -> None:
        await self._tell("shutdown")
        assert self._task is not None
        await self._task

    async def _tell(self, what: str) -> None:
        await self._said.put({"type": f"lifespan.{what}"})
        answer = await self._heard.get()
        assert answer["type"] == f"lifespan.{what}.complete", answer


@contextmanager
def running(service: ASGIApp) -> Iterator[httpx.Client]:
    """A client for the service, from the start of its lifespan to the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="journey", daemon=True)
    thread.start()
    life = Life(service)
    try:
        asyncio.run_coroutine_threadsafe(life.start(), loop).result(WAIT_SECONDS)
        try:
            with httpx.Client(transport=Inside(service, loop), base_url="http://fiscus") as client:
                yield client
        finally:
            asyncio.run_coroutine_threadsafe(life.stop(), loop).result(WAIT_SECONDS)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
