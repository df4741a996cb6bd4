import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from functools import cache, partial
from typing import Any

import jwt
import pytest

from fiscus.access.tokens import TOKEN_LIFE, BearerTokens, Caller
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.signers import find
from fiscus.signers.softkey import create

CALLER = Caller(organization="o-1", subject="s-1")

key = cache(partial(create, "rsa-2048"))
other_key = cache(lambda: create("rsa-2048"))


class Office:
    """Where tokens are made, and the clock it looks at."""

    def __init__(self, secret: bytes = b"", issuer: str = "fiscus") -> None:
        self.clock = StandingClock()
        self.tokens = BearerTokens(secret or key(), issuer, self.clock)

    def a_token(self) -> str:
        return self.tokens.make("jti-1", CALLER)[0]


def forged(token: str, part: int, **claims: Any) -> str:
    """The token with members of its header (0) or payload (1) changed, the signature kept."""
    parts = token.split(".")
    content = json.loads(urlsafe_b64decode(parts[part] + "=="))
    changed = json.dumps(content | claims).encode()
    parts[part] = urlsafe_b64encode(changed).rstrip(b"=").decode()
    return ".".join(parts)


def test_a_token_says_whose_it_is_to_every_process_with_the_key() -> None:
    token = Office().a_token()

    assert Office().tokens.read(token) == CALLER


def test_a_token_says_when_it_was_issued_and_when_it_expires() -> None:
    bearer, issued, expires = Office().tokens.make("jti-1", CALLER)
    claims = jwt.decode(bearer, options={"verify_signature": False})

    assert issued == MORNING.replace(microsecond=0)
    assert expires == issued + timedelta(hours=24)
    assert (claims["iat"], claims["exp"]) == (issued.timestamp(), expires.timestamp())
    assert (claims["org"], claims["sub"], claims["jti"]) == ("o-1", "s-1", "jti-1")


def test_a_token_is_good_until_the_second_it_expires_even_if_it_was_read_before() -> None:
    office = Office()
    token = office.a_token()
    assert office.tokens.read(token) == CALLER
    office.clock.move(seconds=TOKEN_LIFE.total_seconds() - 0.26)
    assert office.tokens.read(token) == CALLER
    office.clock.move(seconds=0.01)

    assert office.tokens.read(token) is None
    fresh = Office()
    fresh.clock.now = office.clock.now
    assert fresh.tokens.read(token) is None


@pytest.mark.parametrize(
    ("part", "claims"),
    [
        (1, {"org": "o-2"}),
        (1, {"sub": "s-2"}),
        (1, {"exp": 9_999_999_999}),
        (0, {"alg": "none"}),
        (0, {"alg": "HS256"}),
        (0, {"kid": "mine"}),
    ],
)
def test_a_token_that_was_tampered_with_is_nobodys(part: int, claims: dict[str, Any]) -> None:
    office = Office()

    assert office.tokens.read(forged(office.a_token(), part, **claims)) is None


def test_a_token_without_a_signature_is_nobodys() -> None:
    claims = {"iss": "fiscus", "org": "o-1", "sub": "s-1", "exp": 9_999_999_999}
    unsigned = jwt.encode(claims, "", algorithm="none")

    assert Office().tokens.read(unsigned) is None
    assert Office().tokens.read(Office().a_token().rsplit(".", 1)[0] + ".") is None


def test_a_token_signed_with_our_public_key_as_a_password_is_nobodys() -> None:
    office = Office()
    pem = find("softkey").open(key()).public_pem.encode()
    header = urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=").decode()
    signing_input = f"{header}.{office.a_token().split('.')[1]}"
    mac = urlsafe_b64encode(hmac.digest(pem, signing_input.encode(), "sha256")).rstrip(b"=")

    assert office.tokens.read(f"{signing_input}.{mac.decode()}") is None


def test_a_token_of_a_foreign_key_or_another_installation_is_nobodys() -> None:
    assert Office().tokens.read(Office(other_key()).a_token()) is None
    assert Office().tokens.read(Office(issuer="somebody").a_token()) is None


@pytest.mark.parametrize("missing", ["org", "sub", "exp"])
def test_a_token_that_lacks_a_claim_is_nobodys(missing: str) -> None:
    office = Office()
    claims = {"iss": "fiscus", "org": "o-1", "sub": "s-1", "exp": 9_999_999_999}
    del claims[missing]
    token = jwt.encode(claims, office.tokens._key, algorithm="RS256")

    assert office.tokens.read(token) is None


@pytest.mark.parametrize("bearer", ["", ".", "..", "a.b.c", "é", "x" * 10_000])
def test_what_is_no_token_is_nobodys(bearer: str) -> None:
    assert Office().tokens.read(bearer) is None
