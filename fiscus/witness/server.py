"""The witness over HTTP (C2SP `tlog-witness`): `add-checkpoint`, and the newest note of each log.

Nobody logs in: a log's signature is the credential. A body is small and has a deadline; the
connection's own bounds are set where the server is started.
"""

import asyncio
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from fiscus.model.faults import Corrupt, Refused, Unavailable
from fiscus.transparency import notes
from fiscus.witness import submissions
from fiscus.witness.memory import Judgement, Verdict, WitnessMemory
from fiscus.witness.submissions import SUBMISSION_BYTES_MAX

BODY_SECONDS = 10.0
SIZE_TYPE = "text/x.tlog.size"
_RETRY_SECONDS = "60"

_ANSWERS = {
    Judgement.BACKWARDS: (HTTPStatus.BAD_REQUEST, "the old size is above the checkpoint's"),
    Judgement.UNKNOWN_LOG: (HTTPStatus.NOT_FOUND, "this witness does not know this log"),
    Judgement.UNSIGNED: (HTTPStatus.FORBIDDEN, "no trusted key of this log has signed"),
    Judgement.UNPROVED: (HTTPStatus.UNPROCESSABLE_ENTITY, "the proof of growth is not good"),
    Judgement.FORKED: (HTTPStatus.UNPROCESSABLE_ENTITY, "another root was seen at this size"),
}


def application(
    memory: WitnessMemory, prefix: str = "", body_seconds: float = BODY_SECONDS
) -> Starlette:
    """The two addresses below `prefix`, which is empty or begins with a slash. A body has
    `body_seconds` to arrive."""

    async def add_checkpoint(request: Request) -> Response:
        try:
            async with asyncio.timeout(body_seconds):
                body = await _body(request)
        except TimeoutError:
            return _told(HTTPStatus.REQUEST_TIMEOUT, "the body did not arrive in time")
        except ClientDisconnect:
            return _told(HTTPStatus.BAD_REQUEST, "the body did not arrive")
        if body is None:
            return _told(HTTPStatus.BAD_REQUEST, "the body is too large")
        return await run_in_threadpool(_added, memory, body)

    async def newest(request: Request) -> Response:
        return await run_in_threadpool(_newest, memory, request.path_params["origin"])

    return Starlette(
        routes=[
            Route(f"{prefix}/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route(f"{prefix}/{{origin}}/checkpoint", newest, methods=["GET"]),
        ]
    )


async def _body(request: Request) -> bytes | None:
    """The body, None if it is too large."""
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said[:20]) > SUBMISSION_BYTES_MAX:
        return None
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > SUBMISSION_BYTES_MAX:
            return None
        parts.append(part)
    return b"".join(parts)


def _added(memory: WitnessMemory, body: bytes) -> Response:
    try:
        verdict = memory.add(submissions.parse(body))
    except Refused as trouble:
        is_spoilt = trouble.code is notes.SPOILT
        return _told(HTTPStatus.FORBIDDEN if is_spoilt else HTTPStatus.BAD_REQUEST, str(trouble))
    except (Unavailable, Corrupt) as trouble:
        return _later(trouble.code.id)
    except OSError as error:
        return _later(type(error).__name__)
    return _answer(verdict)


def _answer(verdict: Verdict) -> Response:
    if verdict.judgement in _ANSWERS:
        return _told(*_ANSWERS[verdict.judgement])
    if verdict.judgement is Judgement.OTHER_SIZE:
        headers = {"Content-Type": SIZE_TYPE}
        return Response(f"{verdict.size}\n", HTTPStatus.CONFLICT, headers)
    return PlainTextResponse("".join(line.text() for line in verdict.lines))


def _newest(memory: WitnessMemory, address: str) -> Response:
    try:
        note = memory.newest(address)
    except (Corrupt, OSError) as trouble:
        return _later(type(trouble).__name__)
    if note is None:
        return _told(HTTPStatus.NOT_FOUND, "this witness has signed nothing of this log")
    return PlainTextResponse(note)


def _told(status: HTTPStatus, sentence: str) -> Response:
    return PlainTextResponse(f"{sentence}\n", status)


def _later(reason: str) -> Response:
    sentence = f"this witness cannot sign now: {reason}\n"
    headers = {"Retry-After": _RETRY_SECONDS}
    return PlainTextResponse(sentence, HTTPStatus.SERVICE_UNAVAILABLE, headers)
