"""Who calls and for which merchant: API keys of both styles, proved once and then remembered."""

import hashlib
import re
from datetime import timedelta

import msgspec
from sqlalchemy import Connection
from starlette.types import Scope

from fiscus import regimes
from fiscus.access.remembered import ShortMemory
from fiscus.access.tokens import Caller
from fiscus.api import credentials
from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.errors import (
    BAD_MERCHANT,
    NO_MERCHANT,
    NOT_YOURS,
    OTHER_REALM,
    UNAUTHORIZED,
)
from fiscus.api.families.reporting.wire.countries import regime_of
from fiscus.model.faults import Missing, Refused
from fiscus.registry import organizations, taxpayers
from fiscus.registry.views import TaxpayerView
from fiscus.services import Services
from fiscus.store.connect import reading

KEY_LIFE = timedelta(seconds=60)
MERCHANT_LIFE = timedelta(seconds=5)

_KEY = re.compile(
    r"(?:of_(?P<realm>test|live)_(?P<country>[a-z]{3})_|ofk_reg_(?P<other>test|live)_|ofk_platform_)"
    r"(?P<key>[A-Za-z0-9_-]{34})(?P<secret>[A-Za-z0-9_-]{43})",
    re.ASCII,
)


class ProvenKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that was proved: whose it is, and the one regime it is for (empty: for any)."""

    caller: Caller
    regime: str
    is_unit: bool


class CallerDirectory:
    """Proves keys and finds merchants. Asks the database only for what it has not seen lately.

    Keys are remembered by their SHA-256, so that a dump of the memory shows no secret.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._proofs = ShortMemory[ProvenKey](KEY_LIFE)
        self._merchants = ShortMemory[TaxpayerView](MERCHANT_LIFE)

    async def proof(self, scope: Scope, headers: credentials.Headers) -> ProvenKey:
        """Whose API key the headers carry. Raises `Missing` for a wrong key, or for one of
        another realm; `Unavailable` for who fails too often."""

        async def prove(bearer: str) -> ProvenKey | None:
            said = _KEY.fullmatch(bearer)
            return None if said is None else await self._remembered(scope, said)

        found = await credentials.recognized(self._services, scope, headers, prove)
        if found is None:
            raise Missing(UNAUTHORIZED)
        return found

    async def _remembered(self, scope: Scope, said: re.Match[str]) -> ProvenKey:
        now = self._services.clock()
        place = (hashlib.sha256(said.string.encode()).hexdigest(),)
        known = self._proofs.recall(place, now)
        if known is not None:
            return known
        address = credentials.address(self._services, scope)
        proof = await self._services.in_thread(self._proved, said, address)
        return self._proofs.keep(place, proof, now)

    def _proved(self, said: re.Match[str], address: str) -> ProvenKey:
        own = self._services.settings.environment.value
        realm = said["realm"] or said["other"] or own
        regime = regime_of(said["country"]) if said["country"] else ""
        if realm != own or (said["country"] and regime not in regimes.installed()):
            raise Missing(OTHER_REALM)
        with reading(self._services.engine) as tx:
            caller = credentials.logged_in(
                self._services,
                tx,
                f"{own}_{said['key']}",
                said["secret"],
                address=address,
                at=self._services.clock(),
            )
            organization = organizations.read(tx, caller.organization)
        return ProvenKey(
            caller=caller, regime=regime, is_unit=organization.type == organizations.UNIT
        )

    async def merchant(self, proof: ProvenKey, named: tuple[str, ...]) -> TaxpayerView:
        """The merchant that the headers name, or the key's own if it belongs to a unit.

        It may be some seconds old. Raises `Missing` if the key does not reach it.
        """
        if not named and not proof.is_unit:
            raise Refused(NO_MERCHANT, "X-OpenFiskal-Merchant")
        now = self._services.clock()
        place = (proof.caller.organization, *named)
        found = self._merchants.recall(place, now)
        if found is None:
            found = await self._services.in_thread(self._found, proof.caller, named)
            self._merchants.keep(place, found, now)
        if proof.regime and found.taxpayer.regime != proof.regime:
            raise Missing(OTHER_REALM)
        return found

    def _found(self, caller: Caller, named: tuple[str, ...]) -> TaxpayerView:
        with reading(self._services.engine) as tx:
            if not named:
                return _of_unit(tx, caller, caller.organization)
            found = [_named(tx, caller, name) for name in named]
        if any(one.taxpayer.id != found[0].taxpayer.id for one in found):
            raise Refused(BAD_MERCHANT, "OpenFiskal-Organization")
        return found[0]


def _named(tx: Connection, caller: Caller, name: str) -> TaxpayerView:
    """Both headers take both kinds of ids: `merchant_…` and `org_…`."""
    word = name.partition("_")[0]
    try:
        id_ = ids.read(word, name)
    except Missing:
        raise Refused(BAD_MERCHANT, "X-OpenFiskal-Merchant") from None
    if word == "org":
        return _of_unit(tx, caller, id_)
    if word == "merchant":
        return visible(tx, caller, id_)
    raise Refused(BAD_MERCHANT, "X-OpenFiskal-Merchant")


def _of_unit(tx: Connection, caller: Caller, organization: str) -> TaxpayerView:
    try:
        unit = organizations.visible(tx, caller.organization, organization)
    except Missing:
        raise Missing(NOT_YOURS) from None
    owned = taxpayers.of(tx, unit.id, after="", limit=1)
    if not owned:
        raise Missing(NOT_YOURS)
    return owned[0]


def visible(tx: Connection, caller: Caller, taxpayer: str) -> TaxpayerView:
    """A taxpayer of an organization that the caller may see. Raises `Missing`."""
    try:
        organization = taxpayers.owner(tx, taxpayer)
        organizations.visible(tx, caller.organization, organization)
    except Missing:
        raise Missing(NOT_YOURS) from None
    return taxpayers.read(tx, organization, taxpayer)
