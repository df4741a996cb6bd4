"""Answers that are costly to make and open to everybody: made once, or once a second."""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from fiscus.services import Services

Thing = TypeVar("Thing")

FRESH = timedelta(seconds=1)


class OncePerSecond(Generic[Thing]):
    """All requests within a second get the same thing, and those that come while it is made wait
    for it: a crowd costs as much as one."""

    def __init__(self, services: Services, make: Callable[[Services], Thing]) -> None:
        self._services = services
        self._make = make
        self._made: tuple[Thing, datetime] | None = None
        self._making: asyncio.Task[Thing] | None = None

    async def get(self) -> Thing:
        now = self._services.clock()
        # A clock that is set back must not make an old answer new.
        if self._made is not None and self._made[1] <= now < self._made[1] + FRESH:
            return self._made[0]
        if self._making is None or self._making.done():
            self._making = asyncio.create_task(self._make_anew(now))
        return await asyncio.shield(self._making)

    async def _make_anew(self, now: datetime) -> Thing:
        made = await self._services.in_thread(self._make, self._services)
        self._made = made, now
        return made


class StaticPage:
    """A page that never changes while the process runs, with the tag that says so."""

    def __init__(self, body: bytes, media: str) -> None:
        self._body = body
        self._media = media
        self._tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'

    def answer(self, request: Request) -> Response:
        headers = {"ETag": self._tag, "Cache-Control": "no-cache"}
        asked = request.headers.get("if-none-match", "")
        known = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
        if self._tag in known or "*" in known:
            return Response(status_code=304, headers=headers)
        return Response(self._body, media_type=self._media, headers=headers)
