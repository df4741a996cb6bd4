"""Signed links: addresses that can be read without a credential, for a limited time, and only as
long as the API key that they were handed out to is valid."""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fiscus.access.tokens import Caller
from fiscus.model.faults import Code, Missing, Refused
from fiscus.services import Services

BAD_LINK = Code("LINK-SIGNATURE-01", "this address was not handed out like this")
EXPIRED = Code("LINK-EXPIRY-01", "this address has expired")
STOPPED = Code(
    "LINK-KEY-01", "the API key that this address was handed out to is disabled or was rotated"
)

WORDS: Mapping[str, tuple[int, str]] = {
    BAD_LINK.id: (403, "forbidden"),
    EXPIRED.id: (410, "gone"),
    STOPPED.id: (403, "forbidden"),
}
"""The same in every family."""

_PURPOSE = b"fiscus signed addresses"
_SECONDS = re.compile("[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"(([0-9a-f-]{36})\.([0-9]{1,9}))\.([A-Za-z0-9_-]{43})", re.ASCII)
"""The key's subject and the number of its secret, and what we made of them."""


class LinkEndpoint(Protocol):
    """The endpoint that an address leads to."""

    @property
    def path(self) -> str: ...


class LinkRequest(Protocol):
    """What every family's call has: `query` with `expires` and `signature`, both may be None."""

    @property
    def operation(self) -> LinkEndpoint: ...

    @property
    def path(self) -> Mapping[str, str]: ...

    @property
    def query(self) -> Any: ...

    @property
    def at(self) -> datetime: ...


class SignedLink(msgspec.Struct, frozen=True, kw_only=True):
    """What an address of ours says: until when it is good, and to which key it was handed out."""

    expires: int
    subject: str
    generation: int


def key(secret: bytes) -> bytes:
    """The key of this purpose alone, derived from the secret that signs bearer tokens."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)


def url(services: Services, path: str, expires_at: datetime, caller: Caller) -> str:
    """The absolute address of a path, good until then (whole seconds) and as long as the caller's
    key is."""
    expires = str(int(expires_at.timestamp()))
    holder = f"{caller.subject}.{caller.generation}"
    signature = f"{holder}.{_signed(services, path, expires, holder)}"
    return f"{services.settings.address()}{path}?expires={expires}&signature={signature}"


async def check(services: Services, request: LinkRequest) -> None:
    """Raises `Refused` unless we signed this address and its key is still good, `Missing` if its
    time is over."""
    query = request.query
    said = {"expires": query.expires or "", "signature": query.signature or ""}
    link = read(services, request, said)
    if link is None:
        raise Refused(BAD_LINK)
    if request.at.timestamp() >= link.expires:
        raise Missing(EXPIRED)
    if await services.subjects.good(link.subject, link.generation, request.at) is None:
        raise Refused(STOPPED)


def read(services: Services, request: LinkRequest, query: Mapping[str, str]) -> SignedLink | None:
    """What the address says, if we signed it."""
    expires, signature = query.get("expires", ""), _SIGNATURE.fullmatch(query.get("signature", ""))
    if signature is None or not _SECONDS.fullmatch(expires):
        return None
    holder, subject, generation, mac = signature.groups()
    path = request.operation.path.format(**request.path)
    if not hmac.compare_digest(_signed(services, path, expires, holder), mac):
        return None
    return SignedLink(expires=int(expires), subject=subject, generation=int(generation))


def _signed(services: Services, path: str, expires: str, holder: str) -> str:
    said = f"{path}\n{expires}\n{holder}"
    made = hmac.digest(services.link_key, said.encode(), "sha256")
    return urlsafe_b64encode(made).rstrip(b"=").decode("ascii")
