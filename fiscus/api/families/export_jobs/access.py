"""Who calls, proved by a bearer token or by an API key, and for which company."""

import hashlib
import re
from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import Connection
from starlette.types import Scope

from fiscus.access.remembered import ShortMemory
from fiscus.access.tokens import Caller
from fiscus.api import credentials
from fiscus.api.families.export_jobs.errors import UNAUTHORIZED, UNKNOWN_COMPANY, WHICH_COMPANY
from fiscus.model.faults import Missing, Refused
from fiscus.registry import organizations, taxpayers
from fiscus.registry.views import TaxpayerView
from fiscus.services import Services
from fiscus.store.connect import reading

_KEY = re.compile(
    r"(?P<prefix>[A-Za-z0-9_]{0,32}_)?(?P<key>[A-Za-z0-9_-]{34})(?P<secret>[A-Za-z0-9_-]{43})",
    re.ASCII,
)
_COMPANIES_MAX = 2


class ConnectorDirectory:
    """Proves credentials. API keys are remembered for a minute by their SHA-256, so that a dump of
    the memory shows no secret."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._proofs = ShortMemory[Caller]()

    async def caller(self, scope: Scope, headers: credentials.Headers) -> Caller:
        """Whose credential the headers carry. Raises `Missing` for a wrong one, `Unavailable` for
        who fails too often."""
        scheme, said = credentials.said(scope, headers)
        if scheme == "bearer":
            found = self._services.tokens.read(said)
        elif scheme == "basic":
            found = await self._by_key(scope, said)
        else:
            found = None
        if found is None or not await credentials.is_good(self._services, found):
            raise Missing(UNAUTHORIZED)
        return found

    async def _by_key(self, scope: Scope, said: str) -> Caller | None:
        pair = _pair(said, self._services.settings.environment.value)
        if pair is None:
            return None
        now = self._services.clock()
        place = (hashlib.sha256("\n".join(pair).encode()).hexdigest(),)
        known = self._proofs.recall(place, now)
        if known is not None:
            return known
        address = credentials.address(self._services, scope)
        found = await self._services.in_thread(self._proved, *pair, address)
        return self._proofs.keep(place, found, now)

    def _proved(self, key: str, secret: str, address: str) -> Caller:
        with reading(self._services.engine) as tx:
            return credentials.logged_in(
                self._services, tx, key, secret, address=address, at=self._services.clock()
            )


def _pair(said: str, environment: str) -> tuple[str, str] | None:
    """Key and secret of a Basic credential: the API key in one word as the user, with an empty
    password; or, as `POST /tokens` wants them, one as the user and one as the password."""
    try:
        user, colon, password = b64decode(said, validate=True).decode("ascii").partition(":")
    except (BadBase64, UnicodeDecodeError, ValueError):
        return None
    if password:
        return user, password
    one = _KEY.fullmatch(user)
    return None if one is None or not colon else (f"{environment}_{one['key']}", one["secret"])


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """A taxpayer whose books are kept, and the unit that it belongs to."""

    id: str
    organization: str


def company(tx: Connection, caller: Caller, id_: str) -> Company:
    """A company that the caller reaches. Raises `Missing`."""
    try:
        organization = taxpayers.owner(tx, id_)
        organizations.visible(tx, caller.organization, organization)
    except Missing:
        raise Missing(UNKNOWN_COMPANY, "company_id") from None
    return Company(id=id_, organization=organization)


def only_company(tx: Connection, caller: Caller, said: str | None) -> Company:
    """The company that is said, or the only one that the caller reaches. Raises `Missing` if there
    is none, `Refused` if there are several."""
    if said is not None:
        return company(tx, caller, said)
    found = _reached(tx, caller, _COMPANIES_MAX)
    if not found:
        raise Missing(UNKNOWN_COMPANY, "company_id")
    if len(found) > 1:
        raise Refused(WHICH_COMPANY, "company_id")
    return Company(id=found[0].taxpayer.id, organization=found[0].taxpayer.organization)


def _reached(tx: Connection, caller: Caller, limit: int) -> Sequence[TaxpayerView]:
    return taxpayers.below(tx, caller.organization, regime="", after="", limit=limit)


def reach(tx: Connection, caller: Caller) -> Collection[str]:
    """The caller's organization and all below it."""
    return organizations.OrganizationsWithin(tx, caller.organization)
