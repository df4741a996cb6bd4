"""Pages of a list: an opaque token says after what the next one begins."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from fiscus.api.families.unified import translate
from fiscus.api.families.unified.calls import UnifiedCall
from fiscus.api.families.unified.operations import BAD_QUERY
from fiscus.model.faults import Refused

Thing = TypeVar("Thing")


def page(
    call: UnifiedCall,
    fetch: Callable[[str, int], Sequence[Thing]],
    cursor: Callable[[Thing], str],
    show: Callable[[Thing], dict[str, Any]],
) -> dict[str, Any]:
    """`fetch(after, limit)` gives the things behind a cursor, in a stable order.

    One thing more than asked for is fetched: it tells whether there is a next page.
    """
    limit: int = call.query["limit"]
    found = fetch(_after(call.query.get("token", "")), limit + 1)
    shown = [show(thing) for thing in found[:limit]]
    if len(found) <= limit:
        return translate.page(shown)
    token = _token(cursor(found[limit - 1]))
    return translate.page(shown, next=_next(call, token), token=token, limit=limit)


def _token(after: str) -> str:
    return b64encode(json.dumps({"after": after}).encode()).decode("ascii")


def _after(token: str) -> str:
    """Raises `Refused` for a token that we did not give."""
    if not token:
        return ""
    try:
        known = json.loads(b64decode(token))
        after: str = known["after"]
        after.encode()
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused(BAD_QUERY, "token") from None
    if "\x00" in after:
        raise Refused(BAD_QUERY, "token")
    return str(after)


def _next(call: UnifiedCall, token: str) -> str:
    """The same list, from the next page on."""
    same = {
        name: _text(value) for name, value in call.query.items() if name not in ("token", "limit")
    }
    query = {**same, "limit": str(call.query["limit"]), "token": token}
    return f"{call.operation.path.format(**call.path)}?{urlencode(query)}"


def _text(value: Any) -> str:
    if value is True:
        return ""
    if isinstance(value, tuple):
        return ",".join(value)
    return value if isinstance(value, str) else str(value.isoformat())
