"""Who calls: a bearer token of `POST /tokens`, or an API key as Bearer or as the user of Basic."""

import re
from base64 import b64decode

from starlette.types import Scope

from fiscus.access.tokens import Caller
from fiscus.api import credentials
from fiscus.api.families.webhooks.errors import UNAUTHORIZED
from fiscus.model.faults import Missing
from fiscus.services import Services
from fiscus.store.connect import reading

_KEY = re.compile(
    r"([A-Za-z0-9_]{0,32}_)?(?P<key>[A-Za-z0-9_-]{34})(?P<secret>[A-Za-z0-9_-]{43})", re.ASCII
)


async def proved(services: Services, scope: Scope, headers: credentials.Headers) -> Caller:
    """Whose credential the headers carry. Raises `Missing` for a wrong one, or more than one;
    `Unavailable` for who fails too often."""
    found = await _found(services, scope, headers)
    if found is None or not await credentials.is_good(services, found):
        raise Missing(UNAUTHORIZED)
    return found


async def _found(services: Services, scope: Scope, headers: credentials.Headers) -> Caller | None:
    if credentials.repeated(scope, headers, ("authorization",)):
        return None
    scheme, _, said = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and (known := services.tokens.read(said.strip())):
        return known
    pair = key_and_secret(scheme.lower(), said.strip(), services.settings.environment.value)
    if pair is None:
        return None
    address = credentials.address(services, scope)

    def proven(key: str, secret: str) -> Caller:
        with reading(services.engine) as tx:
            return credentials.logged_in(
                services, tx, key, secret, address=address, at=services.clock()
            )

    return await services.in_thread(proven, *pair)


def key_and_secret(scheme: str, said: str, environment: str) -> tuple[str, str] | None:
    """What a credential says: an API key in one word, as Bearer or as the user of Basic with an
    empty password; or, as `POST /tokens` wants them, key and secret as user and password of Basic.
    None for what is neither."""
    password = ""
    if scheme == "basic":
        try:
            said, colon, password = b64decode(said, validate=True).decode("ascii").partition(":")
        except ValueError:
            return None
        if not colon:
            return None
    elif scheme != "bearer":
        return None
    if password:
        return said, password
    one = _KEY.fullmatch(said)
    return None if one is None else (f"{environment}_{one['key']}", one["secret"])
