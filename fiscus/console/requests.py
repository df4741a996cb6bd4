"""What a browser sends: cookies, forms, and where they come from."""

import asyncio
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from fiscus.model.faults import Code, Refused, Unavailable
from fiscus.services import Services

TOO_LARGE = Code("CONSOLE-FORM-01", "this form is larger than any form here: send less")
FORGED = Code(
    "CONSOLE-FORM-02",
    "this form does not come from a page of your present session: open the page again and send it "
    "from there",
)
LATE = Code("CONSOLE-FORM-03", "the form did not arrive in time: send it again")
NOT_A_FORM = Code("CONSOLE-FORM-04", "this is no form as a browser sends it")

NO_TEXT = Code(
    "CONSOLE-FORM-05", "this holds a character that no text has (NUL): take it away and send again"
)

NUL = "\0"
SESSION = "fiscus_session"
LANGUAGE = "fiscus_language"
UNIT = "fiscus_unit"
TOKEN = "csrf"
"""The field of a form that proves that our own page sent it."""

FORM_BYTES_MAX = 65_536
FORM_FIELDS_MAX = 500
FORM_SECONDS = 10.0
YEAR_SECONDS = 31_536_000

_FORM = "application/x-www-form-urlencoded"


async def form(request: Request) -> dict[str, str]:
    """The fields of a form. Raises `Refused` for what is none, or too large, `Unavailable` for one
    that comes too slowly."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise Refused(NOT_A_FORM)
    body = b""
    try:
        async with asyncio.timeout(FORM_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > FORM_BYTES_MAX:
                    raise Refused(TOO_LARGE)
    except TimeoutError:
        raise Unavailable(LATE) from None
    except ClientDisconnect:
        raise Refused(NOT_A_FORM) from None
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=FORM_FIELDS_MAX, errors="strict"
        )
    except ValueError:
        raise Refused(NOT_A_FORM) from None
    fields = dict(pairs)
    expect_texts(fields)
    return fields


def cookie(request: Request, name: str) -> str:
    """What the browser kept for us; empty if it has nothing, or holds the character NUL, which we
    never gave it and no database takes."""
    kept = request.cookies.get(name, "")
    return "" if NUL in kept else kept


def expect_texts(said: Mapping[str, str]) -> None:
    """Raises `Refused`, naming each value with the character NUL, which no database takes."""
    if wrong := [name.replace(NUL, "?") for name, value in said.items() if NUL in name + value]:
        raise Refused(NO_TEXT, *wrong)


def expect_own(request: Request, fields: Mapping[str, str], token: str) -> None:
    """Raises `Refused` unless a page of ours sent the form: the browser says so where it can, and
    who is signed in sends the token of the session."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    if site not in ("same-origin", "none"):
        raise Refused(FORGED)
    origin = request.headers.get("origin", "null")
    if origin != "null" and origin.partition("://")[2] != request.headers.get("host", ""):
        raise Refused(FORGED)
    if token and not hmac.compare_digest(fields.get(TOKEN, "").encode(), token.encode()):
        raise Refused(FORGED)


def csrf_token(services: Services, session: str) -> str:
    """What forms of a session carry; `session` is its id."""
    return hmac.digest(services.link_key, f"console form {session}".encode(), "sha256").hex()


def is_secure(services: Services, request: Request) -> bool:
    """Whether the browser came by TLS, as far as we are told."""
    return request.url.scheme == "https" or services.settings.public_url.startswith("https://")


def keep(
    response: Response, services: Services, request: Request, name: str, value: str, seconds: int
) -> None:
    """A cookie for our own pages alone, which no script can read. An empty value removes it."""
    settings: dict[str, Any] = {"httponly": True, "samesite": "strict", "path": "/"}
    settings["secure"] = is_secure(services, request)
    response.set_cookie(name, value, max_age=seconds if value else 0, **settings)
