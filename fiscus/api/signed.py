"""Addresses that say themselves who may read: signed, and good for a limited time."""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fiscus.api.http import House
from fiscus.model.faults import Code, Missing, Refused

BAD_LINK = Code("LINK-SIGNATURE-01", "this address was not handed out like this")
EXPIRED = Code("LINK-EXPIRY-01", "this address has expired")

WORDS: Mapping[str, tuple[int, str]] = {
    BAD_LINK.id: (403, "forbidden"),
    EXPIRED.id: (410, "gone"),
}
"""The same in every family."""

_PURPOSE = b"fiscus signed addresses"
_SECONDS = re.compile("[0-9]{1,12}", re.ASCII)


class Place(Protocol):
    @property
    def path(self) -> str: ...


class Request(Protocol):
    """What every family's call has: `query` with `expires` and `signature`, both may be None."""

    @property
    def operation(self) -> Place: ...

    @property
    def path(self) -> Mapping[str, str]: ...

    @property
    def query(self) -> Any: ...

    @property
    def at(self) -> datetime: ...


def key(secret: bytes) -> bytes:
    """The key of this purpose alone, derived from the secret that signs bearer tokens."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)


def url(house: House, path: str, expires_at: datetime) -> str:
    """The absolute address of a path, good until then (whole seconds)."""
    expires = str(int(expires_at.timestamp()))
    signature = _signature(house, path, expires)
    return f"{house.settings.address()}{path}?expires={expires}&signature={signature}"


def check(house: House, request: Request) -> None:
    """Raises `Refused` unless we signed this address, `Missing` if its time is over."""
    expires, signature = request.query.expires or "", request.query.signature or ""
    path = request.operation.path.format(**request.path)
    if not _SECONDS.fullmatch(expires) or not signature.isascii():
        raise Refused(BAD_LINK)
    if not hmac.compare_digest(_signature(house, path, expires), signature):
        raise Refused(BAD_LINK)
    if request.at.timestamp() >= int(expires):
        raise Missing(EXPIRED)


def _signature(house: House, path: str, expires: str) -> str:
    made = hmac.digest(house.link_key, f"{path}\n{expires}".encode(), "sha256")
    return urlsafe_b64encode(made).rstrip(b"=").decode("ascii")
