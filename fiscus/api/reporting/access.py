"""Who calls and for which merchant: API keys of both styles, proved once and then remembered."""

import hashlib
import re
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import msgspec
from sqlalchemy import Connection

from fiscus import regimes
from fiscus.api.http import Caller, House
from fiscus.api.reporting import ids
from fiscus.api.reporting.errors import (
    BAD_MERCHANT,
    NO_MERCHANT,
    NOT_YOURS,
    OTHER_REALM,
    UNAUTHORIZED,
)
from fiscus.api.reporting.wire.countries import regime_of
from fiscus.model.faults import Missing, Refused
from fiscus.registry import keys, organizations, taxpayers
from fiscus.registry.things import TaxpayerView
from fiscus.store.connect import reading

KEY_LIFE = timedelta(seconds=60)
MERCHANT_LIFE = timedelta(seconds=5)
_REMEMBERED_MAX = 10_000

_KEY = re.compile(
    r"(?:of_(?P<realm>test|live)_(?P<country>[a-z]{3})_|ofk_reg_(?P<other>test|live)_|ofk_platform_)"
    r"(?P<key>[A-Za-z0-9_-]{34})(?P<secret>[A-Za-z0-9_-]{43})",
    re.ASCII,
)

Thing = TypeVar("Thing")


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """A key that was proved: whose it is, and the one regime it is for (empty: for any)."""

    caller: Caller
    regime: str
    is_unit: bool


class _Memory(Generic[Thing]):
    """What was found out, for a short time; a clock that goes back makes nothing live longer."""

    def __init__(self, life: timedelta) -> None:
        self._life = life
        self._known: dict[tuple[str, ...], tuple[Thing, datetime]] = {}

    def recall(self, key: tuple[str, ...], now: datetime) -> Thing | None:
        known = self._known.get(key)
        if known is None or not known[1] <= now < known[1] + self._life:
            return None
        return known[0]

    def keep(self, key: tuple[str, ...], thing: Thing, now: datetime) -> Thing:
        if len(self._known) >= _REMEMBERED_MAX:
            self._known.clear()
        self._known[key] = (thing, now)
        return thing


class Callers:
    """Proves keys and finds merchants. Asks the database only for what it has not seen lately.

    Keys are remembered by their SHA-256, so that a dump of the memory shows no secret.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._proofs = _Memory[Proof](KEY_LIFE)
        self._merchants = _Memory[TaxpayerView](MERCHANT_LIFE)

    async def proof(self, authorization: str) -> Proof:
        """Whose key it is. Raises `Missing` for a wrong key, or for one of another realm."""
        scheme, _, bearer = authorization.partition(" ")
        said = _KEY.fullmatch(bearer.strip()) if scheme.lower() == "bearer" else None
        if said is None:
            raise Missing(UNAUTHORIZED)
        now = self._house.clock()
        place = (hashlib.sha256(said.string.encode()).hexdigest(),)
        known = self._proofs.recall(place, now)
        if known is not None:
            return known
        return self._proofs.keep(place, await self._house.in_thread(self._proved, said), now)

    def _proved(self, said: re.Match[str]) -> Proof:
        own = self._house.settings.environment.value
        realm = said["realm"] or said["other"] or own
        regime = regime_of(said["country"]) if said["country"] else ""
        if realm != own or (said["country"] and regime not in regimes.installed()):
            raise Missing(OTHER_REALM)
        with reading(self._house.engine) as tx:
            subject = keys.proven(tx, f"{own}_{said['key']}", said["secret"])
            organization = organizations.read(tx, subject.organization)
        return Proof(
            caller=Caller(organization=organization.id, subject=subject.id),
            regime=regime,
            is_unit=organization.type == organizations.UNIT,
        )

    async def merchant(self, proof: Proof, named: tuple[str, ...]) -> TaxpayerView:
        """The merchant that the headers name, or the key's own if it belongs to a unit.

        It may be some seconds old. Raises `Missing` if the key does not reach it.
        """
        if not named and not proof.is_unit:
            raise Refused(NO_MERCHANT, "X-OpenFiskal-Merchant")
        now = self._house.clock()
        place = (proof.caller.organization, *named)
        found = self._merchants.recall(place, now)
        if found is None:
            found = await self._house.in_thread(self._found, proof.caller, named)
            self._merchants.keep(place, found, now)
        if proof.regime and found.taxpayer.regime != proof.regime:
            raise Missing(OTHER_REALM)
        return found

    def _found(self, caller: Caller, named: tuple[str, ...]) -> TaxpayerView:
        with reading(self._house.engine) as tx:
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
