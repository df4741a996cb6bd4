"""Bearer tokens, and whom a credential belongs to."""

from datetime import datetime, timedelta

import jwt
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from fiscus.model.times import Clock

TOKEN_LIFE = timedelta(hours=24)

_TOKENS_MAX = 10_000


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """The caller that a credential belongs to, and what it may do. `systems`: those it is limited
    to, none: no limit; `generation`: the number of the secret that it was proved with."""

    organization: str
    subject: str
    role: str = ""
    systems: tuple[str, ...] = ()
    generation: int = 0

    def reaches(self, register: str) -> bool:
        return not self.systems or register in self.systems


NOBODY = Caller(organization="", subject="")


class BearerTokens:
    """Makes and reads bearer tokens: JWT, RS256, valid for 24 hours.

    A token that was read once is remembered until it expires, so its signature is checked once.
    """

    def __init__(self, secret: bytes, issuer: str, clock: Clock) -> None:
        # The vault has authenticated the secret. That its primes are prime is known since they were
        # chosen, and would be proved anew by each start and each command.
        key = serialization.load_der_private_key(
            secret, password=None, unsafe_skip_rsa_key_validation=True
        )
        assert isinstance(key, rsa.RSAPrivateKey)
        self._key = key
        self._public = key.public_key()
        self._issuer = issuer
        self._clock = clock
        self._known: dict[str, tuple[Caller, datetime]] = {}

    def make(self, id_: str, caller: Caller) -> tuple[str, datetime, datetime]:
        """The bearer, when it was issued and when it expires (whole seconds, UTC)."""
        issued = self._clock().replace(microsecond=0)
        expires = issued + TOKEN_LIFE
        claims = {
            "iss": self._issuer,
            "sub": caller.subject,
            "azp": "fiscus",
            "org": caller.organization,
            "role": caller.role,
            "systems": caller.systems,
            "generation": caller.generation,
            "jti": id_,
            "iat": int(issued.timestamp()),
            "exp": int(expires.timestamp()),
            "scope": "fiscus",
        }
        return jwt.encode(claims, self._key, algorithm="RS256"), issued, expires

    def read(self, bearer: str) -> Caller | None:
        """Whose token it is; None if it is not ours, or has expired."""
        now = self._clock()
        known = self._known.get(bearer)
        if known is None:
            known = self._checked(bearer)
            if known is None:
                return None
            if len(self._known) >= _TOKENS_MAX:
                self._known.clear()
            self._known[bearer] = known
        return known[0] if now < known[1] else None

    def _checked(self, bearer: str) -> tuple[Caller, datetime] | None:
        try:
            claims = jwt.decode(
                bearer,
                self._public,
                algorithms=["RS256"],
                issuer=self._issuer,
                options={
                    "require": ["exp", "org", "sub", "role", "systems", "generation"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except jwt.PyJWTError:
            return None
        caller = Caller(
            organization=claims["org"],
            subject=claims["sub"],
            role=claims["role"],
            systems=tuple(claims["systems"]),
            generation=claims["generation"],
        )
        return caller, datetime.fromtimestamp(claims["exp"], self._clock().tzinfo)
